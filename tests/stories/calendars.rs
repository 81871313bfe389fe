//! Calendars: put, previewed, applied; what they move and what they leave.

use pakn::pb::{self, Clock, ClockStep, TimeUnit, Weekday};
use sea_orm::{ConnectionTrait as _, Statement};
use tonic::Code;

use crate::{
    call, on_both,
    time::{clock, due, explained, put, terms},
    world::{Deed, Person, Refused as _, World, at, feedback_of, minutes},
};

/// Imports a file of special days; gives the version.
async fn imported(who: &Person<'_>, name: &str, unit: &str, days: &str) -> Result<pb::Calendar, tonic::Status> {
    let import = pb::ImportCalendarRequest {
        name: name.to_owned(),
        unit: unit.to_owned(),
        format: pb::CalendarFormat::Csv.into(),
        content: format!("date,status,name\n{days}"),
        unpublished: false,
        ..Default::default()
    };
    Ok(call!(who, deadline.import_calendar, import)?.calendar.unwrap())
}

/// The special days of 2026 with some more.
async fn year_with(who: &Person<'_>, more: &str) -> String {
    let export = pb::ExportCalendarRequest { version: "vn".to_owned(), format: pb::CalendarFormat::Csv.into() };
    let kept = call!(who, deadline.export_calendar, export).unwrap().content;
    let year: String = kept.lines().filter(|line| line.starts_with("2026")).map(|line| format!("{line}\n")).collect();
    year + more
}

async fn apply(who: &Person<'_>, version: &str, base: &str, document: &str) -> Result<pb::Calendar, tonic::Status> {
    let (version, base, document) = (version.to_owned(), base.to_owned(), document.to_owned());
    let applied = call!(
        who,
        deadline.apply_calendar,
        pb::ApplyCalendarRequest { version, base, document, ..Default::default() }
    )?;
    Ok(applied.calendar.unwrap())
}

async fn preview(who: &Person<'_>, version: &str) -> pb::PreviewCalendarResponse {
    let ask = pb::PreviewCalendarRequest { version: version.to_owned(), size: 10 };
    call!(who, deadline.preview_calendar, ask).unwrap()
}

fn stride_of_two(process: &pakn::app::App) -> pakn::app::App {
    process.with_job_stride(2)
}

async fn recalculated(world: &World) {
    while world.app.recalculate().await.unwrap() {}
}

