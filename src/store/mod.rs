//! Memory: the [`Log`] trait and SQLite behind it.
//!
//! The log is the only seam to storage. A round of entries is one append, and
//! nothing is told before it is written.

use crate::incidents::Entry;

/// Where entries are kept. Blocking: control gives it a thread of its own.
pub trait Log: Send + 'static {
    /// The newest checkpoint and every entry after it, in order.
    fn load(&mut self) -> Result<Loaded, LogError>;

    /// Writes the batch, all or nothing, and synced; its first entry must be number `expected_seq`.
    fn append(&mut self, expected_seq: u64, batch: &[Entry]) -> Result<(), AppendError>;

    /// Keeps a state from which replay may begin.
    fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), LogError>;

    /// Up to `limit` entries from number `from` on.
    fn entries(&mut self, from: u64, limit: usize) -> Result<Vec<Entry>, LogError>;
}

/// The state after entry `seq`, as the Board wrote it.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    pub seq: u64,
    pub state: String,
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
