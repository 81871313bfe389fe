//! `pakn policy`: deadline policies, for administrators.

use std::path::PathBuf;

use clap::Subcommand;

use super::{Run, contract, failure::Failure, json, prose, session::Session, shared::Once};
use crate::pb;

const COLUMNS: &[&str] = &["version", "valid_from", "scope", "intake", "forward", "answer"];

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
}

impl Run for Verb {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        match self {
            Self::List => session.list(pb::ListPoliciesRequest {}, "policies", COLUMNS).await,
            Self::Show { version } => session.show(pb::GetPolicyRequest { version }).await,
            Self::Put { file, once } => {
                let wrong = |problem: String| Failure::usage(format!("{}: {problem}", file.display()));
                let value: serde_json::Value =
                    serde_json::from_str(&prose::file(&file)?).map_err(|error| wrong(error.to_string()))?;
                // What `show` prints is the answer with the policy in it.
                let value = value.get("policy").cloned().unwrap_or(value);
                let policy = json::read(&contract::message("Policy")?, &value)?;
                let policy = policy.transcode_to().map_err(|error| wrong(error.to_string()))?;
                session.show(pb::PutPolicyRequest { policy: Some(policy), request_id: once.id() }).await
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
