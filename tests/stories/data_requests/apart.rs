//! Policies that are for requests alone; what is learnt and routed leaves them out.

use pakn::pb::{self, Clock, PetitionKind};

use super::{answers, deletion, requested};
use crate::{
    call, on_both,
    time::{clock, explained, put, terms},
    world::{Refused as _, feedback, feedback_of, minutes},
};

on_both! {
    /// Whoever writes a policy of that kind overrides what is shipped; no other policy is asked, nor that one for others.
    async fn only_policies_of_its_kind(world: World) {
        let admin = world.who("admin");
        let scope = |kind: PetitionKind, channel: pb::Channel, unit: &str| {
            Some(pb::PolicyScope { kind: kind.into(), channel: channel.into(), unit: unit.to_owned(), ..Default::default() })
        };
        let policy = async |name: &str, days: i32, scope| {
            let answer = Some(pb::Span { amount: days, unit: pb::TimeUnit::CalendarDay.into() });
            put(&admin, pb::Policy { answer, scope, ..terms(&admin, name).await }).await
        };
        policy("office", 5, scope(PetitionKind::Unspecified, pb::Channel::Portal, "BTTTT-VP")).await.unwrap();
        let (_, code) = requested(&world).await;
        let of = async |code: &str| clock(&explained(&world.dispatcher(), code).await, Clock::Answer).explanation.unwrap().policy;
        assert_eq!(of(&code).await, "data-1");
        policy("ours", 7, scope(PetitionKind::DataRequest, pb::Channel::Unspecified, "BTTTT-VP")).await.unwrap();
        world.advance(minutes(1));
        let (petition, code) = requested(&world).await;
        assert_eq!([of(&code).await, of(&petition).await], ["ours-1", "office-1"]);
        let close = pb::ClosePolicyRequest { version: "data-1".to_owned(), ..Default::default() };
        assert_eq!(call!(admin, deadline.close_policy, close).unwrap_err().reason(), "POLICY_NEEDED");
        let rival = policy("rival", 9, scope(PetitionKind::DataRequest, pb::Channel::Unspecified, "")).await;
        assert_eq!(rival.unwrap_err().reason(), "POLICY_TIE");
        assert_eq!(policy("data", 9, scope(PetitionKind::DataRequest, pb::Channel::Unspecified, "")).await.unwrap().version, "data-2");
    }

    /// It is like nothing, teaches nothing, and no rule is tried on it.
    async fn it_teaches_nothing(world: World) {
        let office = world.dispatcher();
        let about = world.citizen().submits(feedback()).await.code;
        let text = feedback().content;
        let code = world.citizen().asks_about_data(pb::SubmitDataRequestRequest { text, ..deletion(&about) }).await.unwrap().code;
        let alike = world.citizen().submits(feedback_of("khac")).await.code;
        answers(&world, &code).await;
        while world.app.compare().await.unwrap() > 0 {}
        let similar = async |code: &str| {
            let ask = pb::ListSimilarPetitionsRequest { code: code.to_owned() };
            let found = call!(office, casework.list_similar_petitions, ask).unwrap().petitions;
            found.into_iter().map(|one| one.summary.unwrap().code).collect::<Vec<_>>()
        };
        assert_eq!(similar(&about).await, std::slice::from_ref(&alike));
        assert_eq!(similar(&code).await, [] as [String; 0]);
        let suggest = async |code: &str| call!(office, casework.suggest_units, pb::SuggestUnitsRequest { code: code.to_owned(), ..Default::default() }).unwrap();
        assert!(suggest(&about).await.units.iter().all(|unit| unit.answered_similar == 0));
        let none = suggest(&code).await;
        assert_eq!((none.units.len(), none.weighed), (0, 0));
        let tried = pb::TryRoutingRulesRequest { focal_unit: "BTTTT-VP".to_owned(), last: 10, ..Default::default() };
        assert_eq!(call!(office, directory.try_routing_rules, tried).unwrap().tried, 2);
    }
}
