//! Opens the SQLite file and brings its schema up to date.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use crate::store::log::LogError;

/// Applied in order, each once; the number that stands in `user_version` is how many were.
/// A migration that has been released is never edited.
const MIGRATIONS: &[&str] = &[include_str!("migrations/001-entries.sql")];

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

/// Opens `path`, makes the file if there is none, and migrates it.
pub(crate) fn open(path: &Path) -> Result<Connection, OpenError> {
    let mut connection = Connection::open(path).map_err(|error| judged(path, "opened", error))?;
    connection
        .busy_timeout(BUSY_TIMEOUT)
        .map_err(|error| judged(path, "opened", error))?;
    migrate(path, &mut connection)?;
    check_pages(path, &connection)?;
    Ok(connection)
}

fn migrate(path: &Path, connection: &mut Connection) -> Result<(), OpenError> {
    let failed = |error| judged(path, "brought up to date", error);
    let number = |connection: &Connection, pragma: &str| {
        connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0))
    };
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
            "{} was written by a newer callwatch (schema {found}, this one knows up to {}); \
             install that version again, or move the file away to begin a new log",
            path.display(),
            MIGRATIONS.len()
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
