//! What decisions rest upon beside the petition: units, accounts, fields, calendars, policies. One version.

use std::collections::{HashMap, HashSet};

use sha2::{Digest as _, Sha256};

use super::{
    account::{Account, Actor, Delegated, Grant, Token},
    calendar::{Calendar, Calendars},
    deadline::{self, Span},
    delegation::{self, Delegation},
    ids::{AccountId, UnitId},
    petition::Petition,
    policy::{Matter, Policies, Policy, Terms},
    refusal::{Checks, Fault},
    routing::Rules,
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
    /// What is accepted in it, but not what lies below it, is assigned by the rule that decides.
    pub assigns_itself: bool,
}

impl Field {
    /// Moves when anything of it moves.
    pub fn etag(&self) -> String {
        let said = (&self.code, &self.parent, &self.name, &self.name_en, self.assigns_itself);
        text::hex(&Sha256::digest(text::json(&said))[..8])
    }
}

/// What is to be said anew of a field, as typed. What is none stays.
#[derive(Debug, Clone, Copy, Default)]
#[expect(missing_docs, reason = "the fields are those of `Field`")]
pub struct FieldEdit<'a> {
    pub parent: Option<&'a str>,
    pub name: Option<&'a str>,
    pub name_en: Option<&'a str>,
    pub assigns_itself: Option<bool>,
}

impl FieldEdit<'_> {
    /// The field with what is said anew.
    ///
    /// # Errors
    /// All that is wrong, by field: a parent that is the field itself or lies below it among them.
    pub fn of(&self, field: &Field, reference: &Reference) -> Result<Field, Vec<Fault>> {
        let said = |anew: Option<&str>, is: &String| anew.map_or_else(|| is.clone(), str::to_owned);
        let typed = Field {
            code: field.code.clone(),
            parent: said(self.parent, &field.parent),
            name: said(self.name, &field.name),
            name_en: said(self.name_en, &field.name_en),
            assigns_itself: self.assigns_itself.unwrap_or(field.assigns_itself),
        };
        let circle = reference.field_line(&typed.parent).contains(&field.code);
        let circle = circle.then(|| Fault::new("parent", "is the field itself, or lies below it"));
        match (new_field(&typed, |code| reference.field(code).is_some()), circle) {
            (Ok(field), None) => Ok(field),
            (read, circle) => Err(read.err().into_iter().flatten().chain(circle).collect()),
        }
    }
}

/// Fields with parents before children, else in their order. Those whose parents are missing or go round in a circle come
/// last.
pub fn in_order(mut left: Vec<Field>) -> Vec<Field> {
    let mut placed: Vec<Field> = Vec::with_capacity(left.len());
    let mut known: HashSet<String> = HashSet::new();
    loop {
        let before = placed.len();
        for field in std::mem::take(&mut left) {
            if field.parent.is_empty() || known.contains(&field.parent) {
                known.insert(field.code.clone());
                placed.push(field);
            } else {
                left.push(field);
            }
        }
        if placed.len() == before {
            placed.append(&mut left);
            return placed;
        }
    }
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
        assigns_itself: typed.assigns_itself,
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
    /// Rules that say which unit is competent.
    pub rules: Rules,
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
        let former = delegator.former().to_vec();
        Some(Delegated { delegation: *delegation, standings: delegator.standings().collect(), former })
    }

    /// As [`Reference::actor`], with the grants that are looked for. Whose account is closed is nobody.
    pub fn someone(&self, account: AccountId, wanted: impl Fn(&Grant) -> bool) -> Option<Actor> {
        let account = self.accounts.get(&account).filter(|account| !account.is_closed())?;
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
