//! What a thing needs on its way to the outside, and how long all of that lasts without mains.
//!
//! The whole path counts: a seat on a UPS whose switch is on none is dark at the
//! cut. A path lasts as long as its weakest part.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::signals::Level;

/// How long what counts must last without mains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    /// Asked for; shorter is amber.
    pub target: SignedDuration,
    /// Must be; shorter is red.
    pub floor: SignedDuration,
}

impl Default for Readiness {
    fn default() -> Self {
        Self {
            target: SignedDuration::from_hours(2),
            floor: SignedDuration::from_mins(45),
        }
    }
}

/// A level gets better only once it lasts so much longer than its bound: a runtime
/// that hops around the bound is no news.
const CALM_MINUTES: f64 = 5.0;

/// A gap that somebody has accepted for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// Who did, by name.
    pub by: String,
    /// The last day on which it holds.
    pub until: Date,
    /// It holds as long as the path lasts so long; the floor where it is left out, so
    /// that what is below the floor is accepted only by saying so.
    pub down_to: Option<SignedDuration>,
}

/// What must last without mains.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    Seat(String),
    /// The network of a zone.
    Zone(String),
    /// A way out of the building for messages.
    Channel(String),
    /// callwatch's own host.
    Host,
}

impl Subject {
    /// Whose signal it is: a seat by its id, everything else with what it is before it.
    pub fn of(&self) -> String {
        match self {
            Subject::Seat(id) => id.clone(),
            Subject::Zone(id) => format!("zone {id}"),
            Subject::Channel(id) => format!("channel {id}"),
            Subject::Host => "host callwatch".to_owned(),
        }
    }
}

/// A part of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The subject itself.
    Itself,
    /// callwatch's own host.
    Host,
    /// A device, by its id.
    Device(String),
    /// The network, of which nobody says where it goes.
    Way,
}

/// Where a part gets its power.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plug {
    Ups(String),
    /// On no UPS: dark at the cut.
    Mains,
    /// A battery of its own, of which nobody knows how long it lasts.
    OwnBattery,
    Unknown,
}

/// One part of a path with its plug.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    pub part: Part,
    pub plug: Plug,
}

/// What a UPS says of how long it would hold its load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Runtime {
    /// Its own estimate, in minutes.
    Minutes(f64),
    /// It does not say, but was seen to last so long on that day; or longer than that.
    About {
        minutes: f64,
        at_least: bool,
        on: Date,
    },
    /// It does not say, or does not answer.
    Unknown,
    /// It is on its battery, or was not heard yet: nothing is judged of it now.
    Later,
}

/// A subject with all that it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    pub subject: Subject,
    pub needs: Vec<Need>,
    /// Asked for; shorter is amber.
    pub target: SignedDuration,
    /// Must be; shorter is red.
    pub floor: SignedDuration,
    pub accepted: Option<Accepted>,
}

/// How long a path lasts if its feed fails now.
#[derive(Clone, Debug, PartialEq)]
pub struct Endurance {
    /// Of the weakest part that is known; absent where none is.
    pub minutes: Option<f64>,
    /// The weakest part that is known.
    pub weakest: Option<Need>,
    /// When it was seen to last so long, where it does not say so itself.
    pub by_discharge: Option<Date>,
    /// Parts of which nobody knows how long they last.
    pub unknown: Vec<Need>,
}

impl Path {
    /// How long it lasts; `None` while a UPS of it is not to be judged.
    pub fn endurance(&self, runtime: impl Fn(&str) -> Runtime) -> Option<Endurance> {
        let mut lasts = Endurance {
            minutes: None,
            weakest: None,
            by_discharge: None,
            unknown: Vec::new(),
        };
        let target = self.target.as_secs_f64() / 60.0;
        for need in &self.needs {
            let mut by = None;
            let minutes = match &need.plug {
                Plug::Mains => 0.0,
                Plug::OwnBattery | Plug::Unknown => {
                    lasts.unknown.push(need.clone());
                    continue;
                }
                Plug::Ups(ups) => match runtime(ups) {
                    Runtime::Minutes(minutes) => minutes.max(0.0),
                    Runtime::About {
                        minutes,
                        at_least,
                        on,
                    } if !at_least || minutes >= target => {
                        by = Some(on);
                        minutes.max(0.0)
                    }
                    // What may last longer is not short for that.
                    Runtime::Unknown | Runtime::About { .. } => {
                        lasts.unknown.push(need.clone());
                        continue;
                    }
                    Runtime::Later => return None,
                },
            };
            if lasts.minutes.is_none_or(|least| minutes < least) {
                lasts.minutes = Some(minutes);
                lasts.weakest = Some(need.clone());
                lasts.by_discharge = by;
            }
        }
        Some(lasts)
    }

