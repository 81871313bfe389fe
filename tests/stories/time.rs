//! Policies, and clocks that explain themselves.

use pakn::pb::{self, Clock, ClockRun, ClockStep, DayMark, TimeUnit};
use tonic::Code;

use crate::{
    call, on_both,
    world::{Deed, Person, Refused as _, at, days, feedback_of},
};

pub async fn explained(who: &Person<'_>, code: &str) -> pb::ExplainDeadlineResponse {
    call!(who, casework.explain_deadline, pb::ExplainDeadlineRequest { code: code.to_owned(), round: 0 }).unwrap()
}

pub fn clock(explained: &pb::ExplainDeadlineResponse, clock: Clock) -> pb::ExplainedClock {
    explained.clocks.iter().find(|one| one.clock() == clock).unwrap().clone()
}

pub fn due(explained: &pb::ExplainDeadlineResponse, which: Clock) -> String {
    clock(explained, which).explanation.unwrap().due.unwrap().date
}

/// The general terms, as a policy of another name.
pub async fn terms(who: &Person<'_>, name: &str) -> pb::Policy {
    let ask = pb::GetPolicyRequest { version: "general".to_owned() };
    let general = call!(who, deadline.get_policy, ask).unwrap().policy.unwrap();
    pb::Policy { version: String::new(), name: name.to_owned(), valid_from: None, ..general }
}

pub async fn put(who: &Person<'_>, policy: pb::Policy) -> Result<pb::Policy, tonic::Status> {
    let put = call!(who, deadline.put_policy, pb::PutPolicyRequest { policy: Some(policy), ..Default::default() })?;
    Ok(put.policy.unwrap())
}

/// Accepts a petition as urgent.
pub fn urgently(code: &str) -> pb::AcceptPetitionRequest {
    pb::AcceptPetitionRequest {
        target: Some(pb::Target { code: code.to_owned(), ..pb::Target::default() }),
        subject_class: pb::SubjectClass::Other.into(),
        field: "TELECOM".to_owned(),
        priority: pb::Priority::Urgent.into(),
        priority_reason: "Mất liên lạc cả xã".to_owned(),
        ..pb::AcceptPetitionRequest::default()
    }
}

