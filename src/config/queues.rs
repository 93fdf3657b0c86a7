//! Queues of callers, and the people who may be called in when there are too many.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use jiff::civil::Date;
use serde::Deserialize;

use crate::config::checks::Checks;
use crate::config::file::File;
use crate::config::values;
use crate::document::{join, which};
use crate::site::{self, Monthly};
use crate::site::{Bounds, Contact, Days, HANDLING, NotMonthly, Special, WRAP_UP};
use crate::staffing::Goal;
use crate::text::Text;

/// What is promised to callers where nobody said otherwise.
const GOAL: Goal = Goal {
    within: SignedDuration::from_secs(20),
    service_level: 0.8,
    abandoned: 0.05,
};
/// Nobody who calls in waits longer, and no call takes longer.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Queue {
    name: Text,
    acd: String,
    /// As the ACD calls it; else as the table is called.
    #[serde(rename = "queue")]
    called: Option<String>,
    seats: Option<Vec<String>>,
    zone: Option<String>,
    waiting: Option<i64>,
    share: Option<f64>,
    longest: Option<SignedDuration>,
    #[serde(default)]
    on: Vec<On>,
    handling: Option<SignedDuration>,
    wrap_up: Option<SignedDuration>,
    patience: Option<SignedDuration>,
    /// `80/20`: so many percent within so many seconds.
    target: Option<String>,
    /// Of callers, in percent.
    abandoned: Option<f64>,
    stale_after: Option<SignedDuration>,
}

/// Days with bounds of their own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct On {
    #[serde(default)]
    dates: Vec<String>,
    from: Option<String>,
    to: Option<String>,
    /// `15`, `first wednesday` or `last friday`.
    #[serde(default)]
    monthly: Vec<String>,
    waiting: Option<i64>,
    share: Option<f64>,
    longest: Option<SignedDuration>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reserve {
    name: Text,
    phone: String,
}

pub(crate) fn queues(checks: &mut Checks<'_, '_>, file: &File) -> BTreeMap<String, site::Queue> {
    let mut known: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut queues = BTreeMap::new();
    for (id, queue) in &file.queue {
        let table = join("queue", id);
        values::name(checks, &table, &queue.name);
        let mend = "write the name of the [acd.NAME] that tells of it";
        values::filled(checks, &join(&table, "acd"), &queue.acd, mend);
        let called = queue.called.as_ref().unwrap_or(id);
        values::filled(
            checks,
            &join(&table, "queue"),
            called,
            "write it as the ACD calls it",
        );
        if !known.insert((&queue.acd, called)) {
            let message = format!("`{called}` of `{}` has a table already", queue.acd);
            checks.fault(&join(&table, "queue"), message);
        }
        queues.insert(id.clone(), queue.read(checks, file, &table, called));
    }
    queues
}

/// By list, in the order in which they are rung up.
pub(crate) fn reserves(checks: &mut Checks<'_, '_>, file: &File) -> BTreeMap<String, Vec<Contact>> {
    let mut reserves = BTreeMap::new();
    for (list, people) in &file.reserve {
        let table = join("reserve", list);
        let mut phones = BTreeSet::new();
        for (n, person) in people.iter().enumerate() {
            let table = format!("{table}[{n}]");
            values::name(checks, &table, &person.name);
            let phone = join(&table, "phone");
            values::filled(checks, &phone, &person.phone, "write the number to dial");
            if !phones.insert(&person.phone) {
                let message = format!("`{}` stands in this list twice", person.phone);
                checks.fault(&phone, message);
            }
        }
        let contacts = people.iter().map(|person| Contact {
            name: person.name.clone(),
            phone: person.phone.clone(),
        });
        reserves.insert(list.clone(), contacts.collect());
    }
    reserves
}

/// No list stands there that the plan never asks for.
pub(crate) fn check_lists(checks: &mut Checks<'_, '_>, file: &File, lists: &BTreeSet<String>) {
    for list in file.reserve.keys().filter(|list| !lists.contains(*list)) {
        let known: Vec<&String> = lists.iter().collect();
        let message = format!("the plan has no list `{list}`: {}", which(list, &known));
        checks.fault(&join("reserve", list), message);
    }
}

