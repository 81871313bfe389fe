//! Notices to persons, and the letters that gather them: one a person a day. What is written together is a row a person:
//! of a hundred petitions that are late at once, a head is told in one.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, TransactionTrait as _,
    sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Store,
    batch::insert,
    companions::letter_row,
    connect::immediate,
    entity,
    entity::notice::Column as C,
    error::{Error, Result},
    rows::Column,
};
use crate::domain::{
    ids::{AccountId, LetterId, PetitionId},
    ladder::Notice,
    letters::{Letter, LetterKind},
    text::json,
    time::Instant,
    words::Level,
};

/// A notice, as a letter tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredNotice {
    /// Of which petition.
    pub petition: PetitionId,
    /// Its tracking code.
    pub code: String,
    /// What it has reached.
    pub level: Level,
    /// The local day that it is about.
    pub due_date: NaiveDate,
}

/// Rows of what is told of petitions, by id and code: one a person and letter.
pub(super) fn rows<'a>(
    told: impl Iterator<Item = ((PetitionId, &'a str), &'a Notice)>,
) -> impl Iterator<Item = entity::notice::Model> {
    let mut rows: BTreeMap<(Uuid, Option<Uuid>), (Uuid, Vec<StoredNotice>)> = BTreeMap::new();
    for ((petition, code), notice) in told {
        let key = (notice.account.0, notice.letter.map(|letter| letter.0));
        let told = StoredNotice { petition, code: code.to_owned(), level: notice.level, due_date: notice.due.date };
        rows.entry(key).or_insert_with(|| (notice.id.0, Vec::new())).1.push(told);
    }
    rows.into_iter().map(|((account, letter), (id, told))| entity::notice::Model {
        id,
        account,
        told: json(&told),
        letter,
    })
}

impl Store {
    /// What a letter tells, oldest first.
    pub async fn notices_of(&self, letter: LetterId) -> Result<Vec<StoredNotice>> {
        let found: Vec<(Uuid, String)> = entity::notice::Entity::find()
            .select_only()
            .columns([C::Id, C::Told])
            .filter(C::Letter.eq(letter.0))
            .order_by_asc(C::Id)
            .into_tuple()
            .all(&self.connections.read)
            .await
            .map_err(Error::of("read notices"))?;
        let mut notices = Vec::new();
        for (id, told) in found {
            let told: Option<Vec<StoredNotice>> = serde_json::from_str(&told).ok();
            notices.extend(Column { table: "notice", column: "told", row: id }.read(told)?);
        }
        Ok(notices)
    }

    /// Persons with notices that no letter tells yet and who have had no digest of a local day.
    pub async fn undigested(&self, day: NaiveDate, limit: u64) -> Result<Vec<AccountId>> {
        use entity::digest::{Column as D, Entity as Digest};
        let had = Digest::find().select_only().column(D::Account).filter(D::Day.eq(day));
        let found: Vec<Uuid> = entity::notice::Entity::find()
            .select_only()
            .column(C::Account)
            .filter(C::Letter.is_null())
            .filter(C::Account.not_in_subquery(sea_orm::QueryTrait::into_query(had)))
            .group_by(C::Account)
            .order_by_asc(C::Account)
            .limit(limit)
            .into_tuple()
            .all(&self.connections.read)
            .await
            .map_err(Error::of("look for notices"))?;
        Ok(found.into_iter().map(AccountId).collect())
    }

    /// Gathers a person's notices into a letter, their only one of a local day. False when they have had it, from this
    /// process or another.
    pub async fn digest(&self, account: AccountId, day: NaiveDate, letter: LetterId, now: Instant) -> Result<bool> {
        let failed = || Error::of("gather notices");
        let txn = self.connections.write.begin_with_options(immediate()).await.map_err(failed())?;
        let row = entity::digest::Model { account: account.0, day, letter: letter.0 };
        // Another process that is at it holds the row until it is done.
        let gathered = if insert::<entity::digest::Entity>(&txn, vec![row]).await.map_err(failed())? {
            entity::notice::Entity::update_many()
                .col_expr(C::Letter, Expr::value(letter.0))
                .filter(C::Account.eq(account.0))
                .filter(C::Letter.is_null())
                .exec(&txn)
                .await
                .map_err(failed())?
                .rows_affected
        } else {
            0
        };
        if gathered == 0 {
            txn.rollback().await.map_err(failed())?;
            return Ok(false);
        }
        let digest = Letter::to_person(letter, LetterKind::Digest, account, now);
        insert::<entity::letter::Entity>(&txn, vec![letter_row(None, &digest)]).await.map_err(failed())?;
        txn.commit().await.map_err(failed())?;
        Ok(true)
    }
}
