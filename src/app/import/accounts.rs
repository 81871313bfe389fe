//! Accounts from `accounts.csv` and their grants from `grants.csv`.

use super::{Import, Place, listed};
use crate::{
    domain::{
        account::{self, Account, Grant},
        ids::{AccountId, GrantId, UnitId},
        refusal::Refusal,
        staff::{Changed, Edit},
        time::Instant,
        words::Role,
    },
    store::DirectoryStep,
};

impl Import<'_> {
    pub(super) fn accounts(&mut self, text: &str) {
        let columns = ["login", "unit", "name", "email", "roles", "closed_on"];
        for (at, [login, unit, name, email, roles, closed_on]) in self.sheets.lines("accounts.csv", columns, 1, text) {
            let there = self.tried.account(&login).filter(|there| !self.named.contains(&there.id)).cloned();
            let closed = self.closed(at, &closed_on);
            let given = account::Given { login: &login, unit: &unit, name: &name, email: &email };
            let account = match &there {
                Some(there) => self.anew(at, there, &given, closed),
                None => self.added(at, &given, closed),
            };
            let roles = self.roles(at, &roles);
            let Some((id, unit)) = account else { continue };
            if closed.is_some() && !roles.is_empty() {
                self.sheets.note(at, "roles", "are for accounts that are open");
            }
            for role in roles {
                self.give(at, Grant::for_good(GrantId(self.id()), id, role, unit));
            }
        }
    }

    /// When an account was closed; none while it is open.
    fn closed(&mut self, at: Place, cell: &str) -> Option<Instant> {
        let (day, zone) = (self.sheets.day(at, "closed_on", cell)?, self.tried.zone);
        if day > zone.date(self.now) {
            self.sheets.note(at, "closed_on", "lies ahead");
        }
        // Its last moment on that day.
        Some((zone.end_of(day) - chrono::TimeDelta::microseconds(1)).min(self.now))
    }

    fn added(&mut self, at: Place, given: &account::Given<'_>, closed: Option<Instant>) -> Option<(AccountId, UnitId)> {
        let id = AccountId(self.id());
        if !given.login.is_empty() && self.logins.contains_key(given.login) {
            self.sheets.note(at, "login", "is there already");
        } else {
            self.logins.insert(given.login.to_owned(), id);
        }
        let account = given.account(id, |code| self.joined(code));
        let account = Account { closed_at: closed, ..self.sheets.read(at, account, false)? };
        let unit = account.unit;
        self.named.insert(id);
        self.tried.logins.insert(account.login.clone(), id);
        self.tried.accounts.insert(id, account.clone());
        self.steps.push(DirectoryStep::Account(account));
        self.imported.accounts += 1;
        Some((id, unit))
    }

    /// Makes of an account that is there what its line says.
    fn anew(
        &mut self,
        at: Place,
        there: &Account,
        given: &account::Given<'_>,
        closed: Option<Instant>,
    ) -> Option<(AccountId, UnitId)> {
        self.named.insert(there.id);
        if there.is_closed() && closed.is_none() {
            self.sheets.note(at, "closed_on", "is required: it is closed, and no file opens it again");
            return None;
        }
        let edit = Edit {
            unit: Some(given.unit),
            name: Some(given.name),
            email: Some(given.email),
            closed: Some(closed.is_some()),
        };
        let changed = match edit.of(there, |code| self.joined(code), (&self.tried, self.now)) {
            Err(Refusal::Invalid(faults)) => Err(faults),
            Err(refusal) => {
                self.sheets.note(at, "login", refusal.to_string());
                return None;
            }
            Ok(changed) => Ok(changed),
        };
        let changed = self.sheets.read(at, changed, false)?;
        let unit = changed.account.unit;
        if !changed.is_nothing() {
            self.change(&changed);
            self.steps.push(DirectoryStep::UpdateAccount(Box::new(changed)));
            self.imported.changed += 1;
        }
        Some((there.id, unit))
    }

    /// What the lines below are held to.
    fn change(&mut self, changed: &Changed) {
        let (ended, now) = (&changed.ended, self.now);
        let id = changed.account.id;
        self.tried.accounts.insert(id, changed.account.clone());
        let own = self.tried.grants.get_mut(&id).into_iter().flatten();
        own.filter(|grant| ended.grants.contains(&grant.id)).for_each(|grant| grant.until = Some(now));
        let all = self.tried.delegations.values_mut().flatten();
        all.filter(|one| ended.delegations.contains(&one.id)).for_each(|one| one.until = now);
    }

    /// Gives a role for good, unless the account has it; from now on where it had it once.
    fn give(&mut self, at: Place, grant: Grant) {
        let before: Vec<Grant> = self.overlapping(&grant).copied().collect();
        if before.iter().any(|one| one.until.is_none() && one.valid(self.now)) {
            return;
        }
        let ended = before.iter().all(|one| one.until.is_some_and(|until| until <= self.now));
        if !ended {
            self.sheets.note(at, "roles", format!("{} is granted already at some time of it", grant.role));
        }
        let from = Some(self.now).filter(|_| !before.is_empty());
        self.grant(Grant { from, ..grant });
    }

    fn overlapping<'g>(&'g self, grant: &'g Grant) -> impl Iterator<Item = &'g Grant> {
        let own = self.tried.grants.get(&grant.account).into_iter().flatten();
        own.filter(|other| other.overlaps(grant))
    }

    fn grant(&mut self, grant: Grant) {
        self.tried.grants.entry(grant.account).or_default().push(grant);
        self.steps.push(DirectoryStep::Grant(grant));
        self.imported.grants += 1;
    }

    pub(super) fn grants(&mut self, text: &str) {
        let columns = ["account", "role", "unit", "valid_from", "valid_until"];
        for (at, [login, role, unit, from, until]) in self.sheets.lines("grants.csv", columns, 2, text) {
            let account = self.logins.get(&login).copied();
            if account.is_none() {
                self.sheets.note(at, "account", "is not the login of an account");
            }
            if account.is_some_and(|account| self.is_closed(account)) {
                self.sheets.note(at, "account", "is closed");
            }
            let read = Role::parse(&role.to_uppercase());
            if read.is_none() {
                self.sheets.note(at, "role", format!("{role:?} is none of {}", listed(Role::ALL)));
            }
            let unit = self.joined(&unit).map_err(|what| self.sheets.note(at, "unit", what)).ok();
            let [from, until] =
                [("valid_from", from), ("valid_until", until)].map(|(column, cell)| self.instant(at, column, &cell));
            let Some(((account, role), unit)) = account.zip(read).zip(unit) else { continue };
            let grant = Grant { from, until, ..Grant::for_good(GrantId(self.id()), account, role, unit) };
            if from.zip(until).is_some_and(|(from, until)| until <= from) {
                self.sheets.note(at, "valid_until", "is not after valid_from");
            }
            if self.overlapping(&grant).next().is_some() {
                self.sheets.note(at, "role", "is granted already at some time of it");
            }
            self.grant(grant);
        }
    }

    /// Whether an account is closed, or will be by these files.
    pub(super) fn is_closed(&self, account: AccountId) -> bool {
        self.tried.accounts.get(&account).is_some_and(Account::is_closed)
    }

    fn roles(&mut self, at: Place, typed: &str) -> Vec<Role> {
        let mut roles = Vec::new();
        for role in typed.split('|').map(str::trim).filter(|role| !role.is_empty()) {
            match Role::parse(&role.to_uppercase()) {
                Some(role) if roles.contains(&role) => {
                    self.sheets.note(at, "roles", format!("{role} is there twice"));
                }
                Some(role) => roles.push(role),
                None => self.sheets.note(at, "roles", format!("{role:?} is none of {}", listed(Role::ALL))),
            }
        }
        roles
    }
}
