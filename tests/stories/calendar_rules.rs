//! Calendars: who may change what of them, how they go in and out, and how what they move is moved in steps.

use pakn::pb::{self, Clock, Weekday};
use sea_orm::{ConnectionTrait as _, Statement};
use tonic::Code;

use crate::{
    calendars::{apply, imported, preview, recalculated, stride_of_two, year_with},
    call, on_both,
    time::{due, explained, put, terms},
    world::{Deed, Refused as _, at, feedback_of},
};

on_both! {
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
