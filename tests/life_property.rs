//! Random lives, on both databases: whatever people try in whatever order, replaying the events gives the row, no
//! figure contradicts another, and no due that has passed moves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "life_property/holds.rs"]
mod holds;
#[path = "life_property/tried.rs"]
mod tried;
mod world;

use holds::{custody_partitions, explains, figures_hold, follows, holds, replays, stays_away};
use pakn::{
    app::{Acting, Asked, Error, LetterFilter, Page},
    domain::{
        ids::{LetterId, UnitId},
        letters::LetterStatus,
        petition::Petition,
        words::Role,
    },
    pb,
};
use proptest::{
    prelude::*,
    sample::Index,
    strategy::ValueTree as _,
    test_runner::{Config, TestCaseError, TestRunner},
};
use tried::{Choice, Hand, commands, leads_on};
use world::{World, days, feedback_of, hours};

/// Lives told on each database.
const LIVES: u32 = 48;
/// Things tried in a life.
const MOVES: usize = 30;

/// A life in which these come off one after the other, whatever the random ones come to; with the hours before each.
const MUST: [(&str, i64); 26] = [
    ("REQUEST_INFORMATION", 1),
    ("PROVIDE_INFORMATION", 1),
    ("ACCEPT", 1),
    ("ASSIGN", 1),
    ("RETURN", 1),
    ("ASSIGN", 1),
    ("START", 1),
    ("SAVE_DRAFT", 1),
    ("SUBMIT_DRAFT", 1),
    ("SEND_BACK", 1),
    ("SUBMIT_DRAFT", 1),
    ("APPROVE", 1),
    ("RECALL_ANSWER", 1),
    ("SUBMIT_DRAFT", 1),
    ("APPROVE", 1),
    ("SAVE_REDACTION", 1),
    ("PUBLISH", 1),
    ("RATE", 1),
    ("REOPEN", 1),
    ("ASSIGN", 1),
    ("SAVE_DRAFT", 1),
    ("SUBMIT_DRAFT", 1),
    ("APPROVE", 1),
    ("RATE", 1),
    ("TAKE_DOWN", 1),
    ("CLOSE", 24 * 40),
];

/// One thing tried.
#[derive(Debug, Clone)]
struct Move {
    /// This, by whoever may, instead of something random.
    called: Option<&'static str>,
    /// Something that the state allows, by whoever may; or anything by anybody.
    sensible: bool,
    what: Index,
    who: Index,
    /// What goes by before.
    hours: i64,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let a_move =
        (prop::bool::weighted(0.85), any::<Index>(), any::<Index>(), prop_oneof![0i64..4, 0i64..60, 100i64..500]);
    let a_move = a_move.prop_map(|(sensible, what, who, hours)| Move { called: None, sensible, what, who, hours });
    prop::collection::vec(a_move, 6..=MOVES)
}

async fn row(world: &World, code: &str) -> Petition {
    world.app.petition(&world.caller("mighty"), code).await.unwrap().petition
}

/// A letter of it that is owed, or was given up.
async fn owed(world: &World, petition: &Petition) -> Option<LetterId> {
    let statuses = vec![LetterStatus::Pending, LetterStatus::Abandoned];
    let filter = LetterFilter { statuses, petition: Some(petition.id) };
    let page = Page::read(1, "", &[]).unwrap();
    let (letters, _) = world.app.letters(&world.caller("mighty"), &filter, &page).await.unwrap();
    letters.first().map(|(letter, _)| letter.id)
}

