//! The binary as a process of its own, with what it prints and what it ends with.

use std::{
    io::Write as _,
    os::unix::fs::PermissionsExt,
    process::{Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::world::{MASTER, Person, SECRET, World};

/// What a run left behind.
#[derive(Debug)]
pub struct Ran {
    pub exit: Option<i32>,
    pub out: String,
    pub err: String,
}

/// A terminal: a home and an environment, with nothing of the machine's own.
pub struct Terminal {
    home: TempDir,
    env: Vec<(&'static str, String)>,
}

impl Terminal {
    pub fn bare() -> Self {
        Self { home: tempfile::tempdir().unwrap(), env: Vec::new() }
    }

    /// Of somebody who has a token and knows the server.
    pub fn of(person: &Person<'_>) -> Self {
        Self::bare().with("PAKN_SERVER", format!("http://{}", person.world.address)).with("PAKN_TOKEN", token(person))
    }

    /// On the server's host, where the database can be opened.
    pub fn on_host(world: &World) -> Self {
        let secret = String::from_utf8(SECRET.to_vec()).unwrap();
        Self::bare().with("PAKN_DATABASE_URL", world.url()).with("PAKN_SECRET", secret).with("PAKN_MASTER_KEY", MASTER)
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.env.push((name, value.into()));
        self
    }

    pub fn without(mut self, name: &'static str) -> Self {
        self.env.retain(|(known, _)| *known != name);
        self
    }

    /// A file at home, for its owner alone.
    pub fn file(&self, name: &str, text: &str) -> String {
        let at = self.home.path().join(name);
        std::fs::create_dir_all(at.parent().unwrap()).unwrap();
        std::fs::write(&at, text).unwrap();
        std::fs::set_permissions(&at, PermissionsExt::from_mode(0o600)).unwrap();
        at.display().to_string()
    }

    /// Runs the binary with something typed at it.
    pub async fn types(&self, line: &[&str], typed: &str) -> Ran {
        let home = self.home.path();
        let mut command = Command::new(env!("CARGO_BIN_EXE_pakn"));
        command.args(line).env_clear().env("XDG_CONFIG_HOME", home).env("HOME", home).current_dir(home);
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let typed = typed.to_owned();
        let running = move || {
            let mut child = command.spawn().unwrap();
            // Whoever reads nothing may have ended already.
            let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
            child.wait_with_output().unwrap()
        };
        let ran = tokio::task::spawn_blocking(running).await.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { exit: ran.status.code(), out: text(ran.stdout), err: text(ran.stderr) }
    }

    /// Runs what must come off; gives what it printed.
    pub async fn gets(&self, line: &[&str]) -> String {
        let ran = self.types(line, "").await;
        assert_eq!(ran.exit, Some(0), "{line:?}: {ran:?}");
        ran.out
    }

    /// Runs what must come off; gives the plain data.
    pub async fn asks(&self, line: &[&str]) -> Value {
        serde_json::from_str(&self.gets(&[line, &["--format", "json"]].concat()).await).unwrap()
    }

    /// Does something to a petition; it leads to this state.
    pub async fn leads(&self, verb: &[&str], state: &str) -> Value {
        let answer = self.asks(&[&["petition"], verb].concat()).await;
        assert_eq!(answer["outcome"]["state"], state, "{verb:?}");
        answer
    }

    /// Keeps a draft that is typed.
    pub async fn drafts(&self, line: &[&str], text: &str) -> Value {
        let line = [&["petition", "draft", "save", "--file", "-", "--format", "json"], line].concat();
        serde_json::from_str(&self.types(&line, text).await.out).unwrap()
    }

    /// Runs what must fail with this code: no data, one line of reason.
    pub async fn fails(&self, exit: i32, line: &[&str]) -> String {
        let ran = self.types(line, "").await;
        assert_eq!((ran.exit, ran.out.as_str()), (Some(exit), ""), "{line:?}: {ran:?}");
        let reason = ran.err.strip_suffix('\n').and_then(|reason| reason.strip_prefix("pakn: ")).expect(&ran.err);
        assert!(!reason.is_empty() && !reason.contains('\n'), "{line:?}: {ran:?}");
        reason.to_owned()
    }
}

/// The bearer token of somebody.
pub fn token(person: &Person<'_>) -> String {
    let header = person.ask(()).metadata().get("authorization").unwrap().to_str().unwrap().to_owned();
    header.strip_prefix("Bearer ").unwrap().to_owned()
}
