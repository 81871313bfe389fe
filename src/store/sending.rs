//! Letters on their way: claimed by lease, marked before they are sent, settled with an attempt.

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait as _, DatabaseTransaction, DbBackend, DbErr,
    EntityTrait as _, FromQueryResult as _, IntoActiveModel as _, PaginatorTrait as _, QueryFilter as _, Statement,
    TransactionTrait as _, sea_query::Expr,
};
use uuid::Uuid;

use super::{
    Store,
    connect::immediate,
    entity,
    entity::letter::Column as C,
    error::{Error, Result},
    letters::{Attempt, StoredLetter, readable},
};
use crate::domain::{ids::LetterId, letters::LetterStatus, time::Instant};

/// How a letter stands after an attempt.
#[derive(Debug, Clone)]
pub struct Settlement {
    /// The attempt.
    pub attempt: Attempt,
    /// Where the letter stands now.
    pub status: LetterStatus,
    /// When it is tried again; meaningful while `PENDING`.
    pub next_attempt_at: Instant,
    /// Version of the templates.
    pub template_version: Option<i32>,
    /// Salt and salted hash of what was sent.
    pub sent: Option<([u8; 16], [u8; 32])>,
}

/// Where a letter goes.
#[derive(Debug, Clone)]
pub struct Address {
    /// Keyed hash of it.
    pub hash: [u8; 32],
    /// From when on it gets so many at the most.
    pub most: Option<(Instant, u64)>,
}

/// What came of marking a letter as being sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marked {
    /// Send it.
    Sending,
    /// The lease is lost: leave it alone.
    Lost,
    /// The address has had as many as it may get.
    Full,
}

