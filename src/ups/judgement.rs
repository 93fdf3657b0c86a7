//! From raw values to one reading: what the battery does, and the verdict.
//!
//! A running test explains the battery only while nothing says that the mains
//! are gone. What a card froze when it lost its UPS is not shown at all.

use crate::ups::family::Family;
use crate::ups::mib::{Fact, Feed, Measure, Mib, Object, Sign};
use crate::ups::reading::{Reading, Verdict};
use crate::ups::served::Served;
use crate::ups::value::{Value, Values};

/// On battery, at most so many minutes are low, whatever the device's flag says.
pub const LOW_RUNTIME_MINUTES: f64 = 10.0;
/// On battery, at most so many percent are low, whatever the device's flag says.
pub const LOW_CHARGE_PERCENT: f64 = 30.0;

/// No mains that a UPS runs on are below this: the lowest nominal is 100 V.
const DEAD_LINE_VOLTS: f64 = 80.0;

/// Judges what a device answered, by the tables that it serves.
pub fn judge(served: Served, values: &Values) -> Reading {
    let facts = Facts::gather(served, values);
    let family = Some(served.own.family);
    if facts.has(Fact::CardLostUps) {
        return Reading::blank(family, Verdict::CardLostUps);
    }
    let (feed, output_source) = feed(served, values);
    let tell =
        |of: fn(&Mib) -> &'static [Measure]| served.mibs().find_map(|mib| tell(of(mib), values));
    let told = Told {
        charge_percent: tell(|mib| mib.charge),
        runtime_minutes: tell(|mib| mib.runtime),
        load_percent: tell(|mib| mib.load),
        input_voltage: tell(|mib| mib.input_voltage),
        battery_temperature_c: tell(|mib| mib.battery_temperature),
        seconds_on_battery: tell(|mib| mib.seconds_on_battery),
    };
    Reading {
        device: served.device(values),
        ..conclude(family, feed, output_source.map(str::to_owned), facts, told)
    }
}

/// The plausible numbers that a device tells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    pub(super) charge_percent: Option<f64>,
    pub(super) runtime_minutes: Option<f64>,
    pub(super) load_percent: Option<f64>,
    pub(super) input_voltage: Option<f64>,
    pub(super) battery_temperature_c: Option<f64>,
    pub(super) seconds_on_battery: Option<f64>,
}

/// One reading from all that a device tells, by whatever protocol.
pub(super) fn conclude(
    family: Option<Family>,
    feed: Feed,
    output_source: Option<String>,
    facts: Facts,
    told: Told,
) -> Reading {
    let evidence = Evidence {
        feed,
        alone: family == Some(Family::Rfc1628),
        line_dead: told.input_voltage.map(|volts| volts < DEAD_LINE_VOLTS),
        seconds_on_battery: told.seconds_on_battery,
        facts,
    };
    let (on_battery, verdict) = evidence.weigh();
    let battery_low = evidence.battery_low(on_battery, told.charge_percent, told.runtime_minutes);
    Reading {
        family,
        verdict,
        on_battery,
        battery_low,
        charge_percent: told.charge_percent,
        runtime_minutes: told.runtime_minutes,
        load_percent: told.load_percent,
        input_voltage: told.input_voltage,
        battery_temperature_c: told.battery_temperature_c,
        output_source,
        device: Vec::new(),
    }
}

/// What feeds the output, and the MIB's own word for it. Of two tables the own one
/// counts, unless it does not know or misses a battery that the other one sees.
fn feed(served: Served, values: &Values) -> (Feed, Option<&'static str>) {
    let own = served.own.feed(values);
    let beside = served.beside.and_then(|mib| mib.feed(values));
    let told = match (own, beside) {
        (None | Some((Feed::Unknown, _)), Some(beside))
        | (Some((Feed::Mains | Feed::Other, _)), Some(beside @ (Feed::Battery, _))) => Some(beside),
        (own, _) => own,
    };
    told.map_or((Feed::Unknown, None), |(feed, word)| (feed, Some(word)))
}

/// The first of the measures that tells a plausible number.
fn tell(measures: &[Measure], values: &Values) -> Option<f64> {
    measures.iter().find_map(|measure| {
        let convert = |value: &Value| convert(measure, value);
        match measure.object {
            Object::Scalar(oid) => convert(values.get(oid)?),
            Object::First(column) => rows(values, column).find_map(convert),
            Object::Highest(column) => rows(values, column).filter_map(convert).reduce(f64::max),
            Object::HighestOf(scalars) => {
                let told = scalars.iter().filter_map(|oid| convert(values.get(*oid)?));
                told.reduce(f64::max)
            }
        }
    })
}

