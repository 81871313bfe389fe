//! Messages of DeadlineService.

use chrono::NaiveTime;

use super::{
    calendar::weekday_name,
    parse::Faults,
    view::{due, stamp},
    words::{Numbered, number},
};
use crate::{
    app::{Error, ExplainedClock, ExplainedPetition, Question},
    domain::{
        calendar::DayOff,
        custody::Custody,
        deadline::{
            LONGEST, Span,
            explain::{Explanation, Line, Mark},
        },
        event::{ClockEntry, Event, Recorded},
        ids::UnitId,
        policy::{Matter, Policy, Scope, Terms},
        reference::Reference,
        text::{body, line},
        time::Instant,
        words::{Channel, Clock, Kind, Priority},
    },
    pb,
};

/// A policy to put: its name, beginning and end, what it is for, what it says.
pub(crate) type NewPolicy = ((String, Option<Instant>, Option<Instant>), Scope, Terms);

pub(crate) fn new_policy(r: &pb::PutPolicyRequest, reference: &Reference) -> Result<NewPolicy, Error> {
    let mut f = Faults::default();
    f.uuid("request_id", &r.request_id);
    let none = pb::Policy::default();
    if r.policy.is_none() {
        f.note("policy", "is required");
    }
    let given = r.policy.as_ref().unwrap_or(&none);
    let name = f.stable_code("policy.name", &given.name);
    if name.chars().count() > 40 {
        f.note("policy.name", "must have at most 40 characters");
    }
    // Given by the server; what was read may be sent back.
    f.text("policy.version", &given.version, line(0, 60));

    let from = f.instant("policy.valid_from", given.valid_from.as_ref());
    let until = f.instant("policy.valid_until", given.valid_until.as_ref());
    let no_scope = pb::PolicyScope::default();
    let said = given.scope.as_ref().unwrap_or(&no_scope);
    let scope = Scope {
        unit: f.unit("policy.scope.unit", &said.unit, reference),
        priority: f.optional("policy.scope.priority", said.priority),
        class: f.optional("policy.scope.subject_class", said.subject_class),
        kind: f.optional("policy.scope.kind", said.kind),
        channel: f.optional("policy.scope.channel", said.channel),
    };
    let mut required = |field: &str, given: Option<&pb::Span>| {
        if given.is_none() {
            f.note(field, "is required");
        }
        span(&mut f, field, given).unwrap_or(Span::WorkingDays(1))
    };
    let (intake, forward) =
        (required("policy.intake", given.intake.as_ref()), required("policy.forward", given.forward.as_ref()));
    let (answer, update) =
        (required("policy.answer", given.answer.as_ref()), required("policy.update", given.update.as_ref()));
    let (recall, reopening) =
        (required("policy.recall", given.recall.as_ref()), required("policy.reopening", given.reopening.as_ref()));
    let terms = Terms {
        intake,
        forward,
        answer,
        unit: span(&mut f, "policy.unit", given.unit.as_ref()),
        update,
        cutoff: time_of_day(&mut f, "policy.cutoff", &given.cutoff),
        pauses: count(&mut f, "policy.pauses", given.pauses),
        pause_days: count(&mut f, "policy.pause_days", given.pause_days),
        extensions: count(&mut f, "policy.extensions", given.extensions),
        extension_days: count(&mut f, "policy.extension_days", given.extension_days),
        recall,
        reopening,
        back_dating_days: count(&mut f, "policy.back_dating_days", given.back_dating_days),
        reply_days: count(&mut f, "policy.reply_days", given.reply_days),
        tell_moved: given.tell_moved,
        soon_days: count(&mut f, "policy.soon_days", given.soon_days),
        escalation_days: count(&mut f, "policy.escalation_days", given.escalation_days),
        escalation_returns: count(&mut f, "policy.escalation_returns", given.escalation_returns),
        publish: span(&mut f, "policy.publish", given.publish.as_ref()),
        basis: f.text("policy.basis", &given.basis, body(1, 2_000)),
    };
    f.or(((name, from, until), scope, terms))
}

/// A version to close, and from when on.
pub(crate) fn close_policy(r: &pb::ClosePolicyRequest) -> Result<(String, Option<Instant>), Error> {
    let mut f = Faults::default();
    f.uuid("request_id", &r.request_id);
    let version = f.text("version", &r.version, line(1, 60));
    let until = f.instant("valid_until", r.valid_until.as_ref());
    f.or((version, until))
}

/// A number that is bounded by the domain.
fn count(f: &mut Faults, field: &str, given: i32) -> u32 {
    u32::try_from(given).unwrap_or_else(|_| {
        f.note(field, "must not be negative");
        1
    })
}

