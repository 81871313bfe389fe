//! What administrators may ask: units, accounts, grants, tokens, fields.

use sha2::{Digest as _, Sha256};

use chrono::TimeDelta;

use super::{
    App,
    caller::Caller,
    error::{Error, Result, forbidden},
    source::secure_bytes,
};
use crate::{
    domain::{
        account::{Account, Grant, Token},
        ids::{AccountId, TokenId, UnitId},
        reference::Field,
        text::hex,
        unit::Unit,
        words::Role,
    },
    store::{DirectoryError, DirectoryStep},
};

/// What the secret of a token begins with, so that it is recognised where it leaks.
const TOKEN_PREFIX: &str = "pakn_";

impl App {
    /// Takes steps on the directory for an administrator.
    ///
    /// # Errors
    /// `Forbidden` when a step lies outside what the caller administers; `Conflict`.
    pub async fn direct(&self, caller: &Caller, step: DirectoryStep) -> Result<()> {
        self.may_direct(caller, &step)?;
        self.direct_as(Some(caller.account), &[step]).await
    }

    /// As [`App::direct`], for a step that rests on all that the directory said at a version.
    ///
    /// # Errors
    /// `Moved` when it says something else by now.
    pub(super) async fn direct_upon(&self, caller: &Caller, version: i64, step: DirectoryStep) -> Result<()> {
        self.may_direct(caller, &step)?;
        let taken = self.store.direct(&[step], Some(caller.account), self.clock.now(), Some(version)).await;
        taken.map_err(|error| match error {
            DirectoryError::Moved => Error::Moved("the directory has moved meanwhile; look again".to_owned()),
            DirectoryError::Conflict => Error::Conflict("it is there already, or something that it names is not"),
            DirectoryError::Failed(error) => error.into(),
        })
    }

    /// Takes steps on the directory from the command line of the server's host, or for a caller already checked.
    ///
    /// # Errors
    /// `Conflict`.
    pub async fn direct_as(&self, actor: Option<AccountId>, steps: &[DirectoryStep]) -> Result<()> {
        self.store.direct(steps, actor, self.clock.now(), None).await.map_err(|error| match error {
            DirectoryError::Moved | DirectoryError::Conflict => {
                Error::Conflict("it is there already, or something that it names is not")
            }
            DirectoryError::Failed(error) => error.into(),
        })
    }

    pub(super) fn may_direct(&self, caller: &Caller, step: &DirectoryStep) -> Result<()> {
        let reference = &caller.reference;
        let unit_of = |account: AccountId| reference.accounts.get(&account).map(|account| account.unit);
        let place = match step {
            DirectoryStep::Unit(unit) => unit.parent,
            DirectoryStep::Account(account) => Some(account.unit),
            DirectoryStep::Grant(grant) => {
                // Nobody gives to somebody elsewhere, or over something elsewhere.
                self.may_administer(caller, unit_of(grant.account))?;
                Some(grant.unit)
            }
            DirectoryStep::Token(token) => unit_of(token.account),
            DirectoryStep::RevokeToken(id) => self.token(caller, *id).ok().and_then(|token| unit_of(token.account)),
            // What holds for the whole installation is for those who administer all of it.
            DirectoryStep::Field(_) => None,
            DirectoryStep::Policy { policy, .. } => policy.scope.unit,
            DirectoryStep::Calendar(version) => version.unit.and_then(|unit| self.above(caller, unit)),
            DirectoryStep::UseCalendar { unit, .. } => unit.and_then(|unit| self.above(caller, unit)),
        };
        self.may_administer(caller, place)?;
        if let DirectoryStep::Token(token) = step {
            self.may_speak_for(caller, token.account)?;
        }
        Ok(())
    }

    /// A calendar of a subtree is edited from above it.
    pub(super) fn above(&self, caller: &Caller, unit: UnitId) -> Option<UnitId> {
        caller.reference.units.get(unit).and_then(|unit| unit.parent)
    }

    /// A token speaks for its account: nobody makes one for an account that may do more, elsewhere.
    fn may_speak_for(&self, caller: &Caller, account: AccountId) -> Result<()> {
        let grants = caller.reference.grants.get(&account).map_or(&[][..], Vec::as_slice);
        grants.iter().try_for_each(|grant| self.may_administer(caller, Some(grant.unit)))
    }

    /// The administrator role over a unit; over the whole tree where there is none.
    pub(super) fn may_administer(&self, caller: &Caller, unit: Option<UnitId>) -> Result<()> {
        let allowed = match unit {
            Some(unit) => caller.actor.covers(Role::Administrator, unit, &caller.reference.units),
            None => caller.has_over_all(Role::Administrator),
        };
        if allowed { Ok(()) } else { Err(forbidden("ADMINISTER", "the administrator role over the unit concerned")) }
    }

