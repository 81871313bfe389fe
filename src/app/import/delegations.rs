//! Delegations of approval from `delegations.csv`.

use super::{Import, listed};
use crate::{
    domain::{
        delegation::Given,
        ids::{AccountId, DelegationId},
        words::Capacity,
    },
    store::DirectoryStep,
};

impl Import<'_> {
    pub(super) fn delegations(&mut self, text: &str) {
        let columns = ["delegator", "delegate", "unit", "capacity", "valid_until", "valid_from"];
        for (at, cells) in self.sheets.lines("delegations.csv", columns, 1, text) {
            let [delegator, delegate, unit, capacity, until, from] = cells;
            let [delegator, delegate] = [("delegator", delegator), ("delegate", delegate)].map(|(column, login)| {
                let account = self.logins.get(&login).copied();
                if account.is_none() {
                    self.sheets.note(at, column, "is not the login of an account");
                }
                account
            });
            let unit = self.joined(&unit).map_err(|what| self.sheets.note(at, "unit", what)).ok();
            let read = Capacity::parse(&capacity.to_uppercase());
            if read.is_none() {
                self.sheets.note(at, "capacity", format!("{capacity:?} is none of {}", listed(Capacity::ALL)));
            }
            if until.is_empty() {
                self.sheets.note(at, "valid_until", "is required");
            }
            let until = self.instant(at, "valid_until", &until);
            if until.is_some_and(|until| until <= self.now) {
                continue;
            }
            let from = self.instant(at, "valid_from", &from).map_or(self.now, |from| from.max(self.now));
            // What is wrong with an account is said of its own line.
            let there = |account: &AccountId| self.tried.accounts.contains_key(account);
            let (delegator, delegate) = (delegator.filter(there), delegate.filter(there));
            let given = Given { delegator, delegate, unit, capacity: read, from, until, own: true };
            let id = DelegationId(self.id());
            let delegation = match given.delegation(id, &self.tried, self.now) {
                // The faults of what could not be read have been named.
                Err(faults) if faults.is_empty() => continue,
                read => self.sheets.read(at, read, false),
            };
            let Some(delegation) = delegation else { continue };
            let of_them = self.tried.delegations.entry(delegation.delegate).or_default();
            if of_them.iter().any(|other| other.overlaps(&delegation)) {
                self.sheets.note(at, "delegate", "approves for them already at some time of it");
            }
            of_them.push(delegation);
            self.steps.push(DirectoryStep::Delegation(delegation));
            self.imported.delegations += 1;
        }
    }
}