impl Queue {
    fn read(
        &self,
        checks: &mut Checks<'_, '_>,
        file: &File,
        table: &str,
        called: &str,
    ) -> site::Queue {
        let bounds = Keys {
            waiting: self.waiting,
            share: self.share,
            longest: self.longest,
        };
        let bounds = bounds.read(checks, table, Bounds::default());
        let on = self.on.iter().enumerate();
        let on = on.map(|(n, on)| on.read(checks, &format!("{table}.on[{n}]"), bounds));
        let on = on.collect();
        for (key, time) in [
            ("handling", self.handling),
            ("patience", self.patience),
            ("stale_after", self.stale_after),
        ] {
            let sensible = SignedDuration::from_secs(1)..=LONGEST;
            if time.is_some_and(|time| !sensible.contains(&time)) {
                let message = "makes no sense: write a time from 1 s to a day, as \"4m\"";
                checks.fault(&join(table, key), message);
            }
        }
        if self
            .wrap_up
            .is_some_and(|it| it.is_negative() || it > LONGEST)
        {
            let message = "makes no sense: write a time up to a day, as \"30s\"";
            checks.fault(&join(table, "wrap_up"), message);
        }
        site::Queue {
            name: self.name.clone(),
            acd: self.acd.clone(),
            queue: called.to_owned(),
            seats: self.seats(checks, file, table),
            bounds,
            on,
            handling: self.handling.unwrap_or(HANDLING),
            wrap_up: self.wrap_up.unwrap_or(WRAP_UP),
            patience: self.patience,
            goal: self.goal(checks, table),
            stale_after: self.stale_after,
        }
    }

    /// Those that are named, those of a zone, or all.
    fn seats(&self, checks: &mut Checks<'_, '_>, file: &File, table: &str) -> BTreeSet<String> {
        if self.seats.is_some() && self.zone.is_some() {
            let message = "stands beside `seats`: keep one of the two";
            checks.fault(&join(table, "zone"), message);
        }
        if let Some(zone) = &self.zone
            && !file.zone.contains_key(zone)
        {
            checks.unknown_name(&join(table, "zone"), "zone", zone);
        }
        if let Some(seats) = &self.seats {
            let path = join(table, "seats");
            if seats.is_empty() {
                let message = "is empty: name seats, or take it out where all answer";
                checks.fault(&path, message);
            }
            for (n, seat) in seats.iter().enumerate() {
                if !file.seat.contains_key(seat) {
                    checks.unknown_name(&format!("{path}[{n}]"), "seat", seat);
                }
            }
            return seats.iter().cloned().collect();
        }
        let seats = file.seat.iter();
        let answers = |seat_zone: &str| self.zone.as_ref().is_none_or(|zone| zone == seat_zone);
        seats
            .filter(|(_, seat)| answers(&seat.zone))
            .map(|(id, _)| id.clone())
            .collect()
    }

    fn goal(&self, checks: &mut Checks<'_, '_>, table: &str) -> Goal {
        let mut goal = GOAL;
        if let Some(target) = &self.target {
            match share_and_seconds(target) {
                Some((percent, within)) => {
                    goal.service_level = percent / 100.0;
                    goal.within = within;
                }
                None => checks.fault(
                    &join(table, "target"),
                    format!("`{target}` is no target: write \"80/20\" for 80 % within 20 s"),
                ),
            }
        }
        if let Some(percent) = self.abandoned {
            if percent > 0.0 && percent < 100.0 {
                goal.abandoned = percent / 100.0;
            } else {
                let message = "is no share of callers: write percent above 0 and below 100, as 5";
                checks.fault(&join(table, "abandoned"), message);
            }
        }
        goal
    }
}

