//! The only door through which petitions are written.
//!
//! Changes of callers that arrive together are gathered into one transaction; each caller is answered after its
//! transaction is durable. Losers are taken out and the rest runs again; on any other error each change runs alone.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
};

use futures::future::join_all;
use sea_orm::DbErr;
use tokio::sync::{Mutex, mpsc, oneshot};

use super::{
    checkpoint::{self, Committed},
    commit::{self, Attempt},
    connect::{Connections, Options},
    error::Error,
};
use crate::domain::{change::Change, ids::PetitionId};

/// Why a change was not written. Nothing of it was, unless the database went away in the middle of it.
#[derive(Debug, thiserror::Error)]
pub enum Lost {
    /// A petition, or a letter of it, moved since it was read: decide again.
    #[error("a subject has moved")]
    Moved,
    /// A letter of it is being sent, or has been settled otherwise.
    #[error("a letter has moved")]
    Letter,
    /// The tracking code is taken: draw again.
    #[error("the tracking code is taken")]
    CodeTaken,
    /// The request id has been used: see what for.
    #[error("the request id has been used")]
    Requested,
    /// The reference data has moved: load it and decide again.
    #[error("the reference data has moved")]
    Reference,
    /// The database failed.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// A change on its way, and who waits for it.
struct Waiting {
    change: Change,
    answer: oneshot::Sender<Result<Change, Lost>>,
}

/// Where changes are handed in: alone, or in groups that were decided together. Writers take them in turns, so that
/// neither keeps the other waiting for more than a transaction.
#[derive(Debug, Clone)]
pub(super) struct Door {
    queue: mpsc::Sender<Waiting>,
    groups: mpsc::Sender<Vec<Waiting>>,
    limit: usize,
}

/// The other side of the door.
struct Queues {
    queue: mpsc::Receiver<Waiting>,
    groups: mpsc::Receiver<Vec<Waiting>>,
}

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Waiting")
    }
}

/// Callers that may wait at the door before others wait to come up to it.
const QUEUE: usize = 4_096;

impl Door {
    /// Starts the writers; they end when the last handle is dropped.
    pub(super) fn open(connections: &Connections, options: &Options) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let (groups, together) = mpsc::channel(1);
        let queues = Arc::new(Mutex::new(Queues { queue: waiting, groups: together }));
        let writers = if connections.backend == sea_orm::DbBackend::Sqlite { 1 } else { options.writers.clamp(1, 16) };
        let limit = options.batch.clamp(1, 512);
        let committed = checkpoint::begin(connections);
        for _ in 0..writers {
            let (connections, queues, committed) = (connections.clone(), Arc::clone(&queues), committed.clone());
            tokio::spawn(async move { write(&connections, &queues, limit, &committed).await });
        }
        Self { queue, groups, limit }
    }

    /// Hands a change in and waits until it is durable, or lost. Gives it back as it was written.
    pub(super) async fn commit(&self, change: Change) -> Result<Change, Lost> {
        let (answer, answered) = oneshot::channel();
        self.queue.send(Waiting { change, answer }).await.map_err(|_| Error::Closing)?;
        answered.await.map_err(|_| Error::Closing)?
    }

    /// As [`Door::commit`], for changes that were decided together: as many as fit go into one transaction. What became
    /// of each, in their order.
    pub(super) async fn commit_all(&self, changes: Vec<Change>) -> Vec<Result<Change, Lost>> {
        let mut waiting = Vec::with_capacity(changes.len());
        let mut answers = Vec::with_capacity(changes.len());
        for change in changes {
            let (answer, answered) = oneshot::channel();
            waiting.push(Waiting { change, answer });
            answers.push(answered);
        }
        let mut waiting = waiting.into_iter().peekable();
        while waiting.peek().is_some() {
            // Nobody takes them when it is closing: then nobody answers either.
            let _ = self.groups.send(waiting.by_ref().take(self.limit).collect()).await;
        }
        let answer = |answered: oneshot::Receiver<_>| async { answered.await.map_err(|_| Error::Closing)? };
        join_all(answers.into_iter().map(answer)).await
    }
}

async fn write(connections: &Connections, queues: &Mutex<Queues>, limit: usize, committed: &Committed) {
    let mut held = VecDeque::new();
    let mut group_first = false;
    loop {
        match gather(queues, &mut held, limit, group_first).await {
            None => return,
            Some(group) => group_first = !group,
        }
        let batch = take(&mut held, limit);
        run(connections, batch).await;
        committed.tell();
    }
}

