//! Finds out whether a log holds together, and sets a damaged one aside.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fs, io};

use rusqlite::Connection;
use serde::Deserialize;

use crate::incidents::entry_hash;
use crate::store::log::LogError;

/// What the chain needs of an entry.
#[derive(Deserialize)]
struct Link {
    seq: u64,
    previous: String,
}

/// Reads every entry and follows the chain; answers where it breaks.
pub(crate) fn broken_link(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let mut statement = connection.prepare("SELECT seq, json, hash FROM entries ORDER BY seq")?;
    let mut rows = statement.query([])?;
    let mut before: Option<(u64, String)> = None;
    while let Some(row) = rows.next()? {
        let (seq, json, hash): (u64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let Ok(link) = serde_json::from_str::<Link>(&json) else {
            return Ok(Some(format!("entry {seq} is not an entry")));
        };
        if link.seq != seq {
            return Ok(Some(format!("entry {seq} says that it is {}", link.seq)));
        }
        if entry_hash(&json) != hash {
            return Ok(Some(format!("entry {seq} is not what was written")));
        }
        match &before {
            Some((last, _)) if seq != last + 1 => {
                return Ok(Some(format!("entry {} is missing", last + 1)));
            }
            Some((last, hash)) if link.previous != *hash => {
                return Ok(Some(format!("entry {seq} does not follow entry {last}")));
            }
            // What was cut stands as a checkpoint, which the first kept entry follows.
            None if seq > 1 && !stands_for(connection, seq - 1, &link.previous)? => {
                return Ok(Some(format!("the entries before {seq} are missing")));
            }
            None if seq == 1 && !link.previous.is_empty() => {
                return Ok(Some("entry 1 follows another one".into()));
            }
            _ => before = Some((seq, hash)),
        }
    }
    Ok(None)
}

/// Whether a checkpoint stands for all entries up to `seq`, the last of which has this hash.
fn stands_for(connection: &Connection, seq: u64, hash: &str) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM checkpoints WHERE seq = ?1 AND json_valid(state)
                        AND state ->> '$.last_hash' = ?2)",
        (seq, hash),
        |row| row.get(0),
    )
}

/// Renames a damaged log and what belongs to it, so that the next start begins a
/// new one, and says so. No file is ever overwritten.
pub(crate) fn set_aside(path: &Path, what: &str) -> LogError {
    match renamed(path) {
        Ok(aside) => LogError::new(format!(
            "the log {} is damaged ({what}); it is kept as {}; start again to begin a new log, \
             or put a backup in its place first",
            path.display(),
            aside.display()
        )),
        Err(error) => LogError::with_source(
            format!(
                "the log {} is damaged ({what}) and could not be set aside; move it away by hand",
                path.display()
            ),
            error,
        ),
    }
}

fn renamed(path: &Path) -> io::Result<PathBuf> {
    let mut number = 1_u32;
    let aside = loop {
        let aside = with_suffix(path, &format!(".damaged-{number}"));
        // Fails where the name is taken, which a rename would not.
        match fs::hard_link(path, &aside) {
            Ok(()) => break aside,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(error),
        }
    };
    for suffix in ["-wal", "-shm"] {
        let from = with_suffix(path, suffix);
        if from.try_exists()? {
            fs::rename(from, with_suffix(&aside, suffix))?;
        }
    }
    fs::remove_file(path)?;
    Ok(aside)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}
