//! Who is calling: an account by its token, with what it may do.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::{
    App,
    error::{Error, Result},
};
use crate::{
    domain::{
        account::Actor,
        ids::{AccountId, UnitId},
        permission,
        petition::Petition,
        reference::Reference,
        words::Role,
    },
    store::Scope,
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

/// Roles that read petitions.
const READERS: [Role; 5] = [Role::Clerk, Role::Dispatcher, Role::Handler, Role::Approver, Role::Supervisor];

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
        let actor = reference.actor(account).ok_or(Error::Unauthenticated)?;
        Ok(Caller { account, actor, reference })
    }
}

impl Caller {
    /// What the caller sees of petitions.
    pub fn scope(&self) -> Scope {
        self.scope_of(&READERS)
    }

    /// What the caller sees through some roles.
    pub fn scope_of(&self, roles: &[Role]) -> Scope {
        let units = &self.reference.units;
        let mut seen: Vec<UnitId> = Vec::new();
        for top in roles.iter().flat_map(|role| self.actor.tops(*role)) {
            if units.root().is_some_and(|root| root.id == top) {
                return Scope { units: None, concealed: self.concealed() };
            }
            for unit in units.subtree(top) {
                if !seen.contains(unit) {
                    seen.push(*unit);
                }
            }
        }
        Scope { units: Some(seen), concealed: self.concealed() }
    }

    /// Units that conceal their cases from the caller when complained of: its own and those above it.
    fn concealed(&self) -> Vec<UnitId> {
        let above = |own| self.reference.units.above(own).map(|unit| unit.id);
        self.actor.unit().into_iter().flat_map(|own| std::iter::once(own).chain(above(own))).collect()
    }

    /// Whether the petition complains of the conduct of a unit that the caller stands in: its rounds are counted
    /// like any, but the caller may not know which petition it is.
    pub fn is_complained_of(&self, petition: &Petition) -> bool {
        permission::conflicted(&self.actor, petition, &self.reference.units)
    }

    /// Whether the caller has the role over the whole tree.
    pub fn has_over_all(&self, role: Role) -> bool {
        let root = self.reference.units.root().map(|unit| unit.id);
        root.is_some_and(|root| self.actor.covers(role, root, &self.reference.units))
    }
}
