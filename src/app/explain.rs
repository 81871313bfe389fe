//! How dates come about: for a petition from its ledger, and for what-if questions.

use super::{
    App,
    caller::Caller,
    error::{Result, invalid},
};
use crate::{
    domain::{
        calendar::LAST,
        clocks::Standing,
        custody::{Custody, custody},
        deadline::{Count, explain::Explanation},
        event::Recorded,
        permission,
        refusal::Refusal,
        words::{Clock, ClockRun},
    },
    store,
};

/// A clock of a petition's present round.
#[derive(Debug, Clone)]
pub struct ExplainedClock {
    /// Which.
    pub clock: Clock,
    /// How it stands.
    pub standing: Standing,
    /// Whether it runs now.
    pub run: ClockRun,
    /// How its due comes about; none for ledgers older than explanations.
    pub explanation: Option<Explanation>,
}

/// How the dates of a petition come about.
#[derive(Debug, Clone)]
pub struct ExplainedPetition {
    /// The clocks of the present round.
    pub clocks: Vec<ExplainedClock>,
    /// All events, with the ledger in them.
    pub events: Vec<Recorded>,
    /// Which unit had it, and from when to when.
    pub custody: Vec<Custody>,
}

/// Events that an explanation reads at the most.
const EVENTS: u64 = 10_000;

impl App {
    /// The clocks of a petition's present round, its events with the ledger in them, and who had it.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn explain(&self, caller: &Caller, code: &str) -> Result<ExplainedPetition> {
        let petition = self.store.petition(code).await?;
        let petition = petition
            .filter(|petition| permission::may_see("ExplainDeadline", &caller.actor, petition, &caller.reference.units))
            .ok_or(Refusal::NotFound)?;
        let now = self.clock.now();
        let clocks = petition.clocks.iter().map(|(clock, standing)| {
            let calendar = caller.reference.calendars.version(&standing.calendar);
            let explanation = standing.count.as_ref().zip(calendar);
            let explanation =
                explanation.map(|(count, version)| count.explain(&version.calendar, caller.reference.zone));
            ExplainedClock { clock, standing: standing.clone(), run: standing.run_at(now), explanation }
        });
        let clocks = clocks.collect();
        let events = self.store.events(petition.id, 0, EVENTS).await?;
        let events: Vec<Recorded> = events.into_iter().map(|(recorded, _)| recorded).collect();
        let corrupt = |_| store::Error::Corrupt { table: "event", column: "stored", row: petition.id.to_string() };
        let custody = custody(&events).map_err(corrupt)?;
        Ok(ExplainedPetition { clocks, events, custody })
    }

    /// Explains a count on a version of a calendar; a name alone means its version in use, empty that of the
    /// installation. Gives the version's name too.
    ///
    /// # Errors
    /// `Absent`; a span that leads past the last year of the calendar.
    pub fn compute(&self, caller: &Caller, count: &Count, calendar: &str) -> Result<(Explanation, String)> {
        let named = if calendar.is_empty() { None } else { Some(self.calendar(caller, calendar)?) };
        let calendar = named.as_ref().map_or(caller.reference.calendars.installation(), |version| &version.calendar);
        let explained = count.explain(calendar, caller.reference.zone);
        if explained.ends_beyond() {
            return Err(invalid("span", format!("leads past {LAST}, the last year that a calendar knows")));
        }
        Ok((explained, calendar.version.clone()))
    }
}
