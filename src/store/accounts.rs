//! Rows of accounts and of tokens, as steps on the directory write them and the reference data has them.

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, DatabaseTransaction, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, sea_query::Expr,
};

use super::{delegations, directory::DirectoryError, entity, error::Result, rows::Column, units};
use crate::domain::{
    account::Account,
    ids::{AccountId, TokenId, UnitId},
    staff::Changed,
    text::json,
    time::Instant,
};

fn row(account: &Account) -> entity::account::Model {
    entity::account::Model {
        id: account.id.0,
        login: account.login.clone(),
        unit: account.unit.0,
        name: account.name.clone(),
        email: account.email.clone(),
        closed_at: account.closed_at,
        former: Some(&account.former).filter(|former| !former.is_empty()).map(json),
    }
}

/// Adds an account.
pub(super) async fn add(txn: &DatabaseTransaction, account: &Account) -> Result<(), DirectoryError> {
    row(account).into_active_model().reset_all().insert(txn).await?;
    Ok(())
}

/// Writes an account anew, and ends what ends with that.
pub(super) async fn set(txn: &DatabaseTransaction, changed: &Changed, now: Instant) -> Result<(), DirectoryError> {
    row(&changed.account).into_active_model().reset_all().update(txn).await?;
    for grant in &changed.ended.grants {
        units::revoke(txn, *grant, now).await?;
    }
    for delegation in &changed.ended.delegations {
        delegations::revoke(txn, *delegation, now).await?;
    }
    for token in &changed.ended.tokens {
        revoke_token(txn, *token, now).await?;
    }
    Ok(())
}

/// Ends a token, unless it was revoked.
pub(super) async fn revoke_token(
    txn: &DatabaseTransaction,
    token: TokenId,
    now: Instant,
) -> Result<(), DirectoryError> {
    use entity::token::{Column as C, Entity};
    let revoked = Entity::update_many().col_expr(C::RevokedAt, Expr::value(now)).filter(C::Id.eq(token.0));
    revoked.filter(C::RevokedAt.is_null()).exec(txn).await?;
    Ok(())
}

/// An account, unless its former units cannot be read.
pub(super) fn read(row: entity::account::Model) -> Result<Account> {
    let column = Column { table: "account", column: "former", row: row.id };
    let former = row.former.as_deref().map(|text| column.read(serde_json::from_str(text).ok())).transpose()?;
    Ok(Account {
        id: AccountId(row.id),
        login: row.login,
        unit: UnitId(row.unit),
        name: row.name,
        email: row.email,
        closed_at: row.closed_at,
        former: former.unwrap_or_default(),
    })
}