fn span(f: &mut Faults, field: &str, given: Option<&pb::Span>) -> Option<Span> {
    let given = given?;
    let amount = f.amount(&format!("{field}.amount"), given.amount, None, (1, LONGEST));
    let unit = pb::TimeUnit::try_from(given.unit);
    let field = format!("{field}.unit");
    match unit {
        Ok(pb::TimeUnit::WorkingDay) => Some(Span::WorkingDays(amount)),
        Ok(pb::TimeUnit::CalendarDay) => Some(Span::CalendarDays(amount)),
        Ok(pb::TimeUnit::WorkingHour) => Some(Span::WorkingHours(amount)),
        Ok(pb::TimeUnit::Unspecified) => {
            f.note(&field, "is required");
            None
        }
        Err(_) => {
            f.note(&field, format!("{} is not a value of it", given.unit));
            None
        }
    }
}

fn time_of_day(f: &mut Faults, field: &str, typed: &str) -> Option<NaiveTime> {
    if typed.is_empty() {
        return None;
    }
    let read = (typed.len() == 5).then(|| NaiveTime::parse_from_str(typed, "%H:%M").ok()).flatten();
    if read.is_none() {
        f.note(field, "is not a time of day: HH:MM");
    }
    read
}

pub(crate) fn question(r: &pb::ComputeDeadlineRequest, reference: &Reference) -> Result<Question, Error> {
    let mut f = Faults::default();
    if r.from.is_none() {
        f.note("from", "is required");
    }
    let from = f.instant("from", r.from.as_ref());
    let span = span(&mut f, "span", r.span.as_ref());
    let cutoff = time_of_day(&mut f, "cutoff", &r.cutoff);
    let calendar = f.text("calendar", &r.calendar, line(0, 60));
    let unit = f.unit("unit", &r.unit, reference);
    let class = f.optional("subject_class", r.subject_class);
    let (priority, kind) = (f.optional("priority", r.priority), f.optional("kind", r.kind));
    let (channel, clock) = (f.optional("channel", r.channel), f.optional("clock", r.clock));
    let named = unit.is_some() || class.is_some() || kind.is_some() || channel.is_some();
    let asked = named || priority.is_some() || clock.is_some() || r.span.is_none();
    let question = from.map(|from| {
        let matter = Matter {
            received_at: from,
            focal: unit.unwrap_or(UnitId(uuid::Uuid::nil())),
            priority: priority.unwrap_or(Priority::Normal),
            class,
            kind: kind.unwrap_or(Kind::Feedback),
            channel: channel.unwrap_or(Channel::Portal),
        };
        let matter = asked.then_some((matter, clock.unwrap_or(Clock::Answer)));
        Question { from, span, cutoff, calendar, matter }
    });
    f.or_some(question)
}

pub(crate) fn policy(policy: &Policy, reference: &Reference) -> pb::Policy {
    let (scope, terms) = (&policy.scope, &policy.terms);
    let small = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    pb::Policy {
        version: policy.version.clone(),
        name: policy.name.clone(),
        valid_from: policy.from.map(stamp),
        scope: Some(pb::PolicyScope {
            unit: scope.unit.map_or("", |unit| reference.units.code(unit)).to_owned(),
            priority: number(scope.priority),
            subject_class: number(scope.class),
            kind: number(scope.kind),
            channel: number(scope.channel),
        }),
        intake: Some(shown(terms.intake)),
        forward: Some(shown(terms.forward)),
        answer: Some(shown(terms.answer)),
        unit: terms.unit.map(shown),
        update: Some(shown(terms.update)),
        cutoff: terms.cutoff.map(|time| time.format("%H:%M").to_string()).unwrap_or_default(),
        pauses: small(terms.pauses),
        pause_days: small(terms.pause_days),
        extensions: small(terms.extensions),
        extension_days: small(terms.extension_days),
        recall: Some(shown(terms.recall)),
        reopening: Some(shown(terms.reopening)),
        back_dating_days: small(terms.back_dating_days),
        reply_days: small(terms.reply_days),
        basis: terms.basis.clone(),
        tell_moved: terms.tell_moved,
        soon_days: small(terms.soon_days),
        escalation_days: small(terms.escalation_days),
        escalation_returns: small(terms.escalation_returns),
        publish: terms.publish.map(shown),
        valid_until: policy.until.map(stamp),
    }
}

fn shown(span: Span) -> pb::Span {
    let unit = match span {
        Span::WorkingDays(_) => pb::TimeUnit::WorkingDay,
        Span::CalendarDays(_) => pb::TimeUnit::CalendarDay,
        Span::WorkingHours(_) => pb::TimeUnit::WorkingHour,
    };
    pb::Span { amount: i32::try_from(span.amount()).unwrap_or(i32::MAX), unit: unit.into() }
}

/// An explanation, on which version of which calendar, by which policy, resting on which law.
pub fn explanation(explained: &Explanation, calendar: &str, policy: &str, basis: &str) -> pb::Explanation {
    let spans = explained.stretches.iter().map(|stretch| pb::ExplainedSpan {
        span: Some(shown(stretch.span)),
        days: stretch.lines.iter().map(day).collect(),
    });
    pb::Explanation {
        due: Some(due(&explained.due)),
        spans: spans.collect(),
        calendar: calendar.to_owned(),
        policy: policy.to_owned(),
        basis: basis.to_owned(),
    }
}

