//! Erasing who brought a petition, with every text and all that they could be found by; and having the database forget
//! it too.

use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DatabaseTransaction, DbBackend, DbErr, EntityTrait as _, QueryFilter as _,
    Statement, sea_query::Expr,
};
use uuid::Uuid;

use super::{
    Store,
    door::Lost,
    entity::{petitioner, setting},
    error::{Error, Result},
    rows::Column,
};
use crate::domain::{
    change::{Change, Subject},
    event::Event,
    ids::PetitionId,
    reveal::Looks,
    text::hex,
};

/// The database may still have, in places that nothing points to, what was erased at this time.
const UNSWEPT: &str = "erased-unswept";

/// What goes beside the petitioner's record. Replies of mail servers name addresses; hashes of requests and of letters
/// that were sent could be tried by whoever has the server's secret. What is still owed has nobody to go to.
const FORGET: [&str; 7] = [
    "delete from text where petition = $1",
    "delete from likeness where petition = $1",
    "delete from redacted_copy where petition = $1",
    "update request set content = $2 where petition = $1 and seq <> $3",
    "update letter set last_reply = '', address_hash = null, sent_salt = null, sent_hash = null where petition = $1",
    "update letter set status = 'ABANDONED', settled_at = $2, lease = null, lease_until = null \
     where petition = $1 and status in ('PENDING', 'REJECTED', 'UNKNOWN', 'HANDOVER')",
    // After the letters: whoever settles one holds it until its attempt is there.
    "update attempt set reply = '' where letter in (select id from letter where petition = $1)",
];

/// Erases whom the events of some changes say so of, before anything is written that comes after; their petitions are
/// locked. Gives those at whom somebody has looked meanwhile: their looks are to be counted.
pub(super) async fn erase(txn: &DatabaseTransaction, changes: &[&mut Change]) -> Result<Vec<(usize, Lost)>, DbErr> {
    let mut losers = Vec::new();
    for (place, change) in changes.iter().enumerate() {
        for subject in &change.subjects {
            let Event::Erased { looks, .. } = &subject.recorded.event else { continue };
            if unseal(txn, subject, looks).await? {
                forget(txn, subject).await?;
            } else {
                losers.push((place, Lost::Moved));
            }
        }
    }
    Ok(losers)
}

/// Takes all from the petitioner's row but that there was one, and the chain of looks.
async fn unseal(txn: &DatabaseTransaction, subject: &Subject, looks: &Looks) -> Result<bool, DbErr> {
    use petitioner::{Column as C, Entity};
    let no_hash = || Expr::value(Option::<Vec<u8>>::None);
    let erased = Entity::update_many()
        .col_expr(C::MaskedName, Expr::value(""))
        .col_expr(C::KeyVersion, Expr::value(0))
        .col_expr(C::Sealed, Expr::value(Vec::<u8>::new()))
        .col_expr(C::Portal, Expr::value(Option::<Uuid>::None))
        .col_expr(C::SubjectHash, no_hash())
        .col_expr(C::EmailHash, no_hash())
        .col_expr(C::PhoneHash, no_hash())
        .col_expr(C::Compared, Expr::value(true))
        .col_expr(C::ErasedAt, Expr::value(subject.recorded.at))
        .filter(C::Petition.eq(subject.after.id.0))
        .filter(C::Reveals.eq(looks.count))
        .filter(C::ErasedAt.is_null())
        .exec(txn)
        .await?;
    Ok(erased.rows_affected == 1)
}

async fn forget(txn: &DatabaseTransaction, subject: &Subject) -> Result<(), DbErr> {
    let backend = txn.get_database_backend();
    let (id, seq, at) = (subject.after.id.0, subject.recorded.seq, subject.recorded.at);
    for sql in FORGET {
        let values = match sql {
            _ if sql.starts_with("update request") => vec![id.into(), Vec::<u8>::new().into(), seq.into()],
            _ if sql.contains("$2") => vec![id.into(), at.into()],
            _ => vec![id.into()],
        };
        txn.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    }
    let sql = "insert into setting (name, value) values ($1, $2) on conflict (name) do update set value = $2";
    let values = [UNSWEPT.into(), format!("{} {id}", at.timestamp_micros()).into_bytes().into()];
    txn.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await.map(drop)
}

impl Store {
    /// How far the looks at a petitioner have come.
    ///
    /// # Errors
    /// `Corrupt` where the petitioner's row is gone.
    pub async fn looks(&self, petition: PetitionId) -> Result<Looks> {
        let row = petitioner::Entity::find_by_id(petition.0).one(&self.connections.read).await;
        let row = row.map_err(Error::of("count looks"))?;
        let row = Column { table: "petitioner", column: "petition", row: petition.0 }.read(row)?;
        Ok(Looks { count: row.reveals, head: row.head.as_deref().map(hex).unwrap_or_default() })
    }

    /// Has the database give up what it kept, in places that nothing points to, of what was erased since this was done
    /// last; false if there is nothing, or somebody reads at just this time: then it is to be done again.
    ///
    /// SQLite writes zeros over what is deleted; what its journal has of it goes here. PostgreSQL takes out dead rows,
    /// as far as nobody can still see them, and writes over their places when it needs them.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn sweep_erased(&self) -> Result<bool> {
        let failed = || Error::of("sweep what was erased");
        let owed = setting::Entity::find_by_id(UNSWEPT).one(&self.connections.read).await.map_err(failed())?;
        let Some(owed) = owed else { return Ok(false) };
        match self.connections.backend {
            DbBackend::Sqlite => {
                let db = self.connections.copy.as_ref().unwrap_or(&self.connections.write);
                let truncate = Statement::from_string(DbBackend::Sqlite, "pragma wal_checkpoint(truncate)");
                let row = db.query_one_raw(truncate).await.map_err(failed())?;
                let busy: i32 = row.map_or(Ok(0), |row| row.try_get_by_index(0)).map_err(failed())?;
                if busy != 0 {
                    return Ok(false);
                }
            }
            _ => {
                let vacuum = "vacuum text, petitioner, likeness, request, letter, attempt";
                self.connections.read.execute_unprepared(vacuum).await.map_err(failed())?;
            }
        }
        // Not if something more was erased meanwhile.
        setting::Entity::delete_many()
            .filter(setting::Column::Name.eq(UNSWEPT))
            .filter(setting::Column::Value.eq(owed.value))
            .exec(&self.connections.write)
            .await
            .map_err(failed())?;
        Ok(true)
    }
}
