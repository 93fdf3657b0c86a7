//! What NUT's upsd says of a UPS: variables by name, and a status in words.
//!
//! The words come in any order and more than one at a time: `OB LB`, `OL CAL`,
//! `OL CHRG RB`. NUT's names and units: <https://networkupstools.org/docs/developer-guide.chunked/_variables.html>.

use std::collections::BTreeMap;

use crate::ups::judgement::{Facts, Told, conclude};
use crate::ups::mib::{
    CHARGE, Fact, Feed, LOAD, RUNTIME, SECONDS_PER_MINUTE, TEMPERATURE, VOLTAGE,
};
use crate::ups::reading::Reading;

/// The variable that must be there.
const STATUS: &str = "ups.status";

/// Judges the variables of one UPS; `None` where they tell no status.
pub fn judge_nut(variables: &BTreeMap<String, String>) -> Option<Reading> {
    let status = variables.get(STATUS)?;
    let words: Vec<&str> = status.split_whitespace().collect();
    let has = |word: &str| words.contains(&word);
    let testing = variables
        .get("ups.test.result")
        .is_some_and(|result| result.to_lowercase().contains("in progress"));
    let feed = match (has("OL"), has("OB")) {
        (true, true) => Feed::Unknown,
        (false, true) => Feed::Battery,
        // Some drivers stay on `OL` while they calibrate or test on the battery.
        (_, false) if has("DISCHRG") && (has("CAL") || has("TEST")) => Feed::BatteryTest,
        _ if has("OFF") => Feed::Off,
        _ if has("BYPASS") => Feed::Bypass,
        (true, false) if has("ECO") => Feed::Eco,
        (true, false) => Feed::Mains,
        // Boosted or trimmed is on mains, whether the driver says so or not.
        (false, false) if has("TRIM") || has("BOOST") => Feed::Mains,
        (false, false) => Feed::Unknown,
    };
    let low = has("LB") || has("FSD");
    let facts = [
        (low, Fact::BatteryLow),
        (!low && feed != Feed::Unknown, Fact::BatteryNotLow),
        (has("RB"), Fact::ReplaceBattery),
        (has("CAL"), Fact::Calibration),
        (has("TEST") || testing, Fact::SelfTest),
        (has("OVER"), Fact::Overload),
        (has("BYPASS"), Fact::OnBypass),
        (has("NOBATT"), Fact::BatteryAbsent),
    ];
    let facts = facts.into_iter().filter(|(told, _)| *told);
    let number = |name: &str, plausible: (f64, f64)| {
        let number: f64 = variables.get(name)?.trim().parse().ok()?;
        (plausible.0..=plausible.1)
            .contains(&number)
            .then_some(number)
    };
    let seconds = (1.0, RUNTIME.1 * SECONDS_PER_MINUTE);
    let told = Told {
        charge_percent: number("battery.charge", CHARGE),
        runtime_minutes: number("battery.runtime", seconds)
            .map(|seconds| seconds / SECONDS_PER_MINUTE),
        load_percent: number("ups.load", LOAD),
        input_voltage: number("input.voltage", VOLTAGE)
            .or_else(|| number("input.L1-N.voltage", VOLTAGE)),
        battery_temperature_c: number("battery.temperature", TEMPERATURE),
        seconds_on_battery: None,
    };
    let facts = Facts::new(facts.map(|(_, fact)| fact));
    let first = |names: &[&str]| {
        let told = names.iter().find_map(|name| variables.get(*name));
        told.map(|told| told.trim().to_owned()).unwrap_or_default()
    };
    let device = [
        first(&["device.model", "ups.model"]),
        first(&["device.serial", "ups.serial"]),
        // A battery that was replaced is another one.
        first(&["battery.date"]),
    ];
    Some(Reading {
        device: device.into(),
        ..conclude(None, feed, Some(status.clone()), facts, told)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signals::Level;
    use crate::ups::reading::{Verdict, is_another};

    fn reading(pairs: &[(&str, &str)]) -> Reading {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        judge_nut(&pairs.iter().map(owned).collect()).expect("there is a status")
    }

    fn status(words: &str) -> Reading {
        reading(&[(STATUS, words)])
    }

    #[test]
    fn the_words_of_a_status_are_read_in_any_order() {
        for (words, on_battery, low, verdict) in [
            ("OL", Some(false), Some(false), Verdict::OnMains),
            ("OL CHRG", Some(false), Some(false), Verdict::OnMains),
            ("TRIM OL", Some(false), Some(false), Verdict::OnMains),
            ("BOOST", Some(false), Some(false), Verdict::OnMains),
            (
                "ALARM OL RB",
                Some(false),
                Some(false),
                Verdict::ReplaceBattery,
            ),
            ("OVER OL", Some(false), Some(false), Verdict::Overload),
            ("OL BYPASS", Some(false), Some(false), Verdict::Bypass),
            ("BYPASS", Some(false), Some(false), Verdict::Bypass),
            ("OL ECO", Some(false), Some(false), Verdict::Eco),
            ("OFF", Some(false), Some(false), Verdict::OutputOff),
            ("OL OFF", Some(false), Some(false), Verdict::OutputOff),
            ("OL LB", Some(false), Some(true), Verdict::OnMains),
            ("OB", Some(true), Some(false), Verdict::MainsLost),
            ("DISCHRG OB", Some(true), Some(false), Verdict::MainsLost),
            ("LB OB", Some(true), Some(true), Verdict::MainsLost),
            ("OB FSD", Some(true), Some(true), Verdict::MainsLost),
            ("OB CAL", Some(true), Some(false), Verdict::Calibration),
            (
                "OL CAL DISCHRG",
                Some(true),
                Some(false),
                Verdict::Calibration,
            ),
            ("OB TEST", Some(true), Some(false), Verdict::SelfTest),
            ("OL OB", None, None, Verdict::Conflicting),
            ("WAIT", None, None, Verdict::Conflicting),
            ("", None, None, Verdict::Conflicting),
        ] {
            let reading = status(words);
            let told = (reading.on_battery, reading.battery_low, reading.verdict);
            assert_eq!(told, (on_battery, low, verdict), "`{words}`");
        }
        assert!(judge_nut(&BTreeMap::new()).is_none());
    }

    #[test]
    fn another_serial_number_or_a_new_battery_is_another_device() {
        let device = |serial: &str, date: &str| {
            let told = [
                (STATUS, "OL"),
                ("device.model", "Back-UPS 700"),
                ("ups.serial", serial),
                ("battery.date", date),
            ];
            reading(&told).device
        };
        let known = device("3B1", "2024/05/01");
        assert_eq!(known, ["Back-UPS 700", "3B1", "2024/05/01"]);
        assert!(!is_another(&known, &device("3B1", "")), "not told");
        assert!(is_another(&known, &device("3B2", "2024/05/01")));
        assert!(is_another(&known, &device("3B1", "2026/03/01")));
        assert!(!is_another(&known, &status("OL").device));
    }

    #[test]
    fn a_calibration_that_never_ends_hides_no_outage() {
        let stuck = reading(&[(STATUS, "OB CAL LB"), ("input.voltage", "0.0")]);
        assert_eq!(stuck.verdict, Verdict::MainsLost);
        assert_eq!(stuck.mains_level(), Level::Critical);
    }

    #[test]
    fn a_runtime_of_nothing_or_in_words_is_absent_and_low_is_found_without_a_flag() {
        for runtime in ["0", "-1", "", "unknown", "1e12", "NaN"] {
            let reading = reading(&[(STATUS, "OB"), ("battery.runtime", runtime)]);
            assert_eq!(reading.runtime_minutes, None, "`{runtime}`");
        }
        let short = reading(&[(STATUS, "OB"), ("battery.runtime", "540")]);
        assert_eq!(short.runtime_minutes, Some(9.0));
        assert_eq!(short.battery_low, Some(true));
        let empty = reading(&[(STATUS, "OB"), ("battery.charge", "12")]);
        assert_eq!(empty.battery_low, Some(true));
    }
}
