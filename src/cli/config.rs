//! Configuration: built-in defaults, then a file, then `PAKN_*` variables, then flags.

use std::{
    fs,
    io::Write as _,
    net::SocketAddr,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use chrono::{NaiveTime, Timelike as _};
use figment::{
    Figment,
    providers::{Env, Format as _, Serialized, Toml},
    value::Value,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::Failure;
use crate::{
    app::secure_bytes,
    domain::{text::hex, time::Zone},
    grpc, store,
    workers::mail::options as mail,
};

/// The commented example, which is the built-in default too.
pub(super) const EXAMPLE: &str = include_str!("../../config/pakn.toml");

/// Where to look for configuration, and what goes before it.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Given {
    /// Configuration file (TOML)
    #[arg(long, env = "PAKN_CONFIG", value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Database: sqlite:///ABSOLUTE/PATH or postgres://...
    #[arg(long, value_name = "URL")]
    pub(super) database_url: Option<String>,
    /// Folder of the embedded database, the secret and letters in files
    #[arg(long, value_name = "FOLDER")]
    pub(super) data_dir: Option<PathBuf>,
}

/// Everything that can be set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Config {
    pub(super) listen: SocketAddr,
    pub(super) data_dir: PathBuf,
    #[serde(default)]
    database_url: Option<SecretString>,
    time_zone: String,
    #[serde(default)]
    secret: Option<SecretString>,
    #[serde(default)]
    secret_file: Option<PathBuf>,
    #[serde(default)]
    master_key: Option<SecretString>,
    #[serde(default)]
    master_key_file: Option<PathBuf>,
    pub(super) database: store::Options,
    pub(super) grpc: grpc::Options,
    pub(super) mail: Mail,
    pub(super) identity: Identity,
    pub(super) workers: Workers,
    pub(super) log: Log,
}

/// Letters.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Mail {
    /// How many an address gets a day.
    pub(super) letters_a_day: u64,
    #[serde(flatten)]
    pub(super) options: MailOptions,
}

/// `mail::Options`, kept apart so that `letters_a_day` may stand beside them.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct MailOptions {
    from: String,
    #[serde(default)]
    reply_to: Option<String>,
    message_id_domain: String,
    #[serde(default)]
    transport: Option<mail::Route>,
}

/// Sealed identities.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Identity {
    /// Looks of an account in a day without anybody being told.
    pub(super) reveals_a_day: u64,
}

/// What runs by itself.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Workers {
    pub(super) mail: bool,
    pub(super) life: bool,
    /// From which local time of day on digests are sent.
    #[serde(deserialize_with = "time_of_day")]
    pub(super) digest_from: NaiveTime,
}

fn time_of_day<'de, D: serde::Deserializer<'de>>(from: D) -> Result<NaiveTime, D::Error> {
    let typed = String::deserialize(from)?;
    let read = NaiveTime::parse_from_str(&typed, "%H:%M").ok();
    // Later, a day might end before it is looked for.
    read.filter(|time| time.hour() < 23)
        .ok_or_else(|| serde::de::Error::custom(format!("{typed:?} is not a time of day before 23:00: HH:MM")))
}

/// What is logged, and how.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Log {
    pub(super) format: LogFormat,
    pub(super) filter: String,
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// Variables of the client and of tests, which are not configuration.
const NOT_OURS: [&str; 6] = ["config", "server", "token", "profile", "access_key", "postgres_bin"];

fn merged(given: &Given) -> Figment {
    let mut figment = Figment::from(Toml::string(EXAMPLE));
    if let Some(file) = &given.config {
        figment = figment.merge(Toml::file_exact(file));
    }
    // The demo's tokens (`PAKN_TOKEN_portal`) and the variables of tests and trials stand beside ours.
    let theirs = ["token_", "test_", "trial_"];
    let ours = move |key: &figment::value::UncasedStr| !theirs.iter().any(|prefix| key.starts_with(prefix));
    figment = figment.merge(Env::prefixed("PAKN_").ignore(&NOT_OURS).filter(ours).split("__"));
    // Secrets are text, also those that look like numbers.
    for key in ["secret", "master_key", "mail.transport.password"] {
        if let Ok(typed) = std::env::var(format!("PAKN_{}", key.to_uppercase().replace('.', "__"))) {
            figment = figment.merge(Serialized::default(key, typed));
        }
    }
    if let Some(url) = &given.database_url {
        figment = figment.merge(Serialized::default("database_url", url));
    }
    if let Some(folder) = &given.data_dir {
        figment = figment.merge(Serialized::default("data_dir", folder));
    }
    figment
}

