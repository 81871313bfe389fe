//! Seeds the demo: the sample petitions live their lives at past instants, through the same verbs as any caller's.

use chrono::{NaiveTime, TimeDelta};

use super::{
    super::Failure,
    plan::{Plan, Step, plan},
    sample,
};
use crate::{
    app::{App, Asked, Caller, Clock, LetterFilter, Page, ministry},
    domain::{ids::AccountId, letters::LetterStatus, reference::Reference, time::Instant},
    workers::{life, mail::worker::Worker},
};

/// What was seeded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seeded {
    pub(super) petitions: usize,
    pub(super) steps: usize,
}

/// Imports the ministry as of before the first petition, then leads every sample's life in the order of time, so
/// that register numbers follow it. `mail` makes the mail worker over a given application.
///
/// # Errors
/// What the application refuses, with the sample that it refused.
pub(super) async fn seed(app: &App, mail: impl FnOnce(&App) -> Result<Worker, Failure>) -> Result<Seeded, Failure> {
    let now = app.clock().now();
    let samples = sample::all()?;
    let oldest = samples.iter().map(|sample| sample.days_ago).max().unwrap_or(0);
    let clock = Clock::set_to(now - TimeDelta::days(i64::from(oldest) + 7));
    let past = app.with_clock(clock.clone());
    past.import_directory(&ministry()).await.map_err(Failure::of("the ministry"))?;
    let reference = past.reference();
    let mut plans = Vec::new();
    for sample in &samples {
        plans.push((sample.key.as_str(), plan(sample, &reference, now)?));
    }
    let mut history = History { mail: mail(&past)?, app: past, clock, next_look: now };
    history.next_look = plans.iter().map(|(_, plan)| history.evening(&reference, plan.entered_at)).min().unwrap_or(now);
    let mut codes = vec![String::new(); plans.len()];
    let moments = in_order(&plans);
    for moment in &moments {
        let (key, plan) = &plans[moment.petition];
        let failed = |what: &str| format!("sample {key}: {what}");
        history.live_until(moment.at).await?;
        match moment.step {
            None => codes[moment.petition] = history.submit(plan).await.map_err(Failure::of(&failed("submitting")))?,
            Some(n) => {
                let step = &plan.steps[n];
                let done = history.perform(&codes[moment.petition], step).await;
                done.map_err(Failure::of(&failed(step.command.name())))?;
            }
        }
        history.send_letters().await?;
    }
    history.live_until(now).await?;
    Ok(Seeded { petitions: plans.len(), steps: moments.len() })
}

/// What happens when: the submission of a petition, or its n-th step.
#[derive(Clone, Copy)]
struct Moment {
    at: Instant,
    petition: usize,
    step: Option<usize>,
}

fn in_order(plans: &[(&str, Plan)]) -> Vec<Moment> {
    let mut moments: Vec<Moment> = Vec::new();
    for (petition, (_, plan)) in plans.iter().enumerate() {
        moments.push(Moment { at: plan.entered_at, petition, step: None });
        let steps = plan.steps.iter().enumerate();
        moments.extend(steps.map(|(n, step)| Moment { at: step.at, petition, step: Some(n) }));
    }
    moments.sort_by_key(|moment| (moment.at, moment.petition, moment.step));
    moments
}

/// The past, as it is being lived.
struct History {
    app: App,
    clock: Clock,
    mail: Worker,
    /// When what happens by itself is looked at next.
    next_look: Instant,
}

impl History {
    /// 18:00 of the instant's local day.
    fn evening(&self, reference: &Reference, at: Instant) -> Instant {
        let evening = NaiveTime::from_hms_opt(18, 0, 0).unwrap_or_default().signed_duration_since(NaiveTime::MIN);
        reference.zone.midnight(reference.zone.date(at)) + evening
    }

    /// Lets the days pass: questions lapse and windows close in the evening, and what is on paper is handed over.
    async fn live_until(&mut self, at: Instant) -> Result<(), Failure> {
        while self.next_look <= at {
            self.clock.set(self.next_look);
            life::step(&self.app).await.map_err(Failure::of("what happens by itself"))?;
            self.send_letters().await?;
            self.hand_over().await?;
            self.next_look += TimeDelta::days(1);
        }
        self.clock.set(at);
        Ok(())
    }

    fn caller(&self, account: AccountId) -> crate::app::Result<Caller> {
        let reference = self.app.reference();
        let actor = reference.actor(account, self.app.clock().now()).ok_or(crate::app::Error::Unauthenticated)?;
        Ok(Caller { account, actor, reference })
    }

