//! Letters: claimed by lease, marked before they are sent, settled with an attempt.

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait as _, DbBackend, EntityTrait as _, FromQueryResult as _,
    IntoActiveModel as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Statement,
    TransactionTrait as _,
    sea_query::{Expr, ExprTrait as _},
};
use uuid::Uuid;

use super::{
    Store,
    connect::immediate,
    entity,
    entity::letter::Column as C,
    error::{Error, Result},
    requests::keep,
    rows::Column,
};
use crate::domain::{
    change::Request,
    ids::{AccountId, LetterId, PetitionId, TextId},
    letters::{LetterKind, LetterStatus, Recipient},
    time::Instant,
    words::{self, Medium, words},
};

words! {
    /// What became of an attempt.
    AttemptOutcome {
        /// The server took it.
        Accepted = "ACCEPTED",
        /// To be tried again.
        Deferred = "DEFERRED",
        /// Refused for good.
        Rejected = "REJECTED",
        /// The line broke after the data was sent.
        Unknown = "UNKNOWN",
    }
}

/// A letter as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of `domain::letters::Letter` and of the contract")]
pub struct StoredLetter {
    pub id: LetterId,
    /// None for a digest.
    pub petition: Option<PetitionId>,
    /// The person it goes to, where it goes to one.
    pub account: Option<AccountId>,
    pub kind: LetterKind,
    pub recipient: Recipient,
    pub medium: Medium,
    pub status: LetterStatus,
    pub texts: Vec<TextId>,
    pub facts: serde_json::Value,
    pub ordered_at: Instant,
    pub attempts: i32,
    pub next_attempt_at: Instant,
    pub settled_at: Option<Instant>,
    pub last_reply: String,
    /// When somebody began to send it and did not say how it went.
    pub sending_since: Option<Instant>,
    /// Until when somebody has it.
    pub leased_until: Option<Instant>,
}

/// One try at delivering a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "see the contract")]
pub struct Attempt {
    pub number: i32,
    pub started_at: Instant,
    pub ended_at: Instant,
    pub outcome: AttemptOutcome,
    pub reply: String,
}

/// How a letter stands after an attempt.
#[derive(Debug, Clone)]
pub struct Settlement {
    /// The attempt.
    pub attempt: Attempt,
    /// Where the letter stands now.
    pub status: LetterStatus,
    /// When it is tried again; meaningful while `PENDING`.
    pub next_attempt_at: Instant,
    /// Keyed hash of the address it went to.
    pub address_hash: Option<[u8; 32]>,
    /// Version of the templates.
    pub template_version: Option<i32>,
    /// Salt and salted hash of what was sent.
    pub sent: Option<([u8; 16], [u8; 32])>,
}

/// Which letters to list.
#[derive(Debug, Clone, Default)]
pub struct LetterFilter {
    /// Any of these.
    pub statuses: Vec<LetterStatus>,
    /// Of this petition.
    pub petition: Option<PetitionId>,
}

