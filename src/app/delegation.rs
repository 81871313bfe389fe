//! What may be seen of delegations of approval.

use super::{App, caller::Caller, error::Result};
use crate::domain::{delegation::Delegation, ids::AccountId, permission::When};

impl App {
    /// Delegations over units that the caller administers, or approves over, also for somebody else; by approver, then by
    /// when they begin. Only of an account if one is named: that gives them, or has them.
    ///
    /// # Errors
    /// `Forbidden`.
    pub fn delegations(
        &self,
        caller: &Caller,
        rpc: &'static str,
        account: Option<AccountId>,
    ) -> Result<Vec<Delegation>> {
        caller.may("ListDelegations", When::Always)?;
        let reference = &caller.reference;
        let wanted = |delegation: &&Delegation| {
            let of = |account| [delegation.delegator, delegation.delegate].contains(&account);
            caller.may_over(rpc, Some(delegation.unit)).is_ok() && account.is_none_or(of)
        };
        let mut found: Vec<Delegation> = reference.delegations.values().flatten().filter(wanted).copied().collect();
        found.sort_by_key(|found| (reference.login(found.delegator).to_owned(), found.from, found.id));
        Ok(found)
    }
}
