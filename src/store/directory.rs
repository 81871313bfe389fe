//! Writing the reference data: rows, its own trail, and the version row, together.

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait as _, DatabaseTransaction, DbBackend, DbErr,
    EntityTrait as _, IntoActiveModel as _, QueryFilter as _, SqlErr, Statement, TransactionTrait as _,
    sea_query::{Expr, OnConflict},
};
use serde_json::json;

use super::{
    accounts,
    batch::insert,
    connect::{Connections, immediate},
    delegations, entity,
    error::Error,
    pinned,
    requests::keep,
    rounds, routing,
    seal::Keys,
    step::DirectoryStep,
    units,
};
use crate::domain::{chain, change::Request, ids::AccountId, text, time::Instant};

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
        DirectoryStep::Account(account) => accounts::add(txn, account).await?,
        DirectoryStep::UpdateAccount(changed) => accounts::set(txn, changed, now).await?,
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
        DirectoryStep::RevokeToken(token) => accounts::revoke_token(txn, *token, now).await?,
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