impl Config {
    /// Reads the configuration.
    ///
    /// # Errors
    /// What cannot be read, and where it was said.
    pub(super) fn read(given: &Given) -> Result<Self, Failure> {
        merged(given).extract().map_err(|error| {
            let faults: Vec<String> = error.into_iter().map(|error| error.to_string()).collect();
            Failure::new(format!("configuration: {}", faults.join("; ")))
        })
    }

    /// The built-in defaults on the embedded database of a folder, whatever file and variables say; for the demo.
    ///
    /// # Errors
    /// Never: the defaults are whole.
    pub(super) fn embedded(folder: &Path, listen: SocketAddr, from: &str) -> Result<Self, Failure> {
        let figment = Figment::from(Toml::string(EXAMPLE))
            .merge(Serialized::default("data_dir", folder))
            .merge(Serialized::default("listen", listen))
            .merge(Serialized::default("mail.from", from))
            .merge(Serialized::default("log.filter", "warn"));
        figment.extract().map_err(|error| Failure::new(format!("configuration: {error}")))
    }

    /// The configuration in force as TOML, secrets redacted.
    ///
    /// # Errors
    /// As [`Config::read`].
    pub(super) fn print(given: &Given, listen: Option<SocketAddr>) -> Result<String, Failure> {
        Self::read(given)?;
        let mut figment = merged(given);
        if let Some(listen) = listen {
            figment = figment.merge(Serialized::default("listen", listen));
        }
        let mut value: Value = figment.extract().map_err(|error| Failure::new(format!("configuration: {error}")))?;
        redact("", &mut value);
        toml::to_string(&value).map_err(|error| Failure::new(error.to_string()))
    }

    /// Where the database is. The folder of an embedded one is made.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub(super) fn database_url(&self) -> Result<String, Failure> {
        if let Some(url) = &self.database_url {
            return Ok(url.expose_secret().to_owned());
        }
        self.make_data_dir()?;
        let folder = self.data_dir.canonicalize();
        let folder = folder.map_err(|error| Failure::new(format!("{}: {error}", self.data_dir.display())))?;
        Ok(format!("sqlite://{}", folder.join("pakn.db").display()))
    }

    fn make_data_dir(&self) -> Result<(), Failure> {
        use std::os::unix::fs::DirBuilderExt as _;
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.data_dir)
            .map_err(|error| Failure::new(format!("cannot make {}: {error}", self.data_dir.display())))
    }

    /// The time zone.
    ///
    /// # Errors
    /// When there is none of that name.
    pub(super) fn zone(&self) -> Result<Zone, Failure> {
        let zone = self.time_zone.parse().map(Zone);
        zone.map_err(|_| Failure::new(format!("time_zone: {:?} is not a time zone", self.time_zone)))
    }

    /// What access keys are made with. A file that was not named is made at the first start.
    ///
    /// # Errors
    /// When it is too short, or its file cannot be read or made.
    pub(super) fn secret(&self) -> Result<SecretString, Failure> {
        let secret = match (&self.secret, &self.secret_file) {
            (Some(secret), _) => secret.clone(),
            (None, Some(file)) => read_secret(file)?,
            (None, None) => {
                let file = self.data_dir.join("secret.key");
                if !file.exists() {
                    self.make_data_dir()?;
                    make_secret(&file, &hex(&secure_bytes::<32>()))?;
                }
                read_secret(&file)?
            }
        };
        if secret.expose_secret().len() < 32 {
            return Err(Failure::new("secret: must have at least 32 characters"));
        }
        Ok(secret)
    }

    /// What identities are sealed with. A file that was not named is made at the first start beside an embedded database,
    /// and never again: without it the identities of a database that has keys are lost.
    ///
    /// # Errors
    /// When they are not well-formed, or their file is missing, or cannot be read or made.
    pub(super) fn master_keys(&self, standing: store::Standing) -> Result<store::Keys, Failure> {
        let embedded = self.database_url.as_ref().is_none_or(|url| url.expose_secret().starts_with("sqlite:"));
        let (typed, place) = match (&self.master_key, &self.master_key_file) {
            (Some(typed), _) => (typed.clone(), "master_key".to_owned()),
            (None, Some(file)) => (read_secret(file)?, file.display().to_string()),
            (None, None) => {
                let file = self.data_dir.join("master.key");
                if !file.exists() {
                    if !embedded {
                        let message = "master_key or master_key_file must be given for a database that is not \
                                       embedded, the same to every process. `pakn identity new-key` draws one; keep a \
                                       copy where no backup of the database is";
                        return Err(Failure::new(message));
                    }
                    if standing.has_keys {
                        let message = "is not there, and identities in the database are sealed with what stood in it. \
                                       Put it back, or give the key as master_key or master_key_file";
                        return Err(Failure::new(format!("{} {message}", file.display())));
                    }
                    self.make_data_dir()?;
                    make_secret(&file, &format!("1:{}", hex(&secure_bytes::<32>())))?;
                    tracing::info!(file = %file.display(), "a master key was made; keep a copy of it");
                }
                (read_secret(&file)?, file.display().to_string())
            }
        };
        store::Keys::parse(typed.expose_secret()).map_err(|fault| Failure::new(format!("{place}: {fault}")))
    }

    /// Who writes letters, and the way they go out.
    pub(super) fn mail_options(&self) -> mail::Options {
        let options = &self.mail.options;
        let folder = || mail::Route::Folder(mail::FolderOptions { path: self.data_dir.join("letters") });
        mail::Options {
            from: options.from.clone(),
            reply_to: options.reply_to.clone(),
            message_id_domain: options.message_id_domain.clone(),
            transport: options.transport.clone().unwrap_or_else(folder),
        }
    }
}

