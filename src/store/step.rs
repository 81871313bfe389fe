//! A step on the directory: what it is called, what it is about, and what the trail says of it.

use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::domain::{
    account::{Account, Grant, Token},
    calendar::Version,
    delegation::Delegation,
    ids::{DelegationId, GrantId, TokenId, UnitId},
    policy::Policy,
    reference::Field,
    routing::Rule,
    staff::{Changed, How},
    text,
    time::Instant,
    unit::Unit,
};

/// A step on the directory.
#[derive(Debug, Clone)]
pub enum DirectoryStep {
    /// A unit is added.
    Unit(Unit),
    /// Something is said anew of a unit.
    UpdateUnit(Unit),
    /// The end of a unit is known, and who comes after it.
    CloseUnit(Unit),
    /// A local midnight has made something else of a unit.
    TurnUnit(Unit),
    /// An account is added.
    Account(Account),
    /// Something is said anew of an account; what it had ends with that if it is closed or moved.
    UpdateAccount(Box<Changed>),
    /// A grant is made.
    Grant(Grant),
    /// A grant is ended.
    RevokeGrant(GrantId),
    /// Somebody may approve for another.
    Delegation(Delegation),
    /// A delegation is ended.
    RevokeDelegation(DelegationId),
    /// A token is made.
    Token(Token),
    /// A token is ended.
    RevokeToken(TokenId),
    /// A field is added.
    Field(Field),
    /// Something is said anew of a field.
    UpdateField(Field),
    /// A routing rule is added.
    Rule(Rule),
    /// Something is said anew of a routing rule.
    UpdateRule(Rule),
    /// The end of a routing rule is known.
    CloseRule(Rule),
    /// A version of a calendar is added, not in use yet.
    Calendar(Version),
    /// A version of a calendar is taken into use, in place of the one before.
    UseCalendar {
        /// The version.
        version: String,
        /// For this unit and what is below it; none for the whole installation.
        unit: Option<UnitId>,
        /// The paper that orders it.
        document: String,
    },
    /// A version of a policy is added.
    Policy {
        /// What it says.
        policy: Policy,
        /// Its number among the versions of its name.
        number: i32,
    },
    /// A version of a policy ends.
    ClosePolicy {
        /// The version.
        version: String,
        /// Receipts before this instant keep to it.
        until: Instant,
    },
    /// Another version of the master key seals from now on.
    SealWith(u32),
}

