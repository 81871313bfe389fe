//! `pakn letter`: what operators see of letters and do about them. No address or body is ever shown.

use clap::Subcommand;

use super::{
    Run,
    contract::one_of,
    failure::Failure,
    session::Session,
    shared::{Once, Paging},
};
use crate::pb;

const COLUMNS: &[&str] =
    &["id", "code", "kind", "recipient", "medium", "status", "attempts", "next_attempt_at", "last_reply"];

/// What to do with letters.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Lists letters, oldest first; without a status, those still owed
    List {
        /// In any of these statuses
        #[arg(long, value_delimiter = ',', ignore_case = true, value_parser = one_of::<pb::LetterStatus>())]
        status: Vec<i32>,
        /// Of this petition
        #[arg(long, value_name = "CODE")]
        code: Option<String>,
        #[command(flatten)]
        paging: Paging,
    },
    /// Shows a letter with every attempt
    Show {
        /// Id of the letter
        id: String,
    },
    /// Has a letter tried again
    Retry {
        /// Id of the letter
        id: String,
        #[command(flatten)]
        once: Once,
    },
    /// Gives a letter up
    Abandon {
        /// Id of the letter
        id: String,
        /// Why
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        once: Once,
    },
}

impl Run for Verb {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        match self {
            Self::List { status, code, paging } => {
                let request = |page| pb::ListLettersRequest {
                    statuses: status.clone(),
                    code: code.clone().unwrap_or_default(),
                    page,
                };
                session.pages(paging, "letters", COLUMNS, request).await
            }
            Self::Show { id } => session.show(pb::GetLetterRequest { id }).await,
            Self::Retry { id, once } => session.show(pb::RetryLetterRequest { id, request_id: once.id() }).await,
            Self::Abandon { id, reason, once } => {
                session.show(pb::AbandonLetterRequest { id, reason, request_id: once.id() }).await
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::cell;

    #[test]
    fn columns_are_fields() {
        cell::assert_columns("Letter", COLUMNS);
    }
}
