//! What administrators may ask of deadline policies.

use super::{
    App,
    caller::Caller,
    error::{Error, Result, invalid},
    perform::Asked,
};
use crate::{
    domain::{
        policy::{Policy, Scope, Terms},
        refusal::{Fault, Refusal, rule},
        time::Instant,
    },
    store::DirectoryStep,
};

impl App {
    /// A version of a policy; a name alone means the one in force now.
    ///
    /// # Errors
    /// `Absent`.
    pub fn policy(&self, caller: &Caller, version: &str) -> Result<Policy> {
        let policies = &caller.reference.policies;
        let now = self.clock.now();
        let in_force = || policies.all().iter().find(|policy| policy.name == version && policy.in_force(now));
        policies.version(version).or_else(in_force).cloned().ok_or(Error::Absent("policy"))
    }

    /// Adds a version of a policy; it touches receipts from its beginning on, now at the earliest.
    ///
    /// # Errors
    /// Everything that is wrong with it; a rule when another policy could win as well; `Forbidden`.
    pub async fn put_policy(
        &self,
        caller: &Caller,
        asked: &Asked,
        (name, from, until): (String, Option<Instant>, Option<Instant>),
        scope: Scope,
        terms: Terms,
    ) -> Result<Policy> {
        let now = self.clock.now();
        let from = from.unwrap_or(now);
        let step = |caller: &Caller| {
            let (name, scope, terms) = (name.clone(), scope.clone(), terms.clone());
            caller.may_over(asked.rpc, scope.unit)?;
            let policies = &caller.reference.policies;
            let mut faults: Vec<Fault> = terms.faults();
            faults.iter_mut().for_each(|fault| fault.field = format!("policy.{}", fault.field));
            if from < now {
                faults.push(Fault::new("policy.valid_from", "lies in the past: it would touch what has been received"));
            }
            if until.is_some_and(|until| until <= from) {
                faults.push(Fault::new("policy.valid_until", "is not after its beginning"));
            }
            if until.is_some() && scope.is_general() {
                faults.push(Fault::new(
                    "policy.valid_until",
                    "must be left out: it is what is left where no other is in force",
                ));
            }
            let earlier: Vec<&Policy> = policies.all().iter().filter(|policy| policy.name == name).collect();
            if earlier.iter().any(|policy| policy.scope != scope) {
                faults.push(Fault::new("policy.scope", "is not that of earlier versions of the policy"));
            }
            if earlier.iter().any(|policy| policy.from.is_some_and(|other| other >= from)) {
                faults.push(Fault::new("policy.valid_from", "is not after that of the version before"));
            }
            if !faults.is_empty() {
                return Err(Refusal::Invalid(faults).into());
            }
            let number = i32::try_from(earlier.len()).unwrap_or(i32::MAX - 1) + 1;
            let policy = Policy { version: format!("{name}-{number}"), name, from: Some(from), until, scope, terms };
            if let Some(rival) = policies.rival(&policy) {
                let what = format!("{} is for the same petitions, and both could win", rival.version);
                return Err(rule("POLICY_TIE", what).into());
            }
            Ok(vec![DirectoryStep::Policy { policy, number }])
        };
        let version = self.direct(caller, asked, step).await?;
        self.policy_now(version.as_deref())
    }

    /// Ends a version of a policy: receipts before the end keep to it. A name alone means the version in force now.
    ///
    /// # Errors
    /// `Absent`; an end that lies in the past, before its beginning or after its end; a rule for what has ended, and for
    /// what is left where nothing else is in force; `Forbidden`.
    pub async fn close_policy(
        &self,
        caller: &Caller,
        asked: &Asked,
        version: &str,
        until: Option<Instant>,
    ) -> Result<Policy> {
        let step = |caller: &Caller| {
            let policy = self.policy(caller, version)?;
            caller.may_over(asked.rpc, policy.scope.unit)?;
            let now = self.clock.now();
            let earliest = policy.from.map_or(now, |from| from.max(now));
            if policy.until.is_some_and(|until| until <= earliest) {
                return Err(rule("POLICY_ENDED", format!("{} has its end already", policy.version)).into());
            }
            if policy.is_general() {
                let what =
                    format!("{} is what is left where no other is in force; put another version of it", policy.version);
                return Err(rule("POLICY_NEEDED", what).into());
            }
            let until = until.unwrap_or(earliest);
            let wrong = if until < now {
                Some("lies in the past: it would touch what has been received")
            } else if until < earliest {
                Some("lies before its beginning")
            } else if policy.until.is_some_and(|end| end < until) {
                Some("lies after its end")
            } else {
                None
            };
            if let Some(what) = wrong {
                return Err(invalid("valid_until", what));
            }
            Ok(vec![DirectoryStep::ClosePolicy { version: policy.version, until }])
        };
        let version = self.direct(caller, asked, step).await?;
        self.policy_now(version.as_deref())
    }

    fn policy_now(&self, version: Option<&str>) -> Result<Policy> {
        let reference = self.reference();
        version.and_then(|version| reference.policies.version(version)).cloned().ok_or(Error::Absent("policy"))
    }
}
