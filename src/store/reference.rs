//! The reference data: loaded whole, cached under its version row.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use sea_orm::{DbBackend, EntityTrait as _, QueryOrder as _, TransactionOptions, TransactionTrait as _};
use tokio::sync::Mutex;

use super::{
    connect::Connections,
    entity,
    error::{Error, Result},
    rows::Column,
};
use crate::domain::{
    account::{Account, Grant, Token},
    calendar::{Calendar, Calendars, Content, Version},
    delegation::Delegation,
    ids::{AccountId, TokenId, UnitId},
    policy::{Policies, Policy},
    reference::{Field, Reference, in_order},
    routing::Rules,
    time::Zone,
    unit::{Unit, Units},
    words::{self, Role},
};

/// The cached reference data.
#[derive(Debug)]
pub(super) struct Cache {
    zone: Zone,
    current: RwLock<Arc<Reference>>,
    /// When it was last looked at for somebody who may be nobody, and what came of it.
    looked: Mutex<Option<(Instant, Result<()>)>>,
}

/// How often it is looked at for somebody who may be nobody, at the most.
const SELDOM: Duration = Duration::from_millis(100);

impl Cache {
    pub(super) async fn open(connections: &Connections, zone: Zone) -> Result<Self> {
        let current = load(connections, zone).await?;
        Ok(Self { zone, current: RwLock::new(Arc::new(current)), looked: Mutex::new(None) })
    }

    pub(super) fn get(&self) -> Arc<Reference> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// As [`Cache::refresh`]; those who ask at the same time, or soon after, share one look.
    pub(super) async fn refresh_seldom(&self, connections: &Connections) -> Result<()> {
        let mut looked = self.looked.lock().await;
        if let Some((at, came)) = &*looked
            && at.elapsed() < SELDOM
        {
            return came.clone();
        }
        let came = self.refresh(connections).await;
        *looked = Some((Instant::now(), came.clone()));
        came
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
    let grants = entity::account_grant::Entity::find().order_by_asc(entity::account_grant::Column::Id);
    let grants = grants.all(&db).await.map_err(failed())?;
    let delegations = entity::delegation::Entity::find().order_by_asc(entity::delegation::Column::Id);
    let delegations = delegations.all(&db).await.map_err(failed())?;
    let tokens = entity::token::Entity::find().all(&db).await.map_err(failed())?;
    let fields =
        entity::field::Entity::find().order_by_asc(entity::field::Column::Position).all(&db).await.map_err(failed())?;
    let calendars = entity::calendar::Entity::find().order_by_asc(entity::calendar::Column::CreatedAt);
    let calendars = calendars.all(&db).await.map_err(failed())?;
    let policies = entity::policy::Entity::find()
        .order_by_asc(entity::policy::Column::Number)
        .order_by_asc(entity::policy::Column::Version);
    let policies = policies.all(&db).await.map_err(failed())?;
    let ends = entity::policy_end::Entity::find().all(&db).await.map_err(failed())?;
    let ends: Vec<_> = ends.into_iter().map(|end| (end.version, end.valid_until)).collect();
    let rules = entity::routing_rule::Entity::find().order_by_asc(entity::routing_rule::Column::Code);
    let rules = rules.all(&db).await.map_err(failed())?;
    let keys = super::pinned::pinned(&db).await.map_err(failed())?;
    db.rollback().await.map_err(failed())?;
    keys.instruct(&connections.keys);

    let accounts: HashMap<AccountId, Account> = accounts
        .into_iter()
        .map(|row| super::accounts::read(row).map(|account| (account.id, account)))
        .collect::<Result<_>>()?;
    let mut by_account: HashMap<AccountId, Vec<Grant>> = HashMap::new();
    let mut by_role: HashMap<(Role, UnitId), Vec<AccountId>> = HashMap::new();
    for grant in grants.into_iter().map(grant) {
        let grant = grant?;
        by_account.entry(grant.account).or_default().push(grant);
        by_role.entry((grant.role, grant.unit)).or_default().push(grant.account);
    }
    let mut by_delegate: HashMap<AccountId, Vec<Delegation>> = HashMap::new();
    for row in delegations {
        let read = super::delegations::read(&row);
        let delegation = Column { table: "delegation", column: "capacity", row: row.id }.read(read)?;
        by_delegate.entry(delegation.delegate).or_default().push(delegation);
    }
    by_role.values_mut().for_each(|accounts| accounts.sort());
    let calendars = Calendars::new(calendars.into_iter().map(calendar).collect::<Result<_>>()?);
    let calendars = calendars.map_err(|faults| corrupt("calendar", faults.join("; ")))?;
    Ok(Reference {
        version,
        zone,
        units: Units::new(units.into_iter().map(unit).collect::<Result<_>>()?),
        logins: accounts.values().map(|account| (account.login.clone(), account.id)).collect(),
        accounts,
        grants: by_account,
        by_role,
        delegations: by_delegate,
        tokens: tokens.into_iter().map(token).map(|t| t.map(|t| (t.hash, t))).collect::<Result<_>>()?,
        fields: in_order(fields.into_iter().map(field).collect()),
        calendars,
        policies: Policies::new(policies.into_iter().map(policy).collect::<Result<_>>()?, &ends),
        rules: Rules::new(rules.into_iter().map(super::routing::rule).collect::<Result<Vec<_>>>()?),
    })
}

fn unit(row: entity::unit::Model) -> Result<Unit> {
    let column = |column| Column { table: "unit", column, row: row.id };
    let level = column("level").read(words::read(&row.level))?;
    let state = column("state").read(words::read(&row.state))?;
    let successors = row.successors.as_deref().map(|text| column("successors").read(serde_json::from_str(text).ok()));
    let successors = successors.transpose()?;
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
        national_code: row.national_code,
        short_name_en: row.short_name_en,
        valid_from: row.valid_from,
        closed_on: row.closed_on,
        state,
        successors,
    })
}

