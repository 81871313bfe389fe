//! Facts about the installation that must not change under it.

use sea_orm::{ConnectionTrait as _, EntityTrait as _, Statement};

use super::{
    Store, entity,
    error::{Error, Result},
};

impl Store {
    /// Remembers a fact the first time, and says whether it is still the same.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn pin(&self, name: &str, value: &[u8]) -> Result<bool> {
        let failed = || Error::of("pin a setting");
        let sql = "insert into setting (name, value) values ($1, $2) on conflict (name) do nothing";
        let values = [name.into(), value.to_vec().into()];
        let statement = Statement::from_sql_and_values(self.connections.backend, sql, values);
        self.connections.write.execute_raw(statement).await.map_err(failed())?;
        let row = entity::setting::Entity::find_by_id(name).one(&self.connections.read).await.map_err(failed())?;
        Ok(row.is_some_and(|row| row.value == value))
    }
}