on_both! {
    /// A holiday added late moves what is open, and not what has ended or what has passed.
    async fn a_holiday_added_late_moves_open_rounds(world: World) {
        let administrator = world.who("admin");
        let ended = world.answered().await;
        let open = world.assigned("CUC-VT").await;
        let before = explained(&world.dispatcher(), &open).await;
        assert_eq!(due(&before, Clock::Answer), "2026-03-05");
        world.when("2026-02-27 08:00");
        let days = year_with(&administrator, "2026-03-05,off,Nghỉ đột xuất\n").await;
        let put = imported(&administrator, "vn", "", &days).await.unwrap();
        assert_eq!((put.version.as_str(), put.active), ("vn-2", false));
        assert_eq!(due(&explained(&world.dispatcher(), &open).await, Clock::Answer), "2026-03-05", "not applied yet");

        let shown = preview(&administrator, "vn-2").await;
        assert_eq!((shown.base.as_str(), shown.looked_at, shown.moved, shown.later, shown.earlier), ("vn-2026-1", 1, 1, 1, 0));
        assert_eq!(shown.rounds[0].code, "", "an administrator does not see petitions");
        assert_eq!((shown.rounds[0].from.clone().unwrap().date, shown.rounds[0].to.clone().unwrap().date), ("2026-03-05".into(), "2026-03-06".into()));
        assert!(shown.past_days.is_empty());
        let stale = apply(&administrator, "vn-2", "vn-1", "").await.unwrap_err();
        assert_eq!(stale.told(), (Code::Aborted, "MOVED".to_owned()));
        assert!(apply(&administrator, "vn-2", "vn-2026-1", "21/QĐ-TTg").await.unwrap().active);
        recalculated(&world).await;

        let after = explained(&world.dispatcher(), &open).await;
        assert_eq!(due(&after, Clock::Answer), "2026-03-06");
        assert_eq!(clock(&after, Clock::Answer).explanation.unwrap().calendar, "vn-2");
        let last = after.ledger.last().unwrap();
        assert_eq!((last.step(), last.actor.as_str(), last.event.as_str()), (ClockStep::Recalculate, "system", "RECALCULATED"));
        assert_eq!(last.document, "21/QĐ-TTg", "which paper moved it");
        let petition = world.dispatcher().reads(&open).await.unwrap();
        assert_eq!(petition.summary.unwrap().answer_due.unwrap().date, "2026-03-06");
        assert_eq!(petition.extensions, 0);
        // What has ended stays as it was explained then.
        let kept = explained(&world.dispatcher(), &ended).await;
        assert_eq!(clock(&kept, Clock::Answer).explanation.unwrap().calendar, "vn-2026-1");
        // The petitioner is told.
        world.run_workers().await;
        let told = world.letters().into_iter().filter(|letter| letter.text.contains("đã thay đổi")).collect::<Vec<_>>();
        assert!(told.len() == 1 && told[0].text.contains("06/03/2026"), "{}", told.len());
        // A job that is done is not done again.
        let events = after.ledger.len();
        recalculated(&world).await;
        assert_eq!(explained(&world.dispatcher(), &open).await.ledger.len(), events);
        assert!(world.app.verify_offline(None).await.unwrap().broken.is_none());
    }

    /// A due that has passed never moves later, whatever the calendar says; one that a working Saturday brings nearer
    /// does move.
    async fn a_passed_due_stays(world: World) {
        let administrator = world.who("admin");
        let late = world.assigned("CUC-VT").await;
        world.when("2026-03-06 00:00");
        let open = world.citizen().submits(feedback_of("later")).await.code;
        assert_eq!(due(&explained(&world.dispatcher(), &open).await, Clock::Intake), "2026-03-10");
        let days = year_with(&administrator, "2026-03-05,off,Nghỉ\n2026-03-07,worked,Làm bù\n").await;
        imported(&administrator, "vn", "", &days).await.unwrap();
        let shown = preview(&administrator, "vn-2").await;
        assert_eq!(shown.past_days, ["2026-03-05"]);
        let one = apply(&administrator, "vn-2", "", "").await.unwrap_err();
        assert!(one.message().contains("document"), "{one}");
        let two = apply(&administrator, "vn-2", "", "12/QĐ-TTg").await.unwrap_err();
        assert_eq!(two.reason(), "SECOND_ADMINISTRATOR");
        world.add_account("second", "BTTTT", &[pakn::domain::words::Role::Administrator]).await;
        assert!(apply(&world.who("second"), "vn-2", "", "12/QĐ-TTg").await.unwrap().active);
        // Nobody put what was shipped: going back to it is no way for one alone to change the past.
        for login in ["admin", "second"] {
            let back = apply(&world.who(login), "vn-2026-1", "", "13/QĐ-TTg").await.unwrap_err();
            assert_eq!(back.reason(), "SECOND_ADMINISTRATOR");
        }
        recalculated(&world).await;
        assert_eq!(due(&explained(&world.dispatcher(), &late).await, Clock::Answer), "2026-03-05");
        assert_eq!(due(&explained(&world.dispatcher(), &open).await, Clock::Intake), "2026-03-09");
    }

    /// What was answered is owed to the public by the calendar as it is now, also where that comes earlier.
    async fn a_working_day_added_brings_publication_nearer(world: World) {
        let code = world.answered().await;
        let owed = async |when: &str| {
            world.when(when);
            world.run_workers().await;
            let raised = world.dispatcher().reads(&code).await.unwrap().raised;
            raised.contains(&pb::WatchLevel::Unpublished.into())
        };
        // Five working days from Friday 13 February end on the 27th, over Tết; with a moved Saturday on the 26th.
        let days = year_with(&world.who("admin"), "2026-02-14,worked,Làm bù\n").await;
        imported(&world.who("admin"), "vn", "", &days).await.unwrap();
        apply(&world.who("admin"), "vn-2", "", "").await.unwrap();
        recalculated(&world).await;
        assert!(!owed("2026-02-26 23:59:59").await);
        assert!(owed("2026-02-27 00:00").await);
    }

    /// What counts through a year that is not published is provisional, until it is.
    async fn an_unpublished_year_is_provisional_then_fixed(world: World) {
        let administrator = world.who("admin");
        world.when("2026-12-20 09:00");
        let code = world.citizen().submits(feedback_of("newyear")).await.code;
        let petition = world.dispatcher().reads(&code).await.unwrap().summary.unwrap().answer_due.unwrap();
        assert!(petition.provisional);
        let days = "2027-01-01,off,Tết Dương lịch\n2027-01-11,off,Nghỉ\n";
        imported(&administrator, "vn", "", days).await.unwrap();
        apply(&administrator, "vn-2", "vn-2026-1", "").await.unwrap();
        recalculated(&world).await;
        let fixed = world.dispatcher().reads(&code).await.unwrap().summary.unwrap().answer_due.unwrap();
        // Twenty days are 9 January, a Saturday; Monday is off.
        assert_eq!((fixed.date.as_str(), fixed.provisional), ("2027-01-12", false));
    }

    /// A subtree may have a calendar of its own; the other goes on by that of the installation.
    async fn two_calendars_in_one_tree(world: World) {
        let administrator = world.who("admin");
        let unit_policy = pb::Policy {
            unit: Some(pb::Span { amount: 3, unit: TimeUnit::WorkingDay.into() }),
            scope: Some(pb::PolicyScope { channel: pb::Channel::Portal.into(), ..pb::PolicyScope::default() }),
            ..terms(&administrator, "portal").await
        };
        assert_eq!(put(&administrator, unit_policy).await.unwrap().version, "portal-1");
        let own = pb::PutCalendarRequest {
            name: "vt".to_owned(),
            unit: "CUC-VT".to_owned(),
            weekdays: [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday].map(i32::from).into(),
            office_hours: vec!["08:00-12:00".to_owned()],
            years: vec![pb::CalendarYear { year: 2026, published: true, ..pb::CalendarYear::default() }],
            ..Default::default()
        };
        let ours = call!(administrator, deadline.put_calendar, own.clone()).unwrap().calendar.unwrap();
        assert_eq!((ours.version.as_str(), ours.unit.as_str()), ("vt-1", "CUC-VT"));
        let mine = call!(world.who("cuc-vt-approver"), deadline.put_calendar, own).unwrap_err();
        assert_eq!(mine.code(), Code::PermissionDenied);
        world.add_account("second", "BTTTT", &[pakn::domain::words::Role::Administrator]).await;
        apply(&world.who("second"), "vt-1", "", "12/QĐ").await.unwrap();
        world.when("2026-03-12 09:00");
        let (vt, ts) = (world.citizen().submits(feedback_of("vt")).await.code, world.citizen().submits(feedback_of("ts")).await.code);
        for (code, unit) in [(&vt, "CUC-VT"), (&ts, "CUC-TS")] {
            world.dispatcher().does(Deed::Accept, code).await;
            world.dispatcher().does(Deed::Assign(unit), code).await;
        }
        let (vt, ts) = (explained(&world.dispatcher(), &vt).await, explained(&world.dispatcher(), &ts).await);
        // Three working days from Thursday 12 March.
        assert_eq!((due(&ts, Clock::Unit), due(&vt, Clock::Unit)), ("2026-03-17".to_owned(), "2026-03-18".to_owned()));
        // What the citizen was promised is the focal unit's, whoever has it.
        assert_eq!(due(&ts, Clock::Answer), due(&vt, Clock::Answer));
    }

    /// That there was no calendar yet is something to go stale, too.
    async fn the_preview_of_a_first_calendar_goes_stale(world: World) {
        let admin = world.who("admin");
        for day in ["2027-01-04", "2027-01-05"] {
            imported(&admin, "vt", "CUC-VT", &format!("{day},off,Nghỉ\n")).await.unwrap();
        }
        let base = preview(&admin, "vt-2").await.base;
        assert_eq!((base.as_str(), preview(&admin, "vt-1").await.base.as_str()), ("none", "none"));
        world.add_account("second", "BTTTT", &[pakn::domain::words::Role::Administrator]).await;
        let second = world.who("second");
        apply(&second, "vt-1", &base, "12/QĐ").await.unwrap();
        let stale = apply(&second, "vt-2", &base, "12/QĐ").await.unwrap_err();
        assert_eq!(stale.told(), (Code::Aborted, "MOVED".to_owned()));
        apply(&second, "vt-2", &preview(&admin, "vt-2").await.base, "12/QĐ").await.unwrap();
    }

    /// Bad calendars: every fault at once, nothing half applied.
    async fn bad_calendars_are_refused_whole(world: World) {
        let administrator = world.who("admin");
        let twice = imported(&administrator, "vn", "", "2027-01-01,off,a\n2027-01-01,worked,b\n2027-01-02,off,c\n2027-01-02,off,c\n").await;
        let told = twice.unwrap_err();
        assert!(told.message().contains("both off and worked") && told.message().contains("named twice"), "{told}");
        let unnamed = imported(&administrator, "vn", "", "2027-01-01,off,\n2027-01-02,worked,\n").await.unwrap_err();
        assert!(unnamed.message().contains("2027-01-01") && !unnamed.message().contains("2027-01-02"), "{unnamed}");
        let far = imported(&administrator, "vn", "", "2300-01-01,off,a\n").await.unwrap_err();
        assert!(far.message().contains("2300 is not between"), "{far}");
        let year: String = (0..365).map(|day| format!("{},off,x\n", chrono::NaiveDate::from_ymd_opt(2030, 1, 1).unwrap() + chrono::Days::new(day))).collect();
        let never = imported(&administrator, "vn", "", &year).await.unwrap_err();
        assert!(never.message().contains("nothing is a working day"), "{never}");
        let ical = pb::ImportCalendarRequest {
            name: "vn".to_owned(),
            format: pb::CalendarFormat::Icalendar.into(),
            content: "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20270101\r\nRRULE:FREQ=YEARLY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n".to_owned(),
            ..pb::ImportCalendarRequest::default()
        };
        assert!(call!(administrator, deadline.import_calendar, ical).unwrap_err().message().contains("recurs"));
        let all = call!(administrator, deadline.list_calendars, pb::ListCalendarsRequest {}).unwrap().calendars;
        assert_eq!(all.iter().map(|version| version.version.as_str()).collect::<Vec<_>>(), ["vn-2026-1"]);
    }

    /// A round whose clocks cannot be read keeps none from being previewed and counted.
    async fn a_round_that_cannot_be_read_is_passed_over(world: World) {
        let administrator = world.who("admin");
        let (broken, open) = (world.assigned("CUC-VT").await, world.assigned("CUC-VT").await);
        let days = year_with(&administrator, "2026-03-05,off,Nghỉ\n").await;
        imported(&administrator, "vn", "", &days).await.unwrap();
        let sql = format!("update petition set clocks = 'x' where code = '{broken}'");
        world.database().await.execute_unprepared(&sql).await.unwrap();
        let shown = preview(&administrator, "vn-2").await;
        assert_eq!((shown.looked_at, shown.moved), (1, 1));
        apply(&administrator, "vn-2", "", "").await.unwrap();
        recalculated(&world).await;
        assert_eq!(due(&explained(&world.dispatcher(), &open).await, Clock::Answer), "2026-03-06");
    }

    /// A round that cannot be written keeps no other from being counted; where nothing can be written, the job waits.
    async fn a_job_passes_over_one_fault_and_waits_for_the_store(world: World) {
        let administrator = world.who("admin");
        let (one, other) = (world.assigned("CUC-VT").await, world.assigned("CUC-VT").await);
        let before = due(&explained(&world.dispatcher(), &one).await, Clock::Answer);
        let holiday = year_with(&administrator, &format!("{before},off,Nghỉ\n")).await;
        imported(&administrator, "vn", "", &holiday).await.unwrap();
        apply(&administrator, "vn-2", "", "").await.unwrap();
        let database = world.database().await;
        database.execute_unprepared("alter table event rename to event_away").await.unwrap();
        assert!(world.app.recalculate().await.is_err(), "nothing can be written");
        database.execute_unprepared("alter table event_away rename to event").await.unwrap();
        // The place of its next event is taken.
        let taken = format!(
            "insert into event (petition, seq, kind, at, actor, stored, hash) \
             select petition, seq + 1, kind, at, actor, stored, hash from event where petition = \
             (select id from petition where code = '{other}') order by seq desc limit 1"
        );
        database.execute_unprepared(&taken).await.unwrap();
        recalculated(&world).await;
        let after = due(&explained(&world.dispatcher(), &one).await, Clock::Answer);
        assert!(after > before, "{before} {after}");
        let petition = format!("(select id from petition where code = '{other}')");
        let last = format!("(select max(seq) from event where petition = {petition})");
        database.execute_unprepared(&format!("delete from event where petition = {petition} and seq = {last}")).await.unwrap();
        assert_eq!(due(&explained(&world.dispatcher(), &other).await, Clock::Answer), before, "passed over");
    }

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

    /// Weekdays and office hours of the past are as much its past as its holidays.
    async fn the_past_is_not_rewritten_by_weekdays(world: World) {
        let administrator = world.who("admin");
        let kept = call!(administrator, deadline.get_calendar, pb::GetCalendarRequest { version: "vn".to_owned() });
        let kept = kept.unwrap().calendar.unwrap();
        let mut put = pb::PutCalendarRequest {
            name: "vn".to_owned(),
            unit: String::new(),
            weekdays: vec![Weekday::Monday.into()],
            office_hours: kept.office_hours,
            years: kept.years,
            ..Default::default()
        };
        call!(administrator, deadline.put_calendar, put.clone()).unwrap();
        let refused = apply(&administrator, "vn-2", "", "12/QĐ").await.unwrap_err();
        assert_eq!(refused.reason(), "SECOND_ADMINISTRATOR");
        put.weekdays = kept.weekdays;
        put.office_hours = vec!["09:00-12:00".to_owned()];
        call!(administrator, deadline.put_calendar, put).unwrap();
        let refused = apply(&administrator, "vn-3", "", "12/QĐ").await.unwrap_err();
        assert_eq!(refused.reason(), "SECOND_ADMINISTRATOR");
    }

    /// A subtree's calendar is edited from above it, and checked like any other.
    async fn a_subtree_is_edited_from_above(world: World) {
        world.add_account("vt-admin", "CUC-VT", &[pakn::domain::words::Role::Administrator]).await;
        let (own, below) = (world.who("vt-admin"), "2027-01-01,off,Tết\n");
        assert_eq!(imported(&own, "vt", "CUC-VT", below).await.unwrap_err().code(), Code::PermissionDenied);
        let version = imported(&own, "dv", "CUC-VT-DV", below).await.unwrap().version;
        let refused = apply(&world.who("cuc-vt-approver"), &version, "", "").await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
        let day = |worked| pb::SpecialDay { date: "2027-01-01".to_owned(), worked, name: "x".to_owned() };
        let year = |year, days| pb::CalendarYear { year, published: true, days, ..pb::CalendarYear::default() };
        let put = |years| pb::PutCalendarRequest {
            name: "vn".to_owned(),
            weekdays: vec![Weekday::Monday.into()],
            office_hours: vec!["08:00-12:00".to_owned()],
            years,
            ..pb::PutCalendarRequest::default()
        };
        for (years, part) in [
            (vec![year(2027, vec![day(false), day(true)])], "2027-01-01"),
            (vec![year(2027, vec![day(false), day(false)])], "2027-01-01"),
            (vec![year(1899, vec![])], "1900"),
            (vec![year(2201, vec![])], "2200"),
        ] {
            let told = call!(world.who("admin"), deadline.put_calendar, put(years)).unwrap_err();
            assert!(told.code() == Code::InvalidArgument && told.message().contains(part), "{told}");
        }
    }

    /// A year that is a draft goes out and comes in as a draft, in both formats; a foreign file is published as ever.
    async fn a_draft_stays_a_draft(world: World) {
        let admin = world.who("admin");
        let draft = pb::ImportCalendarRequest {
            name: "vn".to_owned(),
            format: pb::CalendarFormat::Csv.into(),
            content: "date,status,name\n2027-01-01,off,Tết Dương lịch\n".to_owned(),
            unpublished: true,
            ..pb::ImportCalendarRequest::default()
        };
        call!(admin, deadline.import_calendar, draft.clone()).unwrap();
        let years = |calendar: &pb::Calendar| -> Vec<(i32, bool)> {
            calendar.years.iter().map(|year| (year.year, year.published)).filter(|(year, _)| *year > 2025).collect()
        };
        for format in [pb::CalendarFormat::Csv, pb::CalendarFormat::Icalendar] {
            let export = pb::ExportCalendarRequest { version: "vn-2".to_owned(), format: format.into() };
            let content = call!(admin, deadline.export_calendar, export).unwrap().content;
            let import = pb::ImportCalendarRequest { content, format: format.into(), unpublished: false, ..draft.clone() };
            let put = call!(admin, deadline.import_calendar, import).unwrap().calendar.unwrap();
            assert_eq!(years(&put), [(2026, true), (2027, false)], "{format:?}");
        }
        let foreign = pb::ImportCalendarRequest { unpublished: false, ..draft };
        let put = call!(admin, deadline.import_calendar, foreign).unwrap().calendar.unwrap();
        assert_eq!(years(&put), [(2026, true), (2027, true)]);
    }

    async fn icalendar_goes_in_as_it_came_out(world: World) {
        let admin = world.who("admin");
        let icalendar = pb::CalendarFormat::Icalendar.into();
        let export = pb::ExportCalendarRequest { version: "vn".to_owned(), format: icalendar };
        let content = call!(admin, deadline.export_calendar, export).unwrap().content;
        let import = pb::ImportCalendarRequest {
            name: "vn".to_owned(),
            format: icalendar,
            content,
            ..pb::ImportCalendarRequest::default()
        };
        let put = call!(admin, deadline.import_calendar, import).unwrap().calendar.unwrap();
        let kept = pb::GetCalendarRequest { version: "vn".to_owned() };
        let kept = call!(admin, deadline.get_calendar, kept).unwrap().calendar.unwrap();
        assert_eq!((put.version.as_str(), put.years), ("vn-2", kept.years));
    }

    /// The job takes bounded steps, on two processes at once and after a restart, each round once; what comes in
    /// meanwhile is counted right from the first, and another calendar applied meanwhile begins it anew.
    async fn the_job_goes_on_where_it_stopped(world: World) {
        use pakn::domain::words::Role;
        let admin = world.who("admin");
        world.add_account("seer", "BTTTT", &[Role::Administrator, Role::Supervisor]).await;
        for n in 0..23 {
            world.citizen().submits(feedback_of(&format!("n{n}"))).await;
        }
        for day in ["2026-03-05,off,Nghỉ\n", "2026-03-05,off,Nghỉ\n2026-03-06,off,Nghỉ\n"] {
            let days = year_with(&admin, day).await;
            imported(&admin, "vn", "", &days).await.unwrap();
        }
        assert!(preview(&world.who("seer"), "vn-2").await.rounds.iter().all(|round| !round.code.is_empty()));
        apply(&admin, "vn-2", "vn-2026-1", "").await.unwrap();
        let left = async |until: &str| {
            let filter = pb::PetitionFilter { due_before: Some(at(until)), ..pb::PetitionFilter::default() };
            let count = pb::CountPetitionsRequest { filter: Some(filter) };
            call!(world.dispatcher(), casework.count_petitions, count).unwrap().total
        };
        let fresh = world.citizen().submits(feedback_of("fresh")).await;
        assert_eq!((fresh.answer_due.unwrap().date.as_str(), left("2026-03-06 12:00").await), ("2026-03-06", 23));
        let stride = |process: &pakn::app::App| process.with_job_stride(5);
        assert!(stride(&world.app).recalculate().await.unwrap());
        assert_eq!(left("2026-03-06 12:00").await, 18, "five in a step, and no more");
        let (this, other) = (stride(&world.app), stride(&world.another_process().await));
        let (one, two) = tokio::join!(this.recalculate(), other.recalculate());
        assert!(one.unwrap() | two.unwrap());
        let rest = left("2026-03-06 12:00").await;
        assert!((8..=13).contains(&rest), "one step of five, or two: {rest}");
        // Another day off: all of them, also those that were done.
        apply(&admin, "vn-3", "vn-2", "").await.unwrap();
        let mut steps = 0;
        while stride(&world.another_process().await).recalculate().await.unwrap() {
            steps += 1;
        }
        assert!(steps >= 5, "{steps} steps for 24 rounds");
        assert_eq!((left("2026-03-07 12:00").await, left("2026-03-10 12:00").await), (0, 24));
        let database = world.database().await;
        let sql = "select count(*), count(distinct petition) from event where kind = 'RECALCULATED'";
        let counted = Statement::from_string(database.get_database_backend(), sql);
        let row = database.query_one_raw(counted).await.unwrap().unwrap();
        let events: (i64, i64) = (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap());
        assert_eq!(events, (24 + 23 - rest, 24), "once for each calendar that moved it");
        assert!(world.app.verify_offline(None).await.unwrap().broken.is_none());
    }

    /// So does the one that looks at what waits for its publication.
    async fn what_waits_for_publication_is_looked_at_in_steps(world: World) {
        let admin = world.who("admin");
        for _ in 0..5 {
            world.answered().await;
        }
        let days = year_with(&admin, "2026-02-14,worked,Làm bù\n").await;
        imported(&admin, "vn", "", &days).await.unwrap();
        apply(&admin, "vn-2", "", "").await.unwrap();
        let looked = async || {
            let database = world.database().await;
            let sql = "select count(*) from event where kind = 'ESCALATED'";
            let counted = Statement::from_string(database.get_database_backend(), sql);
            database.query_one_raw(counted).await.unwrap().unwrap().try_get_by_index::<i64>(0).unwrap()
        };
        let mut seen = vec![looked().await];
        while stride_of_two(&world.another_process().await).recalculate().await.unwrap() {
            seen.push(looked().await);
        }
        seen.dedup();
        assert_eq!(seen, [0, 2, 4, 5], "each step is kept, whoever takes it");
    }

    /// A preview goes stale when another version is taken into use, by nothing else; and where the policy keeps silent,
    /// so do we.
    async fn previews_go_stale_by_versions_alone(world: World) {
        let admin = world.who("admin");
        let scope = Some(pb::PolicyScope { channel: pb::Channel::Portal.into(), ..pb::PolicyScope::default() });
        put(&admin, pb::Policy { tell_moved: false, scope, ..terms(&admin, "silent").await }).await.unwrap();
        let open = world.assigned("CUC-VT").await;
        for day in ["2026-03-05", "2026-03-06"] {
            let days = year_with(&admin, &format!("{day},off,Nghỉ\n")).await;
            imported(&admin, "vn", "", &days).await.unwrap();
        }
        let base = preview(&admin, "vn-2").await.base;
        assert_eq!(preview(&admin, "vn-3").await.base, base);
        world.dispatcher().does(Deed::Reclassify, &open).await;
        world.add_account("another", "BTTTT", &[pakn::domain::words::Role::Clerk]).await;
        apply(&admin, "vn-2", &base, "").await.unwrap();
        let stale = apply(&admin, "vn-3", &base, "").await.unwrap_err();
        assert_eq!(stale.told(), (Code::Aborted, "MOVED".to_owned()));
        let quiet = world.citizen().submits(feedback_of("quiet")).await.code;
        let days = year_with(&admin, "2026-03-06,off,Nghỉ\n").await;
        imported(&admin, "vn", "", &days).await.unwrap();
        apply(&admin, "vn-4", &preview(&admin, "vn-4").await.base, "").await.unwrap();
        recalculated(&world).await;
        world.run_workers().await;
        assert_eq!(due(&explained(&world.dispatcher(), &quiet).await, Clock::Answer), "2026-03-09");
        let told = world.letters().iter().any(|letter| letter.to == "quiet@example.vn" && letter.text.contains("đã thay đổi"));
        assert!(!told);
    }
}
