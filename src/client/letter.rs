//! `pakn letter`: what operators, and clerks who hand them over, see of letters and do about them. No address or body is ever shown.

use clap::Subcommand;
use prost_types::Timestamp;

use super::{
    Run,
    contract::one_of,
    failure::Failure,
    instant,
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
    /// Records that a letter was handed over, on paper or by telephone
    Handover {
        /// Id of the letter
        id: String,
        /// How: by registered post and its number, at the counter, read out on the telephone
        #[arg(long)]
        how: String,
        /// When (RFC 3339, or the local midnight of a day) [default: now]
        #[arg(long, value_name = "INSTANT", value_parser = instant::parse)]
        at: Option<Timestamp>,
        /// Login of who handed it over [default: yours]
        #[arg(long, value_name = "LOGIN")]
        by: Option<String>,
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
            Self::Handover { id, how, at, by, once } => {
                let (handed_over_by, request_id) = (by.unwrap_or_default(), once.id());
                let request = pb::RecordHandoverRequest { id, handed_over_at: at, handed_over_by, how, request_id };
                session.show(request).await
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
