//! What administrators may ask to see: units, accounts, grants, tokens, fields.

use super::{
    App,
    caller::Caller,
    error::{Error, Result},
    page::{Page, Place},
};
use crate::domain::{
    account::{Account, Grant, Token},
    ids::{AccountId, TokenId, UnitId},
    permission::When,
    reference::Field,
    time::Instant,
    unit::Unit,
};

const LIST_ACCOUNTS: &str = "ListAccounts";
const LIST_GRANTS: &str = "ListGrants";
const LIST_TOKENS: &str = "ListTokens";

impl App {
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
        let account = caller.reference.account(login);
        let account = account.filter(|account| caller.may_over("GetAccount", Some(account.unit)).is_ok());
        let account = account.cloned().ok_or(Error::Absent("account"))?;
        let grants = caller.reference.grants.get(&account.id).cloned().unwrap_or_default();
        Ok((account, grants))
    }

    /// Accounts that the caller administers, by login; only of a unit and those below it if one is named.
    ///
    /// # Errors
    /// `Forbidden` without the administrator role.
    pub fn accounts(&self, caller: &Caller, unit: Option<UnitId>) -> Result<Vec<Account>> {
        caller.may(LIST_ACCOUNTS, When::Always)?;
        let units = &caller.reference.units;
        let wanted = |account: &&Account| {
            caller.may_over(LIST_ACCOUNTS, Some(account.unit)).is_ok()
                && unit.is_none_or(|top| units.within(account.unit, top))
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
        caller.may(LIST_GRANTS, When::Always)?;
        let reference = &caller.reference;
        let wanted = |grant: &&Grant| {
            caller.may_over(LIST_GRANTS, Some(grant.unit)).is_ok()
                && account.is_none_or(|account| grant.account == account)
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
        caller.may(LIST_TOKENS, When::Always)?;
        let reference = &caller.reference;
        let wanted = |token: &&Token| {
            let own = reference.accounts.get(&token.account);
            own.is_some_and(|own| caller.may_over(LIST_TOKENS, Some(own.unit)).is_ok())
                && account.is_none_or(|a| token.account == a)
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

    /// The fields, parents before children, and the token of the next page.
    pub fn fields(&self, page: &Page) -> (Vec<Field>, String) {
        let reference = self.store.reference();
        let limit = usize::try_from(page.limit()).unwrap_or(usize::MAX);
        // A field that is added comes last: their places do not move.
        let from = page.after.map_or(0, |place| usize::try_from(place.seq).unwrap_or(0));
        let mut found: Vec<(usize, &Field)> = reference.fields.iter().enumerate().skip(from).take(limit).collect();
        let next = page.cut(&mut found, |(place, _)| Place {
            at: Instant::UNIX_EPOCH,
            id: uuid::Uuid::nil(),
            seq: i64::try_from(place + 1).unwrap_or(i64::MAX),
        });
        (found.into_iter().map(|(_, field)| field.clone()).collect(), next)
    }
}
