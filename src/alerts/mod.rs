//! Hands: bring what is owed to the channels.
//!
//! In comes the outbox, the whole of it whenever it changes; out goes what
//! became of each message, as an [`Input::Delivery`](crate::incidents::Input).
//! What leaves the outbox is not sent any more. Attempts and backoff live here, in
//! memory: after a restart whatever is still owed is simply tried again, under
//! the same id. Each channel has a worker of its own, so that one that hangs
//! never delays another. A message is never lost because of a network: it is
//! tried until it is delivered, refused, or owed no more.

mod answer;
mod attempt;
mod channel;
mod client;
#[cfg(test)]
mod fixture;
pub mod robot;
mod secret;
pub mod webhook;

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::inbox::Inbox;
use crate::incidents::Due;

pub use attempt::Attempt;
pub use client::client;
pub use secret::{Secret, SecretError};

/// Where a channel leads.
#[derive(Clone, Debug)]
pub enum Settings {
    Webhook(webhook::Settings),
    Robot(robot::Settings),
}

impl Settings {
    /// Makes one attempt, ended by its own timeout.
    pub async fn send(&self, client: &reqwest::Client, due: &Due) -> Attempt {
        match self {
            Settings::Webhook(settings) => webhook::send(settings, client, due).await,
            Settings::Robot(settings) => robot::send(settings, client, due).await,
        }
    }

    /// How many messages it takes in a minute; `None` where it says so itself.
    fn a_minute(&self) -> Option<usize> {
        match self {
            Settings::Webhook(_) => None,
            Settings::Robot(settings) => Some(robot::a_minute(settings.kind)),
        }
    }
}

/// Sends what is due until cancelled; ends earlier only where control has ended or a worker panicked.
///
/// A message to a channel that is not among `channels` is left to the Board.
pub async fn run(
    channels: BTreeMap<String, Settings>,
    due: watch::Receiver<Arc<Vec<Due>>>,
    inbox: Inbox,
    clock: Clock,
    client: reqwest::Client,
    cancel: CancellationToken,
) {
    let mut workers = JoinSet::new();
    for (name, settings) in channels {
        let worker = channel::Worker::new(name, due.clone(), inbox.clone(), clock.clone());
        let worker = worker.at_most(settings.a_minute());
        let settings = Arc::new(settings);
        let client = client.clone();
        let send = move |due: Arc<Due>| {
            let (settings, client) = (Arc::clone(&settings), client.clone());
            async move { settings.send(&client, &due).await }
        };
        let cancel = cancel.clone();
        workers.spawn(async move {
            cancel.run_until_cancelled(worker.run(send)).await;
        });
    }
    if workers.is_empty() {
        cancel.cancelled().await;
    }
    // The others are of no use where one has ended; whoever is still in the set is aborted.
    if let Some(Err(error)) = workers.join_next().await {
        tracing::error!(%error, "the worker of a channel has failed");
    }
}
