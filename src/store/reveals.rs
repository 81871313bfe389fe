//! Looks at sealed identities: kept before anything is shown, listed, and checked.

use std::collections::{HashMap, HashSet};

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait as _, DbBackend, DbErr, EntityTrait as _,
    IntoActiveModel as _, JoinType, PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    Statement, TransactionTrait as _,
    sea_query::{Expr, ExprTrait as _},
};
use uuid::Uuid;

use super::{
    Store,
    batch::fill,
    commit::reference_version,
    companions::text_row,
    connect::immediate,
    entity::{directory_request, petition, petitioner, reveal, text as text_entity},
    error::{Error, Result},
    follow::stored_text,
    list::{Scope, overseen},
    notices,
    requests::keep,
    rows::Column,
    trail::Broken,
};
use crate::domain::{
    chain,
    ids::{AccountId, PetitionId},
    reveal::{Kept, Looking, Looks, Reveal, SAME_LOOK},
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
    /// Keeps a look: event, reason, notices and request id together.
    ///
    /// # Errors
    /// When the database is away; then nothing may be shown.
    pub async fn reveal(&self, looking: &Looking) -> Result<Kept> {
        let failed = || Error::of("keep a look");
        let id = looking.reveal.petition;
        let txn = self.connections.write.begin_with_options(immediate()).await.map_err(failed())?;
        let lock = if self.connections.backend == DbBackend::Postgres { " for update" } else { "" };
        // Nobody is shown anything upon a stale copy: a role may have been taken away, or the case have become one that
        // complains of the looker's own unit.
        let reference = reference_version(&txn).await.map_err(failed())?;
        let now = petition::Entity::find_by_id(id.0).select_only().column(petition::Column::Seq).into_tuple();
        let seq: Option<i64> = now.one(&txn).await.map_err(failed())?;
        if seq.map(|seq| (reference, seq)) != Some(looking.upon) {
            return Ok(Kept::Moved);
        }
        // One account after another: of many looks at once each is counted, and each request id is found used. Then the
        // petitioner's row, in one order.
        let sql = format!("select 1 from account where id = $1{lock}");
        let account = [looking.reveal.account.0.into()];
        txn.query_one_raw(Statement::from_sql_and_values(self.connections.backend, sql, account))
            .await
            .map_err(failed())?;
        let sql = format!("select reveals, head from petitioner where petition = $1 and erased_at is null{lock}");
        let chain_of = Statement::from_sql_and_values(self.connections.backend, sql, [id.0.into()]);
        let Some(row) = txn.query_one_raw(chain_of).await.map_err(failed())? else { return Ok(Kept::Erased) };
        if let Some(request) = &looking.request {
            let key = (request.account, request.rpc.to_owned(), request.id);
            if let Some(used) = directory_request::Entity::find_by_id(key).one(&txn).await.map_err(failed())? {
                let same = used.content == request.content && used.at + SAME_LOOK > request.at;
                return Ok(if same { Kept::Before } else { Kept::Reused });
            }
        }
        let reveals: i64 = row.try_get_by_index(0).map_err(failed())?;
        let head: Option<Vec<u8>> = row.try_get_by_index(1).map_err(failed())?;
        let damaged = || failed()(DbErr::Custom("the head of the chain is damaged".to_owned()));
        let previous = match head {
            None if reveals == 0 => [0; 32],
            head => head.and_then(|head| head.try_into().ok()).ok_or_else(damaged)?,
        };
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
        let today = reveal::Entity::find()
            .filter(reveal::Column::Account.eq(looking.reveal.account.0))
            .filter(reveal::Column::At.gte(looking.today));
        // This one among them.
        let above = today.count(&txn).await.map_err(failed())? > looking.a_day;
        let told = looking.notices.iter().filter(|_| above).map(|notice| ((id, looking.code.as_str()), notice));
        for row in notices::rows(told) {
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
        Ok(Kept::Now)
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
        let mut condition = overseen(scope);
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

    /// The first broken link in the chains of looks of some petitions, which have these codes; of those that an event
    /// says were erased with what it says; with their texts.
    pub(super) async fn verify_reveals(
        &self,
        codes: &HashMap<Uuid, String>,
        erased: &HashMap<Uuid, (i64, Looks)>,
        texts: &HashMap<Uuid, text_entity::Model>,
    ) -> Result<Option<Broken>> {
        let failed = || Error::of("verify looks");
        let ids: Vec<Uuid> = codes.keys().copied().collect();
        let heads = petitioner::Entity::find()
            .filter(petitioner::Column::Petition.is_in(ids.clone()))
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
        let mut unsaid: Vec<(Uuid, i64, Uuid)> = Vec::new();
        let mut unknown: HashSet<Uuid> = codes.keys().copied().collect();
        for row in heads {
            unknown.remove(&row.petition);
            if let Err((seq, problem)) = stands(&row, erased.get(&row.petition)) {
                let code = codes.get(&row.petition).cloned().unwrap_or_default();
                let petition = Some(PetitionId(row.petition));
                return Ok(Some(Broken { petition, code, seq, problem: problem.to_owned() }));
            }
            let own = chains.remove(&row.petition).unwrap_or_default();
            let known = row.head.as_deref().unwrap_or(&[0; 32]);
            let mut head = Some((row.reveals, known));
            if let Some(beyond) = own.iter().find(|event| event.seq > row.reveals) {
                // It came in after the head was read, or the head was put back.
                let again = petitioner::Entity::find_by_id(row.petition).one(&self.connections.read).await;
                let again = again.map_err(failed())?.map_or(0, |again| again.reveals);
                if again < beyond.seq {
                    return Ok(Some(broken(row.petition, codes, beyond.seq, "the head does not know of it")));
                }
                head = None;
            }
            match follow(&own, head, texts) {
                Err((seq, problem)) => return Ok(Some(broken(row.petition, codes, seq, problem))),
                Ok(_) if row.erased_at.is_some() => {}
                Ok(reasons) => unsaid.extend(reasons.into_iter().map(|(seq, reason)| (row.petition, seq, reason))),
            }
        }
        // One that was not there may have come in with its look after the texts were read.
        let reasons = unsaid.iter().map(|(.., reason)| *reason).collect();
        let there: Vec<Uuid> = text_entity::Entity::find()
            .select_only()
            .column(text_entity::Column::Id)
            .filter(text_entity::Column::Id.is_in(fill(reasons)))
            .into_tuple()
            .all(&self.connections.read)
            .await
            .map_err(failed())?;
        if let Some((petition, seq, _)) = unsaid.iter().find(|(.., reason)| !there.contains(reason)) {
            return Ok(Some(broken(*petition, codes, *seq, "its reason is gone")));
        }
        let gone = unknown.into_iter().min();
        Ok(gone.map(|petition| Broken {
            petition: Some(PetitionId(petition)),
            code: codes.get(&petition).cloned().unwrap_or_default(),
            seq: 1,
            problem: "the petitioner's record is gone".to_owned(),
        }))
    }
}

/// Whether a petitioner's row is whole, or emptied by an event that pins where its looks ended.
fn stands(row: &petitioner::Model, erased: Option<&(i64, Looks)>) -> std::result::Result<(), (i64, &'static str)> {
    let hashes = [&row.subject_hash, &row.email_hash, &row.phone_hash];
    let empty = row.sealed.is_empty() && row.masked_name.is_empty() && hashes.iter().all(|hash| hash.is_none());
    match erased {
        None if row.erased_at.is_some() || row.sealed.is_empty() => {
            Err((1, "the petitioner's record is empty, and no event says that it was erased"))
        }
        Some((seq, _)) if row.erased_at.is_none() || !empty => {
            Err((*seq, "the petitioner's record that it says was erased is there"))
        }
        Some((seq, looks)) => {
            let head = row.head.as_deref().map(text::hex).unwrap_or_default();
            let same = (looks.count, &looks.head) == (row.reveals, &head);
            if same { Ok(()) } else { Err((*seq, "the looks at the petitioner do not end where it says")) }
        }
        None => Ok(()),
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

/// Follows a chain of looks to its head; gives the reasons that are not there, with the numbers of their looks.
fn follow(
    events: &[reveal::Model],
    head: Option<(i64, &[u8])>,
    texts: &HashMap<Uuid, text_entity::Model>,
) -> std::result::Result<Vec<(i64, Uuid)>, (i64, &'static str)> {
    let mut last = [0; 32];
    let mut missing = Vec::new();
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
        let Some(named) = read.map(|read| read.reason) else { continue };
        match texts.get(&named.id.0) {
            Some(text) if stored_text(text).is_none_or(|text| text.reference() != named) => {
                return Err((event.seq, "its reason has been changed"));
            }
            Some(_) => {}
            None => missing.push((event.seq, named.id.0)),
        }
    }
    match head {
        Some((count, _)) if i64::try_from(events.len()).ok() != Some(count) => Err((count, "is missing at the end")),
        Some((count, hash)) if last.as_slice() != hash => Err((count, "the head is not its hash")),
        _ => Ok(missing),
    }
}
