//! Letters as they are kept: read, listed, counted; digests that operators move.

use sea_orm::{
    ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    TransactionTrait as _,
    sea_query::{Expr, ExprTrait as _, Query},
};
use uuid::Uuid;

use super::{
    Store,
    connect::immediate,
    entity,
    entity::letter::Column as C,
    error::{Error, Result},
    list::{Concealed, concerning},
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

/// Which letters to list.
#[derive(Debug, Clone, Default)]
pub struct LetterFilter {
    /// Any of these.
    pub statuses: Vec<LetterStatus>,
    /// Of this petition.
    pub petition: Option<PetitionId>,
}

impl Store {
    /// Has a digest tried again, or gives it up, once for a request id. False when it is being sent, may have gone out
    /// unsaid, or has gone out meanwhile.
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
            .filter(C::Id.eq(letter.0))
            .filter(C::Petition.is_null())
            .filter(C::Status.is_in(["PENDING", "REJECTED", "UNKNOWN", "ABANDONED"]))
            .filter(C::Lease.is_null().or(C::LeaseUntil.lt(now)))
            .filter(C::SendingSince.is_null())
            .exec(&txn)
            .await
            .map_err(failed())?;
        if moved.rows_affected == 1 {
            keep(&txn, request, letter.to_string()).await.map_err(failed())?;
        }
        txn.commit().await.map_err(failed())?;
        Ok(moved.rows_affected == 1)
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

    /// Letters with the tracking codes of their petitions, oldest first; none of petitions that complain of one of the
    /// `concealed` units. One that cannot be read is logged and passed over.
    pub async fn list_letters(
        &self,
        filter: &LetterFilter,
        concealed: &Concealed,
        after: Option<LetterId>,
        limit: u64,
    ) -> Result<Vec<(StoredLetter, String)>> {
        let failed = || Error::of("list letters");
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let (mut found, mut after) = (Vec::new(), after.map(|after| after.0));
        loop {
            let mut query = entity::letter::Entity::find()
                .filter(C::Status.is_in(filter.statuses.iter().map(|status| status.as_str())));
            if let Some(petition) = filter.petition {
                query = query.filter(C::Petition.eq(petition.0));
            }
            if !concealed.is_empty() {
                query = query.filter(complains_of(concealed).not());
            }
            if let Some(after) = after {
                query = query.filter(C::Id.gt(after));
            }
            let missing = wanted - found.len();
            let query = query.order_by_asc(C::Id).limit(u64::try_from(missing).unwrap_or(limit));
            let rows = query.all(&self.connections.read).await.map_err(failed())?;
            let whole = rows.len() == missing;
            after = rows.last().map(|row| row.id);
            found.extend(rows.into_iter().filter_map(readable));
            if !whole || found.len() == wanted {
                break;
            }
        }
        use entity::petition::{Column as P, Entity};
        let petitions = found.iter().filter_map(|letter| letter.petition).map(|petition| petition.0);
        let codes: std::collections::HashMap<Uuid, String> = Entity::find()
            .select_only()
            .columns([P::Id, P::Code])
            .filter(P::Id.is_in(super::batch::fill(petitions.collect())))
            .into_tuple::<(Uuid, String)>()
            .all(&self.connections.read)
            .await
            .map_err(failed())?
            .into_iter()
            .collect();
        let with_code = |letter: StoredLetter| {
            let code = letter.petition.and_then(|petition| codes.get(&petition.0).cloned());
            (letter, code.unwrap_or_default())
        };
        Ok(found.into_iter().map(with_code).collect())
    }
}

/// A letter, unless its row cannot be read: that is logged, and must not keep other letters waiting.
pub(super) fn readable(row: entity::letter::Model) -> Option<StoredLetter> {
    letter(row).inspect_err(|error| tracing::error!(%error, "a letter is passed over")).ok()
}

/// Whether the letter's petition complains of a unit that is concealed.
fn complains_of(concealed: &Concealed) -> Expr {
    use entity::petition::{Column as P, Entity};
    let own = Expr::col((Entity, P::Id)).equals((entity::letter::Entity, C::Petition));
    let mut found = Query::select().expr(Expr::value(1)).from(Entity).and_where(own).to_owned();
    Expr::exists(found.cond_where(concerning(concealed)).to_owned())
}

pub(super) fn letter(row: entity::letter::Model) -> Result<StoredLetter> {
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
