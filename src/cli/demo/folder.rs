//! The demo's folder: the database, the secret, the letters, the tokens, the profiles of the admin client.

use std::{
    collections::BTreeMap,
    fs,
    io::{ErrorKind, Write as _},
    net::SocketAddr,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use super::super::Failure;

/// Secrets of tokens by login.
pub(super) type Tokens = BTreeMap<String, String>;

/// What the name of a token's variable begins with.
const VARIABLE: &str = "PAKN_TOKEN_";

/// The folder of a demo.
#[derive(Debug)]
pub(super) struct Folder {
    /// Its absolute path.
    pub(super) path: PathBuf,
}

impl Folder {
    /// Makes the folder, or finds it as an earlier demo left it. Others may not look into it.
    ///
    /// # Errors
    /// When it cannot be made, or holds something that is not a demo.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let shown = path.display();
        let failed = |error: std::io::Error| Failure::new(format!("cannot use the folder {shown}: {error}"));
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)?;
        let path = path.canonicalize().map_err(failed)?;
        let folder = Self { path };
        let is_empty = fs::read_dir(&folder.path).map_err(failed)?.next().is_none();
        if !is_empty && !folder.is_seeded() {
            let message = format!(
                "{shown} is not empty and holds no demo that was finished: remove it, or name another --folder"
            );
            return Err(Failure::new(message));
        }
        let private = fs::Permissions::from_mode(0o700);
        fs::set_permissions(&folder.path, private).map_err(failed)?;
        Ok(folder)
    }

    /// Whether a demo was made here. The tokens are written last.
    pub(super) fn is_seeded(&self) -> bool {
        self.tokens_file().is_file()
    }

    /// The database.
    pub(super) fn database(&self) -> PathBuf {
        self.path.join("pakn.db")
    }

    /// Where letters go.
    pub(super) fn letters(&self) -> PathBuf {
        self.path.join("letters")
    }

    /// The tokens, as variables of a shell.
    pub(super) fn tokens_file(&self) -> PathBuf {
        self.path.join("tokens.env")
    }

    /// What `XDG_CONFIG_HOME` must be for the admin client to find the profiles.
    pub(super) fn client(&self) -> PathBuf {
        self.path.join("client")
    }

    /// Keeps the tokens, readable by the owner alone.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn write_tokens(&self, tokens: &Tokens) -> Result<(), Failure> {
        let mut text = "# Tokens of the demo's accounts. Whoever has one speaks for the account.\n".to_owned();
        for (login, secret) in tokens {
            text.push_str(&format!("{VARIABLE}{}={secret}\n", login.replace('-', "_")));
        }
        write_private(&self.tokens_file(), &text)
    }

    /// The tokens that an earlier demo kept.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn read_tokens(&self) -> Result<Tokens, Failure> {
        let file = self.tokens_file();
        let text = fs::read_to_string(&file).map_err(Failure::of(&file.display().to_string()))?;
        let token = |line: &str| {
            let (login, secret) = line.strip_prefix(VARIABLE)?.split_once('=')?;
            Some((login.replace('_', "-"), secret.to_owned()))
        };
        Ok(text.lines().filter_map(token).collect())
    }

    /// Writes a profile of the admin client for each token.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(super) fn write_profiles(&self, tokens: &Tokens, server: SocketAddr) -> Result<(), Failure> {
        let folder = self.client().join("pakn");
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        made.map_err(Failure::of(&format!("cannot make {}", folder.display())))?;
        let profile = |(login, secret)| format!("[{login}]\nserver = \"http://{server}\"\ntoken = \"{secret}\"\n\n");
        write_private(&folder.join("profiles.toml"), &tokens.iter().map(profile).collect::<String>())
    }
}

/// Whole or not at all, readable by the owner alone.
fn write_private(file: &Path, text: &str) -> Result<(), Failure> {
    let draft = file.with_extension("tmp");
    let write = || {
        match fs::remove_file(&draft) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut written = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        written.write_all(text.as_bytes())?;
        written.sync_all()?;
        fs::rename(&draft, file)
    };
    write().map_err(Failure::of(&format!("cannot write {}", file.display())))
}
