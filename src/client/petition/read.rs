//! Looking at petitions as units see them: list, count, show, events. Changes nothing.

use clap::Subcommand;

use super::{explain, filter::Filter};
use crate::{
    client::{
        Run, cell,
        contract::one_of,
        failure::Failure,
        output,
        session::Session,
        shared::{Once, Paging, Proof},
    },
    pb,
};

pub(super) const COLUMNS: &[&str] =
    &["code", "state", "priority", "field", "holder", "handler", "received_at", "answer_due", "overdue", "title"];
const SIMILAR_COLUMNS: &[&str] =
    &["likenesses", "text_score", "summary.code", "summary.state", "summary.received_at", "summary.title"];
const SUGGESTED_COLUMNS: &[&str] = &["unit", "matched", "failed", "answered_similar", "text_score"];
const EVENT_COLUMNS: &[&str] = &["seq", "happened_at", "kind", "actor", "through", "unit", "state", "texts"];

/// What to look at.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Lists the petitions that you may see
    List {
        #[command(flatten)]
        filter: Filter,
        /// In which order
        #[arg(long, ignore_case = true, value_parser = one_of::<pb::PetitionOrder>())]
        order: Option<i32>,
        #[command(flatten)]
        paging: Paging,
    },
    /// Counts petitions by state
    Count {
        #[command(flatten)]
        filter: Filter,
    },
    /// Shows one petition
    Show {
        /// Tracking code
        code: String,
    },
    /// Explains the due dates of one petition day by day, with the ledger that they follow from; with the key or the
    /// subject that of the answer, as the petitioner may see it
    Explain {
        /// Tracking code
        code: String,
        #[command(flatten)]
        proof: Proof,
        /// Which round, from 1 [default: the present one]
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..))]
        round: Option<i32>,
    },
    /// Shows who brought one petition; that you looked is on record, and why
    Reveal {
        /// Tracking code
        code: String,
        /// Why; supervisors read it
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        once: Once,
    },
    /// Suggests petitions that may be the same matter as one, or of the same sender
    Similar {
        /// Tracking code
        code: String,
    },
    /// Suggests units that may be competent for one petition, each with the rules that say so and those that do not
    Suggest {
        /// Tracking code
        code: String,
        /// As if it was accepted in this field
        #[arg(long, value_name = "CODE")]
        field: Option<String>,
        /// As if it was accepted with this subject class
        #[arg(long, ignore_case = true, value_parser = one_of::<pb::SubjectClass>())]
        class: Option<i32>,
        /// As if this unit was complained of
        #[arg(long, value_name = "CODE")]
        concerned: Option<String>,
    },
    /// Lists the steps of one petition, oldest first
    Events {
        /// Tracking code
        code: String,
        #[command(flatten)]
        paging: Paging,
    },
}

impl Run for Verb {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        match self {
            Self::List { filter, order, paging } => {
                let filter = pb::PetitionFilter::from(filter);
                let request = |page| pb::ListPetitionsRequest {
                    filter: Some(filter.clone()),
                    order: order.unwrap_or_default(),
                    page,
                };
                session.pages(paging, "petitions", COLUMNS, request).await
            }
            Self::Count { filter } => {
                let filter = Some(filter.into());
                let answer = session.call(pb::CountPetitionsRequest { filter }).await?;
                session.output.rows(&answer, "states", &["state", "count"])?;
                let total = cell::text(&answer, "total", cell::Style::Exact);
                output::remark(&format!("{total} in all"));
                Ok(())
            }
            Self::Show { code } => session.show(pb::GetPetitionRequest { code }).await,
            Self::Explain { code, proof, round } => {
                explain::run(code, proof.given(), round.unwrap_or_default(), session).await
            }
            Self::Reveal { code, reason, once } => {
                session.show(pb::RevealPetitionerRequest { code, reason, request_id: once.id() }).await
            }
            Self::Similar { code } => {
                let request = pb::ListSimilarPetitionsRequest { code };
                session.list(request, "petitions", SIMILAR_COLUMNS).await
            }
            Self::Suggest { code, field, class, concerned } => {
                let (field, concerned_unit) = (field.unwrap_or_default(), concerned.unwrap_or_default());
                let subject_class = class.unwrap_or_default();
                let request = pb::SuggestUnitsRequest { code, field, subject_class, concerned_unit };
                let answer = session.call(request).await?;
                session.output.rows(&answer, "units", SUGGESTED_COLUMNS)?;
                let said = |field: &str| cell::text(&answer, field, cell::Style::Exact);
                let by = Some(said("decided_by")).filter(|rule| !rule.is_empty());
                let by = by.map(|rule| format!(", by rule {rule}")).unwrap_or_default();
                output::remark(&format!("{}{by}; {} rules weighed", said("routing"), said("weighed")));
                Ok(())
            }
            Self::Events { code, paging } => {
                let request = |page| pb::ListPetitionEventsRequest { code: code.clone(), page };
                session.pages(paging, "events", EVENT_COLUMNS, request).await
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_fields() {
        cell::assert_columns("PetitionSummary", COLUMNS);
        cell::assert_columns("SimilarPetition", SIMILAR_COLUMNS);
        cell::assert_columns("SuggestedUnit", SUGGESTED_COLUMNS);
        cell::assert_columns("Event", EVENT_COLUMNS);
    }
}
