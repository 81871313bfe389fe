//! `pakn delegation`: who approves for whom, over which unit, in what capacity, until when.

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

const COLUMNS: &[&str] = &["delegator", "delegate", "unit", "capacity", "valid_from", "valid_until", "id"];

/// What to do to delegations of approval.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Lets an account approve for an approver
    Create {
        /// Login of the account that is to approve
        delegate: String,
        /// Code of the unit, with those below it
        #[arg(long, value_name = "CODE")]
        unit: String,
        /// In what capacity
        #[arg(long, ignore_case = true, value_parser = one_of::<pb::Capacity>())]
        capacity: i32,
        /// Until when it counts, exclusive
        #[arg(long, value_name = "TIME", value_parser = instant::parse)]
        until: Timestamp,
        /// From when on it counts [default: now]
        #[arg(long, value_name = "TIME", value_parser = instant::parse)]
        from: Option<Timestamp>,
        /// Login of the approver [default: whoever asks]
        #[arg(long = "for", value_name = "LOGIN")]
        delegator: Option<String>,
        #[command(flatten)]
        once: Once,
    },
    /// Shows a delegation
    Show {
        /// Its id, from `list`
        id: String,
    },
    /// Lists delegations
    List {
        /// By this account, or to it
        #[arg(long, value_name = "LOGIN")]
        account: Option<String>,
        #[command(flatten)]
        paging: Paging,
    },
    /// Ends a delegation at once
    Revoke {
        /// Its id, from `list`
        id: String,
        #[command(flatten)]
        once: Once,
    },
}

impl Run for Verb {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        match self {
            Self::Create { delegate, unit, capacity, until, from, delegator, once } => {
                let delegation = pb::Delegation {
                    id: String::new(),
                    delegator: delegator.unwrap_or_default(),
                    delegate,
                    unit,
                    capacity,
                    valid_from: from,
                    valid_until: Some(until),
                };
                let request = pb::CreateDelegationRequest { delegation: Some(delegation), request_id: once.id() };
                session.show(request).await
            }
            Self::Show { id } => session.show(pb::GetDelegationRequest { id }).await,
            Self::List { account, paging } => {
                let account = account.unwrap_or_default();
                let request = |page| pb::ListDelegationsRequest { account: account.clone(), page };
                session.pages(paging, "delegations", COLUMNS, request).await
            }
            Self::Revoke { id, once } => session.show(pb::RevokeDelegationRequest { id, request_id: once.id() }).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::cell;

    #[test]
    fn columns_are_fields() {
        cell::assert_columns("Delegation", COLUMNS);
    }
}
