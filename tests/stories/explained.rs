//! Dates explained to those who are bound by them: the petitioner's own, and those of rounds that have ended.

use pakn::pb::{self, Clock, ClockRun, ClockStep as Step};
use tonic::{Code, Status};

use crate::{
    call, on_both,
    terminal::Terminal,
    time::{clock, due, explained},
    world::{Deed, Person, Refused as _, World, days, feedback},
};

async fn own(
    who: &Person<'_>,
    code: &str,
    proof: Option<pb::Proof>,
    round: i32,
) -> Result<pb::ExplainOwnDeadlineResponse, Status> {
    call!(who, intake.explain_own_deadline, pb::ExplainOwnDeadlineRequest { code: code.to_owned(), proof, round })
}

fn key(access_key: &str) -> Option<pb::Proof> {
    Some(pb::Proof { access_key: access_key.to_owned(), ..pb::Proof::default() })
}

/// Extended, answered, recalled, answered again, reopened: its code and its key.
async fn eventful(world: &World) -> (String, String) {
    let submitted = world.citizen().submits(feedback()).await;
    let code = submitted.code;
    world.dispatcher().does(Deed::Accept, &code).await;
    world.dispatcher().does(Deed::Assign("CUC-VT"), &code).await;
    world.who("office-head").does(Deed::Extend, &code).await;
    world.who("cuc-vt-handler").does(Deed::SaveDraft, &code).await;
    for again in [true, false] {
        world.who("cuc-vt-handler").does(Deed::SubmitDraft, &code).await;
        world.who("cuc-vt-approver").does(Deed::Approve, &code).await;
        if again {
            world.dispatcher().does(Deed::RecallAnswer, &code).await;
        }
    }
    world.run_workers().await;
    world.advance(days(4));
    world.citizen().does(Deed::Reopen, &code).await;
    (code, submitted.access_key)
}

