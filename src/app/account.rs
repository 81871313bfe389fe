//! What administrators may ask of accounts that there are: correct one, move it to another unit, close it, open it again.

use super::{
    App,
    caller::Caller,
    error::{Error, Result},
    perform::Asked,
};
use crate::{
    domain::{
        account::Account,
        ids::GrantId,
        staff::{Edit, is_last_administrator, last_administrator},
        words::Role,
    },
    store::DirectoryStep,
};

impl App {
    /// Says something anew of an account. With an etag only if nothing of it has moved. What ends with that ends in the
    /// same step.
    ///
    /// # Errors
    /// `Absent`, also for whoever does not administer it; `Forbidden` for whoever does not administer where it is to go;
    /// everything that is wrong with it; `Moved` when the etag is not its present one; see [`Edit::of`].
    pub async fn update_account(
        &self,
        caller: &Caller,
        asked: &Asked,
        (login, etag): (&str, &str),
        edit: &Edit<'_>,
    ) -> Result<Account> {
        let steps = |caller: &Caller| {
            let reference = &caller.reference;
            let account = self.account(caller, login)?.0;
            if !etag.is_empty() && etag != account.etag() {
                return Err(Error::Moved("the account has moved meanwhile; look again".to_owned()));
            }
            let known = (reference.as_ref(), self.clock.now());
            let changed = edit.of(&account, |code| reference.units.joined(code), known)?;
            Ok(if changed.is_nothing() { Vec::new() } else { vec![DirectoryStep::UpdateAccount(Box::new(changed))] })
        };
        self.direct(caller, asked, steps).await?;
        self.reference().account(login).cloned().ok_or(Error::Absent("account"))
    }

    /// The step that ends a grant.
    ///
    /// # Errors
    /// A rule's refusal for the last that administers the whole tree.
    pub fn ending_grant(&self, caller: &Caller, id: GrantId) -> Result<DirectoryStep> {
        let reference = &caller.reference;
        let grant = reference.grants.values().flatten().find(|grant| grant.id == id);
        let over_all = |unit| reference.units.root().is_some_and(|root| root.id == unit);
        let known = (reference.as_ref(), self.clock.now());
        match grant.filter(|grant| grant.role == Role::Administrator && over_all(grant.unit)) {
            Some(grant) if is_last_administrator(grant.account, known) => {
                Err(last_administrator(reference.login(grant.account)).into())
            }
            _ => Ok(DirectoryStep::RevokeGrant(id)),
        }
    }
}