    /// Normal: it holds. Warning: below the target. Critical: below the floor.
    /// What is not wholly known is never normal. `before` is its level up to now.
    pub fn level(&self, lasts: &Endurance, before: Level, today: Date) -> Level {
        if self.is_accepted(lasts, today) {
            return Level::Normal;
        }
        let short_of = |bound: SignedDuration, at: &[Level]| {
            let calm = if at.contains(&before) {
                CALM_MINUTES
            } else {
                0.0
            };
            let bound = bound.as_secs_f64() / 60.0;
            lasts.minutes.is_some_and(|least| least < bound + calm)
        };
        if short_of(self.floor, &[Level::Critical]) {
            Level::Critical
        } else if short_of(self.target, &[Level::Warning, Level::Critical]) {
            Level::Warning
        } else if lasts.unknown.is_empty() && lasts.minutes.is_some() {
            Level::Normal
        } else {
            Level::Unknown
        }
    }

    /// Whether it is short, and somebody has accepted that today.
    pub fn is_accepted(&self, lasts: &Endurance, today: Date) -> bool {
        let (Some(accepted), Some(least)) = (&self.accepted, lasts.minutes) else {
            return false;
        };
        let down_to = accepted.down_to.unwrap_or(self.floor).as_secs_f64() / 60.0;
        let short = least < self.target.as_secs_f64() / 60.0;
        short && today <= accepted.until && least >= down_to
    }
}

