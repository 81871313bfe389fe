//! Submit: a petition is taken in, its clocks start at the instant of receipt.

use chrono::TimeDelta;

use super::{Context, Step, finish};
use crate::domain::{
    account::{Actor, ActorRef},
    change::Change,
    code::tracking_code,
    command::Submit,
    event::Event,
    ids::{AccountId, PetitionId, TextId, UnitId},
    permission::{self, When},
    petition::DataRequest,
    petitioner::Petitioner,
    policy::Matter,
    reference::Reference,
    refusal::{Fault, Refusal},
    time::Instant,
    words::{Channel, Kind, Medium, Priority, Role, State, SubjectClass},
};

/// Decides a submission.
///
/// # Errors
/// `Forbidden` without the portal or clerk role over the receiving unit; `Invalid` with every fault at once.
pub fn submit(command: Submit, context: &Context<'_>) -> Result<Change, Refusal> {
    let ActorRef::Account { account, unit } = context.actor.who else { return Err(permission::denied(RPC)) };
    let units = &context.reference.units;
    let focal = command.focal.or_else(|| units.focal_for(unit).map(|unit| unit.id));
    if !context.actor.has(role(command.channel)) {
        return Err(permission::denied(RPC));
    }
    let asker = Asker { actor: context.actor, reference: context.reference, now: context.now };
    let said = Said {
        kind: command.kind,
        class: command.class,
        channel: command.channel,
        focal: command.focal,
        received_at: command.received_at,
    };
    let mut faults = misplaced(&said, &asker);
    faults.extend(unreachable(command.medium, &command.petitioner));
    let Some(focal) = focal.filter(|_| faults.is_empty()) else { return Err(Refusal::Invalid(faults)) };
    take_in(command, (account, focal), None, context)
}

/// Takes in what has been checked: with what it asks about which other petition, and whom that complains of, if it does.
pub(super) fn take_in(
    command: Submit,
    (account, focal): (AccountId, UnitId),
    about: Option<(DataRequest, Option<UnitId>)>,
    context: &Context<'_>,
) -> Result<Change, Refusal> {
    let received_at = command.received_at.unwrap_or(context.now);
    let (about, concerned) = about.map_or((None, None), |(about, concerned)| (Some(about), concerned));
    let id = PetitionId(context.source.id(context.now));
    let date = context.reference.zone.date(context.now);
    let text = command.submission.into_text(TextId(context.source.id(context.now)), context.source.random());
    let matter = Matter {
        received_at,
        focal,
        priority: Priority::Normal,
        class: command.class,
        kind: command.kind,
        channel: command.channel,
    };
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
        about,
        concerned,
    };
    let step = Step::new(event, State::Submitted).text([text]).clock(context.start_clocks(&matter));
    finish(None, step, false, Some((id, command.petitioner)), context)
}

const RPC: &str = "SubmitPetition";

/// Who takes a petition in through a channel.
fn role(channel: Channel) -> Role {
    let when = if channel.assisted() { When::Assisted } else { When::Online };
    permission::role(RPC, when).unwrap_or(Role::Portal)
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

/// What a submission says of itself, as far as it was understood.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "the fields are those of `Submit`")]
pub struct Said {
    pub kind: Kind,
    pub class: Option<SubjectClass>,
    pub channel: Channel,
    pub focal: Option<UnitId>,
    pub received_at: Option<Instant>,
}

/// What the submitter's place and the clock forbid; nothing for one without the role, who is told that instead.
pub fn misplaced(said: &Said, asker: &Asker<'_>) -> Vec<Fault> {
    if !asker.actor.has(role(said.channel)) {
        return Vec::new();
    }
    let receipt = said.received_at.and_then(|at| receipt_fault(said, at, asker));
    let focal = focal_fault(said, asker).map(|what| Fault::new("focal_unit", what));
    let kind = (said.kind == Kind::DataRequest).then(|| Fault::new("kind", "is submitted by SubmitDataRequest only"));
    kind.into_iter().chain(focal).chain(receipt.map(|what| Fault::new("received_at", what))).collect()
}

fn focal(said: &Said, asker: &Asker<'_>) -> Option<UnitId> {
    let own = || asker.actor.unit().and_then(|own| asker.reference.units.focal_for(own)).map(|unit| unit.id);
    said.focal.or_else(own)
}

fn focal_fault(said: &Said, asker: &Asker<'_>) -> Option<&'static str> {
    let units = &asker.reference.units;
    match focal(said, asker).and_then(|id| units.get(id)) {
        None => Some("is required: no focal unit receives for the caller's unit"),
        Some(unit) if !unit.focal => Some("is not a focal unit"),
        Some(unit) if unit.idle().is_some() => unit.idle(),
        Some(unit) if !asker.actor.covers(role(said.channel), unit.id, units) => {
            Some("lies outside what the caller may submit to")
        }
        Some(_) => None,
    }
}

pub(super) fn receipt_fault(said: &Said, received_at: Instant, asker: &Asker<'_>) -> Option<String> {
    if !said.channel.assisted() {
        return Some("is for assisted channels only".to_owned());
    }
    if received_at > asker.now {
        return Some("lies in the future".to_owned());
    }
    // Bounded by the policy of those who would receive it today.
    let matter = Matter {
        received_at: asker.now,
        focal: focal(said, asker)?,
        priority: Priority::Normal,
        class: said.class,
        kind: said.kind,
        channel: said.channel,
    };
    let limit = asker.reference.policy(&matter).terms.back_dating_days;
    let early = received_at < asker.now - TimeDelta::days(i64::from(limit));
    early.then(|| format!("lies more than {limit} days back"))
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
