//! Point reads that arrive together become one query.

use std::{collections::HashMap, future::Future, hash::Hash, sync::Arc};

use tokio::sync::{Mutex, mpsc, oneshot};

use super::error::{Error, Result};

/// What a query found, by key: what one key leads to may be unreadable, which is no concern of those who asked for others.
pub(super) type Found<K, V> = HashMap<K, Result<V>>;

type Asked<K, V> = (K, oneshot::Sender<Result<Option<V>>>);

/// Where single keys are asked for.
#[derive(Debug)]
pub(super) struct Gather<K, V> {
    queue: mpsc::Sender<Asked<K, V>>,
}

impl<K, V> Clone for Gather<K, V> {
    fn clone(&self) -> Self {
        Self { queue: self.queue.clone() }
    }
}

/// Keys that one query asks for at the most.
const LIMIT: usize = 64;

impl<K, V> Gather<K, V>
where
    K: Eq + Hash + Clone + Send + 'static,
    V: Clone + Send + 'static,
{
    /// Starts `readers` tasks that answer through `read`.
    pub(super) fn open<F, Fut>(readers: usize, read: F) -> Self
    where
        F: Fn(Vec<K>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Found<K, V>>> + Send,
    {
        let (queue, asked) = mpsc::channel(4_096);
        let (asked, read) = (Arc::new(Mutex::new(asked)), Arc::new(read));
        for _ in 0..readers {
            let (asked, read) = (Arc::clone(&asked), Arc::clone(&read));
            tokio::spawn(async move {
                loop {
                    let batch = take(&asked).await;
                    if batch.is_empty() {
                        return;
                    }
                    answer(batch, read.as_ref()).await;
                }
            });
        }
        Self { queue }
    }

    /// The value of a key, if there is one.
    pub(super) async fn get(&self, key: K) -> Result<Option<V>> {
        let (answer, answered) = oneshot::channel();
        self.queue.send((key, answer)).await.map_err(|_| Error::Closing)?;
        answered.await.map_err(|_| Error::Closing)?
    }
}

async fn take<K, V>(asked: &Mutex<mpsc::Receiver<Asked<K, V>>>) -> Vec<Asked<K, V>> {
    let mut queue = asked.lock().await;
    let mut batch = Vec::new();
    queue.recv_many(&mut batch, LIMIT).await;
    batch
}

async fn answer<K, V, F, Fut>(batch: Vec<Asked<K, V>>, read: &F)
where
    K: Eq + Hash + Clone,
    V: Clone,
    F: Fn(Vec<K>) -> Fut,
    Fut: Future<Output = Result<Found<K, V>>>,
{
    let mut keys: Vec<K> = Vec::with_capacity(batch.len());
    for (key, _) in &batch {
        if !keys.contains(key) {
            keys.push(key.clone());
        }
    }
    let found = read(keys).await;
    for (key, answer) in batch {
        let own = match &found {
            Ok(found) => found.get(&key).cloned().transpose(),
            Err(error) => Err(error.clone()),
        };
        let _ = answer.send(own);
    }
}
