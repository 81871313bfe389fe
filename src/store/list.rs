//! Lists and counts of petitions.

use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, Order, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select,
    sea_query::{Expr, ExprTrait as _, LikeExpr, Query},
};
use uuid::Uuid;

use super::{
    Store, entity,
    entity::petition::Column as C,
    error::{Error, Result},
    rows,
};
use crate::domain::{
    fold::fold,
    ids::{AccountId, PetitionId, TextId, UnitId},
    petition::Petition,
    time::Instant,
    words::{self, Channel, Priority, State, SubjectClass},
};

/// What the caller may see.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Petitions whose focal unit, holder or co-handling unit is one of these; `None` means the whole tree.
    pub units: Option<Vec<UnitId>>,
    /// Never those whose concerned unit is one of these: the caller stands inside it.
    pub concealed: Vec<UnitId>,
}

/// Which petitions. What is `None`, empty or false does not narrow.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "see PetitionFilter of the contract")]
pub struct Filter {
    /// None means every state.
    pub states: Option<Vec<State>>,
    /// Holder or focal unit is one of these.
    pub units: Option<Vec<UnitId>>,
    /// Any of these.
    pub fields: Option<Vec<String>>,
    pub class: Option<SubjectClass>,
    pub channel: Option<Channel>,
    pub handler: Option<AccountId>,
    pub priority: Option<Priority>,
    pub due_before: Option<Instant>,
    /// Open and past due at this instant.
    pub overdue_at: Option<Instant>,
    pub received_from: Option<Instant>,
    pub received_until: Option<Instant>,
    pub unpublished: bool,
    pub text: String,
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Due of the answer, soonest first.
    Due,
    /// Receipt, newest first.
    Newest,
    /// Receipt, oldest first.
    Oldest,
}

/// The last row of the page before.
pub type Key = (Instant, PetitionId);

impl By {
    /// Where a petition stands in this order.
    pub const fn key(self, petition: &Petition) -> Key {
        match self {
            Self::Due => (petition.answer_due.at, petition.id),
            Self::Newest | Self::Oldest => (petition.received_at, petition.id),
        }
    }
}

const OPEN: [State; 6] = [
    State::Submitted,
    State::NeedsInformation,
    State::Accepted,
    State::Assigned,
    State::InProgress,
    State::AwaitingApproval,
];

impl Store {
    /// A page of petitions with their titles. One that cannot be read is logged and passed over.
    pub async fn list(
        &self,
        scope: &Scope,
        filter: &Filter,
        by: By,
        after: Option<Key>,
        limit: u64,
    ) -> Result<Vec<(Petition, String)>> {
        let column = if by == By::Due { C::AnswerDueAt } else { C::ReceivedAt };
        let order = if by == By::Newest { Order::Desc } else { Order::Asc };
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let (mut found, mut after) = (Vec::new(), after.map(|(at, id)| (at, id.0)));
        loop {
            let mut condition = scope_condition(scope).add(filter_condition(filter));
            if let Some((at, id)) = after {
                let row = Expr::tuple([Expr::col(column), Expr::col(C::Id)]);
                let key = Expr::tuple([Expr::value(at), Expr::value(id)]);
                condition = condition.add(if by == By::Newest { row.lt(key) } else { row.gt(key) });
            }
            let missing = wanted - found.len();
            let rows: Vec<(Uuid, Vec<u8>, String, String, Instant)> = select()
                .column(column)
                .filter(condition)
                .order_by(column, order.clone())
                .order_by(C::Id, order.clone())
                .limit(u64::try_from(missing).unwrap_or(limit))
                .into_tuple()
                .all(&self.connections.read)
                .await
                .map_err(Error::of("list petitions"))?;
            let whole = rows.len() == missing;
            after = rows.last().map(|(id, .., at)| (*at, *id));
            found.extend(
                rows.into_iter().filter_map(|(id, head, clocks, detail, _)| rows::readable((id, head, clocks, detail))),
            );
            // In the place of those that cannot be read others move up: a page is short at the end alone.
            if !whole || found.len() == wanted {
                return self.with_titles(found).await;
            }
        }
    }

    /// The petitions of a portal's user, newest first.
    pub async fn list_own(
        &self,
        portal: AccountId,
        subject: &str,
        before: Option<PetitionId>,
        limit: u64,
    ) -> Result<Vec<(Petition, String)>> {
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let (mut found, mut before) = (Vec::new(), before);
        loop {
            let missing = wanted - found.len();
            let asked = u64::try_from(missing).unwrap_or(limit);
            let ids = self.petitions_of_user(portal, subject, before, asked).await?;
            let whole = ids.len() == missing;
            before = ids.last().copied().map(PetitionId);
            found.extend(self.by_ids(ids).await?);
            if !whole || found.len() == wanted {
                return Ok(found);
            }
        }
    }

