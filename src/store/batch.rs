//! Many rows in one statement, in a few sizes, so that each connection prepares each statement once.

use sea_orm::{
    ActiveModelTrait, ConnectionTrait as _, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, Iterable as _,
    QueryTrait as _, sea_query::OnConflict,
};

/// The sizes of statements; a batch is filled up to the next with its last element.
const SIZES: [usize; 14] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128];

/// Rows that one statement takes at the most. 128 petitions of 27 columns stay below the 32,766 parameters of
/// SQLite and the 65,535 of PostgreSQL.
pub(super) const LARGEST: usize = 128;

/// Fills a list up to the next size by repeating its last element.
pub(super) fn fill<T: Clone>(mut list: Vec<T>) -> Vec<T> {
    if let Some(last) = list.last().cloned() {
        let size = SIZES.into_iter().find(|size| *size >= list.len()).unwrap_or(list.len());
        list.resize(size, last);
    }
    list
}

/// Inserts rows, leaving alone those that are there; returns how many were inserted.
pub(super) async fn insert<E>(db: &DatabaseTransaction, rows: Vec<E::Model>) -> Result<u64, DbErr>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel> + Clone,
    E::ActiveModel: ActiveModelTrait<Entity = E> + Send,
{
    let mut inserted = 0;
    for chunk in rows.chunks(LARGEST) {
        let statement = insertion::<E>(chunk.to_vec());
        inserted += db.execute(&statement).await?.rows_affected();
    }
    Ok(inserted)
}

/// As [`insert`], returning the values of one column of the rows that were inserted.
pub(super) async fn insert_returning<E>(
    db: &DatabaseTransaction,
    rows: Vec<E::Model>,
    column: E::Column,
) -> Result<Vec<uuid::Uuid>, DbErr>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel> + Clone,
    E::ActiveModel: ActiveModelTrait<Entity = E> + Send,
{
    let mut inserted = Vec::with_capacity(rows.len());
    for chunk in rows.chunks(LARGEST) {
        let mut statement = insertion::<E>(chunk.to_vec());
        statement.returning_col(column);
        for row in db.query_all(&statement).await? {
            inserted.push(row.try_get_by_index(0)?);
        }
    }
    Ok(inserted)
}

fn insertion<E>(rows: Vec<E::Model>) -> sea_orm::sea_query::InsertStatement
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel> + Clone,
    E::ActiveModel: ActiveModelTrait<Entity = E> + Send,
{
    let models = fill(rows).into_iter().map(|row| {
        let mut model = row.into_active_model();
        for column in E::Column::iter() {
            model.reset(column);
        }
        model
    });
    let mut statement = E::insert_many(models).into_query();
    statement.on_conflict(OnConflict::new().do_nothing().to_owned());
    statement
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_filled_to_a_size() {
        assert_eq!(fill(vec![1, 2, 3, 4, 5]), [1, 2, 3, 4, 5, 5]);
        assert!(fill(Vec::<i32>::new()).is_empty());
        for n in 1..=LARGEST {
            assert!(SIZES.contains(&fill(vec![0; n]).len()));
        }
    }
}
