//! What administrators may ask of routing rules and of fields that there are.

use super::{
    App,
    caller::Caller,
    error::{Error, Result},
    perform::Asked,
};
use crate::{
    domain::{
        ids::UnitId,
        permission::When,
        reference::{Field, FieldEdit, Reference},
        refusal::{Fault, Refusal},
        routing::{Given, Rule, among},
        time::Instant,
    },
    store::DirectoryStep,
};

impl App {
    /// A routing rule, for those who administer its focal unit or dispatch for it.
    ///
    /// # Errors
    /// `Absent`.
    pub fn routing_rule(&self, caller: &Caller, code: &str) -> Result<Rule> {
        let rule = caller.reference.rules.get(code);
        let rule = rule.filter(|rule| caller.may_over("GetRoutingRule", Some(rule.focal)).is_ok());
        rule.cloned().ok_or(Error::Absent("routing rule"))
    }

    /// The rules of focal units that the caller administers or dispatches for, in their order; only of a focal unit, only
    /// those that name a unit, and those that have ended only if that is asked.
    ///
    /// # Errors
    /// `Forbidden` without one of these roles.
    pub fn routing_rules(
        &self,
        caller: &Caller,
        (focal, unit): (Option<UnitId>, Option<UnitId>),
        ended: bool,
    ) -> Result<Vec<Rule>> {
        const LIST: &str = "ListRoutingRules";
        caller.may(LIST, When::Always)?;
        let now = self.clock.now();
        let wanted = |rule: &&Rule| {
            caller.may_over(LIST, Some(rule.focal)).is_ok()
                && focal.is_none_or(|focal| rule.focal == focal)
                && unit.is_none_or(|unit| rule.unit == unit)
                && (ended || !rule.has_ended(now))
        };
        Ok(caller.reference.rules.all().filter(wanted).cloned().collect())
    }

    /// Says something anew of a rule. With an etag only if nothing of it has moved.
    ///
    /// # Errors
    /// `Absent`; `Forbidden`; everything that is wrong with it; `Moved` when the etag is not its present one.
    pub async fn update_rule(
        &self,
        caller: &Caller,
        asked: &Asked,
        (code, etag): (&str, &str),
        edit: impl Fn(Given) -> Given + Send + Sync,
    ) -> Result<Rule> {
        self.rule_anew(caller, asked, (code, etag), |rule, reference| {
            let given = edit(Given::of(rule, &reference.units));
            let known = |field: &str| reference.field(field).is_some();
            let after = given.rule(among(&reference.units), known).map_err(Refusal::Invalid)?;
            Ok((after != *rule).then_some(DirectoryStep::UpdateRule(after)))
        })
        .await
    }

    /// Says until when a rule is in force; without an instant it ends now. One that ends sooner already stays as it is.
    ///
    /// # Errors
    /// `Absent`; `Forbidden`; `Invalid` for an instant in the past.
    pub async fn close_rule(&self, caller: &Caller, asked: &Asked, code: &str, until: Option<Instant>) -> Result<Rule> {
        self.rule_anew(caller, asked, (code, ""), |rule, _| {
            let now = self.clock.now();
            if until.is_some_and(|until| until < now) {
                return Err(Refusal::Invalid(vec![Fault::new("valid_until", "lies in the past")]).into());
            }
            let until = until.unwrap_or(now);
            let sooner = rule.until.is_some_and(|already| already <= until);
            Ok((!sooner).then(|| DirectoryStep::CloseRule(Rule { until: Some(until), ..rule.clone() })))
        })
        .await
    }

    async fn rule_anew(
        &self,
        caller: &Caller,
        asked: &Asked,
        (code, etag): (&str, &str),
        step: impl Fn(&Rule, &Reference) -> Result<Option<DirectoryStep>> + Send + Sync,
    ) -> Result<Rule> {
        let steps = |caller: &Caller| {
            let absent = || Error::Absent("routing rule");
            let rule = caller.reference.rules.get(code).ok_or_else(absent)?;
            // Whether a rule is there is told to those who may read it.
            caller.may_over("GetRoutingRule", Some(rule.focal)).map_err(|_| absent())?;
            self.may_direct(caller, asked.rpc, &DirectoryStep::UpdateRule(rule.clone()))?;
            if !etag.is_empty() && etag != rule.etag() {
                return Err(Error::Moved("the rule has moved meanwhile; look again".to_owned()));
            }
            Ok(step(rule, &caller.reference)?.into_iter().collect())
        };
        self.direct(caller, asked, steps).await?;
        self.reference().rules.get(code).cloned().ok_or(Error::Absent("routing rule"))
    }

    /// Says something anew of a field. With an etag only if nothing of it has moved.
    ///
    /// # Errors
    /// `Absent`; `Forbidden`; everything that is wrong with it; `Moved` when the etag is not its present one.
    pub async fn update_field(
        &self,
        caller: &Caller,
        asked: &Asked,
        (code, etag): (&str, &str),
        edit: &FieldEdit<'_>,
    ) -> Result<Field> {
        let steps = |caller: &Caller| {
            caller.may_over(asked.rpc, None)?;
            let field = caller.reference.field(code).ok_or(Error::Absent("field"))?;
            if !etag.is_empty() && etag != field.etag() {
                return Err(Error::Moved("the field has moved meanwhile; look again".to_owned()));
            }
            let after = edit.of(field, &caller.reference).map_err(Refusal::Invalid)?;
            Ok(if after == *field { Vec::new() } else { vec![DirectoryStep::UpdateField(after)] })
        };
        self.direct(caller, asked, steps).await?;
        self.reference().field(code).cloned().ok_or(Error::Absent("field"))
    }
}
