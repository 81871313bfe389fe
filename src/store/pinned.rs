//! The master keys that a database is under: which version seals, and a mark of each by which a wrong key is told.

use std::collections::BTreeMap;

use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, Statement, TransactionTrait as _,
};

use super::{
    Store,
    connect::immediate,
    entity::{petitioner, setting},
    error::{Error, Result},
    seal::Keys,
};

/// The version that seals.
const SEALING: &str = "seal-with";
/// What the names of marks begin with.
const MARK: &str = "master-key-";

/// What a database says of its keys.
#[derive(Debug, Default)]
pub(super) struct Pinned {
    /// The version that seals; none before the first start.
    pub(super) sealing: Option<u32>,
    /// Marks by version.
    marks: BTreeMap<u32, Vec<u8>>,
    /// Records may be there that were never sealed, or were and are not swept away yet.
    pub(super) unsealed: bool,
}

pub(super) async fn pinned(db: &impl ConnectionTrait) -> Result<Pinned, DbErr> {
    let mut pinned = Pinned::default();
    for row in setting::Entity::find().all(db).await? {
        match (row.name.as_str(), row.name.strip_prefix(MARK)) {
            (_, Some(version)) => pinned.marks.extend(version.parse().ok().map(|version: u32| (version, row.value))),
            (SEALING, _) => {
                pinned.sealing = std::str::from_utf8(&row.value).ok().and_then(|version| version.parse().ok());
            }
            (UNSEALED, _) => pinned.unsealed = true,
            _ => {}
        }
    }
    Ok(pinned)
}

impl Pinned {
    /// Whether the keys given are those that the database is under.
    pub(super) fn admits(&self, keys: &Keys) -> Result<()> {
        for version in self.marks.keys().copied().chain(self.sealing) {
            let Some(given) = keys.check(version) else {
                return Err(Error::Keys(format!("master key {version} is missing: identities are sealed with it")));
            };
            if self.marks.get(&version).is_none_or(|mark| given.as_slice() != mark.as_slice()) {
                let wrong = format!("master key {version} is not the one that identities are sealed with");
                return Err(Error::Keys(wrong));
            }
        }
        Ok(())
    }

    /// Has the keys given seal as the database says.
    pub(super) fn instruct(&self, keys: &Keys) {
        if let Some(version) = self.sealing {
            keys.seal_with(version, self.marks.get(&version).map_or(&[], Vec::as_slice));
        }
    }
}

/// That records may be there which were never sealed; written by the migration that began to seal.
const UNSEALED: &str = "identities-unsealed";

/// Has a version seal from now on, whose mark is kept.
///
/// # Errors
/// When its key is not given, or is not the one that the database knows by this version, or a later version seals.
pub(super) async fn seal_with(db: &impl ConnectionTrait, version: u32, keys: &Keys) -> Result<(), DbErr> {
    let refused = |what: &str| DbErr::Custom(format!("master key {version} {what}"));
    let mark = keys.check(version).ok_or_else(|| refused("is not given"))?;
    let known = pinned(db).await?;
    if known.sealing.is_some_and(|sealing| sealing > version) {
        return Err(refused("is not the latest that seals"));
    }
    if known.marks.get(&version).is_some_and(|known| known.as_slice() != mark.as_slice()) {
        return Err(refused("is not the one that identities are sealed with"));
    }
    for (name, value) in [(name_of(version), mark.to_vec()), (SEALING.to_owned(), version.to_string().into())] {
        let sql = "insert into setting (name, value) values ($1, $2) on conflict (name) do update set value = $2";
        let values = [name.into(), value.into()];
        db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
    }
    Ok(())
}

fn name_of(version: u32) -> String {
    format!("{MARK}{version}")
}

impl Store {
    /// Puts a database that is under no master key yet under the highest version given. Of two processes that do so at
    /// once the second is refused if its key is another one.
    ///
    /// # Errors
    /// `Keys` when it is under another key by now.
    pub async fn take_master_key(&self) -> Result<()> {
        let failed = || Error::of("take the master key");
        let keys = &self.connections.keys;
        let txn = self.connections.write.begin_with_options(immediate()).await.map_err(failed())?;
        let sql = "insert into setting (name, value) values ($1, $2) on conflict (name) do nothing";
        let values = [SEALING.into(), keys.highest().to_string().into_bytes().into()];
        let statement = Statement::from_sql_and_values(self.connections.backend, sql, values);
        let first = txn.execute_raw(statement).await.map_err(failed())?.rows_affected() == 1;
        if first {
            seal_with(&txn, keys.highest(), keys).await.map_err(failed())?;
        }
        txn.commit().await.map_err(failed())?;
        let known = pinned(&self.connections.write).await.map_err(failed())?;
        known.admits(keys)?;
        known.instruct(keys);
        Ok(())
    }

    /// The highest version of the master keys given.
    pub fn highest_key(&self) -> u32 {
        self.connections.keys.highest()
    }

    /// The version that seals.
    pub fn sealing_key(&self) -> u32 {
        self.connections.keys.sealing()
    }

    /// Forgets versions that seal nothing any more, so that their keys need not be given; returns which.
    pub async fn retire_keys(&self) -> Result<Vec<u32>> {
        let failed = || Error::of("retire master keys");
        let mut retired = Vec::new();
        let known = pinned(&self.connections.write).await.map_err(failed())?;
        let sealing = known.sealing.unwrap_or(0);
        for version in known.marks.into_keys().filter(|version| *version < sealing) {
            let of_version = petitioner::Column::KeyVersion.eq(i32::try_from(version).unwrap_or(i32::MAX));
            let used = petitioner::Entity::find().filter(of_version).one(&self.connections.write).await;
            if used.map_err(failed())?.is_none() {
                let gone = setting::Entity::delete_by_id(name_of(version)).exec(&self.connections.write).await;
                gone.map_err(failed())?;
                retired.push(version);
            }
        }
        Ok(retired)
    }

    /// Says that nothing is left that was never sealed.
    pub(super) async fn all_is_sealed(&self) -> Result<()> {
        let gone = setting::Entity::delete_by_id(UNSEALED).exec(&self.connections.write).await;
        gone.map(drop).map_err(Error::of("say that all is sealed"))
    }
}
