//! The log in one SQLite file: write-ahead, every append synced.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use crate::incidents::Entry;
use crate::store::damage;
use crate::store::log::{AppendError, Checkpoint, Loaded, Log, LogError, already_kept};
use crate::store::schema::{self, OpenError, explained};

/// A log in an SQLite file. Two daemons on one file find each other: an append
/// takes the write lock and compares where the log stands.
#[derive(Debug)]
pub struct SqliteLog {
    path: PathBuf,
    connection: Connection,
}

impl SqliteLog {
    /// Opens the log and follows its whole chain; makes the file if there is none.
    ///
    /// A damaged file is renamed to `PATH.damaged-N`, and the error says so: the next
    /// open begins a new log. A file of a newer schema or of another program is left alone.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, LogError> {
        let path = path.into();
        match Self::verified(&path) {
            Ok(connection) => Ok(Self { path, connection }),
            Err(OpenError::Failed(error)) => Err(error),
            Err(OpenError::Damaged(what)) => Err(damage::set_aside(&path, &what)),
        }
    }

    /// The connection is closed before anybody renames the file of a damaged one.
    fn verified(path: &Path) -> Result<Connection, OpenError> {
        let connection = schema::open(path)?;
        match damage::broken_link(&connection) {
            Ok(None) => Ok(connection),
            Ok(Some(what)) => Err(OpenError::Damaged(what)),
            Err(error) => Err(schema::judged(path, "read", error)),
        }
    }

    fn read(&self, from: u64, limit: Option<usize>) -> Result<Vec<Entry>, LogError> {
        // A limit of -1 is none.
        let limit = limit.map_or(-1, |limit| i64::try_from(limit).unwrap_or(i64::MAX));
        let rows: Vec<(u64, String)> = self
            .connection
            .prepare_cached("SELECT seq, json FROM entries WHERE seq >= ?1 ORDER BY seq LIMIT ?2")
            .and_then(|mut statement| {
                statement
                    .query_map((from, limit), |row| Ok((row.get(0)?, row.get(1)?)))?
                    .collect()
            })
            .map_err(|error| explained(&self.path, "read", error))?;
        rows.iter()
            .map(|(seq, json)| {
                serde_json::from_str(json).map_err(|error| {
                    LogError::with_source(
                        format!(
                            "entry {seq} of {} was written by another version of callwatch; \
                             install that version again",
                            self.path.display()
                        ),
                        error,
                    )
                })
            })
            .collect()
    }

    fn try_append(
        &mut self,
        expected_seq: u64,
        batch: &[Entry],
    ) -> rusqlite::Result<Result<(), AppendError>> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let next: u64 = transaction.query_row(
            "SELECT max(ifnull((SELECT max(seq) FROM entries), 0), \
                        ifnull((SELECT max(seq) FROM checkpoints), 0)) + 1",
            [],
            |row| row.get(0),
        )?;
        let kept = |seq: u64| {
            transaction
                .prepare_cached("SELECT hash FROM entries WHERE seq = ?1")?
                .query_row([seq], |row| row.get(0))
                .optional()
        };
        let skip = match already_kept(expected_seq, batch, next, kept)? {
            Ok(skip) => skip,
            Err(fenced) => return Ok(Err(fenced)),
        };
        {
            let mut insert = transaction
                .prepare_cached("INSERT INTO entries (seq, json, hash) VALUES (?1, ?2, ?3)")?;
            for entry in &batch[skip..] {
                insert.execute((entry.seq, entry.canonical_json(), entry.hash()))?;
            }
        }
        transaction.commit().map(Ok)
    }
}

impl Log for SqliteLog {
    fn load(&mut self) -> Result<Loaded, LogError> {
        let checkpoint = self
            .connection
            .query_row(
                "SELECT seq, state FROM checkpoints ORDER BY seq DESC LIMIT 1",
                [],
                |row| {
                    Ok(Checkpoint {
                        seq: row.get(0)?,
                        state: row.get(1)?,
                    })
                },
            )
            .optional()
            .map_err(|error| explained(&self.path, "read", error))?;
        let from = checkpoint
            .as_ref()
            .map_or(1, |checkpoint| checkpoint.seq + 1);
        let entries = self.read(from, None)?;
        Ok(Loaded {
            checkpoint,
            entries,
        })
    }

    fn append(&mut self, expected_seq: u64, batch: &[Entry]) -> Result<(), AppendError> {
        self.try_append(expected_seq, batch)
            .unwrap_or_else(|error| {
                let error = explained(&self.path, "written", error);
                Err(AppendError::Unwritable(error))
            })
    }

    fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), LogError> {
        self.connection
            .execute(
                "INSERT OR REPLACE INTO checkpoints (seq, state) VALUES (?1, ?2)",
                (checkpoint.seq, &checkpoint.state),
            )
            .map(drop)
            .map_err(|error| explained(&self.path, "written", error))
    }

    fn entries(&mut self, from: u64, limit: usize) -> Result<Vec<Entry>, LogError> {
        self.read(from, Some(limit))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
    use std::process::{Command, Stdio};

    use super::*;
    use crate::store::fixture::{Scratch, entries_after};

    fn stands_at(error: &AppendError) -> u64 {
        match error {
            AppendError::Fenced { found, .. } => *found,
            AppendError::Unwritable(error) => panic!("unwritable instead: {error}"),
        }
    }

    fn chain_of(error: &dyn std::error::Error) -> String {
        let mut chain = error.to_string();
        let mut source = error.source();
        while let Some(error) = source {
            chain = format!("{chain}: {error}");
            source = error.source();
        }
        chain
    }

    #[test]
    fn what_was_appended_is_there_after_a_drop_without_a_close() {
        let scratch = Scratch::new("reopened");
        let written = entries_after(None, 5);
        let mut log = SqliteLog::open(scratch.path("log.db")).unwrap();
        log.append(1, &written[..2]).unwrap();
        log.append(3, &written[2..]).unwrap();
        // As after a kill: nobody closes the file or empties the write-ahead log.
        std::mem::forget(log);
        let mut log = SqliteLog::open(scratch.path("log.db")).unwrap();
        assert_eq!(log.load().unwrap().entries, written);
        assert_eq!(log.entries(2, 2).unwrap(), written[1..3]);
    }

    #[test]
    fn the_columns_say_what_the_entry_says() {
        let scratch = Scratch::new("columns");
        let mut log = SqliteLog::open(scratch.path("log.db")).unwrap();
        log.append(1, &entries_after(None, 1)).unwrap();
        let row: (String, u16, String) = log
            .connection
            .query_row("SELECT at, version, event FROM entries", [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .unwrap();
        assert_eq!(row, ("1970-01-01T00:00:00Z".into(), 1, "started".into()));
    }

    #[test]
    fn every_append_is_synced_behind_a_write_ahead_log() {
        let scratch = Scratch::new("synced");
        let log = SqliteLog::open(scratch.path("log.db")).unwrap();
        let ask = |pragma| {
            log.connection
                .pragma_query_value(None, pragma, |row| row.get::<_, rusqlite::types::Value>(0))
                .unwrap()
        };
        assert_eq!(ask("journal_mode"), "wal".to_owned().into());
        assert_eq!(ask("synchronous"), 2_i64.into());
    }

    #[test]
    fn a_half_written_batch_is_not_there_after_a_kill() {
        let scratch = Scratch::new("half");
        let written = entries_after(None, 3);
        let mut log = SqliteLog::open(scratch.path("log.db")).unwrap();
        log.append(1, &written[..1]).unwrap();
        log.connection.pragma_update(None, "cache_size", 1).unwrap();
        log.connection
            .execute_batch(&format!(
                "BEGIN IMMEDIATE; INSERT INTO entries (seq, json, hash) VALUES (2, '{}', '{}');",
                written[1].canonical_json(),
                written[1].hash(),
            ))
            .unwrap();
        for suffix in ["", "-wal"] {
            std::fs::copy(
                scratch.path(&format!("log.db{suffix}")),
                scratch.path(&format!("copy.db{suffix}")),
            )
            .unwrap();
        }
        let mut log = SqliteLog::open(scratch.path("copy.db")).unwrap();
        assert_eq!(log.load().unwrap().entries, written[..1]);
        log.append(2, &written[1..]).unwrap();
    }

    #[test]
    fn a_killed_process_leaves_whole_batches() {
        let scratch = Scratch::new("killed");
        let path = scratch.path("log.db");
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store::sqlite::tests::appends_until_killed"])
            .args(["--ignored", "--nocapture"])
            .env("CALLWATCH_TEST_LOG", &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let answered = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok)
            .filter(|line| line.contains("appended"))
            .take(20)
            .count();
        child.kill().unwrap();
        child.wait().unwrap();
        let entries = SqliteLog::open(path).unwrap().load().unwrap().entries;
        assert_eq!(answered, 20);
        assert!(entries.len() >= 3 * answered, "{} entries", entries.len());
        assert_eq!(entries.len() % 3, 0);
    }

    #[test]
    #[ignore = "the child of a_killed_process_leaves_whole_batches"]
    fn appends_until_killed() {
        let Some(path) = std::env::var_os("CALLWATCH_TEST_LOG") else {
            return;
        };
        let mut log = SqliteLog::open(path).unwrap();
        let mut batch = entries_after(None, 3);
        loop {
            log.append(batch[0].seq, &batch).unwrap();
            println!("\nappended");
            batch = entries_after(batch.last(), 3);
        }
    }

    #[test]
    fn of_two_writers_the_one_that_is_behind_is_fenced() {
        let scratch = Scratch::new("fenced");
        let written = entries_after(None, 3);
        let mut first = SqliteLog::open(scratch.path("log.db")).unwrap();
        let mut second = SqliteLog::open(scratch.path("log.db")).unwrap();
        first.append(1, &written[..1]).unwrap();
        let mut other = entries_after(None, 1);
        other[0].reason = crate::text::Text::same("another daemon's");
        assert_eq!(stands_at(&second.append(1, &other).unwrap_err()), 2);
        // Whoever stands behind by more than its batch, or ahead of the log.
        first.append(2, &written[1..]).unwrap();
        assert_eq!(
            stands_at(&second.append(1, &written[..1]).unwrap_err()),
            4,
            "somebody wrote behind it since"
        );
        let ahead = entries_after(Some(&entries_after(None, 8)[7]), 1);
        assert_eq!(stands_at(&second.append(9, &ahead).unwrap_err()), 4);
        assert_eq!(second.load().unwrap().entries, written);
    }

    #[test]
    fn entries_that_do_not_continue_the_chain_are_fenced() {
        let scratch = Scratch::new("unchained");
        let written = entries_after(None, 3);
        let mut log = SqliteLog::open(scratch.path("log.db")).unwrap();
        log.append(1, &written[..1]).unwrap();
        let mut stranger = written[1].clone();
        stranger.previous = "0".repeat(64);
        assert!(log.append(2, &[stranger]).is_err());
        let gap = [
            written[1].clone(),
            entries_after(Some(&written[2]), 1)[0].clone(),
        ];
        assert!(log.append(2, &gap).is_err());
        assert_eq!(log.load().unwrap().entries, written[..1]);
    }

    #[test]
    fn the_same_batch_again_with_more_behind_it_is_written_once() {
        let scratch = Scratch::new("again");
        let written = entries_after(None, 4);
        let mut log = SqliteLog::open(scratch.path("log.db")).unwrap();
        log.append(1, &written[..2]).unwrap();
        log.append(1, &written[..2]).unwrap();
        log.append(1, &written).unwrap();
        assert_eq!(log.load().unwrap().entries, written);
    }

    #[test]
    fn replay_begins_at_the_newest_checkpoint() {
        let scratch = Scratch::new("checkpoint");
        let written = entries_after(None, 4);
        let mut log = SqliteLog::open(scratch.path("log.db")).unwrap();
        log.append(1, &written).unwrap();
        for seq in [1, 3] {
            let state = format!("after {seq}");
            log.checkpoint(&Checkpoint { seq, state }).unwrap();
        }
        // Retention cuts what a checkpoint holds.
        log.connection
            .execute("DELETE FROM entries WHERE seq <= 3", [])
            .unwrap();
        drop(log);
        let mut log = SqliteLog::open(scratch.path("log.db")).unwrap();
        let loaded = log.load().unwrap();
        assert_eq!(loaded.checkpoint.unwrap().state, "after 3");
        assert_eq!(loaded.entries, written[3..]);
        log.connection.execute("DELETE FROM entries", []).unwrap();
        let next = entries_after(Some(&written[3]), 1);
        assert_eq!(stands_at(&log.append(5, &next).unwrap_err()), 4);
    }

    /// The damage is done by another hand, behind the log's back.
    fn damaged(test: &str, sql: &str) -> String {
        let scratch = Scratch::new(test);
        let path = scratch.path("log.db");
        let mut log = SqliteLog::open(&path).unwrap();
        log.append(1, &entries_after(None, 5)).unwrap();
        log.connection.execute_batch(sql).unwrap();
        drop(log);
        let error = SqliteLog::open(&path).unwrap_err().to_string();
        assert!(error.contains("log.db.damaged-1; start again"), "{error}");
        // Kept as it was; the next start begins a new log.
        assert!(scratch.path("log.db.damaged-1").exists());
        let mut log = SqliteLog::open(&path).unwrap();
        assert_eq!(log.load().unwrap(), Loaded::default());
        error
    }

    #[test]
    fn a_chain_that_was_tampered_with_is_found_and_set_aside() {
        let error = damaged(
            "changed",
            "UPDATE entries SET json = json_set(json, '$.reason', 'nothing happened') WHERE seq = 3",
        );
        assert!(error.contains("entry 3 is not what was written"), "{error}");
        let error = damaged("cut", "DELETE FROM entries WHERE seq = 2");
        assert!(error.contains("entry 2 is missing"), "{error}");
        let error = damaged("beheaded", "DELETE FROM entries WHERE seq < 3");
        assert!(
            error.contains("the entries before 3 are missing"),
            "{error}"
        );
        let forged =
            "{\"seq\":3,\"previous\":\"\",\"at\":\"\",\"version\":1,\"event\":{\"event\":\"x\"}}";
        let hash = crate::incidents::entry_hash(forged);
        let error = damaged(
            "forged",
            &format!("UPDATE entries SET json = '{forged}', hash = '{hash}' WHERE seq = 3"),
        );
        assert!(error.contains("entry 3 does not follow entry 2"), "{error}");
    }

    #[test]
    fn a_damaged_file_is_set_aside_and_never_overwrites_an_earlier_one() {
        let scratch = Scratch::new("garbage");
        let path = scratch.path("log.db");
        for number in [1, 2] {
            let garbage = format!("garbage {number} ").repeat(1000);
            std::fs::write(&path, &garbage).unwrap();
            let error = SqliteLog::open(&path).unwrap_err().to_string();
            assert!(error.contains(&format!("damaged-{number}")), "{error}");
            assert!(!path.exists());
            let kept = scratch.path(&format!("log.db.damaged-{number}"));
            assert_eq!(std::fs::read_to_string(kept).unwrap(), garbage);
        }
    }

    #[test]
    fn a_page_that_rotted_is_found_at_the_start() {
        let scratch = Scratch::new("rotten");
        let path = scratch.path("log.db");
        let mut log = SqliteLog::open(&path).unwrap();
        log.append(1, &entries_after(None, 200)).unwrap();
        drop(log);
        let mut file = std::fs::File::options().write(true).open(&path).unwrap();
        file.seek(SeekFrom::Start(5 * 4096)).unwrap();
        file.write_all(&[0xAA; 3 * 4096]).unwrap();
        drop(file);
        let error = SqliteLog::open(&path).unwrap_err().to_string();
        assert!(error.contains("is damaged"), "{error}");
    }

    #[test]
    fn a_newer_schema_and_a_strangers_database_are_refused_and_left_alone() {
        let scratch = Scratch::new("newer");
        let path = scratch.path("log.db");
        let log = SqliteLog::open(&path).unwrap();
        log.connection
            .pragma_update(None, "user_version", 99)
            .unwrap();
        drop(log);
        let error = SqliteLog::open(&path).unwrap_err().to_string();
        assert!(error.contains("newer callwatch (schema 99"), "{error}");
        assert!(error.contains("install that version again"), "{error}");
        assert!(path.exists());

        let path = scratch.path("strange.db");
        let strange = Connection::open(&path).unwrap();
        strange.execute_batch("CREATE TABLE theirs (x)").unwrap();
        drop(strange);
        let error = SqliteLog::open(&path).unwrap_err().to_string();
        assert!(error.contains("another program"), "{error}");
        assert!(path.exists());
    }

    #[test]
    fn a_log_that_cannot_be_written_says_why_and_how_to_mend_it() {
        let scratch = Scratch::new("unwritable");
        let path = scratch.path("log.db");
        let mut log = SqliteLog::open(&path).unwrap();
        let many = entries_after(None, 500);
        let unwritable = |log: &mut SqliteLog, mend: &str| match log.append(1, &many) {
            Err(AppendError::Unwritable(error)) => {
                let error = chain_of(&error);
                assert!(error.contains(mend), "{error}");
            }
            other => panic!("{other:?}"),
        };

        log.connection
            .pragma_update(None, "query_only", true)
            .unwrap();
        unwritable(&mut log, "let callwatch write the file");
        log.connection
            .pragma_update(None, "query_only", false)
            .unwrap();

        let pages: u32 = log
            .connection
            .pragma_query_value(None, "page_count", |row| row.get(0))
            .unwrap();
        log.connection
            .pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
            .unwrap();
        unwritable(&mut log, "make room on the disk");
        log.connection
            .pragma_update_and_check(None, "max_page_count", 1_000_000, |_| Ok(()))
            .unwrap();

        let other = Connection::open(&path).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        unwritable(&mut log, "end the other process");
        drop(other);

        // All or nothing: the refused ones left nothing behind.
        assert_eq!(log.load().unwrap(), Loaded::default());
        log.append(1, &many).unwrap();
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let scratch = Scratch::new("nowhere");
        let error = SqliteLog::open(scratch.path("nowhere/log.db")).unwrap_err();
        assert!(chain_of(&error).contains("nowhere/log.db"), "{error}");
    }
}
