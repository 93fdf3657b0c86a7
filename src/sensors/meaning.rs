//! From what a device answered to what its sensor said.

use std::num::ParseIntError;

use crate::sensors::input::Input;
use crate::sensors::reading::{Nothing, Reading};
use crate::ups::{Family, Value, Values};

/// What a room may have, in degrees Celsius; beyond it no common sensor measures.
const COLDEST: f64 = -40.0;
const HOTTEST: f64 = 125.0;
/// What a 1-wire thermometer says that has not measured yet (DS18B20, power-on).
const POWER_ON: f64 = 85.0;

/// What devices answer that have no value, before any scale.
const SENTINELS: [i64; 10] = [
    -32768,
    32767,
    65535,
    -9999,
    9999,
    99999,
    2_147_483_647,
    -2_147_483_648,
    4_294_967_295,
    -2_147_483_647,
];

/// One object of a device, `1.3.6.1…` as numbers.
pub type Object = Vec<u64>;

/// It is no name of an object.
#[derive(Debug, thiserror::Error)]
#[error("is no object identifier: write it in numbers, as \"1.3.6.1.4.1.318.1.1.25.1.2.1.6.1.1\"")]
pub struct NoObject;

/// Reads the name of one object; a dot before it is left out.
pub fn object(text: &str) -> Result<Object, NoObject> {
    let text = text.strip_prefix('.').unwrap_or(text);
    let arcs: Result<Object, ParseIntError> = text.split('.').map(str::parse).collect();
    let arcs = arcs.map_err(|_| NoObject)?;
    let fits = |arc: &u64| u32::try_from(*arc).is_ok();
    let begins = arcs.len() > 2 && arcs[0] <= 2 && (arcs[0] == 2 || arcs[1] < 40);
    (begins && arcs.iter().all(fits) && arcs.len() <= 128)
        .then_some(arcs)
        .ok_or(NoObject)
}

/// What is asked for, and what its answer means.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    Object {
        object: Object,
        meaning: Meaning,
    },
    /// Of a UPS's card; `closed`: a closed contact is what is watched for.
    Input {
        input: Input,
        closed: bool,
    },
}

/// What the value of one object means.
#[derive(Clone, Debug, PartialEq)]
pub enum Meaning {
    /// Degrees Celsius once it is multiplied.
    Celsius { scale: f64 },
    /// Values that say what is watched for, and those that say that it is not so. Any other
    /// says nothing.
    Contact { alarm: Vec<i64>, normal: Vec<i64> },
}

impl Asked {
    /// The objects to ask for; `family` is what a UPS is known by.
    pub fn objects(&self, family: Option<Family>) -> Vec<Object> {
        match self {
            Asked::Object { object, .. } => vec![object.clone()],
            Asked::Input { input, .. } => family
                .map(|family| input.objects(family))
                .unwrap_or_default(),
        }
    }

    /// What the answers say.
    pub fn read(&self, family: Option<Family>, values: &Values) -> Reading {
        match self {
            Asked::Object { object, meaning } => match values.get(object) {
                Some(value) => meaning.read(value),
                None => Reading::Nothing(Nothing::Absent),
            },
            Asked::Input { input, closed } => match family {
                Some(family) => input.read(family, values, *closed),
                None => Reading::Nothing(Nothing::Absent),
            },
        }
    }
}

impl Meaning {
    pub fn read(&self, value: &Value) -> Reading {
        match self {
            Meaning::Celsius { scale } => {
                let Some(number) = value.number() else {
                    return Reading::Nothing(Nothing::Absent);
                };
                if value.integer().is_some_and(|raw| SENTINELS.contains(&raw)) {
                    return Reading::Nothing(Nothing::Impossible);
                }
                Reading::celsius(number * scale)
            }
            Meaning::Contact { alarm, normal } => match value.integer() {
                None => Reading::Nothing(Nothing::Absent),
                Some(state) if alarm.contains(&state) => Reading::Contact(true),
                Some(state) if normal.contains(&state) => Reading::Contact(false),
                Some(_) => Reading::Nothing(Nothing::Meaningless),
            },
        }
    }
}

impl Reading {
    /// A temperature, or nothing where no room has it.
    pub(super) fn celsius(celsius: f64) -> Self {
        let is_power_on = (celsius - POWER_ON).abs() < 1e-6;
        if is_power_on || !(COLDEST..=HOTTEST).contains(&celsius) {
            Reading::Nothing(Nothing::Impossible)
        } else {
            Reading::Celsius(celsius)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn celsius(value: &Value, scale: f64) -> Reading {
        Meaning::Celsius { scale }.read(value)
    }

    #[test]
    fn a_temperature_is_scaled_to_degrees() {
        assert_eq!(celsius(&Value::Integer(36), 1.0), Reading::Celsius(36.0));
        let tenths = celsius(&Value::Integer(-25), 0.1);
        assert_eq!(tenths, Reading::Celsius(-2.5));
        let text = celsius(&Value::Text(b" 23.5 ".to_vec()), 1.0);
        assert_eq!(text, Reading::Celsius(23.5));
    }

    #[test]
    fn what_no_room_has_is_nothing_and_never_calm_or_an_alarm() {
        let impossible = Reading::Nothing(Nothing::Impossible);
        for (raw, scale) in [
            (-32768, 1.0),
            (-32768, 0.001),
            (32767, 0.001),
            (9999, 1.0),
            (9999, 0.01),
            (65535, 0.001),
            (4_294_967_295, 1e-8),
            (85, 1.0),
            (850, 0.1),
            (8500, 0.01),
            (-127, 1.0),
            (-273, 1.0),
            (400, 1.0),
            (i64::MAX, 1.0),
        ] {
            let read = celsius(&Value::Integer(raw), scale);
            let none = matches!(read, Reading::Nothing(_));
            assert!(none, "{raw} * {scale}: {read:?}");
        }
        assert_eq!(celsius(&Value::Integer(85), 1.0), impossible);
        assert_eq!(celsius(&Value::Integer(86), 1.0), Reading::Celsius(86.0));
        for value in [Value::Null, Value::Text(b"n/a".to_vec())] {
            let read = celsius(&value, 1.0);
            assert_eq!(read, Reading::Nothing(Nothing::Absent));
        }
        let nan = celsius(&Value::Text(b"NaN".to_vec()), 1.0);
        assert_eq!(nan, impossible);
    }

    #[test]
    fn a_contact_says_only_what_somebody_gave_a_meaning() {
        let meaning = Meaning::Contact {
            alarm: vec![1],
            normal: vec![0, 2],
        };
        let read = |state| meaning.read(&Value::Integer(state));
        assert_eq!(read(1), Reading::Contact(true));
        assert_eq!(read(2), Reading::Contact(false));
        assert_eq!(read(3), Reading::Nothing(Nothing::Meaningless));
        let text = meaning.read(&Value::Text(b"1".to_vec()));
        assert_eq!(text, Reading::Contact(true));
    }

    #[test]
    fn an_object_is_read_with_and_without_its_first_dot() {
        assert_eq!(object(".1.3.6.1.4").unwrap(), [1, 3, 6, 1, 4]);
        assert_eq!(object("1.3.6").unwrap(), [1, 3, 6]);
        for odd in [
            "",
            "1",
            "1.3",
            "1.40.1",
            "3.1.1",
            "1.3.x",
            "1..3",
            "1.3.4294967296",
        ] {
            assert!(object(odd).is_err(), "{odd}");
        }
    }
}
