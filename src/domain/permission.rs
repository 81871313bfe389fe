//! Who may do what: the "who" column of the life, and who may know that a petition exists.

use super::{
    account::{Actor, ActorRef},
    command::Command,
    petition::Petition,
    reference::Reference,
    refusal::Refusal,
    unit::Units,
    words::{Role, State, SubjectClass},
};

/// Whether the actor may know that the petition exists: staff with a role over its focal unit, its holder or a
/// co-handling unit. In a conduct case never from inside the unit complained of.
pub fn sees(actor: &Actor, petition: &Petition, units: &Units) -> bool {
    if matches!(actor.who, ActorRef::System | ActorRef::Petitioner { .. }) {
        return true;
    }
    if conflicted(actor, petition, units) {
        return false;
    }
    let staff = [Role::Clerk, Role::Dispatcher, Role::Handler, Role::Approver, Role::Supervisor];
    let places = [petition.focal, petition.holder];
    staff.into_iter().any(|role| places.iter().chain(&petition.co_units).any(|place| actor.covers(role, *place, units)))
}

/// Whether the actor stands inside the unit whose conduct is complained of.
pub fn conflicted(actor: &Actor, petition: &Petition, units: &Units) -> bool {
    let conduct = petition.class.is_some_and(SubjectClass::concerns_conduct);
    match (conduct, petition.concerned, actor.unit()) {
        (true, Some(concerned), Some(own)) => units.within(own, concerned),
        _ => false,
    }
}

/// Whether the actor may look at who brought the petition: whoever has to write or speak to them. The focal unit's clerks
/// and dispatchers, the holder's handlers and approvers; nobody who may not know that it exists.
pub fn reveals(actor: &Actor, petition: &Petition, units: &Units) -> bool {
    let focal = [Role::Clerk, Role::Dispatcher].into_iter().any(|role| actor.covers(role, petition.focal, units));
    let holder = [Role::Handler, Role::Approver].into_iter().any(|role| actor.covers(role, petition.holder, units));
    sees(actor, petition, units) && (focal || holder)
}

/// Decides whether the actor may give the command.
///
/// # Errors
/// `NotFound` when the actor may not know that the petition exists, else `Forbidden`.
pub fn check(actor: &Actor, command: &Command, petition: &Petition, reference: &Reference) -> Result<(), Refusal> {
    let units = &reference.units;
    if !sees(actor, petition, units) && !matches!(command, Command::RetryLetter { .. } | Command::AbandonLetter { .. })
    {
        return Err(Refusal::NotFound);
    }
    let system = matches!(actor.who, ActorRef::System);
    let petitioner = matches!(actor.who, ActorRef::Petitioner { .. });
    let staff = |role, place| !petitioner && actor.covers(role, place, units);
    let dispatcher = staff(Role::Dispatcher, petition.focal);
    let handler = staff(Role::Handler, petition.holder);
    let head = staff(Role::Approver, petition.holder);
    let clerk = staff(Role::Clerk, petition.focal);
    let (allowed, needs) = match command {
        Command::RequestInformation { .. } => match petition.state {
            State::Submitted | State::Accepted => (dispatcher, "the dispatcher role over the focal unit"),
            _ => (dispatcher || handler, "the dispatcher or the handler role"),
        },
        Command::ProvideInformation { .. } | Command::Rate { .. } => {
            (petitioner || clerk, "the petitioner or a clerk of the focal unit")
        }
        Command::Withdraw { .. } | Command::Reopen { .. } => {
            (petitioner, "the petitioner's access key or portal_subject")
        }
        Command::Refuse { .. } => match petition.state {
            State::Submitted => (dispatcher, "the dispatcher role over the focal unit"),
            State::NeedsInformation if petition.accepted_at.is_none() => {
                (dispatcher, "the dispatcher role over the focal unit")
            }
            _ => (head, "the approver role over the holder, since it has been accepted"),
        },
        Command::Accept(_)
        | Command::Reclassify(_)
        | Command::Transfer { .. }
        | Command::RecallAnswer { .. }
        | Command::SaveRedaction { .. }
        | Command::Publish { .. }
        | Command::TakeDown { .. } => (dispatcher, "the dispatcher role over the focal unit"),
        Command::Assign { assignment, .. } => {
            let inside = head && units.within(assignment.unit, petition.holder);
            (dispatcher || inside, "the dispatcher role, or the approver role over the holder inside its subtree")
        }
        Command::Return { .. } => (handler || head, "the handler or the approver role over the holder"),
        Command::Start | Command::SaveDraft { .. } | Command::SubmitDraft { .. } | Command::PostProgress { .. } => {
            (handler, "the handler role over the holder")
        }
        Command::SendBack { .. } | Command::Approve { .. } => (head, "the approver role over the holder"),
        Command::Extend { .. } => (
            may_extend(actor, petition, units),
            "the approver role over the focal unit or the holder's parent, from outside the holder",
        ),
        Command::AddNote { .. } => (!petitioner, "staff"),
        Command::LapseInformation | Command::Recalculate | Command::Escalate | Command::Close => {
            (system, "nobody: it happens by itself")
        }
        Command::RetryLetter { .. } | Command::AbandonLetter { .. } => {
            let root = units.root().map(|unit| unit.id);
            (root.is_some_and(|root| staff(Role::Operator, root)), "the operator role over the whole tree")
        }
    };
    if allowed { Ok(()) } else { Err(Refusal::Forbidden { command: command.name(), needs }) }
}

/// An extension is for an approver of the focal unit or of the holder's parent, never for the holder.
fn may_extend(actor: &Actor, petition: &Petition, units: &Units) -> bool {
    let parent = units.get(petition.holder).and_then(|holder| holder.parent);
    let inside = |unit| units.within(unit, petition.holder);
    actor.unit().is_some_and(|own| !inside(own))
        && actor.tops(Role::Approver).any(|top| {
            !inside(top)
                && (units.within(petition.focal, top) || parent.is_some_and(|parent| units.within(parent, top)))
        })
}
