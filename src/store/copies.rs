//! Where redacted copies belong. What they say is kept with their petitions.

use chrono::NaiveDate;
use sea_orm::{
    ColumnTrait as _, DatabaseTransaction, DbErr, EntityTrait as _, JoinType, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
    sea_query::{Expr, ExprTrait as _},
};

use super::{
    Store, entity,
    entity::redacted_copy::{Column as C, Entity, Model},
    error::{Error, Result},
};
use crate::domain::{
    change::Subject,
    event::Event,
    ids::{CopyId, PetitionId, UnitId},
};

/// The row of a copy that a step shares.
pub(super) fn row(subject: &Subject) -> Option<Model> {
    match &subject.recorded.event {
        Event::CopyShared { copy, unit, shared_on, .. } => {
            Some(Model { id: copy.0, petition: subject.after.id.0, unit: unit.0, shared_on: *shared_on })
        }
        _ => None,
    }
}

/// The copies of a petition whose unit was dissolved are its successor's.
pub(super) async fn succeed(txn: &DatabaseTransaction, subject: &Subject) -> std::result::Result<(), DbErr> {
    let (Event::UnitSucceeded { .. }, Some(before)) = (&subject.recorded.event, &subject.before) else { return Ok(()) };
    let (Some(was), Some(now)) = (before.concerned, subject.after.concerned) else { return Ok(()) };
    if was == now || before.copies.is_empty() {
        return Ok(());
    }
    let moved = Entity::update_many().col_expr(C::Unit, Expr::value(now.0)).filter(C::Unit.eq(was.0));
    moved.filter(C::Petition.eq(before.id.0)).exec(txn).await.map(drop)
}

impl Store {
    /// Copies that were shared with one of these units, newest first, with the petitions that they are of; none of one that
    /// complains of another unit by now.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn copies(
        &self,
        units: &[UnitId],
        before: Option<(NaiveDate, CopyId)>,
        limit: u64,
    ) -> Result<Vec<(CopyId, PetitionId)>> {
        use entity::petition;
        let of = Entity::belongs_to(petition::Entity).from(C::Petition).to(petition::Column::Id);
        let mut query = Entity::find()
            .join(JoinType::InnerJoin, of.into())
            .filter(C::Unit.is_in(units.iter().map(|unit| unit.0)))
            .filter(Expr::col((petition::Entity, petition::Column::Concerned)).equals((Entity, C::Unit)));
        if let Some((day, id)) = before {
            let row = Expr::tuple([Expr::col((Entity, C::SharedOn)), Expr::col((Entity, C::Id))]);
            query = query.filter(row.lt(Expr::tuple([Expr::value(day), Expr::value(id.0)])));
        }
        let found = query
            .order_by_desc(C::SharedOn)
            .order_by_desc(C::Id)
            .limit(limit)
            .all(&self.connections.read)
            .await
            .map_err(Error::of("list redacted copies"))?;
        Ok(found.into_iter().map(|row| (CopyId(row.id), PetitionId(row.petition))).collect())
    }

    /// The petition that a copy is of.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn petition_of_copy(&self, copy: CopyId) -> Result<Option<PetitionId>> {
        let row = Entity::find_by_id(copy.0).one(&self.connections.read).await;
        Ok(row.map_err(Error::of("read a redacted copy"))?.map(|row| PetitionId(row.petition)))
    }
}
