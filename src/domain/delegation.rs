//! Delegation of approval: who approves for whom, over which unit, in what capacity, until when.
//!
//! It rests on one grant of the approver's own and ends with it. Whoever approves by it has no role by it: it is not
//! handed on, and lets through to nothing but approving and sending back.

use chrono::TimeDelta;

use super::{
    account::Account,
    ids::{AccountId, DelegationId, GrantId, UnitId},
    reference::Reference,
    refusal::{Checks, Fault},
    time::Instant,
    unit::Units,
    words::{Capacity, Role},
};

/// Days that one counts at the most; after that somebody decides anew.
pub const MOST_DAYS: i64 = 366;

/// That an account approves for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delegation {
    /// Its id.
    pub id: DelegationId,
    /// The approver's own grant that it rests on.
    pub grant: GrantId,
    /// The approver.
    pub delegator: AccountId,
    /// Who approves for them.
    pub delegate: AccountId,
    /// The top unit it covers.
    pub unit: UnitId,
    /// In what capacity.
    pub capacity: Capacity,
    /// From when on.
    pub from: Instant,
    /// Until when, exclusive.
    pub until: Instant,
}

/// One that somebody wants to make; what could not be read is none.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "the fields are those of `Delegation`, documented there")]
pub struct Given {
    pub delegator: Option<AccountId>,
    pub delegate: Option<AccountId>,
    pub unit: Option<UnitId>,
    pub capacity: Option<Capacity>,
    pub from: Instant,
    pub until: Option<Instant>,
    /// Whether it is the approver who makes it: they are told of their own role.
    pub own: bool,
}

/// All that is said of why somebody else's role cannot be delegated, or to whom: neither where an account stands nor what
/// roles it has.
const NOT_TO_THEM: &str = "cannot be given this delegation";

impl Delegation {
    /// Whether it counts at `now`, as far as itself goes.
    pub fn valid(&self, now: Instant) -> bool {
        self.from <= now && now < self.until
    }

    /// Whether both say the same at some time: an account approves for another over a unit in one capacity at a time.
    pub fn overlaps(&self, other: &Self) -> bool {
        let same = (self.delegator, self.delegate, self.unit) == (other.delegator, other.delegate, other.unit);
        same && self.id != other.id && self.from < other.until && other.from < self.until
    }
}

impl Given {
    /// The delegation, of an approver who has what it takes all the while.
    ///
    /// # Errors
    /// All that is wrong, by field.
    pub fn delegation(&self, id: DelegationId, reference: &Reference, now: Instant) -> Result<Delegation, Vec<Fault>> {
        let mut checks = Checks::default();
        if self.capacity == Some(Capacity::Head) {
            checks.note("capacity", "is the head's own");
        }
        if self.delegate.is_some() && self.delegate == self.delegator {
            checks.note("delegate", "is the approver");
        }
        self.bounds(&mut checks, reference.zone.midnight(reference.zone.date(now)), now);
        let is_closed = |account: &AccountId| reference.accounts.get(account).is_some_and(Account::is_closed);
        let mut open = true;
        for (field, account) in [("delegator", self.delegator), ("delegate", self.delegate)] {
            if account.as_ref().is_some_and(is_closed) {
                checks.note(field, "is closed");
                open = false;
            }
        }
        // What was before it is made does not count.
        let from = self.from.max(now);
        let grant = self.grant(from, reference);
        match (&grant, self.delegate) {
            // Nothing is looked for without all that is needed for it, or for whom it was said of.
            (Err(None), _) => {}
            _ if !open => {}
            (Err(Some((field, what))), _) if self.own => checks.note(field, what),
            (Err(Some(_)), Some(_)) => checks.note("delegate", NOT_TO_THEM),
            (Ok((_, top)), Some(delegate)) => {
                let actor = reference.someone(delegate, |_| true).filter(|actor| !actor.is_portal());
                if !actor.and_then(|actor| actor.unit()).is_some_and(|own| reference.units.within(own, *top)) {
                    checks.note("delegate", NOT_TO_THEM);
                }
            }
            (_, None) => {}
        }
        let grant = grant.ok();
        let read = self.delegator.zip(self.delegate).zip(self.unit).zip(self.capacity).zip(self.until).zip(grant);
        checks.or(read.map(|(((((delegator, delegate), unit), capacity), until), (grant, _))| Delegation {
            id,
            grant,
            delegator,
            delegate,
            unit,
            capacity,
            from,
            until,
        }))
    }

    fn bounds(&self, checks: &mut Checks, today: Instant, now: Instant) {
        if self.from < today {
            checks.note("valid_from", "lies in the past");
        }
        let Some(until) = self.until else { return };
        if until <= now {
            checks.note("valid_until", "lies in the past");
        } else if until <= self.from.max(now) {
            checks.note("valid_until", "is not after valid_from");
        } else if until - self.from > TimeDelta::days(MOST_DAYS) {
            checks.note("valid_until", "lies more than 366 days after valid_from");
        }
    }

    /// The approver's grant that reaches over the unit all the while, and the top of what it covers; else what is wrong with
    /// which field, where that can be said.
    fn grant(
        &self,
        from: Instant,
        reference: &Reference,
    ) -> Result<(GrantId, UnitId), Option<(&'static str, &'static str)>> {
        let ((delegator, unit), until) = self.delegator.zip(self.unit).zip(self.until).ok_or(None)?;
        let grants = reference.grants.get(&delegator).into_iter().flatten();
        let own: Vec<_> =
            grants.filter(|grant| over(grant.role, grant.unit, unit, &reference.units)).copied().collect();
        let lasts = |grant: &&super::account::Grant| {
            grant.from.is_none_or(|begin| begin <= from) && grant.until.is_none_or(|end| until <= end)
        };
        let found = own.iter().find(lasts).map(|grant| (grant.id, grant.unit));
        let ended = || own.iter().all(|grant| grant.until.is_some_and(|end| end <= from));
        found.ok_or_else(|| {
            Some(match ended() {
                true => ("unit", "is not covered by the approver role of the delegator"),
                false => ("valid_until", "reaches beyond the approver role of the delegator"),
            })
        })
    }
}

/// Whether a grant is the approver role over a unit, as units lie by now.
pub(super) fn over(role: Role, top: UnitId, unit: UnitId, units: &Units) -> bool {
    role == Role::Approver && !units.is_closed(top) && units.within(unit, top)
}