fn share_and_seconds(target: &str) -> Option<(f64, SignedDuration)> {
    let (percent, seconds) = target.split_once('/')?;
    let percent: f64 = percent.trim().parse().ok()?;
    let within = SignedDuration::from_secs(seconds.trim().parse().ok()?);
    let sensible = percent > 0.0 && percent < 100.0;
    (sensible && (SignedDuration::ZERO..=LONGEST).contains(&within)).then_some((percent, within))
}

/// The keys of bounds as they are written.
struct Keys {
    waiting: Option<i64>,
    share: Option<f64>,
    longest: Option<SignedDuration>,
}

impl Keys {
    /// What is not written is as it otherwise is.
    fn read(&self, checks: &mut Checks<'_, '_>, table: &str, otherwise: Bounds) -> Bounds {
        let mut bounds = otherwise;
        if let Some(waiting) = self.waiting {
            match u32::try_from(waiting).ok().filter(|waiting| *waiting > 0) {
                Some(waiting) => bounds.waiting = waiting,
                None => checks.fault(
                    &join(table, "waiting"),
                    "is no number of callers: write 1 or more",
                ),
            }
        }
        if let Some(share) = self.share {
            if (0.0..=100.0).contains(&share) {
                bounds.share = share;
            } else {
                let message = "is no part of those on line: write 0.5 for half of them";
                checks.fault(&join(table, "share"), message);
            }
        }
        if let Some(longest) = self.longest {
            if longest.is_positive() && longest <= LONGEST {
                bounds.longest = longest;
            } else {
                let message = "makes no sense: write a time up to a day, as \"3m\"";
                checks.fault(&join(table, "longest"), message);
            }
        }
        bounds
    }
}

impl On {
    fn read(&self, checks: &mut Checks<'_, '_>, table: &str, otherwise: Bounds) -> Special {
        let mut days = Vec::new();
        for (n, text) in self.dates.iter().enumerate() {
            days.extend(date(checks, &format!("{table}.dates[{n}]"), text).map(Days::On));
        }
        let mut bound = |key: &str, text: &Option<String>| {
            let text = text.as_ref()?;
            date(checks, &join(table, key), text)
        };
        let (from, to) = (bound("from", &self.from), bound("to", &self.to));
        match (&self.from, &self.to) {
            (Some(_), Some(_)) => {
                if let (Some(from), Some(to)) = (from, to) {
                    if to < from {
                        checks.fault(&join(table, "to"), "is before `from`: swap them");
                    }
                    days.push(Days::Between(from, to));
                }
            }
            (Some(_), None) => checks.fault(&join(table, "from"), "goes with `to`: add it"),
            (None, Some(_)) => checks.fault(&join(table, "to"), "goes with `from`: add it"),
            (None, None) => {}
        }
        for (n, text) in self.monthly.iter().enumerate() {
            match text.parse::<Monthly>() {
                Ok(monthly) => days.push(Days::EveryMonth(monthly)),
                Err(fault @ NotMonthly) => {
                    let message = format!("`{text}` {fault}");
                    checks.fault(&format!("{table}.monthly[{n}]"), message);
                }
            }
        }
        let named = [&self.from, &self.to].into_iter().flatten().count();
        if self.dates.is_empty() && self.monthly.is_empty() && named == 0 {
            let message = "says no day: add `dates`, `from` and `to`, or `monthly`";
            checks.fault(table, message);
        }
        if self.waiting.is_none() && self.share.is_none() && self.longest.is_none() {
            let message = "changes nothing: add `waiting`, `share` or `longest`";
            checks.fault(table, message);
        }
        let bounds = Keys {
            waiting: self.waiting,
            share: self.share,
            longest: self.longest,
        };
        Special {
            days,
            bounds: bounds.read(checks, table, otherwise),
        }
    }
}

fn date(checks: &mut Checks<'_, '_>, path: &str, text: &str) -> Option<Date> {
    let date = text.parse().ok();
    if date.is_none() {
        let message = format!("`{text}` is no date: write it as \"2027-02-06\"");
        checks.fault(path, message);
    }
    date
}
