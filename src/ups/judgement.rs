//! From raw values to one reading: what the battery does, and the verdict.
//!
//! A running test explains the battery only while nothing says that the mains
//! are gone. What a card froze when it lost its UPS is not shown at all.

use crate::ups::mib::{Fact, Feed, Measure, Mib, Object, Sign};
use crate::ups::reading::{Reading, Verdict};
use crate::ups::value::{Value, Values};

/// On battery, at most so many minutes are low, whatever the device's flag says.
pub const LOW_RUNTIME_MINUTES: f64 = 10.0;
/// On battery, at most so many percent are low, whatever the device's flag says.
pub const LOW_CHARGE_PERCENT: f64 = 30.0;

/// No mains that a UPS runs on are below this: the lowest nominal is 100 V.
const DEAD_LINE_VOLTS: f64 = 80.0;

/// Judges what a device of this family answered.
pub fn judge(mib: &Mib, values: &Values) -> Reading {
    let facts = Facts::gather(mib, values);
    if facts.has(Fact::CardLostUps) {
        return Reading::blank(Some(mib.family), Verdict::CardLostUps);
    }
    let status = values.get(mib.status).and_then(Value::integer);
    let known = status.and_then(|status| mib.feeds.iter().find(|(value, ..)| *value == status));
    let feed = known.map_or(Feed::Unknown, |(_, feed, _)| *feed);
    let input_voltage = tell(mib.input_voltage, values);
    let evidence = Evidence {
        feed,
        line_dead: input_voltage.map(|volts| volts < DEAD_LINE_VOLTS),
        seconds_on_battery: tell(mib.seconds_on_battery, values),
        facts,
    };
    let (on_battery, verdict) = evidence.weigh();
    let charge_percent = tell(mib.charge, values);
    let runtime_minutes = tell(mib.runtime, values);
    Reading {
        family: Some(mib.family),
        verdict,
        on_battery,
        battery_low: evidence.battery_low(on_battery, charge_percent, runtime_minutes),
        charge_percent,
        runtime_minutes,
        load_percent: tell(mib.load, values),
        input_voltage,
        battery_temperature_c: tell(mib.battery_temperature, values),
        output_source: known.map(|(_, _, word)| (*word).to_owned()),
    }
}

/// The first of the measures that tells a plausible number.
fn tell(measures: &[Measure], values: &Values) -> Option<f64> {
    measures.iter().find_map(|measure| {
        let convert = |value: &Value| convert(measure, value.integer()?);
        match measure.object {
            Object::Scalar(oid) => convert(values.get(oid)?),
            Object::First(column) => rows(values, column).find_map(convert),
            Object::Highest(column) => rows(values, column).filter_map(convert).reduce(f64::max),
        }
    })
}

fn convert(measure: &Measure, raw: i64) -> Option<f64> {
    if measure.unknown.contains(&raw) {
        return None;
    }
    // Beyond 32 bits no device counts anything.
    let raw = i32::try_from(raw)
        .map(f64::from)
        .or_else(|_| u32::try_from(raw).map(f64::from));
    let number = raw.ok()? / measure.per_unit;
    let number = match measure.tenths_from {
        Some(limit) if number >= limit => number / 10.0,
        _ => number,
    };
    let (least, most) = measure.plausible;
    (least..=most).contains(&number).then_some(number)
}

/// The values of a column, in the order of their index.
fn rows<'a>(values: &'a Values, column: &'static [u64]) -> impl Iterator<Item = &'a Value> {
    values
        .range(column.to_vec()..)
        .take_while(move |(oid, _)| oid.starts_with(column))
        .map(|(_, value)| value)
}

/// The facts that a family's signs show.
struct Facts(Vec<Fact>);

impl Facts {
    fn gather(mib: &Mib, values: &Values) -> Self {
        let shown = |sign: &Sign| match *sign {
            Sign::Equals(oid, wanted, fact) => {
                let value = values.get(oid).and_then(Value::integer);
                (value == Some(wanted)).then_some(fact)
            }
            Sign::Flag(oid, place, fact) => match values.get(oid) {
                Some(Value::Text(flags)) if flags.iter().all(|flag| b"01".contains(flag)) => {
                    (flags.get(place - 1) == Some(&b'1')).then_some(fact)
                }
                _ => None,
            },
            Sign::Listed(column, identity, fact) => rows(values, column)
                .any(|value| matches!(value, Value::Oid(oid) if oid == identity))
                .then_some(fact),
        };
        Self(mib.signs.iter().filter_map(shown).collect())
    }

