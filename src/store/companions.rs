//! What goes into a commit beside the petitions' rows: texts, letters, standings, events, public copies.

use futures::future::join;
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, DbBackend, DbErr, EntityTrait as _};

use super::{
    batch::Insertion, copies, entity, identity::petitioner_row, moved, notices, rows::standing_row, seal::Keys,
};
use crate::domain::{
    change::{Change, PublicationMove, Subject},
    ids::PetitionId,
    letters::{Letter, LetterStatus},
    text::{Text, json},
    time::Instant,
};

/// Petitioners and texts: rows into which no number goes.
pub(super) struct Ready {
    petitioners: Insertion,
    texts: Insertion,
}

impl Ready {
    pub(super) fn of(backend: DbBackend, changes: &[&mut Change], keys: &Keys) -> Result<Self, DbErr> {
        let all = || changes.iter().flat_map(|change| &change.subjects);
        let petitioner = |s: &Subject| s.petitioner.as_ref().map(|p| petitioner_row(s.after.id, p, keys));
        let petitioners: Result<Vec<_>, _> = all().filter_map(petitioner).collect();
        let texts = all().flat_map(|s| s.texts.iter().map(|text| text_row(s.after.id, text))).collect();
        let petitioners = petitioners.map_err(|fault| DbErr::Custom(fault.to_string()))?;
        Ok(Self {
            petitioners: Insertion::of::<entity::petitioner::Entity>(backend, petitioners),
            texts: Insertion::of::<entity::text::Entity>(backend, texts),
        })
    }
}

/// All that goes with the rows: none of it can be contended, since each belongs to a petition that this
/// transaction has locked or made.
pub(super) async fn companions(txn: &DatabaseTransaction, changes: &[&mut Change], ready: Ready) -> Result<(), DbErr> {
    let backend = txn.get_database_backend();
    let all: Vec<&Subject> = changes.iter().flat_map(|change| &change.subjects).collect();
    moved::end_standings(txn, all.iter().filter_map(|subject| ended(subject)).collect()).await?;
    for subject in &all {
        if let Some(publication) = &subject.publication {
            publish(txn, publication).await?;
        }
    }
    for subject in &all {
        copies::succeed(txn, subject).await?;
    }
    let copies = all.iter().filter_map(|subject| copies::row(subject)).collect();
    put(txn, Insertion::of::<entity::redacted_copy::Entity>(backend, copies)).await?;
    let events = || {
        let rows = all.iter().map(|subject| event_row(subject)).collect();
        Insertion::of::<entity::event::Entity>(backend, rows)
    };
    let events = put_while(txn, ready.petitioners, events).await?;
    let letters = || {
        let rows = all.iter().flat_map(|s| s.letters.iter().map(|letter| letter_row(Some(s.after.id), letter)));
        Insertion::of::<entity::letter::Entity>(backend, rows.collect())
    };
    let letters = put_while(txn, ready.texts, letters).await?;
    let standings = || {
        let row = |s: &&Subject| s.standing.as_ref().map(|it| standing_row(s.after.id, s.recorded.seq, since(s), it));
        Insertion::of::<entity::standing::Entity>(backend, all.iter().filter_map(row).collect())
    };
    let standings = put_while(txn, letters, standings).await?;
    let told = all.iter().flat_map(|s| s.notices.iter().map(|notice| ((s.after.id, s.after.code.as_str()), notice)));
    put(txn, Insertion::of::<entity::notice::Entity>(backend, notices::rows(told).collect())).await?;
    put(txn, standings).await?;
    put(txn, events).await
}

/// From when figures see it: receipt, for a petition that was entered later than it was received.
fn since(subject: &Subject) -> Instant {
    if subject.before.is_none() { subject.after.received_at } else { subject.recorded.at }
}

async fn put(txn: &DatabaseTransaction, rows: Insertion) -> Result<(), DbErr> {
    if rows.run(txn).await? { Ok(()) } else { Err(DbErr::RecordNotInserted) }
}

/// Inserts rows, and has what comes next said while the database is at it.
async fn put_while<T>(txn: &DatabaseTransaction, rows: Insertion, next: impl FnOnce() -> T) -> Result<T, DbErr> {
    let (put, next) = join(put(txn, rows), async { next() }).await;
    put.map(|()| next)
}

pub(super) fn text_row(petition: PetitionId, text: &Text) -> entity::text::Model {
    entity::text::Model {
        id: text.id.0,
        petition: petition.0,
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

/// A letter that nobody has tried to send yet; a digest is of no petition.
pub(super) fn letter_row(petition: Option<PetitionId>, letter: &Letter) -> entity::letter::Model {
    let settled = letter.status == LetterStatus::Posted;
    entity::letter::Model {
        id: letter.id.0,
        petition: petition.map(|petition| petition.0),
        account: letter.account.map(|account| account.0),
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

/// Whose standing of the round so far ends where the new one begins; that of an earlier round stays.
fn ended(subject: &Subject) -> Option<(uuid::Uuid, i32, Instant, i64)> {
    let moved = subject.before.is_some() && subject.standing.is_some();
    moved.then_some((subject.after.id.0, subject.after.round, subject.recorded.at, subject.recorded.seq))
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
            put(txn, Insertion::of::<Entity>(txn.get_database_backend(), vec![row])).await?;
        }
    }
    Ok(())
}
