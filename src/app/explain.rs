//! How dates come about: for a petition from its ledger, and for what-if questions.

use std::{collections::HashMap, sync::Arc};

use chrono::NaiveTime;

use super::{
    App,
    caller::Caller,
    error::{Result, invalid},
    intake::Proof,
};
use crate::{
    domain::{
        calendar::LAST,
        clocks::Standing,
        custody::{Custody, custody},
        deadline::{Count, Span, explain::Explanation},
        event::{Event, Recorded},
        ids::TextId,
        permission,
        petition::Petition,
        policy::{Matter, Policy},
        reference::Reference,
        refusal::Refusal,
        rounds::clocks_of,
        time::Instant,
        words::{Clock, ClockRun},
    },
    store,
};

/// A clock of a round.
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
    /// The round that was asked for.
    pub round: i32,
    /// Its clocks.
    pub clocks: Vec<ExplainedClock>,
    /// All events, with the ledger in them.
    pub events: Vec<Recorded>,
    /// Why what moved clocks was done, by the text that says so; none that has been erased.
    pub reasons: HashMap<TextId, String>,
    /// The papers that ordered calendars, latest first: version, from when on, number.
    pub documents: Vec<(String, Instant, String)>,
    /// Which unit had it, and from when to when.
    pub custody: Vec<Custody>,
}

/// A what-if question.
#[derive(Debug, Clone)]
pub struct Question {
    /// The event that is counted from.
    pub from: Instant,
    /// How much is counted; none leaves it to the policy.
    pub span: Option<Span>,
    /// The local time of day from which on the event counts as one of the next working day.
    pub cutoff: Option<NaiveTime>,
    /// A version of a calendar; a name alone means its version in use, empty that of the unit or of the installation.
    pub calendar: String,
    /// What the policy is chosen by, and for which clock.
    pub matter: Option<(Matter, Clock)>,
}

/// The petitioner's own RPC.
const OWN: &str = "ExplainOwnDeadline";
/// Papers that an explanation reads at the most.
const DOCUMENTS: u64 = 1_000;
/// Events that an explanation reads at the most.
const EVENTS: u64 = 10_000;

impl ExplainedPetition {
    /// The paper that ordered the calendar which an event counted by: that of the last time it was applied until then.
    pub fn document(&self, recorded: &Recorded) -> Option<&str> {
        let version = recorded.clocks.first().map(|entry| entry.calendar.as_str());
        let ordered = |(of, from, _): &&(String, Instant, String)| Some(of.as_str()) == version && *from <= recorded.at;
        let counted = matches!(recorded.event, Event::Recalculated { .. });
        self.documents.iter().filter(|_| counted).find(ordered).map(|(.., document)| document.as_str())
    }
}

impl App {
    /// The clocks of a round, the present one if none is named, a petition's events with the ledger in them, and who had it.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` for a round that it was never in.
    pub async fn explain(&self, caller: &Caller, code: &str, round: Option<i32>) -> Result<ExplainedPetition> {
        let petition = self.store.petition(code).await?;
        let petition = petition
            .filter(|petition| permission::may_see("ExplainDeadline", &caller.actor, petition, &caller.reference.units))
            .ok_or(Refusal::NotFound)?;
        self.explained(&petition, &caller.reference, round).await
    }

    /// As [`App::explain`], for the petitioner.
    ///
    /// # Errors
    /// `NotFound` when the proof does not hold; `Invalid` for a round that it was never in.
    pub async fn explain_own(
        &self,
        caller: &Caller,
        code: &str,
        proof: &Proof,
        round: Option<i32>,
    ) -> Result<ExplainedPetition> {
        caller.heard(OWN)?;
        let petition = self.store.petition(code).await?;
        if proof.is_empty() {
            // Whoever may know of it is told that this is the petitioner's.
            let seen = petition.filter(|petition| permission::sees(&caller.actor, petition, &caller.reference.units));
            return Err(seen.map_or(Refusal::NotFound, |_| permission::denied(OWN)).into());
        }
        if !self.proves(caller.account, petition.as_ref(), proof).await? {
            return Err(Refusal::NotFound.into());
        }
        let petition = petition.filter(|petition| !caller.is_complained_of(petition)).ok_or(Refusal::NotFound)?;
        self.explained(&petition, &caller.reference, round).await
    }

