//! The audit trail: listing it, and checking that nobody has rewritten it.

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait as _, EntityTrait as _, JoinType, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::{Expr, ExprTrait as _},
};
use uuid::Uuid;

use super::{
    Store, entity,
    error::{Error, Result},
    follow::{Texts, follow},
    list::{Scope, overseen},
    read::recorded,
};
use crate::domain::{
    chain,
    event::Recorded,
    ids::{AccountId, PetitionId},
    time::Instant,
};

/// Which steps.
#[derive(Debug, Clone, Default)]
pub struct TrailFilter {
    /// Who acted.
    pub actor: Option<AccountId>,
    /// Stable name of the event; empty means any.
    pub kind: String,
    /// At or after.
    pub from: Option<Instant>,
    /// Before.
    pub until: Option<Instant>,
}

/// A step on the directory, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "see Event of the contract")]
pub struct DirectoryEvent {
    pub seq: i64,
    pub kind: String,
    pub at: Instant,
    pub actor: Option<AccountId>,
    pub stored: String,
    pub hash: Vec<u8>,
}

/// Where the trail does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The petition; none for the directory.
    pub petition: Option<PetitionId>,
    /// Its tracking code, or `directory`.
    pub code: String,
    /// Number of the event.
    pub seq: i64,
    /// What is wrong.
    pub problem: String,
}

/// What a check looked at and found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// Petitions.
    pub petitions: i64,
    /// Events.
    pub events: i64,
    /// Petitions whose petitioner was erased, with every text.
    pub erased: i64,
    /// The first broken link.
    pub broken: Option<Broken>,
}

/// Petitions that a check reads at once.
const STRIDE: u64 = 256;
/// Times that petitions are checked anew which move while they are.
const TRIES: usize = 8;

impl Store {
    /// Steps on petitions, newest first, with tracking codes.
    pub async fn list_trail(
        &self,
        scope: &Scope,
        filter: &TrailFilter,
        before: Option<(Instant, Uuid, i64)>,
        limit: u64,
    ) -> Result<Vec<(Recorded, Vec<u8>, String)>> {
        use entity::{event::Column as E, petition::Column as P};
        let mut condition = overseen(scope);
        if let Some(actor) = filter.actor {
            condition = condition.add(E::Actor.eq(actor.0));
        }
        if !filter.kind.is_empty() {
            condition = condition.add(E::Kind.eq(filter.kind.as_str()));
        }
        if let Some(from) = filter.from {
            condition = condition.add(E::At.gte(from));
        }
        if let Some(until) = filter.until {
            condition = condition.add(E::At.lt(until));
        }
        if let Some((at, petition, seq)) = before {
            let columns = [E::At, E::Petition, E::Seq].map(|column| Expr::col((entity::event::Entity, column)));
            let key = Expr::tuple([Expr::value(at), Expr::value(petition), Expr::value(seq)]);
            condition = condition.add(Expr::tuple(columns).lt(key));
        }
        let join = entity::event::Entity::belongs_to(entity::petition::Entity).from(E::Petition).to(P::Id);
        let found: Vec<(Uuid, String, Vec<u8>, String)> = entity::event::Entity::find()
            .join(JoinType::InnerJoin, join.into())
            .select_only()
            .columns([E::Petition])
            .column(E::Stored)
            .column(E::Hash)
            .column(P::Code)
            .filter(condition)
            .order_by_desc(E::At)
            .order_by_desc(E::Petition)
            .order_by_desc(E::Seq)
            .limit(limit)
            .into_tuple()
            .all(&self.connections.read)
            .await
            .map_err(Error::of("list the trail"))?;
        found.into_iter().map(|(petition, stored, hash, code)| Ok((recorded(petition, &stored)?, hash, code))).collect()
    }

