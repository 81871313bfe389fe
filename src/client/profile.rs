//! Profiles: a server and a token under a name, in `profiles.toml` of the user. Reads, never writes.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

use secrecy::SecretString;
use serde::Deserialize;

use super::failure::Failure;

/// What a profile may say.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// URL of the server.
    pub server: Option<String>,
    /// Bearer token.
    pub token: Option<SecretString>,
}

impl Profile {
    /// The profile of this name in the user's file.
    pub fn named(name: &str) -> Result<Self, Failure> {
        let path = path()?;
        let shown = path.display();
        let text =
            fs::read_to_string(&path).map_err(|error| Failure::usage(format!("profile {name}: {shown}: {error}")))?;
        if is_readable_by_others(&path) {
            return Err(Failure::usage(format!(
                "{shown} can be read by others and is not used; run: chmod 600 {shown}"
            )));
        }
        Self::find(&text, name).map_err(|problem| Failure::usage(format!("profile {name}: {shown}: {problem}")))
    }

    fn find(text: &str, name: &str) -> Result<Self, &'static str> {
        // The parser's own message would quote the file, and with it a token.
        let mut profiles: BTreeMap<String, Self> =
            toml::from_str(text).map_err(|_| "expected tables [name] with server = \"..\" and token = \"..\"")?;
        profiles.remove(name).ok_or("there is no such profile")
    }
}

fn path() -> Result<PathBuf, Failure> {
    let variable = |name| env::var_os(name).filter(|value| !value.is_empty());
    let config = variable("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| variable("HOME").map(|home| Path::new(&home).join(".config")));
    let config = config.ok_or_else(|| Failure::usage("profiles need HOME or XDG_CONFIG_HOME"))?;
    Ok(config.join("pakn").join("profiles.toml"))
}

#[cfg(unix)]
fn is_readable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_readable_by_others(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn a_profile_is_found_by_name() {
        let text = "[ministry]\nserver = \"https://pakn.example\"\ntoken = \"secret\"\n[other]\n";
        let found = Profile::find(text, "ministry").unwrap();
        assert_eq!(found.server.as_deref(), Some("https://pakn.example"));
        assert_eq!(found.token.unwrap().expose_secret(), "secret");
        assert!(Profile::find(text, "other").unwrap().token.is_none());
        assert_eq!(Profile::find(text, "none").unwrap_err(), "there is no such profile");
    }

    #[test]
    fn a_broken_file_is_not_quoted() {
        let error = Profile::find("[a]\ntoken = secret", "a").unwrap_err();
        assert!(!error.contains("secret"));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_known() {
        use std::os::unix::fs::PermissionsExt as _;
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(!is_readable_by_others(file.path()));
        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o640)).unwrap();
        assert!(is_readable_by_others(file.path()));
    }
}
