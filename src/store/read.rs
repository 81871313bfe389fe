//! Reading petitions: single ones, gathered, with what belongs to them.

use std::collections::{HashMap, HashSet};

use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use uuid::Uuid;

use super::{
    Store,
    batch::fill,
    connect::Connections,
    entity,
    error::{Error, Result},
    rows::{self, Column},
};
use crate::domain::{
    change::Outcome,
    event::Recorded,
    ids::{AccountId, LetterId, PetitionId, TextId},
    petition::{Petition, SettledLetter},
    petitioner::{Petitioner, PortalUser},
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

/// A request id that was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedRequest {
    /// SHA-256 of the request.
    pub content: Vec<u8>,
    /// Which petition.
    pub petition: PetitionId,
    /// The event it led to.
    pub seq: i64,
    /// When.
    pub at: crate::domain::time::Instant,
}

impl Dossier {
    /// A text's body; empty when it is not there.
    pub fn body(&self, id: Option<TextId>) -> &str {
        id.and_then(|id| self.texts.get(&id)).map_or("", |text| text.body.as_str())
    }
}

pub(super) async fn petitions(connections: &Connections, codes: Vec<String>) -> Result<HashMap<String, Petition>> {
    let found = entity::petition::Entity::find()
        .filter(entity::petition::Column::Code.is_in(fill(codes)))
        .all(&connections.read)
        .await
        .map_err(Error::of("read petitions"))?;
    found.into_iter().map(|row| rows::petition(row).map(|petition| (petition.code.clone(), petition))).collect()
}

pub(super) async fn dossiers(connections: &Connections, codes: Vec<String>) -> Result<HashMap<String, Dossier>> {
    let petitions = petitions(connections, codes).await?;
    if petitions.is_empty() {
        return Ok(HashMap::new());
    }
    let wanted = petitions.values().flat_map(named_texts).collect();
    let ids: Vec<Uuid> = petitions.values().map(|petition| petition.id.0).collect();
    let masked = entity::petitioner::Entity::find()
        .select_only()
        .columns([
            entity::petitioner::Column::Petition,
            entity::petitioner::Column::Kind,
            entity::petitioner::Column::MaskedName,
            entity::petitioner::Column::Signatories,
        ])
        .filter(entity::petitioner::Column::Petition.is_in(fill(ids)))
        .into_tuple::<(Uuid, String, String, i32)>()
        .all(&connections.read);
    let (texts, masked) =
        futures::try_join!(texts(connections, wanted), async { masked.await.map_err(Error::of("read petitioners")) })?;
    let mut masked: HashMap<Uuid, MaskedPetitioner> = masked
        .into_iter()
        .map(|(id, kind, name, signatories)| {
            let kind = Column { table: "petitioner", column: "kind", row: id }.read(words::read(&kind))?;
            Ok((id, MaskedPetitioner { kind, name, signatories }))
        })
        .collect::<Result<_>>()?;
    let mut texts = texts;
    Ok(petitions
        .into_iter()
        .map(|(code, petition)| {
            let named = named_texts(&petition).filter_map(|id| texts.remove(&id).map(|text| (id, text))).collect();
            let petitioner = masked.remove(&petition.id.0);
            (code, Dossier { petition, texts: named, petitioner })
        })
        .collect())
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
    named.into_iter().flatten().collect::<HashSet<_>>().into_iter()
}

async fn texts(connections: &Connections, ids: Vec<TextId>) -> Result<HashMap<TextId, StoredText>> {
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
    found
        .into_iter()
        .map(|(id, kind, title, body)| {
            let kind = Column { table: "text", column: "kind", row: id }.read(words::read(&kind))?;
            Ok((TextId(id), StoredText { kind, title, body }))
        })
        .collect()
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
        texts(&self.connections, ids).await
    }

    /// Who brought a petition; none when erased.
    pub async fn petitioner(&self, petition: PetitionId) -> Result<Option<Petitioner>> {
        let row = entity::petitioner::Entity::find_by_id(petition.0)
            .one(&self.connections.read)
            .await
            .map_err(Error::of("read a petitioner"))?;
        row.map(|row| {
            let column = Column { table: "petitioner", column: "record", row: row.petition };
            let mut petitioner: Petitioner = column.read(serde_json::from_str(&row.record).ok())?;
            petitioner.portal_user =
                row.portal.zip(row.subject).map(|(portal, subject)| PortalUser { portal: AccountId(portal), subject });
            Ok(petitioner)
        })
        .transpose()
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

    /// The round's answer letter, once it is settled: the reopening window counts from then. A letter that waits
    /// for a person counts from when it was ordered.
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
            // Refused by the mail server or lost on the way is not delivered: the window waits until an operator
            // has it sent again or gives it up.
            let at = match letter.status.as_str() {
                "HANDOVER" => Some(letter.ordered_at),
                "ACCEPTED" | "POSTED" | "ABANDONED" => letter.settled_at,
                _ => None,
            };
            at.map(|at| SettledLetter { id: LetterId(letter.id), at })
        }))
    }

    /// What a request id was used for.
    pub async fn used_request(&self, account: Uuid, rpc: &str, id: Uuid) -> Result<Option<UsedRequest>> {
        let row = entity::request::Entity::find_by_id((account, rpc.to_owned(), id))
            .one(&self.connections.read)
            .await
            .map_err(Error::of("read a request id"))?;
        Ok(row.map(|row| UsedRequest {
            content: row.content,
            petition: PetitionId(row.petition),
            seq: row.seq,
            at: row.at,
        }))
    }

    /// Forgets request ids older than an instant; returns how many.
    pub async fn forget_requests(&self, before: crate::domain::time::Instant) -> Result<u64> {
        let deleted = entity::request::Entity::delete_many()
            .filter(entity::request::Column::At.lt(before))
            .exec(&self.connections.write)
            .await
            .map_err(Error::of("forget request ids"))?;
        Ok(deleted.rows_affected)
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
