//! Queues of callers: who answers them, when there are too many, and what is promised to them.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::site::monthly::Monthly;
use crate::staffing::Goal;
use crate::text::Text;

/// Mean handling time where nobody measured or said another.
pub const HANDLING: SignedDuration = SignedDuration::from_mins(4);

/// What an agent has to do after a call, where nobody said otherwise: no ACD that
/// tells talk time tells it.
pub const WRAP_UP: SignedDuration = SignedDuration::from_secs(30);

/// A queue of one ACD.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Queue {
    pub name: Text,
    /// The source that tells of it.
    pub acd: String,
    /// As the ACD itself calls it.
    pub queue: String,
    /// The seats whose people answer it; queues of the same seats share their people.
    pub seats: BTreeSet<String>,
    pub bounds: Bounds,
    /// Days with bounds of their own; the first that holds counts.
    pub on: Vec<Special>,
    /// Where it is not measured: a call with its wrap-up.
    pub handling: SignedDuration,
    /// Added to a talk time that is measured.
    pub wrap_up: SignedDuration,
    /// How long a caller waits on average before hanging up; else as measured, if it is.
    pub patience: Option<SignedDuration>,
    pub goal: Goal,
    /// Its figures are of no use any more after so long; else as for every device.
    pub stale_after: Option<SignedDuration>,
}

/// From when on a queue is not under control: at either of the two. It is under
/// control again below half of both.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    /// At least so many callers wait,
    pub waiting: u32,
    /// and no fewer than this part of those on line.
    pub share: f64,
    /// Or one of them waits so long.
    pub longest: SignedDuration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            waiting: 4,
            share: 0.5,
            longest: SignedDuration::from_mins(3),
        }
    }
}

/// Days on which other bounds hold: a festival, the day of the bills.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Special {
    pub days: Vec<Days>,
    pub bounds: Bounds,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Days {
    On(Date),
    /// Both of them included.
    Between(Date, Date),
    EveryMonth(Monthly),
}

impl Days {
    fn hold_on(self, day: Date) -> bool {
        match self {
            Days::On(date) => date == day,
            Days::Between(from, to) => from <= day && day <= to,
            Days::EveryMonth(monthly) => monthly.in_month_of(day) == day,
        }
    }
}

impl Queue {
    /// The bounds of a day of the site's calendar.
    pub fn bounds_on(&self, day: Date) -> Bounds {
        let special = self.on.iter();
        let mut special = special.filter(|it| it.days.iter().any(|days| days.hold_on(day)));
        special.next().map_or(self.bounds, |it| it.bounds)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_festival_a_single_day_and_the_day_of_the_bills_have_bounds_of_their_own() {
        let bounds = |waiting| Bounds {
            waiting,
            ..Bounds::default()
        };
        let special = |days: &[Days], waiting| Special {
            days: days.to_vec(),
            bounds: bounds(waiting),
        };
        let festival = Days::Between(date(2027, 2, 5), date(2027, 2, 12));
        let bills = Days::EveryMonth(Monthly::Day(31));
        let queue = Queue {
            name: Text::default(),
            acd: String::new(),
            queue: String::new(),
            seats: BTreeSet::new(),
            bounds: bounds(4),
            on: vec![
                special(&[festival, Days::On(date(2027, 1, 1))], 8),
                special(&[bills], 6),
            ],
            handling: HANDLING,
            wrap_up: WRAP_UP,
            patience: None,
            goal: Goal {
                within: SignedDuration::from_secs(20),
                service_level: 0.8,
                abandoned: 0.05,
            },
            stale_after: None,
        };
        for (day, waiting) in [
            (date(2027, 2, 4), 4),
            (date(2027, 2, 5), 8),
            (date(2027, 2, 12), 8),
            (date(2027, 2, 13), 4),
            (date(2027, 1, 1), 8),
            (date(2028, 1, 1), 4),
            // In a shorter month the last day.
            (date(2027, 2, 28), 6),
            (date(2027, 3, 31), 6),
            (date(2027, 3, 30), 4),
        ] {
            assert_eq!(queue.bounds_on(day).waiting, waiting, "{day}");
        }
    }
}
