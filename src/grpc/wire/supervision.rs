//! Messages of SupervisionService.

use chrono::NaiveDate;

use super::{
    parse::Faults,
    view::{due, stamp, summary},
    words::{Numbered as _, number},
};
use crate::{
    app::{Caller, Cell, Counted, DirectoryEvent, Error, Row, TrailFilter, Verified},
    domain::{
        ids::UnitId,
        reference::Reference,
        report::{Figure, Figures, Formula},
        text::{hex, line},
        time::Instant,
    },
    pb,
};

/// Longest period, in days.
const LONGEST: i64 = 3_660;

pub(crate) fn report(
    r: &pb::GetOnTimeReportRequest,
    reference: &Reference,
) -> Result<(NaiveDate, NaiveDate, Option<UnitId>, Formula), Error> {
    let mut f = Faults::default();
    let days = period(&mut f, &r.from, &r.to);
    let unit = f.unit("unit", &r.unit, reference);
    let formula = f.optional("formula", r.formula).unwrap_or(Formula::DueBasis);
    let read = days.map(|(from, to)| (from, to, unit, formula));
    f.or_some(read)
}

fn period(f: &mut Faults, from: &str, to: &str) -> Option<(NaiveDate, NaiveDate)> {
    let (from, to) = (f.date("from", from), f.date("to", to));
    let (from, to) = from.zip(to)?;
    if from >= to {
        f.note("to", "must be after from");
    } else if (to - from).num_days() > LONGEST {
        f.note("to", "must be at most 10 years after from");
    }
    Some((from, to))
}

pub(crate) fn cell(
    r: &pb::ListPetitionsInReportRequest,
    reference: &Reference,
) -> Result<((NaiveDate, NaiveDate), Cell), Error> {
    let mut f = Faults::default();
    let days = period(&mut f, &r.from, &r.to);
    let unit = f.unit("unit", &r.unit, reference);
    let figure = Figure::parse(&r.column);
    if figure.is_none() {
        f.note("column", "is not a column of the report");
    }
    let as_of = f.instant("as_of", r.as_of.as_ref());
    let (with_children, data_requests) = (r.with_children, r.data_requests);
    let cell = |figure| Cell { unit, with_children, figure, data_requests, as_of };
    let read = days.zip(figure).map(|(days, figure)| (days, cell(figure)));
    f.or_some(read)
}

pub(crate) fn row(row: &Row, reference: &Reference, formula: Formula) -> pb::ReportRow {
    let unit = reference.units.get(row.unit);
    pb::ReportRow {
        unit: unit.map_or_else(String::new, |unit| unit.code.clone()),
        name: unit.map_or_else(String::new, |unit| unit.name.clone()),
        depth: i32::try_from(row.depth).unwrap_or(i32::MAX),
        own: Some(figures(&row.own, formula)),
        with_children: Some(figures(&row.with_children, formula)),
    }
}

pub(crate) fn figures(figures: &Figures, formula: Formula) -> pb::ReportFigures {
    use Figure as F;
    let (rate_numerator, rate_denominator) = figures.rate(formula);
    let n = |figure| figures.get(figure);
    pb::ReportFigures {
        carried_in: n(F::CarriedIn),
        received: n(F::Received),
        reopened: n(F::Reopened),
        imported: n(F::Imported),
        conduct: n(F::Conduct),
        regulation: n(F::Regulation),
        both: n(F::Both),
        other: n(F::Other),
        unclassified: n(F::Unclassified),
        handled: n(F::Handled),
        early: n(F::Early),
        on_time: n(F::OnTime),
        late: n(F::Late),
        pending: n(F::Pending),
        within: n(F::Within),
        overdue: n(F::Overdue),
        merged: n(F::Merged),
        refused: n(F::Refused),
        withdrawn: n(F::Withdrawn),
        transferred: n(F::Transferred),
        ended_late: n(F::EndedLate),
        extended: n(F::Extended),
        published: n(F::Published),
        rate_numerator,
        rate_denominator,
    }
}

pub(crate) fn counted(counted: &Counted, caller: &Caller, now: Instant) -> pb::ReportedRound {
    let reference = &caller.reference;
    let (petition, title) = &counted.petition;
    pb::ReportedRound {
        petition: (!caller.is_complained_of(petition)).then(|| summary(petition, title, reference, now)),
        round: counted.round,
        received_at: Some(stamp(counted.received_at)),
        ended_at: counted.ended_at.map(stamp),
        answer_due: Some(due(&counted.due)),
        verdict: number(counted.verdict),
        unit: reference.units.code(counted.holder).to_owned(),
    }
}

pub(crate) fn trail(r: &pb::ListAuditEventsRequest, caller: &Caller) -> Result<TrailFilter, Error> {
    let mut f = Faults::default();
    let read = TrailFilter {
        actor: f.account("actor", &r.actor, &caller.reference),
        kind: f.text("kind", &r.kind, line(0, 50)),
        from: f.instant("from", r.from.as_ref()),
        until: f.instant("until", r.until.as_ref()),
    };
    f.or(read)
}

pub(crate) fn directory_event(event: DirectoryEvent, reference: &Reference) -> pb::AuditEvent {
    let event = pb::Event {
        seq: event.seq,
        kind: event.kind,
        happened_at: Some(stamp(event.at)),
        actor: event.actor.map_or("system", |actor| reference.login(actor)).to_owned(),
        version: event.seq,
        facts_json: event.stored,
        hash: hex(&event.hash),
        ..pb::Event::default()
    };
    pb::AuditEvent { code: String::new(), event: Some(event) }
}

pub(crate) fn verify(r: &pb::VerifyAuditRequest) -> Result<Option<String>, Error> {
    if r.code.is_empty() {
        return Ok(None);
    }
    super::casework::code(&r.code).map(Some)
}

pub(crate) fn verified(verified: Verified) -> pb::VerifyAuditResponse {
    pb::VerifyAuditResponse {
        petitions: verified.petitions,
        events: verified.events,
        erased: verified.erased,
        broken: verified.broken.map(|broken| pb::BrokenLink {
            code: broken.code,
            seq: broken.seq,
            problem: broken.problem,
        }),
    }
}

/// The number of a formula.
pub(crate) fn formula(formula: Formula) -> i32 {
    formula.number()
}
