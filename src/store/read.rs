//! Reading petitions: single ones, gathered, with what belongs to them.

use std::collections::{HashMap, HashSet};

use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DbErr, EntityTrait as _, JoinType, QueryFilter as _, QueryOrder as _,
    QueryResult, QuerySelect as _, QueryTrait as _, TryGetable, sea_query::SelectStatement,
};
use uuid::Uuid;

use super::{
    Store,
    batch::fill,
    connect::Connections,
    entity,
    error::{Error, Result},
    gather::Found,
    list::select,
    rows::{self, Column, PetitionRow},
};
use crate::domain::{
    change::Outcome,
    copies::SharedCopy,
    event::Recorded,
    ids::{LetterId, PetitionId, TextId},
    petition::{Petition, SettledLetter},
    words::{self, PetitionerType, TextKind},
};

/// A petition with the texts that it names and its petitioner, masked.
#[derive(Debug, Clone)]
pub struct Dossier {
    /// The row.
    pub petition: Petition,
    /// Texts by id; those that were erased are missing.
    pub texts: HashMap<TextId, StoredText>,
    /// Who brought it, masked; none when erased.
    pub petitioner: Option<MaskedPetitioner>,
}

/// A text as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredText {
    /// What it is.
    pub kind: TextKind,
    /// Title; of submissions.
    pub title: String,
    /// Body.
    pub body: String,
}

/// A petitioner as staff see one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaskedPetitioner {
    /// Individual or organisation.
    pub kind: PetitionerType,
    /// Initials.
    pub name: String,
    /// How many signed.
    pub signatories: i32,
}

impl Dossier {
    /// A text's body; empty when it is not there.
    pub fn body(&self, id: Option<TextId>) -> &str {
        id.and_then(|id| self.texts.get(&id)).map_or("", |text| text.body.as_str())
    }
}

pub(super) async fn petitions(connections: &Connections, codes: Vec<String>) -> Result<Found<String, Petition>> {
    let found = select()
        .column(entity::petition::Column::Code)
        .filter(entity::petition::Column::Code.is_in(fill(codes)))
        .into_tuple::<(Uuid, Vec<u8>, String, String, String)>()
        .all(&connections.read)
        .await
        .map_err(Error::of("read petitions"))?;
    let read = |(id, head, clocks, detail, code)| (code, rows::petition((id, head, clocks, detail)));
    Ok(found.into_iter().map(read).collect())
}

pub(super) async fn dossiers(connections: &Connections, codes: Vec<String>) -> Result<Found<String, Dossier>> {
    let rows: Vec<(PetitionRow, MaskedRow, TextRow, String)> = connections
        .read
        .query_all(&dossier_query(codes))
        .await
        .and_then(|rows| rows.iter().map(parts).collect())
        .map_err(Error::of("read dossiers"))?;
    let mut dossiers: Found<String, Dossier> = rows
        .into_iter()
        .map(|(petition, petitioner, text, code)| (code, dossier(petition, petitioner, text)))
        .collect();
    // Few have more than what was submitted.
    let further = |dossier: &Dossier| {
        let submission = dossier.petition.submission;
        named_texts(&dossier.petition).filter(move |id| *id != submission)
    };
    let wanted = dossiers.values().flatten().flat_map(further).collect();
    let mut found = texts(connections, wanted).await?;
    for one in dossiers.values_mut() {
        let Ok(dossier) = one else { continue };
        let named: Vec<TextId> = further(dossier).collect();
        let texts = named.into_iter().filter_map(|id| found.remove(&id).map(|text| text.map(|text| (id, text))));
        match texts.collect::<Result<Vec<_>>>() {
            Ok(texts) => dossier.texts.extend(texts),
            Err(error) => *one = Err(error),
        }
    }
    Ok(dossiers)
}

