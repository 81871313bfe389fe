//! What holds between a row and the one after it, of every row, and of a whole life.

use pakn::{
    app::Page,
    domain::{
        apply::apply,
        clocks::Standing,
        decide::faults,
        petition::Petition,
        reference::Reference,
        words::{Clock, Level, State},
    },
};
use proptest::test_runner::TestCaseError;

use crate::{
    row,
    world::{World, date},
};

macro_rules! holds {
    ($condition:expr, $($said:tt)+) => {
        if !$condition {
            return Err(TestCaseError::fail(format!($($said)+)));
        }
    };
}
pub(crate) use holds;

/// What must hold between a row and the one after it.
pub fn follows(
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
    holds!(!after.co_units.contains(&after.holder), "the holder contributes to itself: {after:?}");
    let lies = after.holder == after.focal || after.is_raised();
    holds!(
        after.state != State::Accepted || lies,
        "what is accepted lies with the focal unit, or was raised: {after:?}"
    );
    if after.round == before.round {
        let answer = |petition: &Petition| petition.clocks.get(Clock::Answer).cloned().expect("there is always one");
        let (was, is) = (answer(before), answer(after));
        let chosen = is.policy != was.policy;
        holds!(chosen || after.original_due == before.original_due, "the original due moved: {before:?} {after:?}");
        let more = is.count.as_ref().is_some_and(|count| !count.pauses.is_empty() || !count.extensions.is_empty());
        holds!(!chosen || more || after.original_due == is.due, "not the original of its policy: {after:?}");
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

/// In a conduct case nobody of the unit complained of has it, or contributes to it.
pub fn stays_away(petition: &Petition, reference: &Reference) -> Result<(), TestCaseError> {
    let Some(accused) = faults::accused(petition.class, petition.concerned) else { return Ok(()) };
    let inside = |unit| reference.units.within(unit, accused);
    // What was sent back to the focal unit is to be given away from there.
    let given_away = !matches!(petition.state, State::Submitted | State::Accepted | State::NeedsInformation);
    let had = std::iter::once(petition.holder).chain(petition.co_units.iter().copied()).any(inside);
    holds!(!given_away || !petition.state.is_open() || !had, "the accused has it: {petition:?}");
    Ok(())
}

/// Folding what a clock counts gives its due, and so does walking it, for every clock.
pub fn explains(petition: &Petition, reference: &Reference) -> Result<(), TestCaseError> {
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
    watched(petition)?;
    holds!(
        petition.clocks.get(Clock::Answer).is_some_and(|answer| answer.due == petition.answer_due),
        "the row differs"
    );
    Ok(())
}

/// No due of a clock that goes on passes unseen, whether a question stops it or not.
fn watched(petition: &Petition) -> Result<(), TestCaseError> {
    for (clock, standing) in petition.clocks.going() {
        let late = match clock {
            Clock::Intake => Level::Unaccepted,
            Clock::Forward => Level::Unforwarded,
            Clock::Unit => Level::UnitOverdue,
            Clock::Answer => Level::Overdue,
            Clock::Update => Level::ProgressOwed,
        };
        let seen = petition.raised.contains(&late) || petition.watch_at.is_some_and(|at| at <= standing.due.at);
        holds!(seen, "{clock} passes unseen: {petition:?}");
    }
    Ok(())
}

/// The intervals of custody of a round follow one upon the other, from its beginning to its end.
pub async fn custody_partitions(world: &World, code: &str) -> Result<(), TestCaseError> {
    let row = row(world, code).await;
    let had = world.app.explain(&world.caller("mighty"), code, None).await.unwrap().custody;
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
pub async fn figures_hold(world: &World) -> Result<(), TestCaseError> {
    let supervisor = world.caller("supervisor");
    for (from, to) in [("2026-01-01", "2027-12-31"), ("2026-02-20", "2026-03-10")] {
        let report = world.app.report(&supervisor, date(from), date(to), (None, false)).await.unwrap();
        let rows = report.rows.iter().flat_map(|row| [row.own, row.with_children]);
        for figures in rows.chain([report.total]) {
            holds!(figures.broken().is_none(), "{from} to {to}: {:?} in {figures:?}", figures.broken());
        }
    }
    Ok(())
}

/// Replaying the events, read as anybody may read them, gives the row.
pub async fn replays(world: &World, code: &str) -> Result<(), TestCaseError> {
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
