//! A test log that dies at a chosen append, so that a story can be cut there.
//!
//! It stands with the real ones because stories run the whole daemon over it,
//! and because a trait with two implementations stays honest.

use jiff::Timestamp;
use tokio::sync::watch;

use crate::incidents::Entry;
use crate::store::backup::Backups;
use crate::store::log::{AppendError, Checkpoint, Cut, Loaded, Log, LogError};

/// Where the log dies; appends count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Death {
    /// Append n is not written.
    Before(usize),
    /// Append n is written, but its writer never learns of it.
    After(usize),
}

/// How the log answers once it is dead.
#[derive(Clone, Copy, Debug)]
enum Manner {
    Killed,
    Unwritable,
}

/// A log over another one; from its death on every call fails.
#[derive(Debug)]
pub struct DyingLog<L> {
    log: L,
    death: Death,
    manner: Manner,
    appends: usize,
    dead_tx: watch::Sender<bool>,
}

impl<L: Log> DyingLog<L> {
    /// Dead, it answers [`AppendError::Fenced`]: the daemon must stop at once and tell
    /// nothing, just as if it had been killed there.
    pub fn killed(log: L, death: Death) -> Self {
        Self::new(log, death, Manner::Killed)
    }

    /// Dead, it answers [`AppendError::Unwritable`]: the daemon must go on, "not recorded".
    pub fn unwritable(log: L, death: Death) -> Self {
        Self::new(log, death, Manner::Unwritable)
    }

    fn new(log: L, death: Death, manner: Manner) -> Self {
        Self {
            log,
            death,
            manner,
            appends: 0,
            dead_tx: watch::Sender::new(false),
        }
    }

    /// Becomes true when the log dies.
    pub fn dead(&self) -> watch::Receiver<bool> {
        self.dead_tx.subscribe()
    }

    fn alive(&self) -> Result<(), LogError> {
        if *self.dead_tx.borrow() {
            return Err(LogError::new("the log has died, as it was told to"));
        }
        Ok(())
    }

    fn last_answer(&self, expected_seq: u64) -> AppendError {
        match self.manner {
            Manner::Killed => AppendError::Fenced {
                expected: expected_seq,
                found: 0,
            },
            Manner::Unwritable => {
                AppendError::Unwritable(LogError::new("the log has died, as it was told to"))
            }
        }
    }
}

impl<L: Log> Log for DyingLog<L> {
    fn load(&mut self) -> Result<Loaded, LogError> {
        self.alive()?;
        self.log.load()
    }

    fn append(&mut self, expected_seq: u64, batch: &[Entry]) -> Result<(), AppendError> {
        if *self.dead_tx.borrow() {
            return Err(self.last_answer(expected_seq));
        }
        self.appends += 1;
        if self.death == Death::Before(self.appends) {
            self.dead_tx.send_replace(true);
            return Err(self.last_answer(expected_seq));
        }
        self.log.append(expected_seq, batch)?;
        if self.death == Death::After(self.appends) {
            self.dead_tx.send_replace(true);
            return Err(self.last_answer(expected_seq));
        }
        Ok(())
    }

    fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), LogError> {
        self.alive()?;
        self.log.checkpoint(checkpoint)
    }

    fn entries(&mut self, from: u64, limit: usize) -> Result<Vec<Entry>, LogError> {
        self.alive()?;
        self.log.entries(from, limit)
    }

    fn cut(&mut self, now: Timestamp) -> Result<Cut, LogError> {
        self.alive()?;
        self.log.cut(now)
    }

    fn folder(&self) -> Option<std::path::PathBuf> {
        self.log.folder()
    }

    fn backups(&self) -> Option<Backups> {
        self.log.backups()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::entries_after;
    use crate::store::memory::MemoryLog;

    fn append_one_by_one(log: &mut impl Log, entries: &[Entry]) -> Option<AppendError> {
        entries
            .iter()
            .find_map(|entry| log.append(entry.seq, std::slice::from_ref(entry)).err())
    }

    #[test]
    fn what_was_written_before_the_death_is_there_at_the_restart() {
        let entries = entries_after(None, 4);
        for (death, kept) in [
            (Death::Before(1), 0),
            (Death::After(1), 1),
            (Death::Before(3), 2),
            (Death::After(3), 3),
        ] {
            let memory = MemoryLog::default();
            let mut log = DyingLog::killed(memory.clone(), death);
            let dead = log.dead();
            let error = append_one_by_one(&mut log, &entries).unwrap();
            assert!(matches!(error, AppendError::Fenced { .. }), "{error}");
            assert!(*dead.borrow());
            assert!(log.load().is_err());
            assert!(log.entries(1, 1).is_err());
            assert!(append_one_by_one(&mut log, &entries).is_some());

            let mut restarted = DyingLog::killed(memory.clone(), Death::Before(9));
            assert_eq!(restarted.load().unwrap().entries, entries[..kept]);
            assert!(append_one_by_one(&mut restarted, &entries[kept..]).is_none());
            assert_eq!(memory.written(), entries);
        }
    }

    #[test]
    fn a_dead_disk_is_unwritable() {
        let mut log = DyingLog::unwritable(MemoryLog::default(), Death::Before(1));
        let error = append_one_by_one(&mut log, &entries_after(None, 1)).unwrap();
        assert!(matches!(error, AppendError::Unwritable(_)), "{error}");
    }
}
