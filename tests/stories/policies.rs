//! Policies: chosen at submission, bounded, refused whole; and what they bound.

use pakn::pb::{self, Clock, ClockRun, DayMark, TimeUnit};

use crate::{
    call, on_both,
    time::{clock, due, explained, put, terms},
    world::{Deed, Refused as _, at, days, feedback_of},
};

fn portal() -> Option<pb::PolicyScope> {
    Some(pb::PolicyScope { channel: pb::Channel::Portal.into(), ..pb::PolicyScope::default() })
}

on_both! {
    async fn a_stated_class_chooses_at_submission(world: World) {
        let class = pb::SubjectClass::Regulation.into();
        let submitted = world.citizen().submits(pb::SubmitPetitionRequest { subject_class: class, ..feedback_of("law") }).await;
        assert_eq!(submitted.answer_due.unwrap().date, "2026-03-02");
        let first = explained(&world.dispatcher(), &submitted.code).await;
        assert_eq!(clock(&first, Clock::Answer).explanation.unwrap().policy, "documents-1");
        world.advance(days(1));
        // As OTHER: chosen again, from receipt.
        world.dispatcher().does(Deed::Accept, &submitted.code).await;
        assert_eq!(due(&explained(&world.dispatcher(), &submitted.code).await, Clock::Answer), "2026-03-05");
    }

    async fn bad_policies_are_refused_whole(world: World) {
        let admin = world.who("admin");
        let all = async || call!(admin, deadline.list_policies, pb::ListPoliciesRequest {}).unwrap().policies;
        let before = all().await;
        let span = |amount| Some(pb::Span { amount, unit: TimeUnit::WorkingDay.into() });
        let huge = pb::Policy {
            intake: span(3_661),
            answer: span(i32::MAX),
            update: None,
            publish: span(0),
            ..terms(&admin, "huge").await
        };
        let mut fields = put(&admin, huge).await.unwrap_err().fields();
        fields.sort();
        assert_eq!(fields, ["policy.answer.amount", "policy.intake.amount", "policy.publish.amount", "policy.update"]);
        let many = pb::Policy {
            pauses: 101,
            pause_days: 367,
            extensions: 101,
            extension_days: 367,
            back_dating_days: 3_661,
            reply_days: i32::MAX,
            soon_days: 367,
            escalation_days: 0,
            ..terms(&admin, "many").await
        };
        assert_eq!(put(&admin, many).await.unwrap_err().fields().len(), 8);
        assert_eq!(all().await, before, "nothing half applied");
        // What begins later can tie too.
        let scope = Some(pb::PolicyScope { kind: pb::PetitionKind::Feedback.into(), ..pb::PolicyScope::default() });
        let later = pb::Policy { valid_from: Some(at("2026-06-01 00:00")), scope, ..terms(&admin, "later").await };
        put(&admin, later.clone()).await.unwrap();
        let rival = pb::Policy { name: "rival".to_owned(), version: String::new(), valid_from: None, ..later };
        assert_eq!(put(&admin, rival).await.unwrap_err().reason(), "POLICY_TIE");
    }

    async fn pauses_and_extensions_keep_to_their_length(world: World) {
        let admin = world.who("admin");
        let general = terms(&admin, "short").await;
        let short = pb::Policy { pauses: 2, pause_days: 2, extension_days: 9, scope: portal(), ..general };
        put(&admin, short).await.unwrap();
        world.add_mighty().await;
        world.when("2026-03-02 09:00");
        let code = world.citizen().submits(feedback_of("short")).await.code;
        world.dispatcher().does(Deed::Accept, &code).await;
        world.when("2026-03-04 09:00");
        // To be replied to by 11 March, but the clock stands still for two days at the most: Sunday 22 March and two.
        world.dispatcher().does(Deed::RequestInformation, &code).await;
        assert_eq!(due(&explained(&world.dispatcher(), &code).await, Clock::Answer), "2026-03-24");
        assert_eq!(world.who("mighty").tries(Deed::Extend, &code).await.unwrap_err().reason(), "PAUSED");
        // The question lapses.
        world.when("2026-03-12 00:00");
        world.run_workers().await;
        let all = explained(&world.dispatcher(), &code).await;
        assert_eq!((due(&all, Clock::Answer).as_str(), clock(&all, Clock::Answer).run()), ("2026-03-24", ClockRun::Running));
        // Asks for ten days.
        assert_eq!(world.who("mighty").tries(Deed::Extend, &code).await.unwrap_err().fields(), ["days"]);
    }

    /// Two days of a pause are used up long before the reply is due: the clock runs, may be extended, and is watched.
    async fn a_pause_that_is_used_up_is_none(world: World) {
        let admin = world.who("admin");
        let general = terms(&admin, "short").await;
        put(&admin, pb::Policy { pauses: 1, pause_days: 2, scope: portal(), ..general }).await.unwrap();
        world.add_mighty().await;
        world.when("2026-03-02 09:00");
        let (code, longer) = (world.citizen().submits(feedback_of("used")).await.code, world.citizen().submits(feedback_of("longer")).await.code);
        world.when("2026-03-04 09:00");
        for code in [&code, &longer] {
            world.dispatcher().does(Deed::Accept, code).await;
            let target = Some(pb::Target { code: code.clone(), ..pb::Target::default() });
            let ask = pb::RequestInformationRequest { target, question: "Xin cho biết thêm?".to_owned(), reply_days: 60 };
            call!(world.dispatcher(), casework.request_information, ask).unwrap();
        }
        let run = async |code: &str| clock(&explained(&world.dispatcher(), code).await, Clock::Answer).run();
        world.when("2026-03-06 08:59:59.999999");
        assert_eq!(run(&code).await, ClockRun::Paused);
        assert_eq!(world.who("mighty").tries(Deed::Extend, &longer).await.unwrap_err().reason(), "PAUSED");
        world.when("2026-03-06 09:00");
        assert_eq!(run(&code).await, ClockRun::Running);
        // Ten days from 24 March, a Friday.
        assert_eq!(world.who("mighty").does(Deed::Extend, &longer).await.answer_due.unwrap().date, "2026-04-03");
        let raised = async || {
            world.run_workers().await;
            world.dispatcher().reads(&code).await.unwrap().raised
        };
        let (soon, overdue) = (pb::WatchLevel::DueSoon.into(), pb::WatchLevel::Overdue.into());
        world.when("2026-03-24 23:59:59.999999");
        assert!(raised().await.contains(&soon) && !raised().await.contains(&overdue));
        world.when("2026-03-25 00:00");
        assert!(raised().await.contains(&overdue));
        assert_eq!(world.who("mighty").tries(Deed::Extend, &code).await.unwrap_err().reason(), "DUE_PASSED");
        // A late reply gives nothing back.
        world.citizen().does(Deed::ProvideInformation, &code).await;
        assert_eq!(due(&explained(&world.dispatcher(), &code).await, Clock::Answer), "2026-03-24");
    }

    async fn what_comes_after_hours_counts_from_the_next_working_day(world: World) {
        let admin = world.who("admin");
        put(&admin, pb::Policy { cutoff: "17:00".to_owned(), scope: portal(), ..terms(&admin, "cut").await }).await.unwrap();
        // A Friday.
        world.when("2026-03-06 16:59:59");
        assert_eq!(world.citizen().submits(feedback_of("in")).await.intake_due.unwrap().date, "2026-03-10");
        world.when("2026-03-06 17:00");
        let after = world.citizen().submits(feedback_of("after")).await;
        assert_eq!(after.intake_due.unwrap().date, "2026-03-11");
        let all = explained(&world.dispatcher(), &after.code).await;
        let days = &clock(&all, Clock::Intake).explanation.unwrap().spans[0].days;
        let marks: Vec<DayMark> = days.iter().map(pb::ExplainedDay::mark).collect();
        let cut = DayMark::AfterCutOff;
        assert_eq!(marks, [cut, cut, cut, DayMark::Event, DayMark::Counted, DayMark::Counted]);
        assert_eq!((days[1].day_off.as_str(), days[2].day_off.as_str()), ("SATURDAY", "SUNDAY"));
        let ask = pb::ComputeDeadlineRequest {
            from: Some(at("2026-03-06 18:00")),
            cutoff: "17:00".to_owned(),
            span: Some(pb::Span { amount: 2, unit: TimeUnit::WorkingDay.into() }),
            calendar: "vn".to_owned(),
            ..pb::ComputeDeadlineRequest::default()
        };
        let what_if = call!(world.dispatcher(), deadline.compute_deadline, ask).unwrap().explanation.unwrap();
        assert_eq!((&what_if.spans[0].days, what_if.calendar.as_str()), (days, "vn-2026-1"));
    }
}
