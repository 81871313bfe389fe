//! Petitions of the same sender, or with a similar text: found by keys that are written beside submissions, some time
//! after, so that no submission pays for them. No identity is opened for it.

use std::collections::{BTreeSet, HashMap, HashSet};

use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DatabaseTransaction, DbErr, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Statement, TransactionTrait as _,
    sea_query::{Expr, ExprTrait as _},
};
use uuid::Uuid;

use super::{
    Store,
    batch::{LARGEST, fill, insert},
    connect::immediate,
    entity::{likeness, petition, petitioner, text},
    error::{Error, Result},
};
use crate::domain::{
    ids::PetitionId,
    likeness::{LEAST, keys, resemblance},
    petition::Petition,
    words::TextKind,
};

/// Petitions that one key leads to at the most, the newest.
const A_KEY: u64 = 100;
/// Petitions that are looked at more closely, of those that share the sender and of those that share keys of the text.
const CLOSER: usize = 200;
/// Petitions whose texts are compared, of those that the caller sees.
const COMPARED: usize = 60;

/// A petition that may be the same matter, or of the same sender.
#[derive(Debug, Clone)]
pub struct Similar {
    /// The petition.
    pub petition: Petition,
    /// Its title.
    pub title: String,
    /// The sender has the same e-mail address.
    pub same_email: bool,
    /// The sender has the same telephone.
    pub same_phone: bool,
    /// It is the same user of the same portal.
    pub same_user: bool,
    /// How much the texts resemble each other, of 100.
    pub text: u32,
}

impl Similar {
    /// Whether the sender is the same.
    pub const fn same_sender(&self) -> bool {
        self.same_email || self.same_phone || self.same_user
    }

    /// Says nothing of the sender.
    pub const fn conceal_sender(&mut self) {
        (self.same_email, self.same_phone, self.same_user) = (false, false, false);
    }

    /// Whether there is anything alike.
    pub const fn is_alike(&self) -> bool {
        self.same_sender() || self.text >= LEAST
    }
}

/// The beginning of a keyed hash, as a key.
fn key_of(hash: &[u8]) -> Option<i64> {
    hash.first_chunk().map(|first| i64::from_be_bytes(*first))
}

fn sender_keys(row: &petitioner::Model) -> Vec<i64> {
    let hashes = [&row.email_hash, &row.phone_hash, &row.subject_hash];
    hashes.into_iter().flatten().filter_map(|hash| key_of(hash)).collect()
}

fn same(one: Option<&Vec<u8>>, other: Option<&Vec<u8>>) -> bool {
    one.is_some() && one == other
}