fn grant(row: entity::account_grant::Model) -> Result<Grant> {
    let grant = super::units::read(&row);
    Column { table: "account_grant", column: "role", row: row.id }.read(grant)
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
    Field {
        code: row.code,
        parent: row.parent,
        name: row.name,
        name_en: row.name_en,
        assigns_itself: row.assigns_itself,
    }
}

fn calendar(row: entity::calendar::Model) -> Result<Version> {
    let content: Content =
        serde_json::from_str(&row.content).map_err(|error| corrupt("calendar", format!("{}: {error}", row.version)))?;
    let calendar = Calendar::new(&row.version, content);
    let calendar = calendar.map_err(|faults| corrupt("calendar", format!("{}: {}", row.version, faults.join("; "))))?;
    Ok(Version {
        name: row.name,
        number: row.number,
        unit: row.unit.map(UnitId),
        active: row.active,
        by: row.created_by.map(AccountId),
        calendar: Arc::new(calendar),
    })
}

fn policy(row: entity::policy::Model) -> Result<Policy> {
    let unread = |error: serde_json::Error| corrupt("policy", format!("{}: {error}", row.version));
    Ok(Policy {
        scope: serde_json::from_str(&row.scope).map_err(unread)?,
        terms: serde_json::from_str(&row.terms).map_err(unread)?,
        version: row.version,
        name: row.name,
        from: Some(row.valid_from),
        until: None,
    })
}

const fn corrupt(table: &'static str, row: String) -> Error {
    Error::Corrupt { table, column: "content", row }
}

#[cfg(test)]
mod tests {
    use sea_orm::ConnectionTrait as _;

    use super::*;
    use crate::store::{Keys, Options, Store};

    /// Whoever makes tokens up costs the database one look in a while.
    #[tokio::test]
    async fn many_share_one_look() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/pakn.db", folder.path().display());
        Store::migrate(&url).await.unwrap();
        let store =
            Store::open(&url, &Options::default(), Zone(chrono_tz::Asia::Ho_Chi_Minh), Keys::none()).await.unwrap();
        let first = store.reference().version;
        let moves = async || {
            let sql = "update reference set version = version + 1 where id = 1";
            store.connections.write.execute_unprepared(sql).await.unwrap();
        };
        moves().await;
        store.refresh_reference_seldom().await.unwrap();
        assert_eq!(store.reference().version, first + 1);
        moves().await;
        store.refresh_reference_seldom().await.unwrap();
        assert_eq!(store.reference().version, first + 1, "it was looked at a moment ago");
        tokio::time::sleep(SELDOM).await;
        store.refresh_reference_seldom().await.unwrap();
        assert_eq!(store.reference().version, first + 2);
    }
}
