//! The roster's file: who has which role on which day and shift.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::config::calendar;
use crate::config::sheet::{Names, Record, Sheet};
use crate::document::{Fault, which};
use crate::site::{Duty, Person, Roster, Site};

const DATE: Names = &["date", "日期"];
const SHIFT: Names = &["shift", "班次", "时段", "时间"];
const ROLE: Names = &["role", "岗位", "角色"];
const NAME: Names = &["name", "姓名", "值班人"];
const PHONE: Names = &["phone", "电话", "手机"];
const SEAT: Names = &["seat", "座席", "坐席", "工位"];
const DEPUTY: Names = &["deputy", "副手", "代理人"];
const DEPUTY_PHONE: Names = &["deputy phone", "deputy_phone", "副手电话", "代理人电话"];
const DEPUTY_SEAT: Names = &["deputy seat", "deputy_seat", "副手座席", "代理人座席"];
const COLUMNS: [Names; 9] = [
    DATE,
    SHIFT,
    ROLE,
    NAME,
    PHONE,
    SEAT,
    DEPUTY,
    DEPUTY_PHONE,
    DEPUTY_SEAT,
];

/// Shifts by name, from and to; one that ends as early as it begins ends the day after.
pub(crate) type Shifts = BTreeMap<String, (Time, Time)>;

pub(crate) fn read(path: &Path, site: &Site, shifts: &Shifts) -> Result<Roster, Vec<Fault>> {
    let sheet = Sheet::read(path, &COLUMNS, &["date", "role", "name", "shift"])?;
    let zone = TimeZone::get(&site.time_zone).unwrap_or(TimeZone::UTC);
    let reader = Reader { site, shifts, zone };
    let mut roster = Roster::default();
    let mut seen: BTreeMap<(String, Timestamp, String), usize> = BTreeMap::new();
    let mut faults = Vec::new();
    for record in sheet.records() {
        let Some((role, duty)) = reader.duty(&record, &mut faults) else {
            continue;
        };
        let key = (role.clone(), duty.from, duty.person.name.clone());
        if let Some(line) = seen.insert(key, record.line()) {
            let message = format!("this turn stands on line {line} already: take one out");
            faults.push(record.fault("name", message));
        }
        roster.duties.entry(role).or_default().push(duty);
    }
    for duties in roster.duties.values_mut() {
        duties.sort_by_key(|duty| duty.from);
    }
    faults.sort();
    if faults.is_empty() {
        Ok(roster)
    } else {
        Err(faults)
    }
}

struct Reader<'a> {
    site: &'a Site,
    shifts: &'a Shifts,
    zone: TimeZone,
}

impl Reader<'_> {
    /// One row; all that is wrong with it is told.
    fn duty(&self, record: &Record<'_>, faults: &mut Vec<Fault>) -> Option<(String, Duty)> {
        let mut noted = |read: Result<_, Fault>| read.map_err(|fault| faults.push(fault)).ok();
        let date = noted(calendar::date(record).map(Read::Date));
        let shift = noted(self.shift(record).map(|(from, to)| Read::Shift(from, to)));
        let role = noted(self.role(record).map(Read::Role));
        let person = noted(
            self.person(record, ["name", "phone", "seat"])
                .map(Read::Person),
        );
        let deputy = noted(
            self.person(record, ["deputy", "deputy phone", "deputy seat"])
                .map(Read::Person),
        );
        if record.get("name").is_empty() && matches!(person, Some(Read::Person(None))) {
            faults.push(record.fault(
                "name",
                "is empty: write who has this turn, or take the line out",
            ));
        }
        let (Some(Read::Date(date)), Some(Read::Shift(from, to))) = (date, shift) else {
            return None;
        };
        let (Some(Read::Role(role)), Some(Read::Person(Some(person)))) = (role, person) else {
            return None;
        };
        let Some(Read::Person(deputy)) = deputy else {
            return None;
        };
        let ends = if to > from {
            date
        } else {
            date.tomorrow().ok()?
        };
        let duty = Duty {
            from: self.moment(date, from)?,
            to: self.moment(ends, to)?,
            person,
            deputy,
        };
        Some((role, duty))
    }

    fn moment(&self, date: Date, time: Time) -> Option<Timestamp> {
        let moment = self.zone.to_ambiguous_timestamp(date.to_datetime(time));
        moment.compatible().ok()
    }

    /// A shift by its name, or a span as `08:30-17:30`.
    fn shift(&self, record: &Record<'_>) -> Result<(Time, Time), Fault> {
        let text = record.get("shift");
        if let Some(shift) = self.shifts.get(text) {
            return Ok(*shift);
        }
        let span = text.split_once(['-', '–', '—', '~', '～', '至']);
        let time = |text: &str| {
            let text = text.trim().replace('：', ":");
            // Spreadsheets drop the nought before an hour.
            let padded = if text.find(':') == Some(1) {
                format!("0{text}")
            } else {
                text
            };
            match padded.as_str() {
                "24:00" => Some(Time::midnight()),
                text => text.parse().ok(),
            }
        };
        let read = span.and_then(|(from, to)| Some((time(from)?, time(to)?)));
        read.ok_or_else(|| {
            let names: Vec<&String> = self.shifts.keys().collect();
            let mend = if names.is_empty() || text.contains(':') {
                "write it as 08:30-17:30, or give it a table [shift.NAME] in the centre's file"
                    .to_owned()
            } else {
                which(text, &names)
            };
            record.fault("shift", format!("there is no shift `{text}`: {mend}"))
        })
    }

    /// A role by its id, or by the name of who is on duty in it.
    fn role(&self, record: &Record<'_>) -> Result<String, Fault> {
        let text = record.get("role");
        let roles = &self.site.roles;
        let known = roles.iter().find(|(id, role)| {
            let contact = role.duty.as_ref();
            let contact = contact.and_then(|contact| self.site.contacts.get(contact));
            id.as_str() == text
                || contact.is_some_and(|contact| {
                    [&contact.name.zh, &contact.name.en].contains(&&text.to_owned())
                })
        });
        known.map(|(id, _)| id.clone()).ok_or_else(|| {
            let ids: Vec<&String> = roles.keys().collect();
            let mend = which(text, &ids);
            record.fault("role", format!("there is no role `{text}`: {mend}"))
        })
    }

    /// Name, phone and seat; nobody where all are empty.
    fn person(
        &self,
        record: &Record<'_>,
        [name, phone, seat]: [&'static str; 3],
    ) -> Result<Option<Person>, Fault> {
        let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let (named, phone, sits) = (
            record.get(name),
            filled(record.get(phone)),
            filled(record.get(seat)),
        );
        if let Some(sits) = &sits
            && !self.site.seats.contains_key(sits)
        {
            let seats: Vec<&String> = self.site.seats.keys().collect();
            let mend = which(sits, &seats);
            return Err(record.fault(seat, format!("there is no seat `{sits}`: {mend}")));
        }
        if named.is_empty() {
            return match (phone, sits) {
                (None, None) => Ok(None),
                _ => Err(record.fault(
                    name,
                    "is empty, but a phone or seat stands beside it: write the name",
                )),
            };
        }
        Ok(Some(Person {
            name: named.to_owned(),
            phone,
            seat: sits,
        }))
    }
}

/// What a part of a row was read as.
enum Read {
    Date(Date),
    Shift(Time, Time),
    Role(String),
    Person(Option<Person>),
}