    /// Petitions by id, in the order of the ids, with their titles. One that cannot be read is logged and passed over.
    pub(super) async fn by_ids(&self, ids: Vec<Uuid>) -> Result<Vec<(Petition, String)>> {
        let found = select()
            .filter(C::Id.is_in(ids.clone()))
            .into_tuple()
            .all(&self.connections.read)
            .await
            .map_err(Error::of("read petitions"))?;
        let mut found: Vec<Petition> = found.into_iter().filter_map(rows::readable).collect();
        found.sort_by_key(|petition| ids.iter().position(|id| *id == petition.id.0));
        self.with_titles(found).await
    }

    async fn with_titles(&self, found: Vec<Petition>) -> Result<Vec<(Petition, String)>> {
        let ids: Vec<Uuid> = found.iter().map(|petition| petition.submission.0).collect();
        let titles: std::collections::HashMap<Uuid, String> = entity::text::Entity::find()
            .select_only()
            .columns([entity::text::Column::Id, entity::text::Column::Title])
            .filter(entity::text::Column::Id.is_in(super::batch::fill(ids)))
            .into_tuple::<(Uuid, String)>()
            .all(&self.connections.read)
            .await
            .map_err(Error::of("read titles"))?
            .into_iter()
            .collect();
        let title = |id: TextId| titles.get(&id.0).cloned().unwrap_or_default();
        Ok(found
            .into_iter()
            .map(|petition| {
                let title = title(petition.submission);
                (petition, title)
            })
            .collect())
    }

    /// How many petitions the filter finds, by state.
    pub async fn count(&self, scope: &Scope, filter: &Filter) -> Result<Vec<(State, i64)>> {
        let counted = entity::petition::Entity::find()
            .select_only()
            .column(C::State)
            .column_as(C::Id.count(), "count")
            .filter(scope_condition(scope).add(filter_condition(filter)))
            .group_by(C::State)
            .into_tuple::<(String, i64)>()
            .all(&self.connections.read)
            .await
            .map_err(Error::of("count petitions"))?;
        let read = |(state, count): (String, i64)| words::read(&state).map(|state| (state, count));
        let mut counted: Vec<(State, i64)> = counted.into_iter().filter_map(read).collect();
        counted.sort();
        Ok(counted)
    }

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
    let handed = letter(L::Status).eq("HANDOVER").and(letter(L::OrderedAt).lte(before));
    let delivered = Query::select()
        .expr(Expr::value(1))
        .from(Letter)
        .and_where(letter(L::Petition).equals((entity::petition::Entity, C::Id)))
        .and_where(letter(L::Kind).eq("answer"))
        .and_where(settled.or(handed))
        .to_owned();
    Expr::cust("state = 'ANSWERED'").and(C::EndedAt.lte(before)).and(Expr::exists(delivered))
}

/// Whole petitions.
pub(super) fn select() -> Select<entity::petition::Entity> {
    entity::petition::Entity::find().select_only().columns(rows::PETITION)
}

fn raw(units: &[UnitId]) -> Vec<Uuid> {
    units.iter().map(|unit| unit.0).collect()
}

fn scope_condition(scope: &Scope) -> Condition {
    let mut condition = Condition::all();
    if let Some(units) = &scope.units {
        let ids = raw(units);
        let mut any = Condition::any().add(C::Focal.is_in(ids.clone())).add(C::Holder.is_in(ids));
        for unit in units {
            any = any.add(Expr::col(C::CoUnits).like(format!("%{unit}%")));
        }
        condition = condition.add(any);
    }
    condition.add(not_concealed(scope))
}

/// What a supervisor may be told of: co-handling makes nobody answerable.
pub(super) fn overseen(scope: &Scope) -> Condition {
    let mut condition = not_concealed(scope);
    if let Some(units) = &scope.units {
        let ids = raw(units);
        condition = condition.add(Condition::any().add(C::Focal.is_in(ids.clone())).add(C::Holder.is_in(ids)));
    }
    condition
}

fn not_concealed(scope: &Scope) -> Condition {
    let condition = Condition::all();
    if scope.concealed.is_empty() {
        return condition;
    }
    condition.add(Condition::any().add(C::Concerned.is_null()).add(C::Concerned.is_not_in(raw(&scope.concealed))))
}

