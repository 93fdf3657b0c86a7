//! When people work: spans of the day on days of the week, and the days that a calendar changes.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// When the day's work ends where nobody says so.
const END_OF_WORK: Time = Time::constant(18, 0, 0, 0);
/// Where nobody says on which days there is work, it is from Monday to Friday.
const FRIDAY: u8 = 5;
/// So many days are looked through for the next work: longer than any holiday.
const LOOK_AHEAD: u32 = 40;

/// Working hours of a zone, in the site's time zone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// What lies between two spans of a day is a break.
    pub spans: Vec<Span>,
}

/// Work without a break on some days of the week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// ISO weekdays on which it begins, 1 is Monday.
    pub days: Vec<u8>,
    pub from: Time,
    /// Not later than `from`: of the next day.
    pub to: Time,
}

/// Days that are not worked as their weekday is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    pub days: BTreeMap<Date, Day>,
    /// Why it is not the one that the file names now, where it is an older one.
    pub kept: Option<String>,
}

/// What a calendar makes of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Day {
    /// Nobody works.
    Off,
    /// It is worked as this ISO weekday is.
    As(u8),
}

/// The hours of one zone or of several, on the days of a calendar.
#[derive(Clone, Debug)]
pub struct Agenda<'a> {
    pub zone: TimeZone,
    /// Empty: there is always somebody.
    pub hours: Vec<&'a Hours>,
    pub calendar: &'a Calendar,
}

impl Agenda<'_> {
    /// The weekday as which a day is worked; `None` where nobody works.
    fn weekday(&self, date: Date) -> Option<u8> {
        match self.calendar.days.get(&date) {
            Some(Day::Off) => None,
            Some(Day::As(day)) => Some(*day),
            None => Some(iso(date)),
        }
    }

    /// The spans that begin on a day.
    fn spans(&self, date: Date) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        let day = self.weekday(date);
        self.hours
            .iter()
            .flat_map(|hours| &hours.spans)
            .filter(move |span| day.is_some_and(|day| span.days.contains(&day)))
            .map(move |span| {
                let ends = if span.to > span.from {
                    date
                } else {
                    next(date)
                };
                (
                    self.moment(date.to_datetime(span.from)),
                    self.moment(ends.to_datetime(span.to)),
                )
            })
    }

    /// From the first begin to the last end of what begins on a day, breaks and all.
    fn day(&self, date: Date) -> Option<(Timestamp, Timestamp)> {
        self.spans(date)
            .reduce(|whole, span| (whole.0.min(span.0), whole.1.max(span.1)))
    }

    fn moment(&self, civil: DateTime) -> Timestamp {
        let moment = self.zone.to_ambiguous_timestamp(civil);
        moment.compatible().unwrap_or(Timestamp::MAX)
    }

    fn date(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at).date()
    }

    /// Whether somebody works on that day.
    pub fn is_working_day(&self, date: Date) -> bool {
        let Some(day) = self.weekday(date) else {
            return false;
        };
        if self.hours.is_empty() {
            return day <= FRIDAY;
        }
        self.spans(date).next().is_some()
    }

    /// When the work of a day ends.
    pub fn end_of_work(&self, date: Date) -> Timestamp {
        let ends = self
            .hours
            .iter()
            .flat_map(|hours| &hours.spans)
            .map(|span| (span.to <= span.from, span.to))
            .max();
        match (self.day(date), ends) {
            (Some((_, end)), _) => end,
            (None, Some((false, to))) => self.moment(date.to_datetime(to)),
            (None, Some((true, to))) => self.moment(next(date).to_datetime(to)),
            (None, None) => self.moment(date.to_datetime(END_OF_WORK)),
        }
    }

    /// Whether work is done at that moment, breaks not counted.
    pub fn works_at(&self, at: Timestamp) -> bool {
        if self.hours.is_empty() {
            return true;
        }
        let today = self.date(at);
        let before = today.yesterday().unwrap_or(Date::MIN);
        [before, today].into_iter().any(|date| {
            self.spans(date)
                .any(|(begin, end)| (begin..end).contains(&at))
        })
    }

    /// Since when people have been there, breaks counted in; `None` where nobody is.
    pub fn open_since(&self, at: Timestamp) -> Option<Timestamp> {
        if self.hours.is_empty() {
            return Some(Timestamp::MIN);
        }
        let today = self.date(at);
        let before = today.yesterday().unwrap_or(Date::MIN);
        [before, today].into_iter().find_map(|date| {
            let (begin, end) = self.day(date)?;
            (begin..end).contains(&at).then_some(begin)
        })
    }

    /// When somebody works next, not counting a span under way; the far future where nobody does.
    pub fn next_begin(&self, at: Timestamp) -> Timestamp {
        let mut date = self.date(at);
        for _ in 0..LOOK_AHEAD {
            let begins = self.spans(date).map(|(begin, _)| begin);
            if let Some(begin) = begins.filter(|begin| *begin > at).min() {
                return begin;
            }
            date = next(date);
        }
        Timestamp::MAX
    }

    /// The next time that the clock shows this.
    pub fn next_time(&self, at: Timestamp, time: Time) -> Timestamp {
        let today = self.moment(self.date(at).to_datetime(time));
        if today > at {
            return today;
        }
        self.moment(next(self.date(at)).to_datetime(time))
    }

    /// Whether the clock lies in a time of day that may go past midnight.
    pub fn is_between(&self, at: Timestamp, from: Time, to: Time) -> bool {
        let time = self.zone.to_datetime(at).time();
        if from <= to {
            (from..to).contains(&time)
        } else {
            time >= from || time < to
        }
    }

    /// The spans of a day as people read them.
    pub fn spans_of(&self, date: Date) -> Vec<(Timestamp, Timestamp)> {
        let mut spans: Vec<_> = self.spans(date).collect();
        spans.sort();
        spans.dedup();
        spans
    }
}

