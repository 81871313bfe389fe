//! What may be said anew of an account, and what ends by that: whoever is closed, or goes to another unit, leaves every role,
//! delegation and token behind; what they are to have there they are given anew.

use super::{
    account::{Account, Former, Grant, Token},
    delegation::Delegation,
    ids::{AccountId, DelegationId, GrantId, TokenId, UnitId},
    reference::Reference,
    refusal::{Checks, Refusal, rule},
    text::{self, line},
    time::Instant,
    words::Role,
};

/// What is to be said anew of an account, as typed. What is none stays.
#[derive(Debug, Clone, Copy, Default)]
#[expect(missing_docs, reason = "the fields are those of `Account`")]
pub struct Edit<'a> {
    pub unit: Option<&'a str>,
    pub name: Option<&'a str>,
    pub email: Option<&'a str>,
    pub closed: Option<bool>,
}

/// An account as it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The account.
    pub account: Account,
    /// What of it is another than before, by the names of the fields.
    pub said: Vec<&'static str>,
    /// What became of it.
    pub how: How,
    /// What ends.
    pub ended: Ended,
}

/// What becomes of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Something is corrected.
    Corrected,
    /// It belongs to another unit.
    Moved,
    /// It is closed, whatever else.
    Closed,
    /// It is opened again, whatever else.
    Opened,
}

/// What ends with an account that is closed or moved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ended {
    /// Its grants.
    pub grants: Vec<GrantId>,
    /// The delegations that it gave, and those that it has.
    pub delegations: Vec<DelegationId>,
    /// Its tokens.
    pub tokens: Vec<TokenId>,
}

impl Edit<'_> {
    /// The account with what is said anew; `unit` finds a unit that one may join by its code, or says why not.
    ///
    /// # Errors
    /// All that is wrong, by field; `ACCOUNT_CLOSED` where it is and stays so; `LAST_ADMINISTRATOR` where nobody else could
    /// give anybody anything.
    pub fn of(
        &self,
        account: &Account,
        unit: impl FnOnce(&str) -> Result<UnitId, &'static str>,
        (reference, now): (&Reference, Instant),
    ) -> Result<Changed, Refusal> {
        let mut checks = Checks::default();
        let mut after = account.clone();
        // To say again where it stands is to say nothing, also of a unit that nobody joins any more.
        if let Some(code) = self.unit.filter(|code| *code != reference.units.code(account.unit)) {
            let found = if code.is_empty() { Err("is required") } else { unit(code) };
            after.unit = found.map_err(|what| checks.note("unit", what)).unwrap_or(account.unit);
        }
        if let Some(typed) = self.name {
            after.name = checks.text("name", text::parse(typed, line(1, 200)));
        }
        if let Some(typed) = self.email {
            after.email = checks.text("email", text::email(typed));
        }
        let (was, is) = (account.is_closed(), self.closed.unwrap_or(account.is_closed()));
        if was && !is && reference.units.is_closed(after.unit) {
            checks.note("unit", "is closed");
        }
        let mut after = checks.or(Some(after)).map_err(Refusal::Invalid)?;
        let fields = [
            ("unit", after.unit != account.unit),
            ("name", after.name != account.name),
            ("email", after.email != account.email),
            ("closed", is != was),
        ];
        let said: Vec<&str> = fields.into_iter().filter(|(_, moved)| *moved).map(|(field, _)| field).collect();
        if was && is && !said.is_empty() {
            return Err(rule("ACCOUNT_CLOSED", format!("{} is closed; open it first", account.login)));
        }
        let left = after.unit != account.unit || is && !was;
        if left && is_last_administrator(account.id, (reference, now)) {
            return Err(last_administrator(&account.login));
        }
        after.closed_at = is.then_some(account.closed_at.unwrap_or(now));
        if after.unit != account.unit {
            let stood_in = [account.unit, reference.units.heir(account.unit)];
            let stood_in = &stood_in[..if stood_in[0] == stood_in[1] { 1 } else { 2 }];
            after.former.extend(stood_in.iter().map(|unit| Former { unit: *unit, until: now }));
        }
        let ended = if left { Ended::of(account.id, (reference, now)) } else { Ended::default() };
        let how = match (was, is) {
            (false, true) => How::Closed,
            (true, false) => How::Opened,
            _ if after.unit != account.unit => How::Moved,
            _ => How::Corrected,
        };
        Ok(Changed { account: after, said, how, ended })
    }
}

impl Changed {
    /// Whether nothing of it is another than before.
    pub const fn is_nothing(&self) -> bool {
        self.said.is_empty()
    }
}

impl Ended {
    fn of(account: AccountId, (reference, now): (&Reference, Instant)) -> Self {
        let lasts = |until: Option<Instant>| until.is_none_or(|until| now < until);
        let grants = reference.grants.get(&account).into_iter().flatten();
        let own = |one: &&Delegation| one.delegator == account || one.delegate == account;
        let delegations = reference.delegations.values().flatten().filter(own);
        let tokens = reference.tokens.values().filter(|token| token.account == account);
        let mut ended = Self {
            grants: grants.filter(|grant| lasts(grant.until)).map(|grant| grant.id).collect(),
            delegations: delegations.filter(|one| lasts(Some(one.until))).map(|one| one.id).collect(),
            tokens: tokens.filter(|token: &&Token| token.valid(now)).map(|token| token.id).collect(),
        };
        ended.delegations.sort();
        ended.tokens.sort();
        ended
    }
}

/// That an account is the last to administer the whole tree.
pub fn last_administrator(login: &str) -> Refusal {
    let what = format!("{login} is the last who administers the whole tree: nobody could give anybody that role again");
    rule("LAST_ADMINISTRATOR", what)
}

/// Whether an account administers the whole tree, and nobody else does so for as long.
pub fn is_last_administrator(account: AccountId, (reference, now): (&Reference, Instant)) -> bool {
    let Some(root) = reference.units.root() else { return false };
    let over_all = |grant: &&Grant| grant.role == Role::Administrator && grant.unit == root.id && grant.valid(now);
    let until = |grant: &Grant| grant.until.unwrap_or(Instant::MAX_UTC);
    let all = || reference.grants.values().flatten().filter(over_all);
    let Some(own) = all().filter(|grant| grant.account == account).map(until).max() else { return false };
    let open = |account: AccountId| reference.accounts.get(&account).is_some_and(|account| !account.is_closed());
    !all().any(|grant| grant.account != account && open(grant.account) && until(grant) >= own)
}
