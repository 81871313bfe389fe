//! Who brought a petition: one sealed record a petition, and keyed hashes to find it by without opening it.

use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DbBackend, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, SqliteTransactionMode, TransactionOptions, TransactionTrait as _, sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Store,
    connect::Connections,
    entity::petitioner::{Column, Entity, Model},
    error::{Error, Result},
    seal::{Fault, Keys},
};
use crate::domain::{
    ids::{AccountId, PetitionId},
    petitioner::{Petitioner, PortalUser},
    text,
};

/// What is sealed: the petitioner with the portal's id of its user.
#[derive(Serialize, Deserialize)]
struct Record {
    #[serde(flatten)]
    petitioner: Petitioner,
    subject: Option<String>,
}

/// A row as it is kept, sealed.
pub(super) fn petitioner_row(
    petition: PetitionId,
    petitioner: &Petitioner,
    keys: &Keys,
) -> std::result::Result<Model, Fault> {
    let user = petitioner.portal_user.as_ref();
    let record = Record { petitioner: petitioner.clone(), subject: user.map(|user| user.subject.clone()) };
    let portal = user.map(|user| user.portal);
    let (version, sealed) = keys.seal(petition.0, text::json(&record).as_bytes())?;
    let found_by = |what, value: Option<Vec<u8>>| {
        value.map(|value| keys.lookup(version, what, &value).map(|hash| hash.to_vec())).transpose()
    };
    Ok(Model {
        petition: petition.0,
        masked_name: petitioner.masked_name(),
        signatories: i32::try_from(petitioner.signatories).unwrap_or(i32::MAX),
        kind: petitioner.kind.as_str().to_owned(),
        key_version: i32::try_from(version).unwrap_or(i32::MAX),
        sealed,
        portal: portal.map(|portal| portal.0),
        subject_hash: found_by(SUBJECT, user.map(|user| of_portal(user.portal, &user.subject)))?,
        email_hash: found_by(EMAIL, petitioner.email_to_compare().map(String::into_bytes))?,
        phone_hash: found_by(PHONE, petitioner.phone_to_compare().map(String::into_bytes))?,
    })
}

const SUBJECT: &str = "subject";
const EMAIL: &str = "email";
const PHONE: &str = "phone";

/// A portal's id of its user means nothing elsewhere.
fn of_portal(portal: AccountId, subject: &str) -> Vec<u8> {
    [portal.0.as_bytes(), subject.as_bytes()].concat()
}

fn opened(row: &Model, keys: &Keys) -> Result<Petitioner> {
    let version = u32::try_from(row.key_version).unwrap_or(0);
    let plain = match version {
        // Kept before identities were sealed.
        0 => row.sealed.clone(),
        _ => keys
            .open(version, row.petition, &row.sealed)
            .map_err(|source| Error::Sealed { petition: row.petition.to_string(), source })?,
    };
    let record: Record = serde_json::from_slice(&plain).map_err(|_| Error::Corrupt {
        table: "petitioner",
        column: "sealed",
        row: row.petition.to_string(),
    })?;
    let portal_user = row.portal.zip(record.subject);
    Ok(Petitioner {
        portal_user: portal_user.map(|(portal, subject)| PortalUser { portal: AccountId(portal), subject }),
        ..record.petitioner
    })
}

impl Store {
    /// Who brought a petition; none when erased.
    pub async fn petitioner(&self, petition: PetitionId) -> Result<Option<Petitioner>> {
        let row = Entity::find_by_id(petition.0).one(&self.connections.read).await;
        let row = row.map_err(Error::of("read a petitioner"))?;
        row.map(|row| opened(&row, &self.connections.keys)).transpose()
    }

    /// Ids of the petitions of a portal's user, newest first.
    pub(super) async fn petitions_of_user(
        &self,
        portal: AccountId,
        subject: &str,
        before: Option<PetitionId>,
        limit: u64,
    ) -> Result<Vec<Uuid>> {
        let hashes = self.connections.keys.lookups(SUBJECT, &of_portal(portal, subject));
        let mut query = Entity::find()
            .select_only()
            .column(Column::Petition)
            .filter(Column::Portal.eq(portal.0))
            .filter(Column::SubjectHash.is_in(hashes));
        if let Some(before) = before {
            query = query.filter(Column::Petition.lt(before.0));
        }
        let found = query.order_by_desc(Column::Petition).limit(limit).into_tuple().all(&self.connections.read).await;
        found.map_err(Error::of("list own petitions"))
    }

    /// Seals up to `limit` records that are under another key than the one that seals, or under none; returns how many.
    /// Whoever reads meanwhile finds each either as it was or as it is.
    ///
    /// # Errors
    /// When one cannot be opened: its key is missing, or it is broken.
    pub async fn reseal(&self, limit: u64) -> Result<usize> {
        let failed = || Error::of("seal identities anew");
        let keys = &self.connections.keys;
        let sealing = i32::try_from(keys.sealing()).unwrap_or(i32::MAX);
        let rows = Entity::find()
            .filter(Column::KeyVersion.lt(sealing))
            .order_by_asc(Column::KeyVersion)
            .order_by_asc(Column::Petition)
            .limit(limit)
            .all(&self.connections.read)
            .await
            .map_err(failed())?;
        let txn = self.connections.write.begin_with_options(immediate()).await.map_err(failed())?;
        for old in &rows {
            let petitioner = opened(old, keys)?;
            let of_record = |source| Error::Sealed { petition: old.petition.to_string(), source };
            let new = petitioner_row(PetitionId(old.petition), &petitioner, keys).map_err(of_record)?;
            // Erased, or sealed by another process meanwhile: then there is nothing to do.
            Entity::update_many()
                .col_expr(Column::KeyVersion, Expr::value(new.key_version))
                .col_expr(Column::Sealed, Expr::value(new.sealed))
                .col_expr(Column::SubjectHash, Expr::value(new.subject_hash))
                .col_expr(Column::EmailHash, Expr::value(new.email_hash))
                .col_expr(Column::PhoneHash, Expr::value(new.phone_hash))
                .filter(Column::Petition.eq(old.petition))
                .filter(Column::KeyVersion.eq(old.key_version))
                .exec(&txn)
                .await
                .map_err(failed())?;
        }
        txn.commit().await.map_err(failed())?;
        Ok(rows.len())
    }

    /// The database gives back what it kept of rows that were written over. Everybody else waits meanwhile.
    pub async fn sweep(&self) -> Result<()> {
        let statements: &[&str] = match self.connections.backend {
            DbBackend::Sqlite => &["vacuum", "pragma wal_checkpoint(truncate)"],
            _ => &["vacuum full petitioner"],
        };
        for statement in statements {
            self.connections.write.execute_unprepared(statement).await.map_err(Error::of("sweep"))?;
        }
        Ok(())
    }
}

/// Whether there are records that are not sealed at all.
pub(super) async fn has_unsealed(connections: &Connections) -> Result<bool> {
    let found = Entity::find().filter(Column::KeyVersion.eq(0)).one(&connections.read).await;
    Ok(found.map_err(Error::of("look for what is not sealed"))?.is_some())
}

fn immediate() -> TransactionOptions {
    TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    }
}