fn read_secret(file: &Path) -> Result<SecretString, Failure> {
    let read =
        fs::read_to_string(file).map_err(|error| Failure::new(format!("cannot read {}: {error}", file.display())))?;
    Ok(SecretString::from(read.trim()))
}

/// Whole or not at all, even if another process makes it too: the first one wins.
fn make_secret(file: &Path, secret: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::new(format!("cannot make {}: {error}", file.display()));
    let draft = file.with_extension(format!("{}.tmp", hex(&secure_bytes::<8>())));
    let mut written = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft).map_err(failed)?;
    written.write_all(secret.as_bytes()).map_err(failed)?;
    written.sync_all().map_err(failed)?;
    match fs::hard_link(&draft, file) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(failed(error)),
        _ => {}
    }
    fs::remove_file(&draft).map_err(failed)?;
    // What is sealed with it must not outlive it.
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
}

/// Replaces secrets, and the password of a database URL.
fn redact(key: &str, value: &mut Value) {
    match value {
        Value::Dict(_, entries) => entries.iter_mut().for_each(|(key, value)| redact(key, value)),
        Value::String(_, text) if matches!(key, "password" | "secret" | "master_key") && !text.is_empty() => {
            "(redacted)".clone_into(text);
        }
        Value::String(_, text) if key == "database_url" => *text = without_password(text),
        _ => {}
    }
}

fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    // The last @ before the path ends the user's part; a password may hold others.
    let authority = rest.split('/').next().unwrap_or(rest);
    let shown = match authority.rsplit_once('@').and_then(|(user, _)| user.split_once(':')) {
        Some((name, password)) => {
            let rest = &rest[name.len() + 1 + password.len()..];
            format!("{scheme}://{name}:(redacted){rest}")
        }
        None => url.to_owned(),
    };
    let Some((place, query)) = shown.split_once('?') else { return shown };
    let hidden = |pair: &str| match pair.split_once('=') {
        Some((key, _)) if key.to_lowercase().contains("password") => format!("{key}=(redacted)"),
        _ => pair.to_owned(),
    };
    format!("{place}?{}", query.split('&').map(hidden).collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_a_whole_configuration() {
        let config: Config = Figment::from(Toml::string(EXAMPLE)).extract().unwrap();
        assert_eq!(config.listen.port(), 50_051);
        assert!(matches!(config.mail_options().transport, mail::Route::Folder(_)));
    }

    #[test]
    fn passwords_are_not_printed() {
        assert_eq!(without_password("postgres://a:b@c/d"), "postgres://a:(redacted)@c/d");
        assert_eq!(without_password("postgres://a:p@ss:w@c:5432/d"), "postgres://a:(redacted)@c:5432/d");
        assert_eq!(without_password("postgres://a@c/d"), "postgres://a@c/d");
        assert_eq!(without_password("sqlite:///x"), "sqlite:///x");
        let in_query = "postgres://c/d?user=a&password=b&sslmode=require";
        assert_eq!(without_password(in_query), "postgres://c/d?user=a&password=(redacted)&sslmode=require");
    }
}
