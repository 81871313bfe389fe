//! Who is calling: an account by its token or by the word of somebody trusted, with what it may do.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::{
    App,
    error::{Error, Result},
};
use crate::{
    domain::{
        account::{Actor, Former},
        ids::{AccountId, UnitId},
        permission::{self, Reach, When},
        petition::Petition,
        reference::Reference,
    },
    store::{Concealed, Held, Scope},
};

/// An account that calls.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Which account.
    pub account: AccountId,
    /// With its grants as of `reference`.
    pub actor: Actor,
    /// The reference data as of the call.
    pub reference: Arc<Reference>,
}

impl App {
    /// The caller of a bearer token.
    ///
    /// # Errors
    /// `Unauthenticated` when the token is unknown, expired or revoked.
    pub fn caller(&self, token: &str) -> Result<Caller> {
        let reference = self.store.reference();
        let hash: [u8; 32] = Sha256::digest(token).into();
        let token = reference.tokens.get(&hash).filter(|token| token.valid(self.clock.now()));
        let account = token.ok_or(Error::Unauthenticated)?.account;
        let actor = reference.actor(account, self.clock.now()).ok_or(Error::Unauthenticated)?;
        Ok(Caller { account, actor, reference })
    }

    /// The caller that somebody trusted names by its login; what it may do, the directory says.
    ///
    /// # Errors
    /// `Unauthenticated` when there is no such account.
    pub fn caller_named(&self, login: &str) -> Result<Caller> {
        let reference = self.store.reference();
        let account = *reference.logins.get(login).ok_or(Error::Unauthenticated)?;
        let actor = reference.actor(account, self.clock.now()).ok_or(Error::Unauthenticated)?;
        Ok(Caller { account, actor, reference })
    }
}

impl Caller {
    /// Whether the caller gets as far as asking for an RPC.
    ///
    /// # Errors
    /// `Forbidden`; so for all that follows.
    pub fn heard(&self, rpc: &'static str) -> Result<()> {
        Ok(permission::heard(rpc, &self.actor, &self.reference.units)?)
    }

    /// Whether the caller may do what is about no petition and no unit.
    pub fn may(&self, rpc: &'static str, when: When) -> Result<()> {
        Ok(permission::may(rpc, when, &self.actor, &self.reference.units)?)
    }

    /// Whether the caller may do what is about a unit; about the whole tree where there is none.
    pub fn may_over(&self, rpc: &'static str, unit: Option<UnitId>) -> Result<()> {
        Ok(permission::may_over(rpc, unit, &self.actor, &self.reference.units)?)
    }

    /// As [`Caller::may_over`], whoever it is for: not only for the caller.
    pub fn may_over_for_others(&self, rpc: &'static str, unit: Option<UnitId>) -> Result<()> {
        Ok(permission::may_over_for_others(rpc, unit, &self.actor, &self.reference.units)?)
    }

    /// The petitions that an RPC lists for the caller: those of the units that its roles for that cover.
    pub fn scope(&self, rpc: &str) -> Scope {
        let units = &self.reference.units;
        let mut seen: Vec<UnitId> = Vec::new();
        let rules = permission::entry(rpc).map_or(&[][..], |entry| entry.may);
        let roles = rules.iter().filter(|may| may.reach == Reach::Somewhere).map(|may| may.role);
        for top in roles.flat_map(|role| self.actor.tops(role)) {
            if units.root().is_some_and(|root| root.id == top) {
                return Scope { units: None, concealed: self.concealed(), ..Scope::default() };
            }
            for unit in units.subtree(top) {
                if !seen.contains(unit) {
                    seen.push(*unit);
                }
            }
        }
        // What was dissolved is in its successor's archive.
        seen.extend(units.before(&seen));
        let delegated = rules.iter().any(|may| may.reach == Reach::Delegated);
        let held = self.actor.delegated().iter().filter(|_| delegated).map(|delegated| {
            let mut units: Vec<UnitId> = units.subtree(delegated.delegation.unit).to_vec();
            units.extend(self.reference.units.before(&units));
            let concealed = self.concealed_from(delegated.standings.iter().copied(), &delegated.former);
            Held { units, concealed }
        });
        Scope { units: Some(seen), held: held.collect(), concealed: self.concealed() }
    }

    /// Units that conceal their cases from the caller when complained of: its own and those above it, and whatever came
    /// before or after those; of what came before the caller was moved, the units that it was moved away from likewise.
    pub(super) fn concealed(&self) -> Concealed {
        let left = if self.actor.is_portal() { &[] } else { self.actor.former() };
        self.concealed_from(permission::inside(&self.actor), left)
    }

    fn concealed_from(&self, standings: impl Iterator<Item = UnitId>, left: &[Former]) -> Concealed {
        let before = |left: &Former| (self.above_and_beside(std::iter::once(left.unit)), left.until);
        Concealed { always: self.above_and_beside(standings), before: left.iter().map(before).collect() }
    }

    /// Units that conceal their cases from whoever stands somewhere: those units and the ones above them.
    fn above_and_beside(&self, standings: impl Iterator<Item = UnitId>) -> Vec<UnitId> {
        let units = &self.reference.units;
        let above = |own| units.above(own).map(|unit| unit.id);
        let mut concealed: Vec<UnitId> = standings.flat_map(|own| std::iter::once(own).chain(above(own))).collect();
        let before = units.before(&concealed);
        concealed.extend(concealed.clone().into_iter().flat_map(|unit| units.after(unit)));
        concealed.extend(before);
        concealed
    }

    /// Whether the petition complains of the conduct of a unit that the caller stands in: its rounds are counted
    /// like any, but the caller may not know which petition it is.
    pub fn is_complained_of(&self, petition: &Petition) -> bool {
        permission::conflicted(&self.actor, petition, &self.reference.units)
    }
}
