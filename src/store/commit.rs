//! One transaction of the door: state, events, texts, letters and request ids, together or not at all.
//!
//! Order of locks, the same in every writer: the reference row (shared), request ids, petitions by id, letters,
//! counters last.

use std::collections::{BTreeMap, HashSet};

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait as _,
    IntoActiveModel as _, Iterable as _, QueryFilter as _, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait as _,
    sea_query::{Expr, ExprTrait as _},
};

use super::{
    batch::{insert, insert_returning},
    connect::Connections,
    door::Lost,
    entity,
    rows::{petition_row, standing_row},
};
use crate::domain::{
    change::{Change, Counter, LetterMove, PublicationMove, Subject},
    letters::{Letter, LetterStatus},
    petition::Petition,
    petitioner::Petitioner,
    text::{Text, json},
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
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let txn = connections.write.begin_with_options(options).await?;
    let current = reference_version(&txn).await?;
    if changes.iter().any(|change| change.reference != current) {
        txn.rollback().await?;
        return Ok(Attempt::StaleReference(current));
    }
    let mut losers = requests(&txn, changes).await?;
    losers.extend(arrivals(&txn, changes).await?);
    let numbered = |change: &Change| !change.counters().is_empty();
    losers.extend(updates(&txn, changes, |change| !numbered(change)).await?);
    losers.extend(letter_moves(&txn, changes).await?);
    if losers.is_empty() {
        draw_numbers(&txn, changes).await?;
        losers.extend(updates(&txn, changes, numbered).await?);
    }
    if !losers.is_empty() {
        txn.rollback().await?;
        losers.sort_by_key(|(place, _)| *place);
        losers.dedup_by_key(|(place, _)| *place);
        return Ok(Attempt::Losers(losers));
    }
    companions(&txn, changes).await?;
    txn.commit().await?;
    Ok(Attempt::Done)
}

/// The shared lock keeps the reference data as it is until the commit.
async fn reference_version(txn: &DatabaseTransaction) -> Result<i64, DbErr> {
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
        rows.push((place, entity::request::Model {
            account: request.account,
            rpc: request.rpc.to_owned(),
            id: request.id,
            content: request.content.to_vec(),
            petition: subject.after.id.0,
            seq: subject.recorded.seq,
            at: request.at,
        }));
    }
    rows.sort_by_key(|(_, row)| (row.account, row.id));
    let wanted: Vec<_> = rows.iter().map(|(_, row)| row.clone()).collect();
    if wanted.is_empty() {
        return Ok(losers);
    }
    // Every row but a taken one comes back; a caller makes an id for one use, so ids tell them apart.
    let kept = insert_returning::<entity::request::Entity>(txn, wanted, entity::request::Column::Id).await?;
    let mut kept_count: BTreeMap<uuid::Uuid, usize> = BTreeMap::new();
    for id in kept {
        *kept_count.entry(id).or_default() += 1;
    }
    let mut wanted_count: BTreeMap<uuid::Uuid, usize> = BTreeMap::new();
    for (_, row) in &rows {
        *wanted_count.entry(row.id).or_default() += 1;
    }
    // Where the same id came from two accounts and one of them lost, both decide again, each finding its own.
    let lost = rows.iter().filter(|(_, row)| kept_count.get(&row.id) != wanted_count.get(&row.id));
    losers.extend(lost.map(|(place, _)| (*place, Lost::Requested)));
    Ok(losers)
}

async fn arrivals(txn: &DatabaseTransaction, changes: &[&mut Change]) -> Result<Vec<(usize, Lost)>, DbErr> {
    let new: Vec<(usize, &Petition)> =
        subjects(changes).filter(|(_, s)| s.before.is_none()).map(|(place, s)| (place, &s.after)).collect();
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let rows = new.iter().map(|(_, petition)| petition_row(petition)).collect();
    let kept: HashSet<uuid::Uuid> =
        insert_returning::<entity::petition::Entity>(txn, rows, entity::petition::Column::Id).await?.into_iter().collect();
    Ok(new.into_iter().filter(|(_, p)| !kept.contains(&p.id.0)).map(|(place, _)| (place, Lost::CodeTaken)).collect())
}

