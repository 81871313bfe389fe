//! What petitions are watched for when clocks jump, rows are broken, units have their own time and calendars move.

use pakn::pb::{self, Clock, WatchLevel as L};
use sea_orm::ConnectionTrait as _;

use crate::{
    call, on_both,
    time::{due, explained, put, terms},
    watch::{escalated, morning, raised, to},
    world::{Deed, Refused as _, feedback_of, local},
};

on_both! {
    /// The system's clock jumps back: nothing is raised again, nothing is made timely, and time does not run backwards
    /// within a petition.
    async fn a_clock_that_jumps_back(world: World) {
        let code = world.assigned("CUC-VT").await;
        world.when("2026-03-06 00:00");
        world.run_workers().await;
        let before = raised(&world, &code).await;
        assert!(before.contains(&L::Overdue));
        world.when("2026-02-20 09:00");
        world.run_workers().await;
        assert_eq!(raised(&world, &code).await, before);
        assert_eq!(world.who("office-head").tries(Deed::Extend, &code).await.unwrap_err().reason(), "DUE_PASSED");
        for deed in [Deed::SaveDraft, Deed::SubmitDraft] {
            world.who("cuc-vt-handler").does(deed, &code).await;
        }
        world.who("cuc-vt-approver").does(Deed::Approve, &code).await;
        assert_eq!(world.dispatcher().reads(&code).await.unwrap().summary.unwrap().verdict(), pb::Verdict::Late);
        let ask = pb::ListPetitionEventsRequest { code: code.clone(), page: None };
        let events = call!(world.dispatcher(), casework.list_petition_events, ask).unwrap().events;
        let mut by_number: Vec<(i64, i64)> =
            events.iter().map(|event| (event.seq, event.happened_at.as_ref().unwrap().seconds)).collect();
        by_number.sort_unstable();
        assert!(by_number.is_sorted_by_key(|(_, at)| *at), "{by_number:?}");
        assert!(by_number.last().unwrap().1 >= local("2026-03-06 00:00").timestamp());
        assert!(world.app.verify_offline(Some(&code)).await.unwrap().broken.is_none());
    }

    /// A row that cannot be read, and a petition that cannot be written, hold up neither lapses nor closings nor levels.
    async fn what_is_broken_holds_up_nothing_else(world: World) {
        let database = world.database().await;
        let breaks = async |code: &str| {
            let sql = format!("update petition set detail = 'x' where code = '{code}'");
            database.execute_unprepared(&sql).await.unwrap();
        };
        let (lost, taken, closed) = (world.answered().await, world.answered().await, world.answered().await);
        world.run_workers().await;
        let (unread, lapsed) = (world.assigned("CUC-VT").await, world.assigned("CUC-VT").await);
        for code in [&unread, &lapsed] {
            world.who("cuc-vt-handler").does(Deed::Start, code).await;
            world.dispatcher().does(Deed::RequestInformation, code).await;
        }
        world.run_workers().await;
        breaks(&lost).await;
        breaks(&unread).await;
        let state = async |code: &str| world.dispatcher().reads(code).await.unwrap().summary.unwrap().state();
        world.when("2026-03-02 09:00");
        world.run_workers().await;
        assert_eq!(state(&lapsed).await, pb::PetitionState::InProgress);
        assert_eq!(raised(&world, &lapsed).await, [L::DueSoon]);
        // The place of its next event is taken.
        let taking = format!(
            "insert into event (petition, seq, kind, at, actor, stored, hash) \
             select petition, seq + 1, kind, at, actor, stored, hash from event where petition = \
             (select id from petition where code = '{taken}') order by seq desc limit 1"
        );
        database.execute_unprepared(&taking).await.unwrap();
        world.when("2026-03-03 00:00");
        world.run_workers().await;
        assert_eq!((state(&closed).await, state(&taken).await), (pb::PetitionState::Closed, pb::PetitionState::Answered));
    }

    /// More persons than one step takes are each written to, once a day.
    async fn many_persons_get_their_digest(world: World) {
        use pakn::{app::DirectoryStep, domain::{account::{Account, Grant}, ids::{AccountId, GrantId}, words::Role}};
        let unit = world.app.reference().units.by_code("CUC-VT").unwrap().id;
        let fresh = || world.app.source().id(world.now());
        let mut steps = Vec::new();
        for n in 0..150 {
            let (id, login) = (AccountId(fresh()), format!("many-{n}"));
            let email = format!("{login}@mic.example");
            steps.push(DirectoryStep::Account(Account { id, login: login.clone(), unit, name: login, email, closed_at: None, former: Vec::new() }));
            steps.push(DirectoryStep::Grant(Grant::for_good(GrantId(fresh()), id, Role::Handler, unit)));
        }
        world.app.direct_as(None, &steps).await.unwrap();
        world.assigned("CUC-VT").await;
        world.when("2026-03-02 09:00");
        world.run_workers().await;
        let letters = morning(&world).await;
        let many = || letters.iter().filter(|letter| letter.to.starts_with("many-"));
        let persons: std::collections::BTreeSet<&str> = many().map(|letter| letter.to.as_str()).collect();
        assert_eq!((persons.len(), many().count()), (150, 150));
        assert!(many().all(|letter| letter.text.contains("sắp đến hạn")), "{:?}", many().next());
        assert!(morning(&world).await.is_empty(), "once a day");
    }

    /// More questions than one step takes lapse in one look, after any downtime.
    async fn all_that_has_lapsed_goes_back_at_once(world: World) {
        let numbers: Vec<usize> = (0..201).collect();
        for some in numbers.chunks(32) {
            let asked = some.iter().map(async |n| {
                let code = world.citizen().submits(feedback_of(&format!("n{n}"))).await.code;
                world.dispatcher().does(Deed::RequestInformation, &code).await;
            });
            futures::future::join_all(asked).await;
        }
        world.when("2026-03-02 09:00");
        world.run_workers().await;
        let asked = pb::PetitionFilter { states: vec![pb::PetitionState::NeedsInformation.into()], ..Default::default() };
        let count = pb::CountPetitionsRequest { filter: Some(asked) };
        assert_eq!(call!(world.dispatcher(), casework.count_petitions, count).unwrap().total, 0);
    }

    /// A unit whose time is nearly up is told so, and when it is over its head is, too; a new assignment begins anew.
    async fn a_unit_is_told_of_its_own_time(world: World) {
        let administrator = world.who("admin");
        let timed = pb::Policy {
            unit: Some(pb::Span { amount: 8, unit: pb::TimeUnit::WorkingDay.into() }),
            scope: Some(pb::PolicyScope { channel: pb::Channel::Portal.into(), ..pb::PolicyScope::default() }),
            ..terms(&administrator, "portal").await
        };
        put(&administrator, timed).await.unwrap();
        world.when("2026-03-02 09:00");
        let code = world.assigned("CUC-VT").await;
        assert_eq!(due(&explained(&world.dispatcher(), &code).await, Clock::Unit), "2026-03-12");
        world.when("2026-03-08 23:59:59.999999");
        world.run_workers().await;
        assert_eq!(raised(&world, &code).await, []);
        // Three days before the 12th.
        world.when("2026-03-09 08:00");
        world.run_workers().await;
        assert_eq!(raised(&world, &code).await, [L::UnitDueSoon]);
        let letters = morning(&world).await;
        assert!(to(&letters, "cuc-vt-handler").text.contains(&code), "{letters:?}");
        world.when("2026-03-12 23:59:59.999999");
        world.run_workers().await;
        assert_eq!(raised(&world, &code).await, [L::UnitDueSoon]);
        world.when("2026-03-13 08:00");
        world.run_workers().await;
        assert_eq!(raised(&world, &code).await, [L::UnitDueSoon, L::UnitOverdue]);
        let letters = morning(&world).await;
        for login in ["cuc-vt-handler", "cuc-vt-approver"] {
            assert!(to(&letters, login).text.contains(&code), "{login}: {letters:?}");
        }
        world.dispatcher().does(Deed::Assign("CUC-TS"), &code).await;
        assert_eq!(raised(&world, &code).await, []);
    }

    /// The system's clock jumps ahead and is set right again: what was raised stays, what is not due is not raised, and
    /// what comes later is.
    async fn a_clock_that_jumps_ahead_and_back(world: World) {
        let code = world.assigned("CUC-VT").await;
        world.when("2026-03-02 09:00");
        world.run_workers().await;
        assert_eq!(raised(&world, &code).await, [L::DueSoon]);
        let fresh = world.citizen().submits(feedback_of("fresh")).await.code;
        world.when("2026-03-05 09:00");
        world.run_workers().await;
        assert_eq!(raised(&world, &code).await, [L::DueSoon, L::Due]);
        world.when("2026-03-02 09:30");
        world.run_workers().await;
        assert_eq!((raised(&world, &code).await, raised(&world, &fresh).await), (vec![L::DueSoon, L::Due], vec![L::Unaccepted]));
        // Decided at the time that its trail has come to.
        world.dispatcher().does(Deed::Accept, &fresh).await;
        assert_eq!(due(&explained(&world.dispatcher(), &fresh).await, Clock::Answer), "2026-03-23");
        world.when("2026-03-06 00:00");
        world.run_workers().await;
        world.run_workers().await;
        assert_eq!(raised(&world, &code).await, [L::DueSoon, L::Due, L::Overdue]);
        let escalated = escalated(&world).await;
        assert!(escalated.values().flatten().all(|levels| !levels.is_empty()), "{escalated:?}");
        assert!(world.app.verify_offline(None).await.unwrap().broken.is_none());
    }

    /// A calendar that moves what was to be reached: it is looked at another time, and nothing is held up.
    async fn what_a_calendar_moves_is_raised_later(world: World) {
        let code = world.assigned("CUC-VT").await;
        let administrator = world.who("admin");
        let export = pb::ExportCalendarRequest { version: "vn".to_owned(), format: pb::CalendarFormat::Csv.into() };
        let kept = call!(administrator, deadline.export_calendar, export).unwrap().content;
        let import = pb::ImportCalendarRequest {
            name: "vn".to_owned(),
            format: pb::CalendarFormat::Csv.into(),
            content: kept + "2026-03-05,off,Nghỉ\n",
            ..pb::ImportCalendarRequest::default()
        };
        call!(administrator, deadline.import_calendar, import).unwrap();
        let apply = pb::ApplyCalendarRequest { version: "vn-2".to_owned(), ..pb::ApplyCalendarRequest::default() };
        call!(administrator, deadline.apply_calendar, apply).unwrap();
        while world.app.recalculate().await.unwrap() {}
        world.when("2026-03-06 00:00");
        world.run_workers().await;
        assert_eq!(raised(&world, &code).await, [L::DueSoon, L::Due]);
        world.when("2026-03-07 00:00");
        world.run_workers().await;
        assert_eq!(raised(&world, &code).await, [L::DueSoon, L::Due, L::Overdue]);
    }
}