/// Every device on the way, nearest first; each stands once. `onward` says by what a
/// device is reached itself; what it does not know is not on the way.
pub fn way<'s>(
    via: &'s [String],
    onward: impl Fn(&'s str) -> Option<&'s [String]>,
) -> Vec<&'s str> {
    let mut way: Vec<&str> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut next: std::collections::VecDeque<&str> = via.iter().map(String::as_str).collect();
    while let Some(name) = next.pop_front() {
        if let Some(further) = onward(name)
            && seen.insert(name)
        {
            way.push(name);
            next.extend(further.iter().map(String::as_str));
        }
    }
    way
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = Date::constant(2026, 3, 2);

    fn need(part: Part, plug: Plug) -> Need {
        Need { part, plug }
    }

    /// A seat on one UPS whose switch is on another.
    fn path() -> Path {
        Path {
            subject: Subject::Seat("C-01".to_owned()),
            needs: vec![
                need(Part::Itself, Plug::Ups("A".to_owned())),
                need(Part::Device("SW".to_owned()), Plug::Ups("B".to_owned())),
            ],
            target: SignedDuration::from_hours(2),
            floor: SignedDuration::from_mins(45),
            accepted: None,
        }
    }

    fn lasts(path: &Path, a: Runtime, b: Runtime) -> Endurance {
        path.endurance(|ups| if ups == "A" { a } else { b })
            .unwrap()
    }

    fn minutes(a: f64, b: f64) -> Level {
        let path = path();
        let lasts = lasts(&path, Runtime::Minutes(a), Runtime::Minutes(b));
        path.level(&lasts, Level::Normal, TODAY)
    }

    #[test]
    fn a_path_lasts_as_long_as_its_weakest_part() {
        let path = path();
        let lasts = lasts(&path, Runtime::Minutes(130.0), Runtime::Minutes(25.0));
        assert_eq!(lasts.minutes, Some(25.0));
        assert_eq!(lasts.weakest.as_ref(), Some(&path.needs[1]));
        assert_eq!(minutes(130.0, 25.0), Level::Critical);
        assert_eq!(minutes(130.0, 45.0), Level::Warning);
        assert_eq!(minutes(120.0, 130.0), Level::Normal);
    }

    #[test]
    fn a_part_on_plain_mains_is_dark_at_once_whatever_else_is_not_known() {
        let mut path = path();
        path.needs.push(need(Part::Host, Plug::Mains));
        let lasts = lasts(&path, Runtime::Unknown, Runtime::Minutes(130.0));
        assert_eq!(lasts.minutes, Some(0.0));
        assert_eq!(path.level(&lasts, Level::Unknown, TODAY), Level::Critical);
    }

    #[test]
    fn what_is_not_wholly_known_is_never_normal() {
        let path = path();
        let long = lasts(&path, Runtime::Minutes(130.0), Runtime::Unknown);
        assert_eq!(path.level(&long, Level::Normal, TODAY), Level::Unknown);
        let short = lasts(&path, Runtime::Minutes(30.0), Runtime::Unknown);
        assert_eq!(path.level(&short, Level::Normal, TODAY), Level::Critical);
        let none = lasts(&path, Runtime::Unknown, Runtime::Unknown);
        assert_eq!(path.level(&none, Level::Normal, TODAY), Level::Unknown);
        let own = need(Part::Itself, Plug::OwnBattery);
        assert_eq!(
            Path {
                needs: vec![own.clone()],
                ..path
            }
            .endurance(|_| Runtime::Later)
            .unwrap()
            .unknown,
            [own]
        );
    }

    #[test]
    fn while_a_ups_is_on_its_battery_nothing_is_judged() {
        let runtime = |ups: &str| match ups {
            "A" => Runtime::Minutes(130.0),
            _ => Runtime::Later,
        };
        assert_eq!(path().endurance(runtime), None);
    }

    #[test]
    fn a_runtime_that_hops_around_its_bound_turns_nothing() {
        let path = path();
        let at = |minutes: f64, before| {
            let lasts = lasts(&path, Runtime::Minutes(minutes), Runtime::Minutes(300.0));
            path.level(&lasts, before, TODAY)
        };
        assert_eq!(at(119.0, Level::Normal), Level::Warning);
        assert_eq!(at(124.0, Level::Warning), Level::Warning);
        assert_eq!(at(126.0, Level::Warning), Level::Normal);
        assert_eq!(at(49.0, Level::Critical), Level::Critical);
        assert_eq!(at(49.0, Level::Warning), Level::Warning);
    }

    #[test]
    fn a_gap_is_accepted_until_its_date_and_below_the_floor_only_by_saying_so() {
        let mut path = path();
        let mut accepted = Accepted {
            by: "the manager".to_owned(),
            until: TODAY,
            down_to: None,
        };
        let level = |path: &Path, minutes: f64, today| {
            let lasts = lasts(path, Runtime::Minutes(minutes), Runtime::Minutes(300.0));
            path.level(&lasts, Level::Warning, today)
        };
        path.accepted = Some(accepted.clone());
        assert_eq!(level(&path, 60.0, TODAY), Level::Normal);
        assert_eq!(
            level(&path, 60.0, TODAY.tomorrow().unwrap()),
            Level::Warning
        );
        assert_eq!(level(&path, 30.0, TODAY), Level::Critical);
        accepted.down_to = Some(SignedDuration::from_mins(25));
        path.accepted = Some(accepted);
        assert_eq!(level(&path, 30.0, TODAY), Level::Normal);
        assert_eq!(level(&path, 24.0, TODAY), Level::Critical);
    }

    #[test]
    fn the_way_goes_on_through_every_device_once() {
        let via = |names: &[&str]| -> Vec<String> {
            names.iter().map(|name| (*name).to_owned()).collect()
        };
        let devices = [
            ("SW", via(&["R1", "R2"])),
            ("R1", via(&["OUT"])),
            ("R2", via(&["OUT", "NOBODY"])),
            ("OUT", via(&["SW"])),
        ];
        let onward = |name: &str| {
            let (_, via) = devices.iter().find(|(known, _)| *known == name)?;
            Some(via.as_slice())
        };
        assert_eq!(way(&via(&["SW"]), onward), ["SW", "R1", "R2", "OUT"]);
    }
}
