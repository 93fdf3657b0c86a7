//! The calendar and the roster that lie beside the centre's file.
//!
//! Without them a centre still runs: by weekdays, and by the seats of each role.
//! So their faults stop nothing.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::config::calendar;
use crate::config::checks::Checks;
use crate::config::file::File;
use crate::config::hours;
use crate::config::roster::{self, Shifts};
use crate::config::settings::Config;
use crate::config::values;
use crate::document::join;
use crate::signals::later;
use crate::site::Site;

/// A roster that ends sooner is about to be forgotten.
const SOON: SignedDuration = SignedDuration::from_hours(7 * 24);
/// From this month on, the next year's holidays are known.
const KNOWN_FROM: i8 = 12;

/// Which sheets the file names.
pub(crate) struct Sheets {
    calendar: Option<PathBuf>,
    roster: Option<PathBuf>,
    shifts: Shifts,
}

impl Sheets {
    pub(crate) fn of(checks: &mut Checks<'_, '_>, file: &File, directory: &Path) -> Self {
        let path = |name: &Option<String>| name.as_ref().map(|name| directory.join(name));
        let mut shifts = Shifts::new();
        for (id, shift) in &file.shift {
            let table = join("shift", id);
            let from = values::time(checks, &join(&table, "from"), &shift.from);
            let to = hours::end(checks, &join(&table, "to"), &shift.to);
            if let Some(shift) = from.zip(to) {
                shifts.insert(id.clone(), shift);
            }
        }
        if file.site.roster.is_none() && !file.shift.is_empty() {
            let message =
                "are used by no roster: name one as roster under [site], or take them out";
            checks.warn("shift", message);
        }
        Self {
            calendar: path(&file.site.calendar),
            roster: path(&file.site.roster),
            shifts,
        }
    }

    /// Reads what there is into the site; what is wrong with it goes to `checks`.
    pub(crate) fn read(self, checks: &mut Checks<'_, '_>, site: &mut Site) {
        if let Some(path) = self.calendar {
            match calendar::read(&path) {
                Ok(calendar) => site.calendar = calendar,
                Err(faults) => checks.lost.calendar = faults,
            }
        }
        if let Some(path) = self.roster {
            match roster::read(&path, site, &self.shifts) {
                Ok(roster) => site.roster = roster,
                Err(faults) => checks.lost.roster = faults,
            }
        }
    }
}

/// What runs out: a calendar without this year or the next, a roster that ends soon.
pub fn running_out(config: &Config, now: Timestamp) -> Vec<String> {
    let site = &config.site;
    let today = site.date_of(now);
    let mut said = Vec::new();
    let calendar = &site.calendar;
    if let Some((last, _)) = calendar.days.last_key_value() {
        let knows = |year: i16| calendar.days.keys().any(|date| date.year() == year);
        let next = today.year() + 1;
        if !knows(today.year()) {
            said.push(format!(
                "the calendar has no day of {}: add this year's holidays (its last is {last})",
                today.year()
            ));
        } else if today.month() >= KNOWN_FROM && !knows(next) {
            said.push(format!(
                "the calendar ends with {last}: add the holidays of {next}"
            ));
        }
    }
    if let Some(ends) = site.roster.ends() {
        let last: Date = site.date_of(ends);
        if ends <= now {
            said.push(format!(
                "the roster ended on {last}: until there is a new one each role is where it sits"
            ));
        } else if ends < later(now, SOON) {
            said.push(format!("the roster ends on {last}: add the days after"));
        }
    }
    said
}