fn dossier(petition: PetitionRow, petitioner: MaskedRow, text: TextRow) -> Result<Dossier> {
    let petition = rows::petition(petition)?;
    let petitioner = masked(petition.id, petitioner)?.filter(|_| petition.erased_at.is_none());
    let texts = stored_text(petition.submission, text)?.map(|text| (petition.submission, text)).into_iter().collect();
    Ok(Dossier { petition, texts, petitioner })
}

/// Petitions with their petitioners, masked, and what was submitted: what every dossier has, in one query.
fn dossier_query(codes: Vec<String>) -> SelectStatement {
    use entity::{petition, petitioner, text};
    let petitioner =
        petition::Entity::belongs_to(petitioner::Entity).from(petition::Column::Id).to(petitioner::Column::Petition);
    let submission = petition::Entity::belongs_to(text::Entity).from(petition::Column::Submission).to(text::Column::Id);
    select()
        .columns([petitioner::Column::Kind, petitioner::Column::MaskedName, petitioner::Column::Signatories])
        .columns([text::Column::Kind, text::Column::Title, text::Column::Body])
        .column(petition::Column::Code)
        .join(JoinType::LeftJoin, petitioner.into())
        .join(JoinType::LeftJoin, submission.into())
        .filter(petition::Column::Code.is_in(fill(codes)))
        .into_query()
}

/// Kind, masked name and number of signatories; none when erased.
type MaskedRow = (Option<String>, Option<String>, Option<i32>);
/// Kind, title and body; none when erased.
type TextRow = (Option<String>, Option<String>, Option<String>);

/// A row of [`dossier_query`], by the places of its columns.
fn parts(row: &QueryResult) -> Result<(PetitionRow, MaskedRow, TextRow, String), DbErr> {
    fn at<T: TryGetable>(row: &QueryResult, place: usize) -> Result<T, DbErr> {
        row.try_get_by_index(place)
    }
    Ok((
        (at(row, 0)?, at(row, 1)?, at(row, 2)?, at(row, 3)?),
        (at(row, 4)?, at(row, 5)?, at(row, 6)?),
        (at(row, 7)?, at(row, 8)?, at(row, 9)?),
        at(row, 10)?,
    ))
}

fn masked(petition: PetitionId, row: MaskedRow) -> Result<Option<MaskedPetitioner>> {
    let (Some(kind), Some(name), Some(signatories)) = row else { return Ok(None) };
    let kind = Column { table: "petitioner", column: "kind", row: petition.0 }.read(words::read(&kind))?;
    Ok(Some(MaskedPetitioner { kind, name, signatories }))
}

fn stored_text(id: TextId, row: TextRow) -> Result<Option<StoredText>> {
    let (Some(kind), Some(title), Some(body)) = row else { return Ok(None) };
    let kind = Column { table: "text", column: "kind", row: id.0 }.read(words::read(&kind))?;
    Ok(Some(StoredText { kind, title, body }))
}

/// The texts that a petition's row names, each once.
fn named_texts(petition: &Petition) -> impl Iterator<Item = TextId> + use<> {
    let named = [
        Some(petition.submission),
        petition.question,
        petition.draft.map(|draft| draft.text),
        petition.answer.map(|answer| answer.text),
        petition.ending,
        petition.priority_reason,
        petition.redaction,
    ];
    let shared = petition.copies.iter().flat_map(SharedCopy::texts);
    named.into_iter().flatten().chain(shared).collect::<HashSet<_>>().into_iter()
}

async fn texts(connections: &Connections, ids: Vec<TextId>) -> Result<Found<TextId, StoredText>> {
    let ids: Vec<Uuid> = ids.into_iter().map(|id| id.0).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found = entity::text::Entity::find()
        .select_only()
        .columns([
            entity::text::Column::Id,
            entity::text::Column::Kind,
            entity::text::Column::Title,
            entity::text::Column::Body,
        ])
        .filter(entity::text::Column::Id.is_in(fill(ids)))
        .into_tuple::<(Uuid, String, String, String)>()
        .all(&connections.read)
        .await
        .map_err(Error::of("read texts"))?;
    let read = |(id, kind, title, body)| {
        let text = stored_text(TextId(id), (Some(kind), Some(title), Some(body))).transpose();
        text.map(|text| (TextId(id), text))
    };
    Ok(found.into_iter().filter_map(read).collect())
}