impl Store {
    /// Writes the keys of up to `limit` petitions that have none yet, or others than by now; returns how many. Any number of
    /// processes may do so at once.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn compare(&self, limit: u64) -> Result<usize> {
        let failed = || Error::of("compare petitions");
        let sql = "select petition from petitioner where not compared order by petition limit $1";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX).into();
        let waiting = Statement::from_sql_and_values(self.connections.backend, sql, [limit]);
        let ids = self.connections.read.query_all_raw(waiting).await.map_err(failed())?;
        let ids: Vec<Uuid> =
            ids.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>().map_err(failed())?;
        if ids.is_empty() {
            return Ok(0);
        }
        let mut rows = self.petitioners(ids.clone()).await?;
        rows.sort_by_key(|row| row.petition);
        let requests = self.requests_among(ids.clone()).await?;
        let folded = self.folded(ids).await?;
        let keys_of = |row: &petitioner::Model| -> HashSet<i64> {
            // What a data subject asks is like nothing else, and teaches nothing.
            if requests.contains(&row.petition) {
                return HashSet::new();
            }
            let text = folded.get(&row.petition).map_or("", |(_, folded)| folded.as_str());
            keys(text).into_iter().chain(sender_keys(row)).collect()
        };
        let keyed: Vec<_> = rows.iter().map(|row| (row, keys_of(row))).collect();
        let txn = self.connections.write.begin_with_options(immediate()).await.map_err(failed())?;
        mark(&txn, keyed).await.map_err(failed())?;
        txn.commit().await.map_err(failed())?;
        Ok(rows.len())
    }

    /// Whether petitions wait for their keys.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn comparing(&self) -> Result<bool> {
        let sql = "select petition from petitioner where not compared limit 1";
        let statement = Statement::from_string(self.connections.backend, sql);
        let found = self.connections.read.query_one_raw(statement).await;
        Ok(found.map_err(Error::of("compare petitions"))?.is_some())
    }

    /// Petitions that may be the same matter as one, or of the same sender, in no order: of those that somebody sees.
    ///
    /// # Errors
    /// When the database is away or a row is corrupt.
    pub async fn similar(&self, petition: &Petition, sees: impl Fn(&Petition) -> bool) -> Result<Vec<Similar>> {
        let id = petition.id.0;
        let Some(own) = self.petitioners(vec![id]).await?.pop() else { return Ok(Vec::new()) };
        let text = self.folded(vec![id]).await?.remove(&id).map(|(_, folded)| folded).unwrap_or_default();
        let mut closer = self.sharing(&sender_keys(&own), id, (A_KEY, CLOSER)).await?;
        closer.extend(self.sharing(&keys(&text), id, (A_KEY, CLOSER)).await?);
        let mut known = HashSet::new();
        closer.retain(|id| known.insert(*id));
        let mut seen = self.petitions_by_id(closer.iter().copied().map(PetitionId).collect()).await?;
        seen.retain(|other| other.erased_at.is_none() && sees(other));
        seen.sort_by_key(|other| closer.iter().position(|id| *id == other.id.0));
        let ids: Vec<Uuid> = seen.iter().map(|other| other.id.0).collect();
        let rows = self.petitioners(ids).await?;
        let rows: HashMap<Uuid, petitioner::Model> = rows.into_iter().map(|row| (row.petition, row)).collect();
        let same_sender = |other: &Petition| {
            let row = rows.get(&other.id.0);
            let same = |of: fn(&petitioner::Model) -> Option<&Vec<u8>>| same(of(&own), row.and_then(of));
            let user = same(|row| row.subject_hash.as_ref());
            (same(|row| row.email_hash.as_ref()), same(|row| row.phone_hash.as_ref()), user)
        };
        // Half of them for the sender's sake, so that neither leaves no room for the other.
        let (senders, others): (Vec<_>, Vec<_>) = seen
            .into_iter()
            .map(|other| (same_sender(&other), other))
            .partition(|(same, _)| *same != (false, false, false));
        let room = COMPARED - others.len().min(COMPARED / 2);
        let chosen: Vec<_> = senders.into_iter().take(room).chain(others).take(COMPARED).collect();
        let mut folded = self.folded(chosen.iter().map(|(_, other)| other.id.0).collect()).await?;
        let similar = chosen.into_iter().map(|((same_email, same_phone, same_user), petition)| {
            let (title, other) = folded.remove(&petition.id.0).unwrap_or_default();
            let text = resemblance(&text, &other);
            Similar { petition, title, same_email, same_phone, same_user, text }
        });
        Ok(similar.filter(Similar::is_alike).collect())
    }

    /// Petitions that share keys with one: those that share most first, then the newest; so many of each key, and of all.
    pub(super) async fn sharing(&self, keys: &[i64], but: Uuid, (a_key, closer): (u64, usize)) -> Result<Vec<Uuid>> {
        let failed = || Error::of("look for similar petitions");
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        // Of each key the newest alone: what thousands send leads to thousands.
        let newest = |n: usize| {
            let mark = n + 1;
            format!(
                "select * from (select petition from likeness where key = ${mark} order by petition desc limit {a_key}) as k{n}"
            )
        };
        let newest = (0..keys.len()).map(newest).collect::<Vec<_>>().join(" union all ");
        let own = keys.len() + 1;
        // Counted there: of thousands of rows few are wanted.
        let sql = format!(
            "select petition from ({newest}) as sharing where petition <> ${own} group by petition \
             order by count(*) desc, petition desc limit {closer}"
        );
        let values = keys.iter().map(|key| (*key).into()).chain([but.into()]);
        let statement = Statement::from_sql_and_values(self.connections.backend, sql, values);
        let rows = self.connections.read.query_all_raw(statement).await.map_err(failed())?;
        rows.iter().map(|row| row.try_get_by_index(0).map_err(failed())).collect()
    }

    /// Which of these are requests of data subjects.
    async fn requests_among(&self, ids: Vec<Uuid>) -> Result<HashSet<Uuid>> {
        let found = petition::Entity::find()
            .select_only()
            .column(petition::Column::Id)
            .filter(petition::Column::Id.is_in(fill(ids)))
            .filter(petition::Column::About.is_not_null())
            .into_tuple::<Uuid>()
            .all(&self.connections.read)
            .await;
        Ok(found.map_err(Error::of("look for requests"))?.into_iter().collect())
    }

    /// Petitioners' rows, but for those that were erased.
    async fn petitioners(&self, ids: Vec<Uuid>) -> Result<Vec<petitioner::Model>> {
        let mut rows = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(LARGEST) {
            let found = petitioner::Entity::find()
                .filter(petitioner::Column::Petition.is_in(fill(chunk.to_vec())))
                .filter(petitioner::Column::ErasedAt.is_null())
                .all(&self.connections.read)
                .await;
            rows.extend(found.map_err(Error::of("read petitioners"))?);
        }
        Ok(rows)
    }

    /// Titles and folded texts of what was submitted, by petition.
    async fn folded(&self, ids: Vec<Uuid>) -> Result<HashMap<Uuid, (String, String)>> {
        let mut folded = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(LARGEST) {
            let found: Vec<(Uuid, String, String)> = text::Entity::find()
                .select_only()
                .columns([text::Column::Petition, text::Column::Title, text::Column::Folded])
                .filter(text::Column::Petition.is_in(fill(chunk.to_vec())))
                .filter(text::Column::Kind.eq(TextKind::Submission.as_str()))
                .into_tuple()
                .all(&self.connections.read)
                .await
                .map_err(Error::of("read texts"))?;
            folded.extend(found.into_iter().map(|(petition, title, text)| (petition, (title, text))));
        }
        Ok(folded)
    }
}

