//! Opens the SQLite file and brings its schema up to date.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::store::log::LogError;

/// Applied in order, each once; the number that stands in `user_version` is how many were.
/// A migration that has been released is never edited.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/001-entries.sql"),
    include_str!("migrations/002-checkpoint-hash.sql"),
];

/// What stands in `user_version` of a log that is up to date.
#[expect(clippy::cast_possible_wrap, reason = "there will never be so many")]
const CURRENT: i64 = MIGRATIONS.len() as i64;

/// Marks the file as callwatch's own: "cwat".
const APPLICATION_ID: i64 = 0x6377_6174;

/// How long another process may hold the file before an append is unwritable; an append
/// must be answered within a second.
const BUSY_TIMEOUT: Duration = Duration::from_millis(250);

/// Why a file cannot be the log.
pub(crate) enum OpenError {
    /// Its bytes do not hold together.
    Damaged(String),
    /// Nothing is known to be wrong with its bytes: it is left where it is.
    Failed(LogError),
}

/// Opens `path`, makes the file if there is none, migrates it and looks at every page.
pub(crate) fn open(path: &Path) -> Result<Connection, OpenError> {
    let connection = open_to_write(path)?;
    check_pages(path, &connection)?;
    Ok(connection)
}

/// As [`open`], without a look at the pages.
pub(crate) fn open_to_write(path: &Path) -> Result<Connection, OpenError> {
    let mut connection = Connection::open(path).map_err(|error| judged(path, "opened", error))?;
    connection
        .busy_timeout(BUSY_TIMEOUT)
        .map_err(|error| judged(path, "opened", error))?;
    migrate(path, &mut connection)?;
    Ok(connection)
}

/// Opens a log that cannot be written, to read it; `None` where that cannot be done either, or
/// it would have to be brought up to date first.
///
/// SQLite reads a write-ahead log beside an index of it, which needs a file of its own. Where
/// there is no write-ahead log, as after a clean end, the file alone is the whole of it.
pub(crate) fn open_to_read(path: &Path) -> Result<Option<Connection>, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    let whole = std::fs::metadata(wal).map_or(true, |wal| wal.len() == 0);
    let place = uri(path);
    let alone = format!("{place}?immutable=1");
    for uri in std::iter::once(&place).chain(whole.then_some(&alone)) {
        let found = Connection::open_with_flags(uri, flags).and_then(|connection| {
            let owner = number(&connection, "application_id")?;
            let applied = number(&connection, "user_version")?;
            Ok((connection, owner == APPLICATION_ID && applied == CURRENT))
        });
        match found {
            Ok((connection, true)) => {
                check_pages(path, &connection)?;
                return Ok(Some(connection));
            }
            Ok((_, false)) => return Ok(None),
            Err(_) => {}
        }
    }
    Ok(None)
}

/// The path as SQLite takes it in a URI.
fn uri(path: &Path) -> String {
    let mut uri = "file:".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                uri.push(char::from(*byte));
            }
            _ => write!(uri, "%{byte:02X}").expect("a string takes everything"),
        }
    }
    uri
}

fn number(connection: &Connection, pragma: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, pragma, |row| row.get(0))
}

fn migrate(path: &Path, connection: &mut Connection) -> Result<(), OpenError> {
    let failed = |error| judged(path, "brought up to date", error);
    let owner = number(connection, "application_id").map_err(failed)?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(failed)?;
    if owner != APPLICATION_ID && tables > 0 {
        return Err(OpenError::Failed(LogError::new(format!(
            "{} is a database of another program; name another file for the log",
            path.display()
        ))));
    }
    let found = number(connection, "user_version").map_err(failed)?;
    let applied = usize::try_from(found).unwrap_or(usize::MAX);
    if applied > MIGRATIONS.len() {
        return Err(OpenError::Failed(LogError::new(format!(
            "{} was written by a newer callwatch (schema {found}, callwatch {} knows up to {CURRENT}); \
             install that version again, or put a backup of before in its place",
            path.display(),
            env!("CARGO_PKG_VERSION")
        ))));
    }
    connection
        .pragma_update(None, "journal_mode", "wal")
        .and_then(|()| connection.pragma_update(None, "synchronous", "full"))
        .map_err(failed)?;
    if applied == MIGRATIONS.len() {
        return Ok(());
    }
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    for migration in &MIGRATIONS[applied..] {
        transaction.execute_batch(migration).map_err(failed)?;
    }
    transaction
        .pragma_update(None, "application_id", APPLICATION_ID)
        .and_then(|()| transaction.pragma_update(None, "user_version", MIGRATIONS.len()))
        .and_then(|()| transaction.commit())
        .map_err(failed)
}

fn check_pages(path: &Path, connection: &Connection) -> Result<(), OpenError> {
    let verdict: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(|error| judged(path, "checked", error))?;
    if verdict == "ok" {
        Ok(())
    } else {
        Err(OpenError::Damaged(verdict))
    }
}

/// Tells damage from everything else that can be wrong.
pub(crate) fn judged(path: &Path, verb: &str, error: rusqlite::Error) -> OpenError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            OpenError::Damaged(error.to_string())
        }
        _ => OpenError::Failed(explained(path, verb, error)),
    }
}

/// The error of SQLite with the place and the mend.
pub(crate) fn explained(path: &Path, verb: &str, error: rusqlite::Error) -> LogError {
    let mend = match error.sqlite_error_code() {
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            "; let callwatch write the file and its directory"
        }
        Some(ErrorCode::DiskFull) => "; make room on the disk",
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "; end the other process that holds the file"
        }
        Some(ErrorCode::SystemIoFailure) => "; check the disk",
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            "; restart callwatch, which sets a damaged log aside"
        }
        _ => "",
    };
    let place = path.display();
    LogError::with_source(format!("the log {place} cannot be {verb}{mend}"), error)
}
