//! Writing the reference data: rows, its own trail, and the version row, together.

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait as _, DatabaseTransaction, DbBackend, DbErr,
    EntityTrait as _, IntoActiveModel as _, QueryFilter as _, SqlErr, Statement, TransactionTrait as _,
    sea_query::{Expr, OnConflict},
};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{
    batch::insert,
    connect::{Connections, immediate},
    delegations, entity,
    error::Error,
    pinned,
    requests::keep,
    rounds, routing,
    seal::Keys,
    units,
};
use crate::domain::{
    account::{Account, Grant, Token},
    calendar::Version,
    chain,
    change::Request,
    delegation::Delegation,
    ids::{AccountId, DelegationId, GrantId, TokenId, UnitId},
    policy::Policy,
    reference::Field,
    routing::Rule,
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
    const fn kind(&self) -> &'static str {
        match self {
            Self::Unit(_) => "UNIT_CREATED",
            Self::UpdateUnit(_) => "UNIT_UPDATED",
            Self::CloseUnit(_) => "UNIT_CLOSED",
            Self::TurnUnit(_) => "UNIT_TURNED",
            Self::Account(_) => "ACCOUNT_CREATED",
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

    const fn added_unit(&self) -> Option<&Unit> {
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
    fn facts(&self) -> serde_json::Value {
        match self {
            Self::Unit(unit) | Self::UpdateUnit(unit) => json!({
                "unit": unit.id, "code": unit.code, "parent": unit.parent, "focal": unit.focal, "content": unit.etag(),
            }),
            Self::CloseUnit(unit) => json!({
                "unit": unit.id, "code": unit.code, "closed_on": unit.closed_on, "successors": unit.successors,
                "state": unit.state,
            }),
            Self::TurnUnit(unit) => json!({"unit": unit.id, "code": unit.code, "state": unit.state}),
            Self::Account(account) => json!({"account": account.id, "login": account.login, "unit": account.unit}),
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

/// How steps on the directory are taken.
#[derive(Debug, Clone, Default)]
pub struct Direction {
    /// Who takes them; none from the command line of the server's host.
    pub actor: Option<AccountId>,
    /// The version of the directory that they rest on, if they rest on all of it.
    pub upon: Option<i64>,
    /// The caller's request id.
    pub request: Option<Request>,
}

/// Why a step on the directory was not taken.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// A code, login or grant is there already, or something named is not there.
    #[error("it is there already, or something that it names is not")]
    Conflict,
    /// The directory is not at the version that the step rests on.
    #[error("the directory has moved")]
    Moved,
    /// The request id has been used: see what for.
    #[error("the request id has been used")]
    Requested,
    /// The database failed.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<DbErr> for DirectoryError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_) | SqlErr::ForeignKeyConstraintViolation(_)) => Self::Conflict,
            _ => Self::Failed(Error::of("write the directory")(error)),
        }
    }
}

/// Takes steps on the directory: rows, trail, version and request id together.
pub(super) async fn take(
    connections: &Connections,
    steps: &[DirectoryStep],
    direction: &Direction,
    now: Instant,
) -> Result<(), DirectoryError> {
    let txn = connections.write.begin_with_options(immediate()).await?;
    let lock = if connections.backend == DbBackend::Postgres { " for update" } else { "" };
    let sql = format!("select version, head from reference where id = 1{lock}");
    let row = txn.query_one_raw(Statement::from_string(connections.backend, sql)).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("reference".to_owned()))?;
    let (mut version, head): (i64, Vec<u8>) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    // Under the lock: of two that came with one request id the second finds what the first has left.
    if let (Some(request), Some(step)) = (&direction.request, steps.first()) {
        use entity::directory_request::Entity;
        if Entity::find_by_id((request.account, request.rpc.to_owned(), request.id)).one(&txn).await?.is_some() {
            txn.rollback().await?;
            return Err(DirectoryError::Requested);
        }
        keep(&txn, Some(request), step.subject()).await?;
    }
    if direction.upon.is_some_and(|upon| upon != version) {
        txn.rollback().await?;
        return Err(DirectoryError::Moved);
    }
    let mut head: [u8; 32] = head.try_into().map_err(|_| DbErr::Type("reference.head".to_owned()))?;
    let mut events = Vec::with_capacity(steps.len());
    // A tree comes with a unit a step: as many as follow each other are written together.
    for run in steps.chunk_by(|one, next| matches!((one, next), (DirectoryStep::Unit(_), DirectoryStep::Unit(_)))) {
        units::add(&txn, &run.iter().filter_map(DirectoryStep::added_unit).collect::<Vec<_>>()).await?;
        for step in run {
            put(&txn, &connections.keys, step, now, version).await?;
            version += 1;
            let stored = json!({
                "seq": version, "at": now, "actor": direction.actor, "kind": step.kind(), "facts": step.facts(),
            })
            .to_string();
            head = chain::link(&head, &stored);
            events.push(entity::directory_event::Model {
                seq: version,
                kind: step.kind().to_owned(),
                at: now,
                actor: direction.actor.map(|actor| actor.0),
                stored,
                hash: head.to_vec(),
            });
        }
    }
    insert::<entity::directory_event::Entity>(&txn, events).await?;
    entity::reference::Entity::update_many()
        .col_expr(entity::reference::Column::Version, Expr::value(version))
        .col_expr(entity::reference::Column::Head, Expr::value(head.to_vec()))
        .filter(entity::reference::Column::Id.eq(1))
        .exec(&txn)
        .await?;
    Ok(txn.commit().await?)
}

async fn put(
    txn: &DatabaseTransaction,
    keys: &Keys,
    step: &DirectoryStep,
    now: Instant,
    position: i64,
) -> Result<(), DirectoryError> {
    match step {
        // Added together, before this.
        DirectoryStep::Unit(_) => {}
        DirectoryStep::UpdateUnit(unit) => {
            // Below another unit it may go by another calendar.
            if units::parent_of(txn, unit.id).await? != unit.parent {
                rounds::begin_counting(txn, now).await?;
            }
            units::set(txn, unit, now).await?;
        }
        DirectoryStep::CloseUnit(unit) | DirectoryStep::TurnUnit(unit) => units::set(txn, unit, now).await?,
        DirectoryStep::Account(account) => {
            let row = entity::account::Model {
                id: account.id.0,
                login: account.login.clone(),
                unit: account.unit.0,
                name: account.name.clone(),
                email: account.email.clone(),
            };
            row.into_active_model().reset_all().insert(txn).await?;
        }
        DirectoryStep::Grant(grant) => units::grant(txn, grant).await?,
        DirectoryStep::RevokeGrant(grant) => units::revoke(txn, *grant, now).await?,
        DirectoryStep::Delegation(delegation) => delegations::make(txn, delegation).await?,
        DirectoryStep::RevokeDelegation(delegation) => delegations::revoke(txn, *delegation, now).await?,
        DirectoryStep::Token(token) => {
            let row = entity::token::Model {
                id: token.id.0,
                account: token.account.0,
                hash: token.hash.to_vec(),
                label: token.label.clone(),
                created_at: token.created_at,
                expires_at: token.expires_at,
                revoked_at: token.revoked_at,
            };
            row.into_active_model().reset_all().insert(txn).await?;
        }
        DirectoryStep::RevokeToken(token) => {
            use entity::token::{Column, Entity};
            Entity::update_many()
                .col_expr(Column::RevokedAt, Expr::value(now))
                .filter(Column::Id.eq(token.0))
                .filter(Column::RevokedAt.is_null())
                .exec(txn)
                .await?;
        }
        DirectoryStep::Field(field) => {
            let row = entity::field::Model {
                code: field.code.clone(),
                parent: field.parent.clone(),
                name: field.name.clone(),
                name_en: field.name_en.clone(),
                assigns_itself: field.assigns_itself,
                position,
            };
            row.into_active_model().reset_all().insert(txn).await?;
        }
        DirectoryStep::UpdateField(field) => {
            use entity::field::{Column, Entity};
            Entity::update_many()
                .col_expr(Column::Parent, Expr::value(&field.parent))
                .col_expr(Column::Name, Expr::value(&field.name))
                .col_expr(Column::NameEn, Expr::value(&field.name_en))
                .col_expr(Column::AssignsItself, Expr::value(field.assigns_itself))
                .filter(Column::Code.eq(&field.code))
                .exec(txn)
                .await?;
        }
        DirectoryStep::Rule(rule) => routing::add(txn, rule, position).await?,
        DirectoryStep::UpdateRule(rule) | DirectoryStep::CloseRule(rule) => routing::set(txn, rule).await?,
        DirectoryStep::Calendar(version) => {
            let row = entity::calendar::Model {
                version: version.calendar.version.clone(),
                name: version.name.clone(),
                number: version.number,
                unit: version.unit.map(|unit| unit.0),
                active: false,
                content: text::json(version.calendar.content()),
                created_at: now,
                created_by: version.by.map(|by| by.0),
            };
            row.into_active_model().reset_all().insert(txn).await?;
        }
        DirectoryStep::UseCalendar { version, unit, .. } => {
            use entity::calendar::{Column, Entity};
            let of_unit = unit.map_or(Column::Unit.is_null(), |unit| Column::Unit.eq(unit.0));
            Entity::update_many().col_expr(Column::Active, Expr::value(false)).filter(of_unit).exec(txn).await?;
            Entity::update_many()
                .col_expr(Column::Active, Expr::value(true))
                .filter(Column::Version.eq(version))
                .filter(unit.map_or(Column::Unit.is_null(), |unit| Column::Unit.eq(unit.0)))
                .exec(txn)
                .await?;
            rounds::begin_counting(txn, now).await?;
        }
        DirectoryStep::Policy { policy, number } => {
            let row = entity::policy::Model {
                version: policy.version.clone(),
                name: policy.name.clone(),
                number: *number,
                valid_from: policy.from.unwrap_or(now),
                scope: text::json(&policy.scope),
                terms: text::json(&policy.terms),
                created_at: now,
            };
            row.into_active_model().reset_all().insert(txn).await?;
            if let Some(until) = policy.until {
                end_policy(txn, &policy.version, until, now).await?;
            }
        }
        DirectoryStep::ClosePolicy { version, until } => end_policy(txn, version, *until, now).await?,
        DirectoryStep::SealWith(version) => pinned::seal_with(txn, *version, keys).await?,
    }
    Ok(())
}

/// Ends a version of a policy, earlier than it was to end if it was.
async fn end_policy(txn: &DatabaseTransaction, version: &str, until: Instant, now: Instant) -> Result<(), DbErr> {
    use entity::policy_end::{Column, Entity, Model};
    let row = Model { version: version.to_owned(), valid_until: until, created_at: now };
    let again = OnConflict::column(Column::Version).update_columns([Column::ValidUntil, Column::CreatedAt]).to_owned();
    Entity::insert(row.into_active_model()).on_conflict(again).exec_without_returning(txn).await?;
    Ok(())
}
