//! Who may do what. Every RPC asks one table; what it does not name is denied.
//!
//! In a conduct case nobody who stands in the unit complained of, or below it, may know that the petition exists,
//! whatever their roles, nor whoever stood there when it was received and was moved away since: that goes before the
//! table. Nor does an access key help them: whoever typed a petition in was shown it. What they are given is a redacted copy that a person wrote for them. An account that is a portal and nothing else stands nowhere in this sense: what it is shown it shows to
//! whoever proves to be the petitioner, and petitioners may complain of the unit that runs the portal too.

mod paper;
mod table;

pub use self::{
    paper::paper,
    table::{Entry, May, Others, Reach, TABLE, When},
};
use super::{
    account::{Actor, ActorRef, Delegated, Former},
    command::Command,
    delegation::Delegation,
    ids::{CopyId, UnitId},
    petition::Petition,
    reference::Reference,
    refusal::Refusal,
    unit::Units,
    words::{Role, State},
};

/// What the table says of an RPC.
pub fn entry(rpc: &str) -> Option<&'static Entry> {
    TABLE.iter().find(|entry| entry.rpc == rpc)
}

/// Whether a call is listened to at all: whether its caller has a role that may, somewhere. Asked before the request is
/// read; what it is about is asked then.
///
/// # Errors
/// `Forbidden`; so for an RPC that the table does not name.
pub fn heard(rpc: &'static str, actor: &Actor, units: &Units) -> Result<(), Refusal> {
    let Some(entry) = entry(rpc) else { return Err(denied(rpc)) };
    let heard = match entry.others {
        Others::Anyone | Others::Accounts => true,
        Others::Petitioner => actor.has(Role::Portal) || actor.has(Role::Clerk),
        Others::Nobody => false,
    };
    let has = |may: &May| match may.reach {
        Reach::Everything => over_all(actor, may.role, units),
        Reach::Delegated => !actor.delegated().is_empty(),
        _ => actor.has(may.role),
    };
    if heard || entry.may.iter().any(has) { Ok(()) } else { Err(entry.forbidden()) }
}

/// Whether the actor may do at some time what is about no petition and no unit.
///
/// # Errors
/// `Forbidden`.
pub fn may(rpc: &'static str, when: When, actor: &Actor, units: &Units) -> Result<(), Refusal> {
    let has = |may: &May| {
        let reaches = match may.reach {
            Reach::Somewhere => actor.has(may.role),
            Reach::Everything => over_all(actor, may.role, units),
            Reach::Delegated => !actor.delegated().is_empty(),
            _ => false,
        };
        reaches && (may.when == When::Always || may.when == when)
    };
    let entry = entry(rpc);
    let allowed = entry.is_some_and(|entry| entry.may.iter().any(has));
    if allowed { Ok(()) } else { Err(denied(rpc)) }
}

/// Whether the actor may do what is about a unit, or about the whole tree.
///
/// # Errors
/// `Forbidden`.
pub fn may_over(rpc: &'static str, unit: Option<UnitId>, actor: &Actor, units: &Units) -> Result<(), Refusal> {
    over(rpc, |_| true, unit, actor, units)
}

/// As [`may_over`], whoever it is for: not only for oneself.
///
/// # Errors
/// `Forbidden`.
pub fn may_over_for_others(
    rpc: &'static str,
    unit: Option<UnitId>,
    actor: &Actor,
    units: &Units,
) -> Result<(), Refusal> {
    over(rpc, |may| may.when != When::OfOneself, unit, actor, units)
}

fn over(
    rpc: &'static str,
    now: impl Fn(&May) -> bool,
    unit: Option<UnitId>,
    actor: &Actor,
    units: &Units,
) -> Result<(), Refusal> {
    let reaches = |may: &May| match (may.reach, unit) {
        (Reach::Delegated, Some(unit)) => actor.approves_for(unit, units).next().is_some(),
        (Reach::Named | Reach::Somewhere, Some(unit)) => actor.covers(may.role, unit, units),
        (Reach::Named | Reach::Everything, _) => over_all(actor, may.role, units),
        _ => false,
    };
    let allowed = entry(rpc).is_some_and(|entry| entry.may.iter().any(|may| now(may) && reaches(may)));
    if allowed { Ok(()) } else { Err(denied(rpc)) }
}

