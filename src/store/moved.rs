//! Rows that move on together: one statement for many petitions, compare-and-set each, and one for their standings.

use std::collections::HashSet;

use sea_orm::{
    ActiveModelTrait as _, ConnectionTrait as _, DatabaseTransaction, DbBackend, DbErr, Iden as _,
    IntoActiveModel as _, Statement, Value,
};
use uuid::Uuid;

use super::{
    batch::{LARGEST, fill},
    entity::petition::{Column as C, Model},
};
use crate::domain::time::Instant;

/// The columns that may move, with their types as PostgreSQL calls them: it cannot tell them from values alone.
const COLUMNS: [(C, &str); 25] = [
    (C::Seq, "bigint"),
    (C::Head, "bytea"),
    (C::State, "text"),
    (C::Open, "boolean"),
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
    (C::Clocks, "text"),
    (C::Detail, "text"),
];

/// Sets rows that are still at the `seq` beside them; gives the ids of those that were.
pub(super) async fn petitions(txn: &DatabaseTransaction, rows: Vec<(i64, Model)>) -> Result<HashSet<Uuid>, DbErr> {
    let backend = txn.get_database_backend();
    let mut moved = HashSet::with_capacity(rows.len());
    for chunk in rows.chunks(LARGEST) {
        let chunk = fill(chunk.to_vec());
        let sets: Vec<String> =
            (3..).zip(COLUMNS).map(|(n, (column, _))| format!("{} = v.column{n}", column.to_string())).collect();
        let types: Vec<&str> = ["uuid", "bigint"].into_iter().chain(COLUMNS.map(|(_, kind)| kind)).collect();
        let sql = format!(
            "update petition set {} from (values {}) as v \
             where petition.id = v.column1 and petition.seq = v.column2 returning petition.id",
            sets.join(", "),
            marks(backend, &types, chunk.len()),
        );
        let values: Vec<Value> = chunk.into_iter().flat_map(|(before, row)| values(before, row)).collect();
        for row in txn.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await? {
            moved.insert(row.try_get_by_index(0)?);
        }
    }
    Ok(moved)
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

fn values(before: i64, row: Model) -> Vec<Value> {
    let id = row.id;
    let row = row.into_active_model();
    let column = |(column, _)| row.get(column).into_value();
    [Some(id.into()), Some(before.into())].into_iter().chain(COLUMNS.map(column)).flatten().collect()
}

/// Ends the standings of rounds so far: of a petition, a round, at an instant.
pub(super) async fn end_standings(txn: &DatabaseTransaction, ended: Vec<(Uuid, i32, Instant)>) -> Result<(), DbErr> {
    let backend = txn.get_database_backend();
    for chunk in ended.chunks(LARGEST) {
        let chunk = fill(chunk.to_vec());
        let sql = format!(
            "update standing set until = v.column3 from (values {}) as v \
             where standing.petition = v.column1 and standing.round = v.column2 and standing.until is null",
            marks(backend, &["uuid", "integer", "timestamptz"], chunk.len()),
        );
        let values: Vec<Value> =
            chunk.into_iter().flat_map(|(petition, round, at)| [petition.into(), round.into(), at.into()]).collect();
        txn.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    }
    Ok(())
}

/// The marks of so many rows of values.
fn marks(backend: DbBackend, types: &[&str], rows: usize) -> String {
    let row = |place: usize| {
        let first = place * types.len() + 1;
        let mark = |(n, kind): (usize, &&str)| match backend {
            DbBackend::Postgres => format!("${n}::{kind}"),
            _ => format!("${n}"),
        };
        let marks: Vec<String> = (first..).zip(types).map(mark).collect();
        format!("({})", marks.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::Iterable as _;

    #[test]
    fn every_column_moves_but_those_that_name_a_petition() {
        for column in C::iter() {
            let moves = COLUMNS.iter().any(|(moving, _)| moving.to_string() == column.to_string());
            assert_eq!(moves, !matches!(column, C::Id | C::Code), "{}", column.to_string());
        }
    }
}