on_both! {
    /// Every day from receipt to the due, with its reason; and the ledger that it follows from.
    async fn a_due_explains_itself_day_by_day(world: World) {
        let code = world.assigned("CUC-VT").await;
        let all = explained(&world.dispatcher(), &code).await;
        let answer = clock(&all, Clock::Answer);
        assert_eq!(answer.run(), ClockRun::Running);
        let explanation = answer.explanation.unwrap();
        assert_eq!((explanation.calendar.as_str(), explanation.policy.as_str()), ("vn-2026-1", "general-1"));
        assert!(explanation.basis.contains("574/QĐ-TTg"));
        let days = &explanation.spans[0].days;
        let marks: Vec<DayMark> = days.iter().map(pb::ExplainedDay::mark).collect();
        // Received on Friday 13 February; twenty days later is Thursday 5 March.
        assert_eq!((marks[0], days[0].date.as_str()), (DayMark::Event, "2026-02-13"));
        assert_eq!((days.len(), days[20].n, days[20].of, days[20].date.as_str()), (21, 20, 20, "2026-03-05"));
        assert_eq!((days[1].day_off.as_str(), days[4].day_off.as_str()), ("SATURDAY", "HOLIDAY"));
        assert_eq!(days[4].name, "Tết Nguyên đán");
        // Five working days to forward it, Tết skipped.
        let forward = clock(&all, Clock::Forward);
        assert_eq!(forward.run(), ClockRun::Stopped);
        let days = &forward.explanation.unwrap().spans[0].days;
        let skipped = days.iter().filter(|day| day.mark() == DayMark::Off).count();
        assert_eq!((skipped, days.last().unwrap().date.as_str(), days.last().unwrap().n), (9, "2026-02-27", 5));
        let steps: Vec<(Clock, ClockStep)> = all.ledger.iter().map(|entry| (entry.clock(), entry.step())).collect();
        assert_eq!(steps, [
            (Clock::Intake, ClockStep::Start), (Clock::Forward, ClockStep::Start), (Clock::Answer, ClockStep::Start),
            (Clock::Intake, ClockStep::Stop), (Clock::Forward, ClockStep::Stop),
        ]);
        let outsider = world.who("cuc-bc-handler");
        let ask = pb::ExplainDeadlineRequest { code: code.clone(), round: 0 };
        assert_eq!(call!(outsider, casework.explain_deadline, ask).unwrap_err().code(), Code::NotFound);
    }

    /// What-if questions, of anybody with a token.
    async fn what_if(world: World) {
        let ask = |from: &str, amount, unit: TimeUnit, cutoff: &str| pb::ComputeDeadlineRequest {
            from: Some(at(from)),
            span: Some(pb::Span { amount, unit: unit.into() }),
            cutoff: cutoff.to_owned(),
            ..pb::ComputeDeadlineRequest::default()
        };
        let handler = world.who("cuc-vt-handler");
        let due = async |question| {
            let found = call!(handler, deadline.compute_deadline, question).unwrap().explanation.unwrap();
            found.due.unwrap()
        };
        assert_eq!(due(ask("2026-02-13 09:00", 5, TimeUnit::WorkingDay, "")).await.date, "2026-02-27");
        assert_eq!(due(ask("2026-03-06 18:00", 2, TimeUnit::WorkingDay, "17:00")).await.date, "2026-03-11");
        let hours = due(ask("2026-03-06 16:00", 4, TimeUnit::WorkingHour, "")).await;
        assert_eq!((hours.date.as_str(), hours.at), ("2026-03-09", Some(at("2026-03-09 11:00"))));
        assert!(due(ask("2026-12-20 09:00", 20, TimeUnit::CalendarDay, "")).await.provisional);
        // Where calendars end, nothing is counted.
        let last = due(ask("2200-12-29 09:00", 1, TimeUnit::WorkingDay, "")).await;
        assert_eq!((last.date.as_str(), last.at), ("2200-12-30", Some(at("2200-12-31 00:00"))));
        for (amount, unit) in [(9, TimeUnit::WorkingDay), (9, TimeUnit::CalendarDay), (40, TimeUnit::WorkingHour)] {
            let beyond = call!(handler, deadline.compute_deadline, ask("2200-12-29 09:00", amount, unit, "")).unwrap_err();
            assert_eq!(beyond.fields(), ["span"], "{amount}");
        }
    }

    /// And which policy would win, what it gives, and on what basis.
    async fn what_if_it_were(world: World) {
        let administrator = world.who("admin");
        let scope = Some(pb::PolicyScope { unit: "CUC-VT".to_owned(), ..pb::PolicyScope::default() });
        let span = |amount, unit: TimeUnit| Some(pb::Span { amount, unit: unit.into() });
        let own = pb::Policy { scope, answer: span(9, TimeUnit::CalendarDay), cutoff: "16:30".to_owned(), ..terms(&administrator, "vt").await };
        put(&administrator, own).await.unwrap();
        world.advance(days(1));
        let ask = || pb::ComputeDeadlineRequest { from: Some(at("2026-03-02 09:00")), ..pb::ComputeDeadlineRequest::default() };
        let handler = world.who("cuc-vt-handler");
        let found = async |question| {
            let found = call!(handler, deadline.compute_deadline, question).unwrap().explanation.unwrap();
            (found.policy, found.due.unwrap().date, found.basis)
        };
        let (policy, due, basis) = found(ask()).await;
        assert_eq!((policy.as_str(), due.as_str()), ("general-1", "2026-03-23"));
        assert!(basis.contains("574/QĐ-TTg"), "{basis}");
        let class = pb::SubjectClass::Regulation.into();
        let (policy, due, basis) = found(pb::ComputeDeadlineRequest { subject_class: class, ..ask() }).await;
        assert_eq!((policy.as_str(), due.as_str()), ("documents-1", "2026-03-17"));
        assert!(basis.contains("89/CĐ-TTg"), "{basis}");
        let (urgent, forward) = (pb::Priority::Urgent.into(), Clock::Forward.into());
        let (policy, due, _) = found(pb::ComputeDeadlineRequest { priority: urgent, clock: forward, ..ask() }).await;
        assert_eq!((policy.as_str(), due.as_str()), ("urgent-1", "2026-03-02"));
        // The unit's own, with its cut-off: of the next day, so nine days from 3 March.
        let (unit, from) = ("CUC-VT".to_owned(), Some(at("2026-03-02 17:00")));
        let (policy, due, _) = found(pb::ComputeDeadlineRequest { unit, from, ..ask() }).await;
        assert_eq!((policy.as_str(), due.as_str()), ("vt-1", "2026-03-12"));
        let (policy, due, _) = found(pb::ComputeDeadlineRequest { clock: forward, span: span(1, TimeUnit::WorkingDay), ..ask() }).await;
        assert_eq!((policy.as_str(), due.as_str()), ("general-1", "2026-03-03"), "a span that is given is counted");
        let none = pb::ComputeDeadlineRequest { clock: Clock::Unit.into(), ..ask() };
        assert_eq!(call!(handler, deadline.compute_deadline, none).unwrap_err().fields(), ["clock"]);
    }

    /// Questions stop the clocks where the policy says so, and give back the days.
    async fn a_pause_gives_back_its_days(world: World) {
        let administrator = world.who("admin");
        let pausing = pb::Policy {
            pauses: 1,
            pause_days: 30,
            scope: Some(pb::PolicyScope { channel: pb::Channel::Portal.into(), ..pb::PolicyScope::default() }),
            ..terms(&administrator, "portal").await
        };
        put(&administrator, pausing).await.unwrap();
        world.when("2026-03-02 09:00");
        let code = world.citizen().submits(feedback_of("pause")).await.code;
        let late = world.citizen().submits(feedback_of("late")).await.code;
        for code in [&code, &late] {
            world.dispatcher().does(Deed::Accept, code).await;
        }
        assert_eq!(due(&explained(&world.dispatcher(), &code).await, Clock::Answer), "2026-03-23");
        world.when("2026-03-04 09:00");
        world.dispatcher().does(Deed::RequestInformation, &code).await;
        let paused = explained(&world.dispatcher(), &code).await;
        assert_eq!(clock(&paused, Clock::Answer).run(), ClockRun::Paused);
        // Five working days to reply, until 11 March: seven days at the most.
        assert_eq!(due(&paused, Clock::Answer), "2026-03-30");
        world.when("2026-03-06 15:00");
        world.citizen().does(Deed::ProvideInformation, &code).await;
        let resumed = explained(&world.dispatcher(), &code).await;
        // 5 and 6 March are given back: 24 March.
        assert_eq!((due(&resumed, Clock::Answer), clock(&resumed, Clock::Answer).run()), ("2026-03-24".to_owned(), ClockRun::Running));
        let days = &clock(&resumed, Clock::Answer).explanation.unwrap().spans[0].days;
        assert_eq!(days.iter().filter(|day| day.mark() == DayMark::Paused && day.n == 1).count(), 2);
        // One pause is what the policy gives.
        world.dispatcher().does(Deed::RequestInformation, &code).await;
        assert_eq!(due(&explained(&world.dispatcher(), &code).await, Clock::Answer), "2026-03-24");
        // And none begins after the due.
        world.when("2026-03-24 09:00");
        world.dispatcher().does(Deed::RequestInformation, &late).await;
        let asked = explained(&world.dispatcher(), &late).await;
        assert_eq!((due(&asked, Clock::Answer), clock(&asked, Clock::Answer).run()), ("2026-03-23".to_owned(), ClockRun::Running));
    }

    /// What it is said to be decides its policy, counted from receipt; but a due that has passed stays.
    async fn reclassifying_counts_from_receipt(world: World) {
        let code = world.assigned("CUC-VT").await;
        let outcome = world.dispatcher().does(Deed::Reclassify, &code).await;
        // Fifteen days for legal documents: Saturday 28 February moves to Monday.
        assert_eq!(outcome.answer_due.unwrap().date, "2026-03-02");
        let moved = explained(&world.dispatcher(), &code).await.ledger.pop().unwrap();
        assert_eq!((moved.step(), moved.reason.as_str()), (ClockStep::Recalculate, "Vì lý do nêu trong hồ sơ."));
        let explanation = explained(&world.dispatcher(), &code).await;
        assert_eq!(clock(&explanation, Clock::Answer).explanation.unwrap().policy, "documents-1");
        world.run_workers().await;
        assert!(world.letters().iter().any(|letter| letter.text.contains("đã thay đổi") && letter.text.contains("02/03/2026")));
        // Overdue by now: going back to twenty days does not help.
        world.when("2026-03-03 00:00");
        let back = pb::ReclassifyPetitionRequest {
            target: Some(pb::Target { code: code.clone(), ..pb::Target::default() }),
            subject_class: pb::SubjectClass::Other.into(),
            reason: "Không phải văn bản".to_owned(),
            ..pb::ReclassifyPetitionRequest::default()
        };
        let outcome = call!(world.dispatcher(), casework.reclassify_petition, back).unwrap().outcome.unwrap();
        assert_eq!(outcome.answer_due.unwrap().date, "2026-03-02");
    }

    /// What is kept and told as the original due is what the policy that was chosen last gave.
    async fn the_original_due_is_that_of_the_policy_chosen(world: World) {
        let stated = pb::SubjectClass::Regulation.into();
        let submitted = world.citizen().submits(pb::SubmitPetitionRequest { subject_class: stated, ..feedback_of("law") }).await;
        assert_eq!(submitted.answer_due.unwrap().date, "2026-03-02");
        let original = async |code: &str| world.dispatcher().reads(code).await.unwrap().original_due.unwrap().date;
        // No matter of law after all: twenty days.
        world.dispatcher().does(Deed::Accept, &submitted.code).await;
        assert_eq!(original(&submitted.code).await, "2026-03-05");
        world.dispatcher().does(Deed::Assign("CUC-VT"), &submitted.code).await;
        let extended = world.who("office-head").does(Deed::Extend, &submitted.code).await;
        assert_eq!(extended.answer_due.unwrap().date, "2026-03-16");
        world.run_workers().await;
        let told = |of: &str, words: &str| {
            let letters = world.letters().into_iter();
            let found: Vec<String> = letters.filter(|letter| letter.to == of && letter.text.contains(words)).map(|letter| letter.text).collect();
            found.last().unwrap().clone()
        };
        let letter = told("law@example.vn", "gia hạn");
        assert!(letter.contains("05/03/2026") && letter.contains("16/03/2026"), "{letter}");
        // Chosen once more after that: the extension is not part of the original.
        world.dispatcher().does(Deed::Reclassify, &submitted.code).await;
        assert_eq!(original(&submitted.code).await, "2026-03-02");
        world.run_workers().await;
        let letter = told("law@example.vn", "đã thay đổi");
        assert!(letter.contains("ban đầu: 16/03/2026") && letter.contains("mới: 12/03/2026"), "what was promised before: {letter}");
    }

    /// Urgent is four working hours to forward, from receipt.
    async fn urgent_counts_in_hours(world: World) {
        world.when("2026-03-06 15:30");
        let code = world.citizen().submits(feedback_of("urgent")).await.code;
        call!(world.dispatcher(), casework.accept_petition, urgently(&code)).unwrap();
        let forward = clock(&explained(&world.dispatcher(), &code).await, Clock::Forward).explanation.unwrap();
        assert_eq!(forward.due.unwrap().at, Some(at("2026-03-09 10:30")));
        assert_eq!(forward.policy, "urgent-1");
    }

    /// Late, the petitioner is told how it stands, and the next note is due a week later.
    async fn progress_is_posted_once_late(world: World) {
        let code = world.assigned("CUC-VT").await;
        let handler = world.who("cuc-vt-handler");
        let early = handler.tries(Deed::PostProgress, &code).await.unwrap_err();
        assert_eq!(early.reason(), "NOT_OVERDUE");
        world.when("2026-03-06 09:00");
        handler.does(Deed::PostProgress, &code).await;
        assert_eq!(due(&explained(&handler, &code).await, Clock::Update), "2026-03-13");
        world.run_workers().await;
        assert!(world.letters().iter().any(|letter| letter.text.contains("Tiến độ xử lý")));
    }

    /// The unit's time begins with each unit that gets it, not with each person in it, and ends with its draft.
    async fn custody_is_timed_beside_the_citizens_clock(world: World) {
        let administrator = world.who("admin");
        let timed = pb::Policy {
            unit: Some(pb::Span { amount: 5, unit: TimeUnit::WorkingDay.into() }),
            scope: Some(pb::PolicyScope { channel: pb::Channel::Portal.into(), ..pb::PolicyScope::default() }),
            ..terms(&administrator, "portal").await
        };
        put(&administrator, timed).await.unwrap();
        world.when("2026-03-02 09:00");
        let code = world.citizen().submits(feedback_of("custody")).await.code;
        world.dispatcher().does(Deed::Accept, &code).await;
        world.dispatcher().does(Deed::Assign("CUC-VT"), &code).await;
        let first = explained(&world.dispatcher(), &code).await;
        assert_eq!(due(&first, Clock::Unit), "2026-03-09");
        world.advance(days(1));
        world.dispatcher().does(Deed::Assign("CUC-VT"), &code).await;
        assert_eq!(due(&explained(&world.dispatcher(), &code).await, Clock::Unit), "2026-03-09");
        world.dispatcher().does(Deed::Assign("CUC-TS"), &code).await;
        let moved = explained(&world.dispatcher(), &code).await;
        assert_eq!((due(&moved, Clock::Unit), due(&moved, Clock::Answer)), ("2026-03-10".to_owned(), due(&first, Clock::Answer)));
        world.who("cuc-ts-handler").does(Deed::SaveDraft, &code).await;
        world.who("cuc-ts-handler").does(Deed::SubmitDraft, &code).await;
        assert_eq!(clock(&explained(&world.dispatcher(), &code).await, Clock::Unit).run(), ClockRun::Stopped);
        // Never later than the answer.
        world.when("2026-03-19 09:00");
        world.dispatcher().does(Deed::Assign("CUC-VT"), &code).await;
        assert_eq!(due(&explained(&world.dispatcher(), &code).await, Clock::Unit), due(&first, Clock::Answer));
    }

    /// Policies: the more specific wins, ties are refused when written, a new version touches later receipts only.
    async fn policies_are_versioned_and_do_not_tie(world: World) {
        let administrator = world.who("admin");
        world.when("2026-03-02 09:00");
        let before = world.citizen().submits(feedback_of("before")).await.code;
        world.advance(days(1));
        let shorter = pb::Policy { answer: Some(pb::Span { amount: 10, unit: TimeUnit::CalendarDay.into() }), ..terms(&administrator, "general").await };
        assert_eq!(put(&administrator, shorter.clone()).await.unwrap().version, "general-2");
        let after = world.citizen().submits(feedback_of("after")).await.code;
        assert_eq!(due(&explained(&world.dispatcher(), &before).await, Clock::Answer), "2026-03-23");
        assert_eq!(due(&explained(&world.dispatcher(), &after).await, Clock::Answer), "2026-03-13");
        // Accepting chooses among what was in force at receipt.
        world.dispatcher().does(Deed::Accept, &before).await;
        assert_eq!(due(&explained(&world.dispatcher(), &before).await, Clock::Answer), "2026-03-23");
        let tie = put(&administrator, pb::Policy { name: "other".to_owned(), ..shorter.clone() }).await.unwrap_err();
        assert_eq!(tie.reason(), "POLICY_TIE");
        let past = pb::Policy { valid_from: Some(at("2026-03-01 00:00")), ..shorter };
        let past = put(&administrator, past).await.unwrap_err();
        assert!(past.message().contains("past"), "{past}");
        let nothing = pb::Policy { answer: Some(pb::Span { amount: 0, unit: 0 }), basis: String::new(), ..terms(&administrator, "general").await };
        let faults = put(&administrator, nothing).await.unwrap_err();
        for part in ["policy.answer.amount", "policy.answer.unit", "policy.basis"] {
            assert!(faults.message().contains(part), "{faults}");
        }
        assert_eq!(put(&world.dispatcher(), terms(&administrator, "mine").await).await.unwrap_err().code(), Code::PermissionDenied);
    }

    /// Accepting as urgent and assigning in one step is no way round the four hours.
    async fn urgency_counts_though_it_is_assigned_at_once(world: World) {
        world.when("2026-03-02 09:00");
        let code = world.citizen().submits(feedback_of("urgent")).await.code;
        world.when("2026-03-05 09:00");
        let assignment = Some(pb::Assignment { unit: "CUC-VT".to_owned(), ..pb::Assignment::default() });
        let accept = pb::AcceptPetitionRequest { assignment, ..urgently(&code) };
        call!(world.dispatcher(), casework.accept_petition, accept).unwrap();
        let forward = clock(&explained(&world.dispatcher(), &code).await, Clock::Forward);
        let explanation = forward.explanation.clone().unwrap();
        assert_eq!((forward.run(), explanation.due.unwrap().at), (ClockRun::Stopped, Some(at("2026-03-02 14:00"))));
        assert_eq!(explanation.policy, "urgent-1");
    }

    /// A draft that awaits approval with its finding is not made a conduct case under the approver's hands.
    async fn a_finding_is_not_slipped_past(world: World) {
        let code = world.awaiting_approval().await;
        let conduct = pb::ReclassifyPetitionRequest {
            target: Some(pb::Target { code: code.clone(), ..pb::Target::default() }),
            subject_class: pb::SubjectClass::Conduct.into(),
            concerned_unit: "CUC-BC".to_owned(),
            reason: "Về hành vi".to_owned(),
            ..pb::ReclassifyPetitionRequest::default()
        };
        let refused = call!(world.dispatcher(), casework.reclassify_petition, conduct.clone()).unwrap_err();
        assert_eq!(refused.reason(), "AWAITING_APPROVAL");
        world.who("cuc-vt-approver").does(Deed::SendBack, &code).await;
        let own = pb::ReclassifyPetitionRequest { concerned_unit: "CUC-VT".to_owned(), ..conduct.clone() };
        let holder = call!(world.dispatcher(), casework.reclassify_petition, own).unwrap_err();
        assert!(holder.message().contains("concerned_unit"), "{holder}");
        call!(world.dispatcher(), casework.reclassify_petition, conduct).unwrap();
    }
}
