//! The mail worker: claims letters by lease, sends them outside any transaction, records each attempt.
//!
//! A letter is marked before it is sent. Where no attempt follows the mark (the process died in between) nobody
//! can say whether it went out: it is settled as `UNKNOWN` and left to an operator, never sent twice.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use chrono::TimeDelta;
use tokio::sync::watch;

use super::{
    envelope::{Delivery, Envelope, Language, LetterText},
    notices, render,
    retry::retry_delay,
    sender::Sender,
    templates::{self, Templates},
    transport::Transport,
};
use crate::{
    app::{App, Attempt, AttemptOutcome, Begun, Claimed, Letter, Result, Settlement, ToSend, secure_bytes},
    domain::{letters::LetterStatus, time::Instant, words},
};

/// Sends letters.
#[derive(Debug)]
pub struct Worker {
    app: App,
    templates: Templates,
    sender: Sender,
    transport: Transport,
    /// Letters that an address gets in 24 hours at the most.
    a_day: u64,
}

/// Letters claimed at once; few, so that other processes find some too.
const CLAIM: u64 = 8;
/// How long a claimed letter may wait for its turn; renewed when it is sent.
const WAIT: TimeDelta = TimeDelta::minutes(2);
/// When a letter that could not be opened, or whose sending could not be recorded, is looked at again.
const LATER: TimeDelta = TimeDelta::minutes(15);
/// How often it looks without being nudged.
const EVERY: Duration = Duration::from_secs(5);

impl Worker {
    /// Puts a worker together.
    pub const fn new(app: App, templates: Templates, sender: Sender, transport: Transport, a_day: u64) -> Self {
        Self { app, templates, sender, transport, a_day }
    }

    /// Claims a few letters and deals with each; returns how many were claimed.
    ///
    /// # Errors
    /// When the store fails; letters that were claimed wait until their lease ends.
    pub async fn step(&self) -> Result<usize> {
        self.step_unless(&AtomicBool::new(false)).await
    }

    /// As [`Worker::step`]; once told to stop, the letters that have not been begun are given back.
    async fn step_unless(&self, stop: &AtomicBool) -> Result<usize> {
        let claimed = self.app.claim_letters(WAIT, CLAIM).await?;
        let mut failed = None;
        for claimed in &claimed {
            let dealt = if stop.load(Ordering::Relaxed) {
                self.app.put_off_letter(claimed, self.app.clock().now()).await
            } else {
                self.deal_with(claimed).await
            };
            // One letter that cannot be opened must not hold up those claimed with it, again and again.
            if let Err(error) = dealt {
                tracing::warn!(letter = %claimed.letter.id, error = &error as &dyn std::error::Error, "a letter failed");
                // Nor those that come after it: it is looked at again later. If that cannot be said either, its lease ends.
                let _ = self.app.put_off_letter(claimed, self.app.clock().now() + LATER).await;
                failed = Some(error);
            }
        }
        failed.map_or(Ok(claimed.len()), Err)
    }