    async fn explained(
        &self,
        petition: &Petition,
        reference: &Reference,
        round: Option<i32>,
    ) -> Result<ExplainedPetition> {
        let now = self.clock.now();
        let events = self.store.events(petition.id, 0, EVENTS).await?;
        let events: Vec<Recorded> = events.into_iter().map(|(recorded, _)| recorded).collect();
        let corrupt = |_| store::Error::Corrupt { table: "event", column: "stored", row: petition.id.to_string() };
        let round = round.unwrap_or(petition.round);
        let clocks = if round == petition.round {
            petition.clocks.clone()
        } else {
            let never = || invalid("round", format!("must be at most {}: it was in no other", petition.round));
            clocks_of(round, &events).map_err(corrupt)?.ok_or_else(never)?
        };
        let clocks = clocks.iter().map(|(clock, standing)| {
            let calendar = reference.calendars.version(&standing.calendar);
            let explanation = standing.count.as_ref().zip(calendar);
            let explanation = explanation.map(|(count, version)| count.explain(&version.calendar, reference.zone));
            ExplainedClock { clock, standing: standing.clone(), run: standing.run_at(now), explanation }
        });
        let clocks = clocks.collect();
        let custody = custody(&events).map_err(corrupt)?;
        let moved = events.iter().filter(|recorded| !recorded.clocks.is_empty());
        let named = moved.filter_map(|recorded| recorded.event.reason()).map(|reason| reason.id).collect();
        let texts = self.store.texts(named).await?;
        let reasons = texts.into_iter().map(|(id, text)| (id, text.body)).collect();
        let recounted = events.iter().any(|recorded| matches!(recorded.event, Event::Recalculated { .. }));
        let documents = if recounted { self.store.calendar_documents(DOCUMENTS).await? } else { Vec::new() };
        Ok(ExplainedPetition { round, clocks, events, reasons, documents, custody })
    }

    /// Explains what a question leads to; with the version of the calendar, and the policy if it asks for one.
    ///
    /// # Errors
    /// `Absent`; a span that leads past the last year of the calendar; a clock that the policy does not have.
    pub fn compute(&self, caller: &Caller, question: &Question) -> Result<(Explanation, String, Option<Arc<Policy>>)> {
        let reference = &caller.reference;
        let asked = question.matter.map(|(matter, clock)| (reference.policy(&matter), clock));
        let chosen = asked.map(|(policy, clock)| (policy.terms.span(clock), policy.terms.cutoff_of(clock)));
        let (span, cutoff) = match (question.span, chosen) {
            (Some(span), _) => (span, question.cutoff),
            (None, Some((Some(span), cutoff))) => (span, question.cutoff.or(cutoff)),
            _ => {
                return Err(invalid("clock", "is none that the policy has: it leaves a unit the whole time to answer"));
            }
        };
        let count = Count { cutoff, ..Count::plain(question.from, span) };
        let named = if question.calendar.is_empty() { None } else { Some(self.calendar(caller, &question.calendar)?) };
        let of_unit = || match question.matter {
            Some((matter, _)) => reference.calendar(matter.focal),
            None => reference.calendars.installation(),
        };
        let calendar = named.as_ref().map_or_else(of_unit, |version| &version.calendar);
        let explained = count.explain(calendar, reference.zone);
        if explained.ends_beyond() {
            return Err(invalid("span", format!("leads past {LAST}, the last year that a calendar knows")));
        }
        Ok((explained, calendar.version.clone(), asked.map(|(policy, _)| Arc::new(policy.clone()))))
    }
}
