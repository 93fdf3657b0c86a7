//! The log in one SQLite file: write-ahead, every append synced.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use crate::incidents::Entry;
use crate::store::backup::Backups;
use crate::store::checkpoints::{self, Unsound};
use crate::store::damage;
use crate::store::log::{AppendError, Checkpoint, Cut, Loaded, Log, LogError, already_kept};
use crate::store::retention;
use crate::store::schema::{self, OpenError, explained};

/// No entry has a greater number: SQLite's are signed.
const LAST: u64 = i64::MAX as u64;

/// How a log is looked after.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Care {
    /// How long entries are kept; for ever where it is left out.
    pub keep: Option<SignedDuration>,
    /// Where copies of it are made, if anywhere.
    pub backups: Option<Backups>,
}

/// A log in an SQLite file. Two daemons on one file find each other: an append
/// takes the write lock and compares where the log stands.
#[derive(Debug)]
pub struct SqliteLog {
    path: PathBuf,
    connection: Connection,
    /// It was opened to be read, because it could not be written.
    read_only: bool,
    care: Care,
}

impl SqliteLog {
    /// Opens the log and follows its whole chain; makes the file if there is none.
    ///
    /// A damaged file is renamed to `PATH.damaged-N`, and the error says so: the next
    /// open begins a new log. A file of a newer schema or of another program is left alone.
    /// One that can be read and not written is opened all the same: each append tries anew.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, LogError> {
        let path = path.into();
        match Self::verified(&path) {
            Ok((connection, read_only)) => Ok(Self {
                path,
                connection,
                read_only,
                care: Care::default(),
            }),
            Err(OpenError::Failed(error)) => Err(error),
            Err(OpenError::Damaged(what)) => Err(damage::set_aside(&path, &what)),
        }
    }

    /// The same, looked after in this way.
    #[must_use]
    pub fn with(self, care: Care) -> Self {
        Self { care, ..self }
    }

    /// The connection is closed before anybody renames the file of a damaged one.
    fn verified(path: &Path) -> Result<(Connection, bool), OpenError> {
        let connection = match schema::open(path) {
            Err(OpenError::Failed(error)) => match schema::open_to_read(path)? {
                Some(connection) => connection,
                None => return Err(OpenError::Failed(error)),
            },
            opened => opened?,
        };
        let unread = |error| schema::judged(path, "read", error);
        let read_only = connection.is_readonly("main").map_err(unread)?;
        if let Some(what) = damage::broken_link(&connection).map_err(unread)? {
            return Err(OpenError::Damaged(what));
        }
        match checkpoints::newest(&connection, LAST) {
            Ok(_) => Ok((connection, read_only)),
            Err(Unsound::Damaged(what)) => Err(OpenError::Damaged(what)),
            Err(Unsound::Sqlite(error)) => Err(unread(error)),
        }
    }

    /// Whether it could not be written when it was opened.
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// Opens it anew where it was opened to be read: it may be possible to write it by now.
    fn make_writable(&mut self) -> Result<(), LogError> {
        if !self.read_only {
            return Ok(());
        }
        let place = self.path.display();
        let connection = schema::open_to_write(&self.path).map_err(|error| match error {
            OpenError::Failed(error) => error,
            OpenError::Damaged(what) => LogError::new(format!(
                "the log {place} is damaged ({what}); restart callwatch, which sets a damaged log aside"
            )),
        })?;
        if connection.is_readonly("main").unwrap_or(true) {
            return Err(LogError::new(format!(
                "the log {place} can be read and not written; let callwatch write the file and its directory"
            )));
        }
        self.connection = connection;
        self.read_only = false;
        Ok(())
    }

    fn explained(&self, verb: &str, error: Unsound) -> LogError {
        match error {
            Unsound::Sqlite(error) => explained(&self.path, verb, error),
            Unsound::Damaged(what) => LogError::new(format!(
                "the log {} cannot be {verb}: {what}; restart callwatch, which checks it",
                self.path.display()
            )),
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
        let checkpoint = checkpoints::newest(&self.connection, LAST)
            .map_err(|error| self.explained("read", error))?
            .checkpoint;
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
        self.make_writable().map_err(AppendError::Unwritable)?;
        self.try_append(expected_seq, batch)
            .unwrap_or_else(|error| {
                let error = explained(&self.path, "written", error);
                Err(AppendError::Unwritable(error))
            })
    }

    fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), LogError> {
        self.make_writable()?;
        checkpoints::keep(&self.connection, checkpoint)
            .map_err(|error| self.explained("given a checkpoint", error))
    }

    fn cut(&mut self, now: Timestamp) -> Result<Cut, LogError> {
        let Some(keep) = self.care.keep else {
            return Ok(Cut::default());
        };
        self.make_writable()?;
        retention::cut(&mut self.connection, keep, now)
            .map_err(|error| self.explained("cut", error))
    }

    fn folder(&self) -> Option<PathBuf> {
        self.path.parent().map(PathBuf::from)
    }

    fn backups(&self) -> Option<Backups> {
        self.care.backups.clone()
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
    use crate::store::fixture::{Scratch, chain_of, checkpoint_after, entries_after};

    /// What another hand does to the file behind the log's back.
    impl SqliteLog {
        pub(crate) fn break_link(&self, seq: u64) {
            self.do_behind_its_back(&format!(
                "UPDATE entries SET json = json_set(json, '$.reason', 'nothing happened') WHERE seq = {seq}"
            ));
        }

        pub(crate) fn remove_entry(&self, seq: u64) {
            self.do_behind_its_back(&format!("DELETE FROM entries WHERE seq = {seq}"));
        }

        pub(crate) fn spoil_checkpoint(&self, seq: u64) {
            self.do_behind_its_back(&format!(
                "UPDATE checkpoints SET state = replace(state, '0', '1') WHERE seq = {seq}"
            ));
        }

        /// The disk has room for so many pages more than it holds.
        pub(crate) fn leave_room(&self, more: u32) {
            let pages: u32 = self
                .connection
                .pragma_query_value(None, "page_count", |row| row.get(0))
                .unwrap();
            self.connection
                .pragma_update_and_check(None, "max_page_count", pages + more, |_| Ok(()))
                .unwrap();
        }

        pub(crate) fn refuse_writing(&self, refuse: bool) {
            self.connection
                .pragma_update(None, "query_only", refuse)
                .unwrap();
        }

        fn do_behind_its_back(&self, sql: &str) {
            self.connection.execute_batch(sql).unwrap();
        }
    }

    fn stands_at(error: &AppendError) -> u64 {
        match error {
            AppendError::Fenced { found, .. } => *found,
            AppendError::Unwritable(error) => panic!("unwritable instead: {error}"),
        }
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
    fn replay_begins_at_the_newest_checkpoint_that_holds_together() {
        let scratch = Scratch::new("checkpoint");
        let written = entries_after(None, 12);
        let mut log = SqliteLog::open(scratch.path("log.db")).unwrap();
        log.append(1, &written).unwrap();
        for seq in 1..=10 {
            log.checkpoint(&checkpoint_after(&written[..seq])).unwrap();
        }
        let kept: u64 =
            checkpoints::one(&log.connection, "SELECT count(*) FROM checkpoints", []).unwrap();
        assert_eq!(kept, 7);
        let begins_at = |spoilt| {
            if let Some(spoilt) = spoilt {
                log.spoil_checkpoint(spoilt);
            }
            let mut log = SqliteLog::open(scratch.path("log.db")).unwrap();
            let loaded = log.load().unwrap();
            let seq = loaded.checkpoint.map_or(0, |checkpoint| checkpoint.seq);
            let after = usize::try_from(seq).unwrap();
            assert_eq!(loaded.entries, written[after..]);
            seq
        };
        assert_eq!(begins_at(None), 10);
        assert_eq!(begins_at(Some(10)), 9);
        for seq in 4..9 {
            begins_at(Some(seq));
        }
        assert_eq!(
            begins_at(Some(9)),
            0,
            "from the beginning, where all are damaged"
        );
    }

    #[test]
    fn a_checkpoint_that_is_not_what_its_entries_add_up_to_is_refused() {
        let scratch = Scratch::new("false-checkpoint");
        let written = entries_after(None, 4);
        let mut log = SqliteLog::open(scratch.path("log.db")).unwrap();
        log.append(1, &written).unwrap();
        let mut wrong = checkpoint_after(&written);
        wrong.state = wrong.state.replace(
            "\"configuration\":{\"digest\":\"\"",
            "\"configuration\":{\"digest\":\"x\"",
        );
        let error = log.checkpoint(&wrong).unwrap_err().to_string();
        assert!(error.contains("not what its entries add up to"), "{error}");
        wrong.state = "{}".to_owned();
        assert!(log.checkpoint(&wrong).is_err());
        assert_eq!(log.load().unwrap().checkpoint, None);
    }

    #[test]
    fn a_beheaded_log_without_a_good_checkpoint_is_damaged() {
        let scratch = Scratch::new("no-base");
        let written = entries_after(None, 4);
        let mut log = SqliteLog::open(scratch.path("log.db")).unwrap();
        log.append(1, &written).unwrap();
        log.checkpoint(&checkpoint_after(&written[..2])).unwrap();
        log.do_behind_its_back("DELETE FROM entries WHERE seq <= 2");
        assert_eq!(log.load().unwrap().entries, written[2..]);
        log.do_behind_its_back("UPDATE checkpoints SET state = json_set(state, '$.cases', 1)");
        drop(log);
        let error = SqliteLog::open(scratch.path("log.db"))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("no checkpoint stands in for them"),
            "{error}"
        );
        assert!(scratch.path("log.db.damaged-1").exists());
    }

    #[test]
    fn a_log_whose_entries_are_all_cut_goes_on_behind_its_checkpoint() {
        let scratch = Scratch::new("all-cut");
        let written = entries_after(None, 4);
        let mut log = SqliteLog::open(scratch.path("log.db")).unwrap();
        log.append(1, &written).unwrap();
        log.checkpoint(&checkpoint_after(&written)).unwrap();
        log.do_behind_its_back("DELETE FROM entries");
        let next = entries_after(written.last(), 1);
        assert_eq!(stands_at(&log.append(6, &next).unwrap_err()), 5);
        log.append(5, &next).unwrap();
    }

    #[test]
    fn a_log_of_the_first_schema_is_brought_up_to_date_with_its_checkpoints() {
        let scratch = Scratch::new("first-schema");
        let path = scratch.path("log.db");
        let written = entries_after(None, 3);
        let old = Connection::open(&path).unwrap();
        old.execute_batch(include_str!("migrations/001-entries.sql"))
            .unwrap();
        old.pragma_update(None, "application_id", 0x6377_6174)
            .unwrap();
        old.pragma_update(None, "user_version", 1).unwrap();
        for entry in &written {
            old.execute(
                "INSERT INTO entries (seq, json, hash) VALUES (?1, ?2, ?3)",
                (entry.seq, entry.canonical_json(), entry.hash()),
            )
            .unwrap();
        }
        let kept = checkpoint_after(&written[..2]);
        old.execute(
            "INSERT INTO checkpoints (seq, state) VALUES (?1, ?2)",
            (kept.seq, &kept.state),
        )
        .unwrap();
        drop(old);
        let loaded = SqliteLog::open(&path).unwrap().load().unwrap();
        assert_eq!(loaded.checkpoint, Some(kept));
        assert_eq!(loaded.entries, written[2..]);
    }

    #[test]
    fn a_truncated_log_is_set_aside() {
        let scratch = Scratch::new("truncated");
        let path = scratch.path("log.db");
        let mut log = SqliteLog::open(&path).unwrap();
        log.append(1, &entries_after(None, 200)).unwrap();
        drop(log);
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        let half = file.metadata().unwrap().len() / 2;
        file.set_len(half).unwrap();
        let error = SqliteLog::open(&path).unwrap_err().to_string();
        assert!(error.contains("is damaged"), "{error}");
        let kept = scratch.path("log.db.damaged-1");
        assert_eq!(std::fs::metadata(kept).unwrap().len(), half);
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
        assert!(
            error.contains("newer callwatch (schema 99, callwatch 0."),
            "{error}"
        );
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
