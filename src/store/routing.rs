//! Routing: rows of rules, what rules read of submissions, and what was answered before.

use std::collections::HashMap;

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, DatabaseTransaction, EntityTrait as _, IntoActiveModel as _, Order,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::{Expr, ExprTrait as _},
};
use uuid::Uuid;

use super::{
    Store,
    batch::{LARGEST, fill},
    directory::DirectoryError,
    entity::{self, petition::Column as C, routing_rule::Model},
    error::{Error, Result},
    list::{Key, Scope, scope_condition},
};
use crate::domain::{
    ids::{PetitionId, UnitId},
    likeness::{Compared, LEAST, keys},
    petition::Petition,
    routing::{Answered, Rule, Written},
    text::{Submission, json},
    time::Instant,
    words::{self, State, SubjectClass},
};

/// Petitions that one key leads to at the most, the newest: many of those are not answered yet.
const A_KEY: u64 = 200;
/// Petitions that are looked at more closely, those that share most keys.
const CLOSER: usize = 384;
/// Answered petitions whose texts are compared.
const COMPARED: usize = 32;

fn row(rule: &Rule, position: i64) -> Model {
    Model {
        code: rule.code.clone(),
        name: rule.name.clone(),
        focal: rule.focal.0,
        unit: rule.unit.0,
        priority: i32::try_from(rule.priority).unwrap_or(i32::MAX),
        valid_from: rule.from,
        valid_until: rule.until,
        conditions: json(&rule.conditions),
        position,
    }
}

/// Adds a rule.
pub(super) async fn add(txn: &DatabaseTransaction, rule: &Rule, position: i64) -> Result<(), DirectoryError> {
    row(rule, position).into_active_model().reset_all().insert(txn).await?;
    Ok(())
}

/// Writes a rule anew, in its place.
pub(super) async fn set(txn: &DatabaseTransaction, rule: &Rule) -> Result<(), DirectoryError> {
    let mut anew = row(rule, 0).into_active_model().reset_all();
    anew.position = sea_orm::ActiveValue::NotSet;
    anew.update(txn).await?;
    Ok(())
}

/// A rule of its row.
pub(super) fn rule(row: Model) -> Result<Rule> {
    let unread = || Error::Corrupt { table: "routing_rule", column: "conditions", row: row.code.clone() };
    Ok(Rule {
        conditions: serde_json::from_str(&row.conditions).map_err(|_| unread())?,
        priority: u32::try_from(row.priority).map_err(|_| unread())?,
        code: row.code,
        name: row.name,
        focal: UnitId(row.focal),
        unit: UnitId(row.unit),
        from: row.valid_from,
        until: row.valid_until,
    })
}

/// What of a petition that was received tells whether to read more of it.
#[derive(Debug, Clone, Copy)]
pub struct Received {
    /// When, and which.
    pub key: Key,
    /// By which focal unit it is dispatched.
    pub focal: UnitId,
}

impl Store {
    /// What rules read of submissions, by petition; none of what was erased.
    ///
    /// # Errors
    /// When the database is away or a row is corrupt; so for all that follows.
    pub async fn written(&self, petitions: &[PetitionId]) -> Result<HashMap<PetitionId, Written>> {
        use entity::{petitioner, text};
        let mut written = HashMap::with_capacity(petitions.len());
        for chunk in petitions.chunks(LARGEST) {
            let ids = fill(chunk.iter().map(|id| id.0).collect::<Vec<_>>());
            let submission =
                entity::petition::Entity::belongs_to(text::Entity).from(C::Submission).to(text::Column::Id);
            let petitioner =
                entity::petition::Entity::belongs_to(petitioner::Entity).from(C::Id).to(petitioner::Column::Petition);
            let found: Vec<(Uuid, String, String, Option<String>)> = entity::petition::Entity::find()
                .select_only()
                .column(C::Id)
                .columns([text::Column::Body, text::Column::Folded])
                .column(petitioner::Column::Kind)
                .join(sea_orm::JoinType::InnerJoin, submission.into())
                .join(sea_orm::JoinType::LeftJoin, petitioner.into())
                .filter(C::Id.is_in(ids))
                .into_tuple()
                .all(&self.connections.read)
                .await
                .map_err(Error::of("read what was submitted"))?;
            written.extend(found.into_iter().map(|(id, body, folded, kind)| {
                let place = Submission::read("", &body).place;
                let petitioner = kind.and_then(|kind| words::read(&kind));
                (PetitionId(id), Written { place, folded, petitioner })
            }));
        }
        Ok(written)
    }

