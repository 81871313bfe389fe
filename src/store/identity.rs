//! Who brought a petition: one sealed record a petition, and keyed hashes to find it by without opening it.

use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DbBackend, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Statement, TransactionTrait as _, sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Store,
    connect::immediate,
    entity::petitioner::{Column, Entity, Model},
    error::{Error, Result},
    rows,
    seal::{Fault, Keys},
};
use crate::domain::{
    ids::{AccountId, PetitionId},
    petitioner::{Petitioner, PortalUser},
    text,
};

/// What is sealed: the petitioner with the portal's id of its user, and which portal that is.
#[derive(Serialize, Deserialize)]
struct Record {
    #[serde(flatten)]
    petitioner: Petitioner,
    #[serde(default)]
    portal: Option<AccountId>,
    subject: Option<String>,
}

/// A row as it is kept, sealed.
pub(super) fn petitioner_row(
    petition: PetitionId,
    petitioner: &Petitioner,
    keys: &Keys,
) -> std::result::Result<Model, Fault> {
    let user = petitioner.portal_user.as_ref();
    let portal = user.map(|user| user.portal);
    let record = Record { petitioner: petitioner.clone(), portal, subject: user.map(|user| user.subject.clone()) };
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
        reveals: 0,
        head: None,
        erased_at: None,
        compared: false,
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
    // One that was never sealed, or says so, is opened by nobody: whoever can write to the database would be believed.
    let version = u32::try_from(row.key_version).unwrap_or(0);
    let plain = keys
        .open(version, row.petition, &row.sealed)
        .map_err(|source| Error::Sealed { petition: row.petition.to_string(), source })?;
    let record = read(row, &plain)?;
    Ok(of_user(record.petitioner, record.portal, record.subject))
}

/// A record as it was kept before identities were sealed.
fn never_sealed(row: &Model) -> Result<Petitioner> {
    let record = read(row, &row.sealed)?;
    Ok(of_user(record.petitioner, row.portal.map(AccountId), record.subject))
}

fn read(row: &Model, plain: &[u8]) -> Result<Record> {
    let column = rows::Column { table: "petitioner", column: "sealed", row: row.petition };
    column.read(serde_json::from_slice(plain).ok())
}

fn of_user(petitioner: Petitioner, portal: Option<AccountId>, subject: Option<String>) -> Petitioner {
    let portal_user = portal.zip(subject).map(|(portal, subject)| PortalUser { portal, subject });
    Petitioner { portal_user, ..petitioner }
}

/// What a step of sealing anew came to.
#[derive(Debug, Clone, Default)]
pub struct Resealed {
    /// How many were sealed.
    pub sealed: usize,
    /// Petitions whose record cannot be opened: its key is missing, or it is broken. They are left as they are.
    pub unreadable: Vec<PetitionId>,
    /// Where the step ended; none when nothing is left.
    pub done_to: Option<PetitionId>,
}

impl Store {
    /// Who brought a petition; none when erased.
    pub async fn petitioner(&self, petition: PetitionId) -> Result<Option<Petitioner>> {
        let row = Entity::find_by_id(petition.0).filter(Column::ErasedAt.is_null()).one(&self.connections.read).await;
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
        // Without the key that seals by now some would not be found, and it would not be told.
        self.connections.keys.fit().map_err(|fault| Error::Keys(fault.to_string()))?;
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

    /// Seals up to `limit` records after a place that are under another key than the one that seals, or under none.
    /// Whoever reads meanwhile finds each either as it was or as it is. Records that were never sealed are opened only
    /// where the database says that there may be some.
    ///
    /// # Errors
    /// When the database is away, or the key that seals is missing.
    pub async fn reseal(&self, after: Option<PetitionId>, limit: u64) -> Result<Resealed> {
        let failed = || Error::of("seal identities anew");
        let keys = &self.connections.keys;
        let sealing = keys.fit().map_err(|fault| Error::Keys(fault.to_string()))?;
        let unsealed = super::pinned::pinned(&self.connections.read).await.map_err(failed())?.unsealed;
        let mut query = Entity::find()
            .filter(Column::KeyVersion.lt(i32::try_from(sealing).unwrap_or(i32::MAX)))
            .filter(Column::ErasedAt.is_null());
        if let Some(petition) = after {
            query = query.filter(Column::Petition.gt(petition.0));
        }
        // Along the primary key: no submission pays for an index that is needed once in years.
        let query = query.order_by_asc(Column::Petition).limit(limit);
        let rows = query.all(&self.connections.read).await.map_err(failed())?;
        let mut done = Resealed::default();
        let txn = self.connections.write.begin_with_options(immediate()).await.map_err(failed())?;
        for old in &rows {
            let id = PetitionId(old.petition);
            done.done_to = Some(id);
            let open = if unsealed && old.key_version == 0 { never_sealed(old) } else { opened(old, keys) };
            let Ok(new) = open.map(|petitioner| petitioner_row(id, &petitioner, keys)) else {
                done.unreadable.push(id);
                continue;
            };
            let new = new.map_err(|source| Error::Sealed { petition: old.petition.to_string(), source })?;
            // Erased, or written by another process meanwhile: then there is nothing to do.
            let written = Entity::update_many()
                .col_expr(Column::KeyVersion, Expr::value(new.key_version))
                .col_expr(Column::Sealed, Expr::value(new.sealed))
                .col_expr(Column::Portal, Expr::value(new.portal))
                .col_expr(Column::SubjectHash, Expr::value(new.subject_hash))
                .col_expr(Column::EmailHash, Expr::value(new.email_hash))
                .col_expr(Column::PhoneHash, Expr::value(new.phone_hash))
                // Those of the same sender are found by these.
                .col_expr(Column::Compared, Expr::value(false))
                .filter(Column::Petition.eq(old.petition))
                .filter(Column::KeyVersion.eq(old.key_version))
                .filter(Column::Sealed.eq(old.sealed.clone()))
                .exec(&txn)
                .await
                .map_err(failed())?;
            done.sealed += usize::try_from(written.rows_affected).unwrap_or(0);
        }
        txn.commit().await.map_err(failed())?;
        Ok(done)
    }

    /// The database gives back what it kept of records that were never sealed; then it says so. Everybody else waits
    /// meanwhile.
    ///
    /// # Errors
    /// When something else has the database open; it is then done again.
    pub async fn sweep(&self) -> Result<()> {
        let failed = || Error::of("sweep");
        let db = &self.connections.write;
        match self.connections.backend {
            DbBackend::Sqlite => {
                db.execute_unprepared("vacuum").await.map_err(failed())?;
                let truncate = Statement::from_string(DbBackend::Sqlite, "pragma wal_checkpoint(truncate)");
                let row = db.query_one_raw(truncate).await.map_err(failed())?;
                let busy: i32 = row.map_or(Ok(1), |row| row.try_get_by_index(0)).map_err(failed())?;
                if busy != 0 {
                    return Err(failed()(DbErr::Custom("the database is open elsewhere".to_owned())));
                }
            }
            _ => {
                db.execute_unprepared("vacuum (full, analyze) petitioner").await.map_err(failed())?;
            }
        }
        self.all_is_sealed().await
    }
}
