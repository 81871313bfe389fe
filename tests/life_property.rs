//! Random lives, on both databases: whatever people try in whatever order, replaying the events gives the row, no
//! figure contradicts another, and no due that has passed moves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod world;

use pakn::{
    app::{Acting, Asked, Error, Page},
    domain::{
        apply::apply,
        clocks::Standing,
        command::{Accept, Command, Reclassify},
        event::Assignment,
        ids::UnitId,
        petition::Petition,
        reference::Reference,
        text::{Ending, Redaction},
        watch,
        words::{Capacity, Clock, OutcomeKind, Priority, RefusalReason, Role, State, SubjectClass},
    },
    pb,
};
use proptest::{
    prelude::*,
    sample::Index,
    test_runner::{Config, TestCaseError, TestRunner},
};
use world::{World, date, feedback_of, hours};

/// Lives told on each database.
const LIVES: u32 = 48;
/// Things tried in a life.
const MOVES: usize = 30;

/// One thing tried.
#[derive(Debug, Clone)]
struct Move {
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
    let a_move = a_move.prop_map(|(sensible, what, who, hours)| Move { sensible, what, who, hours });
    prop::collection::vec(a_move, 6..=MOVES)
}

/// Who is right for it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Hand {
    Mighty,
    MightyToo,
    Petitioner,
    System,
}

/// Every command, with whoever may give it. Written for the state that the petition is in.
fn commands(petition: &Petition, units: &[UnitId], pick: &Index) -> Vec<(Command, Hand)> {
    use Hand as H;
    let words = || "Vì lý do nêu trong hồ sơ.".to_owned();
    let assignment = || Assignment { unit: *pick.get(units), co_units: Vec::new(), handler: None };
    let accept = |class, assignment| {
        Command::Accept(Box::new(Accept {
            kind: None,
            class: Some(class),
            field: Some("TELECOM".to_owned()),
            priority: Priority::Normal,
            priority_reason: None,
            concerned: None,
            assignment,
        }))
    };
    let reclassify = |class, priority| {
        Command::Reclassify(Box::new(Reclassify {
            kind: None,
            class: Some(class),
            field: None,
            priority,
            priority_reason: (priority == Priority::Urgent).then(words),
            concerned: None,
            reason: words(),
        }))
    };
    let redaction =
        Redaction {
            title: "Tiêu đề".to_owned(), question: "Câu hỏi".to_owned(), answer: "Trả lời".to_owned()
        };
    let nothing = Redaction { title: String::new(), question: String::new(), answer: String::new() };
    let ending = || Ending { text: words(), body: "Sở".to_owned(), address: "Phố".to_owned(), ..Ending::default() };
    vec![
        (Command::RequestInformation { question: words(), reply_days: Some(2) }, H::Mighty),
        (Command::ProvideInformation { text: words() }, H::Petitioner),
        (Command::LapseInformation, H::System),
        (accept(SubjectClass::Other, None), H::Mighty),
        (accept(SubjectClass::Regulation, Some(assignment())), H::Mighty),
        (reclassify(SubjectClass::Regulation, Priority::Urgent), H::Mighty),
        (reclassify(SubjectClass::Other, Priority::Normal), H::Mighty),
        (Command::PostProgress { text: words() }, H::Mighty),
        (Command::Recalculate, H::System),
        (Command::Escalate, H::System),
        (Command::Refuse { reason: RefusalReason::Unclear, ending: ending() }, H::Mighty),
        (Command::Transfer { ending: ending() }, H::Mighty),
        (Command::Assign { assignment: assignment(), reason: None }, H::Mighty),
        (Command::Return { reason: words() }, H::Mighty),
        (Command::Start, H::Mighty),
        (Command::SaveDraft { text: words(), based_on: None }, H::Mighty),
        (Command::SubmitDraft { outcome: OutcomeKind::Explained, finding: None }, H::Mighty),
        (Command::SendBack { reason: words() }, H::Mighty),
        (Command::Approve { capacity: Capacity::Head }, H::MightyToo),
        (Command::Approve { capacity: Capacity::Deputy }, H::MightyToo),
        (Command::RecallAnswer { reason: words() }, H::Mighty),
        (Command::Extend { days: 9, reason: words() }, H::Mighty),
        (Command::Withdraw { reason: None }, H::Petitioner),
        (Command::Rate { stars: 2, comment: None }, H::Petitioner),
        (Command::Reopen { reason: words() }, H::Petitioner),
        (Command::Close, H::System),
        (Command::AddNote { text: words() }, H::Mighty),
        (Command::SaveRedaction { redaction }, H::Mighty),
        (Command::Publish { revision: petition.redaction_revision, redaction: nothing }, H::Mighty),
        (Command::TakeDown { reason: words() }, H::Mighty),
    ]
}

