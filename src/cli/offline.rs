//! Verbs that open the database themselves: migrate, tokens, importing a directory, verifying the trail.

use std::path::Path;

use clap::Subcommand;
use serde_json::{Value, json};

use super::{
    Failure,
    config::{Config, Given},
    server,
};
use crate::{
    app::{App, Clock, DirectoryFiles, DirectoryStep, shipped},
    client::{self, Format},
    domain::{account::Token, ids::TokenId, time::Instant},
};

/// What is told of a token.
const TOKEN: [&str; 6] = ["id", "account", "label", "created_at", "expires_at", "revoked_at"];

/// Tokens, on the server's host.
#[derive(Debug, Subcommand)]
pub(super) enum Tokens {
    /// Makes a token and prints its secret, this once
    Create {
        /// Login of the account it speaks for
        #[arg(long)]
        account: String,
        /// What it is for
        #[arg(long, default_value = "")]
        label: String,
        /// Days until it ends
        #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3_650))]
        days: u32,
    },
    /// Lists tokens, without their secrets
    List {
        /// Only those of this login
        #[arg(long)]
        account: Option<String>,
        /// How they are printed
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// Ends a token at once
    Revoke {
        /// Its id, from `list`
        id: uuid::Uuid,
    },
}

async fn open(given: &Given) -> Result<App, Failure> {
    server::open(&Config::read(given)?, Clock::system()).await
}

pub(super) async fn migrate(given: &Given) -> Result<(), Failure> {
    let (applied, sealed) = server::migrate(&Config::read(given)?).await?;
    eprintln!("{applied} changes applied");
    if sealed > 0 {
        eprintln!("{sealed} identities sealed");
    }
    Ok(())
}

pub(super) async fn import(given: &Given, what: &str) -> Result<(), Failure> {
    let files = match shipped(what) {
        Some(files) => files,
        None => read_folder(Path::new(what))?,
    };
    let imported = open(given).await?.import_directory(&files).await.map_err(Failure::of("import"))?;
    let more = [(imported.delegations, "delegations"), (imported.rules, "routing rules")];
    let more: String = more.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!(", {n} {what}")).collect();
    let changed = match imported.changed {
        0 => String::new(),
        n => format!("; {n} accounts that were there changed"),
    };
    eprintln!(
        "{} units, {} fields, {} accounts, {} grants{more} imported{changed}",
        imported.units, imported.fields, imported.accounts, imported.grants
    );
    Ok(())
}

fn read_folder(folder: &Path) -> Result<DirectoryFiles, Failure> {
    if !folder.is_dir() {
        return Err(Failure::new(format!(
            "{} is neither a shipped example (ministry, province) nor a folder",
            folder.display()
        )));
    }
    // A file that is missing adds nothing; one that cannot be read is a fault.
    let read = |name: &str| match std::fs::read_to_string(folder.join(name)) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(Failure::new(format!("{}: {error}", folder.join(name).display()))),
    };
    let files = DirectoryFiles {
        units: read("units.csv")?,
        fields: read("fields.csv")?,
        accounts: read("accounts.csv")?,
        grants: read("grants.csv")?,
        delegations: read("delegations.csv")?,
        rules: read("rules.csv")?,
    };
    let all = [&files.units, &files.fields, &files.accounts, &files.grants, &files.delegations, &files.rules];
    if all.into_iter().all(String::is_empty) {
        let none = "has none of units.csv, fields.csv, accounts.csv, grants.csv, delegations.csv and rules.csv";
        let message = format!("{} {none}", folder.display());
        return Err(Failure::new(message));
    }
    Ok(files)
}

pub(super) async fn tokens(given: &Given, verb: Tokens) -> Result<(), Failure> {
    let app = open(given).await?;
    match verb {
        Tokens::Create { account, label, days } => println!("{}", new_token(&app, &account, label, days).await?),
        Tokens::List { account, format } => list(&app, account.as_deref(), format)?,
        Tokens::Revoke { id } => revoke(&app, TokenId(id)).await?,
    }
    Ok(())
}