    /// Petitions that were answered and whose texts resemble one's: of those that somebody sees; of a petition whose class
    /// is known, only those that complain of conduct as it does, or as it does not.
    pub async fn answered_alike(&self, petition: &Petition, folded: &str, scope: &Scope) -> Result<Vec<Answered>> {
        let failed = || Error::of("look for what was answered");
        let sharing = self.sharing(&keys(folded), petition.id.0, (A_KEY, CLOSER)).await?;
        let ended = [State::Answered, State::Closed].map(State::as_str);
        let conduct = SubjectClass::ALL.iter().filter(|class| class.concerns_conduct());
        let conduct = C::Class.is_in(conduct.map(|class| class.as_str()));
        let alike = petition.class.map(|class| if class.concerns_conduct() { conduct } else { conduct.not() });
        let mut found: HashMap<Uuid, (Uuid, Uuid)> = HashMap::new();
        for chunk in sharing.chunks(LARGEST) {
            let rows: Vec<(Uuid, Uuid, Uuid)> = entity::petition::Entity::find()
                .select_only()
                .columns([C::Id, C::Holder, C::Submission])
                .filter(C::Id.is_in(fill(chunk.to_vec())))
                .filter(C::State.is_in(ended))
                .filter(scope_condition(scope).add_option(alike.clone()))
                .into_tuple()
                .all(&self.connections.read)
                .await
                .map_err(failed())?;
            found.extend(rows.into_iter().map(|(id, holder, text)| (id, (text, holder))));
            if found.len() >= COMPARED {
                break;
            }
        }
        let chosen = sharing.iter().filter_map(|id| found.get(id)).take(COMPARED);
        let by_text: HashMap<Uuid, Uuid> = chosen.copied().collect();
        if by_text.is_empty() {
            return Ok(Vec::new());
        }
        use entity::text::{Column as T, Entity as Text};
        let texts: Vec<(Uuid, String)> = Text::find()
            .select_only()
            .columns([T::Id, T::Folded])
            .filter(T::Id.is_in(fill(by_text.keys().copied().collect())))
            .into_tuple()
            .all(&self.connections.read)
            .await
            .map_err(failed())?;
        let own = Compared::new(folded);
        let compared = texts.into_iter().filter_map(|(id, other)| {
            let resemblance = own.resemblance(&other);
            let unit = UnitId(*by_text.get(&id)?);
            (resemblance >= LEAST).then_some(Answered { unit, resemblance })
        });
        Ok(compared.collect())
    }

    /// Petitions before a key, the last received first.
    pub async fn received(&self, before: Option<Key>, limit: u64) -> Result<Vec<Received>> {
        let mut query = entity::petition::Entity::find().select_only().columns([C::ReceivedAt, C::Id, C::Focal]);
        // No rule is asked of what data subjects ask.
        query = query.filter(C::About.is_null());
        if let Some((at, id)) = before {
            let row = Expr::tuple([Expr::col(C::ReceivedAt), Expr::col(C::Id)]);
            query = query.filter(row.lt(Expr::tuple([Expr::value(at), Expr::value(id.0)])));
        }
        let found: Vec<(Instant, Uuid, Uuid)> = query
            .order_by(C::ReceivedAt, Order::Desc)
            .order_by(C::Id, Order::Desc)
            .limit(limit)
            .into_tuple()
            .all(&self.connections.read)
            .await
            .map_err(Error::of("look at what was received"))?;
        let received = |(at, id, focal)| Received { key: (at, PetitionId(id)), focal: UnitId(focal) };
        Ok(found.into_iter().map(received).collect())
    }
}
