//! The statements that pgbench runs are those of the schema: a column that is added is added there too.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait as _, Statement};

use crate::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pgbench_fills_every_column() {
    let world = World::on_sqlite().await;
    let database = world.database().await;
    let script = include_str!("../../bench/pgbench/submit.sql");
    let inserts: Vec<&str> = script.split("insert into ").skip(1).collect();
    assert_eq!(inserts.len(), 7, "request, petition, petitioner, text, letter, standing, event");
    for insert in inserts {
        let (table, rest) = insert.split_once(" (").unwrap();
        let named: BTreeSet<String> =
            rest.split_once(')').unwrap().0.split(',').map(|column| column.trim().to_owned()).collect();
        let sql = format!("select name from pragma_table_info('{table}')");
        let rows = database.query_all_raw(Statement::from_string(database.get_database_backend(), sql)).await.unwrap();
        let columns: BTreeSet<String> = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        assert_eq!(named, columns, "{table}");
    }
}
