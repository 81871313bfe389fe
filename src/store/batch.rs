//! Many rows in one statement: as arrays on PostgreSQL, in a few sizes on SQLite, so that each connection prepares each
//! statement once.

use std::fmt::Write as _;

use sea_orm::{
    ActiveModelTrait, ConnectionTrait as _, DatabaseTransaction, DbBackend, DbErr, EntityTrait, IdenStatic as _,
    IntoActiveModel, Iterable as _, Statement, Value,
};

use super::arrays::unnest;

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
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let chunk = rows.by_ref().take(LARGEST).collect();
        inserted += db.execute_raw(insertion::<E>(db.get_database_backend(), chunk, None)?).await?.rows_affected();
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
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let chunk = rows.by_ref().take(LARGEST).collect();
        let statement = insertion::<E>(db.get_database_backend(), chunk, Some(column))?;
        for row in db.query_all_raw(statement).await? {
            inserted.push(row.try_get_by_index(0)?);
        }
    }
    Ok(inserted)
}

/// Said here and not by a builder of queries, which takes longer over a thousand values than the database.
fn insertion<E>(backend: DbBackend, rows: Vec<E::Model>, returning: Option<E::Column>) -> Result<Statement, DbErr>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel> + Clone,
    E::ActiveModel: ActiveModelTrait<Entity = E> + Send,
{
    let columns: Vec<E::Column> = E::Column::iter().collect();
    let names: Vec<&str> = columns.iter().map(|column| column.as_str()).collect();
    let cells = |row: E::Model| {
        let mut row = row.into_active_model();
        columns.iter().filter_map(|column| row.take(*column).into_value()).collect::<Vec<Value>>()
    };
    let (source, values) = if backend == DbBackend::Postgres {
        let (arrays, values) = unnest(rows.into_iter().map(cells))?;
        (format!("select * from {arrays}"), values)
    } else {
        let rows = fill(rows);
        let source = format!("values {}", marks(columns.len(), rows.len()));
        (source, rows.into_iter().flat_map(cells).collect())
    };
    let table = E::default();
    let mut sql = format!("insert into {} ({}) {source} on conflict do nothing", table.table_name(), names.join(", "),);
    if let Some(column) = returning {
        let _ = write!(sql, " returning {}", column.as_str());
    }
    Ok(Statement::from_sql_and_values(backend, sql, values))
}

/// What stands in a statement for rows that it takes values from, as `v` with `column1` and so on; with the values.
pub(super) fn table(backend: DbBackend, rows: Vec<Vec<Value>>) -> Result<(String, Vec<Value>), DbErr> {
    let width = rows.first().map_or(0, Vec::len);
    if backend == DbBackend::Postgres {
        let (arrays, values) = unnest(rows)?;
        let names: Vec<String> = (1..=width).map(|n| format!("column{n}")).collect();
        return Ok((format!("{arrays} as v({})", names.join(", ")), values));
    }
    let rows = fill(rows);
    Ok((format!("(values {}) as v", marks(width, rows.len())), rows.into_iter().flatten().collect()))
}

/// The marks of so many rows of so many values, for SQLite: it finds a numbered mark only by looking through all of them.
fn marks(width: usize, rows: usize) -> String {
    let row = format!("({})", vec!["?"; width].join(", "));
    vec![row.as_str(); rows].join(", ")
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

    #[test]
    fn marks_are_as_many_as_values() {
        assert_eq!(marks(2, 3), "(?, ?), (?, ?), (?, ?)");
        let rows = vec![vec![Value::from(1i64), Value::from("a")]];
        let (sql, values) = table(DbBackend::Sqlite, rows.clone()).unwrap();
        assert_eq!((sql.as_str(), values.len()), ("(values (?, ?)) as v", 2));
        let (sql, values) = table(DbBackend::Postgres, rows).unwrap();
        assert_eq!(sql, "unnest($1::text::bigint[], $2::text::text[]) as v(column1, column2)");
        assert_eq!(values, [Value::from("{1}"), Value::from("{\"a\"}")]);
    }
}
