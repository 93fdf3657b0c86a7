//! Checkpoints: a state from which replay may begin, believed only where it holds together.
//!
//! The newest few are kept, and the one that the first kept entry follows. One
//! that is damaged is passed over for an older one and the entries since, or
//! for all entries where none were cut.

use rusqlite::{Connection, Params, Row};

use crate::incidents::{Entry, State, entry_hash};
use crate::store::log::Checkpoint;

/// So many of the newest are kept: a week of days.
const NEWEST: u64 = 7;
/// A new one is compared with what its entries add up to; of more entries than this
/// that would take too long, as the entries of a year without a checkpoint would.
const COMPARED: u64 = 20_000;

/// What `entries` and the checkpoint before them add up to.
pub(crate) struct Base {
    pub(crate) checkpoint: Option<Checkpoint>,
    pub(crate) state: State,
}

/// Why there is nothing to begin from, or no checkpoint to keep.
#[derive(Debug)]
pub(crate) enum Unsound {
    Sqlite(rusqlite::Error),
    /// What does not hold together.
    Damaged(String),
}

impl From<rusqlite::Error> for Unsound {
    fn from(error: rusqlite::Error) -> Self {
        Unsound::Sqlite(error)
    }
}

/// The newest checkpoint up to entry `last` that holds together, or the empty state before entry 1.
pub(crate) fn newest(connection: &Connection, last: u64) -> Result<Base, Unsound> {
    let mut statement = connection
        .prepare("SELECT seq, state, hash FROM checkpoints WHERE seq <= ?1 ORDER BY seq DESC")?;
    let mut rows = statement.query([last])?;
    while let Some(row) = rows.next()? {
        match read(connection, row)? {
            Ok(base) => return Ok(base),
            Err(why) => tracing::warn!(
                "a checkpoint of the log is damaged ({why}); an older one and the entries since stand in for it"
            ),
        }
    }
    let first: Option<u64> = one(connection, "SELECT min(seq) FROM entries", [])?;
    match first {
        None | Some(1) => Ok(Base {
            checkpoint: None,
            state: State::default(),
        }),
        Some(first) => Err(Unsound::Damaged(format!(
            "the entries before {first} are missing, and no checkpoint stands in for them"
        ))),
    }
}

fn read(connection: &Connection, row: &Row<'_>) -> rusqlite::Result<Result<Base, String>> {
    let (seq, json, hash): (u64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let failed = |why: &str| Ok(Err(format!("after entry {seq}: {why}")));
    if !hash.is_empty() && hash != entry_hash(&json) {
        return failed("it is not what was written");
    }
    let Ok(state) = serde_json::from_str::<State>(&json) else {
        return failed("it is no state of this version");
    };
    if state.seq() != seq {
        return failed("it is of another entry");
    }
    // The entry itself, or else the one behind it, knows the hash.
    let kept: Option<String> = one(
        connection,
        "SELECT coalesce((SELECT hash FROM entries WHERE seq = ?1),
                         (SELECT json ->> '$.previous' FROM entries WHERE seq = ?1 + 1))",
        [seq],
    )?;
    if kept.is_some_and(|kept| kept != state.last_hash()) {
        return failed("the entries do not follow it");
    }
    Ok(Ok(Base {
        checkpoint: Some(Checkpoint { seq, state: json }),
        state,
    }))
}

/// Keeps a checkpoint if it is what the entries add up to, and lets go of those that nobody needs any more.
pub(crate) fn keep(connection: &Connection, checkpoint: &Checkpoint) -> Result<(), Unsound> {
    let damaged = |why: &str| {
        let seq = checkpoint.seq;
        Err(Unsound::Damaged(format!(
            "the state after entry {seq} {why}"
        )))
    };
    let Ok(state) = serde_json::from_str::<State>(&checkpoint.state) else {
        return damaged("cannot be read back");
    };
    if state.seq() != checkpoint.seq {
        return damaged("is of another entry");
    }
    let mut base = newest(connection, checkpoint.seq)?.state;
    if checkpoint.seq - base.seq() <= COMPARED {
        for entry in entries(connection, base.seq() + 1, checkpoint.seq)? {
            base.apply(&entry);
        }
        if base != state {
            return damaged("is not what its entries add up to");
        }
    }
    write(connection, checkpoint)?;
    connection.execute(
        "DELETE FROM checkpoints
         WHERE seq < (SELECT min(seq) FROM (SELECT seq FROM checkpoints ORDER BY seq DESC LIMIT ?1))
           AND seq + 1 <> (SELECT min(seq) FROM entries)",
        [NEWEST],
    )?;
    Ok(())
}

pub(crate) fn write(connection: &Connection, checkpoint: &Checkpoint) -> rusqlite::Result<()> {
    let Checkpoint { seq, state } = checkpoint;
    connection
        .execute(
            "INSERT OR REPLACE INTO checkpoints (seq, state, hash) VALUES (?1, ?2, ?3)",
            (seq, state, entry_hash(state)),
        )
        .map(drop)
}

/// The entries from `from` to `to`, both among them.
pub(crate) fn entries(connection: &Connection, from: u64, to: u64) -> Result<Vec<Entry>, Unsound> {
    let mut statement = connection
        .prepare_cached("SELECT seq, json FROM entries WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq")?;
    let mut rows = statement.query([from, to])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        let (seq, json): (u64, String) = (row.get(0)?, row.get(1)?);
        let entry = serde_json::from_str(&json);
        entries.push(
            entry.map_err(|_| Unsound::Damaged(format!("entry {seq} is none of this version")))?,
        );
    }
    Ok(entries)
}

pub(crate) fn one<T: rusqlite::types::FromSql>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
) -> rusqlite::Result<T> {
    connection.query_row(sql, params, |row| row.get(0))
}
