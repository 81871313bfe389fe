//! `pakn publication`: the public record, read by anyone. What goes on it stands under `pakn petition`.

use clap::Subcommand;

use super::{Run, failure::Failure, session::Session, shared::Paging};
use crate::pb;

const COLUMNS: &[&str] = &["id", "published_at", "field", "unit", "title"];

/// What to read.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Finds published answers, newest first; needs no token
    Search {
        /// Words that all occur
        words: Vec<String>,
        /// Of this field and those below it
        #[arg(long, value_name = "CODE")]
        field: Option<String>,
        #[command(flatten)]
        paging: Paging,
    },
    /// Shows one published answer; needs no token
    Show {
        /// Public id
        id: String,
    },
}

impl Run for Verb {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        match self {
            Self::Search { words, field, paging } => {
                let request = |page| pb::SearchPublicationsRequest {
                    text: words.join(" "),
                    field: field.clone().unwrap_or_default(),
                    page,
                };
                session.pages(paging, "publications", COLUMNS, request).await
            }
            Self::Show { id } => session.show(pb::GetPublicationRequest { id }).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::cell;

    #[test]
    fn columns_are_fields() {
        cell::assert_columns("PublicationSummary", COLUMNS);
    }
}
