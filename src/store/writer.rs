//! Gives a log a thread of its own, so that a slow disk never holds up a round for long.

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::incidents::Entry;
use crate::store::log::{AppendError, Checkpoint, Cut, Log, LogError};

/// How long a call waits for the log, in real time.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(1);

/// Calls that may wait for the thread; there is one writer, so more wait only behind a disk that hangs.
const CAPACITY: usize = 16;

/// Writes to a log on its own thread. The thread ends, after what it was given, when this is dropped.
#[derive(Debug)]
pub struct Writer {
    orders_tx: mpsc::Sender<Order>,
    ended_rx: oneshot::Receiver<()>,
}

enum Order {
    Append {
        expected_seq: u64,
        batch: Vec<Entry>,
        reply: oneshot::Sender<Result<(), AppendError>>,
    },
    Checkpoint {
        checkpoint: Checkpoint,
        reply: oneshot::Sender<Result<(), LogError>>,
    },
    Cut {
        now: Timestamp,
        reply: oneshot::Sender<Result<Cut, LogError>>,
    },
    Entries {
        from: u64,
        limit: usize,
        reply: oneshot::Sender<Result<Vec<Entry>, LogError>>,
    },
}

/// A batch that was given to the log's thread. Dropped unanswered, the batch is not
/// written any more unless the thread has begun with it.
#[derive(Debug)]
pub struct Appending(oneshot::Receiver<Result<(), AppendError>>);

impl Appending {
    /// Waits for the thread's answer, for as long as it takes. Cancel safe.
    pub async fn answer(&mut self) -> Result<(), AppendError> {
        let answer = (&mut self.0).await;
        answer.unwrap_or_else(|_| Err(AppendError::Unwritable(ended())))
    }

    /// As [`Appending::answer`], within [`ANSWER_WITHIN`]; `None` where there was none.
    pub async fn answer_soon(&mut self) -> Option<Result<(), AppendError>> {
        timeout(ANSWER_WITHIN, self.answer()).await.ok()
    }
}

impl Writer {
    /// Takes the log, which has been loaded, to a thread called `log`.
    pub fn start(log: impl Log) -> Result<Self, LogError> {
        let (orders_tx, orders_rx) = mpsc::channel(CAPACITY);
        let (ended_tx, ended_rx) = oneshot::channel();
        std::thread::Builder::new()
            .name("log".into())
            .spawn(move || {
                // Dropped at the end, also at that of a panic.
                let _ended_tx = ended_tx;
                obey(log, orders_rx);
            })
            .map_err(|error| LogError::with_source("the log's thread cannot be started", error))?;
        Ok(Self {
            orders_tx,
            ended_rx,
        })
    }

    /// Gives a batch to the thread.
    ///
    /// The thread may still write a batch that nobody waits for any more. Append it again, with
    /// what came since behind it: what is written already is not written twice.
    pub fn append(&self, expected_seq: u64, batch: Vec<Entry>) -> Result<Appending, AppendError> {
        let (reply, answer_rx) = oneshot::channel();
        let order = Order::Append {
            expected_seq,
            batch,
            reply,
        };
        match self.orders_tx.try_send(order) {
            Ok(()) => Ok(Appending(answer_rx)),
            Err(mpsc::error::TrySendError::Full(_)) => Err(AppendError::Unwritable(silent())),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(AppendError::Unwritable(ended())),
        }
    }

    pub async fn checkpoint(&self, checkpoint: Checkpoint) -> Result<(), LogError> {
        self.ask(|reply| Order::Checkpoint { checkpoint, reply })
            .await
            .and_then(|answer| answer)
    }

    /// Cuts what is older than the log is told to keep; see [`Log::cut`].
    pub async fn cut(&self, now: Timestamp) -> Result<Cut, LogError> {
        self.ask(|reply| Order::Cut { now, reply })
            .await
            .and_then(|answer| answer)
    }

    /// Up to `limit` entries from number `from` on.
    pub async fn entries(&self, from: u64, limit: usize) -> Result<Vec<Entry>, LogError> {
        self.ask(|reply| Order::Entries { from, limit, reply })
            .await
            .and_then(|answer| answer)
    }

    /// Lets the thread end and waits, up to [`ANSWER_WITHIN`], until it has closed the log.
    pub async fn close(self) -> Result<(), LogError> {
        drop(self.orders_tx);
        match timeout(ANSWER_WITHIN, self.ended_rx).await {
            Ok(_) => Ok(()),
            Err(_) => Err(silent()),
        }
    }

