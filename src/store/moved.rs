//! Rows that move on together: one statement for many petitions, compare-and-set each, and one for their standings.

use std::collections::HashSet;

use sea_orm::{
    ActiveModelTrait as _, ConnectionTrait as _, DatabaseTransaction, DbBackend, DbErr, Iden as _,
    IntoActiveModel as _, Statement, Value,
};
use uuid::Uuid;

use super::{
    batch::{LARGEST, fill, marks},
    entity::petition::{Column as C, Model},
    rows::{petition_row, searched_row},
};
use crate::domain::{petition::Petition, time::Instant};

/// The columns that may move, with their types as PostgreSQL calls them: it cannot tell them from values alone.
const COLUMNS: [(C, &str); 27] = [
    (C::Seq, "bigint"),
    (C::Head, "bytea"),
    (C::State, "text"),
    (C::Open, "boolean"),
    (C::Kind, "text"),
    (C::Class, "text"),
    (C::Field, "text"),
    (C::Channel, "text"),
    (C::Priority, "text"),
    (C::Focal, "uuid"),
    (C::Holder, "uuid"),
    (C::Handler, "uuid"),
    (C::CoUnits, "text"),
    (C::Concerned, "uuid"),
    (C::ReceivedAt, "timestamptz"),
    (C::Submission, "uuid"),
    (C::RegisterUnit, "uuid"),
    (C::RegisterYear, "integer"),
    (C::RegisterNumber, "bigint"),
    (C::AnswerDueAt, "timestamptz"),
    (C::ReplyByAt, "timestamptz"),
    (C::EndedAt, "timestamptz"),
    (C::WatchAt, "timestamptz"),
    (C::Publication, "text"),
    (C::Unrouted, "boolean"),
    (C::Clocks, "text"),
    (C::Detail, "text"),
];

/// The columns that may move, or only those that nearly every step moves: binding all of many rows costs more than
/// writing them.
fn columns(few: bool) -> Vec<(C, &'static str)> {
    let often = |column: &C| matches!(column, C::Seq | C::Head | C::AnswerDueAt | C::WatchAt | C::Clocks | C::Detail);
    COLUMNS.into_iter().filter(|(column, _)| !few || often(column)).collect()
}

/// Whether nothing has moved but what nearly every step moves.
fn moved_little(before: &Petition, after: &Petition) -> bool {
    let (was, is) = (searched_row(before), searched_row(after));
    let as_is =
        Model { seq: is.seq, head: is.head.clone(), answer_due_at: is.answer_due_at, watch_at: is.watch_at, ..was };
    as_is == is
}

/// Sets rows that are as they were before; gives the ids of those that it set, as the database says them: equal steps of
/// two hands at one instant leave the same head, so that looking afterwards would not tell whose it was.
pub(super) async fn petitions(
    txn: &DatabaseTransaction,
    moved: &[(&Petition, &Petition)],
) -> Result<HashSet<Uuid>, DbErr> {
    let backend = txn.get_database_backend();
    let mut done = HashSet::with_capacity(moved.len());
    for chunk in moved.chunks(LARGEST) {
        let columns = columns(chunk.iter().all(|(before, after)| moved_little(before, after)));
        let chunk = fill(chunk.to_vec());
        let mut values: Vec<Value> = Vec::with_capacity((2 + columns.len()) * chunk.len());
        for (before, after) in &chunk {
            values.extend([after.id.0.into(), before.seq.into()]);
            let mut row = petition_row(after).into_active_model();
            values.extend(columns.iter().filter_map(|(column, _)| row.take(*column).into_value()));
        }
        let sql = setting(backend, &columns, chunk.len());
        for row in txn.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await? {
            done.insert(row.try_get_by_index(0)?);
        }
    }
    Ok(done)
}

fn setting(backend: DbBackend, columns: &[(C, &str)], rows: usize) -> String {
    let sets: Vec<String> =
        (3..).zip(columns).map(|(n, (column, _))| format!("{} = v.column{n}", column.to_string())).collect();
    let types: Vec<&str> = ["uuid", "bigint"].into_iter().chain(columns.iter().map(|(_, kind)| *kind)).collect();
    format!(
        "update petition set {} from (values {}) as v \
         where petition.id = v.column1 and petition.seq = v.column2 returning petition.id",
        sets.join(", "),
        marks(backend, &types, rows),
    )
}

/// Locks rows in the order of ids, so that no two writers wait for each other. SQLite has one writer.
pub(super) async fn lock(txn: &DatabaseTransaction, ids: Vec<Uuid>) -> Result<(), DbErr> {
    let backend = txn.get_database_backend();
    if backend != DbBackend::Postgres || ids.len() < 2 {
        return Ok(());
    }
    for chunk in ids.chunks(LARGEST) {
        let chunk = fill(chunk.to_vec());
        let marks: Vec<String> = (1..=chunk.len()).map(|n| format!("${n}")).collect();
        let sql = format!("select 1 from petition where id in ({}) order by id for update", marks.join(", "));
        let ids: Vec<Value> = chunk.into_iter().map(Value::from).collect();
        txn.query_all_raw(Statement::from_sql_and_values(backend, sql, ids)).await?;
    }
    Ok(())
}

/// Ends the standings of rounds so far: of a petition, a round, at an instant, by the event of a `seq`.
pub(super) async fn end_standings(
    txn: &DatabaseTransaction,
    ended: Vec<(Uuid, i32, Instant, i64)>,
) -> Result<(), DbErr> {
    let backend = txn.get_database_backend();
    for chunk in ended.chunks(LARGEST) {
        let chunk = fill(chunk.to_vec());
        let sql = ending(backend, chunk.len());
        let values: Vec<Value> = chunk
            .into_iter()
            .flat_map(|(petition, round, at, seq)| [petition.into(), round.into(), at.into(), seq.into()])
            .collect();
        txn.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    }
    Ok(())
}

/// Says that `seq` is earlier, which it is: without it SQLite would rather read every standing there is.
fn ending(backend: DbBackend, rows: usize) -> String {
    format!(
        "update standing set until = v.column3 from (values {}) as v where standing.petition = v.column1 \
         and standing.seq < v.column4 and standing.round = v.column2 and standing.until is null",
        marks(backend, &["uuid", "integer", "timestamptz", "bigint"], rows),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::plan::plan;
    use sea_orm::Iterable as _;

    #[test]
    fn every_column_moves_but_those_that_name_a_petition() {
        for column in C::iter() {
            let moves = COLUMNS.iter().any(|(moving, _)| moving.to_string() == column.to_string());
            assert_eq!(moves, !matches!(column, C::Id | C::Code | C::About), "{}", column.to_string());
        }
    }

    #[tokio::test]
    async fn rows_are_looked_up() {
        let backend = DbBackend::Sqlite;
        for rows in [1, LARGEST] {
            let whole = setting(backend, &columns(false), rows);
            for sql in [whole, setting(backend, &columns(true), rows), ending(backend, rows)] {
                let values = vec![Value::from(1); sql.matches('?').count()];
                for step in plan(Statement::from_sql_and_values(backend, sql.as_str(), values)).await {
                    assert!(!step.contains("SCAN petition") && !step.contains("SCAN standing"), "{step}: {sql}");
                }
            }
        }
    }
}
