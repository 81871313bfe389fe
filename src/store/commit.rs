//! One transaction of the door: state, events, texts, letters and request ids, together or not at all.
//!
//! Order of locks, the same in every writer: the reference row (shared), request ids, petitions by id, letters,
//! counters last.

use std::collections::{BTreeMap, HashSet};

use futures::future::join;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QuerySelect as _, Statement, TransactionTrait as _,
    sea_query::{Expr, ExprTrait as _},
};

use super::{
    batch::{Insertion, fill, marks},
    companions::{Ready, companions},
    connect::{Connections, immediate},
    door::Lost,
    entity, erasure,
    letters::AttemptOutcome,
    moved,
    rows::petition_row,
};
use crate::domain::{
    change::{Change, Counter, LetterMove, Subject},
    ids::{LetterId, PetitionId},
    letters::LetterStatus,
    petition::Petition,
    time::Instant,
};

/// What a transaction came to.
pub(super) enum Attempt {
    /// All of it is durable.
    Done,
    /// Nothing was written: these must go, by their place in the batch.
    Losers(Vec<(usize, Lost)>),
    /// Nothing was written: the reference data is at this version.
    StaleReference(i64),
}

pub(super) async fn attempt(connections: &Connections, changes: &mut [&mut Change]) -> Result<Attempt, DbErr> {
    // What needs no answer is said while the database is busy with something else.
    let begun = connections.write.begin_with_options(immediate());
    let (begun, new) = join(begun, async { Arriving::of(connections.backend, changes) }).await;
    let txn = begun?;
    let current = reference_version(&txn).await?;
    if changes.iter().any(|change| change.reference != current) {
        txn.rollback().await?;
        return Ok(Attempt::StaleReference(current));
    }
    let mut losers = requests(&txn, changes).await?;
    let (lost, ready) =
        join(new.arrive(&txn), async { Ready::of(connections.backend, changes, &connections.keys) }).await;
    losers.extend(lost?);
    losers.extend(updates(&txn, changes).await?);
    losers.extend(letter_moves(&txn, changes).await?);
    losers.extend(erasure::erase(&txn, changes).await?);
    if losers.is_empty() {
        draw_numbers(&txn, changes).await?;
        losers.extend(numbered_updates(&txn, changes).await?);
    }
    if !losers.is_empty() {
        txn.rollback().await?;
        losers.sort_by_key(|(place, _)| *place);
        losers.dedup_by_key(|(place, _)| *place);
        return Ok(Attempt::Losers(losers));
    }
    companions(&txn, changes, ready?).await?;
    txn.commit().await?;
    Ok(Attempt::Done)
}

/// Whether exactly this change has been written, whatever followed it: its events are there, with the hashes that it
/// gave them.
pub(super) async fn is_durable(connections: &Connections, change: &Change) -> Result<bool, DbErr> {
    for subject in &change.subjects {
        let event = entity::event::Entity::find_by_id((subject.after.id.0, subject.recorded.seq));
        let found = event.one(&connections.write).await?;
        if found.is_none_or(|event| event.hash != subject.after.head) {
            return Ok(false);
        }
    }
    Ok(!change.subjects.is_empty())
}

/// The shared lock keeps the reference data as it is until the commit.
pub(super) async fn reference_version(txn: &DatabaseTransaction) -> Result<i64, DbErr> {
    let backend = txn.get_database_backend();
    let lock = if backend == DbBackend::Postgres { " for share" } else { "" };
    let sql = format!("select version from reference where id = 1{lock}");
    let row = txn.query_one_raw(Statement::from_string(backend, sql)).await?;
    row.ok_or_else(|| DbErr::RecordNotFound("reference".to_owned()))?.try_get_by_index(0)
}

fn subjects<'a>(changes: &'a [&mut Change]) -> impl Iterator<Item = (usize, &'a Subject)> {
    changes.iter().enumerate().flat_map(|(place, change)| change.subjects.iter().map(move |subject| (place, subject)))
}

