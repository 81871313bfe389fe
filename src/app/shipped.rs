//! The directories that are shipped as examples.

/// The files of a directory. An empty one adds nothing.
#[derive(Debug, Clone, Default)]
pub struct DirectoryFiles {
    /// `units.csv`.
    pub units: String,
    /// `fields.csv`.
    pub fields: String,
    /// `accounts.csv`.
    pub accounts: String,
    /// `grants.csv`.
    pub grants: String,
    /// `delegations.csv`.
    pub delegations: String,
    /// `rules.csv`.
    pub rules: String,
}

macro_rules! shipped {
    ($name:literal) => {
        DirectoryFiles {
            units: include_str!(concat!("../../data/directory/", $name, "/units.csv")).to_owned(),
            fields: include_str!(concat!("../../data/directory/", $name, "/fields.csv")).to_owned(),
            accounts: include_str!(concat!("../../data/directory/", $name, "/accounts.csv")).to_owned(),
            grants: String::new(),
            delegations: String::new(),
            rules: include_str!(concat!("../../data/directory/", $name, "/rules.csv")).to_owned(),
        }
    };
}

/// A ministry with its departments, as it stood in 2022.
pub fn ministry() -> DirectoryFiles {
    shipped!("ministry")
}

/// A province of the two levels that there are since July 2025: departments, communes, and the former districts with
/// those that came after them.
pub fn province() -> DirectoryFiles {
    shipped!("province")
}

/// The shipped example of a name.
pub fn shipped(name: &str) -> Option<DirectoryFiles> {
    match name {
        "ministry" => Some(ministry()),
        "province" => Some(province()),
        _ => None,
    }
}
