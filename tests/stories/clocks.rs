//! Clocks to the microsecond: in time, late, extended, recalled.

use pakn::pb::{self, PetitionState as S, Verdict as V};
use tonic::Code;

use crate::{
    call, on_both,
    world::{Deed, Refused as _, World, at, days, feedback_of, local},
};

/// Received on 13 February, due on 5 March: answered at that time it ends so.
async fn verdict_at(world: &World, name: &str, time: &str) -> V {
    world.when("2026-02-13 09:15");
    let code = world.citizen().submits(feedback_of(name)).await.code;
    world.dispatcher().does(Deed::Accept, &code).await;
    world.dispatcher().does(Deed::Assign("CUC-VT"), &code).await;
    world.who("cuc-vt-handler").does(Deed::SaveDraft, &code).await;
    world.who("cuc-vt-handler").does(Deed::SubmitDraft, &code).await;
    world.when(time);
    let target = Some(pb::Target { code: code.clone(), ..pb::Target::default() });
    let head = world.who("cuc-vt-approver");
    let approved = call!(head, casework.approve_answer, pb::ApproveAnswerRequest { target, capacity: 0 }).unwrap();
    let shown = world.dispatcher().reads(&code).await.unwrap().summary.unwrap();
    assert_eq!(shown.verdict, approved.verdict);
    V::try_from(approved.verdict).unwrap()
}

