//! The shape of a family's table: which objects tell what, in which unit.

use std::fmt::{self, Debug, Formatter};

use crate::ups::family::Family;
use crate::ups::value::{Oid, Values};

/// `sysUpTime.0` (RFC 3418), 1/100 s: goes back when the card restarted.
pub const SYS_UPTIME: Oid = &[1, 3, 6, 1, 2, 1, 1, 3, 0];

/// `sysObjectID.0` (RFC 3418): it does not tell what a device is, but another one is
/// another device.
pub(super) const SYS_OBJECT_ID: Oid = &[1, 3, 6, 1, 2, 1, 1, 2, 0];

/// A family of UPS objects.
pub struct Mib {
    pub family: Family,
    /// The scalar by whose answer the family is detected.
    pub detected_by: Oid,
    /// Its cards often serve RFC 1628 too: what that tells fills the gaps, and its
    /// output source is a second witness.
    pub beside_rfc1628: bool,
    /// Model and serial number: where they change, so did the device.
    pub identity: &'static [Oid],
    /// The scalar that tells what feeds the output.
    pub status: Oid,
    /// What the values of `status` mean, with the MIB's own word.
    pub feeds: &'static [(i64, Feed, &'static str)],
    pub signs: &'static [Sign],
    /// Percent. Of several measures of one quantity the first that tells counts.
    pub charge: &'static [Measure],
    /// Minutes.
    pub runtime: &'static [Measure],
    /// Percent.
    pub load: &'static [Measure],
    /// Volts RMS.
    pub input_voltage: &'static [Measure],
    /// Degrees Celsius.
    pub battery_temperature: &'static [Measure],
    /// Seconds; a hint at most, cards leave old values.
    pub seconds_on_battery: &'static [Measure],
}

impl Debug for Mib {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Mib").field(&self.family).finish()
    }
}

/// What feeds the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feed {
    /// The mains, through the UPS, boosted or trimmed or not.
    Mains,
    Battery,
    /// The battery, because the UPS tests itself.
    BatteryTest,
    /// The inverter: the battery where it discharges or the line is dead, else the mains.
    Inverter,
    /// Anything else, such as an economy mode: not the battery, unless that discharges.
    Other,
    Bypass,
    Eco,
    Overload,
    Off,
    /// The device itself does not know.
    Unknown,
}

/// What a value says besides the output's source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    OnBattery,
    OnMains,
    /// The input is out of tolerance now.
    MainsBad,
    /// The last transfer was for bad mains, which may be long ago.
    TransferForMains,
    BatteryLow,
    BatteryNotLow,
    BatteryAbsent,
    ReplaceBattery,
    /// A self-test runs now.
    SelfTest,
    /// A runtime calibration runs now.
    Calibration,
    /// The last transfer to battery was for a test; it says nothing of now.
    TransferForTest,
    CardLostUps,
    Overload,
    OnBypass,
    OutputOff,
    /// No alarm is present.
    NoAlarm,
}

/// How a fact shows.
#[derive(Clone, Copy, Debug)]
pub enum Sign {
    /// The scalar has this value.
    Equals(Oid, i64, Fact),
    /// This character of a string of flags is `1`; counted from 1, as MIBs do.
    Flag(Oid, usize, Fact),
    /// The first character of a string of flags is `0` while the second is `1`.
    FlagWithout(Oid, usize, usize, Fact),
    /// The column lists this object identifier.
    Listed(Oid, Oid, Fact),
}

/// Where a number stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Object {
    Scalar(Oid),
    /// The first row of a column; its index differs from card to card.
    First(Oid),
    /// The highest of a column's rows.
    Highest(Oid),
    /// The highest of these scalars, one a phase.
    HighestOf(&'static [Oid]),
}

impl Object {
    fn wanted(self) -> Vec<Wanted> {
        match self {
            Object::Scalar(oid) => vec![Wanted::Scalar(oid)],
            Object::First(column) | Object::Highest(column) => vec![Wanted::Column(column)],
            Object::HighestOf(scalars) => scalars.iter().map(|oid| Wanted::Scalar(oid)).collect(),
        }
    }
}

/// A number and how it becomes one with the right unit.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    pub object: Object,
    /// Raw values are divided by this.
    pub per_unit: f64,
    /// From this (in the unit) on, the card has sent tenths.
    pub tenths_from: Option<f64>,
    /// Raw values that say "I do not know".
    pub unknown: &'static [i64],
    /// What is outside, in the unit, is implausible.
    pub plausible: (f64, f64),
}

impl Measure {
    pub(super) const fn new(object: Object, per_unit: f64, plausible: (f64, f64)) -> Self {
        Self {
            object,
            per_unit,
            tenths_from: None,
            unknown: &[],
            plausible,
        }
    }

    pub(super) const fn unknown(mut self, unknown: &'static [i64]) -> Self {
        self.unknown = unknown;
        self
    }