/// Whether it leads on from a state: enough for lives that get somewhere.
fn leads_on(command: &Command, state: State) -> bool {
    use Command as C;
    match state {
        State::Submitted => matches!(command, C::RequestInformation { .. } | C::Accept(_) | C::AddNote { .. }),
        State::NeedsInformation => {
            matches!(command, C::ProvideInformation { .. } | C::LapseInformation | C::Extend { .. })
        }
        State::Accepted => {
            matches!(command, C::Assign { .. } | C::RequestInformation { .. } | C::Extend { .. } | C::Reclassify(_))
        }
        State::Assigned => matches!(command, C::Start | C::SaveDraft { .. } | C::Return { .. } | C::Extend { .. }),
        State::InProgress => {
            matches!(
                command,
                C::SaveDraft { .. } | C::SubmitDraft { .. } | C::RequestInformation { .. } | C::PostProgress { .. }
            )
        }
        State::AwaitingApproval => matches!(command, C::Approve { .. } | C::SendBack { .. } | C::Assign { .. }),
        _ => matches!(
            command,
            C::RecallAnswer { .. }
                | C::Rate { .. }
                | C::Reopen { .. }
                | C::Close
                | C::SaveRedaction { .. }
                | C::Publish { .. }
                | C::TakeDown { .. }
        ),
    }
}

async fn row(world: &World, code: &str) -> Petition {
    world.app.petition(&world.caller("mighty"), code).await.unwrap().petition
}

macro_rules! holds {
    ($condition:expr, $($said:tt)+) => {
        if !$condition {
            return Err(TestCaseError::fail(format!($($said)+)));
        }
    };
}

/// What must hold between a row and the one after it.
fn follows(
    before: &Petition,
    after: &Petition,
    now: pakn::domain::time::Instant,
    done: bool,
) -> Result<(), TestCaseError> {
    holds!(done || before == after, "a refusal moved the row: {before:?} {after:?}");
    holds!(after.version >= before.version && after.seq >= before.seq, "version or seq ran backwards");
    holds!(after.seq == before.seq + i64::from(done), "one command, one event");
    holds!(after.state.is_open() == after.ended_at.is_none(), "open, or ended: {after:?}");
    holds!(after.ended_at.is_some() == after.verdict.is_some(), "an end has a verdict: {after:?}");
    holds!(after.register.is_some() >= before.register.is_some(), "a register number was lost");
    holds!(after.state != State::Accepted || after.holder == after.focal, "what is accepted lies with the focal unit");
    if after.round == before.round {
        holds!(after.original_due == before.original_due, "the original due moved");
        for (clock, was) in before.clocks.iter().filter(|(_, was)| was.due.at <= now) {
            let is = after.clocks.get(clock).expect("a clock of the round stays");
            let from = |standing: &Standing| standing.count.as_ref().map(|count| count.from);
            let anew = matches!(clock, Clock::Unit | Clock::Update) && from(is) != from(was);
            holds!(anew || is.due.at <= was.due.at, "{clock} had passed and moved later: {was:?} {is:?}");
        }
        let raised = before.raised.iter().all(|level| {
            after.raised.contains(level)
                || level.clock().is_none_or(|clock| matches!(clock, Clock::Unit | Clock::Update))
        });
        holds!(raised, "a level was forgotten: {:?} {:?}", before.raised, after.raised);
        holds!(after.extensions <= 1, "extended twice");
    } else {
        holds!(after.round == before.round + 1 && after.round <= 2, "round {} after {}", after.round, before.round);
    }
    Ok(())
}

/// Folding what a clock counts gives its due, and so does walking it, for every clock.
fn explains(petition: &Petition, reference: &Reference) -> Result<(), TestCaseError> {
    for (clock, standing) in petition.clocks.iter() {
        let count = standing.count.as_ref().expect("every clock has a count");
        let calendar = &reference.calendars.version(&standing.calendar).expect("its calendar is kept").calendar;
        holds!(count.due(calendar, reference.zone) == standing.due, "{clock} folds to another due: {standing:?}");
        holds!(
            count.explain(calendar, reference.zone).due == standing.due,
            "{clock} is explained otherwise: {standing:?} {:?}",
            count.explain(calendar, reference.zone).due
        );
    }
    let going = |clock| petition.clocks.going().find(|(going, _)| *going == clock).map(|(_, standing)| standing.due.at);
    if let (Some(unit), Some(answer)) = (going(Clock::Unit), going(Clock::Answer)) {
        holds!(unit <= answer, "the unit is due after the answer: {petition:?}");
    }
    // What an ended round is watched for is counted anew when it is looked at.
    let watched = petition.watch_at == watch::next(petition, reference);
    holds!(watched || !petition.state.is_open(), "watched for another instant: {petition:?}");
    holds!(
        petition.clocks.get(Clock::Answer).is_some_and(|answer| answer.due == petition.answer_due),
        "the row differs"
    );
    Ok(())
}

