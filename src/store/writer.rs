//! Gives a log a thread of its own, so that a slow disk never holds up a round for long.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::incidents::Entry;
use crate::store::log::{AppendError, Checkpoint, Log, LogError};

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
    Entries {
        from: u64,
        limit: usize,
        reply: oneshot::Sender<Result<Vec<Entry>, LogError>>,
    },
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

    /// Writes a batch; unwritable too where there is no answer within [`ANSWER_WITHIN`].
    ///
    /// The thread may still write a batch that got no answer. Append it again, with what
    /// came since behind it: what is written already is not written twice.
    pub async fn append(&self, expected_seq: u64, batch: Vec<Entry>) -> Result<(), AppendError> {
        self.ask(|reply| Order::Append {
            expected_seq,
            batch,
            reply,
        })
        .await
        .unwrap_or_else(|error| Err(AppendError::Unwritable(error)))
    }

    pub async fn checkpoint(&self, checkpoint: Checkpoint) -> Result<(), LogError> {
        self.ask(|reply| Order::Checkpoint { checkpoint, reply })
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
            Ok(None) => Err(LogError::new(
                "the log's thread has ended; restart callwatch",
            )),
            Err(_) => Err(silent()),
        }
    }
}

fn silent() -> LogError {
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
            Order::Entries { from, limit, reply } if !reply.is_closed() => {
                drop(reply.send(log.entries(from, limit)));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc as blocking;

    use super::*;
    use crate::store::fixture::entries_after;
    use crate::store::log::Loaded;
    use crate::store::memory::MemoryLog;

    /// A log on a disk that hangs until it is told to go on.
    struct Hanging {
        log: MemoryLog,
        go_on: blocking::Receiver<()>,
    }

    impl Log for Hanging {
        fn load(&mut self) -> Result<Loaded, LogError> {
            self.log.load()
        }

        fn append(&mut self, expected_seq: u64, batch: &[Entry]) -> Result<(), AppendError> {
            self.go_on.recv().unwrap();
            self.log.append(expected_seq, batch)
        }

        fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), LogError> {
            self.log.checkpoint(checkpoint)
        }

        fn entries(&mut self, from: u64, limit: usize) -> Result<Vec<Entry>, LogError> {
            self.log.entries(from, limit)
        }
    }

    #[tokio::test]
    async fn what_is_answered_is_written() {
        let memory = MemoryLog::default();
        let writer = Writer::start(memory.clone()).unwrap();
        let written = entries_after(None, 3);
        writer.append(1, written.clone()).await.unwrap();
        assert_eq!(memory.written(), written);
        assert_eq!(writer.entries(2, 9).await.unwrap(), written[1..]);
        let state = "three".to_owned();
        writer
            .checkpoint(Checkpoint { seq: 3, state })
            .await
            .unwrap();
        assert_eq!(memory.clone().load().unwrap().entries, []);
        let error = writer.append(2, entries_after(None, 1)).await.unwrap_err();
        assert!(matches!(error, AppendError::Fenced { .. }), "{error}");
    }

    #[tokio::test]
    async fn a_hanging_disk_is_unwritable_after_a_second_and_the_retry_finds_what_was_written() {
        let log = MemoryLog::default();
        let (go_on_tx, go_on) = blocking::channel();
        let writer = Writer::start(Hanging {
            log: log.clone(),
            go_on,
        })
        .unwrap();
        let written = entries_after(None, 3);
        let started = tokio::time::Instant::now();
        let error = writer.append(1, written[..2].to_vec()).await.unwrap_err();
        assert!(matches!(error, AppendError::Unwritable(_)), "{error}");
        assert!(started.elapsed() < 2 * ANSWER_WITHIN);
        // The first goes through after all; the retry brings one more.
        go_on_tx.send(()).unwrap();
        go_on_tx.send(()).unwrap();
        writer.append(1, written.clone()).await.unwrap();
        assert_eq!(log.written(), written);
    }

    #[tokio::test]
    async fn the_log_is_closed_when_the_writer_is() {
        let (go_on_tx, go_on) = blocking::channel();
        let writer = Writer::start(Hanging {
            log: MemoryLog::default(),
            go_on,
        })
        .unwrap();
        writer.close().await.unwrap();
        assert!(go_on_tx.send(()).is_err(), "the log still lives");
    }
}
