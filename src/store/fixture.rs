//! What the tests of this room share: chained entries and a folder that goes away.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::incidents::{Entry, Event};

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
        let folder =
            std::env::temp_dir().join(format!("callwatch-{}-store-{test}", std::process::id()));
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
