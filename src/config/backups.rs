//! `[backup.X]`: a copy that another program makes of what seats work with, and how anybody
//! knows that it was made.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use jiff::SignedDuration;
use serde::Deserialize;

use crate::config::checks::Checks;
use crate::config::file::File;
use crate::config::surroundings::Surroundings;
use crate::config::values;
use crate::document::join;
use crate::probes::acd::Hidden;
use crate::probes::acd::pushed::{SHORT_TOKEN, SHORTEST_TOKEN};
use crate::probes::backup::{self, Known};
use crate::site;
use crate::text::Text;

/// A week, as the plan has it, and a day for the job to be late (`defaults.md`, row 6).
const LATE_AFTER: SignedDuration = SignedDuration::from_hours(8 * 24);
const LEAST_LATE: SignedDuration = SignedDuration::from_hours(1);
const MOST_LATE: SignedDuration = SignedDuration::from_hours(366 * 24);
/// What is judged in days is soon enough seen by this.
const EVERY: SignedDuration = SignedDuration::from_hours(1);
const LEAST_EVERY: SignedDuration = SignedDuration::from_mins(1);
const MOST_EVERY: SignedDuration = SignedDuration::from_hours(24);
/// A share that has slept takes a while.
const TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Backup {
    name: Text,
    /// Where its files lie; or a token, with which its job reports.
    directory: Option<String>,
    suffix: Option<String>,
    every: Option<SignedDuration>,
    token: Option<String>,
    token_file: Option<String>,
    late_after: Option<String>,
}

/// How each backup is known of, by its name.
pub(crate) fn watch(
    checks: &mut Checks<'_, '_>,
    file: &File,
    surroundings: &Surroundings<'_>,
) -> BTreeMap<String, Known> {
    let mut watch = BTreeMap::new();
    for (id, backup) in &file.backup {
        let table = join("backup", id);
        let known = match &backup.directory {
            Some(directory) => in_directory(checks, &table, backup, directory),
            None => by_report(checks, &table, backup, surroundings),
        };
        watch.extend(known.map(|known| (id.clone(), known)));
    }
    watch
}

fn in_directory(
    checks: &mut Checks<'_, '_>,
    table: &str,
    backup: &Backup,
    directory: &str,
) -> Option<Known> {
    let of_report = [
        ("token", backup.token.is_some()),
        ("token_file", backup.token_file.is_some()),
    ];
    for (key, _) in of_report.iter().filter(|(_, there)| *there) {
        let message = "does not go with `directory`: keep one of the two";
        checks.fault(&join(table, key), message);
    }
    let every = backup.every.unwrap_or(EVERY);
    if !(LEAST_EVERY..=MOST_EVERY).contains(&every) {
        let message = "is not from 1 min to 24 h: write it as \"1h\"";
        checks.fault(&join(table, "every"), message);
    }
    if let Some(suffix) = &backup.suffix {
        let mend = "write what the names of its files end with, as \".dump\"";
        values::filled(checks, &join(table, "suffix"), suffix, mend);
    }
    let path = Path::new(directory);
    if !path.is_absolute() {
        let message = format!("`{directory}` does not begin with `/`: write the whole path");
        checks.fault(&join(table, "directory"), message);
        return None;
    }
    let settings = backup::Settings {
        directory: path.to_owned(),
        suffix: backup.suffix.clone(),
    };
    Some(Known::Files {
        settings,
        every,
        timeout: TIMEOUT,
    })
}

fn by_report(
    checks: &mut Checks<'_, '_>,
    table: &str,
    backup: &Backup,
    surroundings: &Surroundings<'_>,
) -> Option<Known> {
    let of_files = [
        ("suffix", backup.suffix.is_some()),
        ("every", backup.every.is_some()),
    ];
    for (key, _) in of_files.iter().filter(|(_, there)| *there) {
        let message = "goes with `directory`: say where the files lie, or take this out";
        checks.fault(&join(table, key), message);
    }
    let (inline, in_file) = (backup.token.as_ref(), backup.token_file.as_ref());
    if inline.is_none() && in_file.is_none() {
        let path = join(table, "directory");
        if !checks.is_faulty(&path) {
            let message = "is missing: write where its files lie, or a `token_file` with which its job reports";
            checks.fault(&path, message);
        }
        return None;
    }
    let secrets = surroundings.secret;
    let (path, token) = values::secret(checks, table, "token", inline, in_file, secrets)?;
    if token.len() < SHORTEST_TOKEN {
        checks.fault(&path, SHORT_TOKEN);
        return None;
    }
    Some(Known::Reports(Hidden::new(token)))
}

/// The backups as the site has them.
pub(crate) fn site(checks: &mut Checks<'_, '_>, file: &File) -> BTreeMap<String, site::Backup> {
    let mut backups = BTreeMap::new();
    for (id, backup) in &file.backup {
        let table = join("backup", id);
        values::name(checks, &table, &backup.name);
        let late_after = match &backup.late_after {
            Some(text) => age(text).filter(|age| (LEAST_LATE..=MOST_LATE).contains(age)),
            None => Some(LATE_AFTER),
        };
        let Some(late_after) = late_after else {
            let message = "is no age from 1 hour to 366 days: write it as \"8d\" or \"26h\"";
            checks.fault(&join(&table, "late_after"), message);
            continue;
        };
        let backup = site::Backup {
            name: backup.name.clone(),
            late_after,
            reports: backup.directory.is_none(),
        };
        backups.insert(id.clone(), backup);
    }
    backups
}

/// `8d`, or a duration: of days a duration knows nothing, since some have 23 hours.
fn age(text: &str) -> Option<SignedDuration> {
    let Some(days) = text.trim().strip_suffix('d') else {
        return text.parse().ok();
    };
    let days: i64 = days.trim_end().parse().ok()?;
    SignedDuration::try_from_hours(days.checked_mul(24)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_written_in_days_or_hours() {
        assert_eq!(age("8d"), Some(LATE_AFTER));
        assert_eq!(age("2 d"), Some(SignedDuration::from_hours(48)));
        assert_eq!(age("26h"), Some(SignedDuration::from_hours(26)));
        for odd in ["", "d", "8", "eight d", "9223372036854775807d"] {
            assert_eq!(age(odd), None, "{odd}");
        }
    }
}
