//! Messages about routing rules, fields that are said anew, and units that are suggested.

use super::{
    directory::under,
    parse::Faults,
    view::stamp,
    words::{Numbered, number},
};
use crate::{
    app::{BeforeAfter, Caller, Changed, Error, Supposed, Trial},
    domain::{
        ids::UnitId,
        reference::{FieldEdit, Reference},
        routing::{Decision, Failed, Given, Matched, PRIORITIES, Rule, Suggestion, Suggestions, among},
        text::line,
        time::Instant,
        words::Routing,
    },
    pb,
};

/// Values that a list of a rule's words has at the most: more than there are.
const MOST: usize = 20;
/// Rules to leave out, and to put in, at the most.
const LEFT_OUT: usize = 1_000;
const PUT: usize = 200;

fn words<W: Numbered>(f: &mut Faults, field: &str, numbers: &[i32]) -> Vec<W> {
    if numbers.len() > MOST {
        f.note(field, format!("must be at most {MOST}"));
    }
    let numbers = numbers.iter().take(MOST).enumerate();
    numbers.filter_map(|(n, number)| f.required(&format!("{field}[{n}]"), *number)).collect()
}

/// A rule as typed; `at` is the message that it is.
fn given(f: &mut Faults, at: &str, rule: &pb::RoutingRule) -> Given {
    let field = |name: &str| format!("{at}.{name}");
    let priority = u32::try_from(rule.priority).unwrap_or_else(|_| {
        f.note(&field("priority"), format!("must be 0 to {}", PRIORITIES.end()));
        0
    });
    Given {
        code: rule.code.clone(),
        name: rule.name.clone(),
        focal: rule.focal_unit.clone(),
        unit: rule.unit.clone(),
        priority,
        from: f.instant(&field("valid_from"), rule.valid_from.as_ref()),
        until: f.instant(&field("valid_until"), rule.valid_until.as_ref()),
        field: rule.field.clone(),
        places: rule.places.clone(),
        classes: words(f, &field("subject_classes"), &rule.subject_classes),
        petitioners: words(f, &field("petitioner_types"), &rule.petitioner_types),
        channels: words(f, &field("channels"), &rule.channels),
        all_phrases: rule.all_phrases.clone(),
        any_phrases: rule.any_phrases.clone(),
    }
}

fn read(f: &mut Faults, at: &str, rule: &pb::RoutingRule, reference: &Reference) -> Option<Rule> {
    let given = given(f, at, rule);
    under(f, at, given.rule(among(&reference.units), |field| reference.field(field).is_some()))
}

pub(crate) fn new_rule(r: &pb::CreateRoutingRuleRequest, reference: &Reference) -> Result<Rule, Error> {
    let mut f = Faults::default();
    f.uuid("request_id", &r.request_id);
    if r.rule.is_none() {
        f.note("rule", "is required");
    }
    let none = pb::RoutingRule::default();
    let rule = read(&mut f, "rule", r.rule.as_ref().unwrap_or(&none), reference);
    f.or_some(rule)
}

pub(crate) fn rule(rule: &Rule, reference: &Reference) -> pb::RoutingRule {
    let asked = &rule.conditions;
    fn numbers<W: Numbered + Copy>(words: &[W]) -> Vec<i32> {
        words.iter().map(|word| word.number()).collect()
    }
    pb::RoutingRule {
        code: rule.code.clone(),
        name: rule.name.clone(),
        focal_unit: reference.units.code(rule.focal).to_owned(),
        unit: reference.units.code(rule.unit).to_owned(),
        priority: i32::try_from(rule.priority).unwrap_or(i32::MAX),
        valid_from: rule.from.map(stamp),
        valid_until: rule.until.map(stamp),
        field: asked.field.clone().unwrap_or_default(),
        places: asked.places.clone(),
        subject_classes: numbers(&asked.classes),
        petitioner_types: numbers(&asked.petitioners),
        channels: numbers(&asked.channels),
        all_phrases: asked.all_phrases.clone(),
        any_phrases: asked.any_phrases.clone(),
    }
}

