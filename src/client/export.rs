//! `pakn directory export`: units, fields, accounts, grants, delegations and routing rules as files that `pakn directory import` reads.

use std::{
    collections::{HashMap, HashSet},
    fs,
    path::PathBuf,
};

use clap::Args;
use prost_reflect::DynamicMessage;

use super::{connection::Connection, failure::Failure, instant, output, plain, session::Session};
use crate::pb;

/// Where the directory goes.
#[derive(Debug, Args)]
pub struct Export {
    #[command(flatten)]
    connection: Connection,
    /// The folder; made if it is not there. Files in it are not written over
    folder: PathBuf,
}

/// Rows that a page has at the most.
const LARGEST: i32 = 200;

const UNITS: [&str; 14] = [
    "code",
    "parent",
    "level",
    "name",
    "short_name",
    "name_en",
    "mailbox",
    "focal",
    "national_code",
    "short_name_en",
    "valid_from",
    "closed_on",
    "successor",
    "successors_by_field",
];
const FIELDS: [&str; 5] = ["code", "parent", "name", "name_en", "assigns_itself"];
const ACCOUNTS: [&str; 6] = ["login", "unit", "name", "email", "roles", "closed_on"];
const RULES: [&str; 14] = [
    "code",
    "focal_unit",
    "unit",
    "priority",
    "name",
    "valid_from",
    "valid_until",
    "field",
    "places",
    "subject_classes",
    "petitioner_types",
    "channels",
    "all_phrases",
    "any_phrases",
];
const DELEGATIONS: [&str; 6] = ["delegator", "delegate", "unit", "capacity", "valid_until", "valid_from"];
const GRANTS: [&str; 5] = ["account", "role", "unit", "valid_from", "valid_until"];

impl Export {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let mut session = self.connection.clone().session()?;
        let mut units: Vec<pb::Unit> = Vec::new();
        let mut page = first();
        while let Some(asked) = page {
            let answer = session.call(pb::ListUnitsRequest { page: Some(asked) }).await?;
            let answer: pb::ListUnitsResponse = typed(&answer)?;
            units.extend(answer.units);
            page = next(answer.page);
        }
        let accounts = accounts(&mut session).await?;
        let grants = grants(&mut session).await?;
        let mut fields: Vec<pb::Field> = Vec::new();
        let mut page = first();
        while let Some(asked) = page {
            let answer = session.call(pb::ListFieldsRequest { page: Some(asked) }).await?;
            let answer: pb::ListFieldsResponse = typed(&answer)?;
            fields.extend(answer.fields);
            page = next(answer.page);
        }
        let mut rules: Vec<pb::RoutingRule> = Vec::new();
        let mut page = first();
        while page.is_some() {
            let answer = session.call(pb::ListRoutingRulesRequest { page, ended: true, ..Default::default() }).await?;
            let answer: pb::ListRoutingRulesResponse = typed(&answer)?;
            rules.extend(answer.rules);
            page = next(answer.page);
        }
        let mut delegations: Vec<pb::Delegation> = Vec::new();
        let mut page = first();
        while page.is_some() {
            let answer = session.call(pb::ListDelegationsRequest { account: String::new(), page }).await?;
            let answer: pb::ListDelegationsResponse = typed(&answer)?;
            delegations.extend(answer.delegations);
            page = next(answer.page);
        }
        let (roles, grants) = sorted(&accounts, grants);
        fs::create_dir_all(&self.folder).map_err(|error| self.failed("", &error))?;
        let field = |field: &pb::Field| {
            let assigns = field.assigns_itself.to_string();
            [&field.code, &field.parent, &field.name, &field.name_en, &assigns].map(Clone::clone)
        };
        self.write("units.csv", UNITS, units.iter().map(unit))?;
        self.write("fields.csv", FIELDS, fields.iter().map(field))?;
        self.write("accounts.csv", ACCOUNTS, accounts.iter().map(|one| account(one, &roles)))?;
        self.write("grants.csv", GRANTS, grants.iter().map(grant))?;
        self.write("delegations.csv", DELEGATIONS, between(&accounts, delegations).iter().map(delegation))?;
        // A rule that names a unit which is dissolved by now cannot be written anew.
        let closed = |code: &String| units.iter().any(|unit| unit.closed && unit.code == *code);
        let kept = rules.iter().filter(|rule| !closed(&rule.unit) && !closed(&rule.focal_unit));
        self.write("rules.csv", RULES, kept.map(rule))?;
        let (all, fields) = (units.len(), fields.len());
        output::remark(&format!("{all} units, {fields} fields, {} accounts exported", accounts.len()));
        Ok(())
    }

    /// A file that is not there yet; every cell is made harmless here.
    fn write<const N: usize>(
        &self,
        name: &str,
        columns: [&str; N],
        rows: impl Iterator<Item = [String; N]>,
    ) -> Result<(), Failure> {
        let file = fs::OpenOptions::new().write(true).create_new(true).open(self.folder.join(name));
        let mut writer = csv::Writer::from_writer(file.map_err(|error| self.failed(name, &error))?);
        let write = || -> Result<(), csv::Error> {
            writer.write_record(columns)?;
            for row in rows {
                writer.write_record(row.iter().map(|cell| plain::sheet(cell)))?;
            }
            Ok(writer.flush()?)
        };
        write().map_err(|error| self.failed(name, &error))
    }

    fn failed(&self, name: &str, error: &dyn std::error::Error) -> Failure {
        Failure::usage(format!("{}: {error}", self.folder.join(name).display()))
    }
}

fn first() -> Option<pb::PageRequest> {
    Some(pb::PageRequest { size: LARGEST, token: String::new() })
}