    fn administers(&self, caller: &Caller, unit: UnitId) -> bool {
        caller.actor.covers(Role::Administrator, unit, &caller.reference.units)
    }

    /// A unit; any account may look.
    ///
    /// # Errors
    /// `Absent`.
    pub fn unit(&self, caller: &Caller, code: &str) -> Result<Unit> {
        caller.reference.units.by_code(code).cloned().ok_or(Error::Absent("unit"))
    }

    /// An account that the caller administers, with its grants.
    ///
    /// # Errors
    /// `Absent`.
    pub fn account(&self, caller: &Caller, login: &str) -> Result<(Account, Vec<Grant>)> {
        let account = caller.reference.account(login).filter(|account| self.administers(caller, account.unit));
        let account = account.cloned().ok_or(Error::Absent("account"))?;
        let grants = caller.reference.grants.get(&account.id).cloned().unwrap_or_default();
        Ok((account, grants))
    }

    /// Accounts that the caller administers, by login; only of a unit and those below it if one is named.
    ///
    /// # Errors
    /// `Forbidden` without the administrator role.
    pub fn accounts(&self, caller: &Caller, unit: Option<UnitId>) -> Result<Vec<Account>> {
        administrator(caller)?;
        let units = &caller.reference.units;
        let wanted = |account: &&Account| {
            self.administers(caller, account.unit) && unit.is_none_or(|top| units.within(account.unit, top))
        };
        let mut accounts: Vec<Account> = caller.reference.accounts.values().filter(wanted).cloned().collect();
        accounts.sort_by(|a, b| a.login.cmp(&b.login));
        Ok(accounts)
    }

    /// Grants over units that the caller administers; only of an account if one is named.
    ///
    /// # Errors
    /// `Forbidden` without the administrator role.
    pub fn grants(&self, caller: &Caller, account: Option<AccountId>) -> Result<Vec<Grant>> {
        administrator(caller)?;
        let reference = &caller.reference;
        let wanted = |grant: &&Grant| {
            self.administers(caller, grant.unit) && account.is_none_or(|account| grant.account == account)
        };
        let mut grants: Vec<Grant> = reference.grants.values().flatten().filter(wanted).copied().collect();
        grants.sort_by_key(|grant| (reference.login(grant.account).to_owned(), grant.role, grant.id));
        Ok(grants)
    }

    /// Tokens of accounts that the caller administers, newest first; only of an account if one is named.
    ///
    /// # Errors
    /// `Forbidden` without the administrator role.
    pub fn tokens(&self, caller: &Caller, account: Option<AccountId>) -> Result<Vec<Token>> {
        administrator(caller)?;
        let reference = &caller.reference;
        let wanted = |token: &&Token| {
            let own = reference.accounts.get(&token.account);
            own.is_some_and(|own| self.administers(caller, own.unit)) && account.is_none_or(|a| token.account == a)
        };
        let mut tokens: Vec<Token> = reference.tokens.values().filter(wanted).cloned().collect();
        tokens.sort_by_key(|token| std::cmp::Reverse((token.created_at, token.id)));
        Ok(tokens)
    }

    /// A token of an account that the caller administers.
    ///
    /// # Errors
    /// `Absent`.
    pub fn token(&self, caller: &Caller, id: TokenId) -> Result<Token> {
        let tokens = self.tokens(caller, None)?;
        tokens.into_iter().find(|token| token.id == id).ok_or(Error::Absent("token"))
    }

    /// A new token with its secret, which is kept nowhere.
    pub fn new_token(&self, account: AccountId, label: String, days: u32) -> (Token, String) {
        let secret = format!("{TOKEN_PREFIX}{}", hex(&secure_bytes::<32>()));
        let now = self.clock.now();
        let token = Token {
            id: TokenId(self.source.id(now)),
            account,
            hash: Sha256::digest(&secret).into(),
            label,
            created_at: now,
            expires_at: now + TimeDelta::days(i64::from(days)),
            revoked_at: None,
        };
        (token, secret)
    }

    /// The fields, parents before children.
    pub fn fields(&self) -> Vec<Field> {
        self.store.reference().fields.clone()
    }
}

fn administrator(caller: &Caller) -> Result<()> {
    if caller.actor.has(Role::Administrator) { Ok(()) } else { Err(forbidden("ADMINISTER", "the administrator role")) }
}
