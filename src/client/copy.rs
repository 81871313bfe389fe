//! `pakn copy`: what a unit complained of was given of a case, and what it says to that.

use clap::Subcommand;

use super::{
    Run,
    failure::Failure,
    prose,
    session::Session,
    shared::{Once, Paging},
};
use crate::pb;

const COLUMNS: &[&str] = &["id", "unit", "shared_on", "takes_statements", "text"];

/// What to do with copies.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Lists the copies that your unit was given
    List {
        #[command(flatten)]
        paging: Paging,
    },
    /// Shows one copy with the statements to it
    Show {
        /// Its id, from `list`
        id: String,
    },
    /// Explains the unit's conduct to those who have the case
    Answer {
        /// Id of the copy, from `list`
        id: String,
        /// The statement, or `-`
        #[arg(long)]
        text: String,
        #[command(flatten)]
        once: Once,
    },
}

impl Run for Verb {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        match self {
            Self::List { paging } => {
                let request = |page| pb::ListRedactedCopiesRequest { page };
                session.pages(paging, "copies", COLUMNS, request).await
            }
            Self::Show { id } => session.show(pb::GetRedactedCopyRequest { id }).await,
            Self::Answer { id, text, once } => {
                let text = prose::given(text)?;
                session.show(pb::SubmitStatementRequest { id, text, request_id: once.id() }).await
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
        cell::assert_columns("RedactedCopy", COLUMNS);
    }
}