    /// Steps on the directory, newest first.
    pub async fn list_directory_trail(
        &self,
        filter: &TrailFilter,
        before: Option<i64>,
        limit: u64,
    ) -> Result<Vec<DirectoryEvent>> {
        use entity::directory_event::{Column as E, Entity};
        let mut query = Entity::find();
        if let Some(actor) = filter.actor {
            query = query.filter(E::Actor.eq(actor.0));
        }
        if !filter.kind.is_empty() {
            query = query.filter(E::Kind.eq(filter.kind.as_str()));
        }
        if let Some(from) = filter.from {
            query = query.filter(E::At.gte(from));
        }
        if let Some(until) = filter.until {
            query = query.filter(E::At.lt(until));
        }
        if let Some(before) = before {
            query = query.filter(E::Seq.lt(before));
        }
        let found = query
            .order_by_desc(E::Seq)
            .limit(limit)
            .all(&self.connections.read)
            .await
            .map_err(Error::of("list the directory's trail"))?;
        Ok(found.into_iter().map(directory_event).collect())
    }

    /// The papers by which calendars were taken into use, latest first: version, from when on, number.
    pub async fn calendar_documents(&self, limit: u64) -> Result<Vec<(String, Instant, String)>> {
        let filter = TrailFilter { kind: "CALENDAR_APPLIED".to_owned(), ..TrailFilter::default() };
        let applied = self.list_directory_trail(&filter, None, limit).await?;
        let read = |event: DirectoryEvent| {
            let facts = serde_json::from_str::<serde_json::Value>(&event.stored).ok()?;
            let text = |key: &str| facts["facts"][key].as_str().map(str::to_owned);
            Some((text("calendar")?, event.at, text("document")?))
        };
        Ok(applied.into_iter().filter_map(read).collect())
    }

    /// Checks one petition: chain, numbers, texts, and that replaying gives the row.
    pub async fn verify_petition(&self, petition: PetitionId) -> Result<Verified> {
        let row = entity::petition::Entity::find_by_id(petition.0)
            .one(&self.connections.read)
            .await
            .map_err(Error::of("verify a petition"))?;
        let rows = row.into_iter().collect();
        self.verify_rows(rows).await
    }

    /// Checks everything: every petition, events that belong to none, and the directory.
    pub async fn verify_all(&self) -> Result<Verified> {
        let mut verified = self.verify_directory().await?;
        let mut last = Uuid::nil();
        while verified.broken.is_none() {
            use entity::petition::{Column as P, Entity};
            let rows = Entity::find()
                .filter(P::Id.gt(last))
                .order_by_asc(P::Id)
                .limit(STRIDE)
                .all(&self.connections.read)
                .await
                .map_err(Error::of("verify petitions"))?;
            let Some(end) = rows.last() else { break };
            last = end.id;
            let part = self.verify_rows(rows).await?;
            verified.petitions += part.petitions;
            verified.events += part.events;
            verified.erased += part.erased;
            verified.broken = part.broken;
        }
        if verified.broken.is_none() {
            verified.broken = self.orphan().await?;
        }
        Ok(verified)
    }

    /// As [`Store::check_rows`], anew if one that seems broken has moved meanwhile: what was erased after its row was read
    /// is not yet this row's.
    async fn verify_rows(&self, mut rows: Vec<entity::petition::Model>) -> Result<Verified> {
        use entity::petition::{Column as P, Entity};
        let mut tries = 0;
        loop {
            let seqs: HashMap<Uuid, i64> = rows.iter().map(|row| (row.id, row.seq)).collect();
            let verified = self.check_rows(rows).await?;
            let Some(suspect) = verified.broken.as_ref().and_then(|broken| broken.petition) else {
                return Ok(verified);
            };
            let ids = Vec::from_iter(seqs.keys().copied());
            let again = Entity::find().filter(P::Id.is_in(ids)).order_by_asc(P::Id).all(&self.connections.read).await;
            rows = again.map_err(Error::of("verify petitions"))?;
            let moved = rows.iter().any(|row| row.id == suspect.0 && seqs.get(&row.id) != Some(&row.seq));
            tries += 1;
            if !moved || tries == TRIES {
                return Ok(verified);
            }
        }
    }