/// The delegations by which the actor may approve a petition: none of somebody who may not know of it themselves.
pub fn approving_for<'a>(
    actor: &'a Actor,
    petition: &'a Petition,
    units: &'a Units,
) -> impl Iterator<Item = &'a Delegation> {
    let given = actor.approves_for(petition.holder, units);
    let open = |delegated: &&Delegated| {
        let left = left_since(&delegated.former, petition);
        !complains_of(petition, delegated.standings.iter().copied().chain(left), units)
    };
    given.filter(open).map(|delegated| &delegated.delegation)
}

/// Whether the actor may look at a petition by an RPC. In a conduct case never from inside the unit complained of.
pub fn may_see(rpc: &str, actor: &Actor, petition: &Petition, units: &Units) -> bool {
    let allowed = entry(rpc).is_some_and(|entry| entry.allows(actor, petition, None, units));
    allowed && !conflicted(actor, petition, units)
}

/// The role that may at some time.
pub fn role(rpc: &str, when: When) -> Option<Role> {
    entry(rpc)?.may.iter().find(|may| may.when == when).map(|may| may.role)
}

/// Whether the actor may know that the petition exists: the petitioner who proved to be one, and staff with a role over
/// its focal unit, its holder or a co-handling unit. In a conduct case never from inside the unit complained of.
pub fn sees(actor: &Actor, petition: &Petition, units: &Units) -> bool {
    match actor.who {
        ActorRef::System => true,
        ActorRef::Petitioner { .. } => !conflicted(actor, petition, units),
        ActorRef::Account { .. } => may_see("GetPetition", actor, petition, units),
    }
}

/// The units in which the actor stands, or stood before they were dissolved, when their conduct is complained of.
pub fn inside(actor: &Actor) -> impl Iterator<Item = UnitId> + '_ {
    actor.standings().filter(|_| !actor.is_portal())
}

/// Units that one was moved away from after a petition was received: whoever stood in the unit when it was complained of
/// knows of the case no more for having left it. A request of the data subject is about an older one: it is for nobody who
/// ever stood there.
fn left_since<'f>(former: &'f [Former], petition: &Petition) -> impl Iterator<Item = UnitId> + use<'f> {
    let (at, older) = (petition.received_at, petition.is_data_request());
    former.iter().filter(move |former| older || at < former.until).map(|former| former.unit)
}

/// Whether the actor stands inside the unit whose conduct is complained of, or stood there when the petition was received,
/// whomever it speaks for.
pub fn conflicted(actor: &Actor, petition: &Petition, units: &Units) -> bool {
    let left = left_since(actor.former(), petition).filter(|_| !actor.is_portal());
    complains_of(petition, inside(actor).chain(left), units)
}

/// Whether it is the conduct of a unit in which one stands that is complained of.
fn complains_of(petition: &Petition, mut standings: impl Iterator<Item = UnitId>, units: &Units) -> bool {
    let Some(concerned) = petition.accused() else { return false };
    let heir = units.heir(concerned);
    let was_there = |own| {
        let mut line = std::iter::once(own).chain(units.above(own).map(|unit| unit.id));
        units.any_closed() && line.any(|unit| units.after(unit).contains(&concerned))
    };
    standings.any(|own| units.within(own, concerned) || units.within(own, heir) || was_there(own))
}

/// Whether the actor may look at a redacted copy of a petition, or answer it: the staff of the unit complained of, as long
/// as it is that unit.
pub fn may_read_copy(rpc: &str, copy: CopyId, actor: &Actor, petition: &Petition, units: &Units) -> bool {
    let theirs = petition.copies.iter().any(|shared| shared.id == copy && petition.accused() == Some(shared.unit));
    let allowed = entry(rpc).is_some_and(|entry| entry.allows(actor, petition, None, units));
    theirs && allowed && petition.erased_at.is_none()
}

/// Units of which the actor is staff, with a role that an RPC asks for, in whose place others may be complained of: its
/// own, those above it, and the dissolved ones in whose place they stand.
pub fn answers_for(rpc: &str, actor: &Actor, units: &Units) -> Vec<UnitId> {
    let above = |own| units.above(own).map(|unit| unit.id);
    let mut own: Vec<UnitId> = inside(actor).flat_map(|own| std::iter::once(own).chain(above(own))).collect();
    own.extend(units.before(&own));
    let may = entry(rpc).map_or(&[][..], |entry| entry.may);
    own.retain(|unit| may.iter().any(|may| actor.covers(may.role, *unit, units)));
    own.sort();
    own.dedup();
    own
}