    fn has(&self, fact: Fact) -> bool {
        self.0.contains(&fact)
    }
}

/// What speaks for and against each verdict.
struct Evidence {
    feed: Feed,
    /// `None` where the device does not tell its input voltage.
    line_dead: Option<bool>,
    seconds_on_battery: Option<f64>,
    facts: Facts,
}

impl Evidence {
    /// Whether the battery feeds the load, and why.
    fn weigh(&self) -> (Option<bool>, Verdict) {
        let on_battery_alarm = self.facts.has(Fact::OnBattery);
        match self.feed {
            Feed::Battery if self.battery_is_denied() => (None, Verdict::Conflicting),
            Feed::Battery | Feed::BatteryTest => (Some(true), self.why_on_battery()),
            Feed::Unknown if on_battery_alarm => (Some(true), self.why_on_battery()),
            Feed::Unknown => (None, Verdict::Conflicting),
            Feed::Mains | Feed::Eco if on_battery_alarm && self.line_dead == Some(true) => {
                (None, Verdict::Conflicting)
            }
            Feed::Mains | Feed::Eco | Feed::Bypass | Feed::Overload | Feed::Off => {
                (Some(false), self.off_battery())
            }
        }
    }

    /// An inverter fed with DC says "battery" for ever, while everything else says mains.
    fn battery_is_denied(&self) -> bool {
        self.line_dead == Some(false)
            && self.seconds_on_battery == Some(0.0)
            && self.facts.has(Fact::NoAlarm)
            && !self.facts.has(Fact::SelfTest)
    }

    fn why_on_battery(&self) -> Verdict {
        let mains_lost = match self.line_dead {
            Some(dead) => dead,
            None => self.facts.has(Fact::MainsBad),
        };
        // An old cause is no evidence of a test: the line must be seen alive as well.
        let transferred_for_test =
            self.facts.has(Fact::TransferForTest) && self.line_dead == Some(false);
        if mains_lost {
            Verdict::MainsLost
        } else if self.facts.has(Fact::Calibration) {
            Verdict::Calibration
        } else if self.facts.has(Fact::SelfTest)
            || self.feed == Feed::BatteryTest
            || transferred_for_test
        {
            Verdict::SelfTest
        } else {
            Verdict::MainsLost
        }
    }

    fn off_battery(&self) -> Verdict {
        let has = |fact| self.facts.has(fact);
        match self.feed {
            // The battery is spent and the mains have not come back.
            Feed::Off if self.line_dead == Some(true) => Verdict::MainsLost,
            Feed::Off => Verdict::OutputOff,
            Feed::Bypass => Verdict::Bypass,
            _ if has(Fact::OnBypass) => Verdict::Bypass,
            Feed::Overload => Verdict::Overload,
            _ if has(Fact::Overload) => Verdict::Overload,
            _ if has(Fact::BatteryAbsent) => Verdict::BatteryAbsent,
            _ if has(Fact::Calibration) => Verdict::Calibration,
            _ if has(Fact::SelfTest) => Verdict::SelfTest,
            _ if has(Fact::ReplaceBattery) => Verdict::ReplaceBattery,
            Feed::Eco => Verdict::Eco,
            Feed::Mains | Feed::Battery | Feed::BatteryTest | Feed::Unknown => Verdict::OnMains,
        }
    }

    fn battery_low(
        &self,
        on_battery: Option<bool>,
        charge_percent: Option<f64>,
        runtime_minutes: Option<f64>,
    ) -> Option<bool> {
        if self.facts.has(Fact::BatteryLow) {
            return Some(true);
        }
        let denied = self.facts.has(Fact::BatteryNotLow).then_some(false);
        if on_battery != Some(true) {
            return denied;
        }
        let charge_low = charge_percent.map(|charge| charge <= LOW_CHARGE_PERCENT);
        let runtime_low = runtime_minutes.map(|runtime| runtime <= LOW_RUNTIME_MINUTES);
        match (charge_low, runtime_low) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), _) | (_, Some(false)) => Some(false),
            (None, None) => denied,
        }
    }
}