/// Compare and set: the row must still be the one that was decided upon.
async fn updates(
    txn: &DatabaseTransaction,
    changes: &[&mut Change],
    which: impl Fn(&Change) -> bool,
) -> Result<Vec<(usize, Lost)>, DbErr> {
    use entity::petition::{Column, Entity};
    let mut losers = Vec::new();
    for (place, subject) in subjects(changes).filter(|(place, _)| which(changes[*place])) {
        let Some(before) = &subject.before else { continue };
        let mut row = petition_row(&subject.after).into_active_model();
        for column in Column::iter().filter(|column| !matches!(column, Column::Id | Column::Code)) {
            row.reset(column);
        }
        let updated = Entity::update_many()
            .set(row)
            .filter(Column::Id.eq(before.id.0))
            .filter(Column::Seq.eq(before.seq))
            .exec(txn)
            .await?;
        if updated.rows_affected != 1 {
            losers.push((place, Lost::Moved));
        }
    }
    Ok(losers)
}

async fn letter_moves(txn: &DatabaseTransaction, changes: &[&mut Change]) -> Result<Vec<(usize, Lost)>, DbErr> {
    use entity::letter::{Column, Entity};
    let mut losers = Vec::new();
    for (place, subject) in subjects(changes) {
        let now = subject.recorded.at;
        for letter_move in &subject.letter_moves {
            let (letter, status, settled) = match letter_move {
                LetterMove::Retry(letter) => (letter, LetterStatus::Pending, None),
                LetterMove::Abandon(letter) => (letter, LetterStatus::Abandoned, Some(now)),
            };
            let moved = Entity::update_many()
                .col_expr(Column::Status, Expr::value(status.as_str()))
                .col_expr(Column::NextAttemptAt, Expr::value(now))
                .col_expr(Column::SettledAt, Expr::value(settled))
                .col_expr(Column::Lease, Expr::value(Option::<uuid::Uuid>::None))
                .col_expr(Column::SendingSince, Expr::value(Option::<sea_orm::prelude::DateTimeUtc>::None))
                .filter(Column::Id.eq(letter.0))
                .filter(Column::Petition.eq(subject.after.id.0))
                .filter(Column::Status.is_in(["PENDING", "REJECTED", "UNKNOWN", "ABANDONED"]))
                // A letter that is being sent right now is left alone.
                .filter(Column::Lease.is_null().or(Column::LeaseUntil.lt(now)))
                .exec(txn)
                .await?;
            if moved.rows_affected != 1 {
                losers.push((place, Lost::Moved));
            }
        }
    }
    Ok(losers)
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

/// All that goes with the rows: none of it can be contended, since each belongs to a petition that this
/// transaction has locked or made.
async fn companions(txn: &DatabaseTransaction, changes: &[&mut Change]) -> Result<(), DbErr> {
    let all: Vec<&Subject> = subjects(changes).map(|(_, subject)| subject).collect();
    for subject in &all {
        close_standing(txn, subject).await?;
        if let Some(publication) = &subject.publication {
            publish(txn, publication).await?;
        }
    }
    let petitioners = all.iter().filter_map(|s| s.petitioner.as_ref().map(|p| petitioner_row(&s.after, p))).collect();
    put::<entity::petitioner::Entity>(txn, petitioners).await?;
    let texts = all.iter().flat_map(|s| s.texts.iter().map(|text| text_row(&s.after, text))).collect();
    put::<entity::text::Entity>(txn, texts).await?;
    let letters = all.iter().flat_map(|s| s.letters.iter().map(|letter| letter_row(&s.after, letter))).collect();
    put::<entity::letter::Entity>(txn, letters).await?;
    let standings = all.iter().filter_map(|s| {
        s.standing.as_ref().map(|standing| standing_row(s.after.id, s.recorded.seq, since(s), standing))
    });
    put::<entity::standing::Entity>(txn, standings.collect()).await?;
    put::<entity::event::Entity>(txn, all.iter().map(|subject| event_row(subject)).collect()).await
}

/// From when figures see it: receipt, for a petition that was entered later than it was received.
fn since(subject: &Subject) -> Instant {
    if subject.before.is_none() { subject.after.received_at } else { subject.recorded.at }
}

async fn put<E>(txn: &DatabaseTransaction, rows: Vec<E::Model>) -> Result<(), DbErr>
where
    E: sea_orm::EntityTrait,
    E::Model: sea_orm::IntoActiveModel<E::ActiveModel> + Clone,
    E::ActiveModel: sea_orm::ActiveModelTrait<Entity = E> + Send,
{
    let wanted = rows.len() as u64;
    if wanted > 0 && insert::<E>(txn, rows).await? != wanted {
        return Err(DbErr::RecordNotInserted);
    }
    Ok(())
}

fn petitioner_row(petition: &Petition, petitioner: &Petitioner) -> entity::petitioner::Model {
    let user = petitioner.portal_user.as_ref();
    entity::petitioner::Model {
        petition: petition.id.0,
        masked_name: petitioner.masked_name(),
        signatories: i32::try_from(petitioner.signatories).unwrap_or(i32::MAX),
        kind: petitioner.kind.as_str().to_owned(),
        record: json(petitioner),
        portal: user.map(|user| user.portal.0),
        subject: user.map(|user| user.subject.clone()),
    }
}

fn text_row(petition: &Petition, text: &Text) -> entity::text::Model {
    entity::text::Model {
        id: text.id.0,
        petition: petition.id.0,
        kind: text.kind.as_str().to_owned(),
        salt: text.salt.to_vec(),
        title: text.title.clone(),
        body: text.body.clone(),
        folded: text.folded.clone(),
    }
}

fn event_row(subject: &Subject) -> entity::event::Model {
    entity::event::Model {
        petition: subject.after.id.0,
        seq: subject.recorded.seq,
        kind: subject.recorded.event.name().to_owned(),
        at: subject.recorded.at,
        actor: subject.recorded.actor.account().map(|account| account.0),
        stored: subject.stored.clone(),
        hash: subject.after.head.to_vec(),
    }
}

fn letter_row(petition: &Petition, letter: &Letter) -> entity::letter::Model {
    let settled = letter.status == LetterStatus::Posted;
    entity::letter::Model {
        id: letter.id.0,
        petition: petition.id.0,
        kind: letter.kind.as_str().to_owned(),
        recipient: letter.recipient.as_str().to_owned(),
        medium: letter.medium.as_str().to_owned(),
        status: letter.status.as_str().to_owned(),
        texts: json(&letter.texts),
        facts: letter.facts.to_string(),
        ordered_at: letter.ordered_at,
        attempts: 0,
        next_attempt_at: letter.ordered_at,
        lease: None,
        lease_until: None,
        sending_since: None,
        settled_at: settled.then_some(letter.ordered_at),
        last_reply: String::new(),
        address_hash: None,
        template_version: None,
        sent_salt: None,
        sent_hash: None,
    }
}

/// The standing of the round so far ends where the new one begins; that of an earlier round stays.
async fn close_standing(txn: &DatabaseTransaction, subject: &Subject) -> Result<(), DbErr> {
    use entity::standing::{Column, Entity};
    if subject.before.is_none() || subject.standing.is_none() {
        return Ok(());
    }
    Entity::update_many()
        .col_expr(Column::Until, Expr::value(subject.recorded.at))
        .filter(Column::Petition.eq(subject.after.id.0))
        .filter(Column::Round.eq(subject.after.round))
        .filter(Column::Until.is_null())
        .exec(txn)
        .await?;
    Ok(())
}

async fn publish(txn: &DatabaseTransaction, publication: &PublicationMove) -> Result<(), DbErr> {
    use entity::publication::{Entity, Model};
    match publication {
        PublicationMove::Remove(id) => {
            Entity::delete_by_id(id.0).exec(txn).await?;
        }
        PublicationMove::Put { copy, replaces } => {
            if let Some(id) = replaces {
                Entity::delete_by_id(id.0).exec(txn).await?;
            }
            let row = Model {
                id: copy.id.0,
                field: copy.field.clone(),
                unit: copy.unit.clone(),
                title: copy.title.clone(),
                question: copy.question.clone(),
                answer: copy.answer.clone(),
                outcome: copy.outcome.as_str().to_owned(),
                answered_on: copy.answered_on,
                published_at: copy.published_at,
                folded: copy.folded.clone(),
            };
            put::<Entity>(txn, vec![row]).await?;
        }
    }
    Ok(())
}
