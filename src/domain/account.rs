//! Who acts: accounts and what a new one must be, their grants, and the actor of a command.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{
    delegation::Delegation,
    ids::{AccountId, GrantId, TokenId, UnitId},
    refusal::{Checks, Fault},
    text::{self, line},
    time::Instant,
    unit::Units,
    words::Role,
};

/// Somebody or something that calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Stable login, unique.
    pub login: String,
    /// The unit it belongs to.
    pub unit: UnitId,
    /// Name of the person or system.
    pub name: String,
    /// Where notices go; may be empty.
    pub email: String,
    /// When it was closed; none while it is open.
    pub closed_at: Option<Instant>,
    /// Units that it stood in before it was moved.
    pub former: Vec<Former>,
}

/// That an account stood in a unit until it was moved away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Former {
    /// The unit.
    pub unit: UnitId,
    /// Until when, exclusive.
    pub until: Instant,
}

impl Account {
    /// Whether it is closed: nobody who calls, and given nothing.
    pub const fn is_closed(&self) -> bool {
        self.closed_at.is_some()
    }

    /// Moves when anything of it moves.
    pub fn etag(&self) -> String {
        let said = (&self.login, self.unit, &self.name, &self.email, self.closed_at, &self.former);
        text::hex(&Sha256::digest(text::json(&said))[..8])
    }
}

/// An account that somebody wants to add, as typed.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// Login.
    pub login: &'a str,
    /// Code of the unit it belongs to.
    pub unit: &'a str,
    /// Name.
    pub name: &'a str,
    /// Where notices go.
    pub email: &'a str,
}

impl Given<'_> {
    /// The account; `unit` finds a unit that one may join by its code, or says why not. That the login is free is for
    /// others to see to.
    ///
    /// # Errors
    /// All that is wrong, by field.
    pub fn account(
        &self,
        id: AccountId,
        unit: impl FnOnce(&str) -> Result<UnitId, &'static str>,
    ) -> Result<Account, Vec<Fault>> {
        let mut checks = Checks::default();
        let login = checks.text("login", login(self.login));
        let unit = if self.unit.is_empty() { Err("is required") } else { unit(self.unit) };
        let unit = unit.map_err(|what| checks.note("unit", what)).ok();
        let name = checks.text("name", text::parse(self.name, line(1, 200)));
        let email = checks.text("email", text::email(self.email));
        checks.or(unit.map(|unit| Account { id, login, unit, name, email, closed_at: None, former: Vec::new() }))
    }
}

/// A login: 1 to 100 lower-case letters, digits, `-`, `_`, `.`, `@`.
fn login(typed: &str) -> Result<String, String> {
    let login = text::parse(typed, line(1, 100))?;
    let allowed = login.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.@".contains(c));
    if allowed { Ok(login) } else { Err("must be of lower-case letters, digits, -, _, . and @".to_owned()) }
}

/// A role over a unit and those below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Whose it is.
    pub account: AccountId,
    /// What it allows.
    pub role: Role,
    /// The top unit it covers.
    pub unit: UnitId,
    /// From when on; none means always.
    pub from: Option<Instant>,
    /// Until when, exclusive; none means for good.
    pub until: Option<Instant>,
}

impl Grant {
    /// A grant for good.
    pub const fn for_good(id: GrantId, account: AccountId, role: Role, unit: UnitId) -> Self {
        Self { id, account, role, unit, from: None, until: None }
    }

    /// Whether it counts at `now`.
    pub fn valid(&self, now: Instant) -> bool {
        self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now < until)
    }

    /// Whether both say the same at some time: a role of an account over a unit is granted once at a time.
    pub fn overlaps(&self, other: &Self) -> bool {
        let before = |one: &Self, other: &Self| one.until.zip(other.from).is_some_and(|(until, from)| until <= from);
        let same = (self.account, self.role, self.unit) == (other.account, other.role, other.unit);
        same && self.id != other.id && !before(self, other) && !before(other, self)
    }

    /// What cannot be about its validity; the end of a grant that is made lies ahead.
    pub fn fault(&self, now: Instant) -> Option<Fault> {
        let what = if self.until.is_some_and(|until| until <= now) {
            "lies in the past"
        } else if self.from.zip(self.until).is_some_and(|(from, until)| until <= from) {
            "is not after valid_from"
        } else {
            return None;
        };
        Some(Fault::new("valid_until", what))
    }
}

/// A bearer token, by its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Public id.
    pub id: TokenId,
    /// Whom it speaks for.
    pub account: AccountId,
    /// SHA-256 of the secret.
    pub hash: [u8; 32],
    /// What it is for.
    pub label: String,
    /// When it was made.
    pub created_at: Instant,
    /// When it ends, exclusive.
    pub expires_at: Instant,
    /// When it was revoked.
    pub revoked_at: Option<Instant>,
}

