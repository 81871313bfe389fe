//! Looks at sealed identities: kept before anything is shown, listed, and checked.

use std::collections::HashMap;

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, Condition, ConnectionTrait as _, DbBackend, EntityTrait as _,
    IntoActiveModel as _, JoinType, PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    Statement, TransactionTrait as _,
    sea_query::{Expr, ExprTrait as _},
};
use uuid::Uuid;

use super::{
    Store,
    companions::{notice_row, text_row},
    connect::immediate,
    entity::{directory_request, petition, petitioner, reveal},
    error::{Error, Result},
    list::Scope,
    requests::keep,
    rows::Column,
    trail::Broken,
};
use crate::domain::{
    chain,
    ids::{AccountId, PetitionId},
    reveal::{Looking, Reveal},
    text,
    time::Instant,
};

/// Which looks.
#[derive(Debug, Clone, Default)]
pub struct RevealFilter {
    /// Who looked.
    pub account: Option<AccountId>,
    /// Of which petition.
    pub petition: Option<PetitionId>,
    /// At or after.
    pub from: Option<Instant>,
    /// Before.
    pub until: Option<Instant>,
}

impl Store {
    /// How many identities an account has looked at since an instant.
    pub async fn reveals_since(&self, account: AccountId, since: Instant) -> Result<u64> {
        reveal::Entity::find()
            .filter(reveal::Column::Account.eq(account.0))
            .filter(reveal::Column::At.gte(since))
            .count(&self.connections.read)
            .await
            .map_err(Error::of("count looks"))
    }

    /// Keeps a look: event, reason, notices and request id together. False when the petitioner was erased.
    ///
    /// # Errors
    /// When the database is away; then nothing may be shown.
    pub async fn reveal(&self, looking: &Looking) -> Result<bool> {
        let failed = || Error::of("keep a look");
        let id = looking.reveal.petition;
        let txn = self.connections.write.begin_with_options(immediate()).await.map_err(failed())?;
        let lock = if self.connections.backend == DbBackend::Postgres { " for update" } else { "" };
        let sql = format!("select reveals, head from petitioner where petition = $1{lock}");
        let chain_of = Statement::from_sql_and_values(self.connections.backend, sql, [id.0.into()]);
        let Some(row) = txn.query_one_raw(chain_of).await.map_err(failed())? else { return Ok(false) };
        // Of two that came with one request id the second finds what the first has left.
        if let Some(request) = &looking.request {
            let key = (request.account, request.rpc.to_owned(), request.id);
            if directory_request::Entity::find_by_id(key).one(&txn).await.map_err(failed())?.is_some() {
                return Ok(true);
            }
        }
        let reveals: i64 = row.try_get_by_index(0).map_err(failed())?;
        let head: Option<Vec<u8>> = row.try_get_by_index(1).map_err(failed())?;
        let previous = head.and_then(|head| head.try_into().ok()).unwrap_or([0; 32]);
        let kept = Reveal { seq: reveals + 1, ..looking.reveal.clone() };
        let stored = text::json(&kept);
        let hash = chain::link(&previous, &stored).to_vec();
        let event = reveal::Model {
            petition: id.0,
            seq: kept.seq,
            at: kept.at,
            account: kept.account.0,
            stored,
            hash: hash.clone(),
        };
        event.into_active_model().reset_all().insert(&txn).await.map_err(failed())?;
        text_row(id, &looking.reason).into_active_model().reset_all().insert(&txn).await.map_err(failed())?;
        for notice in &looking.notices {
            let row = notice_row((id, &looking.code), kept.at, notice);
            row.into_active_model().reset_all().insert(&txn).await.map_err(failed())?;
        }
        keep(&txn, looking.request.as_ref(), kept.seq.to_string()).await.map_err(failed())?;
        petitioner::Entity::update_many()
            .col_expr(petitioner::Column::Reveals, Expr::value(kept.seq))
            .col_expr(petitioner::Column::Head, Expr::value(hash))
            .filter(petitioner::Column::Petition.eq(id.0))
            .exec(&txn)
            .await
            .map_err(failed())?;
        txn.commit().await.map_err(failed())?;
        Ok(true)
    }