/// Makes a token for a login; returns its secret.
pub(super) async fn new_token(app: &App, login: &str, label: String, days: u32) -> Result<String, Failure> {
    let reference = app.reference();
    let account =
        reference.account(login).ok_or_else(|| Failure::new(format!("no account has the login {login:?}")))?;
    if account.is_closed() {
        return Err(Failure::new(format!("the account {login:?} is closed")));
    }
    let (token, secret) = app.new_token(account.id, label, days);
    app.direct_as(None, &[DirectoryStep::Token(token)]).await.map_err(Failure::of("token"))?;
    Ok(secret)
}

fn list(app: &App, login: Option<&str>, format: Format) -> Result<(), Failure> {
    let reference = app.reference();
    let account = match login {
        Some(login) => {
            let found = reference.account(login).map(|account| account.id);
            Some(found.ok_or_else(|| Failure::new(format!("no account has the login {login:?}")))?)
        }
        None => None,
    };
    let mut tokens: Vec<_> = reference.tokens.values().filter(|t| account.is_none_or(|a| t.account == a)).collect();
    tokens.sort_by_key(|token| std::cmp::Reverse((token.created_at, token.id)));
    let exact = format != Format::Table;
    let instant = |at: Instant| if exact { at.to_rfc3339() } else { at.format("%Y-%m-%d %H:%M").to_string() };
    let row = |token: &Token| {
        let login = reference.login(token.account).to_owned();
        let revoked = token.revoked_at.map(instant).unwrap_or_default();
        let (created, expires) = (instant(token.created_at), instant(token.expires_at));
        [token.id.to_string(), login, token.label.clone(), created, expires, revoked]
    };
    let rows: Vec<_> = tokens.into_iter().map(row).collect();
    match format {
        Format::Table => {
            let mut table = comfy_table::Table::new();
            table.load_style(comfy_table::presets::NOTHING);
            table.set_header(["ID", "ACCOUNT", "LABEL", "CREATED", "EXPIRES", "REVOKED"]);
            rows.into_iter().for_each(|row| {
                table.add_row(row);
            });
            println!("{table}");
            Ok(())
        }
        Format::Json => {
            let given = |text: String| if text.is_empty() { Value::Null } else { text.into() };
            let token =
                |row: [String; 6]| -> Value { TOKEN.map(str::to_owned).into_iter().zip(row.map(given)).collect() };
            let tokens: Vec<Value> = rows.into_iter().map(token).collect();
            client::value(&json!({ "tokens": tokens })).map_err(Failure::of_client)
        }
        Format::Csv => {
            let rows: Vec<Vec<String>> = rows.into_iter().map(Vec::from).collect();
            client::sheet(&TOKEN.map(str::to_owned), &rows).map_err(Failure::of_client)
        }
    }
}

async fn revoke(app: &App, id: TokenId) -> Result<(), Failure> {
    let reference = app.reference();
    let token = reference.tokens.values().find(|token| token.id == id);
    // Ended once, it is not ended again.
    if token.ok_or_else(|| Failure::new("no such token"))?.revoked_at.is_none() {
        app.direct_as(None, &[DirectoryStep::RevokeToken(id)]).await.map_err(Failure::of("token"))?;
    }
    eprintln!("revoked");
    Ok(())
}

/// Verifies the trail. A broken link is a failure.
pub(super) async fn verify(given: &Given, code: Option<&str>) -> Result<(), Failure> {
    let code = match code {
        Some(typed) => Some(
            crate::domain::code::parse_tracking_code(typed)
                .ok_or_else(|| Failure::new(format!("{typed:?} is not a tracking code")))?,
        ),
        None => None,
    };
    let verified = open(given).await?.verify_offline(code.as_deref()).await.map_err(Failure::of("the trail"))?;
    if let Some(broken) = verified.broken {
        return Err(Failure::new(format!("broken: {} event {} {}", broken.code, broken.seq, broken.problem)));
    }
    let erased = if verified.erased > 0 { format!("; {} erased", verified.erased) } else { String::new() };
    println!("whole: {} petitions, {} events{erased}", verified.petitions, verified.events);
    Ok(())
}
