//! Open petitions by the units that they name, and whether any lies with a unit that is dissolved.

use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _, Statement,
    sea_query::Expr,
};
use uuid::Uuid;

use super::{
    Store, entity,
    entity::petition::Column as C,
    error::{Error, Result},
    list::Key,
    rounds::open_after,
    rows::Column,
};
use crate::domain::{
    ids::{PetitionId, UnitId},
    time::Instant,
    unit::Units,
};

/// An open petition, as far as the units go that it names.
#[derive(Debug, Clone)]
pub struct OpenPlaces {
    /// The petition.
    pub id: PetitionId,
    /// When its answer is due.
    pub answer_due: Instant,
    /// Focal unit, holder, co-handling units and the unit complained of.
    pub units: Vec<UnitId>,
}

impl Store {
    /// Open petitions after a key, soonest due first, with the units that they name.
    pub async fn open_places(&self, after: Option<Key>, limit: u64) -> Result<Vec<OpenPlaces>> {
        let found: Vec<(Uuid, Instant, Uuid, Uuid, String, Option<Uuid>)> = open_after(after, limit)
            .columns([C::Id, C::AnswerDueAt, C::Focal, C::Holder, C::CoUnits, C::Concerned])
            .into_tuple()
            .all(&self.connections.read)
            .await
            .map_err(Error::of("look for open petitions"))?;
        let places = |(id, answer_due, focal, holder, co_units, concerned): (_, _, _, _, String, Option<Uuid>)| {
            let column = Column { table: "petition", column: "co_units", row: id };
            // One that cannot be read holds up none of the others; what else its row says of places is known.
            let co_units: Result<Vec<UnitId>> = column.read(serde_json::from_str(&co_units).ok());
            let co_units =
                co_units.inspect_err(|error| tracing::error!(%error, "its co-handling units are passed over"));
            let mut units = co_units.unwrap_or_default();
            units.extend([focal, holder].into_iter().chain(concerned).map(UnitId));
            OpenPlaces { id: PetitionId(id), answer_due, units }
        };
        Ok(found.into_iter().map(places).collect())
    }

    /// Whether an open petition names a unit that is dissolved: it was reopened, or an answer was recalled, after the
    /// job had passed by.
    pub async fn is_any_stranded(&self, units: &Units) -> Result<bool> {
        let failed = || Error::of("look for stranded petitions");
        let closed = "in (select id from unit where state = 'CLOSED')";
        let sql = format!(
            "select 1 from petition where open and (holder {closed} or focal {closed} or concerned {closed}) limit 1"
        );
        let statement = Statement::from_string(self.connections.backend, sql);
        if self.connections.read.query_one_raw(statement).await.map_err(failed())?.is_some() {
            return Ok(true);
        }
        let together: Vec<String> = entity::petition::Entity::find()
            .select_only()
            .column(C::CoUnits)
            .distinct()
            .filter(Expr::col(C::Open))
            .filter(C::CoUnits.ne("[]"))
            .into_tuple()
            .all(&self.connections.read)
            .await
            .map_err(failed())?;
        let lists = together.iter().filter_map(|units| serde_json::from_str::<Vec<UnitId>>(units).ok());
        Ok(lists.flatten().any(|unit| units.is_closed(unit)))
    }
}
