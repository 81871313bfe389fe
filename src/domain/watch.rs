//! What a petition is watched for: the levels that its clocks and its publication reach, and when.

use chrono::{Days, TimeDelta};

use super::{
    clocks::Standing,
    petition::Petition,
    reference::Reference,
    time::{Due, Instant},
    words::{Clock, Level, Publication, State},
};

/// A level, and the instant at which it is reached.
pub type Reached = (Instant, Level);

/// Every level that is still to be raised, as things stand.
fn ahead(petition: &Petition, reference: &Reference) -> Vec<Reached> {
    let going = petition.clocks.going();
    let levels = going.flat_map(|(clock, standing)| of_clock(clock, standing, petition, reference));
    let levels = levels.chain(unpublished(petition, reference));
    levels.filter(|(_, level)| !petition.raised.contains(level)).collect()
}

/// The levels that a clock leads to: while it stands still to none, and after that by the due that it has then if no
/// reply comes.
fn of_clock(clock: Clock, standing: &Standing, petition: &Petition, reference: &Reference) -> Vec<Reached> {
    let mut levels = levels(clock, standing, petition, reference);
    if let Some(until) = standing.still_until() {
        levels.iter_mut().for_each(|(at, _)| *at = until.max(*at));
    }
    levels
}

fn levels(clock: Clock, standing: &Standing, petition: &Petition, reference: &Reference) -> Vec<Reached> {
    let (terms, zone, due) = (reference.terms(petition), reference.zone, standing.due);
    let days = |days: u32| Days::new(u64::from(days));
    let soon = due.date.checked_sub_days(days(terms.soon_days)).map(|day| zone.midnight(day));
    // Where the whole span is no longer than that, it need not be said.
    let begun = standing.count.as_ref().map_or(petition.round_at, |count| count.from);
    let soon = |level| soon.filter(|soon| *soon > begun).map(|soon| (soon, level));
    match clock {
        Clock::Intake => vec![(due.at, Level::Unaccepted)],
        Clock::Forward => vec![(due.at, Level::Unforwarded)],
        Clock::Unit => soon(Level::UnitDueSoon).into_iter().chain([(due.at, Level::UnitOverdue)]).collect(),
        Clock::Update => vec![(due.at, Level::ProgressOwed)],
        Clock::Answer => {
            let today = (zone.midnight(due.date).max(begun), Level::Due);
            let long = (due.at + TimeDelta::days(i64::from(terms.escalation_days)), Level::LongOverdue);
            soon(Level::DueSoon).into_iter().chain([today, (due.at, Level::Overdue), long]).collect()
        }
    }
}

fn unpublished(petition: &Petition, reference: &Reference) -> Option<Reached> {
    let answer = petition.answer.filter(|_| waits_for_publication(petition))?;
    let span = reference.terms(petition).publish?;
    Some((reference.due(petition.focal, answer.at, span).at, Level::Unpublished))
}

/// When the next level is to be raised.
pub fn next(petition: &Petition, reference: &Reference) -> Option<Instant> {
    ahead(petition, reference).into_iter().map(|(at, _)| at).min()
}

/// The levels that have been reached at `now` and not been raised, in the order in which they were reached.
pub fn reached(petition: &Petition, reference: &Reference, now: Instant) -> Vec<Level> {
    let mut reached = ahead(petition, reference);
    reached.retain(|(at, _)| *at <= now);
    reached.sort();
    reached.into_iter().map(|(_, level)| level).collect()
}

/// Whether a level that was raised still stands: its clock goes on, or the answer is still not published.
pub fn stands(petition: &Petition, level: Level) -> bool {
    match level.clock() {
        Some(wanted) => petition.raised.contains(&level) && petition.clocks.going().any(|(clock, _)| clock == wanted),
        None if level == Level::ManyReveals => true,
        None if level == Level::OftenReturned => petition.is_raised(),
        None if level == Level::StatementSubmitted => petition.state.is_open(),
        None => waits_for_publication(petition),
    }
}

fn waits_for_publication(petition: &Petition) -> bool {
    matches!(petition.state, State::Answered | State::Closed)
        && matches!(petition.publication, Publication::None | Publication::Proposed)
}

/// Of levels raised together those that are worth telling: of each clock the last.
pub fn worth_telling(levels: &[Level]) -> impl Iterator<Item = Level> {
    let later = |place: usize, level: &Level| levels.iter().skip(place + 1).any(|other| other.clock() == level.clock());
    levels.iter().enumerate().filter(move |(place, level)| !later(*place, level)).map(|(_, level)| *level)
}

/// What a level is about: the due of its clock; for returns and statements, of the answer; for publication, the day by which it was owed.
pub fn due(petition: &Petition, level: Level, reference: &Reference) -> Due {
    let of_clock = level.clock().and_then(|clock| petition.due(clock));
    let of_answer = matches!(level, Level::OftenReturned | Level::StatementSubmitted).then_some(petition.answer_due);
    of_clock.or(of_answer).unwrap_or_else(|| {
        let terms = reference.terms(petition);
        let from = petition.answer.map_or(petition.round_at, |answer| answer.at);
        terms.publish.map_or(petition.answer_due, |span| reference.due(petition.focal, from, span))
    })
}
