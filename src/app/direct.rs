//! Changing the directory: who may, and once for each request id.

use super::{
    App,
    caller::Caller,
    error::{Error, Result},
    perform::Asked,
};
use crate::{
    domain::{
        ids::{AccountId, UnitId},
        unit::Successors,
    },
    store::{Direction, DirectoryError, DirectoryStep},
};

/// Times that steps are looked at anew because the directory has moved.
const TRIES: usize = 32;

impl App {
    /// Takes steps on the directory together for an administrator, or finds what its request id has led to. Gives the
    /// code or id of what the first of them is about; none where there was nothing to do. `steps` is what the directory
    /// makes of the request; it is asked again when that has moved meanwhile, be it on another process.
    ///
    /// # Errors
    /// `Forbidden` when a step lies outside what the caller administers; `Conflict`; what `steps` says.
    pub async fn direct(
        &self,
        caller: &Caller,
        asked: &Asked,
        steps: impl Fn(&Caller) -> Result<Vec<DirectoryStep>> + Send + Sync,
    ) -> Result<Option<String>> {
        if let Some(subject) = self.directed_before(caller, asked).await? {
            return Ok(Some(subject));
        }
        for _ in 0..TRIES {
            let caller = self.anew(caller).await?;
            let steps = steps(&caller)?;
            if steps.is_empty() {
                return Ok(None);
            }
            match self.directed(&caller, asked, &steps).await {
                Err(Error::Moved(_)) => {}
                done => return done.map(Some),
            }
        }
        Err(Error::Contended)
    }

    /// Takes steps together that rest on all that the directory says to the caller, their roles among it; gives the
    /// code or id of what the first of them is about.
    ///
    /// # Errors
    /// `Moved` when it says something else by now; else as [`App::direct`].
    pub(super) async fn directed(&self, caller: &Caller, asked: &Asked, steps: &[DirectoryStep]) -> Result<String> {
        steps.iter().try_for_each(|step| self.may_direct(caller, asked.rpc, step))?;
        let now = self.clock.now();
        let (actor, upon) = (Some(caller.account), Some(caller.reference.version));
        let direction = Direction { actor, upon, request: self.request(asked, caller.account, now) };
        match self.store.direct(steps, &direction, now).await {
            Ok(()) => Ok(steps.first().map(DirectoryStep::subject).unwrap_or_default()),
            Err(DirectoryError::Requested) => self.directed_before(caller, asked).await?.ok_or(Error::Contended),
            Err(error) => Err(error.into()),
        }
    }

    /// The code or id of what a request id has led to, if it was used.
    ///
    /// # Errors
    /// `RequestReused` when it was used for something else.
    pub async fn directed_before(&self, caller: &Caller, asked: &Asked) -> Result<Option<String>> {
        let Some(id) = asked.request else { return Ok(None) };
        match self.store.used_direction(caller.account.0, asked.rpc, id).await? {
            Some(used) => {
                // What it led to may be known to another process alone.
                self.refresh().await?;
                self.remembered(used, asked).await
            }
            None => Ok(None),
        }
    }

    /// Takes steps on the directory from the command line of the server's host.
    ///
    /// # Errors
    /// `Conflict`.
    pub async fn direct_as(&self, actor: Option<AccountId>, steps: &[DirectoryStep]) -> Result<()> {
        let direction = Direction { actor, ..Direction::default() };
        Ok(self.store.direct(steps, &direction, self.clock.now()).await?)
    }

