//! Letters on paper and by telephone: a person hands them over, and says so.

use pakn::pb::{self, LetterStatus as L};
use tonic::Code;

use super::post::{ID, abandon};
use crate::{
    call, on_both,
    world::{Deed, Refused as _, at, feedback_of},
};

on_both! {
    /// Who gave no address of mail is told by a person: delivery, and the window that counts from it, is when that person
    /// did so.
    async fn what_goes_on_paper_is_handed_over(world: World) {
        let submission = pb::SubmitPetitionRequest { medium: pb::Medium::Paper.into(), ..feedback_of("lan") };
        let code = world.citizen().submits(submission).await.code;
        for deed in [Deed::Accept, Deed::Assign("CUC-VT")] {
            world.dispatcher().does(deed, &code).await;
        }
        for deed in [Deed::SaveDraft, Deed::SubmitDraft] {
            world.who("cuc-vt-handler").does(deed, &code).await;
        }
        world.who("cuc-vt-approver").does(Deed::Approve, &code).await;
        let of = pb::ListLettersRequest { code: code.clone(), ..Default::default() };
        // The clerk of the office lists what is to be handed over; nobody else but operators does, nor all of it.
        let clerk = world.who("clerk");
        let letters = call!(clerk, delivery.list_letters, of.clone()).unwrap().letters;
        let answer = letters.iter().find(|letter| letter.kind == "answer").unwrap().clone();
        assert!(letters.iter().filter(|letter| letter.medium() == pb::Medium::Paper).all(|letter| letter.status() == L::Handover));
        assert_eq!(call!(clerk, delivery.list_letters, pb::ListLettersRequest::default()).unwrap_err().code(), Code::PermissionDenied);
        assert_eq!(call!(world.who("cuc-vt-handler"), delivery.list_letters, of).unwrap_err().code(), Code::PermissionDenied);
        // Nobody has it: it stays open to be contested, however long that takes.
        world.when("2026-04-20 09:00");
        world.run_workers().await;
        let state = async || world.dispatcher().reads(&code).await.unwrap().summary.unwrap().state();
        assert_eq!(state().await, pb::PetitionState::Answered);
        let hand = |at: Option<prost_types::Timestamp>| pb::RecordHandoverRequest {
            id: answer.id.clone(),
            handed_over_at: at,
            handed_over_by: "dispatcher".to_owned(),
            how: "Thư bảo đảm RR 123".to_owned(),
            request_id: ID.to_owned(),
        };
        // The last one is further back than anybody may say.
        for wrong in ["2026-04-20 09:01", "2026-02-13 09:14", "2026-03-21 08:59"] {
            let refused = call!(clerk, delivery.record_handover, hand(Some(at(wrong)))).unwrap_err();
            assert_eq!(refused.fields(), ["handed_over_at"], "{wrong}");
        }
        let refused = call!(world.who("cuc-vt-handler"), delivery.record_handover, hand(None)).unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
        world.add_account("elsewhere", "CUC-BC", &[pakn::domain::words::Role::Clerk]).await;
        let refused = call!(world.who("elsewhere"), delivery.record_handover, hand(None)).unwrap_err();
        assert_eq!(refused.code(), Code::NotFound);
        let (version, given) = (async || world.dispatcher().reads(&code).await.unwrap().summary.unwrap().version, hand(Some(at("2026-04-16 10:00"))));
        let before = version().await;
        for _ in 0..2 {
            let now = call!(clerk, delivery.record_handover, given.clone()).unwrap().letter.unwrap();
            assert_eq!((now.status(), now.attempts, now.settled_at), (L::Accepted, 1, Some(at("2026-04-16 10:00"))));
        }
        assert_eq!(version().await, before, "nothing that anybody decides upon");
        let again = pb::RecordHandoverRequest { request_id: String::new(), ..given };
        assert_eq!(call!(clerk, delivery.record_handover, again).unwrap_err().reason(), "LETTER_SETTLED");
        let shown = call!(world.who("operator"), delivery.get_letter, pb::GetLetterRequest { id: answer.id.clone() }).unwrap();
        assert_eq!(shown.attempts.iter().map(|attempt| attempt.reply.as_str()).collect::<Vec<_>>(), ["handed over by dispatcher"]);
        let events = pb::ListPetitionEventsRequest { code: code.clone(), page: None };
        let events = call!(world.dispatcher(), casework.list_petition_events, events).unwrap().events;
        let last = events.iter().max_by_key(|event| event.seq).unwrap();
        assert_eq!((last.kind.as_str(), last.actor.as_str()), ("LETTER_HANDED_OVER", "clerk"));
        assert!(last.texts.iter().any(|text| text.body == "Thư bảo đảm RR 123"), "{last:?}");
        // Fifteen days from 16 April, which is a holiday: Monday 4 May.
        let until = world.citizen().tracks(&code).await.unwrap().details.unwrap().reopen_until.unwrap();
        world.app.clock().set(chrono::DateTime::from_timestamp(until.seconds - 1, 0).unwrap());
        world.run_workers().await;
        assert_eq!(state().await, pb::PetitionState::Answered);
        assert!(until.seconds > at("2026-05-01 00:00").seconds && until.seconds < at("2026-05-06 00:00").seconds);
        world.app.clock().set(chrono::DateTime::from_timestamp(until.seconds, 0).unwrap());
        world.run_workers().await;
        assert_eq!(state().await, pb::PetitionState::Closed);
        assert_eq!(world.app.verify_offline(None).await.unwrap().broken, None);
        // The others of it can be given up, or handed over from the command line.
        let rest = letters.iter().filter(|letter| letter.medium() == pb::Medium::Paper && letter.kind != "answer");
        let [first, second, ..] = &rest.map(|letter| letter.id.clone()).collect::<Vec<_>>()[..] else { panic!("{letters:?}") };
        assert_eq!(abandon(&world, first).await.unwrap().letter.unwrap().status(), L::Abandoned);
        let handed = crate::terminal::Terminal::of(&clerk).asks(&["letter", "handover", second, "--how", "Đọc qua điện thoại"]).await;
        assert_eq!(handed["letter"]["status"], "ACCEPTED");
    }

    /// Of one who hands a letter over and one who gives it up at the same time, the second is told what the other did.
    async fn a_letter_is_handed_over_or_given_up(world: World) {
        let submission = pb::SubmitPetitionRequest { medium: pb::Medium::Paper.into(), ..feedback_of("lan") };
        let code = world.citizen().submits(submission).await.code;
        let clerk = world.who("clerk");
        let of = pb::ListLettersRequest { code, ..Default::default() };
        let id = call!(clerk, delivery.list_letters, of).unwrap().letters[0].id.clone();
        let hand = pb::RecordHandoverRequest { id: id.clone(), how: "Trao tay".to_owned(), ..Default::default() };
        let (one, other) = futures::join!(
            async { call!(clerk, delivery.record_handover, hand).map(drop) },
            async { abandon(&world, &id).await.map(drop) },
        );
        let lost: Vec<String> = [one, other].into_iter().filter_map(Result::err).map(|lost| lost.reason()).collect();
        assert_eq!(lost, ["LETTER_SETTLED"]);
        assert_eq!(world.app.verify_offline(None).await.unwrap().broken, None);
    }
}
