//! `pakn account`: who calls. What accounts may do, and tokens of the server's host, are not here.

use clap::Subcommand;
use prost_types::FieldMask;

use super::{
    Run,
    failure::Failure,
    session::Session,
    shared::{Once, Paging},
};
use crate::pb;

const COLUMNS: &[&str] = &["login", "unit", "name", "email", "closed_at"];

/// What to do to accounts.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Lists accounts, also closed ones
    List {
        /// Of this unit and those below it
        #[arg(long, value_name = "CODE")]
        unit: Option<String>,
        #[command(flatten)]
        paging: Paging,
    },
    /// Shows an account with its grants and the etag for `update`
    Show {
        /// Login
        login: String,
    },
    /// Adds an account; what it may do is granted then
    Create {
        /// Login
        login: String,
        /// Code of the unit it belongs to
        #[arg(long, value_name = "CODE")]
        unit: String,
        /// Name
        #[arg(long)]
        name: String,
        /// Where notices go
        #[arg(long, value_name = "ADDRESS")]
        email: Option<String>,
        #[command(flatten)]
        once: Once,
    },
    /// Says something anew of an account; what is not given stays. Moved to another unit, its roles, delegations and tokens end
    Update {
        /// Login
        login: String,
        /// Code of the unit it belongs to from now on
        #[arg(long, value_name = "CODE")]
        unit: Option<String>,
        /// Name
        #[arg(long)]
        name: Option<String>,
        /// Where notices go; empty for nowhere
        #[arg(long, value_name = "ADDRESS")]
        email: Option<String>,
        /// The etag that was read; refused if the account has moved since
        #[arg(long)]
        etag: Option<String>,
        #[command(flatten)]
        once: Once,
    },
    /// Closes an account: nobody calls by it from now on, and its roles, delegations and tokens end
    Close {
        /// Login
        login: String,
        #[command(flatten)]
        once: Once,
    },
    /// Opens a closed account again, without any role
    Open {
        /// Login
        login: String,
        #[command(flatten)]
        once: Once,
    },
}

impl Run for Verb {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        match self {
            Self::List { unit, paging } => {
                let unit = unit.unwrap_or_default();
                let request = |page| pb::ListAccountsRequest { unit: unit.clone(), page };
                session.pages(paging, "accounts", COLUMNS, request).await
            }
            Self::Show { login } => session.show(pb::GetAccountRequest { login }).await,
            Self::Create { login, unit, name, email, once } => {
                let email = email.unwrap_or_default();
                let account = Some(pb::Account { login, unit, name, email, ..pb::Account::default() });
                session.show(pb::CreateAccountRequest { account, request_id: once.id() }).await
            }
            Self::Update { login, unit, name, email, etag, once } => {
                let given = [("unit", unit.is_some()), ("name", name.is_some()), ("email", email.is_some())];
                let paths: Vec<String> = given.into_iter().filter(|one| one.1).map(|one| one.0.to_owned()).collect();
                if paths.is_empty() {
                    return Err(Failure::usage("nothing is said anew; see --help".to_owned()));
                }
                let [unit, name, email] = [unit, name, email].map(Option::unwrap_or_default);
                let account = Some(pb::Account { login, unit, name, email, ..pb::Account::default() });
                let (update_mask, etag) = (Some(FieldMask { paths }), etag.unwrap_or_default());
                session.show(pb::UpdateAccountRequest { account, update_mask, etag, request_id: once.id() }).await
            }
            Self::Close { login, once } => session.show(closing(login, true, once)).await,
            Self::Open { login, once } => session.show(closing(login, false, once)).await,
        }
    }
}

fn closing(login: String, closed: bool, once: Once) -> pb::UpdateAccountRequest {
    pb::UpdateAccountRequest {
        account: Some(pb::Account { login, closed, ..pb::Account::default() }),
        update_mask: Some(FieldMask { paths: vec!["closed".to_owned()] }),
        etag: String::new(),
        request_id: once.id(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::cell;

    #[test]
    fn columns_are_fields() {
        cell::assert_columns("Account", COLUMNS);
    }
}
