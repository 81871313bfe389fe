//! What decisions rest upon beside the petition: units, accounts, fields, calendars, policies. One version.

use std::collections::HashMap;

use super::{
    account::{Account, Actor, Delegated, Grant, Token},
    calendar::{Calendar, Calendars},
    deadline::{self, Span},
    delegation::{self, Delegation},
    ids::{AccountId, UnitId},
    petition::Petition,
    policy::{Matter, Policies, Policy, Terms},
    refusal::{Checks, Fault},
    text::{self, line},
    time::{Due, Instant, Zone},
    unit::Units,
    words::{Clock, Role},
};

/// A subject matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Stable code.
    pub code: String,
    /// Code of the field above; empty at the top.
    pub parent: String,
    /// Vietnamese name.
    pub name: String,
    /// English name.
    pub name_en: String,
}

/// Looks at a new field, as typed; `known` tells the codes of fields. That its own code is free is for others to
/// see to.
///
/// # Errors
/// All that is wrong, by field.
pub fn new_field(typed: &Field, known: impl FnOnce(&str) -> bool) -> Result<Field, Vec<Fault>> {
    let mut checks = Checks::default();
    if !typed.parent.is_empty() && !known(&typed.parent) {
        checks.note("parent", "is not the code of a field");
    }
    let field = Field {
        code: checks.text("code", text::stable_code(&typed.code)),
        parent: typed.parent.clone(),
        name: checks.text("name", text::parse(&typed.name, line(1, 200))),
        name_en: checks.text("name_en", text::parse(&typed.name_en, line(0, 200))),
    };
    checks.or(Some(field))
}

/// The reference data at one version.
#[derive(Debug, Clone)]
pub struct Reference {
    /// Moves with every change of what is below.
    pub version: i64,
    /// Time zone of the installation.
    pub zone: Zone,
    /// Units.
    pub units: Units,
    /// Accounts by id.
    pub accounts: HashMap<AccountId, Account>,
    /// Ids by login.
    pub logins: HashMap<String, AccountId>,
    /// Grants by account.
    pub grants: HashMap<AccountId, Vec<Grant>>,
    /// Accounts by role and the unit at the top of what it covers, in the order of their ids.
    pub by_role: HashMap<(Role, UnitId), Vec<AccountId>>,
    /// Delegations of approval by who approves for another.
    pub delegations: HashMap<AccountId, Vec<Delegation>>,
    /// Tokens by hash.
    pub tokens: HashMap<[u8; 32], Token>,
    /// Fields, parents before children.
    pub fields: Vec<Field>,
    /// Calendars.
    pub calendars: Calendars,
    /// Deadline policies.
    pub policies: Policies,
}

impl Reference {
    /// Who an account is when it calls at `now`: with the grants that count by then, none of them over a unit that is
    /// dissolved. Whoever stood in one stands in its successor.
    pub fn actor(&self, account: AccountId, now: Instant) -> Option<Actor> {
        let actor = self.someone(account, |grant| grant.valid(now))?;
        match self.delegations.get(&account) {
            None => Some(actor),
            Some(given) => {
                let by_now = given.iter().filter(|delegation| delegation.valid(now));
                Some(actor.approving_for(by_now.filter_map(|delegation| self.delegated(delegation, now)).collect()))
            }
        }
    }

    /// A delegation as it counts at `now`: none where the grant that it rests on has ended, or lies elsewhere by now.
    fn delegated(&self, delegation: &Delegation, now: Instant) -> Option<Delegated> {
        let own = self.grants.get(&delegation.delegator)?.iter().find(|grant| grant.id == delegation.grant)?;
        let over = delegation::over(own.role, own.unit, delegation.unit, &self.units);
        let counts = own.valid(now) && over && !self.units.is_closed(delegation.unit);
        let delegator = self.someone(delegation.delegator, |_| false).filter(|_| counts)?;
        Some(Delegated { delegation: *delegation, standings: delegator.standings().collect() })
    }

    /// As [`Reference::actor`], with the grants that are looked for.
    pub fn someone(&self, account: AccountId, wanted: impl Fn(&Grant) -> bool) -> Option<Actor> {
        let account = self.accounts.get(&account)?;
        let grants = self.grants.get(&account.id).into_iter().flatten();
        let counts = |grant: &&Grant| wanted(grant) && !self.units.is_closed(grant.unit);
        Some(Actor::account(account, self.units.heir(account.unit), grants.filter(counts).copied().collect()))
    }

    /// An account by login.
    pub fn account(&self, login: &str) -> Option<&Account> {
        self.logins.get(login).and_then(|id| self.accounts.get(id))
    }

    /// The login of an account; empty when unknown.
    pub fn login(&self, account: AccountId) -> &str {
        self.accounts.get(&account).map_or("", |account| account.login.as_str())
    }

    /// A field by code.
    pub fn field(&self, code: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.code == code)
    }

    /// The codes of a field and of those above it, nearest first.
    pub fn field_line(&self, code: &str) -> Vec<String> {
        let parent = |field: &&Field| self.field(&field.parent);
        std::iter::successors(self.field(code), parent)
            .take(self.fields.len())
            .map(|field| field.code.clone())
            .collect()
    }

    /// The codes of a field and of all below it.
    pub fn field_subtree(&self, code: &str) -> Vec<String> {
        let mut codes = vec![code.to_owned()];
        for field in &self.fields {
            if !field.parent.is_empty() && codes.contains(&field.parent) {
                codes.push(field.code.clone());
            }
        }
        codes
    }

    /// The calendar that a unit goes by: its own, or that of the nearest unit above that has one.
    pub fn calendar(&self, unit: UnitId) -> &Calendar {
        let mut line = std::iter::once(unit).chain(self.units.above(unit).map(|above| above.id));
        line.find_map(|unit| self.calendars.of(Some(unit))).unwrap_or_else(|| self.calendars.installation())
    }

    /// Counts a span from an event, on the calendar of a unit.
    pub fn due(&self, unit: UnitId, from: Instant, span: Span) -> Due {
        deadline::due(self.calendar(unit), self.zone, from, span)
    }

    /// When the reopening window of an answer delivered at an instant ends, exclusive.
    pub fn reopening_ends(&self, petition: &Petition, delivered_at: Instant) -> Instant {
        self.due(petition.focal, delivered_at, self.terms(petition).reopening).at
    }

    /// The policy for a matter.
    pub fn policy(&self, matter: &Matter) -> &Policy {
        self.policies.choose(matter, &self.units)
    }

    /// The policy of a petition's present round: the one that its answer is counted by.
    pub fn round_policy(&self, petition: &Petition) -> &Policy {
        let version = petition.clocks.get(Clock::Answer).and_then(|standing| self.policies.version(&standing.policy));
        version.unwrap_or_else(|| self.policy(&Matter::of(petition)))
    }

    /// The terms of a petition's present round.
    pub fn terms(&self, petition: &Petition) -> &Terms {
        &self.round_policy(petition).terms
    }
}
