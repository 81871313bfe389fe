//! Rows of delegations, as steps on the directory write them and the reference data has them.

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, DatabaseTransaction, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, sea_query::Expr,
};

use super::{
    directory::DirectoryError,
    entity::delegation::{Column as C, Entity, Model},
};
use crate::domain::{
    delegation::Delegation,
    ids::{AccountId, DelegationId, GrantId, UnitId},
    time::Instant,
    words,
};

/// Makes a delegation, unless there is one like it at some time of it.
pub(super) async fn make(txn: &DatabaseTransaction, delegation: &Delegation) -> Result<(), DirectoryError> {
    let same = Entity::find()
        .filter(C::Delegator.eq(delegation.delegator.0))
        .filter(C::Delegate.eq(delegation.delegate.0))
        .filter(C::Unit.eq(delegation.unit.0));
    if same.all(txn).await?.iter().filter_map(read).any(|other| other.overlaps(delegation)) {
        return Err(DirectoryError::Conflict);
    }
    let row = Model {
        id: delegation.id.0,
        approver_grant: delegation.grant.0,
        delegator: delegation.delegator.0,
        delegate: delegation.delegate.0,
        unit: delegation.unit.0,
        capacity: delegation.capacity.as_str().to_owned(),
        valid_from: delegation.from,
        valid_until: delegation.until,
    };
    row.into_active_model().reset_all().insert(txn).await?;
    Ok(())
}

/// Ends a delegation, unless it has ended.
pub(super) async fn revoke(txn: &DatabaseTransaction, id: DelegationId, now: Instant) -> Result<(), DirectoryError> {
    let ended = Entity::update_many().col_expr(C::ValidUntil, Expr::value(now)).filter(C::Id.eq(id.0));
    ended.filter(C::ValidUntil.gt(now)).exec(txn).await?;
    Ok(())
}

/// A delegation, unless its capacity is none.
pub(super) fn read(row: &Model) -> Option<Delegation> {
    Some(Delegation {
        id: DelegationId(row.id),
        grant: GrantId(row.approver_grant),
        delegator: AccountId(row.delegator),
        delegate: AccountId(row.delegate),
        unit: UnitId(row.unit),
        capacity: words::read(&row.capacity)?,
        from: row.valid_from,
        until: row.valid_until,
    })
}