    /// The operator hands over what was not to go by e-mail.
    async fn hand_over(&self) -> Result<(), Failure> {
        let done: crate::app::Result<()> = async {
            let Some(operator) = self.app.reference().account("operator").map(|account| account.id) else {
                return Ok(());
            };
            let caller = self.caller(operator)?;
            let waiting = LetterFilter { statuses: vec![LetterStatus::Handover], petition: None };
            let page = Page::read(100, "", &[])?;
            for (letter, _) in self.app.letters(&caller, &waiting, &page).await?.0 {
                let how = "Trao tận tay tại Bộ phận Một cửa".to_owned();
                self.app.record_handover(&caller, &Asked::once("RecordHandover"), letter.id, (None, None, how)).await?;
            }
            Ok(())
        }
        .await;
        done.map_err(Failure::of("handing letters over"))
    }

    async fn submit(&self, plan: &Plan) -> crate::app::Result<String> {
        let caller = self.caller(plan.by)?;
        let submitted = self.app.submit(&caller, &Asked::once("SubmitPetition"), plan.submit.clone()).await?;
        Ok(submitted.code)
    }

    async fn perform(&self, code: &str, step: &Step) -> crate::app::Result<()> {
        self.app.perform(code, step.acting, &Asked::once("demo"), step.command.clone()).await.map(drop)
    }

    /// Sends what is owed, some seconds after it was ordered.
    async fn send_letters(&self) -> Result<(), Failure> {
        self.clock.set(self.app.clock().now() + TimeDelta::seconds(4));
        while self.mail.step().await.map_err(Failure::of("letters"))? > 0 {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        app::{By, Filter},
        cli::{config::Config, demo::sample::Ending, server},
        domain::{petition::Petition, words::State},
        store::Store,
    };

    /// An ordinary Monday morning, the middle of the Tết holiday, and the first minute of a year.
    const DAYS: [&str; 3] = ["2026-11-23T02:00:00Z", "2026-02-19T08:00:00Z", "2025-12-31T17:01:00Z"];

    #[tokio::test]
    async fn every_sample_reaches_its_ending_whenever_the_demo_begins() {
        for day in DAYS {
            let folder = tempfile::tempdir().unwrap();
            let listen = "127.0.0.1:0".parse().unwrap();
            let config = Config::embedded(folder.path(), listen, "a@mic.example").unwrap();
            Store::migrate(&config.database_url().unwrap()).await.unwrap();
            let clock = Clock::set_to(day.parse().unwrap());
            let app = server::open(&config, clock).await.unwrap();
            let mail = |past: &App| server::mail_worker(past, &config);
            assert_eq!(seed(&app, mail).await.unwrap().petitions, 44);
            let all = petitions(&app).await;
            for sample in sample::all().unwrap() {
                let (petition, _) = all.iter().find(|(_, title)| *title == sample.title).unwrap();
                let told = format!("{day} {}: {}", sample.key, petition.state);
                assert!(reached(sample.ending, petition.state), "{told}");
                assert!(petition.entered_at < app.clock().now(), "{told}");
                let published = petition.public_id.is_some();
                assert_eq!(published, sample.ending == Ending::Published, "{told}");
            }
            assert_eq!(app.verify_offline(None).await.unwrap().broken, None);
        }
    }

    async fn petitions(app: &App) -> Vec<(Petition, String)> {
        let reference = app.reference();
        let account = reference.account("supervisor").unwrap().id;
        let actor = reference.actor(account, app.clock().now()).unwrap();
        let caller = Caller { account, actor, reference };
        let filter = Filter::default();
        let page = Page::read(200, "", &[]).unwrap();
        app.list(&caller, &filter, By::Oldest, &page).await.unwrap().0
    }

    fn reached(ending: Ending, state: State) -> bool {
        use {Ending as E, State as S};
        match ending {
            E::Submitted => state == S::Submitted,
            E::NeedsInformation => state == S::NeedsInformation,
            E::Accepted | E::Reopened => state == S::Accepted,
            E::Assigned => state == S::Assigned,
            E::InProgress => state == S::InProgress,
            E::AwaitingApproval => state == S::AwaitingApproval,
            E::Answered => state == S::Answered,
            E::Closed => state == S::Closed,
            E::Published | E::TakenDown => matches!(state, S::Answered | S::Closed),
            E::Refused => state == S::Refused,
            E::Withdrawn => state == S::Withdrawn,
            E::Transferred => state == S::Transferred,
        }
    }
}