    async fn ask<T>(&self, order: impl FnOnce(oneshot::Sender<T>) -> Order) -> Result<T, LogError> {
        let (reply_tx, reply_rx) = oneshot::channel();
        let answer = async {
            self.orders_tx.send(order(reply_tx)).await.ok()?;
            reply_rx.await.ok()
        };
        match timeout(ANSWER_WITHIN, answer).await {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => Err(ended()),
            Err(_) => Err(silent()),
        }
    }
}

fn ended() -> LogError {
    LogError::new("the log's thread has ended; restart callwatch")
}

/// That the log did not answer within [`ANSWER_WITHIN`].
pub fn silent() -> LogError {
    LogError::new(format!(
        "the log did not answer within {} s; check its disk",
        ANSWER_WITHIN.as_secs()
    ))
}

fn obey(mut log: impl Log, mut orders_rx: mpsc::Receiver<Order>) {
    while let Some(order) = orders_rx.blocking_recv() {
        // Whoever stopped waiting will ask again. An answer that nobody awaits any more is dropped.
        match order {
            Order::Append {
                expected_seq,
                batch,
                reply,
            } if !reply.is_closed() => drop(reply.send(log.append(expected_seq, &batch))),
            Order::Checkpoint { checkpoint, reply } if !reply.is_closed() => {
                drop(reply.send(log.checkpoint(&checkpoint)));
            }
            Order::Cut { now, reply } if !reply.is_closed() => drop(reply.send(log.cut(now))),
            Order::Entries { from, limit, reply } if !reply.is_closed() => {
                drop(reply.send(log.entries(from, limit)));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::{Hanging, entries_after};
    use crate::store::memory::MemoryLog;

    #[tokio::test]
    async fn what_is_answered_is_written() {
        let memory = MemoryLog::default();
        let writer = Writer::start(memory.clone()).unwrap();
        let written = entries_after(None, 3);
        let mut appending = writer.append(1, written.clone()).unwrap();
        appending.answer().await.unwrap();
        assert_eq!(memory.written(), written);
        assert_eq!(writer.entries(2, 9).await.unwrap(), written[1..]);
        let state = "three".to_owned();
        writer
            .checkpoint(Checkpoint { seq: 3, state })
            .await
            .unwrap();
        assert_eq!(memory.clone().load().unwrap().entries, []);
        let mut appending = writer.append(2, entries_after(None, 1)).unwrap();
        let error = appending.answer_soon().await.unwrap().unwrap_err();
        assert!(matches!(error, AppendError::Fenced { .. }), "{error}");
    }

    #[tokio::test]
    async fn a_hanging_disk_has_no_answer_within_a_second_and_one_once_it_goes_on() {
        let log = MemoryLog::default();
        let (go_on_tx, hanging) = Hanging::over(log.clone());
        let writer = Writer::start(hanging).unwrap();
        let written = entries_after(None, 3);
        let started = tokio::time::Instant::now();
        let mut late = writer.append(1, written[..2].to_vec()).unwrap();
        assert!(late.answer_soon().await.is_none());
        assert!(started.elapsed() < 2 * ANSWER_WITHIN);
        // Whoever does not wait and tries again writes nothing twice.
        let mut again = writer.append(1, written.clone()).unwrap();
        go_on_tx.send(()).unwrap();
        go_on_tx.send(()).unwrap();
        late.answer().await.unwrap();
        again.answer().await.unwrap();
        assert_eq!(log.written(), written);
    }

    #[tokio::test]
    async fn orders_pile_up_to_a_bound_behind_a_hanging_disk() {
        let (_go_on_tx, hanging) = Hanging::over(MemoryLog::default());
        let writer = Writer::start(hanging).unwrap();
        let batch = entries_after(None, 1);
        let refused = (0..3 * CAPACITY).find_map(|_| writer.append(1, batch.clone()).err());
        assert!(matches!(refused, Some(AppendError::Unwritable(_))));
    }

    #[tokio::test]
    async fn the_log_is_closed_when_the_writer_is() {
        let (go_on_tx, hanging) = Hanging::over(MemoryLog::default());
        let writer = Writer::start(hanging).unwrap();
        writer.close().await.unwrap();
        assert!(go_on_tx.send(()).is_err(), "the log still lives");
    }
}