/// Writes the keys of petitions, but of those for which somebody else has, or that were erased or sealed anew since they
/// were read.
async fn mark(txn: &DatabaseTransaction, keyed: Vec<(&petitioner::Model, HashSet<i64>)>) -> Result<(), DbErr> {
    use petitioner::{Column as C, Entity};
    // In one order, as the door takes them, whatever order an update would find them in; SQLite has one writer.
    let ids: Vec<Uuid> = keyed.iter().map(|(row, _)| row.petition).collect();
    let locked = Entity::find().select_only().column(C::Petition).filter(C::Petition.is_in(fill(ids)));
    locked.order_by_asc(C::Petition).lock_exclusive().into_tuple::<Uuid>().all(txn).await?;
    let versions: BTreeSet<i32> = keyed.iter().map(|(row, _)| row.key_version).collect();
    let mut marked = HashSet::with_capacity(keyed.len());
    for version in versions {
        let sealed = keyed.iter().filter(|(row, _)| row.key_version == version);
        let rows = Entity::update_many()
            .col_expr(C::Compared, Expr::value(true))
            .filter(C::Petition.is_in(fill(sealed.map(|(row, _)| row.petition).collect())))
            .filter(Expr::col(C::Compared).not())
            .filter(C::ErasedAt.is_null())
            .filter(C::KeyVersion.eq(version))
            .exec_with_returning(txn)
            .await?;
        marked.extend(rows.into_iter().map(|row| row.petition));
    }
    if marked.is_empty() {
        return Ok(());
    }
    let old = likeness::Column::Petition.is_in(fill(marked.iter().copied().collect()));
    likeness::Entity::delete_many().filter(old).exec(txn).await?;
    let marked = keyed.into_iter().filter(|(row, _)| marked.contains(&row.petition));
    let key = |(row, keys): (&petitioner::Model, HashSet<i64>)| {
        let petition = row.petition;
        keys.into_iter().map(move |key| likeness::Model { key, petition })
    };
    let mut keys: Vec<likeness::Model> = marked.flat_map(key).collect();
    // In the order of the index, in which neighbours share a page.
    keys.sort_unstable_by_key(|row| row.key);
    insert::<likeness::Entity>(txn, keys).await?;
    Ok(())
}
