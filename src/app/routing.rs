//! Suggesting units for a petition, and trying a changed set of rules on past ones.

use std::collections::BTreeMap;

use super::{App, caller::Caller, error::Result};
use crate::domain::{
    decide::faults,
    ids::{PetitionId, UnitId},
    permission,
    petition::Petition,
    refusal::{Fault, Refusal},
    routing::{Decision, Facts, Rule, Rules, Suggestions, Written, decide, suggest},
    words::{Routing, SubjectClass},
};

/// What a petition is taken for: what is none is as it stands.
#[derive(Debug, Clone, Default)]
pub struct Supposed {
    /// Code of the field.
    pub field: Option<String>,
    /// Subject class.
    pub class: Option<SubjectClass>,
    /// The unit complained of.
    pub concerned: Option<UnitId>,
}

/// How many petitions, by the rules as they are and as they would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BeforeAfter {
    /// As they are.
    pub before: usize,
    /// As they would be.
    pub after: usize,
}

/// A petition that would be routed differently.
#[derive(Debug, Clone)]
pub struct Rerouted {
    /// Tracking code.
    pub code: String,
    /// The unit that the rules decide for, if they do.
    pub before: Option<UnitId>,
    /// The unit that they would decide for.
    pub after: Option<UnitId>,
}

/// What a changed set of rules would do.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "see TryRoutingRulesResponse of the contract")]
pub struct Trial {
    pub tried: usize,
    pub units: BTreeMap<UnitId, BeforeAfter>,
    pub unrouted: BeforeAfter,
    pub tied: BeforeAfter,
    pub changed: usize,
    pub petitions: Vec<Rerouted>,
    pub assigned: usize,
    pub agreeing: BeforeAfter,
}

/// A changed set of rules to try.
#[derive(Debug, Clone)]
pub struct Changed {
    /// For the petitions of this focal unit.
    pub focal: UnitId,
    /// Codes of rules to leave out.
    pub without: Vec<String>,
    /// Rules to put in, in place of those of the same code.
    pub with: Vec<Rule>,
    /// Petitions to try.
    pub last: usize,
    /// Petitions to name.
    pub size: usize,
}

/// Petitions that one query of a trial looks at.
const STRIDE: u64 = 1_000;
/// Petitions that a trial looks at, whoever received them, before it gives up looking for more.
const LOOKED_AT: usize = 200_000;

