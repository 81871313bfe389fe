//! Submit: a petition is taken in, its clocks start at the instant of receipt.

use chrono::TimeDelta;

use super::{Context, Step, finish};
use crate::domain::{
    account::{Actor, ActorRef},
    change::Change,
    code::tracking_code,
    command::Submit,
    event::Event,
    ids::{PetitionId, TextId, UnitId},
    petitioner::Petitioner,
    reference::Reference,
    refusal::{Fault, Refusal},
    time::Instant,
    words::{Channel, Medium, Role, State},
};

/// Decides a submission.
///
/// # Errors
/// `Forbidden` without the portal or clerk role over the receiving unit; `Invalid` with every fault at once.
pub fn submit(command: Submit, context: &Context<'_>) -> Result<Change, Refusal> {
    let ActorRef::Account { account, unit } = context.actor.who else { return Err(forbidden()) };
    let units = &context.reference.units;
    let focal = command.focal.or_else(|| units.focal_for(unit).map(|unit| unit.id));
    if !context.actor.has(role(command.channel)) {
        return Err(forbidden());
    }
    let asker = Asker { actor: context.actor, reference: context.reference, now: context.now };
    let mut faults = misplaced(command.channel, command.focal, command.received_at, &asker);
    faults.extend(unreachable(command.medium, &command.petitioner));
    let Some(focal) = focal.filter(|_| faults.is_empty()) else { return Err(Refusal::Invalid(faults)) };
    let received_at = command.received_at.unwrap_or(context.now);

    let id = PetitionId(context.source.id(context.now));
    let date = context.reference.zone.date(context.now);
    let text = command.submission.into_text(TextId(context.source.id(context.now)), context.source.random());
    let event = Event::Submitted {
        code: tracking_code(date, context.source.random()),
        petition_kind: command.kind,
        class: command.class,
        field: command.field,
        channel: command.channel,
        medium: command.medium,
        language: command.language,
        focal,
        received_at,
        entered_by: account,
        text: text.reference(),
    };
    let step = Step::new(event, State::Submitted).text([text]).clock(context.start_clocks(received_at));
    finish(None, step, false, Some((id, command.petitioner)), context)
}

const fn forbidden() -> Refusal {
    Refusal::Forbidden { command: "SUBMIT", needs: "the portal role, or the clerk role for assisted channels" }
}

/// Who takes a petition in through a channel.
const fn role(channel: Channel) -> Role {
    if channel.assisted() { Role::Clerk } else { Role::Portal }
}

/// Who submits, and when.
#[derive(Debug)]
pub struct Asker<'a> {
    /// Who.
    pub actor: &'a Actor,
    /// Units and policy.
    pub reference: &'a Reference,
    /// When.
    pub now: Instant,
}

/// What the submitter's place and the clock forbid; nothing for one without the role, who is told that instead.
pub fn misplaced(
    channel: Channel,
    focal: Option<UnitId>,
    received_at: Option<Instant>,
    asker: &Asker<'_>,
) -> Vec<Fault> {
    if !asker.actor.has(role(channel)) {
        return Vec::new();
    }
    let receipt =
        received_at.and_then(|at| receipt_fault(channel, at, asker)).map(|what| Fault::new("received_at", what));
    let focal = focal_fault(channel, focal, asker).map(|what| Fault::new("focal_unit", what));
    focal.into_iter().chain(receipt).collect()
}

fn focal_fault(channel: Channel, focal: Option<UnitId>, asker: &Asker<'_>) -> Option<&'static str> {
    let units = &asker.reference.units;
    let own = || asker.actor.unit().and_then(|own| units.focal_for(own)).map(|unit| unit.id);
    match focal.or_else(own).and_then(|id| units.get(id)) {
        None => Some("is required: no focal unit receives for the caller's unit"),
        Some(unit) if !unit.focal => Some("is not a focal unit"),
        Some(unit) if !asker.actor.covers(role(channel), unit.id, units) => {
            Some("lies outside what the caller may submit to")
        }
        Some(_) => None,
    }
}

fn receipt_fault(channel: Channel, received_at: Instant, asker: &Asker<'_>) -> Option<String> {
    let limit = asker.reference.policy.back_dating_days;
    if !channel.assisted() {
        Some("is for assisted channels only".to_owned())
    } else if received_at > asker.now {
        Some("lies in the future".to_owned())
    } else if received_at < asker.now - TimeDelta::days(i64::from(limit)) {
        Some(format!("lies more than {limit} days back"))
    } else {
        None
    }
}

/// A medium needs the contact it runs on.
pub fn unreachable(medium: Medium, petitioner: &Petitioner) -> Option<Fault> {
    let missing = match medium {
        Medium::Email if petitioner.email.is_empty() => Some("EMAIL needs petitioner.email"),
        Medium::Paper if petitioner.address.is_empty() => Some("PAPER needs petitioner.address"),
        Medium::Phone if petitioner.phone.is_empty() => Some("PHONE needs petitioner.phone"),
        _ => None,
    };
    missing.map(|what| Fault::new("medium", what))
}