    pub(super) const fn tenths_from(mut self, limit: f64) -> Self {
        self.tenths_from = Some(limit);
        self
    }
}

/// An object identifier below `1.3.6.1.4.1`.
macro_rules! enterprise {
    ($($arc:literal),+ $(,)?) => { &[1, 3, 6, 1, 4, 1, $($arc),+] };
}
pub(super) use enterprise;

/// Percent of charge.
pub(super) const CHARGE: (f64, f64) = (0.0, 100.0);
/// Minutes: up to thirty days.
pub(super) const RUNTIME: (f64, f64) = (0.0, 43_200.0);
/// Percent of load: an overloaded UPS goes beyond 100 for a while.
pub(super) const LOAD: (f64, f64) = (0.0, 300.0);
/// Volts, line-to-line of 480 V nets included.
pub(super) const VOLTAGE: (f64, f64) = (0.0, 600.0);
/// Degrees Celsius. Absolute zero is no sensor, in whole degrees, and in tenths
/// that are none.
pub(super) const TEMPERATURE: (f64, f64) = (-20.0, 120.0);
/// Seconds.
pub(super) const SECONDS: (f64, f64) = (0.0, 4e9);
/// `TimeTicks` are 1/100 s.
pub(super) const TICKS_PER_MINUTE: f64 = 6000.0;
pub(super) const SECONDS_PER_MINUTE: f64 = 60.0;

/// How much is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// What tells on battery or not, and why.
    Status,
    /// That, and how long the battery lasts.
    StatusOnBattery,
    Full,
}

/// One thing to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Scalar(Oid),
    Column(Oid),
}

impl Wanted {
    /// The scalar itself, or a row of the column.
    pub fn covers(self, oid: &[u64]) -> bool {
        match self {
            Wanted::Scalar(scalar) => oid == scalar,
            Wanted::Column(column) => oid.starts_with(column),
        }
    }
}

impl Mib {
    /// What an object of this family tells about; `None` where it is a sign or a stranger.
    pub(super) fn topic(&self, oid: &[u64]) -> Option<&'static str> {
        let told_by = |measures: &[Measure]| {
            let mut wanted = measures.iter().flat_map(|measure| measure.object.wanted());
            wanted.any(|wanted| wanted.covers(oid))
        };
        let topics = [
            (oid == self.status, "output source"),
            (told_by(self.charge), "charge"),
            (told_by(self.runtime), "runtime"),
            (told_by(self.load), "load"),
            (told_by(self.input_voltage), "input voltage"),
            (told_by(self.battery_temperature), "battery temperature"),
            (told_by(self.seconds_on_battery), "time on battery"),
            (self.identity.contains(&oid), "identity"),
        ];
        let topic = topics.into_iter().find(|(is_of, _)| *is_of)?;
        Some(topic.1)
    }

    /// What feeds the output, with the MIB's own word: by number, or by the word where
    /// a card writes its enumerations out.
    pub(super) fn feed(&self, values: &Values) -> Option<(Feed, &'static str)> {
        let status = values.get(self.status)?;
        let means = |(number, _, word): &&(i64, Feed, &'static str)| match status.integer() {
            Some(told) => told == *number,
            None => status.says(word),
        };
        let (_, feed, word) = self.feeds.iter().find(means)?;
        Some((*feed, word))
    }

    /// Whether an object by which the family is known tells something, and not NULL.
    pub(super) fn tells(&self, oid: Oid, values: &Values) -> bool {
        let by_word = || oid == self.status && self.feed(values).is_some();
        let value = values.get(oid);
        value.is_some_and(|value| value.integer().is_some()) || by_word()
    }

    /// What a poll asks for, each once, the status first.
    pub(super) fn wanted(&self, extent: Extent) -> Vec<Wanted> {
        let mut wanted = vec![Wanted::Scalar(self.status)];
        let mut add = |one: Wanted| {
            if !wanted.contains(&one) {
                wanted.push(one);
            }
        };
        for sign in self.signs {
            add(match sign {
                Sign::Equals(oid, ..) | Sign::Flag(oid, ..) | Sign::FlagWithout(oid, ..) => {
                    Wanted::Scalar(oid)
                }
                Sign::Listed(column, ..) => Wanted::Column(column),
            });
        }
        let mut measures = vec![self.input_voltage, self.seconds_on_battery];
        if extent != Extent::Status {
            measures.extend([self.charge, self.runtime]);
        }
        if extent == Extent::Full {
            measures.extend([self.load, self.battery_temperature]);
        }
        for measure in measures.into_iter().flatten() {
            measure.object.wanted().into_iter().for_each(&mut add);
        }
        if extent == Extent::Full {
            let identity = self.identity.iter();
            identity.for_each(|oid| add(Wanted::Scalar(oid)));
        }
        wanted
    }
}
