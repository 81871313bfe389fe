//! What one may ask of pakn: a verb a place. Faces and workers come through here and never see the store.

mod account;
mod calendar;
mod caller;
mod casework;
mod clock;
mod copies;
mod data_request;
mod delegation;
mod delivery;
mod direct;
mod directory;
mod error;
mod explain;
mod identity;
mod import;
mod intake;
mod life;
mod outgoing;
mod page;
mod perform;
mod policy;
mod preview;
mod public;
mod recalculate;
mod reveal;
mod routing;
mod rules;
mod sheet;
mod shipped;
mod similar;
mod source;
mod succeed;
mod supervision;
mod together;
mod token;
mod unit;
mod watch;

use std::sync::Arc;

use tokio::sync::Notify;

pub use self::{
    caller::Caller,
    casework::StepWithTexts,
    clock::Clock,
    copies::OpenCopy,
    error::{Error, Result},
    explain::{ExplainedClock, ExplainedPetition, Question},
    import::Imported,
    intake::{AskedQuestion, OwnView, Proof, Submitted},
    life::Mark,
    outgoing::{Begun, Claimed, Letter, ToSend},
    page::{Page, Place},
    perform::{Acting, Asked},
    preview::{MovedRound, Preview},
    reveal::KeptReveal,
    routing::{BeforeAfter, Changed, Rerouted, Supposed, Trial},
    shipped::{DirectoryFiles, ministry, province, shipped},
    source::{Secure, Seeded, secure_bytes},
    supervision::{Cell, Report, Row},
    unit::{ClosurePreview, MovedPetition},
};
pub use crate::store::{
    Attempt, AttemptOutcome, By, Counted, DirectoryEvent, DirectoryStep, Dossier, Filter, LetterFilter,
    MaskedPetitioner, Resealed, RevealFilter, Settlement, Similar, StoredLetter, StoredNotice, StoredText, ToldLetter,
    TrailFilter, Verified,
};
use crate::{domain::ids::Source, store::Store};

/// Identities that an account looks at in a day without anybody being told, unless said otherwise.
const REVEALS_A_DAY: u64 = 30;

/// Rounds that one step of a job looks at.
const JOB_STRIDE: u64 = 512;

/// The application: the store with a clock, a source of ids and the server's secret.
#[derive(Clone)]
pub struct App {
    store: Store,
    clock: Clock,
    source: Arc<dyn Source>,
    secret: Arc<[u8]>,
    reveals_a_day: u64,
    job_stride: u64,
    nudge: Arc<Notify>,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}

impl App {
    /// Puts the parts together. `secret` makes access keys: whoever has it can open every petition.
    pub fn new(store: Store, clock: Clock, source: Arc<dyn Source>, secret: &[u8]) -> Self {
        Self {
            store,
            clock,
            source,
            secret: secret.into(),
            reveals_a_day: REVEALS_A_DAY,
            job_stride: JOB_STRIDE,
            nudge: Arc::new(Notify::new()),
        }
    }

    /// The same application; of an account that looks at more identities than this in a day supervisors are told.
    #[must_use]
    pub fn with_reveals_a_day(&self, reveals_a_day: u64) -> Self {
        Self { reveals_a_day, ..self.clone() }
    }

    /// The same application with another clock: what it writes, it writes at that clock's time.
    #[must_use]
    pub fn with_clock(&self, clock: Clock) -> Self {
        Self { clock, ..self.clone() }
    }

    /// The clock.
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The source of ids.
    pub fn source(&self) -> &dyn Source {
        self.source.as_ref()
    }

    /// The reference data as last loaded.
    pub fn reference(&self) -> Arc<crate::domain::reference::Reference> {
        self.store.reference()
    }

    /// Loads the reference data anew if it has moved.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn refresh(&self) -> Result<()> {
        Ok(self.store.refresh_reference().await?)
    }

    /// As [`App::refresh`], for whoever asks: ten times in a second at the most, however many they are.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn refresh_seldom(&self) -> Result<()> {
        Ok(self.store.refresh_reference_seldom().await?)
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<()> {
        Ok(self.store.ping().await?)
    }

    /// Waits until something was written, which may have made work for workers. Carries no data.
    pub async fn nudged(&self) {
        self.nudge.notified().await;
    }

    /// Whether the server's secret is the one that this database was first used with. With another one every
    /// access key that was handed out would be void.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn secret_fits(&self) -> Result<bool> {
        let mark = crate::domain::code::access_key(&self.secret, crate::domain::ids::PetitionId(uuid::Uuid::max()), 0);
        Ok(self.store.pin("secret", mark.as_bytes()).await?)
    }

    /// Checks the whole trail, or one petition's, from the command line of the server's host.
    ///
    /// # Errors
    /// `Absent` for an unknown code.
    pub async fn verify_offline(&self, code: Option<&str>) -> Result<Verified> {
        match code {
            None => Ok(self.store.verify_all().await?),
            Some(code) => {
                let petition = self.store.petition(code).await?.ok_or(Error::Absent("petition"))?;
                Ok(self.store.verify_petition(petition.id).await?)
            }
        }
    }
}
