//! `pakn units`: what the server knows of units, accounts, grants and fields. What is done to units and grants is in `unit`;
//! importing a directory is not here.

use clap::Subcommand;

use super::{Run, failure::Failure, session::Session, shared::Paging, unit};
use crate::pb;

const UNIT_COLUMNS: &[&str] = &["code", "parent", "level", "focal", "closed_on", "successor", "name"];
const ACCOUNT_COLUMNS: &[&str] = &["login", "unit", "name", "email"];
const GRANT_COLUMNS: &[&str] = &["account", "role", "unit", "valid_from", "valid_until", "id"];
const FIELD_COLUMNS: &[&str] = &["code", "parent", "assigns_itself", "name", "name_en"];

/// What to list of the directory.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Lists units, parents before children
    List {
        #[command(flatten)]
        paging: Paging,
    },
    /// Lists accounts
    Accounts {
        /// Of this unit and those below it
        #[arg(long, value_name = "CODE")]
        unit: Option<String>,
        #[command(flatten)]
        paging: Paging,
    },
    /// Lists grants: who may do what, over which units
    Grants {
        /// Of this account
        #[arg(long, value_name = "LOGIN")]
        account: Option<String>,
        #[command(flatten)]
        paging: Paging,
    },
    /// Lists the fields that a petition can be about; needs no token
    Fields {
        #[command(flatten)]
        paging: Paging,
    },
    #[command(flatten)]
    Unit(unit::Verb),
}

impl Run for Verb {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        match self {
            Self::List { paging } => {
                let request = |page| pb::ListUnitsRequest { page };
                session.pages(paging, "units", UNIT_COLUMNS, request).await
            }
            Self::Accounts { unit, paging } => {
                let unit = unit.unwrap_or_default();
                let request = |page| pb::ListAccountsRequest { unit: unit.clone(), page };
                session.pages(paging, "accounts", ACCOUNT_COLUMNS, request).await
            }
            Self::Grants { account, paging } => {
                let account = account.unwrap_or_default();
                let request = |page| pb::ListGrantsRequest { account: account.clone(), page };
                session.pages(paging, "grants", GRANT_COLUMNS, request).await
            }
            Self::Unit(verb) => verb.run(session).await,
            Self::Fields { paging } => {
                let request = |page| pb::ListFieldsRequest { page };
                session.pages(paging, "fields", FIELD_COLUMNS, request).await
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
