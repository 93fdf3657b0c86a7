//! A log in memory that outlives the daemon that writes it: for tests and the demo.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::incidents::Entry;
use crate::store::log::{AppendError, Checkpoint, Loaded, Log, LogError, already_kept};

/// Clones share what is kept, so that a story can restart over what was written.
#[derive(Clone, Debug, Default)]
pub struct MemoryLog {
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    entries: Vec<Entry>,
    checkpoint: Option<Checkpoint>,
}

impl MemoryLog {
    /// Everything that was ever written.
    pub fn written(&self) -> Vec<Entry> {
        self.kept().entries.clone()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// The entries from number `from` on.
    fn from(&self, from: u64) -> &[Entry] {
        let start = usize::try_from(from.saturating_sub(1)).unwrap_or(usize::MAX);
        self.entries.get(start..).unwrap_or_default()
    }
}

impl Log for MemoryLog {
    fn load(&mut self) -> Result<Loaded, LogError> {
        let kept = self.kept();
        let after = kept.checkpoint.as_ref().map_or(0, |kept| kept.seq);
        Ok(Loaded {
            checkpoint: kept.checkpoint.clone(),
            entries: kept.from(after + 1).to_vec(),
        })
    }

    fn append(&mut self, expected_seq: u64, batch: &[Entry]) -> Result<(), AppendError> {
        let mut kept = self.kept();
        let next = kept.entries.len() as u64 + 1;
        let hash_of = |seq: u64| {
            let entry = (seq > 0).then(|| kept.from(seq).first()).flatten();
            Ok::<_, AppendError>(entry.map(Entry::hash))
        };
        let skip = already_kept(expected_seq, batch, next, hash_of)??;
        kept.entries.extend_from_slice(&batch[skip..]);
        Ok(())
    }

    fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), LogError> {
        self.kept().checkpoint = Some(checkpoint.clone());
        Ok(())
    }

    fn entries(&mut self, from: u64, limit: usize) -> Result<Vec<Entry>, LogError> {
        Ok(self.kept().from(from).iter().take(limit).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::entries_after;

    #[test]
    fn a_clone_sees_what_was_written_and_fences_like_the_file() {
        let written = entries_after(None, 4);
        let mut log = MemoryLog::default();
        let mut second = log.clone();
        log.append(1, &written[..2]).unwrap();
        second.append(1, &written[..3]).unwrap();
        assert!(log.append(3, &entries_after(None, 1)).is_err());
        assert!(log.append(2, &written[1..2]).is_err());
        let state = "two".to_owned();
        log.checkpoint(&Checkpoint { seq: 2, state }).unwrap();
        log.append(4, &written[3..]).unwrap();
        assert_eq!(second.load().unwrap().entries, written[2..]);
        assert_eq!(second.entries(2, 2).unwrap(), written[1..3]);
    }
}
