//! Writes what is in force down, and keeps what could not be written yet.
//!
//! A log that refuses or does not answer within a second never holds people up
//! again until it is well: what comes goes to a bounded tail, in order, and the
//! log is tried once a second. An order that the log's thread has begun with is
//! waited for on the side, and not given twice.

use std::collections::VecDeque;
use std::time::Duration;

use anyhow::Context as _;

use crate::incidents::Entry;
use crate::store::{ANSWER_WITHIN, AppendError, Appending, Writer, silent};

/// How many entries may wait for a log that cannot be written: days of incidents, and about 100 MB.
const TAIL: usize = 65_536;
/// How many are given to the log at once, so that each answer comes soon.
const AT_ONCE: usize = 1024;

/// The log, and what it still has to take.
#[derive(Debug)]
pub(super) struct Recorder {
    writer: Writer,
    /// Entries that are in force but not known to be written, oldest first.
    tail: VecDeque<Entry>,
    /// How many of the tail the log's thread has been given and not answered for yet.
    under_way: Option<(usize, Appending)>,
    /// Why entries are not being written; absent where all is well.
    fault: Option<String>,
    pub(super) bound: usize,
}

impl Recorder {
    pub(super) fn new(writer: Writer) -> Self {
        Self {
            writer,
            tail: VecDeque::new(),
            under_way: None,
            fault: None,
            bound: TAIL,
        }
    }

    pub(super) fn writer(&self) -> &Writer {
        &self.writer
    }

    /// Why entries are not being written, where they are not.
    pub(super) fn fault(&self) -> Option<&String> {
        self.fault.as_ref()
    }

    /// The first entry that is in force but not written; everything after it is not either.
    pub(super) fn first_unwritten(&self) -> Option<u64> {
        self.tail.front().map(|entry| entry.seq)
    }

    /// Whether the log is to be tried again in its turn.
    pub(super) fn wants_retry(&self) -> bool {
        !self.tail.is_empty() && self.under_way.is_none()
    }

    /// Writes a batch down, or keeps it. Waits for a log that is well, [`ANSWER_WITHIN`] at most.
    ///
    /// An error means that another daemon leads, or that too many entries wait.
    pub(super) async fn record(&mut self, batch: &[Entry]) -> anyhow::Result<()> {
        self.tail.extend(batch.iter().cloned());
        if self.fault.is_none() {
            self.try_again().await?;
        }
        if self.tail.len() > self.bound {
            let (count, why) = (self.tail.len(), self.fault.clone().unwrap_or_default());
            anyhow::bail!(
                "{count} entries wait to be written, and no more can be kept: {why}; \
                 they stand in the journal alone"
            );
        }
        Ok(())
    }

    /// Gives the log what waits, piece by piece, until it has all or does not take the next.
    pub(super) async fn try_again(&mut self) -> anyhow::Result<()> {
        while self.under_way.is_none() {
            let Some(first) = self.tail.front() else {
                return Ok(());
            };
            let batch: Vec<Entry> = self.tail.iter().take(AT_ONCE).cloned().collect();
            let count = batch.len();
            let mut appending = match self.writer.append(first.seq, batch) {
                Ok(appending) => appending,
                Err(error) => return self.answered(count, Err(error)).map(drop),
            };
            let Some(answer) = appending.answer_soon().await else {
                self.under_way = Some((count, appending));
                self.failed(&AppendError::Unwritable(silent()));
                return Ok(());
            };
            if !self.answered(count, answer)? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Waits for the answer that is late; never returns where none is. Cancel safe.
    pub(super) async fn late_answer(&mut self) -> Result<(), AppendError> {
        match &mut self.under_way {
            Some((_, appending)) => appending.answer().await,
            None => std::future::pending().await,
        }
    }

    /// Takes the late answer in, and goes on with what waits behind it.
    pub(super) async fn take_late(
        &mut self,
        answer: Result<(), AppendError>,
    ) -> anyhow::Result<()> {
        let Some((count, _)) = self.under_way.take() else {
            return Ok(());
        };
        if self.answered(count, answer)? {
            self.try_again().await?;
        }
        Ok(())
    }

    /// What the log said of the first `count` of the tail; whether they are written.
    fn answered(&mut self, count: usize, answer: Result<(), AppendError>) -> anyhow::Result<bool> {
        match answer {
            Ok(()) => {
                drop(self.tail.drain(..count));
                if self.tail.is_empty() && self.fault.take().is_some() {
                    tracing::info!("the log is written again, and nothing is missing in it");
                }
                Ok(true)
            }
            Err(error @ AppendError::Fenced { .. }) => Err(error.into()),
            Err(error) => {
                self.failed(&error);
                Ok(false)
            }
        }
    }

    fn failed(&mut self, error: &AppendError) {
        let why = match error {
            AppendError::Unwritable(why) => chain(why),
            AppendError::Fenced { .. } => chain(error),
        };
        if self.fault.as_ref() != Some(&why) {
            tracing::error!(
                "NOT RECORDED: {why}. People are told all the same; what happens is kept in memory \
                 and written down once the log can be written again. Do not restart callwatch before that"
            );
        }
        self.fault = Some(why);
    }

    /// Tries a last time, lets the log's thread end, and says what is lost.
    pub(super) async fn close(mut self) -> anyhow::Result<()> {
        match self.under_way.take() {
            Some((count, mut appending)) => {
                if let Ok(answer) = tokio::time::timeout(LAST_WAIT, appending.answer()).await {
                    self.answered(count, answer)?;
                    self.try_again().await?;
                }
            }
            None => self.try_again().await?,
        }
        if let (Some(first), Some(last)) = (self.tail.front(), self.tail.back()) {
            tracing::error!(
                "the entries {} to {} were not recorded and are lost to the log; they stand in the journal above",
                first.seq,
                last.seq
            );
        }
        self.writer.close().await.context("closing the log")
    }
}

/// A log that hangs gets so much longer at the end.
const LAST_WAIT: Duration = Duration::from_millis(500);
const _: () = assert!(LAST_WAIT.as_millis() < ANSWER_WITHIN.as_millis());

fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let causes: Vec<String> = causes.map(ToString::to_string).collect();
    causes.join(": ")
}