on_both! {
    async fn the_last_microsecond_is_in_time(world: World) {
        assert_eq!(verdict_at(&world, "a", "2026-03-04 23:59:59.999999").await, V::Early);
        assert_eq!(verdict_at(&world, "b", "2026-03-05 00:00").await, V::OnTime);
        assert_eq!(verdict_at(&world, "c", "2026-03-05 23:59:59.999999").await, V::OnTime);
        assert_eq!(verdict_at(&world, "d", "2026-03-06 00:00").await, V::Late);
    }

    /// Lists and figures agree about what is overdue, at the same instant.
    async fn overdue_begins_at_midnight(world: World) {
        let code = world.assigned("CUC-VT").await;
        let overdue = async || {
            let filter = Some(pb::PetitionFilter { overdue: true, ..pb::PetitionFilter::default() });
            let list = pb::ListPetitionsRequest { filter, ..pb::ListPetitionsRequest::default() };
            let listed = call!(world.dispatcher(), casework.list_petitions, list).unwrap().petitions.len();
            let report = pb::GetOnTimeReportRequest {
                from: "2026-01-01".to_owned(),
                to: "2027-01-01".to_owned(),
                ..pb::GetOnTimeReportRequest::default()
            };
            let report = call!(world.who("supervisor"), supervision.get_on_time_report, report).unwrap();
            let total = report.total.unwrap().own.unwrap();
            let shown = world.dispatcher().reads(&code).await.unwrap().summary.unwrap().overdue;
            (listed, total.within, total.overdue, shown)
        };
        world.when("2026-03-05 23:59:59.999999");
        assert_eq!(overdue().await, (0, 1, 0, false));
        world.when("2026-03-06 00:00");
        assert_eq!(overdue().await, (1, 0, 1, true));
    }

    async fn a_due_that_has_passed_never_moves(world: World) {
        let (before, after) = (world.assigned("CUC-VT").await, world.assigned("CUC-VT").await);
        let head = world.who("office-head");
        world.when("2026-03-05 23:59:59.999999");
        let extended = head.does(Deed::Extend, &before).await.answer_due.unwrap();
        // Ten days from 5 March are a Sunday: Monday 16 March.
        assert_eq!((extended.date.as_str(), extended.at), ("2026-03-16", Some(at("2026-03-17 00:00"))));
        let petition = head.reads(&before).await.unwrap();
        assert_eq!((petition.original_due.unwrap().date.as_str(), petition.extensions), ("2026-03-05", 1));
        let again = head.tries(Deed::Extend, &before).await.unwrap_err();
        assert_eq!(again.reason(), "EXTENSION_LIMIT");
        let shown = world.citizen().tracks(&before).await.unwrap();
        assert_eq!(shown.details.unwrap().original_due.unwrap().date, "2026-03-05");
        world.when("2026-03-06 00:00");
        let late = head.tries(Deed::Extend, &after).await.unwrap_err();
        assert_eq!(late.told(), (Code::FailedPrecondition, "DUE_PASSED".to_owned()));
        assert_eq!(head.reads(&after).await.unwrap().summary.unwrap().answer_due.unwrap().date, "2026-03-05");
        world.run_workers().await;
        let letter = world.letters().into_iter().find(|letter| letter.text.contains("16/03/2026")).unwrap();
        assert!(letter.text.contains("05/03/2026"), "the letter says both dues: {}", letter.text);
    }

    /// A petitioner's silence, a return, a reassignment: none of them moves the citizen's due.
    async fn nothing_flatters_the_clock(world: World) {
        let code = world.assigned("CUC-TS").await;
        let due = world.dispatcher().reads(&code).await.unwrap().summary.unwrap().answer_due;
        world.advance(days(12));
        world.who("cuc-ts-handler").does(Deed::Return, &code).await;
        world.dispatcher().does(Deed::RequestInformation, &code).await;
        world.advance(days(2));
        world.citizen().does(Deed::ProvideInformation, &code).await;
        world.dispatcher().does(Deed::Assign("CUC-VT"), &code).await;
        assert_eq!(world.dispatcher().reads(&code).await.unwrap().summary.unwrap().answer_due, due);
    }

    /// Within three working days the round goes on with its first clock, as if never answered.
    async fn a_recalled_answer_resumes_the_same_clock(world: World) {
        let code = world.awaiting_approval().await;
        world.when("2026-03-04 16:00");
        world.who("cuc-vt-approver").does(Deed::Approve, &code).await;
        let late = world.awaiting_approval().await;
        world.who("cuc-vt-approver").does(Deed::Approve, &late).await;
        // Three working days from Wednesday 4 March: until the end of Monday 9 March.
        world.when("2026-03-09 23:59:59.999999");
        let recalled = world.dispatcher().does(Deed::RecallAnswer, &code).await;
        assert_eq!((recalled.state(), recalled.answer_due.unwrap().date.as_str()), (S::InProgress, "2026-03-05"));
        let petition = world.dispatcher().reads(&code).await.unwrap();
        let summary = petition.summary.unwrap();
        assert!(summary.overdue && summary.verdict == 0 && petition.answer.is_empty(), "{summary:?}");
        world.when("2026-03-10 00:00");
        let passed = world.dispatcher().tries(Deed::RecallAnswer, &late).await.unwrap_err();
        assert_eq!(passed.reason(), "RECALL_WINDOW_PASSED");
        world.who("cuc-vt-handler").does(Deed::SubmitDraft, &code).await;
        world.who("cuc-vt-approver").does(Deed::Approve, &code).await;
        assert_eq!(world.dispatcher().reads(&code).await.unwrap().summary.unwrap().verdict(), V::Late);
    }

    async fn a_rated_or_published_answer_stays(world: World) {
        let (rated, published) = (world.answered().await, world.answered().await);
        world.citizen().does(Deed::Rate, &rated).await;
        assert_eq!(world.citizen().tries(Deed::Rate, &rated).await.unwrap_err().reason(), "ALREADY_RATED");
        assert_eq!(world.dispatcher().tries(Deed::RecallAnswer, &rated).await.unwrap_err().reason(), "RATED");
        world.dispatcher().does(Deed::SaveRedaction, &published).await;
        world.dispatcher().does(Deed::Publish(1), &published).await;
        assert_eq!(world.dispatcher().tries(Deed::RecallAnswer, &published).await.unwrap_err().reason(), "PUBLISHED");
    }

    /// What a clerk enters is on record, once a round, and in nobody's way: neither the petitioner's own rating nor a recall.
    async fn a_rating_that_is_not_counted_stands_in_nobodys_way(world: World) {
        let (code, recalled) = (world.answered().await, world.answered().await);
        let stars = async |code: &str| world.dispatcher().reads(code).await.unwrap().stars;
        let rate = async |stars: i32| {
            let target = Some(pb::Target { code: code.clone(), ..pb::Target::default() });
            let rate = pb::RatePetitionRequest { target, proof: None, stars, comment: String::new() };
            call!(world.who("clerk"), intake.rate_petition, rate)
        };
        rate(1).await.unwrap();
        assert_eq!(rate(2).await.unwrap_err().reason(), "ALREADY_RATED");
        let own = async || world.citizen().tracks(&code).await.unwrap().details.unwrap().stars;
        assert_eq!((stars(&code).await, own().await), (1, 0));
        world.citizen().does(Deed::Rate, &code).await;
        assert_eq!((stars(&code).await, own().await), (4, 4));
        assert_eq!(rate(2).await.unwrap_err().reason(), "ALREADY_RATED");
        world.who("clerk").does(Deed::Rate, &recalled).await;
        world.dispatcher().does(Deed::RecallAnswer, &recalled).await;
        assert_eq!(stars(&recalled).await, 0);
        assert_eq!(world.app.verify_offline(None).await.unwrap().broken, None);
    }

    /// What came on paper counts from the day it came; never from the future, nor from too long ago.
    async fn paper_counts_from_its_receipt(world: World) {
        let clerk = world.who("clerk");
        let paper = |received_at| pb::SubmitPetitionRequest {
            channel: pb::Channel::Post.into(),
            received_at: Some(received_at),
            ..feedback_of("paper")
        };
        let submitted = clerk.submits(paper(at("2026-02-10 08:00"))).await;
        assert_eq!(submitted.received_at, Some(at("2026-02-10 08:00")));
        assert_eq!(submitted.answer_due.unwrap().date, "2026-03-02");
        let petition = world.dispatcher().reads(&submitted.code).await.unwrap();
        assert_eq!((petition.entered_at, petition.entered_by.as_str()), (Some(at("2026-02-13 09:15")), "clerk"));
        assert!(petition.assisted);
        for wrong in ["2026-02-13 09:16", "2026-01-14 09:14"] {
            assert_eq!(clerk.tries_to_submit(paper(at(wrong))).await.unwrap_err().fields(), ["received_at"], "{wrong}");
        }
        clerk.submits(paper(at("2026-01-14 09:15"))).await;
        let by_portal = pb::SubmitPetitionRequest { received_at: Some(at("2026-02-10 08:00")), ..feedback_of("web") };
        assert_eq!(world.citizen().tries_to_submit(by_portal).await.unwrap_err().fields(), ["received_at"]);
        assert_eq!(world.now(), local("2026-02-13 09:15"));
    }

    /// A year that is not published is counted by weekdays and marked.
    async fn an_unpublished_year_is_provisional(world: World) {
        world.when("2026-12-21 10:00");
        let submitted = world.citizen().submits(feedback_of("lan")).await;
        let (intake, answer) = (submitted.intake_due.unwrap(), submitted.answer_due.unwrap());
        assert_eq!((intake.date.as_str(), intake.provisional), ("2026-12-23", false));
        assert_eq!((answer.date.as_str(), answer.provisional), ("2027-01-11", true));
    }

    async fn an_answer_reopens_once_within_its_window(world: World) {
        let (code, late) = (world.answered().await, world.answered().await);
        world.run_workers().await;
        // Delivered on 13 February: fifteen days end on Saturday 28 February, so on Monday 2 March.
        let until = world.citizen().tracks(&code).await.unwrap().details.unwrap().reopen_until;
        assert_eq!(until, Some(at("2026-03-03 00:00")));
        world.when("2026-03-02 23:59:59.999999");
        assert_eq!(world.citizen().does(Deed::Reopen, &code).await.state(), S::Accepted);
        world.when("2026-03-03 00:00");
        assert_eq!(world.citizen().tries(Deed::Reopen, &late).await.unwrap_err().reason(), "REOPENING_WINDOW_PASSED");
        world.dispatcher().does(Deed::Assign("CUC-VT"), &code).await;
        world.who("cuc-vt-handler").does(Deed::SaveDraft, &code).await;
        world.who("cuc-vt-handler").does(Deed::SubmitDraft, &code).await;
        world.who("cuc-vt-approver").does(Deed::Approve, &code).await;
        assert_eq!(world.citizen().tries(Deed::Reopen, &code).await.unwrap_err().reason(), "ALREADY_REOPENED");
    }
}
