//! What happens to many petitions by itself: decided together, so that it goes into few transactions.

use futures::stream::{self, StreamExt as _};

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

/// Petitions of one group: what a caller who comes to the door meanwhile may have to wait for.
const GROUP: usize = 64;
/// Groups under way: one is decided while two are written.
const AT_ONCE: usize = 3;

impl App {
    /// Gives a command to petitions as they were read; returns how many moved, and what failed first. One that fails
    /// keeps no other from moving.
    pub(super) async fn perform_together(&self, petitions: &[Petition], command: &Command) -> (usize, Result<()>) {
        let reference = self.store.reference();
        let groups: Vec<_> =
            petitions.chunks(GROUP).map(|group| self.perform_group(group, command, &reference)).collect();
        let mut groups = stream::iter(groups).buffer_unordered(AT_ONCE);
        let mut moved = 0;
        let mut failed = Ok(());
        while let Some(group) = groups.next().await {
            for one in group {
                match one {
                    Ok(one) => moved += usize::from(one),
                    Err(error) => failed = failed.and(Err(error)),
                }
            }
        }
        if moved > 0 {
            self.nudge.notify_waiters();
        }
        (moved, failed)
    }

    async fn perform_group(
        &self,
        petitions: &[Petition],
        command: &Command,
        reference: &Reference,
    ) -> Vec<Result<bool>> {
        let mut codes = Vec::with_capacity(petitions.len());
        let mut changes = Vec::with_capacity(petitions.len());
        let mut done = Vec::new();
        for petition in petitions {
            match self.decide_by_itself(petition, command.clone(), reference) {
                Ok(change) => {
                    codes.push(petition.code.as_str());
                    changes.push(change);
                }
                Err(refusal) => done.push(settled(refusal.into())),
            }
        }
        for (code, committed) in codes.into_iter().zip(self.store.commit_all(changes).await) {
            done.push(match committed {
                Ok(_) => Ok(true),
                Err(Lost::Failed(error)) => Err(error.into()),
                // Overtaken: by now it may be settled, or have to be decided otherwise.
                Err(Lost::Moved | Lost::Reference | Lost::CodeTaken | Lost::Requested) => {
                    let again = self.perform(code, Acting::System, &Asked::once("system"), command.clone()).await;
                    again.map(|_| true).or_else(settled)
                }
            });
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

/// Whoever was faster has done it, or its time has not come.
fn settled(error: Error) -> Result<bool> {
    match error {
        Error::Refused(Refusal::Stale { .. } | Refusal::State { .. } | Refusal::Rule { .. }) => Ok(false),
        error => Err(error),
    }
}