fn day(line: &Line) -> pb::ExplainedDay {
    use pb::DayMark as M;
    let (mark, n, of) = match line.mark {
        Mark::Event => (M::Event, 0, 0),
        Mark::AfterCutOff => (M::AfterCutOff, 0, 0),
        Mark::Counted { n, of } => (M::Counted, i64::from(n), i64::from(of)),
        Mark::Hours { so_far, of, .. } => (M::Hours, so_far, of),
        Mark::Off => (M::Off, 0, 0),
        Mark::Paused(n) => (M::Paused, i64::from(n), 0),
        Mark::Moved => (M::Moved, 0, 0),
        Mark::MovedTo => (M::MovedTo, 0, 0),
        Mark::Held => (M::Held, 0, 0),
    };
    let day_off = match &line.off {
        None => String::new(),
        Some(DayOff::Named(_)) => "HOLIDAY".to_owned(),
        Some(DayOff::Weekday(weekday)) => weekday_name(*weekday).to_owned(),
    };
    let name = line.name.clone().unwrap_or_default();
    pb::ExplainedDay { date: line.date.to_string(), mark: mark.into(), n, of, day_off, name }
}

pub(crate) fn clock(explained: &ExplainedClock, reference: &Reference) -> pb::ExplainedClock {
    let standing = &explained.standing;
    let basis = reference.policies.version(&standing.policy).map_or("", |policy| policy.terms.basis.as_str());
    pb::ExplainedClock {
        clock: explained.clock.number(),
        run: explained.run.number(),
        explanation: explained
            .explanation
            .as_ref()
            .map(|found| explanation(found, &standing.calendar, &standing.policy, basis)),
    }
}

/// An interval of custody.
pub(crate) fn custody(custody: &Custody, reference: &Reference) -> pb::Custody {
    pb::Custody {
        unit: reference.units.code(custody.unit).to_owned(),
        round: custody.round,
        since: Some(stamp(custody.since)),
        until: custody.until.map(stamp),
    }
}

/// How the answer's due comes about, and what was done to its clock, as the petitioner may see it.
pub(crate) fn own(code: &str, explained: &ExplainedPetition, reference: &Reference) -> pb::ExplainOwnDeadlineResponse {
    let answer = explained.clocks.iter().find(|clock| clock.clock == Clock::Answer).map(|one| clock(one, reference));
    let answer = answer.unwrap_or_default();
    let steps = explained.events.iter().flat_map(|recorded| {
        let entries = recorded.clocks.iter().filter(|entry| entry.clock == Clock::Answer);
        entries.map(|entry| own_step(explained, recorded, entry))
    });
    pb::ExplainOwnDeadlineResponse {
        code: code.to_owned(),
        round: explained.round,
        run: answer.run,
        ledger: steps.collect(),
        explanation: answer.explanation,
    }
}

fn own_step(explained: &ExplainedPetition, recorded: &Recorded, entry: &ClockEntry) -> pb::OwnLedgerEntry {
    // The letter says why time was extended, and the petitioner why it was reopened; all other reasons are internal.
    let told = matches!(recorded.event, Event::Extended { .. } | Event::Reopened { .. });
    let reason = recorded.event.reason().filter(|_| told).and_then(|reason| explained.reasons.get(&reason.id));
    pb::OwnLedgerEntry {
        step: entry.step.number(),
        effective_at: Some(stamp(entry.at)),
        recorded_at: Some(stamp(recorded.at)),
        event: recorded.event.name().to_owned(),
        due: Some(due(&entry.due)),
        policy: entry.policy.clone(),
        calendar: entry.calendar.clone(),
        reason: reason.cloned().unwrap_or_default(),
        document: explained.document(recorded).unwrap_or_default().to_owned(),
    }
}

/// The ledger entries of an event.
pub(crate) fn ledger(
    explained: &ExplainedPetition,
    recorded: &Recorded,
    reference: &Reference,
) -> Vec<pb::LedgerEntry> {
    let reason = recorded.event.reason().and_then(|reason| explained.reasons.get(&reason.id));
    let entry = |entry: &ClockEntry| pb::LedgerEntry {
        clock: entry.clock.number(),
        step: entry.step.number(),
        effective_at: Some(stamp(entry.at)),
        recorded_at: Some(stamp(recorded.at)),
        actor: super::view::actor(recorded, reference).0,
        event: recorded.event.name().to_owned(),
        seq: recorded.seq,
        due: Some(due(&entry.due)),
        policy: entry.policy.clone(),
        calendar: entry.calendar.clone(),
        reason: reason.cloned().unwrap_or_default(),
        document: explained.document(recorded).unwrap_or_default().to_owned(),
    };
    recorded.clocks.iter().map(entry).collect()
}
