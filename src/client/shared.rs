//! Arguments that many verbs share: the petition meant, the proof, the page. Calls nothing.

use clap::Args;
use uuid::Uuid;

use crate::pb;

/// The petition that a command is about.
#[derive(Debug, Args)]
pub struct On {
    /// Tracking code
    #[arg(value_name = "CODE")]
    code: String,
    /// The version it was read at; refused if it has changed since
    #[arg(long, value_name = "N")]
    version: Option<i64>,
    #[command(flatten)]
    once: Once,
}

impl On {
    /// The tracking code as given.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The target of a request.
    pub fn target(self) -> Option<pb::Target> {
        Some(pb::Target { code: self.code, version: self.version.unwrap_or_default(), request_id: self.once.id() })
    }
}

/// Under which id a command is done once at most.
#[derive(Debug, Args)]
pub struct Once {
    /// Repeats a command whose answer was lost; it is done once at most [default: a fresh id]
    #[arg(long, value_name = "UUID")]
    request_id: Option<Uuid>,
}

impl Once {
    /// The id given, else a fresh one.
    pub fn id(&self) -> String {
        self.request_id.unwrap_or_else(fresh).to_string()
    }

    /// The id given, if any.
    pub fn given(&self) -> Option<String> {
        self.request_id.map(|id| id.to_string())
    }
}

/// Proof that the caller speaks for the petitioner; clerks give none.
#[derive(Debug, Args)]
pub struct Proof {
    /// The petitioner's access key; a subject that is given wins
    #[arg(long, env = "PAKN_ACCESS_KEY", hide_env_values = true)]
    key: Option<String>,
    /// The portal's id of its user, as given at submission
    #[arg(long, value_name = "ID")]
    subject: Option<String>,
}

impl Proof {
    /// The proof of a request, if any was given.
    pub fn given(self) -> Option<pb::Proof> {
        match (self.key, self.subject) {
            (None, None) => None,
            (_, Some(portal_subject)) => Some(pb::Proof { portal_subject, ..Default::default() }),
            (Some(access_key), None) => Some(pb::Proof { access_key, ..Default::default() }),
        }
    }
}

/// The page wanted.
#[derive(Clone, Debug, Args)]
pub struct Paging {
    /// Every page
    #[arg(long, conflicts_with = "page_token")]
    pub all: bool,
    /// Rows a page, 1 to 200 [default: 50; with --all 200]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..=200))]
    page_size: Option<i32>,
    /// The page that follows the one which gave this token
    #[arg(long, value_name = "TOKEN")]
    page_token: Option<String>,
}

impl Paging {
    /// The first page to ask for.
    pub fn first(&self) -> pb::PageRequest {
        self.after(self.page_token.clone().unwrap_or_default())
    }

    /// The page of a token.
    pub fn after(&self, token: String) -> pb::PageRequest {
        let most = if self.all { 200 } else { 0 };
        pb::PageRequest { size: self.page_size.unwrap_or(most), token }
    }
}
/// An id of the client's own, for one command.
#[expect(clippy::disallowed_methods, reason = "the client has no injected source: its ids are for one command each")]
fn fresh() -> Uuid {
    Uuid::now_v7()
}