/// The fields of a rule that can be said anew.
const EDITED: [&str; 13] = [
    "name",
    "focal_unit",
    "unit",
    "priority",
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

/// What is to be said anew of a rule.
#[derive(Debug)]
pub(crate) struct RuleEdit {
    /// Which rule.
    pub(crate) code: String,
    /// The etag that was read.
    pub(crate) etag: String,
    typed: Given,
    named: Vec<&'static str>,
}

impl RuleEdit {
    /// A rule with what is said anew.
    pub(crate) fn of(&self, mut is: Given) -> Given {
        let anew = self.typed.clone();
        for named in &self.named {
            match *named {
                "name" => is.name.clone_from(&anew.name),
                "focal_unit" => is.focal.clone_from(&anew.focal),
                "unit" => is.unit.clone_from(&anew.unit),
                "priority" => is.priority = anew.priority,
                "valid_from" => is.from = anew.from,
                "valid_until" => is.until = anew.until,
                "field" => is.field.clone_from(&anew.field),
                "places" => is.places.clone_from(&anew.places),
                "subject_classes" => is.classes.clone_from(&anew.classes),
                "petitioner_types" => is.petitioners.clone_from(&anew.petitioners),
                "channels" => is.channels.clone_from(&anew.channels),
                "all_phrases" => is.all_phrases.clone_from(&anew.all_phrases),
                _ => is.any_phrases.clone_from(&anew.any_phrases),
            }
        }
        is
    }
}

/// The names in a mask, each once; none where it is empty.
pub(super) fn masked<'a>(f: &mut Faults, mask: Option<&prost_types::FieldMask>, edited: &[&'a str]) -> Vec<&'a str> {
    let paths = mask.map_or(&[][..], |mask| mask.paths.as_slice());
    if paths.len() > edited.len() {
        f.note("update_mask.paths", format!("must be at most {}", edited.len()));
    }
    let mut named = Vec::new();
    for (n, path) in paths.iter().take(edited.len()).enumerate() {
        let field = format!("update_mask.paths[{n}]");
        match edited.iter().find(|edited| **edited == path) {
            None => f.note(&field, format!("must be one of {}", edited.join(", "))),
            Some(path) if named.contains(path) => f.note(&field, "is named twice"),
            Some(path) => named.push(*path),
        }
    }
    named
}

pub(crate) fn rule_edit(r: &pb::UpdateRoutingRuleRequest, caller: &Caller) -> Result<RuleEdit, Error> {
    let reference = &caller.reference;
    let mut f = Faults::default();
    f.uuid("request_id", &r.request_id);
    let etag = f.text("etag", &r.etag, line(0, 100));
    let mut named = masked(&mut f, r.update_mask.as_ref(), &EDITED);
    let Some(said) = &r.rule else {
        f.note("rule", "is required");
        return f.or_some(None);
    };
    let code = f.text("rule.code", &said.code, line(1, 100));
    let typed = given(&mut f, "rule", said);
    if r.update_mask.as_ref().is_none_or(|mask| mask.paths.is_empty()) {
        let is_given = [
            !said.name.is_empty(),
            !said.focal_unit.is_empty(),
            !said.unit.is_empty(),
            said.priority != 0,
            said.valid_from.is_some(),
            said.valid_until.is_some(),
            !said.field.is_empty(),
            !said.places.is_empty(),
            !said.subject_classes.is_empty(),
            !said.petitioner_types.is_empty(),
            !said.channels.is_empty(),
            !said.all_phrases.is_empty(),
            !said.any_phrases.is_empty(),
        ];
        named = EDITED.into_iter().zip(is_given).filter_map(|(name, given)| given.then_some(name)).collect();
    }
    let edit = RuleEdit { code, etag, typed, named };
    // What is wrong with it is told along with the rest, to those who may know that there is such a rule.
    let known = |rule: &&Rule| caller.may_over("GetRoutingRule", Some(rule.focal)).is_ok();
    if let Some(rule) = reference.rules.get(&edit.code).filter(known) {
        let anew = edit.of(Given::of(rule, &reference.units));
        under(&mut f, "rule", anew.rule(among(&reference.units), |field| reference.field(field).is_some()));
    }
    f.or(edit)
}