impl Span {
    /// How long it is; a whole day where it ends as it begins.
    pub fn length(&self) -> SignedDuration {
        let length = self.from.duration_until(self.to);
        if length.is_positive() {
            length
        } else {
            length + SignedDuration::from_hours(24)
        }
    }
}

fn iso(date: Date) -> u8 {
    u8::try_from(date.weekday().to_monday_one_offset()).unwrap_or(1)
}

fn next(date: Date) -> Date {
    date.tomorrow().unwrap_or(Date::MAX)
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    fn span(days: &[u8], from: Time, to: Time) -> Span {
        let days = days.to_vec();
        Span { days, from, to }
    }

    /// Two spans with a break on weekdays, and a night from Friday to Saturday.
    fn hours() -> Hours {
        let weekdays = [1, 2, 3, 4, 5];
        Hours {
            spans: vec![
                span(&weekdays, time(8, 30, 0, 0), time(12, 0, 0, 0)),
                span(&weekdays, time(13, 30, 0, 0), time(17, 30, 0, 0)),
                span(&[5], time(22, 0, 0, 0), time(6, 0, 0, 0)),
            ],
        }
    }

    /// Thursday and Friday off, Saturday worked as a Thursday.
    fn calendar() -> Calendar {
        let days = [
            (date(2026, 10, 1), Day::Off),
            (date(2026, 10, 2), Day::Off),
            (date(2026, 10, 10), Day::As(4)),
        ];
        let days = days.into();
        Calendar { days, kept: None }
    }

    fn at(date: Date, hour: i8, minute: i8) -> Timestamp {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let civil = date.to_datetime(time(hour, minute, 0, 0));
        zone.to_timestamp(civil).unwrap()
    }

    fn with(asked: impl Fn(Agenda<'_>)) {
        let (hours, calendar) = (hours(), calendar());
        asked(Agenda {
            zone: TimeZone::get("Asia/Shanghai").unwrap(),
            hours: vec![&hours],
            calendar: &calendar,
        });
    }

    #[test]
    fn a_break_is_no_work_but_people_are_there() {
        with(|agenda| {
            let noon = at(date(2026, 9, 30), 12, 30);
            assert!(!agenda.works_at(noon));
            assert_eq!(agenda.open_since(noon), Some(at(date(2026, 9, 30), 8, 30)));
            assert_eq!(agenda.next_begin(noon), at(date(2026, 9, 30), 13, 30));
        });
    }

    #[test]
    fn a_night_that_begins_on_friday_is_worked_until_saturday_morning() {
        with(|agenda| {
            let friday = date(2026, 9, 25);
            let saturday = date(2026, 9, 26);
            assert!(agenda.works_at(at(saturday, 5, 59)));
            assert!(!agenda.works_at(at(saturday, 6, 0)));
            assert_eq!(
                agenda.open_since(at(saturday, 3, 0)),
                Some(at(friday, 8, 30))
            );
            assert!(!agenda.is_working_day(saturday), "nothing begins then");
            assert_eq!(agenda.end_of_work(friday), at(saturday, 6, 0));
        });
    }

    #[test]
    fn a_holiday_is_off_and_a_make_up_saturday_is_worked_as_its_weekday() {
        with(|agenda| {
            assert!(!agenda.works_at(at(date(2026, 10, 1), 10, 0)));
            // The night of the Friday that is off is off too.
            assert!(!agenda.works_at(at(date(2026, 10, 3), 3, 0)));
            assert_eq!(
                agenda.next_begin(at(date(2026, 9, 30), 18, 0)),
                at(date(2026, 10, 5), 8, 30)
            );
            let make_up = date(2026, 10, 10);
            assert!(agenda.is_working_day(make_up));
            assert!(agenda.works_at(at(make_up, 14, 0)));
            assert!(!agenda.works_at(at(make_up, 23, 0)), "as a Thursday");
        });
    }

    #[test]
    fn who_never_works_has_no_next_begin_and_who_says_nothing_is_always_there() {
        let calendar = Calendar::default();
        let never = Hours::default();
        let zone = TimeZone::UTC;
        let agenda = |hours| Agenda {
            zone: zone.clone(),
            hours,
            calendar: &calendar,
        };
        let now = at(date(2026, 9, 26), 3, 0);
        assert_eq!(agenda(vec![&never]).next_begin(now), Timestamp::MAX);
        assert!(agenda(Vec::new()).works_at(now));
        assert!(!agenda(Vec::new()).is_working_day(date(2026, 9, 26)));
    }

    #[test]
    fn a_time_of_day_may_go_past_midnight() {
        with(|agenda| {
            let (from, to) = (time(21, 0, 0, 0), time(7, 30, 0, 0));
            let day = date(2026, 9, 30);
            for (hour, minute, within) in
                [(20, 59, false), (21, 0, true), (0, 0, true), (7, 30, false)]
            {
                assert_eq!(agenda.is_between(at(day, hour, minute), from, to), within);
            }
            assert_eq!(
                agenda.next_time(at(day, 7, 45), time(7, 45, 0, 0)),
                at(date(2026, 10, 1), 7, 45)
            );
        });
    }
}