    async fn check_rows(&self, rows: Vec<entity::petition::Model>) -> Result<Verified> {
        use entity::event::{Column as E, Entity};
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let codes = rows.iter().map(|row| (row.id, row.code.clone())).collect();
        let mut events = Entity::find()
            .filter(E::Petition.is_in(ids.clone()))
            .order_by_asc(E::Petition)
            .order_by_asc(E::Seq)
            .all(&self.connections.read)
            .await
            .map_err(Error::of("verify events"))?;
        let texts = entity::text::Entity::find()
            .filter(entity::text::Column::Petition.is_in(ids))
            .all(&self.connections.read)
            .await
            .map_err(Error::of("verify texts"))?;
        let texts: Texts = texts.into_iter().map(|text| (text.id, text)).collect();
        let mut verified = Verified::default();
        let mut erased = HashMap::new();
        for row in rows {
            let (id, code, seq) = (row.id, row.code.clone(), row.seq);
            let broken =
                |seq, problem: String| Broken { petition: Some(PetitionId(id)), code: code.clone(), seq, problem };
            let (own, rest): (Vec<_>, Vec<_>) = events.into_iter().partition(|event| event.petition == id);
            events = rest;
            // The row is read before its events: one that came in between is not yet this row's.
            let own: Vec<_> = own.into_iter().filter(|event| event.seq <= seq).collect();
            verified.petitions += 1;
            verified.events += i64::try_from(own.len()).unwrap_or(i64::MAX);
            match follow(&row, &own, &texts) {
                Ok(None) => {}
                Ok(Some(looks)) => {
                    verified.erased += 1;
                    erased.insert(id, looks);
                }
                Err((seq, problem)) => {
                    verified.broken = Some(broken(seq, problem));
                    return Ok(verified);
                }
            }
        }
        verified.broken = self.verify_reveals(&codes, &erased, &texts).await?;
        Ok(verified)
    }

    async fn verify_directory(&self) -> Result<Verified> {
        use entity::directory_event::{Column as E, Entity};
        let failed = || Error::of("verify the directory");
        let row = entity::reference::Entity::find_by_id(1).one(&self.connections.read).await.map_err(failed())?;
        let Some(row) = row else { return Ok(Verified::default()) };
        let mut verified = Verified::default();
        let mut head = [0; 32];
        let broken = |seq, problem: &str| {
            Some(Broken { petition: None, code: "directory".to_owned(), seq, problem: problem.to_owned() })
        };
        let events = Entity::find()
            .filter(E::Seq.lte(row.version))
            .order_by_asc(E::Seq)
            .all(&self.connections.read)
            .await
            .map_err(failed())?;
        for event in events {
            verified.events += 1;
            if event.seq != verified.events {
                verified.broken = broken(verified.events, "is missing");
                return Ok(verified);
            }
            head = chain::link(&head, &event.stored);
            if head.as_slice() != event.hash {
                verified.broken = broken(event.seq, "its hash is not that of its stored bytes after the event before");
                return Ok(verified);
            }
        }
        if verified.events != row.version || row.head != head {
            verified.broken = broken(row.version, "is missing at the end");
        }
        Ok(verified)
    }

    /// An event whose petition is gone.
    async fn orphan(&self) -> Result<Option<Broken>> {
        use entity::{event::Column as E, petition::Column as P};
        let join = entity::event::Entity::belongs_to(entity::petition::Entity).from(E::Petition).to(P::Id);
        let found = entity::event::Entity::find()
            .join(JoinType::LeftJoin, join.into())
            .filter(P::Id.is_null())
            .limit(1)
            .one(&self.connections.read)
            .await
            .map_err(Error::of("verify events"))?;
        Ok(found.map(|event| Broken {
            petition: Some(PetitionId(event.petition)),
            code: event.petition.to_string(),
            seq: event.seq,
            problem: "belongs to a petition that is gone".to_owned(),
        }))
    }
}

fn directory_event(row: entity::directory_event::Model) -> DirectoryEvent {
    DirectoryEvent {
        seq: row.seq,
        kind: row.kind,
        at: row.at,
        actor: row.actor.map(AccountId),
        stored: row.stored,
        hash: row.hash,
    }
}
