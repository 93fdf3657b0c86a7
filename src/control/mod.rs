//! The one task that owns the Board.
//!
//! It works in rounds: drain the inbox, handle each input, one append, then
//! publish (each seat's screen, the view, the outbox). Nothing is shown or told
//! before it is written; where the log cannot be written, it is told all the
//! same, marked so, and the tail is kept and tried again.

mod receipts;
mod recorder;
#[cfg(test)]
mod stress;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::clock::{Busy, Clock};
use crate::control::receipts::{Receipts, ReplySender};
use crate::control::recorder::Recorder;
use crate::inbox::Envelope;
use crate::incidents::{Board, Due, DueCall, Entry, Input, Refused, Screen, View};
use crate::signals::{Kind, later};
use crate::store::{Checkpoint, Writer};

/// How many inputs one round takes at most.
const ROUND: usize = 256;
/// How many entries are kept for time lines.
const RECORD: usize = 4096;
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
    /// The log is not being written, or is again: an end now would lose what waits for it.
    Recorded(bool),
}

/// What came of an input, and who waits for it.
type Reply = (Vec<ReplySender>, Result<(), Refused>);

/// Where control publishes what it decided.
#[derive(Debug)]
pub struct Publishing {
    pub screens: BTreeMap<String, watch::Sender<Screen>>,
    pub view: watch::Sender<Arc<View>>,
    pub due: watch::Sender<Arc<Vec<Due>>>,
    pub calls: watch::Sender<Arc<Vec<DueCall>>>,
    /// Every entry, once it is written: for a time line that is printed as it happens.
    pub entries: Option<mpsc::Sender<Entry>>,
}

