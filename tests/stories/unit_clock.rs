//! The clock of a unit: never due after the answer, explained to its end, running on as if it had never stopped.

use pakn::pb::{self, Clock, ClockRun, DayMark, TimeUnit};

use crate::{
    call, on_both,
    time::{clock, due, explained, put, terms},
    world::{Deed, World, days, feedback_of},
};

fn portal() -> Option<pb::PolicyScope> {
    Some(pb::PolicyScope { channel: pb::Channel::Portal.into(), ..pb::PolicyScope::default() })
}

fn working_days(amount: i32) -> Option<pb::Span> {
    Some(pb::Span { amount, unit: TimeUnit::WorkingDay.into() })
}

/// A policy that gives units more time than there is to answer, and questions a pause.
async fn long_unit(world: &World) {
    let administrator = world.who("admin");
    let general = terms(&administrator, "portal").await;
    let policy = pb::Policy { unit: working_days(30), scope: portal(), pauses: 1, pause_days: 30, ..general };
    put(&administrator, policy.clone()).await.unwrap();
    // And for legal documents, which are answered sooner.
    let scope = Some(pb::PolicyScope { subject_class: pb::SubjectClass::Regulation.into(), ..portal().unwrap() });
    let answer = Some(pb::Span { amount: 15, unit: TimeUnit::CalendarDay.into() });
    let documents = pb::Policy { name: "law".to_owned(), scope, answer, ..policy };
    put(&administrator, documents).await.unwrap();
    world.when("2026-03-02 09:00");
}