    /// Sends what is due, again and again, until told to stop; a letter that has been begun is finished first.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let stopping = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&stopping);
        let mut idle = stop.clone();
        let told = async move {
            // A sender that is gone has told everybody to stop.
            let _ = stop.wait_for(|stop| *stop).await;
            flag.store(true, Ordering::Relaxed);
        };
        let sending = async {
            while !stopping.load(Ordering::Relaxed) {
                match self.step_unless(&stopping).await {
                    Ok(0) => {
                        self.transport.rest().await;
                        tokio::select! {
                            _ = idle.wait_for(|stop| *stop) => {}
                            _ = tokio::time::timeout(EVERY, self.app.nudged()) => {}
                        }
                    }
                    Ok(_) => {}
                    Err(error) => {
                        tracing::warn!(error = &error as &dyn std::error::Error, "sending letters failed");
                        let _ = tokio::time::timeout(EVERY, idle.wait_for(|stop| *stop)).await;
                    }
                }
            }
        };
        tokio::join!(told, sending);
    }

    async fn deal_with(&self, claimed: &Claimed) -> Result<()> {
        let now = self.app.clock().now();
        match self.app.open_letter(claimed).await? {
            ToSend::Moot => self.app.drop_letter(claimed).await,
            ToSend::NoAddress => self.settle(claimed, now, rejected("there is no address to send it to"), None).await,
            ToSend::Broken => {
                let reply = "the process that was sending it ended before it said how it went".to_owned();
                self.settle(claimed, claimed.letter.sending_since.unwrap_or(now), Delivery::Unknown { reply }, None)
                    .await
            }
            ToSend::Ready(letter) => self.send(claimed, &letter).await,
        }
    }

    async fn send(&self, claimed: &Claimed, letter: &Letter) -> Result<()> {
        let now = self.app.clock().now();
        let outgoing = match render::render(&self.templates, &self.sender, &envelope(letter), now) {
            Ok(outgoing) => outgoing,
            Err(error) => {
                tracing::error!(letter = %letter.id, kind = %letter.kind, %error, "a letter could not be rendered");
                return self.settle(claimed, now, error.delivery(), None).await;
            }
        };
        let longest = TimeDelta::from_std(self.transport.longest_attempt()).unwrap_or(TimeDelta::hours(1));
        let lease = longest + TimeDelta::seconds(30);
        match self.app.begin_sending(claimed, letter, lease, self.a_day).await? {
            Begun::Send => {}
            Begun::Lost => return Ok(()),
            Begun::Later(until) => return self.app.put_off_letter(claimed, until).await,
        }
        let delivery = self.transport.deliver(&outgoing).await;
        let salt: [u8; 16] = secure_bytes();
        let hash = self.app.mark_of(&salt, outgoing.bytes());
        self.settle(claimed, now, delivery, Some((salt, hash))).await
    }

    async fn settle(
        &self,
        claimed: &Claimed,
        started_at: Instant,
        delivery: Delivery,
        sent: Option<([u8; 16], [u8; 32])>,
    ) -> Result<()> {
        let now = self.app.clock().now();
        let number = claimed.letter.attempts + 1;
        let (outcome, status) = match &delivery {
            Delivery::Accepted { .. } => (AttemptOutcome::Accepted, LetterStatus::Accepted),
            Delivery::Deferred { .. } => (AttemptOutcome::Deferred, LetterStatus::Pending),
            Delivery::Rejected { .. } => (AttemptOutcome::Rejected, LetterStatus::Rejected),
            Delivery::Unknown { .. } => (AttemptOutcome::Unknown, LetterStatus::Unknown),
        };
        let jitter = f64::from(secure_bytes::<1>()[0]) / 256.0;
        let delay = retry_delay(u32::try_from(number).unwrap_or(1), jitter);
        let settlement = Settlement {
            attempt: Attempt {
                number,
                started_at: started_at.min(now),
                ended_at: now,
                outcome,
                reply: delivery.reply().to_owned(),
            },
            status,
            next_attempt_at: now + TimeDelta::from_std(delay).unwrap_or(TimeDelta::hours(6)),
            template_version: sent.is_some().then_some(templates::VERSION),
            sent,
        };
        tracing::info!(letter = %claimed.letter.id, kind = %claimed.letter.kind, %outcome, "letter");
        if !self.app.settle_letter(claimed, &settlement).await? {
            tracing::warn!(letter = %claimed.letter.id, "the lease was lost before the attempt was recorded");
        }
        Ok(())
    }
}

fn rejected(reply: &str) -> Delivery {
    Delivery::Rejected { reply: reply.to_owned() }
}

fn envelope(letter: &Letter) -> Envelope {
    Envelope {
        letter_id: letter.id.0,
        kind: letter.kind.as_str().to_owned(),
        language: match letter.language {
            words::Language::Vi => Language::Vi,
            words::Language::En => Language::En,
        },
        code: letter.code.clone(),
        to_name: letter.name.clone(),
        to_email: letter.email.clone(),
        texts: letter
            .texts
            .iter()
            .map(|(kind, title, body)| LetterText { kind: kind.clone(), title: title.clone(), body: body.clone() })
            .chain((!letter.notices.is_empty()).then(|| LetterText {
                kind: "NOTICES".to_owned(),
                title: String::new(),
                body: notices::lines(&letter.notices, letter.language),
            }))
            .collect(),
        facts: letter.facts.clone(),
        thread: letter.thread.iter().map(|id| id.0).collect(),
        ordered_at: letter.ordered_at,
    }
}
