//! `pakn routing`: the rules that say which unit is competent, and what a changed set of them would do.

use std::{collections::BTreeMap, path::PathBuf};

use clap::{Args, Subcommand};
use prost_types::{FieldMask, Timestamp};

use super::{
    Run, cell, contract,
    contract::one_of,
    failure::Failure,
    instant, json, output, prose,
    session::Session,
    shared::{Once, Paging},
};
use crate::pb;

const COLUMNS: &[&str] =
    &["code", "priority", "focal_unit", "unit", "field", "all_phrases", "any_phrases", "valid_until", "name"];
const TRIED: &[&str] = &["unit", "petitions.before", "petitions.after"];
const REROUTED: &[&str] = &["code", "before", "after"];

/// What to do with routing rules.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Lists rules, the highest priority first
    List {
        /// Of this focal unit
        #[arg(long, value_name = "CODE")]
        focal_unit: Option<String>,
        /// That name this unit
        #[arg(long, value_name = "CODE")]
        unit: Option<String>,
        /// Also those that have ended
        #[arg(long)]
        ended: bool,
        #[command(flatten)]
        paging: Paging,
    },
    /// Shows a rule, with the etag for `put`
    Show {
        /// Code of the rule
        code: String,
    },
    /// Adds a rule; with --update says something anew of one, and what is not given stays
    Put(Box<Put>),
    /// Ends a rule
    Close {
        /// Code of the rule
        code: String,
        /// Until when it is in force; left out, it ends now
        #[arg(long, value_name = "TIME", value_parser = instant::parse)]
        until: Option<Timestamp>,
        #[command(flatten)]
        once: Once,
    },
    /// Says what a changed set of rules would do with the last petitions; changes nothing
    Try {
        /// Code of the focal unit
        focal_unit: String,
        /// A file with rules to put in: a JSON list, as `list --format json` prints one; or `-`
        #[arg(long, value_name = "FILE")]
        put: Option<PathBuf>,
        /// Code of a rule to leave out; as often as wanted
        #[arg(long, value_name = "CODE")]
        leave_out: Vec<String>,
        /// How many petitions to try
        #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(i32).range(1..=10_000))]
        last: i32,
        /// How many petitions to name that would be routed differently
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i32).range(1..=1_000))]
        size: i32,
        /// Lists these petitions, instead of how many each unit would get
        #[arg(long)]
        petitions: bool,
    },
}

/// A rule to put.
#[derive(Debug, Args)]
pub struct Put {
    /// Code of the rule
    code: String,
    /// Says something anew of a rule that there is
    #[arg(long)]
    update: bool,
    /// Code of the focal unit for whose petitions it is
    #[arg(long, value_name = "CODE")]
    focal_unit: Option<String>,
    /// Code of the unit that is competent
    #[arg(long, value_name = "CODE")]
    unit: Option<String>,
    /// What it is called
    #[arg(long)]
    name: Option<String>,
    /// The higher wins, 0 to 1000
    #[arg(long)]
    priority: Option<i32>,
    /// From when on it is in force
    #[arg(long, value_name = "TIME", value_parser = instant::parse)]
    from: Option<Timestamp>,
    /// Until when, exclusive
    #[arg(long, value_name = "TIME", value_parser = instant::parse)]
    until: Option<Timestamp>,
    /// Asks for this field, or one below it
    #[arg(long, value_name = "CODE")]
    field: Option<String>,
    /// Asks for one of these places; a beginning of codes ends with *
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    place: Option<Vec<String>>,
    /// Asks for one of these subject classes
    #[arg(long, value_delimiter = ',', ignore_case = true, value_parser = one_of::<pb::SubjectClass>())]
    class: Option<Vec<i32>>,
    /// Asks for one of these types of petitioner
    #[arg(long, value_delimiter = ',', ignore_case = true, value_parser = one_of::<pb::PetitionerType>())]
    petitioner: Option<Vec<i32>>,
    /// Asks for one of these channels
    #[arg(long, value_delimiter = ',', ignore_case = true, value_parser = one_of::<pb::Channel>())]
    channel: Option<Vec<i32>>,
    /// Asks for this phrase; as often as wanted, for all of them
    #[arg(long, value_name = "PHRASE")]
    all: Option<Vec<String>>,
    /// Asks for one of these phrases; as often as wanted
    #[arg(long, value_name = "PHRASE")]
    any: Option<Vec<String>>,
    /// The etag that was read; refused if the rule has moved since
    #[arg(long, requires = "update")]
    etag: Option<String>,
    #[command(flatten)]
    once: Once,
}