/// Which rule is to end, and when.
pub(crate) fn closed(r: &pb::CloseRoutingRuleRequest) -> Result<(String, Option<Instant>), Error> {
    let mut f = Faults::default();
    f.uuid("request_id", &r.request_id);
    let code = f.text("code", &r.code, line(1, 100));
    let until = f.instant("valid_until", r.valid_until.as_ref());
    f.or((code, until))
}

/// What narrows a list of rules.
pub(crate) fn narrowing(
    r: &pb::ListRoutingRulesRequest,
    reference: &Reference,
) -> Result<(Option<UnitId>, Option<UnitId>), Error> {
    let mut f = Faults::default();
    let focal = f.unit("focal_unit", &r.focal_unit, reference);
    let unit = f.unit("unit", &r.unit, reference);
    f.or((focal, unit))
}

/// Which field, the etag that was read, and what is said anew.
pub(crate) fn field_edit<'a>(
    r: &'a pb::UpdateFieldRequest,
    reference: &Reference,
) -> Result<(String, String, FieldEdit<'a>), Error> {
    let mut f = Faults::default();
    f.uuid("request_id", &r.request_id);
    let etag = f.text("etag", &r.etag, line(0, 100));
    let mask = masked(&mut f, r.update_mask.as_ref(), &["parent", "name", "name_en", "assigns_itself"]);
    let Some(given) = &r.field else {
        f.note("field", "is required");
        return f.or_some(None);
    };
    let code = f.text("field.code", &given.code, line(1, 100));
    let all = r.update_mask.as_ref().is_none_or(|mask| mask.paths.is_empty());
    let named = |path: &str, is_given: bool| if all { is_given } else { mask.contains(&path) };
    let typed = |path: &str, typed: &'a str| Some(typed).filter(|typed| named(path, !typed.is_empty()));
    let edit = FieldEdit {
        parent: typed("parent", &given.parent),
        name: typed("name", &given.name),
        name_en: typed("name_en", &given.name_en),
        assigns_itself: Some(given.assigns_itself).filter(|assigns| named("assigns_itself", *assigns)),
    };
    if let Some(field) = reference.field(&code) {
        under(&mut f, "field", edit.of(field, reference));
    }
    f.or((code, etag, edit))
}

pub(crate) fn changed(r: &pb::TryRoutingRulesRequest, reference: &Reference) -> Result<Changed, Error> {
    let mut f = Faults::default();
    if r.focal_unit.is_empty() {
        f.note("focal_unit", "is required");
    }
    let focal = f.unit("focal_unit", &r.focal_unit, reference);
    if r.leave_out.len() > LEFT_OUT {
        f.note("leave_out", format!("must be at most {LEFT_OUT}"));
    }
    for (n, code) in r.leave_out.iter().take(LEFT_OUT).enumerate() {
        let of_focal = |rule: &Rule| focal.is_none_or(|focal| rule.focal == focal);
        if !reference.rules.get(code).is_some_and(of_focal) {
            f.note(&format!("leave_out[{n}]"), "is not the code of a rule of the focal unit");
        }
    }
    if r.put.len() > PUT {
        f.note("put", format!("must be at most {PUT}"));
    }
    let mut with: Vec<Rule> = Vec::new();
    for (n, rule) in r.put.iter().take(if r.put.len() > PUT { 0 } else { PUT }).enumerate() {
        let at = format!("put[{n}]");
        let Some(rule) = read(&mut f, &at, rule, reference) else { continue };
        if focal.is_some_and(|focal| rule.focal != focal) {
            f.note(&format!("{at}.focal_unit"), "is not the focal unit that is tried");
        }
        if with.iter().any(|other| other.code == rule.code) {
            f.note(&format!("{at}.code"), "is there twice");
        }
        with.push(rule);
    }
    let size = |amount: u32| usize::try_from(amount).unwrap_or(0);
    let last = size(f.amount("last", r.last, Some(1_000), (1, 10_000)));
    let named = size(f.amount("size", r.size, Some(50), (1, 1_000)));
    let without = r.leave_out.clone();
    f.or_some(focal.map(|focal| Changed { focal, without, with, last, size: named }))
}

