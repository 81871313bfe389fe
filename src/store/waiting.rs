//! Petitions that workers look for: what has lapsed, what may be closed, what is watched; each through its index.

use sea_orm::{
    ColumnTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select,
    sea_query::{Expr, ExprTrait as _, Query},
};
use uuid::Uuid;

use super::{
    Store, entity,
    entity::petition::Column as C,
    error::{Error, Result},
    list::{Key, select},
    rows,
};
use crate::domain::{ids::PetitionId, petition::Petition, time::Instant};

impl Store {
    /// Petitions whose question has lapsed at `now`, longest first, after a key; and the key of the last of them.
    pub async fn lapsed(&self, now: Instant, after: Option<Key>, limit: u64) -> Result<(Vec<Petition>, Option<Key>)> {
        self.page(lapsed_at(now), C::ReplyByAt, after, limit).await
    }

    /// Petitions whose answer was delivered before an instant, in the order in which they were answered, after a key; and
    /// the key of the last of them.
    pub async fn delivered_before(
        &self,
        before: Instant,
        after: Option<Key>,
        limit: u64,
    ) -> Result<(Vec<Petition>, Option<Key>)> {
        self.page(delivered_by(before), C::EndedAt, after, limit).await
    }

    /// Petitions with a level to raise at `now`, oldest first.
    pub async fn watched(&self, now: Instant, limit: u64) -> Result<Vec<Petition>> {
        let mut after = None;
        loop {
            let (petitions, last) = self.page(C::WatchAt.lte(now), C::WatchAt, after, limit).await?;
            if last.is_none() || !petitions.is_empty() {
                return Ok(petitions);
            }
            after = last;
        }
    }

    /// Petitions in the order of a column, after a key; and the key of the last of them. One that cannot be read must not
    /// keep the others waiting: it is logged and passed over, and the key counts it.
    pub(super) async fn page(
        &self,
        condition: Expr,
        by: C,
        after: Option<Key>,
        limit: u64,
    ) -> Result<(Vec<Petition>, Option<Key>)> {
        let found: Vec<(Uuid, Vec<u8>, String, String, Instant)> = paged(condition, by, after, limit)
            .into_tuple()
            .all(&self.connections.read)
            .await
            .map_err(Error::of("look for petitions"))?;
        let last = found.last().map(|(id, .., at)| (*at, PetitionId(*id)));
        let rows = found.into_iter().map(|(id, head, clocks, detail, _)| (id, head, clocks, detail));
        Ok((rows.filter_map(rows::readable).collect(), last))
    }
}

fn paged(mut condition: Expr, by: C, after: Option<Key>, limit: u64) -> Select<entity::petition::Entity> {
    if let Some((at, id)) = after {
        let row = Expr::tuple([Expr::col(by), Expr::col(C::Id)]);
        condition = condition.and(row.gt(Expr::tuple([Expr::value(at), Expr::value(id.0)])));
    }
    select().column(by).filter(condition).order_by_asc(by).order_by_asc(C::Id).limit(limit)
}

// The states are said in the words of the partial indexes: from a value that is bound nobody can tell that they fit.

fn lapsed_at(now: Instant) -> Expr {
    Expr::cust("state = 'NEEDS_INFORMATION'").and(C::ReplyByAt.lte(now))
}

/// Answered, and the answer settled as [`Store::delivered`] says. What was never delivered is not looked at again and
/// again.
fn delivered_by(before: Instant) -> Expr {
    use entity::letter::{Column as L, Entity as Letter};
    let letter = |column: L| Expr::col((Letter, column));
    let settled = letter(L::Status).is_in(["ACCEPTED", "POSTED", "ABANDONED"]).and(letter(L::SettledAt).lte(before));
    let delivered = Query::select()
        .expr(Expr::value(1))
        .from(Letter)
        .and_where(letter(L::Petition).equals((entity::petition::Entity, C::Id)))
        .and_where(letter(L::Kind).eq("answer"))
        .and_where(settled)
        .to_owned();
    Expr::cust("state = 'ANSWERED'").and(C::EndedAt.lte(before)).and(Expr::exists(delivered))
}

#[cfg(test)]
mod tests {
    use sea_orm::{DbBackend, QueryTrait as _};

    use super::*;
    use crate::store::plan::plan;

    /// What is looked for every minute is found through an index, in the order in which it is wanted.
    #[tokio::test]
    async fn what_workers_look_for_is_looked_up() {
        let now = Instant::UNIX_EPOCH;
        let key = Some((now, PetitionId(Uuid::nil())));
        for (condition, by, index) in [
            (C::WatchAt.lte(now), C::WatchAt, "petition_watch"),
            (lapsed_at(now), C::ReplyByAt, "petition_reply_by"),
            (delivered_by(now), C::EndedAt, "petition_answered"),
        ] {
            for after in [None, key] {
                let plan = plan(paged(condition.clone(), by, after, 128).build(DbBackend::Sqlite)).await;
                let wanted = format!("SEARCH petition USING INDEX {index} ");
                assert!(plan.iter().any(|step| step.starts_with(&wanted)), "{plan:?}");
                assert!(plan.iter().all(|step| !step.contains("TEMP B-TREE") && !step.contains("SCAN")), "{plan:?}");
            }
        }
    }
}
