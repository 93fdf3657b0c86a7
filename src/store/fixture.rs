//! What the tests of this room share: chained entries and a folder that goes away.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;

use jiff::Timestamp;

use crate::incidents::{Entry, Event, State};
use crate::store::log::{AppendError, Checkpoint, Loaded, Log, LogError};
use crate::store::memory::MemoryLog;

/// The checkpoint after the last of these entries, as the Board would write it.
pub(crate) fn checkpoint_after(entries: &[Entry]) -> Checkpoint {
    let mut state = State::default();
    for entry in entries {
        state.apply(entry);
    }
    Checkpoint::of(&state).unwrap()
}

/// An error with its causes.
pub(crate) fn chain_of(error: &dyn std::error::Error) -> String {
    let mut chain = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        chain = format!("{chain}: {error}");
        source = error.source();
    }
    chain
}

/// A log on a disk that hangs at each append until it is told to go on.
pub(crate) struct Hanging {
    log: MemoryLog,
    go_on: mpsc::Receiver<()>,
}

impl Hanging {
    pub(crate) fn over(log: MemoryLog) -> (mpsc::Sender<()>, Self) {
        let (go_on_tx, go_on) = mpsc::channel();
        (go_on_tx, Self { log, go_on })
    }
}

impl Log for Hanging {
    fn load(&mut self) -> Result<Loaded, LogError> {
        self.log.load()
    }

    fn append(&mut self, expected_seq: u64, batch: &[Entry]) -> Result<(), AppendError> {
        if self.go_on.recv().is_err() {
            return Err(AppendError::Unwritable(LogError::new("nobody waits")));
        }
        self.log.append(expected_seq, batch)
    }

    fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), LogError> {
        self.log.checkpoint(checkpoint)
    }

    fn entries(&mut self, from: u64, limit: usize) -> Result<Vec<Entry>, LogError> {
        self.log.entries(from, limit)
    }
}

/// `count` entries that continue `before`, or begin a log.
pub(crate) fn entries_after(before: Option<&Entry>, count: u64) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for _ in 0..count {
        let last = entries.last().or(before);
        let seq = last.map_or(1, |entry| entry.seq + 1);
        entries.push(Entry {
            seq,
            at: Timestamp::UNIX_EPOCH,
            version: 1,
            reason: crate::text::Text::new(format!("第 {seq} 条"), format!("number {seq}")),
            previous: last.map(Entry::hash).unwrap_or_default(),
            event: Event::Started,
        });
    }
    entries
}

/// A folder of one test.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new(test: &str) -> Self {
        // Two tests may choose one name.
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let (process, count) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let name = format!("callwatch-{process}-store-{count}-{test}");
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}