impl DirectoryStep {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Unit(_) => "UNIT_CREATED",
            Self::UpdateUnit(_) => "UNIT_UPDATED",
            Self::CloseUnit(_) => "UNIT_CLOSED",
            Self::TurnUnit(_) => "UNIT_TURNED",
            Self::Account(_) => "ACCOUNT_CREATED",
            Self::UpdateAccount(changed) => match changed.how {
                How::Corrected => "ACCOUNT_UPDATED",
                How::Moved => "ACCOUNT_MOVED",
                How::Closed => "ACCOUNT_CLOSED",
                How::Opened => "ACCOUNT_OPENED",
            },
            Self::Grant(_) => "GRANT_CREATED",
            Self::RevokeGrant(_) => "GRANT_REVOKED",
            Self::Delegation(_) => "DELEGATION_CREATED",
            Self::RevokeDelegation(_) => "DELEGATION_REVOKED",
            Self::Token(_) => "TOKEN_CREATED",
            Self::RevokeToken(_) => "TOKEN_REVOKED",
            Self::Field(_) => "FIELD_CREATED",
            Self::UpdateField(_) => "FIELD_UPDATED",
            Self::Rule(_) => "ROUTING_RULE_CREATED",
            Self::UpdateRule(_) => "ROUTING_RULE_UPDATED",
            Self::CloseRule(_) => "ROUTING_RULE_CLOSED",
            Self::Calendar(_) => "CALENDAR_PUT",
            Self::UseCalendar { .. } => "CALENDAR_APPLIED",
            Self::Policy { .. } => "POLICY_PUT",
            Self::ClosePolicy { .. } => "POLICY_CLOSED",
            Self::SealWith(_) => "MASTER_KEY_ROTATED",
        }
    }

    pub(super) const fn added_unit(&self) -> Option<&Unit> {
        match self {
            Self::Unit(unit) => Some(unit),
            _ => None,
        }
    }

    /// The code or id of what it is about.
    pub fn subject(&self) -> String {
        match self {
            Self::Unit(unit) | Self::UpdateUnit(unit) | Self::CloseUnit(unit) | Self::TurnUnit(unit) => {
                unit.code.clone()
            }
            Self::Account(account) => account.login.clone(),
            Self::UpdateAccount(changed) => changed.account.login.clone(),
            Self::Grant(grant) => grant.id.to_string(),
            Self::RevokeGrant(grant) => grant.to_string(),
            Self::Delegation(delegation) => delegation.id.to_string(),
            Self::RevokeDelegation(delegation) => delegation.to_string(),
            Self::Token(token) => token.id.to_string(),
            Self::RevokeToken(token) => token.to_string(),
            Self::Field(field) | Self::UpdateField(field) => field.code.clone(),
            Self::Rule(rule) | Self::UpdateRule(rule) | Self::CloseRule(rule) => rule.code.clone(),
            Self::Calendar(version) => version.calendar.version.clone(),
            Self::UseCalendar { version, .. } | Self::ClosePolicy { version, .. } => version.clone(),
            Self::Policy { policy, .. } => policy.version.clone(),
            Self::SealWith(version) => version.to_string(),
        }
    }

    /// Ids and codes; never a name, an address or a secret.
    pub(super) fn facts(&self) -> serde_json::Value {
        match self {
            Self::Unit(unit) | Self::UpdateUnit(unit) => json!({
                "unit": unit.id, "code": unit.code, "parent": unit.parent, "focal": unit.focal, "content": unit.etag(),
            }),
            Self::CloseUnit(unit) => json!({
                "unit": unit.id, "code": unit.code, "closed_on": unit.closed_on, "successors": unit.successors,
                "state": unit.state,
            }),
            Self::TurnUnit(unit) => json!({"unit": unit.id, "code": unit.code, "state": unit.state}),
            Self::Account(account) => {
                let mut facts = json!({"account": account.id, "login": account.login, "unit": account.unit});
                if let Some(closed_at) = account.closed_at {
                    facts["closed_at"] = json!(closed_at);
                }
                facts
            }
            Self::UpdateAccount(changed) => {
                let Changed { account, said, ended, .. } = changed.as_ref();
                json!({
                    "account": account.id, "login": account.login, "unit": account.unit, "said": said,
                    "closed_at": account.closed_at, "grants_ended": ended.grants,
                    "delegations_ended": ended.delegations, "tokens_ended": ended.tokens,
                })
            }
            Self::Grant(grant) => {
                let (from, until) = (grant.from, grant.until);
                json!({
                    "grant": grant.id, "account": grant.account, "role": grant.role, "unit": grant.unit,
                    "from": from, "until": until,
                })
            }
            Self::RevokeGrant(grant) => json!({"grant": grant}),
            Self::Delegation(delegation) => json!({
                "delegation": delegation.id, "grant": delegation.grant, "delegator": delegation.delegator,
                "delegate": delegation.delegate, "unit": delegation.unit, "capacity": delegation.capacity,
                "from": delegation.from, "until": delegation.until,
            }),
            Self::RevokeDelegation(delegation) => json!({"delegation": delegation}),
            Self::Token(token) => json!({"token": token.id, "account": token.account, "expires_at": token.expires_at}),
            Self::RevokeToken(token) => json!({"token": token}),
            Self::Field(field) => json!({"code": field.code, "parent": field.parent}),
            Self::UpdateField(field) => json!({
                "code": field.code, "parent": field.parent, "assigns_itself": field.assigns_itself,
                "content": field.etag(),
            }),
            Self::Rule(rule) | Self::UpdateRule(rule) | Self::CloseRule(rule) => json!({
                "rule": rule.code, "focal": rule.focal, "unit": rule.unit, "priority": rule.priority, "from": rule.from,
                "until": rule.until, "content": rule.etag(),
            }),
            Self::Calendar(version) => {
                let content = text::hex(&Sha256::digest(text::json(version.calendar.content())));
                json!({"calendar": version.calendar.version, "unit": version.unit, "content": content})
            }
            Self::UseCalendar { version, unit, document } => {
                json!({"calendar": version, "unit": unit, "document": document})
            }
            Self::Policy { policy, .. } => {
                let terms = text::hex(&Sha256::digest(text::json(&policy.terms)));
                let (version, from, until) = (&policy.version, policy.from, policy.until);
                json!({"policy": version, "from": from, "until": until, "scope": policy.scope, "terms": terms})
            }
            Self::ClosePolicy { version, until } => json!({"policy": version, "until": until}),
            Self::SealWith(version) => json!({"version": version}),
        }
    }
}
