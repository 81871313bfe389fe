//! Many rows in one statement, in a few sizes, so that each connection prepares each statement once.

use std::fmt::Write as _;

use sea_orm::{
    ActiveModelTrait, ConnectionTrait as _, DatabaseTransaction, DbBackend, DbErr, EntityTrait, IdenStatic as _,
    IntoActiveModel, Iterable as _, Statement, Value,
};

/// The sizes of statements; a batch is filled up to the next with its last element.
const SIZES: [usize; 18] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 56, 64, 96, 128, 192, 256, 512];

/// Petitions that one statement takes at the most.
pub(super) const LARGEST: usize = 128;

/// Values that one insertion takes at the most: 128 petitions of 30 columns, 512 notices of 8. Far below the 32,766
/// parameters of SQLite and the 65,535 of PostgreSQL.
const VALUES: usize = 4_096;

/// Rows that are repeated at the most to fill a statement up.
const REPEATED: usize = 24;

/// Rows of so many columns that one insertion takes at the most.
fn largest(columns: usize) -> usize {
    SIZES.into_iter().rev().find(|size| size * columns <= VALUES).unwrap_or(1)
}

/// Fills a list up to the next size by repeating its last element.
pub(super) fn fill<T: Clone>(mut list: Vec<T>) -> Vec<T> {
    if let Some(last) = list.last().cloned() {
        let size = SIZES.into_iter().find(|size| *size >= list.len()).unwrap_or(list.len());
        list.resize(size, last);
    }
    list
}

/// Rows that the next statement takes of so many: all of them where few are repeated to fill it up, else as many as make
/// a size by themselves: so many repeated rows cost more than another statement.
fn portion(rows: usize, largest: usize) -> usize {
    let rows = rows.min(largest);
    let filled = SIZES.into_iter().find(|size| *size >= rows).unwrap_or(rows);
    if filled - rows <= REPEATED {
        return rows;
    }
    SIZES.into_iter().rev().find(|size| *size <= rows).unwrap_or(rows)
}

/// Rows to insert, but for those that are there, in full as the database is to be told: this can be done while it is busy
/// with something else.
#[derive(Debug, Default)]
pub(super) struct Insertion {
    statements: Vec<Statement>,
    rows: u64,
}

impl Insertion {
    /// Of rows of one table.
    pub(super) fn of<E>(backend: DbBackend, rows: Vec<E::Model>) -> Self
    where
        E: EntityTrait,
        E::Model: IntoActiveModel<E::ActiveModel> + Clone,
        E::ActiveModel: ActiveModelTrait<Entity = E> + Send,
    {
        let mut said = Self { rows: rows.len() as u64, ..Self::default() };
        let mut rows = rows.into_iter();
        while rows.len() > 0 {
            let next = portion(rows.len(), largest(E::Column::iter().count()));
            let chunk = rows.by_ref().take(next).collect();
            said.statements.push(insertion::<E>(backend, chunk));
        }
        said
    }

    /// Inserts them; returns whether none was there before. A row that is repeated to fill a statement is in its own way,
    /// and not counted: every table has a primary key.
    pub(super) async fn run(self, db: &DatabaseTransaction) -> Result<bool, DbErr> {
        let mut inserted = 0;
        for statement in self.statements {
            inserted += db.execute_raw(statement).await?.rows_affected();
        }
        Ok(inserted == self.rows)
    }
}

/// Inserts rows, leaving alone those that are there; returns whether none was.
pub(super) async fn insert<E>(db: &DatabaseTransaction, rows: Vec<E::Model>) -> Result<bool, DbErr>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel> + Clone,
    E::ActiveModel: ActiveModelTrait<Entity = E> + Send,
{
    Insertion::of::<E>(db.get_database_backend(), rows).run(db).await
}

/// Said here and not by a builder of queries, which takes longer over a thousand values than the database.
fn insertion<E>(backend: DbBackend, rows: Vec<E::Model>) -> Statement
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel> + Clone,
    E::ActiveModel: ActiveModelTrait<Entity = E> + Send,
{
    let rows = fill(rows);
    let columns: Vec<E::Column> = E::Column::iter().collect();
    let names: Vec<&str> = columns.iter().map(|column| column.as_str()).collect();
    let sql = format!(
        "insert into {} ({}) values {} on conflict do nothing",
        E::default().table_name(),
        names.join(", "),
        marks(backend, &vec![""; columns.len()], rows.len()),
    );
    let mut values: Vec<Value> = Vec::with_capacity(columns.len() * rows.len());
    for row in rows {
        let mut row = row.into_active_model();
        values.extend(columns.iter().filter_map(|column| row.take(*column).into_value()));
    }
    Statement::from_sql_and_values(backend, sql, values)
}

/// The marks of so many rows of values, each cast to its type where one is named. SQLite needs no types, and finds a
/// numbered mark only by looking through all of them.
pub(super) fn marks(backend: DbBackend, types: &[&str], rows: usize) -> String {
    let (mut sql, mut mark) = (String::new(), 0);
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for (place, kind) in types.iter().enumerate() {
            mark += 1;
            sql.push_str(if place == 0 { "" } else { ", " });
            let _ = match (backend, *kind) {
                (DbBackend::Sqlite, _) => write!(sql, "?"),
                (_, "") => write!(sql, "${mark}"),
                (_, kind) => write!(sql, "${mark}::{kind}"),
            };
        }
        sql.push(')');
    }
    sql
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_filled_to_a_size() {
        assert_eq!(fill(vec![1, 2, 3, 4, 5]), [1, 2, 3, 4, 5, 5]);
        assert!(fill(Vec::<i32>::new()).is_empty());
        for n in 1..=largest(8) {
            assert!(SIZES.contains(&fill(vec![0; n]).len()));
            let (mut left, mut statements) = (n, 0);
            while left > 0 {
                left -= portion(left, largest(8));
                statements += 1;
            }
            assert!(statements <= 3, "{n} rows in {statements} statements");
        }
        assert_eq!((portion(50, 512), portion(200, 512), portion(5, 512), portion(600, 512)), (50, 192, 5, 512));
        assert_eq!((largest(8), largest(30), largest(5_000)), (512, LARGEST, 1));
    }

    #[test]
    fn marks_are_numbered_through() {
        let sql = |backend| marks(backend, &["", "bigint"], 2);
        assert_eq!(sql(DbBackend::Postgres), "($1, $2::bigint), ($3, $4::bigint)");
        assert_eq!(sql(DbBackend::Sqlite), "(?, ?), (?, ?)");
    }
}
