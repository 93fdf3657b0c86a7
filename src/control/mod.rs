//! The one task that owns the Board.
//!
//! It works in rounds: drain the inbox, handle each input, one append, then
//! publish (each seat's screen, the view, the outbox). Nothing is shown or told
//! before it is written; where the log cannot be written, it is told all the
//! same, marked so, and the tail is kept and tried again.

mod receipts;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::clock::{Busy, Clock};
use crate::control::receipts::{Receipts, ReplySender};
use crate::inbox::Envelope;
use crate::incidents::{Board, Due, Entry, Input, Refused, Screen, View};
use crate::signals::later;
use crate::store::{AppendError, Checkpoint, Writer};

/// How many inputs one round takes at most.
const ROUND: usize = 256;
/// How many entries are kept for time lines.
const RECORD: usize = 4096;
/// How many entries may wait for a log that cannot be written.
const TAIL: usize = 65_536;
/// The page's values are no older than this.
const VIEW_EVERY: SignedDuration = SignedDuration::from_secs(1);
/// A log that cannot be written is tried again after this, in real time.
const RETRY: Duration = Duration::from_secs(1);

/// What whoever started control is told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// The start is judged, written down and published.
    Ready,
    /// Said every few seconds by the task itself: silence means that it hangs.
    Alive,
}

/// What came of an input, and who waits for it.
type Reply = (Vec<ReplySender>, Result<(), Refused>);

/// Where control publishes what it decided.
#[derive(Debug)]
pub struct Publishing {
    pub screens: BTreeMap<String, watch::Sender<Screen>>,
    pub view: watch::Sender<Arc<View>>,
    pub due: watch::Sender<Arc<Vec<Due>>>,
    /// Every entry, once it is written: for a time line that is printed as it happens.
    pub entries: Option<mpsc::Sender<Entry>>,
}

/// The task's state.
#[derive(Debug)]
pub struct Control {
    board: Board,
    writer: Writer,
    clock: Clock,
    publishing: Publishing,
    /// The newest entries, for time lines.
    record: VecDeque<Entry>,
    /// Entries that are in force but not written yet.
    tail: Vec<Entry>,
    not_recorded: Option<String>,
    viewed_at: Option<Timestamp>,
    checkpointed_on: i64,
    receipts: Receipts,
}

impl Control {
    /// `record` are the newest entries of the log, oldest first.
    pub fn new(
        board: Board,
        writer: Writer,
        clock: Clock,
        publishing: Publishing,
        record: Vec<Entry>,
    ) -> Self {
        Self {
            board,
            writer,
            checkpointed_on: day(clock.now()),
            clock,
            publishing,
            record: record.into(),
            tail: Vec::new(),
            not_recorded: None,
            viewed_at: None,
            receipts: Receipts::default(),
        }
    }

