//! Rows that move on together: one statement for many petitions, compare-and-set each, and one for their standings.

use std::collections::HashSet;

use sea_orm::{
    ActiveModelTrait as _, ConnectionTrait as _, DatabaseTransaction, DbBackend, DbErr, Iden as _,
    IntoActiveModel as _, Iterable as _, Statement, Value,
};
use uuid::Uuid;

use super::{
    arrays::unnest,
    batch::{LARGEST, table},
    entity::petition::{Column as C, Model},
    rows::{petition_row, searched_row},
};
use crate::domain::{petition::Petition, time::Instant};

/// The columns that may move: all but those that name a petition.
fn moving() -> impl Iterator<Item = C> {
    C::iter().filter(|column| !matches!(column, C::Id | C::Code))
}

/// The columns that may move, or only those that nearly every step moves: binding all of many rows costs more than
/// writing them.
fn columns(few: bool) -> Vec<C> {
    let often = |column: &C| matches!(column, C::Seq | C::Head | C::AnswerDueAt | C::WatchAt | C::Clocks | C::Detail);
    moving().filter(|column| !few || often(column)).collect()
}

/// Whether nothing has moved but what nearly every step moves.
fn moved_little(before: &Petition, after: &Petition) -> bool {
    let (was, is) = (searched_row(before), searched_row(after));
    let as_is =
        Model { seq: is.seq, head: is.head.clone(), answer_due_at: is.answer_due_at, watch_at: is.watch_at, ..was };
    as_is == is
}

/// Sets rows that are as they were before; gives the ids of those that were.
pub(super) async fn petitions(
    txn: &DatabaseTransaction,
    moved: &[(&Petition, &Petition)],
) -> Result<HashSet<Uuid>, DbErr> {
    let backend = txn.get_database_backend();
    let mut done = HashSet::with_capacity(moved.len());
    for chunk in moved.chunks(LARGEST) {
        let columns = columns(chunk.iter().all(|(before, after)| moved_little(before, after)));
        let cells = |(before, after): &(&Petition, &Petition)| {
            let mut row = petition_row(after).into_active_model();
            let moved = columns.iter().filter_map(|column| row.take(*column).into_value());
            [after.id.0.into(), before.seq.into()].into_iter().chain(moved).collect::<Vec<Value>>()
        };
        let (sql, values) = setting(backend, &columns, chunk.iter().map(cells).collect())?;
        for row in txn.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await? {
            done.insert(row.try_get_by_index(0)?);
        }
    }
    Ok(done)
}

fn setting(backend: DbBackend, columns: &[C], rows: Vec<Vec<Value>>) -> Result<(String, Vec<Value>), DbErr> {
    let sets: Vec<String> =
        (3..).zip(columns).map(|(n, column)| format!("{} = v.column{n}", column.to_string())).collect();
    let (table, values) = table(backend, rows)?;
    let sql = format!(
        "update petition set {} from {table} \
         where petition.id = v.column1 and petition.seq = v.column2 returning petition.id",
        sets.join(", "),
    );
    Ok((sql, values))
}

/// Locks rows in the order of ids, so that no two writers wait for each other. SQLite has one writer.
pub(super) async fn lock(txn: &DatabaseTransaction, ids: Vec<Uuid>) -> Result<(), DbErr> {
    let backend = txn.get_database_backend();
    if backend != DbBackend::Postgres || ids.len() < 2 {
        return Ok(());
    }
    let (arrays, values) = unnest(ids.into_iter().map(|id| vec![id.into()]))?;
    let sql = format!("select 1 from petition where id in (select * from {arrays}) order by id for update");
    txn.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    Ok(())
}

/// Ends the standings of rounds so far: of a petition, a round, at an instant, by the event of a `seq`.
pub(super) async fn end_standings(
    txn: &DatabaseTransaction,
    ended: Vec<(Uuid, i32, Instant, i64)>,
) -> Result<(), DbErr> {
    let backend = txn.get_database_backend();
    for chunk in ended.chunks(LARGEST) {
        let cells = |(petition, round, at, seq): &(Uuid, i32, Instant, i64)| {
            vec![(*petition).into(), (*round).into(), (*at).into(), (*seq).into()]
        };
        let (sql, values) = ending(backend, chunk.iter().map(cells).collect())?;
        txn.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    }
    Ok(())
}

/// Says that `seq` is earlier, which it is: without it SQLite would rather read every standing there is.
fn ending(backend: DbBackend, rows: Vec<Vec<Value>>) -> Result<(String, Vec<Value>), DbErr> {
    let (table, values) = table(backend, rows)?;
    let sql = format!(
        "update standing set until = v.column3 from {table} where standing.petition = v.column1 \
         and standing.seq < v.column4 and standing.round = v.column2 and standing.until is null"
    );
    Ok((sql, values))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm_migration::MigratorTrait as _;

    #[tokio::test]
    async fn rows_are_looked_up() {
        let db = sea_orm::Database::connect("sqlite::memory:").await.unwrap();
        pakn_migrations::Migrator::up(&db, None).await.unwrap();
        let backend = DbBackend::Sqlite;
        for rows in [1, LARGEST] {
            let cells = |width: usize| vec![vec![Value::from(1); width]; rows];
            for columns in [columns(false), columns(true)] {
                let (sql, values) = setting(backend, &columns, cells(2 + columns.len())).unwrap();
                assert_looked_up(&db, sql, values).await;
            }
            let (sql, values) = ending(backend, cells(4)).unwrap();
            assert_looked_up(&db, sql, values).await;
        }
    }

    async fn assert_looked_up(db: &sea_orm::DatabaseConnection, sql: String, values: Vec<Value>) {
        let explain = Statement::from_sql_and_values(DbBackend::Sqlite, format!("explain query plan {sql}"), values);
        for step in db.query_all_raw(explain).await.unwrap() {
            let step: String = step.try_get_by_index(3).unwrap();
            assert!(!step.contains("SCAN petition") && !step.contains("SCAN standing"), "{step}: {sql}");
        }
    }
}
