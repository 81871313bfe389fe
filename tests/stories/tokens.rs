//! Tokens: they end, are revoked, and speak for nobody else; administrators keep to their own part of the tree.

use pakn::{domain::words::Role, pb};
use tonic::Code;

use crate::{
    call, on_both,
    world::{Person, Refused as _, World, days},
};

async fn lists_with(world: &World, secret: &str) -> Result<(), Code> {
    let mut request = tonic::Request::new(pb::ListPetitionsRequest::default());
    request.metadata_mut().insert("authorization", format!("Bearer {secret}").parse().unwrap());
    world.dispatcher().casework().list_petitions(request).await.map(drop).map_err(|status| status.code())
}

async fn created(admin: &Person<'_>, account: &str, days: i32) -> Result<pb::CreateTokenResponse, tonic::Status> {
    let ask = pb::CreateTokenRequest {
        account: account.to_owned(),
        label: "máy ở phòng 3".to_owned(),
        days,
        ..Default::default()
    };
    call!(admin, directory.create_token, ask)
}

on_both! {
    async fn a_token_ends_to_the_microsecond(world: World) {
        let admin = world.who("admin");
        let secret = created(&admin, "dispatcher", 30).await.unwrap().secret;
        assert!(secret.starts_with("pakn_"));
        assert_eq!(lists_with(&world, &secret).await, Ok(()));
        world.advance(days(30) - chrono::TimeDelta::microseconds(1));
        assert_eq!(lists_with(&world, &secret).await, Ok(()));
        world.advance(chrono::TimeDelta::microseconds(1));
        assert_eq!(lists_with(&world, &secret).await, Err(Code::Unauthenticated));
        for wrong in ["", "pakn_", &secret[..secret.len() - 1], &secret.to_uppercase()] {
            assert_eq!(lists_with(&world, wrong).await, Err(Code::Unauthenticated), "{wrong:?}");
        }
    }

    async fn a_revoked_token_is_dead_at_once(world: World) {
        let admin = world.who("admin");
        let made = created(&admin, "dispatcher", 30).await.unwrap();
        let id = made.token.unwrap().id;
        assert_eq!(lists_with(&world, &made.secret).await, Ok(()));
        let revoked = call!(admin, directory.revoke_token, pb::RevokeTokenRequest { id: id.clone(), ..Default::default() }).unwrap();
        assert!(revoked.token.unwrap().revoked_at.is_some());
        assert_eq!(lists_with(&world, &made.secret).await, Err(Code::Unauthenticated));
        let listed = call!(admin, directory.list_tokens, pb::ListTokensRequest { account: "dispatcher".to_owned(), ..Default::default() }).unwrap();
        assert!(!format!("{listed:?}").contains(&made.secret), "a secret is shown once");
        let refused = call!(world.dispatcher(), directory.revoke_token, pb::RevokeTokenRequest { id, ..Default::default() }).unwrap_err();
        assert!(matches!(refused.code(), Code::PermissionDenied | Code::NotFound), "{refused:?}");
    }

    /// An administrator of a department neither speaks for others nor gives what lies elsewhere.
    async fn an_administrator_keeps_to_the_own_subtree(world: World) {
        world.add_account("vt-admin", "CUC-VT", &[Role::Administrator]).await;
        let admin = world.who("vt-admin");
        created(&admin, "cuc-vt-dv-handler", 1).await.unwrap();
        for login in ["admin", "cuc-bc-handler", "dispatcher"] {
            let refused = created(&admin, login, 1).await.unwrap_err();
            assert!(matches!(refused.code(), Code::PermissionDenied | Code::NotFound), "{login}: {refused:?}");
        }
        let grant = |account: &str, unit: &str| pb::CreateGrantRequest {
            grant: Some(pb::Grant {
                account: account.to_owned(),
                role: pb::Role::Approver.into(),
                unit: unit.to_owned(),
                ..pb::Grant::default()
            }),
            ..Default::default()
        };
        call!(admin, directory.create_grant, grant("cuc-vt-dv-handler", "CUC-VT-DV")).unwrap();
        for (account, unit) in [("cuc-vt-handler", "BTTTT"), ("cuc-bc-handler", "CUC-VT"), ("vt-admin", "CUC-BC")] {
            let refused = call!(admin, directory.create_grant, grant(account, unit)).unwrap_err();
            assert!(matches!(refused.code(), Code::PermissionDenied | Code::NotFound), "{account} {unit}: {refused:?}");
        }
        // Somebody of the own unit who may do more elsewhere is out of reach too.
        let more = world.app.reference().logins["cuc-vt-handler"];
        let root = world.app.reference().units.root().unwrap().id;
        let id = pakn::domain::ids::GrantId(world.app.source().id(world.now()));
        let grant = pakn::domain::account::Grant::for_good(id, more, Role::Supervisor, root);
        world.app.direct_as(None, &[pakn::app::DirectoryStep::Grant(grant)]).await.unwrap();
        assert_eq!(created(&admin, "cuc-vt-handler", 1).await.unwrap_err().reason(), "FORBIDDEN");
        assert_eq!(world.app.verify_offline(None).await.unwrap().broken, None);
    }
}
