//! Copies of the log, one a week.
//!
//! A copy is made beside the log's own thread, so that no append waits for it:
//! into a file with another name first, checked, synced and only then renamed.
//! A copy is a whole log: put in the log's place, the daemon starts from it.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use rusqlite::{Connection, OpenFlags};

use crate::store::damage;
use crate::store::log::LogError;
use crate::store::schema::explained;

/// Days between two copies.
const EVERY: i32 = 7;
const ENDING: &str = ".db";

/// Where copies of a log lie, and how many are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backups {
    pub log: PathBuf,
    pub folder: PathBuf,
    /// At least one.
    pub kept: usize,
}

impl Backups {
    /// Whether the newest copy is a week old. Copies of days to come, by a clock that was
    /// wrong, do not count.
    pub fn is_due(&self, today: Date) -> bool {
        let newest = self.copies().into_iter().rev().find(|copy| copy.0 <= today);
        newest.is_none_or(|(date, _)| today.since(date).is_ok_and(|age| age.get_days() >= EVERY))
    }

    /// Makes the copy of this day and lets go of the oldest ones; answers where it lies.
    /// Blocks for as long as the disk takes: seconds for the log of a year.
    pub fn make(&self, today: Date) -> Result<PathBuf, LogError> {
        let copy = self
            .folder
            .join(format!("{}{today}{ENDING}", self.prefix()));
        let part = copy.with_extension("part");
        let made = self.write(&part, &copy);
        if made.is_err() {
            // Half a copy is none; there may be nothing to remove.
            drop(fs::remove_file(&part));
        }
        made?;
        self.let_go(&copy);
        Ok(copy)
    }

    fn write(&self, part: &Path, copy: &Path) -> Result<(), LogError> {
        let failed = |error: io::Error| {
            let folder = self.folder.display();
            let mend =
                "let callwatch write there and make room, or name another store.backup_folder";
            LogError::with_source(format!("no backup in {folder}: {mend}"), error)
        };
        fs::create_dir_all(&self.folder).map_err(failed)?;
        match fs::remove_file(part) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Connection::open_with_flags(&self.log, flags)
            .and_then(|log| log.execute("VACUUM INTO ?1", [part.to_string_lossy()]))
            .map_err(|error| explained(part, "copied to", error))?;
        let broken = Connection::open(part)
            .and_then(|copy| damage::broken_link(&copy))
            .map_err(|error| explained(part, "read back", error))?;
        if let Some(what) = broken {
            let log = self.log.display();
            return Err(LogError::new(format!(
                "no backup of {log}: the copy does not hold together ({what}); restart callwatch, which checks the log"
            )));
        }
        let synced = File::open(part).and_then(|file| file.sync_all());
        synced
            .and_then(|()| fs::rename(part, copy))
            .and_then(|()| File::open(&self.folder)?.sync_all())
            .map_err(failed)
    }

    /// Removes the oldest copies beyond those that are kept, never the new one.
    fn let_go(&self, new: &Path) {
        let copies = self.copies();
        let beyond = copies.len().saturating_sub(self.kept);
        for (_, old) in copies.into_iter().take(beyond) {
            if old == new {
                continue;
            }
            if let Err(error) = fs::remove_file(&old) {
                tracing::warn!(
                    "the old backup {} cannot be removed: {error}",
                    old.display()
                );
            }
        }
    }

    /// The oldest first. A folder that cannot be read has none: making the next one tells why.
    fn copies(&self) -> Vec<(Date, PathBuf)> {
        let prefix = self.prefix();
        let names = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut copies: Vec<(Date, PathBuf)> = names
            .filter_map(|entry| {
                let name = entry.file_name();
                let date = name.to_str()?.strip_prefix(&prefix)?.strip_suffix(ENDING)?;
                Some((date.parse().ok()?, entry.path()))
            })
            .collect();
        copies.sort();
        copies
    }

    /// `callwatch-` for `callwatch.db`.
    fn prefix(&self) -> String {
        let stem = self.log.file_stem().unwrap_or_default();
        format!("{}-", stem.to_string_lossy())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::store::fixture::{Scratch, chain_of, checkpoint_after, entries_after};
    use crate::store::log::Log as _;
    use crate::store::sqlite::SqliteLog;

    fn backups(scratch: &Scratch) -> Backups {
        Backups {
            log: scratch.path("log.db"),
            folder: scratch.path("backups"),
            kept: 2,
        }
    }

    fn names(backups: &Backups) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(&backups.folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_copy_is_a_whole_log_that_can_be_put_in_its_place() {
        let scratch = Scratch::new("copied");
        let written = entries_after(None, 30);
        let mut log = SqliteLog::open(scratch.path("log.db")).unwrap();
        log.append(1, &written[..20]).unwrap();
        log.checkpoint(&checkpoint_after(&written[..20])).unwrap();
        log.append(21, &written[20..25]).unwrap();
        let copy = backups(&scratch).make(date(2026, 3, 2)).unwrap();
        // It goes on being written meanwhile.
        log.append(26, &written[25..]).unwrap();
        let mut restored = SqliteLog::open(&copy).unwrap();
        let loaded = restored.load().unwrap();
        assert_eq!(loaded.checkpoint.unwrap().seq, 20);
        assert_eq!(loaded.entries, written[20..25]);
        restored.append(26, &written[25..]).unwrap();
    }

    #[test]
    fn one_a_week_is_made_and_the_newest_are_kept() {
        let scratch = Scratch::new("weekly");
        let backups = backups(&scratch);
        let mut log = SqliteLog::open(&backups.log).unwrap();
        log.append(1, &entries_after(None, 3)).unwrap();
        assert!(backups.is_due(date(2026, 3, 2)));
        for day in [2, 9, 16] {
            backups.make(date(2026, 3, day)).unwrap();
            assert!(!backups.is_due(date(2026, 3, day)));
        }
        assert!(!backups.is_due(date(2026, 3, 22)));
        assert!(backups.is_due(date(2026, 3, 23)));
        let kept = ["log-2026-03-09.db", "log-2026-03-16.db"];
        assert_eq!(names(&backups), kept);
        // A clock that was wrong once holds nothing up, and what is not ours stays.
        fs::write(backups.folder.join("log-2099-01-01.db"), "").unwrap();
        fs::write(backups.folder.join("notes.db"), "").unwrap();
        assert!(backups.is_due(date(2026, 3, 23)));
        backups.make(date(2026, 3, 23)).unwrap();
        assert!(names(&backups).contains(&"log-2026-03-23.db".to_owned()));
        assert!(names(&backups).contains(&"notes.db".to_owned()));
    }

    #[test]
    fn a_copy_that_fails_says_why_and_leaves_nothing_half_behind() {
        let scratch = Scratch::new("uncopied");
        let backups = backups(&scratch);
        let mut log = SqliteLog::open(&backups.log).unwrap();
        log.append(1, &entries_after(None, 3)).unwrap();
        fs::write(&backups.folder, "a file where the folder should be").unwrap();
        let error = chain_of(&backups.make(date(2026, 3, 2)).unwrap_err());
        assert!(error.contains("store.backup_folder"), "{error}");
        fs::remove_file(&backups.folder).unwrap();

        fs::create_dir(&backups.folder).unwrap();
        fs::write(
            backups.folder.join("log-2026-03-02.part"),
            "half of an earlier one",
        )
        .unwrap();
        log.break_link(2);
        let error = chain_of(&backups.make(date(2026, 3, 2)).unwrap_err());
        assert!(error.contains("entry 2 is not what was written"), "{error}");
        assert_eq!(names(&backups), [""; 0]);
    }
}
