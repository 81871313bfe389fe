//! Deciding and committing, again when somebody else was faster; and the same answer to the same request.

use chrono::TimeDelta;
use uuid::Uuid;

use super::{
    App,
    caller::Caller,
    error::{Error, Result},
};
use crate::{
    domain::{
        account::Actor,
        change::{Change, Outcome, Request},
        code,
        command::Command,
        decide::{Context, decide},
        ids::AccountId,
        permission,
        petition::Petition,
        reference::Reference,
        refusal::{Fault, Refusal, rule},
        text::Redaction,
        time::Instant,
    },
    store::{Lost, UsedRequest},
};

/// How a command was asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Name of the RPC.
    pub rpc: &'static str,
    /// The caller's request id.
    pub request: Option<Uuid>,
    /// SHA-256 of the request.
    pub content: [u8; 32],
    /// The version that the caller decided upon.
    pub version: Option<i64>,
}

impl Asked {
    /// What happens by itself, or is not guarded against being done twice.
    pub const fn once(rpc: &'static str) -> Self {
        Self { rpc, request: None, content: [0; 32], version: None }
    }
}

/// Who acts, as of the reference data that a decision rests upon.
#[derive(Debug, Clone, Copy)]
pub enum Acting {
    /// An account in its own roles.
    Account(AccountId),
    /// The petitioner, through a portal's account; proof has been given.
    Petitioner(AccountId),
    /// What happens by itself.
    System,
}

impl Acting {
    pub(super) const fn account(self) -> Option<AccountId> {
        match self {
            Self::Account(account) | Self::Petitioner(account) => Some(account),
            Self::System => None,
        }
    }

    pub(super) fn actor(self, reference: &Reference, now: Instant) -> Option<Actor> {
        match self {
            Self::Account(account) => reference.actor(account, now),
            Self::Petitioner(account) => reference.actor(account, now).map(|actor| actor.for_petitioner()),
            Self::System => Some(Actor::system()),
        }
    }
}

/// Decisions in a row that others may overtake before the caller is told to come back.
pub(super) const TRIES: usize = 32;

/// How long a request id is remembered.
pub(super) const REMEMBERED: TimeDelta = TimeDelta::days(30);

impl App {
    /// Gives a command on a petition: loads, decides, commits; decides again when overtaken.
    ///
    /// # Errors
    /// Whatever the domain refuses; `Contended` when overtaken too often.
    pub async fn perform(&self, code: &str, acting: Acting, asked: &Asked, command: Command) -> Result<Outcome> {
        for _ in 0..TRIES {
            let reference = self.store.reference();
            let actor = acting.actor(&reference, self.clock.now()).ok_or(Error::Unauthenticated)?;
            let Some(petition) = self.store.petition(code).await? else { return Err(Refusal::NotFound.into()) };
            let mut command = command.clone();
            // Nothing more is read, and no identity opened, for whoever may not; that is refused below.
            if permission::check(&actor, &command, &petition, &reference).is_ok() {
                command = self.completed(&petition, command, &reference).await?;
                self.with_requests(&petition, &mut command).await?;
            }
            let delivered = match command {
                Command::Reopen { .. } | Command::Close => self.store.delivered(&petition).await?,
                _ => None,
            };
            let now = self.clock.now();
            let context = Context {
                // Time does not run backwards within a petition, whatever the system's clock does.
                now: now.max(last_step(&petition, &command)),
                actor: &actor,
                reference: &reference,
                source: self.source.as_ref(),
                version: asked.version,
                request: acting.account().and_then(|account| self.request(asked, account, now)),
                delivered,
            };
            let change = match decide(&petition, command, &context) {
                Ok(change) => change,
                Err(refusal) => {
                    if let Some(outcome) = self.answered_before(acting, asked).await? {
                        return Ok(outcome);
                    }
                    // A refusal must not rest on a stale copy either: a grant may just have been made elsewhere.
                    self.store.refresh_reference().await?;
                    if self.store.reference().version != reference.version {
                        continue;
                    }
                    // Told nothing of who brought it before that is on record.
                    if refusal.tells_of_petitioner() && !self.keep_try(&petition, &actor, &reference, asked.rpc).await?
                    {
                        continue;
                    }
                    return Err(refusal.into());
                }
            };
            match self.store.commit(change).await {
                Ok(change) => {
                    self.nudge.notify_waiters();
                    return outcome(change).ok_or(Error::Contended);
                }
                Err(Lost::Moved | Lost::CodeTaken) => {}
                Err(Lost::Letter) => {
                    let what = "the letter is being sent, or was settled otherwise meanwhile; look at it again";
                    return Err(rule("LETTER_SETTLED", what).into());
                }
                Err(Lost::Reference) => self.store.refresh_reference().await?,
                Err(Lost::Requested) => {
                    if let Some(outcome) = self.answered_before(acting, asked).await? {
                        return Ok(outcome);
                    }
                }
                Err(Lost::Failed(error)) => return Err(error.into()),
            }
        }
        Err(Error::Contended)
    }