impl Put {
    /// The rule, and the names of what is said of it.
    fn rule(&self) -> (pb::RoutingRule, Vec<String>) {
        let rule = pb::RoutingRule {
            code: self.code.clone(),
            name: self.name.clone().unwrap_or_default(),
            focal_unit: self.focal_unit.clone().unwrap_or_default(),
            unit: self.unit.clone().unwrap_or_default(),
            priority: self.priority.unwrap_or_default(),
            valid_from: self.from,
            valid_until: self.until,
            field: self.field.clone().unwrap_or_default(),
            places: self.place.clone().unwrap_or_default(),
            subject_classes: self.class.clone().unwrap_or_default(),
            petitioner_types: self.petitioner.clone().unwrap_or_default(),
            channels: self.channel.clone().unwrap_or_default(),
            all_phrases: self.all.clone().unwrap_or_default(),
            any_phrases: self.any.clone().unwrap_or_default(),
        };
        let given: BTreeMap<&str, bool> = BTreeMap::from([
            ("name", self.name.is_some()),
            ("focal_unit", self.focal_unit.is_some()),
            ("unit", self.unit.is_some()),
            ("priority", self.priority.is_some()),
            ("valid_from", self.from.is_some()),
            ("valid_until", self.until.is_some()),
            ("field", self.field.is_some()),
            ("places", self.place.is_some()),
            ("subject_classes", self.class.is_some()),
            ("petitioner_types", self.petitioner.is_some()),
            ("channels", self.channel.is_some()),
            ("all_phrases", self.all.is_some()),
            ("any_phrases", self.any.is_some()),
        ]);
        (rule, given.into_iter().filter(|one| one.1).map(|one| one.0.to_owned()).collect())
    }
}

/// The rules of a file.
fn rules(file: &std::path::Path) -> Result<Vec<pb::RoutingRule>, Failure> {
    let wrong = |problem: String| Failure::usage(format!("{}: {problem}", file.display()));
    let value: serde_json::Value =
        serde_json::from_str(&prose::file(file)?).map_err(|error| wrong(error.to_string()))?;
    // What `list` prints is the answer with the rules in it.
    let value = value.get("rules").cloned().unwrap_or(value);
    let Some(list) = value.as_array() else { return Err(wrong("is not a list of rules".to_owned())) };
    let message = contract::message("RoutingRule")?;
    let read = |value: &serde_json::Value| -> Result<pb::RoutingRule, Failure> {
        json::read(&message, value)?.transcode_to().map_err(|error| wrong(error.to_string()))
    };
    list.iter().map(read).collect()
}

impl Run for Verb {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        match self {
            Self::List { focal_unit, unit, ended, paging } => {
                let (focal_unit, unit) = (focal_unit.unwrap_or_default(), unit.unwrap_or_default());
                let request = |page| {
                    let (focal_unit, unit) = (focal_unit.clone(), unit.clone());
                    pb::ListRoutingRulesRequest { focal_unit, unit, ended, page }
                };
                session.pages(paging, "rules", COLUMNS, request).await
            }
            Self::Show { code } => session.show(pb::GetRoutingRuleRequest { code }).await,
            Self::Put(put) => {
                let (rule, paths) = put.rule();
                let (rule, request_id) = (Some(rule), put.once.id());
                if !put.update {
                    return session.show(pb::CreateRoutingRuleRequest { rule, request_id }).await;
                }
                if paths.is_empty() {
                    return Err(Failure::usage("nothing is said anew; see --help".to_owned()));
                }
                let (update_mask, etag) = (Some(FieldMask { paths }), put.etag.unwrap_or_default());
                session.show(pb::UpdateRoutingRuleRequest { rule, update_mask, etag, request_id }).await
            }
            Self::Close { code, until: valid_until, once } => {
                session.show(pb::CloseRoutingRuleRequest { code, valid_until, request_id: once.id() }).await
            }
            Self::Try { focal_unit, put, leave_out, last, size, petitions } => {
                let put = put.as_deref().map(rules).transpose()?.unwrap_or_default();
                let request = pb::TryRoutingRulesRequest { focal_unit, leave_out, put, last, size };
                let answer = session.call(request).await?;
                match petitions {
                    true => session.output.rows(&answer, "petitions", REROUTED)?,
                    false => session.output.rows(&answer, "units", TRIED)?,
                }
                let said = |field: &str| cell::text(&answer, field, cell::Style::Exact);
                output::remark(&format!(
                    "{} of {} petitions would be routed differently",
                    said("changed"),
                    said("tried")
                ));
                let both = |field: &str| (said(&format!("{field}.before")), said(&format!("{field}.after")));
                let [unrouted, tied, agreeing] = ["unrouted", "tied", "agreeing"].map(both);
                output::remark(&format!("no rule catches: {} now, {} then", unrouted.0, unrouted.1));
                output::remark(&format!("rules are at odds: {} now, {} then", tied.0, tied.1));
                let assigned = said("assigned");
                let agreeing = format!("{} now, {} then", agreeing.0, agreeing.1);
                output::remark(&format!("as people decided, of {assigned} that they assigned: {agreeing}"));
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_fields() {
        cell::assert_columns("RoutingRule", COLUMNS);
        cell::assert_columns("RoutedUnit", TRIED);
        cell::assert_columns("ReroutedPetition", REROUTED);
    }
}
