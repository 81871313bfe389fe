//! Policies that end: what was received before keeps to them, what comes later falls under what is less specific.

use pakn::{
    grpc::Options,
    pb::{self, TimeUnit, deadline_service_client::DeadlineServiceClient},
};
use tonic::{Code, Status};

use crate::{
    call,
    faces::Face,
    on_both,
    terminal::Terminal,
    time::{clock, explained, put, terms, urgently},
    world::{Deed, Person, Refused as _, World, at, days, feedback_of},
};

fn portal() -> Option<pb::PolicyScope> {
    Some(pb::PolicyScope { channel: pb::Channel::Portal.into(), ..pb::PolicyScope::default() })
}

async fn closes(who: &Person<'_>, version: &str, until: Option<&str>) -> Result<pb::Policy, Status> {
    let (version, valid_until) = (version.to_owned(), until.map(at));
    let close = pb::ClosePolicyRequest { version, valid_until, request_id: String::new() };
    Ok(call!(who, deadline.close_policy, close)?.policy.unwrap())
}

async fn policy_of(world: &World, code: &str) -> String {
    let all = explained(&world.dispatcher(), code).await;
    clock(&all, pb::Clock::Answer).explanation.unwrap().policy
}

on_both! {
    async fn a_policy_that_ends_keeps_what_it_has(world: World) {
        let admin = world.who("admin");
        let answer = Some(pb::Span { amount: 9, unit: TimeUnit::CalendarDay.into() });
        put(&admin, pb::Policy { answer, scope: portal(), ..terms(&admin, "short").await }).await.unwrap();
        let submits = async |name| world.citizen().submits(feedback_of(name)).await.code;
        let before = submits("before").await;
        let closed = closes(&admin, "short", Some("2026-02-16 00:00")).await.unwrap();
        assert_eq!((closed.version.as_str(), closed.valid_until), ("short-1", Some(at("2026-02-16 00:00"))));
        world.when("2026-02-15 23:59:59.999999");
        let last = submits("last").await;
        world.when("2026-02-16 00:00");
        let after = submits("after").await;
        for (code, version) in [(&before, "short-1"), (&last, "short-1"), (&after, "general-1")] {
            assert_eq!(policy_of(&world, code).await, version);
        }
        // Chosen once more after its end, by the versions in force at receipt.
        world.dispatcher().does(Deed::Accept, &before).await;
        assert_eq!(policy_of(&world, &before).await, "short-1");
        // What has ended is no rival, has no end to come, and may be followed.
        assert_eq!(closes(&admin, "short-1", None).await.unwrap_err().reason(), "POLICY_ENDED");
        assert_eq!(closes(&admin, "short", None).await.unwrap_err().code(), Code::NotFound);
        let other = pb::Policy { scope: portal(), ..terms(&admin, "other").await };
        put(&admin, other).await.unwrap();
        let kept = pb::GetPolicyRequest { version: "short-1".to_owned() };
        let again = call!(admin, deadline.get_policy, kept).unwrap().policy.unwrap();
        let again = pb::Policy { valid_from: None, valid_until: None, ..again };
        assert_eq!(put(&admin, again.clone()).await.unwrap_err().reason(), "POLICY_TIE");
        closes(&admin, "other", None).await.unwrap();
        world.advance(days(1));
        assert_eq!(put(&admin, again).await.unwrap().version, "short-2");
        let listed = pb::ListAuditEventsRequest { directory: true, kind: "POLICY_CLOSED".to_owned(), ..Default::default() };
        assert_eq!(call!(admin, supervision.list_audit_events, listed).unwrap().events.len(), 2);
        assert_eq!(world.app.verify_offline(None).await.unwrap().broken, None);
    }

    /// What comes with the program may end too, but for what is left where nothing else is in force.
    async fn shipped_policies_end(world: World) {
        let admin = world.who("admin");
        assert_eq!(closes(&admin, "general", None).await.unwrap_err().reason(), "POLICY_NEEDED");
        assert_eq!(closes(&admin, "nothing", None).await.unwrap_err().code(), Code::NotFound);
        assert_eq!(closes(&admin, "urgent", Some("2026-02-13 09:14")).await.unwrap_err().fields(), ["valid_until"]);
        closes(&admin, "urgent", Some("2026-02-20 00:00")).await.unwrap();
        assert_eq!(closes(&admin, "urgent", Some("2026-02-21 00:00")).await.unwrap_err().fields(), ["valid_until"]);
        let closed = closes(&admin, "urgent", Some("2026-02-14 00:00")).await.unwrap();
        assert_eq!(closed.valid_until, Some(at("2026-02-14 00:00")));
        world.when("2026-02-14 00:00");
        let code = world.citizen().submits(feedback_of("urgent")).await.code;
        call!(world.dispatcher(), casework.accept_petition, urgently(&code)).unwrap();
        assert_eq!(policy_of(&world, &code).await, "general-1");
        let other = world.another_process().await;
        assert_eq!(other.reference().policies.version("urgent-1").unwrap().until, Some(crate::world::local("2026-02-14 00:00")));
    }

    /// A version that is closed before it begins leaves the one before it in force; that another process put it is no
    /// matter.
    async fn what_never_begins_takes_no_place(world: World) {
        let other = world.another_process().await;
        let face = Face::open(&other, Options::default()).await;
        let mut elsewhere = DeadlineServiceClient::new(face.connect().await);
        let admin = world.who("admin");
        put(&admin, pb::Policy { scope: portal(), ..terms(&admin, "short").await }).await.unwrap();
        let next = pb::Policy { scope: portal(), valid_from: Some(at("2026-03-01 00:00")), ..terms(&admin, "short").await };
        assert_eq!(put(&admin, next).await.unwrap().version, "short-2");
        let kept = async |version: &str| {
            let get = pb::GetPolicyRequest { version: version.to_owned() };
            call!(admin, deadline.get_policy, get).unwrap().policy.unwrap().valid_until
        };
        assert_eq!(kept("short-1").await, Some(at("2026-03-01 00:00")));
        assert!(other.reference().version < world.app.reference().version, "it has not heard of it");
        let close = pb::ClosePolicyRequest { version: "short-2".to_owned(), ..Default::default() };
        elsewhere.close_policy(admin.ask(close)).await.unwrap();
        world.app.refresh().await.unwrap();
        assert_eq!((kept("short-1").await, kept("short-2").await), (None, Some(at("2026-03-01 00:00"))));
        world.when("2026-03-02 09:00");
        let code = world.citizen().submits(feedback_of("after")).await.code;
        assert_eq!(policy_of(&world, &code).await, "short-1");
    }

    /// An end may be put with a version; what is for every petition has none. In the client both are verbs.
    async fn an_end_is_put_or_closed(world: World) {
        let admin = world.who("admin");
        let short = pb::Policy { scope: portal(), valid_until: Some(at("2026-03-01 00:00")), ..terms(&admin, "short").await };
        assert_eq!(put(&admin, short.clone()).await.unwrap().valid_until, Some(at("2026-03-01 00:00")));
        let wrong = pb::Policy { name: "wrong".to_owned(), valid_until: Some(at("2026-02-13 09:15")), ..short.clone() };
        assert_eq!(put(&admin, wrong).await.unwrap_err().fields(), ["policy.valid_until"]);
        let general = pb::Policy { valid_until: short.valid_until, ..terms(&admin, "general").await };
        assert_eq!(put(&admin, general).await.unwrap_err().fields(), ["policy.valid_until"]);
        // Two of the same petitions one after the other are none that could both win.
        let next = pb::Policy { name: "next".to_owned(), valid_from: short.valid_until, valid_until: None, ..short };
        put(&admin, next).await.unwrap();
        assert_eq!(closes(&admin, "next-1", Some("2026-02-28 00:00")).await.unwrap_err().fields(), ["valid_until"]);
        let terminal = Terminal::of(&admin);
        let closed = terminal.asks(&["policy", "close", "next-1"]).await;
        assert_eq!(closed["policy"]["valid_until"], closed["policy"]["valid_from"], "it never begins");
        let closed = terminal.asks(&["policy", "close", "short", "--until", "2026-02-20"]).await;
        assert_eq!(closed["policy"]["valid_until"], "2026-02-19T17:00:00Z");
    }
}