fn next(page: Option<pb::PageInfo>) -> Option<pb::PageRequest> {
    let token = page.map(|page| page.next_token).filter(|token| !token.is_empty())?;
    Some(pb::PageRequest { size: LARGEST, token })
}

fn typed<M: prost::Message + Default>(answer: &DynamicMessage) -> Result<M, Failure> {
    answer.transcode_to().map_err(|error| Failure::broken(error.to_string()))
}

async fn accounts(session: &mut Session) -> Result<Vec<pb::Account>, Failure> {
    let (mut accounts, mut page) = (Vec::new(), first());
    while page.is_some() {
        let answer = session.call(pb::ListAccountsRequest { unit: String::new(), page }).await?;
        let answer: pb::ListAccountsResponse = typed(&answer)?;
        accounts.extend(answer.accounts);
        page = next(answer.page);
    }
    Ok(accounts)
}

async fn grants(session: &mut Session) -> Result<Vec<pb::Grant>, Failure> {
    let (mut grants, mut page) = (Vec::new(), first());
    while page.is_some() {
        let answer = session.call(pb::ListGrantsRequest { account: String::new(), page }).await?;
        let answer: pb::ListGrantsResponse = typed(&answer)?;
        grants.extend(answer.grants);
        page = next(answer.page);
    }
    Ok(grants)
}

/// Roles for good over the unit that an account belongs to, by login; and all other grants.
fn sorted(accounts: &[pb::Account], grants: Vec<pb::Grant>) -> (HashMap<String, Vec<String>>, Vec<pb::Grant>) {
    // What a closed account had has ended.
    let open = accounts.iter().filter(|one| !one.closed);
    let own: HashMap<&str, &str> = open.map(|one| (one.login.as_str(), one.unit.as_str())).collect();
    let mut roles: HashMap<String, Vec<String>> = HashMap::new();
    let mut others = Vec::new();
    for grant in grants {
        let for_good = grant.valid_from.is_none() && grant.valid_until.is_none();
        match own.get(grant.account.as_str()) {
            Some(unit) if for_good && *unit == grant.unit => {
                roles.entry(grant.account.clone()).or_default().push(role(&grant));
            }
            // Whose account is not the caller's to see is not the caller's to export.
            None => {}
            Some(_) => others.push(grant),
        }
    }
    (roles, others)
}

/// Delegations between accounts that are exported; those that have ended are passed over where they are imported.
fn between(accounts: &[pb::Account], mut delegations: Vec<pb::Delegation>) -> Vec<pb::Delegation> {
    let open: HashSet<&str> = accounts.iter().filter(|one| !one.closed).map(|one| one.login.as_str()).collect();
    delegations.retain(|one| [&one.delegator, &one.delegate].iter().all(|login| open.contains(login.as_str())));
    delegations
}

fn delegation(one: &pb::Delegation) -> [String; 6] {
    let capacity = one.capacity().as_str_name().trim_start_matches("CAPACITY_").to_owned();
    let [delegator, delegate, unit] = [&one.delegator, &one.delegate, &one.unit].map(Clone::clone);
    [delegator, delegate, unit, capacity, at(one.valid_until), at(one.valid_from)]
}

fn role(grant: &pb::Grant) -> String {
    grant.role().as_str_name().trim_start_matches("ROLE_").to_owned()
}

fn unit(unit: &pb::Unit) -> [String; 14] {
    let pairs = unit.successors_by_field.iter().map(|next| format!("{}={}", next.field, next.unit));
    [
        unit.code.clone(),
        unit.parent.clone(),
        unit.level().as_str_name().trim_start_matches("UNIT_LEVEL_").to_owned(),
        unit.name.clone(),
        unit.short_name.clone(),
        unit.name_en.clone(),
        unit.mailbox.clone(),
        unit.focal.to_string(),
        unit.national_code.clone(),
        unit.short_name_en.clone(),
        unit.valid_from.clone(),
        unit.closed_on.clone(),
        unit.successor.clone(),
        pairs.collect::<Vec<_>>().join("|"),
    ]
}

fn account(account: &pb::Account, roles: &HashMap<String, Vec<String>>) -> [String; 6] {
    let roles = roles.get(&account.login).map(|roles| roles.join("|")).unwrap_or_default();
    let [login, unit, name, email] = [&account.login, &account.unit, &account.name, &account.email].map(Clone::clone);
    [login, unit, name, email, roles, instant::local_day(account.closed_at)]
}

fn at(stamp: Option<prost_types::Timestamp>) -> String {
    let instant = stamp.and_then(|stamp| instant::from_parts(stamp.seconds, stamp.nanos));
    instant.map(instant::rfc3339).unwrap_or_default()
}

fn rule(rule: &pb::RoutingRule) -> [String; 14] {
    let words = |names: Vec<&'static str>, prefix: &str| {
        names.into_iter().map(|name| name.trim_start_matches(prefix)).collect::<Vec<_>>().join("|")
    };
    [
        rule.code.clone(),
        rule.focal_unit.clone(),
        rule.unit.clone(),
        rule.priority.to_string(),
        rule.name.clone(),
        at(rule.valid_from),
        at(rule.valid_until),
        rule.field.clone(),
        rule.places.join("|"),
        words(rule.subject_classes().map(|class| class.as_str_name()).collect(), "SUBJECT_CLASS_"),
        words(rule.petitioner_types().map(|kind| kind.as_str_name()).collect(), "PETITIONER_TYPE_"),
        words(rule.channels().map(|channel| channel.as_str_name()).collect(), "CHANNEL_"),
        rule.all_phrases.join("|"),
        rule.any_phrases.join("|"),
    ]
}

fn grant(grant: &pb::Grant) -> [String; 5] {
    [grant.account.clone(), role(grant), grant.unit.clone(), at(grant.valid_from), at(grant.valid_until)]
}
