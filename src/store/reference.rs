//! The reference data: loaded whole, cached under its version row, written with its own trail.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait as _, DatabaseTransaction, DbBackend, DbErr,
    EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _, SqlErr, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait as _, sea_query::Expr,
};
use serde_json::json;

use super::{
    connect::Connections,
    entity,
    error::{Error, Result},
    rows::Column,
};
use crate::domain::{
    account::{Account, Grant, Token},
    calendar::Calendar,
    chain,
    ids::{AccountId, GrantId, TokenId, UnitId},
    policy::Policy,
    reference::{Field, Reference},
    time::{Instant, Zone},
    unit::{Unit, Units},
    words,
};

/// A step on the directory.
#[derive(Debug, Clone)]
pub enum DirectoryStep {
    /// A unit is added.
    Unit(Unit),
    /// An account is added.
    Account(Account),
    /// A grant is made.
    Grant(Grant),
    /// A token is made.
    Token(Token),
    /// A token is ended.
    RevokeToken(TokenId),
    /// A field is added.
    Field(Field),
}

impl DirectoryStep {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Unit(_) => "UNIT_CREATED",
            Self::Account(_) => "ACCOUNT_CREATED",
            Self::Grant(_) => "GRANT_CREATED",
            Self::Token(_) => "TOKEN_CREATED",
            Self::RevokeToken(_) => "TOKEN_REVOKED",
            Self::Field(_) => "FIELD_CREATED",
        }
    }

    /// Ids and codes; never a name, an address or a secret.
    fn facts(&self) -> serde_json::Value {
        match self {
            Self::Unit(unit) => json!({"unit": unit.id, "code": unit.code, "parent": unit.parent, "focal": unit.focal}),
            Self::Account(account) => json!({"account": account.id, "login": account.login, "unit": account.unit}),
            Self::Grant(grant) => {
                json!({"grant": grant.id, "account": grant.account, "role": grant.role, "unit": grant.unit})
            }
            Self::Token(token) => json!({"token": token.id, "account": token.account, "expires_at": token.expires_at}),
            Self::RevokeToken(token) => json!({"token": token}),
            Self::Field(field) => json!({"code": field.code, "parent": field.parent}),
        }
    }
}

/// Why a step on the directory was not taken.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// A code, login or grant is there already, or something named is not there.
    #[error("it is there already, or something that it names is not")]
    Conflict,
    /// The database failed.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// The cached reference data.
#[derive(Debug)]
pub(super) struct Cache {
    zone: Zone,
    current: RwLock<Arc<Reference>>,
}

impl Cache {
    pub(super) async fn open(connections: &Connections, zone: Zone) -> Result<Self> {
        let current = load(connections, zone).await?;
        Ok(Self { zone, current: RwLock::new(Arc::new(current)) })
    }

    pub(super) fn get(&self) -> Arc<Reference> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Loads anew if the version row has moved.
    pub(super) async fn refresh(&self, connections: &Connections) -> Result<()> {
        let row = entity::reference::Entity::find_by_id(1)
            .one(&connections.read)
            .await
            .map_err(Error::of("read the reference version"))?;
        if row.is_some_and(|row| row.version != self.get().version) {
            let fresh = Arc::new(load(connections, self.zone).await?);
            let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
            if fresh.version > current.version {
                *current = fresh;
            }
        }
        Ok(())
    }
}

async fn load(connections: &Connections, zone: Zone) -> Result<Reference> {
    let failed = || Error::of("load the reference data");
    let options = TransactionOptions {
        isolation_level: (connections.backend == DbBackend::Postgres)
            .then_some(sea_orm::IsolationLevel::RepeatableRead),
        ..TransactionOptions::default()
    };
    let db = connections.read.begin_with_options(options).await.map_err(failed())?;
    let version =
        entity::reference::Entity::find_by_id(1).one(&db).await.map_err(failed())?.map_or(0, |row| row.version);
    let units = entity::unit::Entity::find().all(&db).await.map_err(failed())?;
    let accounts = entity::account::Entity::find().all(&db).await.map_err(failed())?;
    let grants = entity::account_grant::Entity::find().all(&db).await.map_err(failed())?;
    let tokens = entity::token::Entity::find().all(&db).await.map_err(failed())?;
    let fields =
        entity::field::Entity::find().order_by_asc(entity::field::Column::Position).all(&db).await.map_err(failed())?;
    db.rollback().await.map_err(failed())?;

    let accounts: HashMap<AccountId, Account> = accounts.into_iter().map(account).map(|a| (a.id, a)).collect();
    let mut by_account: HashMap<AccountId, Vec<Grant>> = HashMap::new();
    for grant in grants.into_iter().map(grant) {
        let grant = grant?;
        by_account.entry(grant.account).or_default().push(grant);
    }
    let calendar = Calendar::shipped().map_err(|_| Error::Corrupt {
        table: "calendar",
        column: "shipped",
        row: "data/calendar-vn.csv".to_owned(),
    })?;
    Ok(Reference {
        version,
        zone,
        units: Units::new(units.into_iter().map(unit).collect::<Result<_>>()?),
        logins: accounts.values().map(|account| (account.login.clone(), account.id)).collect(),
        accounts,
        grants: by_account,
        tokens: tokens.into_iter().map(token).map(|t| t.map(|t| (t.hash, t))).collect::<Result<_>>()?,
        fields: fields.into_iter().map(field).collect(),
        calendar,
        policy: Policy::shipped(),
    })
}

