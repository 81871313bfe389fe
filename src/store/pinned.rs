//! The master keys that a database is under: which version seals, and a mark of each by which a wrong key is told.

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, Statement};

use super::{
    Store,
    connect::Connections,
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
}

pub(super) async fn pinned(db: &impl ConnectionTrait) -> Result<Pinned, DbErr> {
    let mut pinned = Pinned::default();
    for row in setting::Entity::find().all(db).await? {
        match row.name.strip_prefix(MARK) {
            Some(version) => pinned.marks.extend(version.parse().ok().map(|version: u32| (version, row.value))),
            None if row.name == SEALING => {
                pinned.sealing = std::str::from_utf8(&row.value).ok().and_then(|version| version.parse().ok());
            }
            None => {}
        }
    }
    Ok(pinned)
}

impl Pinned {
    /// Whether the keys given are those that the database is under.
    fn admits(&self, keys: &Keys) -> Result<()> {
        for (version, mark) in &self.marks {
            match keys.check(*version) {
                None => {
                    return Err(Error::Keys(format!("master key {version} is missing: identities are sealed with it")));
                }
                Some(given) if given.as_slice() != mark.as_slice() => {
                    let wrong = format!("master key {version} is not the one that identities are sealed with");
                    return Err(Error::Keys(wrong));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

/// Lets keys in that fit. A database that knows of none yet is put under the highest version given; else nothing is
/// written.
///
/// # Errors
/// `Keys` when one is missing or wrong.
pub(super) async fn admit(connections: &Connections) -> Result<()> {
    let failed = || Error::of("look at the master keys");
    let keys = &connections.keys;
    let mut known = pinned(&connections.read).await.map_err(failed())?;
    known.admits(keys)?;
    if known.sealing.is_none() {
        let highest = keys.highest();
        // Of two first starts at once with different keys the second is told so below.
        pin(&connections.write, highest, keys, "nothing").await.map_err(failed())?;
        known = pinned(&connections.write).await.map_err(failed())?;
        known.admits(keys)?;
    }
    keys.seal_with(known.sealing.unwrap_or(0));
    Ok(())
}

/// Puts a database under a version: its mark, and that it seals.
pub(super) async fn pin(
    db: &impl ConnectionTrait,
    version: u32,
    keys: &Keys,
    on_conflict: &'static str,
) -> Result<(), DbErr> {
    let mark = keys.check(version).ok_or_else(|| DbErr::Custom(format!("master key {version} is not given")))?;
    let rows =
        [(name_of(version), mark.to_vec(), "nothing"), (SEALING.to_owned(), version.to_string().into(), on_conflict)];
    for (name, value, on_conflict) in rows {
        let sql = format!("insert into setting (name, value) values ($1, $2) on conflict (name) do {on_conflict}");
        let values = [name.into(), value.into()];
        db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
    }
    Ok(())
}

/// What [`pin`] does where another version seals: this one does from now on.
pub(super) const REPLACE: &str = "update set value = excluded.value";

fn name_of(version: u32) -> String {
    format!("{MARK}{version}")
}

impl Store {
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
        let known = pinned(&self.connections.read).await.map_err(failed())?;
        for version in known.marks.into_keys().filter(|version| *version < self.sealing_key()) {
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
}