impl Store {
    /// The petition of a tracking code.
    ///
    /// # Errors
    /// When the database is away or a row is corrupt; so for every read.
    pub async fn petition(&self, code: &str) -> Result<Option<Petition>> {
        self.petitions.get(code.to_owned()).await
    }

    /// The petition of a tracking code with texts and masked petitioner.
    pub async fn dossier(&self, code: &str) -> Result<Option<Dossier>> {
        self.dossiers.get(code.to_owned()).await
    }

    /// The tracking code of a petition.
    pub async fn code(&self, petition: PetitionId) -> Result<Option<String>> {
        entity::petition::Entity::find_by_id(petition.0)
            .select_only()
            .column(entity::petition::Column::Code)
            .into_tuple()
            .one(&self.connections.read)
            .await
            .map_err(Error::of("read a code"))
    }

    /// Texts by id.
    pub async fn texts(&self, ids: Vec<TextId>) -> Result<HashMap<TextId, StoredText>> {
        texts(&self.connections, ids).await?.into_iter().map(|(id, text)| Ok((id, text?))).collect()
    }

    /// Events of a petition after a number, oldest first.
    pub async fn events(&self, petition: PetitionId, after: i64, limit: u64) -> Result<Vec<(Recorded, Vec<u8>)>> {
        use entity::event::{Column as C, Entity};
        let found = Entity::find()
            .filter(C::Petition.eq(petition.0))
            .filter(C::Seq.gt(after))
            .order_by_asc(C::Seq)
            .limit(limit)
            .all(&self.connections.read)
            .await
            .map_err(Error::of("read events"))?;
        found.into_iter().map(|row| Ok((recorded(row.petition, &row.stored)?, row.hash))).collect()
    }

    /// The round's answer letter, once it is settled: the reopening window counts from then.
    pub async fn delivered(&self, petition: &Petition) -> Result<Option<SettledLetter>> {
        use entity::letter::{Column as C, Entity};
        let letter = Entity::find()
            .filter(C::Petition.eq(petition.id.0))
            .filter(C::Kind.eq("answer"))
            .order_by_desc(C::Id)
            .limit(1)
            .one(&self.connections.read)
            .await
            .map_err(Error::of("read the answer letter"))?;
        Ok(letter.and_then(|letter| {
            // Refused by the mail server, lost on the way or handed over by nobody is not delivered: the window waits
            // until somebody has it sent again, hands it over or gives it up.
            let at = match letter.status.as_str() {
                "ACCEPTED" | "POSTED" | "ABANDONED" => letter.settled_at,
                _ => None,
            };
            at.map(|at| SettledLetter { id: LetterId(letter.id), at })
        }))
    }

    /// What an event told its caller.
    pub async fn outcome(&self, petition: PetitionId, seq: i64) -> Result<Option<Outcome>> {
        let events = self.events(petition, 0, u64::try_from(seq).unwrap_or(0)).await?;
        let register = events.iter().find_map(|(recorded, _)| match &recorded.event {
            crate::domain::event::Event::Accepted { register, .. } => Some(*register),
            _ => None,
        });
        let Some(code) = self.code(petition).await? else { return Ok(None) };
        Ok(events.into_iter().find(|(recorded, _)| recorded.seq == seq).map(|(recorded, _)| Outcome {
            recorded,
            code,
            register,
        }))
    }
}

/// Reads a stored event.
pub(super) fn recorded(petition: Uuid, stored: &str) -> Result<Recorded> {
    Column { table: "event", column: "stored", row: petition }.read(serde_json::from_str(stored).ok())
}