/// Request ids first: of two that carry the same one, the second waits here for the first.
async fn requests(txn: &DatabaseTransaction, changes: &[&mut Change]) -> Result<Vec<(usize, Lost)>, DbErr> {
    let mut losers = Vec::new();
    let mut seen = HashSet::new();
    let mut rows = Vec::new();
    for (place, change) in changes.iter().enumerate() {
        let (Some(request), Some(subject)) = (&change.request, change.subjects.first()) else { continue };
        if !seen.insert((request.account, request.rpc, request.id)) {
            losers.push((place, Lost::Requested));
            continue;
        }
        rows.push((
            place,
            entity::request::Model {
                account: request.account,
                rpc: request.rpc.to_owned(),
                id: request.id,
                content: request.content.to_vec(),
                petition: subject.after.id.0,
                seq: subject.recorded.seq,
                at: request.at,
            },
        ));
    }
    rows.sort_by_key(|(_, row)| (row.account, row.id));
    let wanted: Vec<_> = rows.iter().map(|(_, row)| row.clone()).collect();
    if wanted.is_empty() {
        return Ok(losers);
    }
    if Insertion::of::<entity::request::Entity>(txn.get_database_backend(), wanted).run(txn).await? {
        return Ok(losers);
    }
    // Which of them are ours: asked for only here, since a row that comes back from SQLite costs a turn between threads.
    // The same request upon the same petition, decided twice at once, looks like ours and is lost at compare-and-set.
    let ids = rows.iter().map(|(_, row)| (row.account, row.rpc.clone(), row.id)).collect();
    let mut found: HashSet<(uuid::Uuid, String, uuid::Uuid, uuid::Uuid, i64)> = HashSet::new();
    for row in txn.query_all_raw(requested(txn.get_database_backend(), ids)).await? {
        found.insert((
            row.try_get_by_index(0)?,
            row.try_get_by_index(1)?,
            row.try_get_by_index(2)?,
            row.try_get_by_index(3)?,
            row.try_get_by_index(4)?,
        ));
    }
    let ours =
        |row: &entity::request::Model| found.contains(&(row.account, row.rpc.clone(), row.id, row.petition, row.seq));
    let lost = rows.iter().filter(|(_, row)| !ours(row));
    losers.extend(lost.map(|(place, _)| (*place, Lost::Requested)));
    Ok(losers)
}

/// What was written under request ids: account, RPC, id, petition, seq.
fn requested(backend: DbBackend, ids: Vec<(uuid::Uuid, String, uuid::Uuid)>) -> Statement {
    let ids = fill(ids);
    let sql = format!(
        "select r.account, r.rpc, r.id, r.petition, r.seq from (values {}) as v join request r \
         on r.account = v.column1 and r.rpc = v.column2 and r.id = v.column3",
        marks(backend, &["uuid", "text", "uuid"], ids.len()),
    );
    let values = ids.into_iter().flat_map(|(account, rpc, id)| [account.into(), rpc.into(), id.into()]);
    Statement::from_sql_and_values(backend, sql, values)
}

/// Rows of new petitions, and whose they are: the place of the change, the petition.
struct Arriving {
    new: Vec<(usize, uuid::Uuid)>,
    rows: Insertion,
}

impl Arriving {
    fn of(backend: DbBackend, changes: &[&mut Change]) -> Self {
        let new = || subjects(changes).filter(|(_, s)| s.before.is_none());
        let rows = new().map(|(_, s)| petition_row(&s.after)).collect();
        Self {
            new: new().map(|(place, s)| (place, s.after.id.0)).collect(),
            rows: Insertion::of::<entity::petition::Entity>(backend, rows),
        }
    }

    async fn arrive(self, txn: &DatabaseTransaction) -> Result<Vec<(usize, Lost)>, DbErr> {
        if self.rows.run(txn).await? {
            return Ok(Vec::new());
        }
        let there = entity::petition::Column::Id.is_in(fill(self.new.iter().map(|(_, id)| *id).collect()));
        let kept = entity::petition::Entity::find().select_only().column(entity::petition::Column::Id).filter(there);
        let kept: HashSet<uuid::Uuid> = kept.into_tuple::<uuid::Uuid>().all(txn).await?.into_iter().collect();
        Ok(self
            .new
            .into_iter()
            .filter(|(_, id)| !kept.contains(id))
            .map(|(place, _)| (place, Lost::CodeTaken))
            .collect())
    }
}