fn convert(measure: &Measure, raw: &Value) -> Option<f64> {
    let integer = raw.integer();
    if integer.is_some_and(|raw| measure.unknown.contains(&raw)) {
        return None;
    }
    let number = match integer {
        Some(_) => raw.number()? / measure.per_unit,
        // Who writes decimals writes them in the unit.
        None => raw.number()?,
    };
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

/// One character of a string of flags, counted from 1; the word UNKNOWN is none.
fn flag(flags: Option<&Value>, place: usize) -> Option<u8> {
    match flags? {
        Value::Text(flags) if flags.iter().all(|flag| b"01".contains(flag)) => {
            flags.get(place - 1).copied()
        }
        _ => None,
    }
}

/// Some cards name an alarm as if it were an instance.
fn is_listed(listed: &[u64], identity: &[u64]) -> bool {
    listed.strip_suffix(&[0]).unwrap_or(listed) == identity
}

/// The facts that a device shows.
pub(super) struct Facts(Vec<Fact>);

impl Facts {
    pub(super) fn new(facts: impl Iterator<Item = Fact>) -> Self {
        Self(facts.collect())
    }

    fn gather(served: Served, values: &Values) -> Self {
        let shown = |sign: &Sign| match *sign {
            Sign::Equals(oid, wanted, fact) => {
                let value = values.get(oid).and_then(Value::integer);
                (value == Some(wanted)).then_some(fact)
            }
            Sign::Flag(oid, place, fact) => {
                (flag(values.get(oid), place) == Some(b'1')).then_some(fact)
            }
            Sign::FlagWithout(oid, place, beside, fact) => {
                let flag = |place| flag(values.get(oid), place);
                (flag(place) == Some(b'0') && flag(beside) == Some(b'1')).then_some(fact)
            }
            Sign::Listed(column, identity, fact) => rows(values, column)
                .any(|value| matches!(value, Value::Oid(oid) if is_listed(oid, identity)))
                .then_some(fact),
        };
        let signs = served.mibs().flat_map(|mib| mib.signs);
        Self(signs.filter_map(shown).collect())
    }

    fn has(&self, fact: Fact) -> bool {
        self.0.contains(&fact)
    }
}

/// What speaks for and against each verdict.
struct Evidence {
    feed: Feed,
    /// Nobody but the table of RFC 1628 speaks.
    alone: bool,
    /// `None` where the device does not tell its input voltage.
    line_dead: Option<bool>,
    seconds_on_battery: Option<f64>,
    facts: Facts,
}

impl Evidence {
    /// Whether the battery feeds the load, and why.
    fn weigh(&self) -> (Option<bool>, Verdict) {
        let on_battery_alarm = self.facts.has(Fact::OnBattery);
        let dead = self.line_dead == Some(true);
        match self.feed {
            Feed::Battery if self.battery_is_denied() => (None, Verdict::Conflicting),
            Feed::Battery | Feed::BatteryTest => (Some(true), self.why_on_battery()),
            Feed::Inverter if on_battery_alarm || dead || self.runs_low() => {
                (Some(true), self.why_on_battery())
            }
            Feed::Unknown | Feed::Other if on_battery_alarm => (Some(true), self.why_on_battery()),
            Feed::Unknown if self.facts.has(Fact::OnMains) => (Some(false), self.off_battery()),
            Feed::Unknown => (None, Verdict::Conflicting),
            // Two witnesses against a status that has not caught up.
            Feed::Mains | Feed::Eco if on_battery_alarm && dead => {
                (Some(true), self.why_on_battery())
            }
            Feed::Mains
            | Feed::Eco
            | Feed::Other
            | Feed::Inverter
            | Feed::Bypass
            | Feed::Overload
            | Feed::Off => (Some(false), self.off_battery()),
        }
    }

    /// An inverter fed with DC says "battery" for ever, while everything else says mains.
    fn battery_is_denied(&self) -> bool {
        self.alone
            && self.line_dead == Some(false)
            && self.seconds_on_battery == Some(0.0)
            && self.facts.has(Fact::NoAlarm)
            && !self.facts.has(Fact::SelfTest)
    }

    /// Low and counting seconds, where the line is not told.
    fn runs_low(&self) -> bool {
        self.line_dead.is_none()
            && self.facts.has(Fact::BatteryLow)
            && self.seconds_on_battery.is_some_and(|seconds| seconds > 0.0)
    }

    fn why_on_battery(&self) -> Verdict {
        let transferred_for_mains =
            self.line_dead.is_none() && self.facts.has(Fact::TransferForMains);
        let mains_lost =
            self.line_dead == Some(true) || self.facts.has(Fact::MainsBad) || transferred_for_mains;
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
        let off = self.feed == Feed::Off || has(Fact::OutputOff);
        match self.feed {
            // The battery is spent and the mains have not come back.
            _ if off && self.line_dead == Some(true) => Verdict::MainsLost,
            _ if off => Verdict::OutputOff,
            Feed::Bypass => Verdict::Bypass,
            _ if has(Fact::OnBypass) => Verdict::Bypass,
            Feed::Overload => Verdict::Overload,
            _ if has(Fact::Overload) => Verdict::Overload,
            _ if has(Fact::BatteryAbsent) => Verdict::BatteryAbsent,
            _ if has(Fact::Calibration) => Verdict::Calibration,
            _ if has(Fact::SelfTest) => Verdict::SelfTest,
            _ if has(Fact::ReplaceBattery) => Verdict::ReplaceBattery,
            Feed::Eco => Verdict::Eco,
            _ => Verdict::OnMains,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signals::Level;
    use crate::ups::{cps, powernet, rfc1628};

    const RFC: &[u64] = &[1, 3, 6, 1, 2, 1, 33, 1];
    const POWERNET: &[u64] = &[1, 3, 6, 1, 4, 1, 318, 1, 1, 1];
    const CPS: &[u64] = &[1, 3, 6, 1, 4, 1, 3808, 1, 1, 1];

    fn oid(root: &[u64], rest: &[u64]) -> Vec<u64> {
        [root, rest].concat()
    }

    fn values(root: &[u64], pairs: &[(&[u64], i64)]) -> Values {
        let value = |(rest, number): &(&[u64], i64)| (oid(root, rest), Value::Integer(*number));
        pairs.iter().map(value).collect()
    }

    fn rfc(pairs: &[(&[u64], i64)]) -> Reading {
        judge(Served::alone(&rfc1628::MIB), &values(RFC, pairs))
    }

    fn with_alarm(pairs: &[(&[u64], i64)], alarm: u64) -> Reading {
        let mut values = values(RFC, pairs);
        let listed = Value::Oid(oid(RFC, &[6, 3, alarm]));
        values.insert(oid(RFC, &[6, 2, 1, 2, 7]), listed);
        judge(Served::alone(&rfc1628::MIB), &values)
    }

    fn powernet(pairs: &[(&[u64], i64)]) -> Reading {
        judge(Served::alone(&powernet::MIB), &values(POWERNET, pairs))
    }

    #[test]
    fn every_way_of_saying_unknown_is_no_runtime() {
        for raw in [0, -1, 65_535, 2_147_483_647, 4_294_967_295, -5, i64::MAX] {
            let reading = rfc(&[(&[4, 1, 0], 3), (&[2, 3, 0], raw)]);
            assert_eq!(reading.runtime_minutes, None, "raw {raw}");
        }
        assert_eq!(rfc(&[(&[2, 3, 0], 59)]).runtime_minutes, Some(59.0));
    }

    #[test]
    fn tenths_of_volts_and_degrees_are_told_from_whole_ones() {
        let reading = rfc(&[(&[3, 3, 1, 3, 1], 2360), (&[2, 7, 0], 300)]);
        assert_eq!(reading.input_voltage, Some(236.0));
        assert_eq!(reading.battery_temperature_c, Some(30.0));
        let reading = rfc(&[(&[3, 3, 1, 3, 1, 0], 224), (&[2, 7, 0], -273)]);
        assert_eq!(reading.input_voltage, Some(224.0));
        assert_eq!(reading.battery_temperature_c, None);
    }

    #[test]
    fn the_load_is_that_of_the_highest_phase_and_the_voltage_of_the_first() {
        let reading = rfc(&[
            (&[4, 4, 1, 5, 1], 7),
            (&[4, 4, 1, 5, 2], 29),
            (&[4, 4, 1, 5, 3], 19),
            (&[3, 3, 1, 3, 1], 238),
            (&[3, 3, 1, 3, 2], 0),
        ]);
        assert_eq!(reading.load_percent, Some(29.0));
        assert_eq!(reading.input_voltage, Some(238.0));
    }

    #[test]
    fn an_old_count_of_seconds_does_not_make_an_outage() {
        let reading = rfc(&[(&[4, 1, 0], 3), (&[2, 2, 0], 259_200)]);
        assert_eq!(reading.on_battery, Some(false));
        assert_eq!(reading.verdict, Verdict::OnMains);
    }

    #[test]
    fn a_test_hides_no_real_outage() {
        let testing: &[(&[u64], i64)] = &[(&[4, 1, 0], 5), (&[7, 3, 0], 5)];
        assert_eq!(rfc(testing).verdict, Verdict::SelfTest);
        assert_eq!(rfc(testing).on_battery, Some(true));
        assert_eq!(rfc(testing).mains_level(), Level::Normal);
        let dead = rfc(&[testing, &[(&[3, 3, 1, 3, 1], 0)]].concat());
        assert_eq!(dead.verdict, Verdict::MainsLost);
        assert_eq!(with_alarm(testing, 6).verdict, Verdict::MainsLost);
    }

    #[test]
    fn a_test_that_has_ended_explains_nothing() {
        let reading = rfc(&[(&[4, 1, 0], 5), (&[7, 3, 0], 1)]);
        assert_eq!(reading.verdict, Verdict::MainsLost);
        // The last transfer was for a test, but the line is not seen alive.
        let reading = powernet(&[(&[4, 1, 1, 0], 3), (&[3, 2, 5, 0], 9)]);
        assert_eq!(reading.verdict, Verdict::MainsLost);
        let alive: &[(&[u64], i64)] = &[
            (&[4, 1, 1, 0], 3),
            (&[3, 2, 5, 0], 9),
            (&[3, 3, 1, 0], 2301),
        ];
        assert_eq!(powernet(alive).verdict, Verdict::SelfTest);
    }

    #[test]
    fn a_card_that_lost_its_ups_tells_nothing() {
        let calm: &[(&[u64], i64)] = &[(&[4, 1, 0], 3), (&[2, 1, 0], 2), (&[2, 4, 0], 100)];
        let lost = with_alarm(calm, 20);
        let blank = Reading::blank(Some(Family::Rfc1628), Verdict::CardLostUps);
        assert_eq!(lost, blank);
        assert_eq!(lost.mains_level(), Level::Unknown);
        let lost = powernet(&[(&[4, 1, 1, 0], 2), (&[8, 1, 0], 2)]);
        assert_eq!(lost.verdict, Verdict::CardLostUps);
    }

    #[test]
    fn low_is_the_flag_or_our_own_limits_while_on_battery() {
        let low = |pairs: &[(&[u64], i64)]| rfc(pairs).battery_low;
        assert_eq!(low(&[(&[4, 1, 0], 3), (&[2, 1, 0], 3)]), Some(true));
        let charge = |source| low(&[(&[4, 1, 0], source), (&[2, 1, 0], 2), (&[2, 4, 0], 30)]);
        assert_eq!((charge(5), charge(3)), (Some(true), Some(false)));
        let runtime = |minutes| low(&[(&[4, 1, 0], 5), (&[2, 3, 0], minutes)]);
        assert_eq!((runtime(10), runtime(11)), (Some(true), Some(false)));
        assert_eq!(low(&[(&[4, 1, 0], 5)]), None);
    }

    #[test]
    fn an_inverter_that_always_says_battery_is_not_believed_against_everything_else() {
        let reading = rfc(&[
            (&[4, 1, 0], 5),
            (&[2, 2, 0], 0),
            (&[3, 3, 1, 3, 1], 230),
            (&[6, 1, 0], 0),
        ]);
        assert_eq!(
            (reading.on_battery, reading.verdict),
            (None, Verdict::Conflicting)
        );
    }

    #[test]
    fn an_output_that_went_off_in_an_outage_is_still_an_outage() {
        let off = |volts| powernet(&[(&[4, 1, 1, 0], 11), (&[3, 3, 1, 0], volts)]).verdict;
        assert_eq!(off(0), Verdict::MainsLost);
        assert_eq!(off(2300), Verdict::OutputOff);
    }

    #[test]
    fn flags_count_only_in_a_string_of_flags() {
        let judged = |text: &str| {
            let mut values = values(POWERNET, &[(&[4, 1, 1, 0], 3), (&[3, 3, 1, 0], 2300)]);
            let flags = Value::Text(text.as_bytes().to_vec());
            values.insert(oid(POWERNET, &[11, 1, 1, 0]), flags);
            judge(Served::alone(&powernet::MIB), &values).verdict
        };
        let calibrating = format!("{}1{}", "0".repeat(9), "0".repeat(54));
        assert_eq!(judged(&calibrating), Verdict::Calibration);
        assert_eq!(judged("UNKNOWN"), Verdict::MainsLost);
    }

    #[test]
    fn a_vendors_own_objects_win_and_null_is_no_answer() {
        let mut both = values(RFC, &[(&[4, 1, 0], 3)]);
        let family = |values: &Values| Served::detect(values).map(|served| served.own.family);
        both.insert(oid(CPS, &[4, 1, 1, 0]), Value::Null);
        assert_eq!(family(&both), Some(Family::Rfc1628));
        both.insert(oid(CPS, &[4, 1, 1, 0]), Value::Integer(2));
        assert_eq!(family(&both), Some(Family::Cps));
        let null = Values::from([(oid(CPS, &[4, 1, 1, 0]), Value::Null)]);
        assert_eq!(family(&null), Some(Family::Cps));
        assert_eq!(judge(Served::alone(&cps::MIB), &null).on_battery, None);
        assert_eq!(family(&Values::new()), None);
    }
}
