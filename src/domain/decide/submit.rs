//! Submit: a petition is taken in, its clocks start at the instant of receipt.

use chrono::TimeDelta;

use super::{Context, Step, finish};
use crate::domain::{
    account::ActorRef,
    change::Change,
    code::tracking_code,
    command::Submit,
    event::Event,
    ids::{PetitionId, TextId, UnitId},
    petitioner::Petitioner,
    refusal::{Fault, Refusal},
    time::Instant,
    words::{Medium, Role, State},
};

/// Decides a submission.
///
/// # Errors
/// `Forbidden` without the portal or clerk role over the receiving unit; `Invalid` with every fault at once.
pub fn submit(command: Submit, context: &Context<'_>) -> Result<Change, Refusal> {
    let ActorRef::Account { account, unit } = context.actor.who else { return Err(forbidden()) };
    let units = &context.reference.units;
    let focal = command.focal.or_else(|| units.focal_for(unit).map(|unit| unit.id));
    let role = if command.channel.assisted() { Role::Clerk } else { Role::Portal };
    if !context.actor.has(role) {
        return Err(forbidden());
    }
    let mut faults = Vec::new();
    let focal = check_focal(focal, role, context, &mut faults);
    let received_at = check_receipt(&command, context, &mut faults);
    faults.extend(unreachable(command.medium, &command.petitioner));
    let Some(focal) = focal.filter(|_| faults.is_empty()) else { return Err(Refusal::Invalid(faults)) };

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

fn check_focal(focal: Option<UnitId>, role: Role, context: &Context<'_>, faults: &mut Vec<Fault>) -> Option<UnitId> {
    let units = &context.reference.units;
    let unit = focal.and_then(|id| units.get(id));
    let fault = match unit {
        None => "is required: no focal unit receives for the caller's unit",
        Some(unit) if !unit.focal => "is not a focal unit",
        Some(unit) if !context.actor.covers(role, unit.id, units) => "lies outside what the caller may submit to",
        Some(_) => return focal,
    };
    faults.push(Fault::new("focal_unit", fault));
    None
}

fn check_receipt(command: &Submit, context: &Context<'_>, faults: &mut Vec<Fault>) -> Instant {
    let Some(received_at) = command.received_at else { return context.now };
    let limit = context.reference.policy.back_dating_days;
    if !command.channel.assisted() {
        faults.push(Fault::new("received_at", "is for assisted channels only"));
    } else if received_at > context.now {
        faults.push(Fault::new("received_at", "lies in the future"));
    } else if received_at < context.now - TimeDelta::days(i64::from(limit)) {
        faults.push(Fault::new("received_at", format!("lies more than {limit} days back")));
    }
    received_at
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