/// Waits for changes unless some are held over: a group, or whatever has arrived from callers. Whether it is a group;
/// none when nothing will come.
async fn gather(queues: &Mutex<Queues>, held: &mut VecDeque<Waiting>, limit: usize, group_first: bool) -> Option<bool> {
    let mut queues = if held.is_empty() {
        queues.lock().await
    } else {
        // Changes are held over: take what is there, but wait neither for a change nor for another writer.
        let Ok(queues) = queues.try_lock() else { return Some(false) };
        queues
    };
    let Queues { queue, groups } = &mut *queues;
    if held.is_empty() {
        let (group, first) = match group_first {
            true => tokio::select! {
                biased;
                Some(group) = groups.recv() => (Some(group), None),
                Some(first) = queue.recv() => (None, Some(first)),
                else => return None,
            },
            false => tokio::select! {
                biased;
                Some(first) = queue.recv() => (None, Some(first)),
                Some(group) = groups.recv() => (Some(group), None),
                else => return None,
            },
        };
        held.extend(first);
        if let Some(group) = group {
            held.extend(group);
            return Some(true);
        }
    }
    while held.len() < limit {
        let Ok(next) = queue.try_recv() else { break };
        held.push_back(next);
    }
    Some(false)
}

/// At most one change a subject in a batch, in the order of ids, so that writers lock in one order; the others
/// are held over.
fn take(held: &mut VecDeque<Waiting>, limit: usize) -> Vec<Waiting> {
    let mut subjects: HashSet<PetitionId> = HashSet::new();
    let mut batch: Vec<Waiting> = Vec::new();
    for _ in 0..held.len() {
        let Some(next) = held.pop_front() else { break };
        let ids: Vec<PetitionId> = next.change.subjects.iter().map(|subject| subject.after.id).collect();
        if batch.len() < limit && !ids.iter().any(|id| subjects.contains(id)) {
            subjects.extend(ids);
            batch.push(next);
        } else {
            held.push_back(next);
        }
    }
    batch.sort_by_key(|waiting| waiting.change.subjects.first().map(|subject| subject.after.id));
    batch
}

async fn run(connections: &Connections, mut batch: Vec<Waiting>) {
    while !batch.is_empty() {
        // Whoever has gone away meanwhile (a cancelled call) still gets its change written: it may have been
        // promised to a retry of the same request.
        let mut changes: Vec<&mut Change> = batch.iter_mut().map(|waiting| &mut waiting.change).collect();
        match commit::attempt(connections, &mut changes).await {
            Ok(Attempt::Done) => {
                for waiting in batch.drain(..) {
                    let _ = waiting.answer.send(Ok(waiting.change));
                }
            }
            Ok(Attempt::Losers(losers)) => batch = take_out(batch, losers),
            Ok(Attempt::StaleReference(current)) => {
                let (stale, rest): (Vec<_>, Vec<_>) =
                    batch.into_iter().partition(|waiting| waiting.change.reference != current);
                for waiting in stale {
                    let _ = waiting.answer.send(Err(Lost::Reference));
                }
                batch = rest;
            }
            Err(error) => return each_alone(connections, batch, error).await,
        }
    }
}

fn take_out(batch: Vec<Waiting>, mut losers: Vec<(usize, Lost)>) -> Vec<Waiting> {
    let mut rest = Vec::with_capacity(batch.len());
    for (place, waiting) in batch.into_iter().enumerate() {
        match losers.iter().position(|(loser, _)| *loser == place) {
            Some(found) => {
                let (_, lost) = losers.swap_remove(found);
                let _ = waiting.answer.send(Err(lost));
            }
            None => rest.push(waiting),
        }
    }
    rest
}

/// One bad change must not take the others down with it. The line may have broken after the commit: what is durable must
/// not be done twice, nor what nobody can tell of.
async fn each_alone(connections: &Connections, batch: Vec<Waiting>, error: DbErr) {
    let many = batch.len() > 1;
    if many {
        tracing::warn!(changes = batch.len(), %error, "a batch failed; each change runs alone");
    }
    for mut waiting in batch {
        let became = match commit::is_durable(connections, &waiting.change).await {
            Ok(true) => Ok(()),
            Ok(false) if many => alone(connections, &mut waiting.change).await,
            Ok(false) => Err(Error::of("commit")(error.clone()).into()),
            Err(error) => Err(untold(error)),
        };
        let _ = waiting.answer.send(became.map(|()| waiting.change));
    }
}

/// Runs a change in a transaction of its own.
async fn alone(connections: &Connections, change: &mut Change) -> Result<(), Lost> {
    let lost = match commit::attempt(connections, &mut [&mut *change]).await {
        Ok(Attempt::Done) => return Ok(()),
        Ok(Attempt::Losers(losers)) => losers.into_iter().next().map_or(Lost::Moved, |(_, lost)| lost),
        Ok(Attempt::StaleReference(_)) => Lost::Reference,
        Err(error) => Error::of("commit")(error).into(),
    };
    // What was there before it may be itself, from a commit that still went on when the line broke.
    match commit::is_durable(connections, change).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(lost),
        Err(error) => Err(untold(error)),
    }
}

/// Nobody can tell whether the change was written.
const fn untold(source: DbErr) -> Lost {
    Lost::Failed(Error::Away { operation: "see whether a change was written", source })
}

#[cfg(test)]
mod tests;
