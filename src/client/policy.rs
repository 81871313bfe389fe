//! `pakn policy`: deadline policies, for administrators.

use std::path::PathBuf;

use clap::Subcommand;
use prost_types::Timestamp;

use super::{Run, failure::Failure, instant, json, session::Session, shared::Once};
use crate::pb;

const COLUMNS: &[&str] = &["version", "valid_from", "valid_until", "scope", "intake", "forward", "answer"];

/// What to do with deadline policies.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Lists all versions, oldest first
    List,
    /// Shows a version
    Show {
        /// Version; a name alone means the one in force now
        version: String,
    },
    /// Adds a version from a JSON file, as `show --format json` prints one
    Put {
        /// The file, or `-`
        file: PathBuf,
        #[command(flatten)]
        once: Once,
    },
    /// Ends a version; receipts before the end keep to it
    Close {
        /// Version; a name alone means the one in force now
        version: String,
        /// The first instant that is not under it (RFC 3339, or a local day) [default: now]
        #[arg(long, value_name = "INSTANT", value_parser = instant::parse)]
        until: Option<Timestamp>,
        #[command(flatten)]
        once: Once,
    },
}

impl Run for Verb {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        match self {
            Self::List => session.list(pb::ListPoliciesRequest {}, "policies", COLUMNS).await,
            Self::Show { version } => session.show(pb::GetPolicyRequest { version }).await,
            Self::Put { file, once } => {
                let policy = json::file(&file, "Policy", "policy")?;
                session.show(pb::PutPolicyRequest { policy: Some(policy), request_id: once.id() }).await
            }
            Self::Close { version, until, once } => {
                session.show(pb::ClosePolicyRequest { version, valid_until: until, request_id: once.id() }).await
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
        cell::assert_columns("Policy", COLUMNS);
    }
}