/// One life, checked after each thing tried.
async fn live(
    world: &World,
    name: &str,
    moves: &[Move],
    came_off: &mut Vec<&'static str>,
) -> Result<(), TestCaseError> {
    world.when(world::MORNING);
    assigns_itself(world, moves.len().is_multiple_of(2)).await;
    let code = world.citizen().submits(feedback_of(name)).await.code;
    let reference = world.app.reference();
    let mut units: Vec<UnitId> =
        ["CUC-VT", "CUC-VT-DV", "CUC-BC", "BTTTT-VP"].map(|unit| reference.units.by_code(unit).unwrap().id).into();
    // One that is there for a part of the life, and stands for two so that it is often chosen.
    let passing = add_unit(world, name).await;
    units.extend([passing, passing]);
    let account = |login: &str| reference.logins[login];
    for (place, a_move) in moves.iter().enumerate() {
        world.advance(hours(a_move.hours));
        if place % 7 == 3 {
            change_calendar(world, place / 7 % 2 == 0).await;
        }
        if place == moves.len() / 2 {
            dissolve(world, name).await;
            let before = row(world, &code).await;
            let named = [before.focal, before.holder].into_iter().chain(before.co_units.iter().copied());
            let named: Vec<UnitId> = named.chain(before.concerned).collect();
            holds!(!before.state.is_open() || !named.contains(&passing), "it is left behind: {before:?}");
            custody_partitions(world, &code).await?;
        }
        let reference = world.app.reference();
        let before = row(world, &code).await;
        let choice =
            Choice { units: &units, handler: account("mighty"), letter: owed(world, &before).await, pick: &a_move.who };
        let mut possible = commands(&before, &choice);
        match a_move.called {
            Some(called) => possible.retain(|(command, _)| command.name() == called),
            None if a_move.sensible => possible.retain(|(command, _)| leads_on(command, before.state)),
            None => {}
        }
        let (command, hand) = a_move.what.get(&possible).clone();
        let hand = if a_move.sensible {
            hand
        } else {
            *a_move.who.get(&[Hand::Mighty, Hand::MightyToo, Hand::Petitioner, Hand::System])
        };
        let acting = match hand {
            Hand::Mighty => Acting::Account(account("mighty")),
            Hand::MightyToo => Acting::Account(account("mighty-too")),
            Hand::Petitioner => Acting::Petitioner(account("portal")),
            Hand::System => Acting::System,
        };
        let name = command.name();
        let became = world.app.perform(&code, acting, &Asked::once("property"), command).await;
        holds!(matches!(became, Ok(_) | Err(Error::Refused(_))), "{name}: {became:?}");
        holds!(a_move.called.is_none() || became.is_ok(), "{name} must come off: {became:?}");
        came_off.extend(became.is_ok().then_some(name));
        let after = row(world, &code).await;
        follows(&before, &after, world.now(), became.is_ok())?;
        explains(&after, &reference)?;
        stays_away(&after, &reference)?;
        let broken = world.app.verify_offline(Some(&code)).await.unwrap().broken;
        holds!(broken.is_none(), "after {name}: {broken:?}");
        figures_hold(world).await?;
        if name == "APPROVE" && became.is_ok() {
            // The answer goes out, so that the window of reopening begins.
            world.run_workers().await;
        }
    }
    custody_partitions(world, &code).await?;
    replays(world, &code).await
}

/// Whether what is accepted without an assignment goes to the unit of a rule by itself.
async fn assigns_itself(world: &World, assigns_itself: bool) {
    let field = pb::Field { code: "TELECOM".to_owned(), assigns_itself, ..pb::Field::default() };
    let update_mask = Some(prost_types::FieldMask { paths: vec!["assigns_itself".to_owned()] });
    let update = pb::UpdateFieldRequest { field: Some(field), update_mask, ..Default::default() };
    call!(world.who("admin"), directory.update_field, update).unwrap();
}

/// A unit of its own for a life.
async fn add_unit(world: &World, code: &str) -> UnitId {
    let unit = pb::Unit {
        code: code.to_owned(),
        parent: "BTTTT".to_owned(),
        level: pb::UnitLevel::Department.into(),
        name: "Cục Tạm thời".to_owned(),
        ..pb::Unit::default()
    };
    let create = pb::CreateUnitRequest { unit: Some(unit), ..Default::default() };
    call!(world.who("admin"), directory.create_unit, create).unwrap();
    world.app.reference().units.by_code(code).unwrap().id
}

/// The unit ended yesterday; what it had goes to others.
async fn dissolve(world: &World, code: &str) {
    let closing = pb::UnitClosing {
        code: code.to_owned(),
        closed_on: world.app.reference().zone.date(world.now() - days(1)).to_string(),
        successor: "CUC-BC".to_owned(),
        successors_by_field: vec![pb::FieldSuccessor { field: "TELECOM".to_owned(), unit: "CUC-TS".to_owned() }],
        with_units_below: false,
    };
    let close = pb::CloseUnitRequest { closing: Some(closing), ..Default::default() };
    call!(world.who("admin"), directory.close_unit, close).unwrap();
    while world.app.succeed().await.unwrap() {}
}