impl App {
    /// Suggests units for a petition as it stands, or as it is supposed to be; `view` makes of them what is shown.
    ///
    /// # Errors
    /// `NotFound` when the caller may not know that the petition exists, else `Forbidden`; `Invalid` where a unit is
    /// supposed to be complained of in no conduct case.
    pub async fn suggest_units<T>(
        &self,
        caller: &Caller,
        code: &str,
        supposed: Supposed,
        view: impl FnOnce(&Suggestions<'_>) -> T,
    ) -> Result<T> {
        const RPC: &str = "SuggestUnits";
        let reference = &caller.reference;
        let units = &reference.units;
        let petition = self.store.petition(code).await?.filter(|one| permission::sees(&caller.actor, one, units));
        let mut petition = petition.ok_or(Refusal::NotFound)?;
        if !permission::may_see(RPC, &caller.actor, &petition, units) {
            return Err(permission::denied(RPC).into());
        }
        // What a data subject asks stays with the focal unit until somebody gives it to another.
        if petition.is_data_request() {
            return Ok(view(&Suggestions::none()));
        }
        let named = supposed.concerned.is_some();
        petition.field = supposed.field.or(petition.field);
        petition.class = supposed.class.or(petition.class);
        petition.concerned = supposed.concerned.or(petition.concerned);
        if named && faults::accused(petition.class, petition.concerned).is_none() {
            let what = "is for CONDUCT and BOTH only";
            return Err(Refusal::Invalid(vec![Fault::new("concerned_unit", what)]).into());
        }
        let written = self.store.written(&[petition.id]).await?.remove(&petition.id).unwrap_or_default();
        // What the caller's lists show, and nothing else, teaches.
        let scope = caller.scope("ListPetitions");
        let answered = self.store.answered_alike(&petition, &written.folded, &scope).await?;
        let facts = Facts::of(&petition, &written, reference, self.clock.now());
        Ok(view(&suggest(&reference.rules, &answered, &facts)))
    }

    /// What a changed set of rules would have done with the last petitions of a focal unit, taken for what they are by now.
    /// Changes nothing.
    ///
    /// # Errors
    /// `Forbidden`.
    pub async fn try_rules(&self, caller: &Caller, changed: &Changed) -> Result<Trial> {
        caller.may_over("TryRoutingRules", Some(changed.focal))?;
        let rules = &caller.reference.rules;
        let put = changed.with.iter().map(|rule| rule.code.clone());
        let without: Vec<String> = changed.without.iter().cloned().chain(put).collect();
        let both = (rules, &rules.changed(&without, changed.with.clone()));
        let (mut trial, mut before, mut looked_at) = (Trial::default(), None, 0);
        while trial.tried < changed.last && looked_at < LOOKED_AT {
            let received = self.store.received(before, STRIDE).await?;
            let Some(last) = received.last() else { break };
            before = Some(last.key);
            looked_at += received.len();
            let of_focal = received.iter().filter(|received| received.focal == changed.focal);
            let wanted = changed.last - trial.tried;
            let taken: Vec<_> = of_focal.take(wanted).collect();
            if let Some(last) = taken.last().filter(|_| taken.len() == wanted) {
                // Some of these may turn out not to be there any more: the next are those right before.
                before = Some(last.key);
            }
            let ids: Vec<PetitionId> = taken.iter().map(|received| received.key.1).collect();
            let mut petitions = self.store.petitions_by_id(ids.clone()).await?;
            petitions.sort_by_key(|petition| std::cmp::Reverse((petition.received_at, petition.id)));
            let mut written = self.store.written(&ids).await?;
            let seen = |petition: &&Petition| permission::sees(&caller.actor, petition, &caller.reference.units);
            for petition in petitions.iter().filter(seen) {
                // Many rules take a while to weigh: others go on meanwhile.
                tokio::task::yield_now().await;
                if let Some(written) = written.remove(&petition.id) {
                    self.attempt(&mut trial, (petition, &written), both, (caller, changed.size));
                }
            }
        }
        Ok(trial)
    }

    fn attempt(
        &self,
        trial: &mut Trial,
        (petition, written): (&Petition, &Written),
        (rules, changed): (&Rules, &Rules),
        (caller, size): (&Caller, usize),
    ) {
        let reference = &caller.reference;
        let facts = Facts::of(petition, written, reference, self.clock.now());
        let (before, after) = (decide(rules, &facts), decide(changed, &facts));
        let unit = |decision| match decision {
            Decision::Unit(_, unit) => Some(unit),
            Decision::Tied | Decision::Uncaught => None,
        };
        trial.tried += 1;
        let (from, to) = (unit(before), unit(after));
        if let Some(unit) = from {
            trial.units.entry(unit).or_default().before += 1;
        }
        if let Some(unit) = to {
            trial.units.entry(unit).or_default().after += 1;
        }
        let count = |counted: &mut BeforeAfter, wanted: &dyn Fn(Decision<'_>) -> bool| {
            counted.before += usize::from(wanted(before));
            counted.after += usize::from(wanted(after));
        };
        count(&mut trial.unrouted, &|decision| decision == Decision::Uncaught);
        count(&mut trial.tied, &|decision| decision == Decision::Tied);
        // Whoever has it below the unit that is decided for got it from there.
        let by_rule = petition.routed.as_ref().is_some_and(|routed| routed.how == Routing::ByRule);
        if petition.assigned_at.is_some() && !by_rule {
            trial.assigned += 1;
            let has = |unit: Option<UnitId>| unit.is_some_and(|unit| reference.units.within(petition.holder, unit));
            trial.agreeing.before += usize::from(has(from));
            trial.agreeing.after += usize::from(has(to));
        }
        if (from, before == Decision::Tied) != (to, after == Decision::Tied) {
            trial.changed += 1;
            if trial.petitions.len() < size {
                trial.petitions.push(Rerouted { code: petition.code.clone(), before: from, after: to });
            }
        }
    }
}
