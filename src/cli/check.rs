//! `pakn check`: is the installation ready? Every finding is told; any makes it fail.

use serde_json::json;

use super::{
    Failure,
    config::{Config, Given},
    server,
};
use crate::{
    app::{App, Clock},
    client::{self, Format},
    domain::{
        reference::Reference,
        time::Instant,
        words::{Role, UnitState},
    },
    workers::mail::{sender::Sender, templates::Templates, transport::Transport},
};

/// Looks at everything and prints what it finds.
///
/// # Errors
/// When there is any finding.
pub(super) async fn run(given: &Given, format: Format) -> Result<(), Failure> {
    let config = Config::read(given)?;
    let app = server::open(&config, Clock::system()).await?;
    let mut findings = directory(&app.reference(), app.clock().now());
    findings.extend(certificates(&config, &app.reference()));
    findings.extend(mail(&config));
    findings.extend(letters(&app).await?);
    // Nobody here can publish a year: worth knowing, and no reason to fail.
    let remarks: Vec<String> = calendar(&app).into_iter().collect();
    match format {
        Format::Table => {
            findings.iter().chain(&remarks).for_each(|line| println!("{line}"));
            if findings.is_empty() {
                println!("ready");
            }
        }
        Format::Json => {
            let answer = json!({ "ready": findings.is_empty(), "findings": findings, "remarks": remarks });
            client::value(&answer).map_err(Failure::of_client)?;
        }
        Format::Csv => {
            let row = |kind: &str, what: &String| vec![kind.to_owned(), what.clone()];
            let rows = findings.iter().map(|what| row("FINDING", what));
            let rows: Vec<_> = rows.chain(remarks.iter().map(|what| row("REMARK", what))).collect();
            client::sheet(&["kind".to_owned(), "what".to_owned()], &rows).map_err(Failure::of_client)?;
        }
    }
    match findings.len() {
        0 => Ok(()),
        1 => Err(Failure::new("1 finding")),
        n => Err(Failure::new(format!("{n} findings"))),
    }
}

fn directory(reference: &Reference, now: Instant) -> Vec<String> {
    let mut findings = Vec::new();
    let units = &reference.units;
    if units.root().is_none() {
        return vec!["directory: there are no units; see `pakn directory import`".to_owned()];
    }
    let valid: Vec<_> = reference.grants.values().flatten().filter(|grant| grant.valid(now)).collect();
    let covered = |role, unit| valid.iter().any(|grant| grant.role == role && units.within(unit, grant.unit));
    for unit in units.all().filter(|unit| unit.state != UnitState::Closed) {
        // A division may leave signing to the department above it.
        let above = units.above(unit.id).map(|above| above.id);
        let head = std::iter::once(unit.id).chain(above).any(|place| covered(Role::Approver, place));
        if !head && unit.parent.is_some() {
            findings.push(format!("unit {}: nobody can approve for it", unit.code));
        }
        if unit.mailbox.is_empty() {
            findings.push(format!("unit {}: it has no mailbox", unit.code));
        }
        if unit.focal && !covered(Role::Dispatcher, unit.id) {
            findings.push(format!("unit {}: it is focal and has no dispatcher", unit.code));
        }
    }
    let staff = [Role::Dispatcher, Role::Handler, Role::Approver, Role::Supervisor];
    for account in reference.accounts.values().filter(|account| account.email.is_empty() && !account.is_closed()) {
        let mut grants = reference.grants.get(&account.id).into_iter().flatten();
        if grants.any(|grant| staff.contains(&grant.role)) {
            findings.push(format!("account {}: it has no address, so nobody there is told what is due", account.login));
        }
    }
    if !units.all().any(|unit| unit.focal) {
        findings.push("directory: no unit is focal, so nothing can be submitted".to_owned());
    }
    if reference.fields.is_empty() {
        findings.push("directory: there are no fields".to_owned());
    }
    findings
}

fn certificates(config: &Config, reference: &Reference) -> Vec<String> {
    let accounts = config.grpc.client_certificates.iter().map(|certificate| &certificate.account);
    let finding = |account: &String| match reference.account(account) {
        None => Some(format!("grpc.client_certificates: no account is called {account}")),
        Some(closed) if closed.is_closed() => Some(format!("grpc.client_certificates: {account} is closed")),
        Some(_) => None,
    };
    accounts.filter_map(finding).collect()
}

fn calendar(app: &App) -> Option<String> {
    let reference = app.reference();
    let year = reference.zone.year(app.clock().now() + chrono::TimeDelta::days(60));
    (!reference.calendars.installation().publishes(year))
        .then(|| format!("calendar: {year} has not been published; deadlines in it are provisional"))
}

fn mail(config: &Config) -> Vec<String> {
    let options = config.mail_options();
    let mut findings = Vec::new();
    match Templates::new() {
        Ok(templates) => findings.extend(templates.check().err().map(|error| format!("letters: {error}"))),
        Err(error) => findings.push(format!("letters: {error}")),
    }
    findings.extend(Sender::parse(&options).err().map(|error| format!("mail: {error}")));
    findings.extend(Transport::open(&options.transport).err().map(|error| format!("mail.transport: {error}")));
    findings
}

async fn letters(app: &App) -> Result<Vec<String>, Failure> {
    let stuck = app.stuck_letters().await.map_err(Failure::of("letters"))?;
    Ok(stuck.into_iter().map(|(status, count)| format!("letters: {count} {status}")).collect())
}