/// Compare and set, in the order of ids: each row must still be the one that was decided upon. Rows that wait for
/// a number are locked now and written later, so that counters are held as shortly as can be and after all rows.
async fn updates(txn: &DatabaseTransaction, changes: &[&mut Change]) -> Result<Vec<(usize, Lost)>, DbErr> {
    let mut losers = Vec::new();
    let mut movers = Vec::new();
    let mut ids: Vec<uuid::Uuid> = subjects(changes).filter_map(|(_, s)| s.before.as_ref()).map(|p| p.id.0).collect();
    ids.sort();
    moved::lock(txn, ids).await?;
    for (place, subject) in subjects(changes) {
        let Some(before) = &subject.before else { continue };
        if subject.counter().is_none() {
            movers.push((place, before, &subject.after));
        } else if !lock(txn, before).await? {
            losers.push((place, Lost::Moved));
        }
    }
    let pairs: Vec<(&Petition, &Petition)> = movers.iter().map(|(_, before, after)| (*before, *after)).collect();
    let held = moved::petitions(txn, &pairs).await?;
    losers.extend(
        movers.iter().filter(|(.., after)| !held.contains(&after.id.0)).map(|(place, ..)| (*place, Lost::Moved)),
    );
    Ok(losers)
}

/// The rows that waited for their numbers.
async fn numbered_updates(txn: &DatabaseTransaction, changes: &[&mut Change]) -> Result<Vec<(usize, Lost)>, DbErr> {
    let mut losers = Vec::new();
    for (place, subject) in subjects(changes).filter(|(_, subject)| subject.counter().is_some()) {
        let Some(before) = &subject.before else { continue };
        if moved::petitions(txn, &[(before, &subject.after)]).await?.is_empty() {
            losers.push((place, Lost::Moved));
        }
    }
    Ok(losers)
}

async fn lock(txn: &DatabaseTransaction, before: &Petition) -> Result<bool, DbErr> {
    let backend = txn.get_database_backend();
    let lock = if backend == DbBackend::Postgres { " for update" } else { "" };
    let sql = format!("select 1 from petition where id = $1 and seq = $2{lock}");
    let values = [before.id.0.into(), before.seq.into()];
    Ok(txn.query_one_raw(Statement::from_sql_and_values(backend, sql, values)).await?.is_some())
}

async fn letter_moves(txn: &DatabaseTransaction, changes: &[&mut Change]) -> Result<Vec<(usize, Lost)>, DbErr> {
    let mut losers = Vec::new();
    for (place, subject) in subjects(changes) {
        for letter_move in &subject.letter_moves {
            let (now, petition) = (subject.recorded.at, subject.after.id);
            let moved = match letter_move {
                LetterMove::Retry(letter) => move_letter(txn, (*letter, petition), LetterStatus::Pending, now).await?,
                LetterMove::Abandon(letter) => {
                    move_letter(txn, (*letter, petition), LetterStatus::Abandoned, now).await?
                }
                LetterMove::HandOver { letter, at, by } => hand_over(txn, (*letter, petition), *at, by).await?,
            };
            if !moved {
                losers.push((place, Lost::Letter));
            }
        }
    }
    Ok(losers)
}