on_both! {
    async fn a_unit_is_never_due_after_the_answer(world: World) {
        long_unit(&world).await;
        let code = world.awaiting_approval().await;
        // The answer moves nearer while the unit's clock has stopped.
        world.dispatcher().does(Deed::Reclassify, &code).await;
        world.who("cuc-vt-approver").does(Deed::SendBack, &code).await;
        let all = explained(&world.dispatcher(), &code).await;
        assert_eq!((due(&all, Clock::Answer).as_str(), due(&all, Clock::Unit).as_str()), ("2026-03-17", "2026-03-17"));
        // And when it moves away, the unit has that time too.
        let other = world.awaiting_approval().await;
        world.who("office-head").does(Deed::Extend, &other).await;
        world.who("cuc-vt-approver").does(Deed::SendBack, &other).await;
        let all = explained(&world.dispatcher(), &other).await;
        assert_eq!((due(&all, Clock::Answer).as_str(), due(&all, Clock::Unit).as_str()), ("2026-04-02", "2026-04-02"));
    }

    async fn a_pause_gives_its_days_to_the_unit_too(world: World) {
        long_unit(&world).await;
        let code = world.assigned("CUC-VT").await;
        world.who("cuc-vt-handler").does(Deed::Start, &code).await;
        world.when("2026-03-04 09:00");
        world.dispatcher().does(Deed::RequestInformation, &code).await;
        world.when("2026-03-06 15:00");
        world.citizen().does(Deed::ProvideInformation, &code).await;
        let all = explained(&world.dispatcher(), &code).await;
        assert_eq!((due(&all, Clock::Answer).as_str(), due(&all, Clock::Unit).as_str()), ("2026-03-24", "2026-03-24"));
    }

    async fn an_explanation_ends_on_its_due(world: World) {
        long_unit(&world).await;
        let code = world.assigned("CUC-VT").await;
        let all = explained(&world.dispatcher(), &code).await;
        for clock in &all.clocks {
            let found = clock.explanation.clone().unwrap();
            let last = found.spans.last().unwrap().days.last().unwrap();
            assert_eq!(last.date, found.due.unwrap().date, "{:?}", clock.clock());
            assert_eq!(last.mark() == DayMark::Held, clock.clock() == Clock::Unit);
        }
    }

    async fn the_cut_off_is_for_receipts_alone(world: World) {
        let admin = world.who("admin");
        let scope = |class| Some(pb::PolicyScope { subject_class: class, ..portal().unwrap() });
        let plain = pb::Policy { unit: working_days(5), scope: scope(0), ..terms(&admin, "plain").await };
        put(&admin, plain).await.unwrap();
        let regulation = scope(pb::SubjectClass::Regulation.into());
        let cutoff = "16:30".to_owned();
        let cut = pb::Policy { unit: working_days(5), cutoff, scope: regulation, ..terms(&admin, "cut").await };
        put(&admin, cut).await.unwrap();
        world.when("2026-03-02 09:00");
        let code = world.citizen().submits(feedback_of("cut")).await.code;
        world.dispatcher().does(Deed::Accept, &code).await;
        world.when("2026-03-02 17:00");
        world.dispatcher().does(Deed::Assign("CUC-VT"), &code).await;
        world.dispatcher().does(Deed::Reclassify, &code).await;
        assert_eq!(due(&explained(&world.dispatcher(), &code).await, Clock::Unit), "2026-03-09");
    }

    /// What a petition is said to be decides whether its unit has a time of its own: from the assignment, however late
    /// that is said, and with the days that a question took.
    async fn a_class_gives_the_unit_its_time_or_takes_it(world: World) {
        let admin = world.who("admin");
        let general = terms(&admin, "portal").await;
        put(&admin, pb::Policy { scope: portal(), pauses: 1, pause_days: 30, ..general }).await.unwrap();
        let law = Some(pb::PolicyScope { subject_class: pb::SubjectClass::Regulation.into(), ..portal().unwrap() });
        let timed = pb::Policy { scope: law, unit: working_days(5), pauses: 1, pause_days: 30, ..terms(&admin, "law").await };
        put(&admin, timed).await.unwrap();
        world.when("2026-03-02 09:00");
        let say = async |code: &str, class: pb::SubjectClass| {
            let reclassify = pb::ReclassifyPetitionRequest {
                target: Some(pb::Target { code: code.to_owned(), ..pb::Target::default() }),
                subject_class: class.into(),
                reason: "Phân loại lại".to_owned(),
                ..pb::ReclassifyPetitionRequest::default()
            };
            call!(world.dispatcher(), casework.reclassify_petition, reclassify).unwrap();
        };
        let unit = async |code: &str| {
            let all = explained(&world.dispatcher(), code).await;
            let found = all.clocks.iter().find(|one| one.clock() == Clock::Unit).cloned();
            found.map(|found| (found.run(), found.explanation.unwrap().due.unwrap().date))
        };
        let on = |run, day: &str| Some((run, day.to_owned()));
        let (code, other) = (world.assigned("CUC-VT").await, world.assigned("CUC-VT").await);
        assert_eq!(unit(&code).await, None);
        // Another person in the unit does not begin it anew.
        world.when("2026-03-03 09:00");
        for code in [&code, &other] {
            world.dispatcher().does(Deed::Assign("CUC-VT"), code).await;
        }
        world.when("2026-03-04 09:00");
        say(&code, pb::SubjectClass::Regulation).await;
        assert_eq!(unit(&code).await, on(ClockRun::Running, "2026-03-09"));
        say(&code, pb::SubjectClass::Other).await;
        assert_eq!(unit(&code).await, on(ClockRun::Stopped, "2026-03-09"));
        world.when("2026-03-05 09:00");
        say(&code, pb::SubjectClass::Regulation).await;
        assert_eq!(unit(&code).await, on(ClockRun::Running, "2026-03-09"));
        // While a question is open it stands still with the answer.
        world.who("cuc-vt-handler").does(Deed::Start, &other).await;
        world.dispatcher().does(Deed::RequestInformation, &other).await;
        say(&other, pb::SubjectClass::Regulation).await;
        assert_eq!(unit(&other).await.unwrap().0, ClockRun::Paused);
        world.when("2026-03-06 15:00");
        world.citizen().does(Deed::ProvideInformation, &other).await;
        assert_eq!(unit(&other).await, on(ClockRun::Running, "2026-03-10"));
        // A draft that comes back finds its unit with the time that the policy has by then.
        for deed in [Deed::SaveDraft, Deed::SubmitDraft] {
            world.who("cuc-vt-handler").does(deed, &code).await;
        }
        say(&code, pb::SubjectClass::Other).await;
        world.who("cuc-vt-approver").does(Deed::SendBack, &code).await;
        assert_eq!(unit(&code).await, on(ClockRun::Stopped, "2026-03-09"));
    }

    /// A return, a draft sent back, an answer recalled: clocks go on from where they began.
    async fn clocks_run_on_as_if_never_stopped(world: World) {
        let admin = world.who("admin");
        put(&admin, pb::Policy { unit: working_days(5), scope: portal(), ..terms(&admin, "portal").await }).await.unwrap();
        let runs = async |code: &str, which: Clock| {
            let all = explained(&world.dispatcher(), code).await;
            (clock(&all, which).run(), due(&all, which))
        };
        let on = |run, day: &str| (run, day.to_owned());
        let code = world.assigned("CUC-VT").await;
        world.advance(days(10));
        world.who("cuc-vt-handler").does(Deed::Return, &code).await;
        assert_eq!(runs(&code, Clock::Forward).await, on(ClockRun::Running, "2026-02-27"));
        // Monday 23 February: the unit has until 2 March.
        world.dispatcher().does(Deed::Assign("CUC-VT"), &code).await;
        assert_eq!(runs(&code, Clock::Forward).await, on(ClockRun::Stopped, "2026-02-27"));
        for deed in [Deed::SaveDraft, Deed::SubmitDraft] {
            world.who("cuc-vt-handler").does(deed, &code).await;
        }
        assert_eq!(runs(&code, Clock::Unit).await, on(ClockRun::Stopped, "2026-03-02"));
        world.who("cuc-vt-approver").does(Deed::SendBack, &code).await;
        assert_eq!(runs(&code, Clock::Unit).await, on(ClockRun::Running, "2026-03-02"));
        world.who("cuc-vt-handler").does(Deed::SubmitDraft, &code).await;
        world.who("cuc-vt-approver").does(Deed::Approve, &code).await;
        world.dispatcher().does(Deed::RecallAnswer, &code).await;
        assert_eq!(runs(&code, Clock::Unit).await, on(ClockRun::Running, "2026-03-02"));
        for deed in [Deed::Refuse, Deed::Transfer] {
            let ended = world.citizen().submits(feedback_of("ended")).await.code;
            world.dispatcher().does(deed, &ended).await;
            let all = explained(&world.dispatcher(), &ended).await;
            assert!(all.clocks.iter().all(|one| one.run() == ClockRun::Stopped), "{all:?}");
        }
    }

    /// A late answer that is recalled owes its note again.
    async fn a_recalled_answer_owes_its_note_again(world: World) {
        let code = world.assigned("CUC-VT").await;
        world.when("2026-03-06 09:00");
        let handler = world.who("cuc-vt-handler");
        for deed in [Deed::PostProgress, Deed::SaveDraft, Deed::SubmitDraft] {
            handler.does(deed, &code).await;
        }
        world.who("cuc-vt-approver").does(Deed::Approve, &code).await;
        world.dispatcher().does(Deed::RecallAnswer, &code).await;
        let all = explained(&handler, &code).await;
        assert_eq!((clock(&all, Clock::Update).run(), due(&all, Clock::Update).as_str()), (ClockRun::Running, "2026-03-13"));
    }
}