    /// Whether the caller may take a step by an RPC.
    ///
    /// # Errors
    /// `Forbidden`.
    pub fn may_direct(&self, caller: &Caller, rpc: &'static str, step: &DirectoryStep) -> Result<()> {
        let reference = &caller.reference;
        let unit_of = |account: AccountId| reference.accounts.get(&account).map(|account| account.unit);
        let place = match step {
            DirectoryStep::Unit(unit) => unit.parent,
            DirectoryStep::UpdateUnit(unit) => {
                let before = reference.units.get(unit.id);
                // Where a unit lies, and for whom it receives, is for those above it to say.
                if before.is_none_or(|before| (before.parent, before.focal) != (unit.parent, unit.focal)) {
                    caller.may_over(rpc, before.and_then(|before| before.parent))?;
                    caller.may_over(rpc, unit.parent)?;
                }
                Some(unit.id)
            }
            DirectoryStep::CloseUnit(unit) => {
                // Nobody gives work to a unit elsewhere.
                let mut successors = unit.successors.iter().flat_map(Successors::all);
                successors.try_for_each(|successor| caller.may_over(rpc, Some(successor)))?;
                unit.parent
            }
            DirectoryStep::RevokeGrant(id) => {
                let grant = reference.grants.values().flatten().find(|grant| grant.id == *id);
                grant.map(|grant| grant.unit)
            }
            DirectoryStep::Account(account) => Some(account.unit),
            DirectoryStep::UpdateAccount(changed) => {
                // Nobody takes somebody from elsewhere, or puts them there.
                caller.may_over(rpc, unit_of(changed.account.id))?;
                // What somebody is told of places elsewhere is sent where it was.
                if changed.said.contains(&"email") {
                    self.may_speak_for(caller, rpc, changed.account.id)?;
                }
                Some(changed.account.unit)
            }
            DirectoryStep::Grant(grant) => {
                // Nobody gives to somebody elsewhere, or over something elsewhere.
                caller.may_over(rpc, unit_of(grant.account))?;
                Some(grant.unit)
            }
            DirectoryStep::Delegation(delegation) => {
                // An approver delegates what is their own; for others it takes an administrator, as with grants.
                if delegation.delegator != caller.account {
                    caller.may_over_for_others(rpc, unit_of(delegation.delegate))?;
                    caller.may_over_for_others(rpc, Some(delegation.unit))?;
                }
                Some(delegation.unit)
            }
            DirectoryStep::RevokeDelegation(id) => {
                let delegation = reference.delegations.values().flatten().find(|delegation| delegation.id == *id);
                delegation.map(|delegation| delegation.unit)
            }
            DirectoryStep::Token(token) => unit_of(token.account),
            DirectoryStep::RevokeToken(id) => self.token(caller, *id).ok().and_then(|token| unit_of(token.account)),
            // What holds for the whole installation is for those who administer all of it.
            DirectoryStep::Field(_)
            | DirectoryStep::UpdateField(_)
            | DirectoryStep::SealWith(_)
            | DirectoryStep::TurnUnit(_) => None,
            DirectoryStep::Rule(rule) | DirectoryStep::UpdateRule(rule) | DirectoryStep::CloseRule(rule) => {
                // Nobody routes what others receive, or to somebody elsewhere; nor takes away what they route.
                let before = reference.rules.get(&rule.code).into_iter().flat_map(|rule| [rule.focal, rule.unit]);
                before.chain([rule.focal]).try_for_each(|unit| caller.may_over(rpc, Some(unit)))?;
                Some(rule.unit)
            }
            DirectoryStep::Policy { policy, .. } => policy.scope.unit,
            DirectoryStep::ClosePolicy { version, .. } => {
                reference.policies.version(version).and_then(|policy| policy.scope.unit)
            }
            DirectoryStep::Calendar(version) => version.unit.and_then(|unit| self.above(caller, unit)),
            DirectoryStep::UseCalendar { unit, .. } => unit.and_then(|unit| self.above(caller, unit)),
        };
        caller.may_over(rpc, place)?;
        // A token speaks for its account: nobody makes one for an account that may do more, elsewhere.
        if let DirectoryStep::Token(token) = step {
            self.may_speak_for(caller, rpc, token.account)?;
        }
        Ok(())
    }

    /// Whether the caller administers all places where an account may do something.
    fn may_speak_for(&self, caller: &Caller, rpc: &'static str, account: AccountId) -> Result<()> {
        let (reference, now) = (&caller.reference, self.clock.now());
        let grants = reference.grants.get(&account).map_or(&[][..], Vec::as_slice);
        let mut grants = grants.iter().filter(|grant| grant.until.is_none_or(|until| now < until));
        grants.try_for_each(|grant| caller.may_over(rpc, Some(grant.unit)))?;
        let lent = reference.delegations.get(&account).map_or(&[][..], Vec::as_slice);
        let mut lent = lent.iter().filter(|delegation| now < delegation.until);
        lent.try_for_each(|delegation| caller.may_over(rpc, Some(delegation.unit)))
    }

    /// A calendar of a subtree is edited from above it.
    pub(super) fn above(&self, caller: &Caller, unit: UnitId) -> Option<UnitId> {
        caller.reference.units.get(unit).and_then(|unit| unit.parent)
    }
}

impl From<DirectoryError> for Error {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Moved => Self::Moved("the directory has moved meanwhile; look again".to_owned()),
            DirectoryError::Conflict => Self::Conflict("it is there already, or something that it names is not"),
            DirectoryError::Requested => Self::Contended,
            DirectoryError::Failed(error) => error.into(),
        }
    }
}