impl Token {
    /// Whether it speaks for its account at `now`.
    pub fn valid(&self, now: Instant) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

/// Who acted, as events keep it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "as", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ActorRef {
    /// An account with a role.
    Account {
        /// Which.
        account: AccountId,
        /// The unit it stood in.
        unit: UnitId,
    },
    /// The petitioner, through a portal's account.
    Petitioner {
        /// The portal's account.
        portal: AccountId,
    },
    /// What happens by itself.
    System,
}

impl ActorRef {
    /// The account, unless it happened by itself.
    pub const fn account(&self) -> Option<AccountId> {
        match self {
            Self::Account { account, .. } | Self::Petitioner { portal: account } => Some(*account),
            Self::System => None,
        }
    }
}

/// Who gives a command.
#[derive(Debug, Clone)]
pub struct Actor {
    /// How events will name it.
    pub who: ActorRef,
    /// What it may do.
    pub grants: Vec<Grant>,
    /// The unit that the account stands in, whomever it speaks for.
    stands_in: Option<UnitId>,
    /// The unit that it was made in, which may be dissolved.
    made_in: Option<UnitId>,
    /// Units that it was moved away from.
    former: Vec<Former>,
    /// Those for whom it may approve.
    delegated: Vec<Delegated>,
}

/// That the actor may approve for somebody, by now.
#[derive(Debug, Clone)]
pub struct Delegated {
    /// By which delegation.
    pub delegation: Delegation,
    /// The units that the approver stands in, and stood in before that was dissolved.
    pub standings: Vec<UnitId>,
    /// Units that the approver was moved away from.
    pub former: Vec<Former>,
}

impl Actor {
    /// What happens by itself.
    pub const fn system() -> Self {
        Self {
            who: ActorRef::System,
            grants: Vec::new(),
            stands_in: None,
            made_in: None,
            former: Vec::new(),
            delegated: Vec::new(),
        }
    }

    /// An account with its grants, and the unit that it stands in by now.
    pub fn account(account: &Account, unit: UnitId, grants: Vec<Grant>) -> Self {
        let who = ActorRef::Account { account: account.id, unit };
        let (stands_in, made_in, former) = (Some(unit), Some(account.unit), account.former.clone());
        Self { who, grants, stands_in, made_in, former, delegated: Vec::new() }
    }

    /// The same, who may approve for others too.
    #[must_use]
    pub fn approving_for(self, delegated: Vec<Delegated>) -> Self {
        Self { delegated, ..self }
    }

    /// Those for whom the actor may approve, wherever.
    pub fn delegated(&self) -> &[Delegated] {
        &self.delegated
    }

    /// Those for whom the actor may approve over the unit; over a dissolved one also as its successor.
    pub fn approves_for(&self, unit: UnitId, units: &Units) -> impl Iterator<Item = &Delegated> {
        let heir = units.heir(unit);
        let covers = move |top| units.within(unit, top) || units.within(heir, top);
        self.delegated.iter().filter(move |delegated| covers(delegated.delegation.unit))
    }

    /// The units that it stands in, and stood in before that was dissolved.
    pub fn standings(&self) -> impl Iterator<Item = UnitId> + '_ {
        self.stands_in.into_iter().chain(self.made_in.filter(|unit| Some(*unit) != self.stands_in))
    }

    /// The units that it was moved away from.
    pub fn former(&self) -> &[Former] {
        &self.former
    }

    /// The same account speaking for a petitioner who proved to be one.
    pub fn for_petitioner(&self) -> Self {
        match self.who.account() {
            Some(portal) => Self { who: ActorRef::Petitioner { portal }, ..self.clone() },
            None => self.clone(),
        }
    }

    /// The unit the actor stands in, if it is an account; also while it speaks for a petitioner.
    pub const fn unit(&self) -> Option<UnitId> {
        self.stands_in
    }

    /// Whether it is a portal and nothing else: no person's account, it passes on what anybody brings to it.
    pub fn is_portal(&self) -> bool {
        !self.grants.is_empty()
            && self.delegated.is_empty()
            && self.grants.iter().all(|grant| grant.role == Role::Portal)
    }

    /// The tops of what a role covers.
    pub fn tops(&self, role: Role) -> impl Iterator<Item = UnitId> + '_ {
        self.grants.iter().filter(move |grant| grant.role == role).map(|grant| grant.unit)
    }

    /// Whether the actor has the role anywhere.
    pub fn has(&self, role: Role) -> bool {
        self.tops(role).next().is_some()
    }

    /// Whether the actor has the role over the unit; over a dissolved one also as its successor.
    pub fn covers(&self, role: Role, unit: UnitId, units: &Units) -> bool {
        let heir = units.heir(unit);
        self.tops(role).any(|top| units.within(unit, top) || units.within(heir, top))
    }
}
