//! Rows of units and of grants, as steps on the directory write them.

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, DatabaseTransaction, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _,
    sea_query::{Expr, ExprTrait as _},
};

use super::{batch::insert, directory::DirectoryError, entity, rounds};
use crate::domain::{
    account::Grant,
    ids::{AccountId, GrantId, UnitId},
    text::json,
    time::Instant,
    unit::Unit,
    words::{self, UnitState},
};

fn row(unit: &Unit) -> entity::unit::Model {
    entity::unit::Model {
        id: unit.id.0,
        code: unit.code.clone(),
        parent: unit.parent.map(|id| id.0),
        level: unit.level.as_str().to_owned(),
        name: unit.name.clone(),
        short_name: unit.short_name.clone(),
        name_en: unit.name_en.clone(),
        mailbox: unit.mailbox.clone(),
        focal: unit.focal,
        national_code: unit.national_code.clone(),
        short_name_en: unit.short_name_en.clone(),
        valid_from: unit.valid_from,
        closed_on: unit.closed_on,
        state: unit.state.as_str().to_owned(),
        successors: unit.successors.as_ref().map(json),
    }
}

/// Adds units, parents before children.
pub(super) async fn add(txn: &DatabaseTransaction, units: &[&Unit]) -> Result<(), DirectoryError> {
    let rows = units.iter().map(|unit| row(unit)).collect();
    if insert::<entity::unit::Entity>(txn, rows).await? { Ok(()) } else { Err(DirectoryError::Conflict) }
}

/// The unit above a unit.
pub(super) async fn parent_of(txn: &DatabaseTransaction, unit: UnitId) -> Result<Option<UnitId>, DirectoryError> {
    let row = entity::unit::Entity::find_by_id(unit.0).one(txn).await?;
    Ok(row.and_then(|row| row.parent).map(UnitId))
}

/// Writes a unit anew. What is dissolved has its open petitions moved: the job begins, anew if it is under way.
pub(super) async fn set(txn: &DatabaseTransaction, unit: &Unit, now: Instant) -> Result<(), DirectoryError> {
    row(unit).into_active_model().reset_all().update(txn).await?;
    if unit.state == UnitState::Closed {
        rounds::begin(txn, rounds::JobName::Succeed, now).await?;
    }
    Ok(())
}

/// Makes a grant, unless the account has that role over the unit at some time of it.
pub(super) async fn grant(txn: &DatabaseTransaction, grant: &Grant) -> Result<(), DirectoryError> {
    use entity::account_grant::{Column as C, Entity};
    let same = Entity::find()
        .filter(C::Account.eq(grant.account.0))
        .filter(C::Role.eq(grant.role.as_str()))
        .filter(C::Unit.eq(grant.unit.0));
    if same.all(txn).await?.iter().filter_map(read).any(|other| other.overlaps(grant)) {
        return Err(DirectoryError::Conflict);
    }
    let row = entity::account_grant::Model {
        id: grant.id.0,
        account: grant.account.0,
        role: grant.role.as_str().to_owned(),
        unit: grant.unit.0,
        valid_from: grant.from,
        valid_until: grant.until,
    };
    row.into_active_model().reset_all().insert(txn).await?;
    Ok(())
}

/// A grant, unless its role is none.
pub(super) fn read(row: &entity::account_grant::Model) -> Option<Grant> {
    Some(Grant {
        id: GrantId(row.id),
        account: AccountId(row.account),
        role: words::read(&row.role)?,
        unit: UnitId(row.unit),
        from: row.valid_from,
        until: row.valid_until,
    })
}

/// Ends a grant, unless it has ended.
pub(super) async fn revoke(txn: &DatabaseTransaction, grant: GrantId, now: Instant) -> Result<(), DirectoryError> {
    use entity::account_grant::{Column as C, Entity};
    let lasts = C::ValidUntil.is_null().or(C::ValidUntil.gt(now));
    let ended = Entity::update_many().col_expr(C::ValidUntil, Expr::value(now)).filter(C::Id.eq(grant.0));
    ended.filter(lasts).exec(txn).await?;
    Ok(())
}