impl Store {
    /// Leases letters that are to be sent by e-mail, longest due first. The predicate stands in the outer `where`
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
        let mut letters: Vec<StoredLetter> = rows
            .iter()
            .map(|row| {
                entity::letter::Model::from_query_result(row, "").map_err(Error::of("claim letters")).and_then(letter)
            })
            .collect::<Result<_>>()?;
        letters.sort_by_key(|letter| (letter.next_attempt_at, letter.id));
        Ok(letters)
    }

    /// Marks a letter as being sent, before the line is opened: if no settlement follows, nobody can say whether
    /// it went out. Renews the lease. False when it is lost.
    pub async fn mark_sending(&self, letter: LetterId, owner: Uuid, now: Instant, until: Instant) -> Result<bool> {
        let marked = entity::letter::Entity::update_many()
            .col_expr(C::SendingSince, Expr::value(now))
            .col_expr(C::LeaseUntil, Expr::value(until))
            .filter(C::Id.eq(letter.0))
            .filter(C::Lease.eq(owner))
            .filter(C::LeaseUntil.gt(now))
            .filter(C::Status.eq(LetterStatus::Pending.as_str()))
            .exec(&self.connections.write)
            .await
            .map_err(Error::of("mark a letter"))?;
        Ok(marked.rows_affected == 1)
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

    /// Gives up a leased letter, unsent.
    pub async fn drop_letter(&self, letter: LetterId, owner: Uuid, now: Instant) -> Result<()> {
        entity::letter::Entity::update_many()
            .col_expr(C::Status, Expr::value(LetterStatus::Abandoned.as_str()))
            .col_expr(C::SettledAt, Expr::value(now))
            .col_expr(C::Lease, Expr::value(Option::<Uuid>::None))
            .filter(C::Id.eq(letter.0))
            .filter(C::Lease.eq(owner))
            .exec(&self.connections.write)
            .await
            .map_err(Error::of("give a letter up"))?;
        Ok(())
    }

    /// Has a digest tried again, or gives it up, once for a request id. False when it is being sent, or has gone out
    /// meanwhile.
    pub async fn move_digest(
        &self,
        letter: LetterId,
        to: LetterStatus,
        now: Instant,
        request: Option<&Request>,
    ) -> Result<bool> {
        let failed = || Error::of("move a digest");
        let settled = (to != LetterStatus::Pending).then_some(now);
        let txn = self.connections.write.begin_with_options(immediate()).await.map_err(failed())?;
        let moved = entity::letter::Entity::update_many()
            .col_expr(C::Status, Expr::value(to.as_str()))
            .col_expr(C::NextAttemptAt, Expr::value(now))
            .col_expr(C::SettledAt, Expr::value(settled))
            .col_expr(C::Lease, Expr::value(Option::<Uuid>::None))
            .col_expr(C::SendingSince, Expr::value(Option::<Instant>::None))
            .filter(C::Id.eq(letter.0))
            .filter(C::Petition.is_null())
            .filter(C::Status.is_in(["PENDING", "REJECTED", "UNKNOWN", "ABANDONED"]))
            .filter(C::Lease.is_null().or(C::LeaseUntil.lt(now)))
            .exec(&txn)
            .await
            .map_err(failed())?;
        if moved.rows_affected == 1 {
            keep(&txn, request, letter.to_string()).await.map_err(failed())?;
        }
        txn.commit().await.map_err(failed())?;
        Ok(moved.rows_affected == 1)
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
            .col_expr(C::AddressHash, Expr::value(settlement.address_hash.map(|hash| hash.to_vec())))
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

    /// How many letters went to an address since an instant.
    pub async fn letters_to(&self, address_hash: &[u8; 32], since: Instant) -> Result<u64> {
        entity::letter::Entity::find()
            .filter(C::AddressHash.eq(address_hash.to_vec()))
            .filter(C::SettledAt.gte(since))
            .filter(C::Status.is_in(["ACCEPTED", "UNKNOWN"]))
            .count(&self.connections.read)
            .await
            .map_err(Error::of("count letters to an address"))
    }

    /// How many letters are rejected, unknown, or have been pending since before an instant.
    pub async fn stuck_letters(&self, before: Instant) -> Result<Vec<(LetterStatus, u64)>> {
        use LetterStatus as S;
        let mut stuck = Vec::new();
        for status in [S::Pending, S::Rejected, S::Unknown] {
            let mut query = entity::letter::Entity::find().filter(C::Status.eq(status.as_str()));
            if status == S::Pending {
                query = query.filter(C::OrderedAt.lt(before));
            }
            let count = query.count(&self.connections.read).await.map_err(Error::of("count stuck letters"))?;
            stuck.extend((count > 0).then_some((status, count)));
        }
        Ok(stuck)
    }

    /// A petition's letters, oldest first.
    pub async fn letters_of(&self, petition: PetitionId) -> Result<Vec<StoredLetter>> {
        let found = entity::letter::Entity::find()
            .filter(C::Petition.eq(petition.0))
            .order_by_asc(C::Id)
            .all(&self.connections.read)
            .await
            .map_err(Error::of("read letters"))?;
        found.into_iter().map(letter).collect()
    }

    /// A letter with its attempts, oldest first.
    pub async fn letter(&self, id: LetterId) -> Result<Option<(StoredLetter, Vec<Attempt>)>> {
        let failed = || Error::of("read a letter");
        let row = entity::letter::Entity::find_by_id(id.0).one(&self.connections.read).await.map_err(failed())?;
        let Some(row) = row else { return Ok(None) };
        use entity::attempt::{Column as A, Entity};
        let attempts = Entity::find()
            .filter(A::Letter.eq(id.0))
            .order_by_asc(A::Number)
            .all(&self.connections.read)
            .await
            .map_err(failed())?;
        let attempts = attempts.into_iter().map(attempt).collect::<Result<_>>()?;
        Ok(Some((letter(row)?, attempts)))
    }

    /// Letters with the tracking codes of their petitions, oldest first.
    pub async fn list_letters(
        &self,
        filter: &LetterFilter,
        after: Option<LetterId>,
        limit: u64,
    ) -> Result<Vec<(StoredLetter, String)>> {
        let failed = || Error::of("list letters");
        let mut query = entity::letter::Entity::find()
            .filter(C::Status.is_in(filter.statuses.iter().map(|status| status.as_str())));
        if let Some(petition) = filter.petition {
            query = query.filter(C::Petition.eq(petition.0));
        }
        if let Some(after) = after {
            query = query.filter(C::Id.gt(after.0));
        }
        let found = query.order_by_asc(C::Id).limit(limit).all(&self.connections.read).await.map_err(failed())?;
        use entity::petition::{Column as P, Entity};
        let codes: std::collections::HashMap<Uuid, String> = Entity::find()
            .select_only()
            .columns([P::Id, P::Code])
            .filter(P::Id.is_in(super::batch::fill(found.iter().filter_map(|row| row.petition).collect())))
            .into_tuple::<(Uuid, String)>()
            .all(&self.connections.read)
            .await
            .map_err(failed())?
            .into_iter()
            .collect();
        found
            .into_iter()
            .map(|row| {
                let code = row.petition.and_then(|petition| codes.get(&petition).cloned()).unwrap_or_default();
                Ok((letter(row)?, code))
            })
            .collect()
    }
}

fn letter(row: entity::letter::Model) -> Result<StoredLetter> {
    let column = |column| Column { table: "letter", column, row: row.id };
    Ok(StoredLetter {
        kind: column("kind").read(words::read(&row.kind))?,
        recipient: column("recipient").read(words::read(&row.recipient))?,
        medium: column("medium").read(words::read(&row.medium))?,
        status: column("status").read(words::read(&row.status))?,
        texts: column("texts").read(serde_json::from_str(&row.texts).ok())?,
        facts: column("facts").read(serde_json::from_str(&row.facts).ok())?,
        id: LetterId(row.id),
        petition: row.petition.map(PetitionId),
        account: row.account.map(AccountId),
        ordered_at: row.ordered_at,
        attempts: row.attempts,
        next_attempt_at: row.next_attempt_at,
        settled_at: row.settled_at,
        last_reply: row.last_reply,
        sending_since: row.sending_since,
        leased_until: row.lease.and(row.lease_until),
    })
}

fn attempt(row: entity::attempt::Model) -> Result<Attempt> {
    let outcome = Column { table: "attempt", column: "outcome", row: row.letter }.read(words::read(&row.outcome))?;
    Ok(Attempt { number: row.number, started_at: row.started_at, ended_at: row.ended_at, outcome, reply: row.reply })
}