impl Store {
    /// Leases letters that are to be sent by e-mail, longest due first. One that cannot be read is logged and passed over,
    /// until its lease ends. The predicate stands in the outer `where`
    /// too: whoever waited for a row sees that it is taken.
    pub async fn claim_letters(
        &self,
        owner: Uuid,
        now: Instant,
        until: Instant,
        limit: u64,
    ) -> Result<Vec<StoredLetter>> {
        let skip = if self.connections.backend == DbBackend::Postgres { " for update skip locked" } else { "" };
        let due =
            "status = 'PENDING' and medium = 'EMAIL' and next_attempt_at <= $1 and (lease is null or lease_until < $1)";
        // Picked once, apart: as a plain subquery PostgreSQL may run it for each row, and the limit is none.
        let sql = format!(
            "with picked as materialized (select id from letter where {due} order by next_attempt_at, id limit $4{skip}) \
             update letter set lease = $2, lease_until = $3 where id in (select id from picked) and {due} returning *"
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let values = [now.into(), owner.into(), until.into(), limit.into()];
        let statement = Statement::from_sql_and_values(self.connections.backend, sql, values);
        let rows = self.connections.write.query_all_raw(statement).await.map_err(Error::of("claim letters"))?;
        let mut letters = Vec::with_capacity(rows.len());
        for row in &rows {
            let row = entity::letter::Model::from_query_result(row, "").map_err(Error::of("claim letters"))?;
            letters.extend(readable(row));
        }
        letters.sort_by_key(|letter| (letter.next_attempt_at, letter.id));
        Ok(letters)
    }

    /// Marks a letter as being sent to an address, before the line is opened: if no settlement follows, nobody can say
    /// whether it went out. Renews the lease. Letters to one address are marked one after the other, so that however many
    /// workers there are, none sends more than the address may get.
    pub async fn mark_sending(
        &self,
        letter: LetterId,
        owner: Uuid,
        (now, until): (Instant, Instant),
        to: &Address,
    ) -> Result<Marked> {
        let failed = || Error::of("mark a letter");
        let txn = self.connections.write.begin_with_options(immediate()).await.map_err(failed())?;
        let marked = match to.most {
            Some((since, most)) if letters_to(&txn, to, since).await.map_err(failed())? >= most => Marked::Full,
            _ => {
                let updated = entity::letter::Entity::update_many()
                    .col_expr(C::SendingSince, Expr::value(now))
                    .col_expr(C::LeaseUntil, Expr::value(until))
                    .col_expr(C::AddressHash, Expr::value(to.hash.to_vec()))
                    .filter(C::Id.eq(letter.0))
                    .filter(C::Lease.eq(owner))
                    .filter(C::LeaseUntil.gt(now))
                    .filter(C::Status.eq(LetterStatus::Pending.as_str()))
                    .exec(&txn)
                    .await
                    .map_err(failed())?;
                if updated.rows_affected == 1 { Marked::Sending } else { Marked::Lost }
            }
        };
        txn.commit().await.map_err(failed())?;
        Ok(marked)
    }

    /// Gives a leased letter back until an instant, unsent.
    pub async fn put_off_letter(&self, letter: LetterId, owner: Uuid, until: Instant) -> Result<()> {
        entity::letter::Entity::update_many()
            .col_expr(C::NextAttemptAt, Expr::value(until))
            .col_expr(C::Lease, Expr::value(Option::<Uuid>::None))
            .filter(C::Id.eq(letter.0))
            .filter(C::Lease.eq(owner))
            .exec(&self.connections.write)
            .await
            .map_err(Error::of("put a letter off"))?;
        Ok(())
    }

    /// Gives up a leased letter, unsent, and says why.
    pub async fn drop_letter(&self, letter: LetterId, owner: Uuid, now: Instant, why: &str) -> Result<()> {
        entity::letter::Entity::update_many()
            .col_expr(C::Status, Expr::value(LetterStatus::Abandoned.as_str()))
            .col_expr(C::SettledAt, Expr::value(now))
            .col_expr(C::LastReply, Expr::value(why))
            .col_expr(C::Lease, Expr::value(Option::<Uuid>::None))
            .filter(C::Id.eq(letter.0))
            .filter(C::Lease.eq(owner))
            .exec(&self.connections.write)
            .await
            .map_err(Error::of("give a letter up"))?;
        Ok(())
    }

    /// Records an attempt and what the letter came to, together. False when the lease is lost.
    pub async fn settle_letter(&self, letter: LetterId, owner: Uuid, settlement: &Settlement) -> Result<bool> {
        let failed = || Error::of("settle a letter");
        let txn = self.connections.write.begin_with_options(immediate()).await.map_err(failed())?;
        let attempt = &settlement.attempt;
        let settled_at = (settlement.status != LetterStatus::Pending).then_some(attempt.ended_at);
        let updated = entity::letter::Entity::update_many()
            .col_expr(C::Status, Expr::value(settlement.status.as_str()))
            .col_expr(C::Attempts, Expr::value(attempt.number))
            .col_expr(C::NextAttemptAt, Expr::value(settlement.next_attempt_at))
            .col_expr(C::SettledAt, Expr::value(settled_at))
            .col_expr(C::LastReply, Expr::value(attempt.reply.as_str()))
            .col_expr(C::Lease, Expr::value(Option::<Uuid>::None))
            .col_expr(C::SendingSince, Expr::value(Option::<Instant>::None))
            .col_expr(C::TemplateVersion, Expr::value(settlement.template_version))
            .col_expr(C::SentSalt, Expr::value(settlement.sent.map(|(salt, _)| salt.to_vec())))
            .col_expr(C::SentHash, Expr::value(settlement.sent.map(|(_, hash)| hash.to_vec())))
            .filter(C::Id.eq(letter.0))
            .filter(C::Lease.eq(owner))
            .exec(&txn)
            .await
            .map_err(failed())?;
        if updated.rows_affected != 1 {
            txn.rollback().await.map_err(failed())?;
            return Ok(false);
        }
        let row = entity::attempt::Model {
            letter: letter.0,
            number: attempt.number,
            started_at: attempt.started_at,
            ended_at: attempt.ended_at,
            outcome: attempt.outcome.as_str().to_owned(),
            reply: attempt.reply.clone(),
        };
        row.into_active_model().reset_all().insert(&txn).await.map_err(failed())?;
        txn.commit().await.map_err(failed())?;
        Ok(true)
    }
}

/// How many letters went to an address since an instant, those on their way included. Whoever else asks waits until
/// this transaction ends.
async fn letters_to(txn: &DatabaseTransaction, to: &Address, since: Instant) -> Result<u64, DbErr> {
    // On SQLite the transaction has the only lock there is.
    if txn.get_database_backend() == DbBackend::Postgres {
        let [a, b, c, d, e, f, g, h, ..] = to.hash;
        let key = i64::from_be_bytes([a, b, c, d, e, f, g, h]);
        let lock =
            Statement::from_sql_and_values(DbBackend::Postgres, "select pg_advisory_xact_lock($1)", [key.into()]);
        txn.execute_raw(lock).await?;
    }
    let letters = || entity::letter::Entity::find().filter(C::AddressHash.eq(to.hash.to_vec()));
    let went = letters().filter(C::SettledAt.gte(since)).filter(C::Status.is_in(["ACCEPTED", "UNKNOWN"]));
    let going = letters().filter(C::SettledAt.is_null()).filter(C::SendingSince.is_not_null());
    Ok(went.count(txn).await? + going.count(txn).await?)
}