    /// Runs until cancelled; `jumped` is how far the wall clock jumped since the
    /// last entry, where somebody saw that. An error means that another daemon leads, or that
    /// the log's thread is gone: the daemon must stop.
    pub async fn run(
        mut self,
        mut envelopes_rx: mpsc::Receiver<Envelope>,
        jumped: Option<SignedDuration>,
        sign: impl Fn(Sign),
        cancel: CancellationToken,
    ) -> anyhow::Result<()> {
        let started = self.clock.work().begin();
        let jump = jumped.map(|by| Input::ClockStepped { by });
        let inputs = jump.into_iter().chain([Input::Started]);
        self.round(inputs.map(|input| (input, Vec::new())).collect())
            .await?;
        drop(started);
        sign(Sign::Ready);
        let mut heartbeat = tokio::time::interval(Duration::from_secs(5));
        let mut retry = tokio::time::interval(RETRY);
        loop {
            let next = self.next_deadline();
            let deadline = async {
                match next {
                    Some(at) => self.clock.sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = cancel.cancelled() => break,
                _ = heartbeat.tick() => sign(Sign::Alive),
                envelope = envelopes_rx.recv() => {
                    let Some(envelope) = envelope else { break };
                    let mut inputs = Vec::new();
                    let mut busy: Vec<Busy> = Vec::new();
                    let mut next = Some(envelope);
                    while let Some(envelope) = next {
                        busy.push(envelope.busy);
                        inputs.push((envelope.input, Vec::from_iter(envelope.reply)));
                        next = (inputs.len() < ROUND)
                            .then(|| envelopes_rx.try_recv().ok())
                            .flatten();
                    }
                    self.round(inputs).await?;
                }
                () = deadline => {
                    let _busy = self.clock.work().begin();
                    self.round(vec![(Input::Tick, Vec::new())]).await?;
                }
                _ = retry.tick(), if !self.tail.is_empty() => {
                    self.append(Vec::new()).await?;
                    self.publish();
                }
            }
        }
        let (batch, replies) = self.handle_receipts();
        self.append(batch).await?;
        answer(replies);
        self.writer.close().await.context("closing the log")
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        let fading = self.board.next_fading(self.clock.now());
        [self.board.next_deadline(), fading, self.receipts.due_at()]
            .into_iter()
            .flatten()
            .min()
    }

    async fn round(&mut self, inputs: Vec<(Input, Vec<ReplySender>)>) -> anyhow::Result<()> {
        let now = self.clock.now();
        let mut batch = Vec::new();
        let mut replies = Vec::new();
        for (input, reply_txs) in inputs {
            let outcome = match input {
                Input::Receipt(receipt) => match self.board.check_receipt(&receipt) {
                    Ok(()) => {
                        self.receipts.put(now, receipt, reply_txs);
                        continue;
                    }
                    Err(refused) => Err(refused),
                },
                input => self.board.handle(now, input),
            };
            let outcome = outcome.map(|entries| batch.extend(entries));
            replies.push((reply_txs, outcome));
        }
        if self.receipts.due_at().is_some_and(|due_at| due_at <= now) {
            let (entries, outcomes) = self.handle_receipts();
            batch.extend(entries);
            replies.extend(outcomes);
        }
        if !batch.is_empty() {
            self.append(batch).await?;
        }
        self.publish();
        answer(replies);
        self.checkpoint().await;
        Ok(())
    }

    /// Hands the receipts to the Board, whether their second is over or not.
    fn handle_receipts(&mut self) -> (Vec<Entry>, Vec<Reply>) {
        let now = self.clock.now();
        let mut batch = Vec::new();
        let mut replies = Vec::new();
        for (receipt, reply_txs) in self.receipts.take() {
            let outcome = self.board.handle(now, Input::Receipt(receipt));
            replies.push((reply_txs, outcome.map(|entries| batch.extend(entries))));
        }
        (batch, replies)
    }

    async fn append(&mut self, batch: Vec<Entry>) -> anyhow::Result<()> {
        for entry in &batch {
            log(entry);
        }
        self.tail.extend(batch.iter().cloned());
        let Some(first) = self.tail.first() else {
            return Ok(());
        };
        match self.writer.append(first.seq, self.tail.clone()).await {
            Ok(()) => {
                self.tail.clear();
                if self.not_recorded.take().is_some() {
                    tracing::info!("the log is written again");
                }
            }
            Err(error @ AppendError::Fenced { .. }) => return Err(error.into()),
            Err(error) => {
                let why = format!("{:#}", anyhow::Error::new(error));
                if self.not_recorded.is_none() {
                    tracing::error!(%why, "not recorded: the log cannot be written; people are told all the same");
                }
                self.not_recorded = Some(why);
                if self.tail.len() > TAIL {
                    anyhow::bail!("{TAIL} entries could not be written; mend the log's disk");
                }
            }
        }
        for entry in batch {
            if let Some(entries) = &self.publishing.entries {
                // A time line that nobody prints any more is no fault.
                drop(entries.send(entry.clone()).await);
            }
            if self.record.len() == RECORD {
                self.record.pop_front();
            }
            self.record.push_back(entry);
        }
        Ok(())
    }

    fn publish(&mut self) {
        let now = self.clock.now();
        for (seat, screen) in self.board.screens(now) {
            if let Some(screen_tx) = self.publishing.screens.get(&seat) {
                screen_tx.send_if_modified(|shown| {
                    let changed = *shown != screen;
                    if changed {
                        *shown = screen;
                    }
                    changed
                });
            }
        }
        let mut due = self.board.outbox();
        for due in &mut due {
            due.not_recorded = self.tail.iter().any(|entry| entry.seq == due.owed.0);
        }
        self.publishing.due.send_if_modified(|sent| {
            let changed = **sent != due;
            if changed {
                *sent = Arc::new(due);
            }
            changed
        });
        let stale = self
            .viewed_at
            .is_none_or(|viewed_at| later(viewed_at, VIEW_EVERY) <= now);
        if stale {
            self.viewed_at = Some(now);
            let record = self.record.make_contiguous();
            let view = self.board.view(now, record, self.not_recorded.clone());
            self.publishing.view.send_replace(Arc::new(view));
        }
    }

    /// Once a day, a state from which replay may begin.
    async fn checkpoint(&mut self) {
        let today = day(self.clock.now());
        if today == self.checkpointed_on || !self.tail.is_empty() {
            return;
        }
        self.checkpointed_on = today;
        let state = self.board.state();
        let checkpoint = serde_json::to_string(state).map(|json| Checkpoint {
            seq: state.seq(),
            state: json,
        });
        let kept = match checkpoint {
            Ok(checkpoint) => self
                .writer
                .checkpoint(checkpoint)
                .await
                .map_err(anyhow::Error::new),
            Err(error) => Err(error.into()),
        };
        if let Err(error) = kept {
            tracing::warn!("no checkpoint today: {error:#}; replay will take longer");
        }
    }
}

fn answer(replies: Vec<Reply>) {
    for (reply_txs, outcome) in replies {
        if let Err(refused) = &outcome {
            tracing::debug!(%refused, "an input was refused");
        }
        for reply_tx in reply_txs {
            // Whoever asked may have gone meanwhile.
            drop(reply_tx.send(outcome.clone()));
        }
    }
}

/// Days since the epoch.
fn day(now: Timestamp) -> i64 {
    now.as_second().div_euclid(24 * 60 * 60)
}

fn log(entry: &Entry) {
    tracing::info!(
        seq = entry.seq,
        event = event_name(entry),
        "{}",
        entry.reason.en
    );
}

fn event_name(entry: &Entry) -> String {
    serde_json::to_value(&entry.event)
        .ok()
        .and_then(|event| event.get("event")?.as_str().map(str::to_owned))
        .unwrap_or_default()
}