/// Takes the other calendar into use, past or not, and counts open rounds anew.
async fn change_calendar(world: &World, other: bool) {
    let version = if other { "vn-2" } else { "vn-3" };
    world
        .app
        .apply_calendar(&world.caller("second"), &Asked::once("ApplyCalendar"), version, ("", "12/QĐ"))
        .await
        .unwrap();
    while world.app.recalculate().await.unwrap() {}
}

/// Terms with something in them, and another calendar to change to.
async fn prepare(world: &World) {
    world.add_mighty().await;
    world.add_account("second", "BTTTT", &[Role::Administrator]).await;
    let admin = world.who("admin");
    let ask = pb::GetPolicyRequest { version: "general".to_owned() };
    let general = call!(admin, deadline.get_policy, ask).unwrap().policy.unwrap();
    let unit = Some(pb::Span { amount: 12, unit: pb::TimeUnit::WorkingDay.into() });
    let (cutoff, valid_from) = ("16:30".to_owned(), None);
    let policy = pb::Policy { version: String::new(), valid_from, unit, pauses: 2, pause_days: 5, cutoff, ..general };
    call!(admin, deadline.put_policy, pb::PutPolicyRequest { policy: Some(policy), ..Default::default() }).unwrap();
    let export = pb::ExportCalendarRequest { version: "vn".to_owned(), format: pb::CalendarFormat::Csv.into() };
    let kept = call!(admin, deadline.export_calendar, export).unwrap().content;
    let import = pb::ImportCalendarRequest {
        name: "vn".to_owned(),
        format: pb::CalendarFormat::Csv.into(),
        content: kept.clone() + "2026-03-05,off,Nghỉ\n2026-03-07,worked,Làm bù\n",
        ..pb::ImportCalendarRequest::default()
    };
    let back = pb::ImportCalendarRequest { content: kept, ..import.clone() };
    for import in [import, back] {
        call!(admin, deadline.import_calendar, import).unwrap();
    }
}

fn lives(open: impl Future<Output = World>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let world = runtime.block_on(async {
        let world = open.await;
        prepare(&world).await;
        world
    });
    let config = Config { cases: LIVES, failure_persistence: None, max_shrink_iters: 64, ..Config::default() };
    let (count, came_off) = (std::cell::Cell::new(0), std::cell::RefCell::new(Vec::new()));
    let told = TestRunner::new(config).run(&moves(), |moves| {
        count.set(count.get() + 1);
        let name = format!("life{}", count.get());
        runtime.block_on(live(&world, &name, &moves, &mut came_off.borrow_mut()))
    });
    if let Err(error) = told {
        panic!("{error}");
    }
    // The first of the four units: the focal unit cannot return a petition to itself.
    let mut choosing = TestRunner::deterministic();
    let mut chosen = || any::<Index>().new_tree(&mut choosing).unwrap().current();
    let who = std::iter::repeat_with(&mut chosen).find(|who| who.index(4) == 0).unwrap();
    let must = MUST.map(|(called, hours)| Move { called: Some(called), sensible: true, what: who, who, hours });
    if let Err(error) = runtime.block_on(live(&world, "must", &must, &mut Vec::new())) {
        panic!("{error}");
    }
    let whole = runtime.block_on(world.app.verify_offline(None)).unwrap();
    assert_eq!((whole.broken, whole.petitions), (None, i64::from(count.get()) + 1));
    // A property over lives that get nowhere would prove nothing.
    let mut seen = came_off.into_inner();
    seen.sort_unstable();
    seen.dedup();
    assert!(seen.len() >= 20, "few commands came off: {seen:?}");
    let _entered = runtime.enter();
    drop(world);
}

#[test]
fn random_lives_on_sqlite() {
    lives(World::on_sqlite());
}

#[test]
fn random_lives_on_postgres() {
    lives(World::on_postgres());
}
