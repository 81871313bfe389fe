//! The same request twice, stale versions, and many hands on one petition.

use futures::future::join_all;
use pakn::{domain::words::Role, pb};
use tonic::Code;

use crate::{
    call, on_both,
    world::{Deed, Refused as _, World, days, feedback, feedback_of},
};

const ONE: &str = "0193a5b0-0000-7000-8000-000000000001";
const TWO: &str = "0193a5b0-0000-7000-8000-000000000002";

fn named(request_id: &str) -> pb::SubmitPetitionRequest {
    pb::SubmitPetitionRequest { request_id: request_id.to_owned(), ..feedback() }
}

fn target(code: &str, version: i64, request_id: &str) -> pb::Target {
    pb::Target { code: code.to_owned(), version, request_id: request_id.to_owned() }
}

async fn petitions(world: &World) -> i64 {
    call!(world.dispatcher(), casework.count_petitions, pb::CountPetitionsRequest::default()).unwrap().total
}

on_both! {
    async fn the_same_submission_twice_is_one_petition(world: World) {
        let citizen = world.citizen();
        let first = citizen.submits(named(ONE)).await;
        world.advance(days(3));
        assert_eq!(citizen.submits(named(ONE)).await, first, "the same code, key, receipt and dues");
        assert_eq!(petitions(&world).await, 1);
        let other = pb::SubmitPetitionRequest { title: "Việc khác hẳn".to_owned(), ..named(ONE) };
        let refused = citizen.tries_to_submit(other).await.unwrap_err();
        assert_eq!(refused.told(), (Code::AlreadyExists, "REQUEST_ID_REUSED".to_owned()));
        assert_ne!(citizen.submits(named(TWO)).await.code, first.code);
        // Another portal means another petition by the same id.
        world.add_account("portal-too", "BTTTT", &[Role::Portal]).await;
        assert_ne!(world.who("portal-too").submits(named(ONE)).await.code, first.code);
        assert_eq!(petitions(&world).await, 3);
    }

    async fn ten_at_once_are_one_petition(world: World) {
        let answers = join_all((0..10).map(async |_| world.citizen().submits(named(ONE)).await)).await;
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        assert_eq!(petitions(&world).await, 1);
    }

    async fn the_same_command_twice_is_done_once(world: World) {
        let code = world.citizen().submits(feedback()).await.code;
        let accept = async |id: &str| world.dispatcher().tries_on(Deed::Accept, target(&code, 0, id)).await;
        let first = accept(ONE).await.unwrap();
        assert_eq!(accept(ONE).await.unwrap(), first);
        assert_eq!(accept(TWO).await.unwrap_err().reason(), "ACCEPT_NOT_POSSIBLE_IN_ACCEPTED");
        // A version, given later, does not make it another request.
        let notes = join_all((0..10).map(async |_| {
            world.dispatcher().tries_on(Deed::AddNote, target(&code, 0, ONE)).await.unwrap()
        })).await;
        assert!(notes.iter().all(|note| *note == notes[0]), "{notes:?}");
        // Other content under the same id.
        let note = pb::AddNoteRequest { target: Some(target(&code, 0, ONE)), text: "khác".to_owned() };
        let refused = call!(world.dispatcher(), casework.add_note, note).unwrap_err();
        assert_eq!(refused.code(), Code::AlreadyExists);
        // The same id of somebody else is somebody else's request.
        let head = world.who("office-head").tries_on(Deed::AddNote, target(&code, 0, ONE)).await.unwrap();
        assert_ne!(head.seq, notes[0].seq);
    }

    /// A request id is remembered for 30 days.
    async fn request_ids_are_forgotten(world: World) {
        let first = world.citizen().submits(named(ONE)).await;
        world.advance(days(30));
        world.run_workers().await;
        assert_eq!(world.citizen().submits(named(ONE)).await.code, first.code);
        world.advance(chrono::TimeDelta::microseconds(1));
        world.run_workers().await;
        assert_ne!(world.citizen().submits(named(ONE)).await.code, first.code);
    }

    async fn a_stale_version_is_told_the_current_one(world: World) {
        let code = world.citizen().submits(feedback()).await.code;
        world.dispatcher().does(Deed::Accept, &code).await;
        let stale = world.dispatcher().tries_on(Deed::Assign("CUC-VT"), target(&code, 1, "")).await.unwrap_err();
        assert_eq!(stale.told(), (Code::Aborted, "STALE_VERSION".to_owned()));
        assert_eq!(stale.meta("version"), "2");
        world.dispatcher().tries_on(Deed::Assign("CUC-VT"), target(&code, 2, "")).await.unwrap();
        let draft = |based_on| pb::SaveDraftRequest {
            target: Some(target(&code, 0, "")),
            text: "Dự thảo.".to_owned(),
            based_on_revision: Some(based_on),
        };
        let handler = world.who("cuc-vt-handler");
        assert_eq!(call!(handler, casework.save_draft, draft(0)).unwrap().revision, 1);
        let stale = call!(handler, casework.save_draft, draft(0)).unwrap_err();
        assert_eq!((stale.told(), stale.meta("revision").as_str()), ((Code::Aborted, "STALE_REVISION".to_owned()), "1"));
    }

    /// Ten decide upon the same version: one wins, nine are told. Notes meanwhile disturb nobody.
    async fn of_many_decisions_one_wins(world: World) {
        let code = world.citizen().submits(feedback()).await.code;
        world.dispatcher().does(Deed::Accept, &code).await;
        let decide = async |n: usize| match n % 3 {
            0 => world.who("office-head").tries_on(Deed::AddNote, target(&code, 0, "")).await.map(|_| false),
            1 => world.dispatcher().tries_on(Deed::Assign("CUC-VT"), target(&code, 2, "")).await.map(|_| true),
            _ => world.dispatcher().tries_on(Deed::Assign("CUC-BC"), target(&code, 2, "")).await.map(|_| true),
        };
        let became = join_all((0..30).map(decide)).await;
        let won = became.iter().filter(|became| matches!(became, Ok(true))).count();
        let noted = became.iter().filter(|became| matches!(became, Ok(false))).count();
        assert_eq!((won, noted), (1, 10), "{became:?}");
        let told: Vec<_> = became.into_iter().filter_map(Result::err).map(|status| (status.told(), status.meta("version"))).collect();
        assert!(told.iter().all(|t| *t == ((Code::Aborted, "STALE_VERSION".to_owned()), "3".to_owned())), "{told:?}");
        assert_eq!(world.app.verify_offline(Some(&code)).await.unwrap().broken, None);
    }

    /// Sixty are taken up at once: numbers 1 to 60, none missing, none twice; and what failed used none up.
    async fn register_numbers_have_no_gaps(world: World) {
        let codes = join_all((0..60).map(async |n| world.citizen().submits(feedback_of(&format!("p{n}"))).await.code)).await;
        let accepted = join_all(codes.iter().map(async |code| {
            // A second hand on some of them, which loses.
            let (one, two) = (world.dispatcher(), world.dispatcher());
            let both = join_all([one.tries(Deed::Accept, code), two.tries(Deed::Accept, code)]).await;
            both.into_iter().filter_map(Result::ok).map(|outcome| outcome.register_number).collect::<Vec<_>>()
        })).await;
        let mut numbers: Vec<u32> = accepted
            .into_iter()
            .flatten()
            .map(|register| register.strip_suffix("/2026/BTTTT-VP").unwrap().parse().unwrap())
            .collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=60).collect::<Vec<_>>());
        // A new local year begins anew.
        world.when("2027-01-01 00:00");
        let code = world.citizen().submits(feedback_of("new")).await.code;
        assert_eq!(world.dispatcher().does(Deed::Accept, &code).await.register_number, "1/2027/BTTTT-VP");
    }
}
