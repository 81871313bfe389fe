//! What a calendar moves beside the dues: what counts as extended, the day of a reply, windows.

use pakn::pb::{self, Clock};

use crate::{
    calendars::{apply, imported, recalculated, year_with},
    call, on_both,
    time::{due, explained, put, terms},
    world::{Deed, Refused as _, feedback_of, minutes},
};

on_both! {
    /// A holiday is no extension: neither the answer after it nor a recall makes it one. A decision is.
    async fn what_a_calendar_moves_does_not_count_as_extended(world: World) {
        let administrator = world.who("admin");
        let (plain, extended) = (world.assigned("CUC-VT").await, world.assigned("CUC-VT").await);
        world.when("2026-02-27 08:00");
        let days = year_with(&administrator, "2026-03-05,off,Nghỉ\n2026-02-28,worked,Làm bù\n").await;
        imported(&administrator, "vn", "", &days).await.unwrap();
        apply(&administrator, "vn-2", "", "").await.unwrap();
        recalculated(&world).await;
        world.who("office-head").does(Deed::Extend, &extended).await;
        for code in [&plain, &extended] {
            world.who("cuc-vt-handler").does(Deed::SaveDraft, code).await;
            world.who("cuc-vt-handler").does(Deed::SubmitDraft, code).await;
            world.who("cuc-vt-approver").does(Deed::Approve, code).await;
        }
        world.advance(minutes(1));
        let ask = pb::GetOnTimeReportRequest {
            from: "2026-01-01".to_owned(),
            to: "2027-01-01".to_owned(),
            ..pb::GetOnTimeReportRequest::default()
        };
        let report = call!(world.who("supervisor"), supervision.get_on_time_report, ask).unwrap();
        let total = report.total.unwrap().own.unwrap();
        assert_eq!((total.handled, total.extended), (2, 1));
    }

    /// What a pause gives back, or a policy chosen anew, counts as extended; what a calendar does meanwhile does not.
    async fn all_but_a_calendar_counts_as_extended(world: World) {
        let administrator = world.who("admin");
        let scope = Some(pb::PolicyScope { channel: pb::Channel::Portal.into(), ..pb::PolicyScope::default() });
        let pausing = pb::Policy { pauses: 1, pause_days: 30, scope, ..terms(&administrator, "portal").await };
        put(&administrator, pausing).await.unwrap();
        world.when("2026-03-02 09:00");
        let submits = async |name| {
            let code = world.citizen().submits(feedback_of(name)).await.code;
            world.dispatcher().does(Deed::Accept, &code).await;
            code
        };
        let (held, chosen, given) = (submits("held").await, submits("chosen").await, submits("given").await);
        world.when("2026-03-04 09:00");
        for code in [&held, &given] {
            world.dispatcher().does(Deed::RequestInformation, code).await;
        }
        let days = year_with(&administrator, "2026-03-23,off,Nghỉ\n").await;
        imported(&administrator, "vn", "", &days).await.unwrap();
        apply(&administrator, "vn-2", "", "").await.unwrap();
        // Another policy of the same length, chosen before the holiday is counted: it is the holiday that moves it.
        let urgent = pb::ReclassifyPetitionRequest {
            target: Some(pb::Target { code: chosen.clone(), ..pb::Target::default() }),
            priority: pb::Priority::Urgent.into(),
            priority_reason: "Mất liên lạc".to_owned(),
            reason: "Khẩn".to_owned(),
            ..pb::ReclassifyPetitionRequest::default()
        };
        let urgent = call!(world.dispatcher(), casework.reclassify_petition, urgent).unwrap().outcome.unwrap();
        assert_eq!(urgent.answer_due.unwrap().date, "2026-03-24");
        recalculated(&world).await;
        // A reply on the day of the question gives nothing back.
        world.citizen().does(Deed::ProvideInformation, &held).await;
        assert_eq!(due(&explained(&world.dispatcher(), &held).await, Clock::Answer), "2026-03-24");
        let extended = async || {
            world.advance(minutes(1));
            let ask = pb::GetOnTimeReportRequest {
                from: "2026-01-01".to_owned(),
                to: "2027-01-01".to_owned(),
                ..pb::GetOnTimeReportRequest::default()
            };
            let report = call!(world.who("supervisor"), supervision.get_on_time_report, ask).unwrap();
            let total = report.total.unwrap().own.unwrap();
            (total.handled, total.extended)
        };
        assert_eq!(extended().await, (0, 0));
        // Fifteen days by now, and two given back: later than without, though earlier than before the question.
        world.dispatcher().does(Deed::Reclassify, &given).await;
        world.when("2026-03-06 15:00");
        world.citizen().does(Deed::ProvideInformation, &given).await;
        assert_eq!(due(&explained(&world.dispatcher(), &given).await, Clock::Answer), "2026-03-19");
        let answer = async |code: &str| {
            world.dispatcher().does(Deed::Assign("CUC-VT"), code).await;
            world.who("cuc-vt-handler").does(Deed::SaveDraft, code).await;
            world.who("cuc-vt-handler").does(Deed::SubmitDraft, code).await;
            world.who("cuc-vt-approver").does(Deed::Approve, code).await;
        };
        assert_eq!(extended().await, (0, 1));
        for code in [&held, &chosen, &given] {
            answer(code).await;
        }
        assert_eq!(extended().await, (3, 1));
        // Back to more days than a class has: by decision, and so an extension.
        let class = pb::SubjectClass::Regulation.into();
        let law = world.citizen().submits(pb::SubmitPetitionRequest { subject_class: class, ..feedback_of("law") }).await.code;
        world.dispatcher().does(Deed::Accept, &law).await;
        answer(&law).await;
        assert_eq!(extended().await, (4, 2));
    }

    /// A holiday added late gives the petitioner until later to reply, and the clock stands still until then; what has
    /// passed stays so.
    async fn a_late_holiday_moves_the_day_of_the_reply(world: World) {
        let administrator = world.who("admin");
        world.add_account("second", "BTTTT", &[pakn::domain::words::Role::Administrator]).await;
        let scope = Some(pb::PolicyScope { channel: pb::Channel::Portal.into(), ..pb::PolicyScope::default() });
        put(&administrator, pb::Policy { pauses: 1, pause_days: 30, scope, ..terms(&administrator, "portal").await }).await.unwrap();
        world.when("2026-03-03 09:00");
        let mut asked = Vec::new();
        for (name, reply_days) in [("open", 5), ("passed", 1)] {
            let code = world.citizen().submits(feedback_of(name)).await.code;
            world.dispatcher().does(Deed::Accept, &code).await;
            world.when("2026-03-04 09:00");
            let target = Some(pb::Target { code: code.clone(), ..pb::Target::default() });
            let ask = pb::RequestInformationRequest { target, question: "Xin cho biết thêm?".to_owned(), reply_days };
            call!(world.dispatcher(), casework.request_information, ask).unwrap();
            asked.push(code);
        }
        let (open, passed) = (&asked[0], &asked[1]);
        let reply_by = async |code: &str| {
            let shown = world.citizen().tracks(code).await.unwrap().details.unwrap();
            shown.questions.last().unwrap().reply_by.clone().unwrap().date
        };
        assert_eq!((reply_by(open).await, reply_by(passed).await), ("2026-03-11".to_owned(), "2026-03-05".to_owned()));
        assert_eq!(due(&explained(&world.dispatcher(), open).await, Clock::Answer), "2026-03-30");
        world.when("2026-03-06 08:00");
        let days = year_with(&administrator, "2026-03-05,off,Nghỉ\n2026-03-11,off,Nghỉ\n").await;
        imported(&administrator, "vn", "", &days).await.unwrap();
        apply(&world.who("second"), "vn-2", "", "12/QĐ").await.unwrap();
        recalculated(&world).await;
        // Five working days without the 5th, too: it was not worked, as it turned out.
        assert_eq!((reply_by(open).await, reply_by(passed).await), ("2026-03-13".to_owned(), "2026-03-05".to_owned()));
        assert_eq!(due(&explained(&world.dispatcher(), open).await, Clock::Answer), "2026-04-01");
        world.when("2026-03-13 23:59:59");
        world.run_workers().await;
        let state = async |code: &str| world.dispatcher().reads(code).await.unwrap().summary.unwrap().state();
        assert_eq!((state(open).await, state(passed).await), (pb::PetitionState::NeedsInformation, pb::PetitionState::Accepted));
        world.citizen().does(Deed::ProvideInformation, open).await;
        assert_eq!(due(&explained(&world.dispatcher(), open).await, Clock::Answer), "2026-04-01");
        assert!(world.app.verify_offline(None).await.unwrap().broken.is_none());
    }

    /// A window that has passed is not opened again by a calendar that would have had it end later.
    async fn a_window_that_has_passed_stays_closed(world: World) {
        let administrator = world.who("admin");
        world.add_account("second", "BTTTT", &[pakn::domain::words::Role::Administrator]).await;
        let reopened = world.answered().await;
        // Delivered on 13 February: until Monday 2 March.
        world.run_workers().await;
        world.when("2026-03-03 00:00");
        world.run_workers().await;
        assert_eq!(world.dispatcher().reads(&reopened).await.unwrap().summary.unwrap().state(), pb::PetitionState::Closed);
        world.when("2026-03-04 16:00");
        let recalled = world.answered().await;
        world.when("2026-03-10 00:00");
        let days = year_with(&administrator, "2026-03-02,off,Nghỉ\n2026-03-03,off,Nghỉ\n2026-03-09,off,Nghỉ\n").await;
        imported(&administrator, "vn", "", &days).await.unwrap();
        apply(&world.who("second"), "vn-2", "", "12/QĐ").await.unwrap();
        recalculated(&world).await;
        let late = world.dispatcher().tries(Deed::RecallAnswer, &recalled).await.unwrap_err();
        assert_eq!(late.reason(), "RECALL_WINDOW_PASSED");
        world.when("2026-03-03 12:00");
        let late = world.citizen().tries(Deed::Reopen, &reopened).await.unwrap_err();
        assert_eq!(late.reason(), "REOPENING_WINDOW_PASSED");
        assert_eq!(world.citizen().tracks(&reopened).await.unwrap().details.unwrap().reopen_until, None);
    }
}
