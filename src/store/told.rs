//! The letters to petitioners as they may see them: few columns, gathered for those who track together.

use std::collections::HashMap;

use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use uuid::Uuid;

use super::{
    Store,
    batch::fill,
    connect::Connections,
    entity,
    entity::letter::Column as C,
    error::{Error, Result},
    gather::Found,
    rows::Column,
};
use crate::domain::{
    ids::PetitionId,
    letters::{LetterKind, LetterStatus, Recipient},
    time::Instant,
    words::{self, Medium},
};

/// A letter to the petitioner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldLetter {
    /// Its template.
    pub kind: LetterKind,
    /// By what means.
    pub medium: Medium,
    /// Where it stands.
    pub status: LetterStatus,
    /// When it was ordered.
    pub ordered_at: Instant,
    /// When it was settled.
    pub settled_at: Option<Instant>,
}

type Row = (Uuid, Option<Uuid>, String, String, String, Instant, Option<Instant>);

pub(super) async fn told(
    connections: &Connections,
    petitions: Vec<PetitionId>,
) -> Result<Found<PetitionId, Vec<ToldLetter>>> {
    let found: Vec<Row> = entity::letter::Entity::find()
        .select_only()
        .columns([C::Id, C::Petition, C::Kind, C::Medium, C::Status, C::OrderedAt, C::SettledAt])
        .filter(C::Petition.is_in(fill(petitions).into_iter().map(|petition| petition.0)))
        .filter(C::Recipient.eq(Recipient::Petitioner.as_str()))
        .order_by_asc(C::Petition)
        .order_by_asc(C::Id)
        .into_tuple()
        .all(&connections.read)
        .await
        .map_err(Error::of("read letters"))?;
    let mut told: Found<PetitionId, Vec<ToldLetter>> = HashMap::new();
    for row in found {
        let letters = told.entry(PetitionId(row.1.unwrap_or_default())).or_insert_with(|| Ok(Vec::new()));
        match (letters.as_mut(), letter(row)) {
            (Ok(letters), Ok(letter)) => letters.push(letter),
            (Ok(_), Err(error)) => *letters = Err(error),
            (Err(_), _) => {}
        }
    }
    Ok(told)
}

fn letter((id, _, kind, medium, status, ordered_at, settled_at): Row) -> Result<ToldLetter> {
    let column = |column| Column { table: "letter", column, row: id };
    Ok(ToldLetter {
        kind: column("kind").read(words::read(&kind))?,
        medium: column("medium").read(words::read(&medium))?,
        status: column("status").read(words::read(&status))?,
        ordered_at,
        settled_at,
    })
}

impl Store {
    /// The letters to a petitioner, oldest first.
    ///
    /// # Errors
    /// When the database is away or a row is corrupt.
    pub async fn told(&self, petition: PetitionId) -> Result<Vec<ToldLetter>> {
        Ok(self.told.get(petition).await?.unwrap_or_default())
    }
}
