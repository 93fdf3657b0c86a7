//! What a log of entries must do, whatever keeps it.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::incidents::{Entry, State};
use crate::store::backup::Backups;

/// Where entries are kept. Blocking: control gives it a thread of its own.
pub trait Log: Send + 'static {
    /// The newest checkpoint and every entry after it, in order.
    fn load(&mut self) -> Result<Loaded, LogError>;

    /// Writes the batch, all or nothing, and synced; its first entry must be number `expected_seq`.
    ///
    /// Whoever got no answer may append the same entries again, more behind them: what is
    /// written already is left as it is. A batch that does not continue the numbers and
    /// the chain of hashes is [`AppendError::Fenced`].
    fn append(&mut self, expected_seq: u64, batch: &[Entry]) -> Result<(), AppendError>;

    /// Keeps a state from which replay may begin. A state that does not follow from what is kept
    /// is refused.
    fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), LogError>;

    /// Up to `limit` entries from number `from` on.
    fn entries(&mut self, from: u64, limit: usize) -> Result<Vec<Entry>, LogError>;

    /// Takes out a bounded number of the oldest entries, if they are older than the log is told to keep. What
    /// they add up to stays as a checkpoint, which the first kept entry follows.
    fn cut(&mut self, _now: Timestamp) -> Result<Cut, LogError> {
        Ok(Cut::default())
    }

    /// Where it lies, if that is a folder that may fill up.
    fn folder(&self) -> Option<PathBuf> {
        None
    }

    /// How copies of it are made, where it can be copied.
    fn backups(&self) -> Option<Backups> {
        None
    }
}

/// What was taken out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    pub entries: u64,
    /// The first that is kept.
    pub first: u64,
}

/// The state after entry `seq`, as the Board wrote it.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    pub seq: u64,
    pub state: String,
}

impl Checkpoint {
    pub fn of(state: &State) -> Result<Self, LogError> {
        let seq = state.seq();
        let state = serde_json::to_string(state).map_err(|error| {
            LogError::with_source(
                format!("the state after entry {seq} cannot be written"),
                error,
            )
        })?;
        Ok(Self { seq, state })
    }
}

/// What is replayed at start.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loaded {
    pub checkpoint: Option<Checkpoint>,
    pub entries: Vec<Entry>,
}

/// Why a batch was not written.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Tell all the same, marked "not recorded", and try again.
    #[error("the log cannot be written")]
    Unwritable(#[source] LogError),
    /// Another daemon leads: stop at once, tell nothing.
    #[error(
        "entry {expected} was to be next, but the log stands at {found}: another daemon writes here; stop one of the two"
    )]
    Fenced { expected: u64, found: u64 },
}

/// Why the store failed: the thing, the place and the mend.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct LogError {
    message: String,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl LogError {
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            source: None,
        }
    }

    pub fn with_source(
        message: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self {
            message: message.into(),
            source: Some(source.into()),
        }
    }
}

/// How much of `batch` the log holds already, where its first entry is to be number `expected_seq`.
///
/// `next` is the number that the log expects, `tail_hash` the hash of the entry before it;
/// `kept` answers the hash of a kept entry.
pub(crate) fn already_kept<E>(
    expected_seq: u64,
    batch: &[Entry],
    next: u64,
    kept: impl Fn(u64) -> Result<Option<String>, E>,
) -> Result<Result<usize, AppendError>, E> {
    let fenced = Ok(Err(AppendError::Fenced {
        expected: expected_seq,
        found: next,
    }));
    let end = expected_seq.saturating_add(batch.len() as u64);
    if next < expected_seq || next > end {
        return fenced;
    }
    let mut previous = kept(expected_seq.saturating_sub(1))?;
    for (seq, entry) in (expected_seq..).zip(batch) {
        let continues = entry.seq == seq
            && match &previous {
                Some(hash) => *hash == entry.previous,
                // The first of all, or the one before it was cut by retention.
                None => entry.seq > 1 || entry.previous.is_empty(),
            };
        let hash = entry.hash();
        if !continues || (seq < next && kept(seq)?.as_ref() != Some(&hash)) {
            return fenced;
        }
        previous = Some(hash);
    }
    Ok(Ok(
        usize::try_from(next - expected_seq).unwrap_or(batch.len())
    ))
}
