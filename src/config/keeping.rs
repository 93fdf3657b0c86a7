//! How the log is kept: where, for how long, and how many copies of it.

use std::path::Path;

use jiff::SignedDuration;

use crate::config::checks::Checks;
use crate::config::file;
use crate::config::settings::Store;
use crate::config::surroundings::Surroundings;

/// Three years.
const KEEP_DAYS: i64 = 1096;
/// What is open must have ended, and the month's records must have been drawn up.
const SHORTEST_DAYS: i64 = 31;
/// A month of weeks.
const BACKUPS: i64 = 4;
const MOST_BACKUPS: i64 = 520;

pub(crate) fn store(
    checks: &mut Checks<'_, '_>,
    file: &file::Store,
    surroundings: &Surroundings<'_>,
) -> Option<Store> {
    let path = match &file.path {
        Some(path) => surroundings.directory.join(path),
        None => surroundings.state_directory.join("callwatch.db"),
    };
    let days = file.keep_days.unwrap_or(KEEP_DAYS);
    let keep = days
        .checked_mul(24)
        .and_then(SignedDuration::try_from_hours);
    if days < SHORTEST_DAYS || keep.is_none() {
        checks.fault(
            "store.keep_days",
            format!("{days} days cannot be kept: write {SHORTEST_DAYS} or more, as {KEEP_DAYS} for three years"),
        );
    }
    let backups = file.backups.unwrap_or(BACKUPS);
    if !(0..=MOST_BACKUPS).contains(&backups) {
        checks.fault(
            "store.backups",
            format!("{backups} copies cannot be kept: write how many, as {BACKUPS}, or 0 for none"),
        );
    }
    let beside = path.parent().unwrap_or(Path::new("")).join("backups");
    let backup_folder = match &file.backup_folder {
        Some(folder) => surroundings.directory.join(folder),
        None => beside,
    };
    Some(Store {
        path,
        keep: keep?,
        backup_folder,
        backups: usize::try_from(backups).ok()?,
    })
}