on_both! {
    /// Who wrote sees the same days as the unit, and each step that moved the date; not who did it, nor why among
    /// themselves.
    async fn petitioners_check_their_own_date(world: World) {
        let (code, access_key) = eventful(&world).await;
        let citizen = world.citizen();
        let now = own(&citizen, &code, key(&access_key), 0).await.unwrap();
        let staff = explained(&world.dispatcher(), &code).await;
        assert_eq!((now.round, now.run()), (2, ClockRun::Running));
        assert_eq!(now.explanation, clock(&staff, Clock::Answer).explanation);
        let tracked = citizen.tracks(&code).await.unwrap();
        assert_eq!(now.explanation.unwrap().due, tracked.answer_due);
        let before = own(&citizen, &code, key(&access_key), 1).await.unwrap();
        assert_eq!((before.round, before.run(), before.code.as_str()), (1, ClockRun::Stopped, code.as_str()));
        let spans = before.explanation.unwrap().spans;
        assert_eq!((spans.len(), spans[0].days.len()), (2, 21), "twenty days from receipt, and the extension");
        let told: Vec<(&str, Step, bool)> =
            before.ledger.iter().map(|step| (step.event.as_str(), step.step(), step.reason.is_empty())).collect();
        assert_eq!(told, [
            ("SUBMITTED", Step::Start, true), ("EXTENDED", Step::Extend, false), ("ANSWERED", Step::Stop, true),
            ("ANSWER_RECALLED", Step::Resume, true), ("ANSWERED", Step::Stop, true), ("REOPENED", Step::Start, false),
        ]);
        let said = format!("{:?}", before.ledger);
        for login in ["dispatcher", "cuc-vt-handler", "cuc-vt-approver", "office-head", "portal"] {
            assert!(!said.contains(login), "{said}");
        }
    }

    /// As for tracking: the key or the portal's own user, and nothing is said of a code to whoever has neither.
    async fn only_the_petitioner_is_told(world: World) {
        let of_user = pb::SubmitPetitionRequest { portal_subject: "user-1".to_owned(), ..feedback() };
        let submitted = world.citizen().submits(of_user).await;
        let other = world.citizen().submits(feedback()).await;
        let (code, citizen) = (&submitted.code, world.citizen());
        let user = |id: &str| Some(pb::Proof { portal_subject: id.to_owned(), ..pb::Proof::default() });
        assert_eq!(own(&citizen, code, user("user-1"), 0).await.unwrap().ledger.len(), 1);
        for (code, proof) in [
            (code.as_str(), key(&other.access_key)),
            (code.as_str(), user("user-2")),
            (other.code.as_str(), user("user-1")),
            ("PAKN.20260101.00000000", key(&submitted.access_key)),
        ] {
            assert_eq!(own(&citizen, code, proof, 0).await.unwrap_err().code(), Code::NotFound);
        }
        assert_eq!(own(&citizen, code, None, 0).await.unwrap_err().fields(), ["proof"]);
        let handler = own(&world.who("cuc-vt-handler"), code, key(&submitted.access_key), 0).await.unwrap_err();
        assert_eq!(handler.code(), Code::PermissionDenied);
        // A clerk of the office knows that it exists, and that this is not a clerk's to ask.
        assert_eq!(own(&world.who("clerk"), code, None, 0).await.unwrap_err().code(), Code::PermissionDenied);
        let clerk = own(&world.who("clerk"), code, key(&submitted.access_key), 0).await.unwrap();
        assert_eq!(clerk.explanation.unwrap().due, submitted.answer_due);
        let never = own(&citizen, code, key(&submitted.access_key), 2).await.unwrap_err();
        assert_eq!((never.code(), never.fields()), (Code::InvalidArgument, vec!["round".to_owned()]));
        assert_eq!(own(&citizen, code, key(&other.access_key), 2).await.unwrap_err().code(), Code::NotFound);
    }

    /// What a round that was reopened was held to can still be checked, with the clocks as it left them.
    async fn earlier_rounds_explain_themselves(world: World) {
        let (code, access_key) = eventful(&world).await;
        let dispatcher = world.dispatcher();
        let ask = async |round| {
            let ask = pb::ExplainDeadlineRequest { code: code.clone(), round };
            call!(dispatcher, casework.explain_deadline, ask)
        };
        let (first, second) = (ask(1).await.unwrap(), ask(2).await.unwrap());
        assert_eq!((first.round, second.round), (1, 2));
        assert_eq!(second, explained(&dispatcher, &code).await);
        assert!(first.clocks.iter().all(|clock| clock.run() == ClockRun::Stopped), "{:?}", first.clocks);
        // Extended by ten days; the round after counts from when it was reopened.
        assert_eq!((due(&first, Clock::Answer), due(&second, Clock::Answer)), ("2026-03-16".to_owned(), "2026-03-09".to_owned()));
        assert_eq!(due(&first, Clock::Intake), "2026-02-24");
        let never = ask(3).await.unwrap_err();
        assert_eq!((never.code(), never.fields()), (Code::InvalidArgument, vec!["round".to_owned()]));
        let outsider = world.who("cuc-bc-handler");
        let hidden = pb::ExplainDeadlineRequest { code: code.clone(), round: 3 };
        assert_eq!(call!(outsider, casework.explain_deadline, hidden).unwrap_err().code(), Code::NotFound);
        let staff = Terminal::of(&dispatcher);
        let shown = staff.gets(&["petition", "explain", &code, "--round", "1"]).await;
        assert!(shown.contains("ANSWER: due 2026-03-16, stopped"), "{shown}");
        let portal = Terminal::of(&world.citizen());
        let shown = portal.gets(&["petition", "explain", &code, "--key", &access_key]).await;
        assert!(shown.contains("ANSWER: due 2026-03-09, running") && shown.contains("20 calendar days"), "{shown}");
        assert!(!shown.contains("dispatcher") && !shown.contains("actor"), "{shown}");
    }
}