fn small(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

pub(crate) fn trial(trial: &Trial, reference: &Reference) -> pb::TryRoutingRulesResponse {
    let code = |unit: UnitId| reference.units.code(unit).to_owned();
    let count =
        |counted: &BeforeAfter| Some(pb::RoutingCount { before: small(counted.before), after: small(counted.after) });
    let mut units: Vec<pb::RoutedUnit> = trial
        .units
        .iter()
        .map(|(unit, counted)| pb::RoutedUnit { unit: code(*unit), petitions: count(counted) })
        .collect();
    units.sort_by(|one, other| one.unit.cmp(&other.unit));
    pb::TryRoutingRulesResponse {
        tried: small(trial.tried),
        units,
        unrouted: count(&trial.unrouted),
        tied: count(&trial.tied),
        changed: small(trial.changed),
        petitions: trial
            .petitions
            .iter()
            .map(|one| pb::ReroutedPetition {
                code: one.code.clone(),
                before: one.before.map(code).unwrap_or_default(),
                after: one.after.map(code).unwrap_or_default(),
            })
            .collect(),
        assigned: small(trial.assigned),
        agreeing: count(&trial.agreeing),
    }
}

/// Which petition, and what it is taken for.
pub(crate) fn suggested(r: &pb::SuggestUnitsRequest, caller: &Caller) -> Result<(String, Supposed), Error> {
    let mut f = Faults::default();
    let code = f.tracking_code("code", &r.code);
    let supposed = Supposed {
        field: f.field("field", &r.field, &caller.reference),
        class: f.optional("subject_class", r.subject_class),
        concerned: f.unit("concerned_unit", &r.concerned_unit, &caller.reference),
    };
    f.or((code, supposed))
}

pub(crate) fn suggestions(found: &Suggestions<'_>, reference: &Reference) -> pb::SuggestUnitsResponse {
    let (routing, decided_by) = match found.decision {
        Decision::Unit(rule, _) => (Routing::Suggested, rule.code.clone()),
        Decision::Tied => (Routing::Tied, String::new()),
        Decision::Uncaught => (Routing::Unrouted, String::new()),
    };
    pb::SuggestUnitsResponse {
        units: found.units.iter().map(|one| suggestion(one, reference)).collect(),
        routing: routing.number(),
        decided_by,
        nearest: found.nearest.iter().map(|one| failed(one, reference)).collect(),
        weighed: small(found.weighed),
    }
}

fn suggestion(one: &Suggestion<'_>, reference: &Reference) -> pb::SuggestedUnit {
    let matched = |matched: &Matched<'_>| pb::MatchedRule {
        rule: matched.rule.code.clone(),
        name: matched.rule.name.clone(),
        priority: i32::try_from(matched.rule.priority).unwrap_or(i32::MAX),
        in_place_of: matched.in_place_of.map_or("", |unit| reference.units.code(unit)).to_owned(),
    };
    pb::SuggestedUnit {
        unit: reference.units.code(one.unit).to_owned(),
        matched: one.matched.iter().map(matched).collect(),
        failed: one.failed.iter().map(|one| failed(one, reference)).collect(),
        answered_similar: i32::try_from(one.learnt.petitions).unwrap_or(i32::MAX),
        text_score: i32::try_from(one.learnt.resemblance).unwrap_or(i32::MAX),
    }
}

fn failed(failed: &Failed<'_>, reference: &Reference) -> pb::FailedRule {
    pb::FailedRule {
        rule: failed.rule.code.clone(),
        name: failed.rule.name.clone(),
        unit: reference.units.code(failed.unit).to_owned(),
        conditions: failed.conditions.iter().map(|condition| number(Some(*condition))).collect(),
    }
}
