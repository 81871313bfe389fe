//! The keys of one issuer, looked at by one task: now and then, and when a token names a key that is not known. However
//! many ask, it looks once, and never more often than every two seconds. Keys that are known work while it is away;
//! one that it shows no more is gone with the next look.

use std::{sync::Arc, time::Duration};

use http::Uri;
use serde::Deserialize;
use tokio::{
    sync::{Notify, Semaphore, watch},
    time::{sleep, timeout},
};

use super::{
    Options, Refused,
    fetch::{Reader, place},
    keys::{Keys, Set},
};

/// The least time between two looks.
const PAUSE: Duration = Duration::from_secs(2);
/// When to look again at one that did not answer.
const AGAIN: Duration = Duration::from_secs(15);
/// How long a request waits for a look.
const PATIENCE: Duration = Duration::from_secs(8);
/// Requests that wait for one; more are told to come back.
const WAITING: usize = 64;

/// What an issuer says of itself (OpenID Connect Discovery 3).
#[derive(Debug, Deserialize)]
struct Described {
    issuer: String,
    jwks_uri: String,
}

#[derive(Debug, Default)]
struct Seen {
    keys: Option<Arc<Keys>>,
    /// How often it was looked at.
    looks: u64,
    /// Whether it answered the last time.
    answered: bool,
}

/// The keys of an issuer.
#[derive(Debug)]
pub(super) struct Watched {
    issuer: String,
    described: Uri,
    refresh: Duration,
    reader: Reader,
    seen: watch::Sender<Seen>,
    nudge: Notify,
    waiting: Semaphore,
}

impl Watched {
    /// # Errors
    /// What is wrong with its URL or its authorities.
    pub(super) fn new(options: &Options) -> Result<Self, String> {
        let issuer = options.issuer.clone();
        place(&issuer)?;
        let described = place(&format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/')))?;
        Ok(Self {
            described,
            refresh: Duration::from_secs(options.refresh_seconds.get().into()),
            reader: Reader::new(options.ca.as_deref())?,
            seen: watch::Sender::default(),
            nudge: Notify::new(),
            waiting: Semaphore::new(WAITING),
            issuer,
        })
    }

    /// The keys as last seen; none before the issuer has answered once.
    pub(super) fn current(&self) -> Option<Arc<Keys>> {
        self.seen.borrow().keys.clone()
    }

    /// Whether the issuer answered the last time.
    pub(super) fn answered(&self) -> bool {
        self.seen.borrow().answered
    }

    /// Looks, now and then and when nudged, for ever.
    pub(super) async fn keep_up(&self) {
        loop {
            let looked = self.look().await;
            let answered = looked.is_ok();
            self.seen.send_modify(|seen| {
                seen.looks += 1;
                seen.answered = answered;
                if let Ok(keys) = looked.as_ref() {
                    seen.keys = Some(Arc::clone(keys));
                }
            });
            if let Err(fault) = looked {
                tracing::warn!(issuer = self.issuer, fault, "the keys of an issuer cannot be had; known ones go on");
            }
            sleep(PAUSE).await;
            let next = if answered { self.refresh } else { self.refresh.min(AGAIN) };
            let _ = timeout(next.saturating_sub(PAUSE), self.nudge.notified()).await;
        }
    }

    /// Waits until the issuer has been looked at anew.
    ///
    /// # Errors
    /// `Away` when too many wait, or it takes too long.
    pub(super) async fn look_anew(&self) -> Result<(), Refused> {
        let _place = self.waiting.try_acquire().map_err(|_| Refused::Away)?;
        let mut seen = self.seen.subscribe();
        let before = seen.borrow_and_update().looks;
        self.nudge.notify_one();
        let looked = timeout(PATIENCE, seen.wait_for(|seen| seen.looks > before)).await;
        looked.map(drop).map_err(|_| Refused::Away)
    }

    async fn look(&self) -> Result<Arc<Keys>, String> {
        let described: Described = self.reader.read(&self.described).await?;
        if described.issuer != self.issuer {
            return Err(format!("{} describes another issuer", self.described));
        }
        let set: Set = self.reader.read(&place(&described.jwks_uri)?).await?;
        let keys = Keys::of(set);
        if keys.len() == 0 {
            return Err(format!("{} shows no key that could be used", described.jwks_uri));
        }
        tracing::debug!(issuer = self.issuer, keys = keys.len(), "the keys of an issuer were read");
        Ok(Arc::new(keys))
    }
}
