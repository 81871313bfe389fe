//! Calendars: put, previewed, applied; what they move and what they leave.

use pakn::pb::{self, Clock, ClockStep, TimeUnit, Weekday};
use sea_orm::ConnectionTrait as _;
use tonic::Code;

use crate::{
    call, on_both,
    time::{clock, due, explained, put, terms},
    world::{Deed, Person, Refused as _, World, feedback_of},
};

/// Imports a file of special days; gives the version.
pub(super) async fn imported(
    who: &Person<'_>,
    name: &str,
    unit: &str,
    days: &str,
) -> Result<pb::Calendar, tonic::Status> {
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
pub(super) async fn year_with(who: &Person<'_>, more: &str) -> String {
    let export = pb::ExportCalendarRequest { version: "vn".to_owned(), format: pb::CalendarFormat::Csv.into() };
    let kept = call!(who, deadline.export_calendar, export).unwrap().content;
    let year: String = kept.lines().filter(|line| line.starts_with("2026")).map(|line| format!("{line}\n")).collect();
    year + more
}

pub(super) async fn apply(
    who: &Person<'_>,
    version: &str,
    base: &str,
    document: &str,
) -> Result<pb::Calendar, tonic::Status> {
    let (version, base, document) = (version.to_owned(), base.to_owned(), document.to_owned());
    let applied = call!(
        who,
        deadline.apply_calendar,
        pb::ApplyCalendarRequest { version, base, document, ..Default::default() }
    )?;
    Ok(applied.calendar.unwrap())
}

pub(super) async fn preview(who: &Person<'_>, version: &str) -> pb::PreviewCalendarResponse {
    let ask = pb::PreviewCalendarRequest { version: version.to_owned(), page: None };
    call!(who, deadline.preview_calendar, ask).unwrap()
}

pub(super) fn stride_of_two(process: &pakn::app::App) -> pakn::app::App {
    process.with_job_stride(2)
}

pub(super) async fn recalculated(world: &World) {
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
}
