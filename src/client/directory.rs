//! `pakn units`: what the server knows of units, accounts, grants and fields. Importing a directory is not here.

use clap::Subcommand;

use super::{Run, failure::Failure, session::Session};
use crate::pb;

const UNIT_COLUMNS: &[&str] = &["code", "parent", "level", "focal", "name"];
const ACCOUNT_COLUMNS: &[&str] = &["login", "unit", "name", "email"];
const GRANT_COLUMNS: &[&str] = &["account", "role", "unit", "id"];
const FIELD_COLUMNS: &[&str] = &["code", "parent", "name", "name_en"];

/// What to list of the directory.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Lists units, parents before children
    List,
    /// Lists accounts
    Accounts {
        /// Of this unit and those below it
        #[arg(long, value_name = "CODE")]
        unit: Option<String>,
    },
    /// Lists grants: who may do what, over which units
    Grants {
        /// Of this account
        #[arg(long, value_name = "LOGIN")]
        account: Option<String>,
    },
    /// Lists the fields that a petition can be about; needs no token
    Fields,
}

impl Run for Verb {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        match self {
            Self::List => {
                let request = pb::ListUnitsRequest {};
                session.list(request, "units", UNIT_COLUMNS).await
            }
            Self::Accounts { unit } => {
                let unit = unit.unwrap_or_default();
                let request = pb::ListAccountsRequest { unit };
                session.list(request, "accounts", ACCOUNT_COLUMNS).await
            }
            Self::Grants { account } => {
                let account = account.unwrap_or_default();
                let request = pb::ListGrantsRequest { account };
                session.list(request, "grants", GRANT_COLUMNS).await
            }
            Self::Fields => {
                let request = pb::ListFieldsRequest {};
                session.list(request, "fields", FIELD_COLUMNS).await
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
        cell::assert_columns("Unit", UNIT_COLUMNS);
        cell::assert_columns("Account", ACCOUNT_COLUMNS);
        cell::assert_columns("Grant", GRANT_COLUMNS);
        cell::assert_columns("Field", FIELD_COLUMNS);
    }
}
