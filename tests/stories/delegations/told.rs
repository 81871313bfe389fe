//! What is said of a delegation that cannot be, and from when on one counts.

use pakn::{domain::words::Role, pb};
use prost_types::Timestamp;
use tonic::Code;
use tonic_types::StatusExt as _;

use super::{HEAD, a_deputy, delegates, wanted};
use crate::{
    on_both,
    world::{Refused as _, local},
};

on_both! {
    /// Nothing was delegated before it is: what is said to have begun earlier today begins now.
    async fn a_delegation_does_not_reach_back(world: World) {
        a_deputy(&world).await;
        let this_morning = Some(Timestamp { seconds: local("2026-02-13 00:00").timestamp(), nanos: 0 });
        let made = delegates(&world.who(HEAD), pb::Delegation { valid_from: this_morning, ..wanted(&world) }).await.unwrap();
        assert_eq!(made.valid_from.map(|from| from.seconds), Some(world.now().timestamp()));
        let last_night = Some(Timestamp { seconds: local("2026-02-12 23:59").timestamp(), nanos: 0 });
        let refused = delegates(&world.who(HEAD), pb::Delegation { valid_from: last_night, ..wanted(&world) }).await.unwrap_err();
        assert_eq!(refused.fields(), ["delegation.valid_from"]);
    }

    /// Approvers learn from a refusal neither who else has the role, nor where anybody stands or what they may do.
    async fn a_refusal_tells_nothing_of_others(world: World) {
        a_deputy(&world).await;
        world.add_account("their-portal", "CUC-VT", &[Role::Portal]).await;
        let said = async |who: &'static str, delegation: pb::Delegation| {
            let refused = delegates(&world.who(who), delegation).await.unwrap_err();
            let faults = refused.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default();
            let faults: Vec<_> = faults.into_iter().map(|fault| (fault.field, fault.description)).collect();
            (refused.code(), faults)
        };
        let to = |delegate: &str| pb::Delegation { delegate: delegate.to_owned(), ..wanted(&world) };
        let elsewhere = said(HEAD, to("cuc-bc-handler")).await;
        assert_eq!(elsewhere, said(HEAD, to("their-portal")).await);
        assert_eq!((elsewhere.0, elsewhere.1.len()), (Code::InvalidArgument, 1));
        // Of somebody who has the role, who has it not, and nobody.
        let of = |delegator: &str| pb::Delegation { delegator: delegator.to_owned(), ..wanted(&world) };
        for delegator in [HEAD, "cuc-vt-handler", "nobody"] {
            assert_eq!(said("cuc-bc-approver", of(delegator)).await, (Code::PermissionDenied, vec![]), "{delegator}");
        }
        // An administrator of the place is told the same of whoever it is that cannot.
        world.add_account("vt-admin", "CUC-VT", &[Role::Administrator]).await;
        let without = said("vt-admin", of("cuc-vt-handler")).await;
        assert_eq!(without, said("vt-admin", pb::Delegation { delegate: "their-portal".to_owned(), ..of(HEAD) }).await);
        assert_eq!(without.1[0].0, "delegation.delegate");
    }
}
