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
    words::{self, Channel, Kind, Priority, State, SubjectClass},
};

/// What the caller may see.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Petitions whose focal unit, holder or co-handling unit is one of these; `None` means the whole tree.
    pub units: Option<Vec<UnitId>>,
    /// Petitions that one of these units has, too, for whoever approves for somebody there.
    pub held: Vec<Held>,
    /// Never those whose concerned unit is one of these: the caller stands inside it.
    pub concealed: Concealed,
}

/// Units for which somebody approves in another's place.
#[derive(Debug, Clone, Default)]
pub struct Held {
    /// Petitions whose holder is one of these.
    pub units: Vec<UnitId>,
    /// But for those whose concerned unit is one of these: the other stands inside it.
    pub concealed: Concealed,
}

/// Units whose conduct somebody knows of no petition about.
#[derive(Debug, Clone, Default)]
pub struct Concealed {
    /// Where one stands: whenever it was received.
    pub always: Vec<UnitId>,
    /// Where one was moved away from: what was received before that instant.
    pub before: Vec<(Vec<UnitId>, Instant)>,
}

impl Concealed {
    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.always.is_empty() && self.before.is_empty()
    }
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
    pub kind: Option<Kind>,
    /// Requests of the data subject about the petition of this code.
    pub about: Option<String>,
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
    pub unrouted: bool,
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

    /// Requests of the data subject about a petition, oldest first; none passed over, since they follow the petition.
    pub async fn requests_about(&self, code: &str) -> Result<Vec<Petition>> {
        let found = select().filter(C::About.eq(code)).order_by_asc(C::Id).into_tuple().all(&self.connections.read);
        found.await.map_err(Error::of("read requests"))?.into_iter().map(rows::petition).collect()
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
}

/// Whole petitions.
pub(super) fn select() -> Select<entity::petition::Entity> {
    entity::petition::Entity::find().select_only().columns(rows::PETITION)
}

fn raw(units: &[UnitId]) -> Vec<Uuid> {
    units.iter().map(|unit| unit.0).collect()
}

pub(super) fn scope_condition(scope: &Scope) -> Condition {
    let mut condition = Condition::all();
    if let Some(units) = &scope.units {
        let ids = raw(units);
        let mut any = Condition::any().add(C::Focal.is_in(ids.clone())).add(C::Holder.is_in(ids));
        for unit in units {
            any = any.add(Expr::col(C::CoUnits).like(format!("%{unit}%")));
        }
        for Held { units, concealed } in &scope.held {
            any = any.add(not_concerning(concealed).add(C::Holder.is_in(raw(units))));
        }
        condition = condition.add(any);
    }
    condition.add(not_concerning(&scope.concealed))
}

/// What a supervisor may be told of: co-handling makes nobody answerable.
pub(super) fn overseen(scope: &Scope) -> Condition {
    let mut condition = not_concerning(&scope.concealed);
    if let Some(units) = &scope.units {
        let ids = raw(units);
        condition = condition.add(Condition::any().add(C::Focal.is_in(ids.clone())).add(C::Holder.is_in(ids)));
    }
    condition
}

fn not_concerning(concealed: &Concealed) -> Condition {
    let of_others = |units| Condition::any().add(C::Concerned.is_null()).add(C::Concerned.is_not_in(raw(units)));
    let mut condition = Condition::all();
    if !concealed.always.is_empty() {
        condition = condition.add(of_others(&concealed.always));
    }
    for (units, until) in &concealed.before {
        // A request of the data subject is about an older one.
        let later = Condition::all().add(C::ReceivedAt.gte(*until)).add(C::About.is_null());
        condition = condition.add(of_others(units).add(later));
    }
    condition
}

/// Those whose concerned unit is concealed.
pub(super) fn concerning(concealed: &Concealed) -> Condition {
    let mut condition = Condition::any().add(C::Concerned.is_in(raw(&concealed.always)));
    for (units, until) in &concealed.before {
        let known = Condition::any().add(C::ReceivedAt.lt(*until)).add(C::About.is_not_null());
        condition = condition.add(Condition::all().add(C::Concerned.is_in(raw(units))).add(known));
    }
    condition
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
    condition = equal(condition, C::Kind, filter.kind.map(|kind| kind.as_str()));
    // Said in the words of the partial index.
    if filter.kind == Some(Kind::DataRequest) {
        condition = condition.add(C::About.is_not_null());
    }
    condition = equal(condition, C::About, filter.about.as_deref());
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
    if filter.unrouted {
        condition = condition.add(Expr::col(C::Unrouted));
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
