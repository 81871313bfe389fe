//! What happens to many petitions by itself: decided together, so that it goes into few transactions.

use futures::{
    future::join_all,
    stream::{self, StreamExt as _},
};

use super::{
    App,
    error::{Error, Result},
    perform::{Acting, Asked},
};
use crate::{
    domain::{
        account::Actor,
        change::Change,
        command::Command,
        decide::{Context, decide},
        petition::Petition,
        reference::Reference,
        refusal::Refusal,
    },
    store::Lost,
};

/// Petitions of one group: a caller who comes to the door meanwhile waits for one at the most.
const GROUP: usize = 64;
/// Groups under way: while some are written, the next is decided.
const AT_ONCE: usize = 3;
/// Times that a group is decided anew because the reference data has moved.
const TRIES: usize = 8;

impl App {
    /// Gives a command to petitions as they were read; returns how many moved. One that cannot move while others do is
    /// logged and keeps none of them from moving.
    ///
    /// # Errors
    /// When the store is away, or nothing could be written where something was to be; what moved has moved.
    pub(super) async fn perform_together(&self, petitions: &[Petition], command: &Command) -> Result<usize> {
        // Of the same size, so that none is still under way alone.
        let size = petitions.len().div_ceil(petitions.len().div_ceil(GROUP).max(1)).max(1);
        let groups: Vec<_> = petitions.chunks(size).map(|group| self.perform_group(group, command)).collect();
        let mut groups = stream::iter(groups).buffer_unordered(AT_ONCE);
        let mut moved = 0;
        let mut failed: Option<Error> = None;
        while let Some(group) = groups.next().await {
            for (code, done) in group {
                match settled(done) {
                    Ok(one) => moved += usize::from(one),
                    Err(error) => {
                        tracing::error!(code, error = &error as &dyn std::error::Error, "a petition did not move");
                        // What may pass is to be tried again, whatever else failed.
                        if failed.as_ref().is_none_or(|failed| !passing(failed)) {
                            failed = Some(error);
                        }
                    }
                }
            }
        }
        match failed {
            Some(error) if moved == 0 || passing(&error) => Err(error),
            _ => Ok(moved),
        }
    }

    async fn perform_group<'p>(&self, petitions: &'p [Petition], command: &Command) -> Vec<(&'p str, Result<bool>)> {
        let mut done = Vec::with_capacity(petitions.len());
        let mut left: Vec<&Petition> = petitions.iter().collect();
        let mut overtaken = Vec::new();
        for _ in 0..TRIES {
            let reference = self.store.reference();
            let mut decided = Vec::with_capacity(left.len());
            let mut changes = Vec::with_capacity(left.len());
            for petition in left.drain(..) {
                match self.decide_by_itself(petition, command.clone(), &reference) {
                    Ok(change) => {
                        decided.push(petition);
                        changes.push(change);
                    }
                    Err(refusal) => done.push((petition.code.as_str(), Err(refusal.into()))),
                }
            }
            for (petition, committed) in decided.into_iter().zip(self.store.commit_all(changes).await) {
                match committed {
                    Ok(_) => done.push((petition.code.as_str(), Ok(true))),
                    Err(Lost::Reference) => left.push(petition),
                    Err(Lost::Failed(error)) => done.push((petition.code.as_str(), Err(error.into()))),
                    Err(Lost::Moved | Lost::Letter | Lost::CodeTaken | Lost::Requested) => overtaken.push(petition),
                }
            }
            self.nudge.notify_waiters();
            if left.is_empty() {
                break;
            }
            if let Err(error) = self.store.refresh_reference().await {
                done.push((left[0].code.as_str(), Err(error.into())));
                break;
            }
        }
        // A job that passes by once has to insist. What an index shows is shown again if there is something left to do.
        if matches!(command, Command::Recalculate | Command::MoveToSuccessor) {
            let again = overtaken.into_iter().chain(left).map(async |petition| {
                let asked = Asked::once("system");
                let done = self.perform(&petition.code, Acting::System, &asked, command.clone()).await;
                (petition.code.as_str(), done.map(|_| true))
            });
            done.extend(join_all(again).await);
        }
        done
    }

    fn decide_by_itself(
        &self,
        petition: &Petition,
        command: Command,
        reference: &Reference,
    ) -> Result<Change, Refusal> {
        let context = Context {
            now: self.clock.now().max(petition.changed_at),
            actor: &Actor::system(),
            reference,
            source: self.source.as_ref(),
            version: None,
            request: None,
            delivered: None,
        };
        decide(petition, command, &context)
    }
}

/// Whether it is no fault of the petition, and may go by.
pub(super) const fn passing(error: &Error) -> bool {
    match error {
        Error::Contended => true,
        Error::Store(error) => error.transient(),
        _ => false,
    }
}

/// Whether a petition has moved: not if somebody was faster, or its time has not come.
///
/// # Errors
/// Whatever else keeps it from moving.
pub(super) fn settled(done: Result<bool>) -> Result<bool> {
    match done {
        Err(Error::Refused(Refusal::Stale { .. } | Refusal::State { .. } | Refusal::Rule { .. })) => Ok(false),
        done => done,
    }
}