/// One life, checked after each thing tried.
async fn live(
    world: &World,
    name: &str,
    moves: &[Move],
    came_off: &mut Vec<&'static str>,
) -> Result<(), TestCaseError> {
    world.when(world::MORNING);
    let code = world.citizen().submits(feedback_of(name)).await.code;
    let reference = world.app.reference();
    let units: Vec<UnitId> =
        ["CUC-VT", "CUC-VT-DV", "CUC-BC", "BTTTT-VP"].map(|unit| reference.units.by_code(unit).unwrap().id).into();
    let account = |login: &str| reference.logins[login];
    for (place, a_move) in moves.iter().enumerate() {
        world.advance(hours(a_move.hours));
        if place % 7 == 3 {
            change_calendar(world, place / 7 % 2 == 0).await;
        }
        let reference = world.app.reference();
        let before = row(world, &code).await;
        let mut possible = commands(&before, &units, &a_move.who);
        if a_move.sensible {
            possible.retain(|(command, _)| leads_on(command, before.state));
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
        came_off.extend(became.is_ok().then_some(name));
        let after = row(world, &code).await;
        follows(&before, &after, world.now(), became.is_ok())?;
        explains(&after, &reference)?;
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

/// Takes the other calendar into use, past or not, and counts open rounds anew.
async fn change_calendar(world: &World, other: bool) {
    let version = if other { "vn-2" } else { "vn-2026-1" };
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
        content: kept + "2026-03-05,off,Nghỉ\n2026-03-07,worked,Làm bù\n",
        ..pb::ImportCalendarRequest::default()
    };
    call!(admin, deadline.import_calendar, import).unwrap();
}

/// The intervals of custody of a round follow one upon the other, from its beginning to its end.
async fn custody_partitions(world: &World, code: &str) -> Result<(), TestCaseError> {
    let row = row(world, code).await;
    let had = world.app.explain(&world.caller("mighty"), code).await.unwrap().custody;
    for pair in had.windows(2) {
        let (one, next) = (pair[0], pair[1]);
        holds!(one.until.is_some_and(|until| until >= one.since && until <= next.since), "{had:?}");
        holds!(one.round != next.round || one.until == Some(next.since), "a gap within a round: {had:?}");
    }
    let (first, last) = (had.first().unwrap(), had.last().unwrap());
    holds!(first.since == row.received_at && last.until == row.ended_at && last.unit == row.holder, "{had:?} {row:?}");
    Ok(())
}

/// No figure contradicts another: of any unit, with or without its children, as of now.
async fn figures_hold(world: &World) -> Result<(), TestCaseError> {
    let supervisor = world.caller("supervisor");
    for (from, to) in [("2026-01-01", "2027-12-31"), ("2026-02-20", "2026-03-10")] {
        let report = world.app.report(&supervisor, date(from), date(to), None).await.unwrap();
        let rows = report.rows.iter().flat_map(|row| [row.own, row.with_children]);
        for figures in rows.chain([report.total]) {
            holds!(figures.broken().is_none(), "{from} to {to}: {:?} in {figures:?}", figures.broken());
        }
    }
    Ok(())
}

/// Replaying the events, read as anybody may read them, gives the row.
async fn replays(world: &World, code: &str) -> Result<(), TestCaseError> {
    let page = Page::read(200, "", &[]).unwrap();
    let (steps, _) = world.app.events(&world.caller("mighty"), code, &page).await.unwrap();
    let row = row(world, code).await;
    let mut replayed = None;
    for (recorded, hash, _) in &steps {
        let mut after = apply(replayed.as_ref(), recorded).map_err(|unfit| TestCaseError::fail(unfit.to_string()))?;
        after.head = hash.as_slice().try_into().unwrap();
        replayed = Some(after);
    }
    holds!(replayed.as_ref() == Some(&row), "replaying gives {replayed:?}, the row is {row:?}");
    Ok(())
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
    let whole = runtime.block_on(world.app.verify_offline(None)).unwrap();
    assert_eq!((whole.broken, whole.petitions), (None, i64::from(count.get())));
    // A property over lives that get nowhere would prove nothing.
    let mut seen = came_off.into_inner();
    seen.sort_unstable();
    seen.dedup();
    assert!(seen.len() >= 15, "few commands came off: {seen:?}");
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
