//! Temperatures: `/sys/class/hwmon/*/temp*_input` in thousandths of a degree,
//! Documentation/hwmon/sysfs-interface of Linux. A virtual PC has none.

use std::fs;
use std::path::Path;

use crate::health::Temperature;

/// No more chips are told.
const MOST: usize = 16;
/// What lies outside is a sensor that is not connected, in degrees Celsius.
const PLAUSIBLE: std::ops::RangeInclusive<f64> = -40.0..=150.0;

/// The hottest sensor of each chip.
pub(super) fn look(root: &Path) -> Vec<Temperature> {
    let Ok(chips) = fs::read_dir(root.join("sys/class/hwmon")) else {
        return Vec::new();
    };
    let hottest = chips.flatten().filter_map(|chip| {
        let chip = chip.path();
        let name = fs::read_to_string(chip.join("name")).ok()?;
        let name: String = name.trim().chars().take(64).collect();
        let sensors = fs::read_dir(&chip).ok()?.flatten();
        let told = sensors.filter_map(|sensor| {
            let file = sensor.file_name();
            let file = file.to_str()?;
            (file.starts_with("temp") && file.ends_with("_input")).then_some(())?;
            let text = fs::read_to_string(sensor.path()).ok()?;
            let thousandths: f64 = text.trim().parse().ok()?;
            let celsius = thousandths / 1000.0;
            PLAUSIBLE.contains(&celsius).then_some(celsius)
        });
        let celsius = told.reduce(f64::max)?;
        (!name.is_empty()).then_some(Temperature { of: name, celsius })
    });
    let mut told: Vec<Temperature> = hottest.collect();
    told.sort_by(|one, other| {
        let by_name = one.of.cmp(&other.of);
        by_name.then(other.celsius.total_cmp(&one.celsius))
    });
    told.truncate(MOST);
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seat::fixture::Pc;

    #[test]
    fn the_hottest_of_each_chip_is_told_and_what_is_not_connected_is_not() {
        let pc = Pc::new("heat");
        assert_eq!(look(&pc.0), []);
        let chip = "sys/class/hwmon/hwmon1";
        pc.put(&format!("{chip}/name"), "coretemp\n");
        pc.put(&format!("{chip}/temp1_input"), "51000\n");
        pc.put(&format!("{chip}/temp2_input"), "63500\n");
        pc.put(&format!("{chip}/temp3_input"), "-128000\n");
        pc.put(&format!("{chip}/temp2_crit"), "100000\n");
        pc.put("sys/class/hwmon/hwmon0/name", "acpitz\n");
        pc.put("sys/class/hwmon/hwmon0/temp1_input", "-273200\n");
        let told = look(&pc.0);
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].of.as_str(), told[0].celsius), ("coretemp", 63.5));
    }
}