    /// Looks with tracking codes, newest first.
    pub async fn list_reveals(
        &self,
        scope: &Scope,
        filter: &RevealFilter,
        before: Option<(Instant, Uuid, i64)>,
        limit: u64,
    ) -> Result<Vec<(Reveal, Vec<u8>, String)>> {
        use petition::Column as P;
        use reveal::Column as R;
        let mut condition = Condition::all();
        if let Some(units) = &scope.units {
            let ids: Vec<Uuid> = units.iter().map(|unit| unit.0).collect();
            condition = condition.add(Condition::any().add(P::Focal.is_in(ids.clone())).add(P::Holder.is_in(ids)));
        }
        if !scope.concealed.is_empty() {
            let ids: Vec<Uuid> = scope.concealed.iter().map(|unit| unit.0).collect();
            condition = condition.add(Condition::any().add(P::Concerned.is_null()).add(P::Concerned.is_not_in(ids)));
        }
        if let Some(account) = filter.account {
            condition = condition.add(R::Account.eq(account.0));
        }
        if let Some(petition) = filter.petition {
            condition = condition.add(R::Petition.eq(petition.0));
        }
        if let Some(from) = filter.from {
            condition = condition.add(R::At.gte(from));
        }
        if let Some(until) = filter.until {
            condition = condition.add(R::At.lt(until));
        }
        if let Some((at, petition, seq)) = before {
            let columns = [R::At, R::Petition, R::Seq].map(|column| Expr::col((reveal::Entity, column)));
            let key = Expr::tuple([Expr::value(at), Expr::value(petition), Expr::value(seq)]);
            condition = condition.add(Expr::tuple(columns).lt(key));
        }
        let join = reveal::Entity::belongs_to(petition::Entity).from(R::Petition).to(P::Id);
        let found: Vec<(Uuid, String, Vec<u8>, String)> = reveal::Entity::find()
            .join(JoinType::InnerJoin, join.into())
            .select_only()
            .columns([R::Petition])
            .column(R::Stored)
            .column(R::Hash)
            .column(P::Code)
            .filter(condition)
            .order_by_desc(R::At)
            .order_by_desc(R::Petition)
            .order_by_desc(R::Seq)
            .limit(limit)
            .into_tuple()
            .all(&self.connections.read)
            .await
            .map_err(Error::of("list looks"))?;
        let read = |(petition, stored, hash, code): (Uuid, String, Vec<u8>, String)| {
            let column = Column { table: "reveal", column: "stored", row: petition };
            Ok((column.read(serde_json::from_str(&stored).ok())?, hash, code))
        };
        found.into_iter().map(read).collect()
    }

    /// The first broken link in the chains of looks of some petitions, which have these codes.
    pub(super) async fn verify_reveals(&self, codes: &HashMap<Uuid, String>) -> Result<Option<Broken>> {
        let failed = || Error::of("verify looks");
        let ids: Vec<Uuid> = codes.keys().copied().collect();
        let heads = petitioner::Entity::find()
            .filter(petitioner::Column::Petition.is_in(ids.clone()))
            .filter(petitioner::Column::Reveals.gt(0))
            .all(&self.connections.read)
            .await
            .map_err(failed())?;
        let kept = reveal::Entity::find()
            .filter(reveal::Column::Petition.is_in(ids))
            .order_by_asc(reveal::Column::Petition)
            .order_by_asc(reveal::Column::Seq)
            .all(&self.connections.read)
            .await
            .map_err(failed())?;
        let mut chains: HashMap<Uuid, Vec<reveal::Model>> = HashMap::new();
        for event in kept {
            chains.entry(event.petition).or_default().push(event);
        }
        for row in heads {
            // One that came in after the head was read is not of it yet.
            let mut own = chains.remove(&row.petition).unwrap_or_default();
            own.retain(|event| event.seq <= row.reveals);
            if let Err((seq, problem)) = follow(&own, Some((row.reveals, row.head.as_deref().unwrap_or_default()))) {
                return Ok(Some(broken(row.petition, codes, seq, problem)));
            }
        }
        // Of those erased the chain alone is left, of others looks that nobody's row knows of.
        for (petition, own) in chains {
            if let Err((seq, problem)) = follow(&own, None) {
                return Ok(Some(broken(petition, codes, seq, problem)));
            }
        }
        Ok(None)
    }
}

fn broken(petition: Uuid, codes: &HashMap<Uuid, String>, seq: i64, problem: &str) -> Broken {
    let code = codes.get(&petition).cloned().unwrap_or_default();
    Broken {
        petition: Some(PetitionId(petition)),
        code,
        seq,
        problem: format!("of the looks at the petitioner: {problem}"),
    }
}

/// Follows a chain of looks to its head.
fn follow(events: &[reveal::Model], head: Option<(i64, &[u8])>) -> std::result::Result<(), (i64, &'static str)> {
    let mut last = [0; 32];
    for (expected, event) in (1i64..).zip(events) {
        if event.seq != expected {
            return Err((expected, "is missing"));
        }
        last = chain::link(&last, &event.stored);
        let read: Option<Reveal> = serde_json::from_str(&event.stored).ok();
        let says = |read: &Reveal| {
            (read.petition.0, read.seq, read.at, read.account.0) == (event.petition, event.seq, event.at, event.account)
        };
        if last.as_slice() != event.hash || !read.as_ref().is_some_and(says) {
            return Err((event.seq, "it is not what was kept"));
        }
    }
    match head {
        Some((count, hash)) if events.len() as i64 != count || last.as_slice() != hash => {
            Err((count, "is missing at the end"))
        }
        _ => Ok(()),
    }
}