/// Has a letter tried again, or gives it up; false when it is being sent right now, nobody has said yet whether it went
/// out, or it is settled otherwise.
async fn move_letter(
    txn: &DatabaseTransaction,
    (letter, petition): (LetterId, PetitionId),
    to: LetterStatus,
    now: Instant,
) -> Result<bool, DbErr> {
    use entity::letter::{Column, Entity};
    let given_up = to == LetterStatus::Abandoned;
    let mut from = vec!["PENDING", "REJECTED", "UNKNOWN", "ABANDONED"];
    from.extend(given_up.then_some("HANDOVER"));
    let moved = Entity::update_many()
        .col_expr(Column::Status, Expr::value(to.as_str()))
        .col_expr(Column::NextAttemptAt, Expr::value(now))
        .col_expr(Column::SettledAt, Expr::value(given_up.then_some(now)))
        .col_expr(Column::Lease, Expr::value(Option::<uuid::Uuid>::None))
        .filter(Column::Id.eq(letter.0))
        .filter(Column::Petition.eq(petition.0))
        .filter(Column::Status.is_in(from))
        .filter(Column::Lease.is_null().or(Column::LeaseUntil.lt(now)))
        .filter(Column::SendingSince.is_null())
        .exec(txn)
        .await?;
    Ok(moved.rows_affected == 1)
}

/// Records that a letter was handed over, and the attempt; false when it does not wait for that any more.
async fn hand_over(
    txn: &DatabaseTransaction,
    (letter, petition): (LetterId, PetitionId),
    at: Instant,
    by: &str,
) -> Result<bool, DbErr> {
    use entity::letter::{Column, Entity};
    let reply = format!("handed over by {by}");
    let moved = Entity::update_many()
        .col_expr(Column::Status, Expr::value(LetterStatus::Accepted.as_str()))
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .col_expr(Column::SettledAt, Expr::value(at))
        .col_expr(Column::LastReply, Expr::value(reply.as_str()))
        .filter(Column::Id.eq(letter.0))
        .filter(Column::Petition.eq(petition.0))
        .filter(Column::Status.eq(LetterStatus::Handover.as_str()))
        .exec(txn)
        .await?;
    if moved.rows_affected != 1 {
        return Ok(false);
    }
    // Nothing has tried before: mail is another medium.
    let outcome = AttemptOutcome::Accepted.as_str().to_owned();
    let row = entity::attempt::Model { letter: letter.0, number: 1, started_at: at, ended_at: at, outcome, reply };
    row.into_active_model().reset_all().insert(txn).await?;
    Ok(true)
}

/// Draws one number for each counter named, in one order, holding the rows until the commit: no gap, no double.
async fn draw_numbers(txn: &DatabaseTransaction, changes: &mut [&mut Change]) -> Result<(), DbErr> {
    let mut wanted: BTreeMap<Counter, i64> = BTreeMap::new();
    for counter in changes.iter().flat_map(|change| change.counters()) {
        *wanted.entry(counter).or_default() += 1;
    }
    let mut next: BTreeMap<Counter, i64> = BTreeMap::new();
    for (counter, count) in wanted {
        let statement = Statement::from_sql_and_values(
            txn.get_database_backend(),
            "insert into counter (name, value) values ($1, $2) \
             on conflict (name) do update set value = counter.value + excluded.value returning value",
            [counter.0.clone().into(), count.into()],
        );
        let row = txn.query_one_raw(statement).await?;
        let last: i64 = row.ok_or_else(|| DbErr::RecordNotFound("counter".to_owned()))?.try_get_by_index(0)?;
        next.insert(counter, last - count + 1);
    }
    for change in changes.iter_mut().filter(|change| !change.counters().is_empty()) {
        let mut numbers = Vec::new();
        for counter in change.counters() {
            if let Some(number) = next.get_mut(&counter) {
                numbers.push(*number);
                *number += 1;
            }
        }
        change.complete(&numbers).map_err(|unfit| DbErr::Custom(unfit.to_string()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::plan::plan;

    #[tokio::test]
    async fn requests_are_looked_up() {
        for rows in [1, 512] {
            let id = uuid::Uuid::nil();
            let steps = plan(requested(DbBackend::Sqlite, vec![(id, String::new(), id); rows])).await;
            assert!(steps.iter().any(|step| step.starts_with("SEARCH r ")), "{steps:?}");
            assert!(steps.iter().all(|step| !step.starts_with("SCAN r")), "{steps:?}");
        }
    }
}