    /// What is amiss beside the faults of a message that could not be read whole, of the petition that it is about: for
    /// whoever may call the RPC on it, and nothing for anybody else.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn amiss(
        &self,
        caller: &Caller,
        rpc: &str,
        code: &str,
        find: impl FnOnce(&Petition, &Reference) -> Vec<Fault>,
    ) -> Result<Vec<Fault>> {
        let reference = &caller.reference;
        let may = |petition: &Petition| permission::may_see(rpc, &caller.actor, petition, &reference.units);
        let petition = self.store.petition(code).await?.filter(may);
        Ok(petition.map_or_else(Vec::new, |petition| find(&petition, reference)))
    }

    /// The request id, as it is kept.
    pub(super) fn request(&self, asked: &Asked, account: AccountId, at: Instant) -> Option<Request> {
        let content = || self.content_of(asked);
        asked.request.map(|id| Request { account: account.0, rpc: asked.rpc, id, content: content(), at })
    }

    /// What tells the content of a request from others. A request names people: its hash is keyed.
    fn content_of(&self, asked: &Asked) -> [u8; 32] {
        code::keyed(&self.secret, &[b"request", &asked.content])
    }

    /// The answer that this request id was given, if it was used.
    async fn answered_before(&self, acting: Acting, asked: &Asked) -> Result<Option<Outcome>> {
        let (Some(account), Some(id)) = (acting.account(), asked.request) else { return Ok(None) };
        let Some(used) = self.store.used_request(account.0, asked.rpc, id).await? else { return Ok(None) };
        let Some((petition, seq)) = self.remembered(used, asked).await? else { return Ok(None) };
        Ok(self.store.outcome(petition, seq).await?)
    }

    /// What a request id led to, unless that is so long ago that it may be used anew.
    pub(super) async fn remembered<T>(&self, used: UsedRequest<T>, asked: &Asked) -> Result<Option<T>> {
        let forgotten = self.clock.now() - REMEMBERED;
        if used.at < forgotten {
            self.store.forget_requests(forgotten).await?;
            return Ok(None);
        }
        if used.content != self.content_of(asked) {
            return Err(Refusal::RequestReused.into());
        }
        Ok(Some(used.led_to))
    }

    /// As [`App::answered_before`], for an account.
    pub(super) async fn submitted_before(&self, account: AccountId, asked: &Asked) -> Result<Option<Outcome>> {
        self.answered_before(Acting::Account(account), asked).await
    }

    /// Puts in what a command needs from the store.
    async fn completed(&self, petition: &Petition, command: Command, reference: &Reference) -> Result<Command> {
        match (command, petition.redaction) {
            (Command::Publish { revision, .. }, Some(id)) => {
                let texts = self.store.texts(vec![id]).await?;
                let redaction = texts.get(&id).map(|text| Redaction::read(&text.body)).unwrap_or_default();
                let petitioner = self.store.petitioner(petition.id).await?.map(Box::new);
                Ok(Command::Publish { revision, redaction, petitioner })
            }
            (Command::ShareCopy { text, .. }, _) => {
                let petitioner = self.store.petitioner(petition.id).await?.map(Box::new);
                Ok(Command::ShareCopy { text, petitioner })
            }
            (Command::Erase { ground, document, .. }, _) => {
                let looks = self.store.looks(petition.id).await?;
                Ok(Command::Erase { ground, document, looks })
            }
            (Command::Accept(mut accept), _)
                if accept.assignment.is_none()
                    && !petition.is_data_request()
                    && reference.rules.any_for(petition.focal, &reference.units) =>
            {
                accept.written = self.store.written(&[petition.id]).await?.remove(&petition.id);
                Ok(Command::Accept(accept))
            }
            (command, _) => Ok(command),
        }
    }

    /// Puts the requests about a petition in, where a command may say anew whom it complains of.
    async fn with_requests(&self, petition: &Petition, command: &mut Command) -> Result<()> {
        let requests = match command {
            Command::Accept(accept) => &mut accept.requests,
            Command::Reclassify(reclassify) => &mut reclassify.requests,
            _ => return Ok(()),
        };
        if petition.data_requests > 0 {
            *requests = self.store.requests_about(&petition.code).await?;
        }
        Ok(())
    }
}

/// The last step of a petition and of those that are about it: time does not run backwards within any of them.
fn last_step(petition: &Petition, command: &Command) -> Instant {
    let requests = match command {
        Command::Accept(accept) => &accept.requests[..],
        Command::Reclassify(reclassify) => &reclassify.requests,
        _ => &[],
    };
    requests.iter().map(|request| request.changed_at).fold(petition.changed_at, Instant::max)
}

/// What the first subject of a change came to.
pub(super) fn outcome(change: Change) -> Option<Outcome> {
    change.subjects.into_iter().next().map(|subject| Outcome {
        recorded: subject.recorded,
        code: subject.after.code,
        register: subject.after.register,
    })
}