/// Decides whether the actor may give the command.
///
/// # Errors
/// `NotFound` when the actor may not know that the petition exists, else `Forbidden`.
pub fn check(actor: &Actor, command: &Command, petition: &Petition, reference: &Reference) -> Result<(), Refusal> {
    let units = &reference.units;
    let Some(rpc) = command.rpc() else {
        let system = matches!(actor.who, ActorRef::System);
        let needs = || "that nobody asks for it: it happens by itself".to_owned();
        return if system { Ok(()) } else { Err(Refusal::Forbidden { rpc: command.name(), needs: needs() }) };
    };
    let seen = match command {
        // Letters are the operators', and whoever erases has no part in the case: neither needs sight of it. Those
        // complained of know of none even so.
        Command::RetryLetter { .. }
        | Command::AbandonLetter { .. }
        | Command::RecordHandover { .. }
        | Command::Erase { .. } => !conflicted(actor, petition, units),
        Command::SubmitStatement { copy, .. } => may_read_copy(rpc, *copy, actor, petition, units),
        _ => sees(actor, petition, units),
    };
    if !seen {
        return Err(Refusal::NotFound);
    }
    let to = match command {
        Command::Assign { assignment, .. } => Some(assignment.unit),
        _ => None,
    };
    let allowed = entry(rpc).is_some_and(|entry| entry.allows(actor, petition, to, units));
    if allowed { Ok(()) } else { Err(denied(rpc)) }
}

/// Whether the actor has the role over the whole tree.
pub fn over_all(actor: &Actor, role: Role, units: &Units) -> bool {
    units.root().is_some_and(|root| actor.covers(role, root.id, units))
}

/// That it is denied, and what it takes.
pub fn denied(rpc: &'static str) -> Refusal {
    entry(rpc).map_or_else(|| Refusal::Forbidden { rpc, needs: "more than anybody has".to_owned() }, Entry::forbidden)
}

impl Entry {
    fn forbidden(&self) -> Refusal {
        Refusal::Forbidden { rpc: self.rpc, needs: paper::needs(self) }
    }

    /// Whether the actor may, for a petition; `to` is the unit that it is to be given to.
    fn allows(&self, actor: &Actor, petition: &Petition, to: Option<UnitId>, units: &Units) -> bool {
        match actor.who {
            ActorRef::System => false,
            // With proof one speaks for the petitioner alone, whatever roles the account has.
            ActorRef::Petitioner { .. } => self.others == Others::Petitioner,
            ActorRef::Account { .. } => self
                .may
                .iter()
                .any(|may| may.when.is_now(petition) && may.reach.is_there(may.role, actor, petition, to, units)),
        }
    }
}

impl When {
    fn is_now(self, petition: &Petition) -> bool {
        let unaccepted = match petition.state {
            State::Submitted => true,
            State::NeedsInformation => petition.accepted_at.is_none(),
            _ => false,
        };
        match self {
            Self::BeforeAcceptance => unaccepted,
            Self::AfterAcceptance => !unaccepted,
            Self::Raised => petition.is_raised(),
            Self::InWork => !matches!(petition.state, State::Submitted | State::Accepted),
            _ => true,
        }
    }
}

impl Reach {
    fn is_there(self, role: Role, actor: &Actor, petition: &Petition, to: Option<UnitId>, units: &Units) -> bool {
        let covers = |unit| actor.covers(role, unit, units);
        match self {
            Self::Somewhere => actor.has(role),
            Self::Everything => over_all(actor, role, units),
            Self::Named => false,
            Self::Focal => covers(petition.focal),
            Self::Holder => covers(petition.holder),
            Self::HolderWithin => covers(petition.holder) && to.is_some_and(|to| units.within(to, petition.holder)),
            Self::AboveHolder => above_holder(role, actor, petition, units),
            Self::CoHandling => petition.co_units.iter().any(|unit| covers(*unit)),
            Self::Concerned => petition.accused().is_some_and(|accused| {
                // Not who stood in one that it came after: they explain nothing for it.
                let within = |own| units.within(own, accused) || units.within(own, units.heir(accused));
                covers(accused) && inside(actor).any(within)
            }),
            Self::Delegated => approving_for(actor, petition, units).next().is_some(),
        }
    }
}

/// Who stands, and is set, outside the unit that has it: over the focal unit, or over that unit's parent.
fn above_holder(role: Role, actor: &Actor, petition: &Petition, units: &Units) -> bool {
    let parent = units.get(petition.holder).and_then(|holder| holder.parent);
    let inside = |unit| units.within(unit, petition.holder);
    actor.unit().is_some_and(|own| !inside(own))
        && actor.tops(role).any(|top| {
            !inside(top)
                && (units.within(petition.focal, top) || parent.is_some_and(|parent| units.within(parent, top)))
        })
}
