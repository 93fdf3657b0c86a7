//! A day of every month, as people agree on one: the 15th, or the first Wednesday.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

/// Written `15`, `first wednesday` or `last friday`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Monthly {
    /// 1 to 31; in a shorter month its last day.
    Day(i8),
    /// Which one of the month, from 1 to 4.
    Nth(i8, Weekday),
    Last(Weekday),
}

const COUNTS: [&str; 4] = ["first", "second", "third", "fourth"];
const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

impl Monthly {
    /// Its date in the month in which `day` lies.
    pub fn in_month_of(self, day: Date) -> Date {
        let last = day.last_of_month();
        match self {
            Monthly::Day(wanted) => {
                let date = Date::new(day.year(), day.month(), wanted);
                date.unwrap_or(last)
            }
            Monthly::Nth(nth, weekday) => {
                let date = day.nth_weekday_of_month(nth, weekday);
                date.unwrap_or(last)
            }
            Monthly::Last(weekday) => {
                let date = day.nth_weekday_of_month(-1, weekday);
                date.unwrap_or(last)
            }
        }
    }

    /// The last such day up to `today`, which counts.
    pub fn latest(self, today: Date) -> Date {
        let this_month = self.in_month_of(today);
        if this_month <= today {
            return this_month;
        }
        let before = today.first_of_month().yesterday().unwrap_or(Date::MIN);
        self.in_month_of(before)
    }
}

impl fmt::Display for Monthly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |weekday: &Weekday| {
            let known = WEEKDAYS.iter().find(|(_, known)| known == weekday);
            known.map_or("", |(name, _)| name)
        };
        match self {
            Monthly::Day(day) => write!(f, "{day}"),
            Monthly::Last(weekday) => write!(f, "last {}", name(weekday)),
            Monthly::Nth(nth, weekday) => {
                let count = usize::try_from(nth - 1).ok().and_then(|n| COUNTS.get(n));
                write!(f, "{} {}", count.unwrap_or(&""), name(weekday))
            }
        }
    }
}

/// No day of a month is written so.
#[derive(Debug, thiserror::Error)]
#[error("is no day of every month: write \"15\", \"first wednesday\" or \"last friday\"")]
pub struct NotMonthly;

impl FromStr for Monthly {
    type Err = NotMonthly;

    fn from_str(text: &str) -> Result<Self, NotMonthly> {
        if let Ok(day) = text.parse::<i8>() {
            return (1..=31)
                .contains(&day)
                .then_some(Monthly::Day(day))
                .ok_or(NotMonthly);
        }
        let (count, weekday) = text.split_once(' ').ok_or(NotMonthly)?;
        let known = WEEKDAYS.iter().find(|(name, _)| *name == weekday);
        let (_, weekday) = known.ok_or(NotMonthly)?;
        if count == "last" {
            return Ok(Monthly::Last(*weekday));
        }
        let nth = COUNTS.iter().zip(1..).find(|(known, _)| **known == count);
        let (_, nth) = nth.ok_or(NotMonthly)?;
        Ok(Monthly::Nth(nth, *weekday))
    }
}

impl Serialize for Monthly {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Monthly {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn read(text: &str) -> Monthly {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_of_every_month_is_found_in_short_months_too() {
        let november = date(2026, 11, 25);
        for (text, day) in [
            ("15", 15),
            ("31", 30),
            ("first wednesday", 4),
            ("fourth sunday", 22),
            ("last friday", 27),
        ] {
            assert_eq!(read(text).in_month_of(november), date(2026, 11, day));
            assert_eq!(read(text).to_string(), text);
        }
        assert_eq!(read("31").in_month_of(date(2026, 2, 1)), date(2026, 2, 28));
    }

    #[test]
    fn the_latest_one_is_today_or_the_one_of_the_month_before() {
        assert_eq!(read("25").latest(date(2026, 11, 25)), date(2026, 11, 25));
        assert_eq!(read("26").latest(date(2026, 11, 25)), date(2026, 10, 26));
        let january = date(2026, 1, 3);
        assert_eq!(read("first wednesday").latest(january), date(2025, 12, 3));
    }

    #[test]
    fn what_is_no_day_of_every_month_is_refused() {
        for text in [
            "",
            "0",
            "32",
            "fifth monday",
            "first",
            "first day",
            "Last friday",
        ] {
            assert!(text.parse::<Monthly>().is_err(), "{text}");
        }
    }
}