/// Takes steps on the directory: rows, trail and version together.
pub(super) async fn take(
    connections: &Connections,
    steps: &[DirectoryStep],
    actor: Option<AccountId>,
    now: Instant,
) -> Result<(), DirectoryError> {
    write(connections, steps, actor, now).await.map_err(|error| match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_) | SqlErr::ForeignKeyConstraintViolation(_)) => {
            DirectoryError::Conflict
        }
        _ => DirectoryError::Failed(Error::of("write the directory")(error)),
    })
}

async fn write(
    connections: &Connections,
    steps: &[DirectoryStep],
    actor: Option<AccountId>,
    now: Instant,
) -> Result<(), DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let txn = connections.write.begin_with_options(options).await?;
    let lock = if connections.backend == DbBackend::Postgres { " for update" } else { "" };
    let sql = format!("select version, head from reference where id = 1{lock}");
    let row = txn.query_one_raw(Statement::from_string(connections.backend, sql)).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("reference".to_owned()))?;
    let (mut version, head): (i64, Vec<u8>) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    let mut head: [u8; 32] = head.try_into().map_err(|_| DbErr::Type("reference.head".to_owned()))?;
    for step in steps {
        put(&txn, step, now, version).await?;
        version += 1;
        let stored = json!({
            "seq": version, "at": now, "actor": actor, "kind": step.kind(), "facts": step.facts(),
        })
        .to_string();
        head = chain::link(&head, &stored);
        let event = entity::directory_event::Model {
            seq: version,
            kind: step.kind().to_owned(),
            at: now,
            actor: actor.map(|actor| actor.0),
            stored,
            hash: head.to_vec(),
        };
        event.into_active_model().reset_all().insert(&txn).await?;
    }
    entity::reference::Entity::update_many()
        .col_expr(entity::reference::Column::Version, Expr::value(version))
        .col_expr(entity::reference::Column::Head, Expr::value(head.to_vec()))
        .filter(entity::reference::Column::Id.eq(1))
        .exec(&txn)
        .await?;
    txn.commit().await
}

async fn put(txn: &DatabaseTransaction, step: &DirectoryStep, now: Instant, position: i64) -> Result<(), DbErr> {
    match step {
        DirectoryStep::Unit(unit) => {
            let row = entity::unit::Model {
                id: unit.id.0,
                code: unit.code.clone(),
                parent: unit.parent.map(|id| id.0),
                level: unit.level.as_str().to_owned(),
                name: unit.name.clone(),
                short_name: unit.short_name.clone(),
                name_en: unit.name_en.clone(),
                mailbox: unit.mailbox.clone(),
                focal: unit.focal,
            };
            row.into_active_model().reset_all().insert(txn).await?;
        }
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
        DirectoryStep::Grant(grant) => {
            let row = entity::account_grant::Model {
                id: grant.id.0,
                account: grant.account.0,
                role: grant.role.as_str().to_owned(),
                unit: grant.unit.0,
            };
            row.into_active_model().reset_all().insert(txn).await?;
        }
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
                position,
            };
            row.into_active_model().reset_all().insert(txn).await?;
        }
    }
    Ok(())
}

fn unit(row: entity::unit::Model) -> Result<Unit> {
    let level = Column { table: "unit", column: "level", row: row.id }.read(words::read(&row.level))?;
    Ok(Unit {
        id: UnitId(row.id),
        code: row.code,
        parent: row.parent.map(UnitId),
        level,
        name: row.name,
        short_name: row.short_name,
        name_en: row.name_en,
        mailbox: row.mailbox,
        focal: row.focal,
    })
}

fn account(row: entity::account::Model) -> Account {
    Account { id: AccountId(row.id), login: row.login, unit: UnitId(row.unit), name: row.name, email: row.email }
}

fn grant(row: entity::account_grant::Model) -> Result<Grant> {
    let role = Column { table: "account_grant", column: "role", row: row.id }.read(words::read(&row.role))?;
    Ok(Grant { id: GrantId(row.id), account: AccountId(row.account), role, unit: UnitId(row.unit) })
}

fn token(row: entity::token::Model) -> Result<Token> {
    let hash = <[u8; 32]>::try_from(row.hash.as_slice()).ok();
    Ok(Token {
        id: TokenId(row.id),
        account: AccountId(row.account),
        hash: Column { table: "token", column: "hash", row: row.id }.read(hash)?,
        label: row.label,
        created_at: row.created_at,
        expires_at: row.expires_at,
        revoked_at: row.revoked_at,
    })
}

fn field(row: entity::field::Model) -> Field {
    Field { code: row.code, parent: row.parent, name: row.name, name_en: row.name_en }
}