/// The task's state.
#[derive(Debug)]
pub struct Control {
    board: Board,
    recorder: Recorder,
    clock: Clock,
    publishing: Publishing,
    /// The newest entries, for time lines.
    record: VecDeque<Entry>,
    viewed_at: Option<Timestamp>,
    /// The last entry that the view shows.
    viewed_seq: u64,
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
            recorder: Recorder::new(writer),
            checkpointed_on: day(clock.now()),
            clock,
            publishing,
            record: record.into(),
            viewed_at: None,
            viewed_seq: 0,
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
        // First, as whoever hears that it is ready may at once have it read its files anew.
        let mut recorded = self.recorder.fault().is_none();
        if !recorded {
            sign(Sign::Recorded(false));
        }
        sign(Sign::Ready);
        let mut heartbeat = tokio::time::interval(Duration::from_secs(5));
        let mut retry = tokio::time::interval(RETRY);
        loop {
            let well = self.recorder.fault().is_none();
            if well != recorded {
                recorded = well;
                sign(Sign::Recorded(recorded));
            }
            let next = self.next_deadline();
            let wants_retry = self.recorder.wants_retry();
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
                answer = self.recorder.late_answer() => {
                    self.recorder.take_late(answer).await?;
                    self.settle().await?;
                }
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
                _ = retry.tick(), if wants_retry => {
                    self.recorder.try_again().await?;
                    self.settle().await?;
                }
            }
        }
        let (batch, replies) = self.handle_receipts();
        self.append(batch).await?;
        answer(replies);
        self.recorder.close().await
    }

    /// Says that the log is not being written, or is again, and shows it at once.
    async fn settle(&mut self) -> anyhow::Result<()> {
        let fault = self.recorder.fault().cloned();
        let said = Input::Kept {
            kind: Kind::LogWritten,
            fault,
        };
        let entries = self.board.handle(self.clock.now(), said);
        self.append(entries.unwrap_or_default()).await?;
        self.viewed_at = None;
        self.publish();
        Ok(())
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        let fading = self.board.next_fading();
        [self.board.next_deadline(), fading, self.receipts.due_at()]
            .into_iter()
            .flatten()
            .min()
    }

    async fn round(&mut self, inputs: Vec<(Input, Vec<ReplySender>)>) -> anyhow::Result<()> {
        let now = self.clock.now();
        let mut batch = Vec::new();
        let mut replies = Vec::new();
        let mut stirred = false;
        for (input, reply_txs) in inputs {
            let outcome = match input {
                Input::Receipt(receipt) => match self.board.check_receipt(&receipt) {
                    Ok(()) => {
                        self.receipts.put(now, receipt, reply_txs);
                        continue;
                    }
                    Err(refused) => Err(refused),
                },
                input => {
                    // Whoever presses something is answered by what is so now.
                    if matches!(input, Input::Command(_)) {
                        stirred |= self.follow_up(now, &mut batch);
                    }
                    self.board.take_in(now, input)
                }
            };
            let outcome = outcome.map(|entries| batch.extend(entries));
            replies.push((reply_txs, outcome));
        }
        stirred |= self.follow_up(now, &mut batch);
        if self.receipts.due_at().is_some_and(|due_at| due_at <= now) {
            let (entries, outcomes) = self.handle_receipts();
            batch.extend(entries);
            replies.extend(outcomes);
            stirred = true;
        }
        if !batch.is_empty() {
            self.append(batch).await?;
        }
        if self.recorder.fault().is_none() != self.board.is_kept(Kind::LogWritten) {
            self.settle().await?;
        } else if stirred {
            self.publish();
        } else {
            self.publish_view();
        }
        answer(replies);
        self.checkpoint().await;
        Ok(())
    }

    /// Adds what follows from what the Board was told; whether anything but values may have
    /// changed.
    fn follow_up(&mut self, now: Timestamp, batch: &mut Vec<Entry>) -> bool {
        batch.extend(self.board.follow_up(now));
        self.board.is_stirred()
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
        self.recorder.record(&batch).await?;
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
        for (seat, screen) in self.board.render(now) {
            if let Some(screen_tx) = self.publishing.screens.get(&seat) {
                screen_tx.send_replace(screen);
            }
        }
        let mut due = self.board.outbox();
        if let Some(first) = self.recorder.first_unwritten() {
            for due in &mut due {
                due.not_recorded = due.owed.0 >= first;
            }
        }
        renew(&self.publishing.due, due);
        renew(&self.publishing.calls, self.board.calls_due());
        self.publish_view();
    }

    /// The page's view, where it is too old or misses an entry.
    fn publish_view(&mut self) {
        let now = self.clock.now();
        let stale = self
            .viewed_at
            .is_none_or(|viewed_at| later(viewed_at, VIEW_EVERY) <= now);
        let seq = self.board.state().seq();
        if stale || self.viewed_seq != seq {
            self.viewed_at = Some(now);
            self.viewed_seq = seq;
            let record = self.record.make_contiguous();
            let not_recorded = self.recorder.fault().cloned();
            let view = self.board.view(now, record, not_recorded);
            self.publishing.view.send_replace(Arc::new(view));
        }
    }

    /// Once a day, a state from which replay may begin, and what is too old goes.
    async fn checkpoint(&mut self) {
        let now = self.clock.now();
        if day(now) == self.checkpointed_on || self.recorder.first_unwritten().is_some() {
            return;
        }
        self.checkpointed_on = day(now);
        let writer = self.recorder.writer();
        let kept = match Checkpoint::of(self.board.state()) {
            Ok(checkpoint) => writer.checkpoint(checkpoint).await,
            Err(error) => Err(error),
        };
        if let Err(error) = kept {
            let error = anyhow::Error::new(error);
            tracing::warn!("no checkpoint today: {error:#}; the next start replays more entries");
            return;
        }
        match writer.cut(now).await {
            Ok(cut) if cut.entries > 0 => tracing::info!(
                "{} entries were older than store.keep_days and are taken out; the log begins at entry {}",
                cut.entries,
                cut.first
            ),
            Ok(_) => {}
            Err(error) => {
                let error = anyhow::Error::new(error);
                tracing::warn!("nothing was taken out of the log: {error:#}");
            }
        }
    }
}

/// Publishes what is owed, where that has changed.
fn renew<T: PartialEq>(sent_tx: &watch::Sender<Arc<Vec<T>>>, due: Vec<T>) {
    sent_tx.send_if_modified(|sent| {
        let changed = **sent != due;
        if changed {
            *sent = Arc::new(due);
        }
        changed
    });
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