fn filter_condition(filter: &Filter) -> Condition {
    let mut condition = Condition::all();
    match &filter.states {
        // Said in the words of the partial indexes.
        Some(states) if states.as_slice() == OPEN => condition = condition.add(Expr::col(C::Open)),
        Some(states) => {
            condition = condition.add(C::State.is_in(states.iter().map(|state| state.as_str())));
            if states.iter().all(|state| state.is_open()) {
                condition = condition.add(Expr::col(C::Open));
            }
        }
        None => {}
    }
    let equal = |condition: Condition, column: C, value: Option<&str>| match value {
        Some(value) => condition.add(column.eq(value)),
        None => condition,
    };
    if let Some(fields) = &filter.fields {
        condition = condition.add(C::Field.is_in(fields));
    }
    condition = equal(condition, C::Class, filter.class.map(|class| class.as_str()));
    condition = equal(condition, C::Channel, filter.channel.map(|channel| channel.as_str()));
    condition = equal(condition, C::Priority, filter.priority.map(|priority| priority.as_str()));
    if let Some(units) = &filter.units {
        let ids = raw(units);
        condition = condition.add(Condition::any().add(C::Holder.is_in(ids.clone())).add(C::Focal.is_in(ids)));
    }
    if let Some(handler) = filter.handler {
        condition = condition.add(C::Handler.eq(handler.0));
    }
    if let Some(before) = filter.due_before {
        condition = condition.add(C::AnswerDueAt.lt(before));
    }
    if let Some(now) = filter.overdue_at {
        condition = condition.add(Expr::col(C::Open)).add(C::AnswerDueAt.lte(now));
    }
    if let Some(from) = filter.received_from {
        condition = condition.add(C::ReceivedAt.gte(from));
    }
    if let Some(until) = filter.received_until {
        condition = condition.add(C::ReceivedAt.lt(until));
    }
    if filter.unpublished {
        condition = condition
            .add(C::State.is_in([State::Answered.as_str(), State::Closed.as_str()]))
            .add(C::Publication.is_in(["NONE", "PROPOSED"]));
    }
    let text = fold(&filter.text);
    if text.is_empty() { condition } else { condition.add(mentions(&text)) }
}

/// Whether the submission has each of the folded words somewhere. Folded text has no wildcards in it.
fn mentions(text: &str) -> Expr {
    let mut found = Query::select()
        .expr(Expr::value(1))
        .from(entity::text::Entity)
        .and_where(
            Expr::col((entity::text::Entity, entity::text::Column::Id))
                .equals((entity::petition::Entity, C::Submission)),
        )
        .to_owned();
    for word in text.split_whitespace() {
        let folded = Expr::col((entity::text::Entity, entity::text::Column::Folded));
        found.and_where(folded.like(LikeExpr::new(format!("%{word}%"))));
    }
    Expr::exists(found)
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectionTrait as _, DbBackend, QueryTrait as _, Statement};
    use sea_orm_migration::MigratorTrait as _;

    use super::*;

    /// What is looked for every minute is found through an index, in the order in which it is wanted.
    #[tokio::test]
    async fn what_workers_look_for_is_looked_up() {
        let db = sea_orm::Database::connect("sqlite::memory:").await.unwrap();
        pakn_migrations::Migrator::up(&db, None).await.unwrap();
        let now = Instant::UNIX_EPOCH;
        let key = Some((now, PetitionId(Uuid::nil())));
        for (condition, by, index) in [
            (C::WatchAt.lte(now), C::WatchAt, "petition_watch"),
            (lapsed_at(now), C::ReplyByAt, "petition_reply_by"),
            (delivered_by(now), C::EndedAt, "petition_answered"),
        ] {
            for after in [None, key] {
                let asked = paged(condition.clone(), by, after, 128).build(DbBackend::Sqlite);
                let explain = format!("explain query plan {}", asked.sql);
                let values = asked.values.map(|values| values.0).unwrap_or_default();
                let explain = Statement::from_sql_and_values(DbBackend::Sqlite, explain, values);
                let rows = db.query_all_raw(explain).await.unwrap();
                let plan: Vec<String> = rows.iter().map(|row| row.try_get_by_index(3).unwrap()).collect();
                let wanted = format!("SEARCH petition USING INDEX {index} ");
                assert!(plan.iter().any(|step| step.starts_with(&wanted)), "{plan:?}");
                assert!(plan.iter().all(|step| !step.contains("TEMP B-TREE") && !step.contains("SCAN")), "{plan:?}");
            }
        }
    }
}
