//! The inputs for sensors that the cards of UPSs have themselves.
//!
//! Which objects they are follows from the family by which the UPS is known. RFC 1628 has
//! none; a card that has inputs in objects of its own is asked by its object identifier.

use std::fmt;
use std::str::FromStr;

use crate::sensors::reading::{Nothing, Reading};
use crate::ups::{Family, Value, Values};

/// One input of a UPS's card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// What the UPS itself measures of its room.
    Ambient,
    /// A probe that is plugged in, from 1.
    Probe(u64),
    /// A pair of dry contacts, from 1.
    Contact(u64),
}

/// No card has such an input.
#[derive(Debug, thiserror::Error)]
#[error("is no input: write \"ambient\", \"probe 1\" or \"contact 1\"")]
pub struct NoInput;

impl FromStr for Input {
    type Err = NoInput;

    fn from_str(text: &str) -> Result<Self, NoInput> {
        if text == "ambient" {
            return Ok(Input::Ambient);
        }
        let (what, number) = text.split_once(' ').ok_or(NoInput)?;
        let number = number
            .parse()
            .ok()
            .filter(|number| (1..=64).contains(number));
        match (what, number) {
            ("probe", Some(number)) => Ok(Input::Probe(number)),
            ("contact", Some(number)) => Ok(Input::Contact(number)),
            _ => Err(NoInput),
        }
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Input::Ambient => f.write_str("ambient"),
            Input::Probe(number) => write!(f, "probe {number}"),
            Input::Contact(number) => write!(f, "contact {number}"),
        }
    }
}

/// Old cards (`PowerNet-MIB`, `iem`), and newer ones (`uio`), which number by port and sensor.
const IEM_PROBES: &[u64] = &[1, 3, 6, 1, 4, 1, 318, 1, 1, 10, 2, 3, 2, 1];
const IEM_CONTACTS: &[u64] = &[1, 3, 6, 1, 4, 1, 318, 1, 1, 10, 2, 3, 4, 1];
const UIO_SENSORS: &[u64] = &[1, 3, 6, 1, 4, 1, 318, 1, 1, 25, 1, 2, 1];
const UIO_CONTACTS: &[u64] = &[1, 3, 6, 1, 4, 1, 318, 1, 1, 25, 2, 2, 1];
/// `XUPS-MIB` with `EATON-EMP-MIB`, and HP's clone of both.
const XUPS: &[u64] = &[1, 3, 6, 1, 4, 1, 534, 1, 6];
const CPQ_POWER: &[u64] = &[1, 3, 6, 1, 4, 1, 232, 165, 3, 6];

impl Input {
    pub fn is_contact(self) -> bool {
        matches!(self, Input::Contact(_))
    }

    /// What is asked of a card of this family; nothing where it is not known to have such an input.
    pub fn objects(self, family: Family) -> Vec<Vec<u64>> {
        let object = |base: &[u64], rest: &[u64]| [base, rest].concat();
        match (family, self) {
            (Family::Powernet, Input::Probe(n)) => vec![
                object(UIO_SENSORS, &[6, n, 1]),
                object(UIO_SENSORS, &[10, n, 1]),
                object(IEM_PROBES, &[3, n]),
                object(IEM_PROBES, &[4, n]),
                object(IEM_PROBES, &[5, n]),
            ],
            (Family::Powernet, Input::Contact(n)) => vec![
                object(UIO_CONTACTS, &[5, n, 1]),
                object(IEM_CONTACTS, &[3, n]),
            ],
            (Family::Xups | Family::CpqPower, input) => {
                let base = if family == Family::Xups {
                    XUPS
                } else {
                    CPQ_POWER
                };
                match input {
                    Input::Ambient => vec![object(base, &[1, 0])],
                    Input::Probe(1) => vec![object(base, &[5, 0])],
                    Input::Probe(_) => Vec::new(),
                    Input::Contact(n) => vec![object(base, &[8, 1, 3, n])],
                }
            }
            _ => Vec::new(),
        }
    }

    /// What a card of this family said. `closed`: a closed contact is what is watched for.
    pub fn read(self, family: Family, values: &Values, closed: bool) -> Reading {
        let objects = self.objects(family);
        let told = |n: usize| values.get(objects.get(n)?).and_then(Value::integer);
        let read = match (family, self) {
            (Family::Powernet, Input::Probe(_)) => match told(0) {
                // 1 not installed, 2 well, 3 lost; a temperature of -1 is none.
                Some(celsius) => match told(1) {
                    Some(2) | None if celsius != -1 => Some(degrees(celsius)),
                    _ => Some(Reading::Nothing(Nothing::Lost)),
                },
                // 1 disconnected, 2 connected; units 1 Celsius, 2 Fahrenheit.
                None => told(3).map(|number| match (told(2), told(4)) {
                    (Some(2), Some(1)) => degrees(number),
                    (Some(2), Some(2)) => Reading::celsius((whole(number) - 32.0) / 1.8),
                    _ => Reading::Nothing(Nothing::Lost),
                }),
            },
            (Family::Powernet, Input::Contact(_)) => match told(0) {
                // 1 closed, 2 open, 3 disabled, 4 not applicable.
                Some(state) => Some(contact(state == 1, matches!(state, 1 | 2), closed)),
                // The card knows which state is normal: 1 well, 2 fault, 3 disabled.
                None => told(1).map(|state| contact(state == 2, matches!(state, 1 | 2), true)),
            },
            (_, Input::Ambient) => told(0).map(|celsius| match celsius {
                // What a UPS says that measures none.
                0 => Reading::Nothing(Nothing::Lost),
                celsius => degrees(celsius),
            }),
            (_, Input::Probe(_)) => told(0).map(degrees),
            // 1 open, 2 closed, 3 and 4 the same with a notice.
            (_, Input::Contact(_)) => told(0).map(|state| {
                let is_closed = matches!(state, 2 | 4);
                contact(is_closed, (1..=4).contains(&state), closed)
            }),
        };
        read.unwrap_or(Reading::Nothing(Nothing::Absent))
    }
}

fn contact(is_closed: bool, is_known: bool, closed: bool) -> Reading {
    if is_known {
        Reading::Contact(is_closed == closed)
    } else {
        Reading::Nothing(Nothing::Lost)
    }
}

fn whole(number: i64) -> f64 {
    // No sensor counts beyond 32 bits; what does is out of every room's range.
    i32::try_from(number).map_or(f64::MAX, f64::from)
}

fn degrees(celsius: i64) -> Reading {
    Reading::celsius(whole(celsius))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(told: &[(&[u64], &[u64], i64)]) -> Values {
        let named = told.iter().map(|(base, rest, number)| {
            let object = [*base, *rest].concat();
            (object, Value::Integer(*number))
        });
        named.collect()
    }

    fn probe(told: &[(&[u64], &[u64], i64)]) -> Reading {
        Input::Probe(1).read(Family::Powernet, &values(told), true)
    }

    #[test]
    fn an_input_is_written_as_people_count_them() {
        for text in ["ambient", "probe 1", "contact 2"] {
            assert_eq!(text.parse::<Input>().unwrap().to_string(), text);
        }
        for odd in ["probe", "probe 0", "probe x", "Ambient", "contact 65", ""] {
            assert!(odd.parse::<Input>().is_err(), "{odd}");
        }
    }

    #[test]
    fn a_probe_of_a_powernet_card_tells_celsius_fahrenheit_or_that_it_is_not_there() {
        let lost = Reading::Nothing(Nothing::Lost);
        let uio = |celsius, state| {
            probe(&[
                (UIO_SENSORS, &[6, 1, 1], celsius),
                (UIO_SENSORS, &[10, 1, 1], state),
            ])
        };
        assert_eq!(uio(30, 2), Reading::Celsius(30.0));
        assert_eq!(uio(-1, 2), lost);
        assert_eq!(uio(30, 3), lost, "an old value stays");
        let iem = |state, number, unit| {
            probe(&[
                (IEM_PROBES, &[3, 1], state),
                (IEM_PROBES, &[4, 1], number),
                (IEM_PROBES, &[5, 1], unit),
            ])
        };
        assert_eq!(iem(2, 26, 1), Reading::Celsius(26.0));
        assert_eq!(iem(2, 86, 2), Reading::Celsius(30.0));
        assert_eq!(iem(1, -1, 1), lost);
        assert_eq!(probe(&[]), Reading::Nothing(Nothing::Absent));
    }

    #[test]
    fn a_contact_of_a_powernet_card_is_closed_at_fault_or_off() {
        let read = |base, rest: &[u64], state, closed| {
            let values = values(&[(base, rest, state)]);
            Input::Contact(2).read(Family::Powernet, &values, closed)
        };
        let uio = |state, closed| read(UIO_CONTACTS, &[5, 2, 1], state, closed);
        assert_eq!(uio(1, true), Reading::Contact(true));
        assert_eq!(uio(2, true), Reading::Contact(false));
        assert_eq!(uio(1, false), Reading::Contact(false));
        assert_eq!(uio(2, false), Reading::Contact(true), "a wire that breaks");
        assert_eq!(uio(3, true), Reading::Nothing(Nothing::Lost));
        let iem = |state| read(IEM_CONTACTS, &[3, 2], state, false);
        assert_eq!(iem(2), Reading::Contact(true));
        assert_eq!(iem(1), Reading::Contact(false));
        assert_eq!(iem(3), Reading::Nothing(Nothing::Lost));
    }

    #[test]
    fn an_eaton_card_tells_its_room_its_probe_and_its_contacts() {
        let read = |input: Input, rest: &[u64], number| {
            let values = values(&[(XUPS, rest, number)]);
            input.read(Family::Xups, &values, true)
        };
        assert_eq!(read(Input::Ambient, &[1, 0], 19), Reading::Celsius(19.0));
        let none = Reading::Nothing(Nothing::Lost);
        assert_eq!(read(Input::Ambient, &[1, 0], 0), none);
        assert_eq!(read(Input::Probe(1), &[5, 0], 33), Reading::Celsius(33.0));
        let contact = |state| read(Input::Contact(2), &[8, 1, 3, 2], state);
        assert_eq!(contact(1), Reading::Contact(false));
        assert_eq!(contact(2), Reading::Contact(true));
        assert_eq!(contact(4), Reading::Contact(true));
        assert_eq!(contact(9), none);
    }

    #[test]
    fn a_family_without_inputs_is_asked_for_nothing() {
        assert!(Input::Probe(1).objects(Family::Rfc1628).is_empty());
        let read = Input::Contact(1).read(Family::Rfc1628, &Values::new(), true);
        assert_eq!(read, Reading::Nothing(Nothing::Absent));
    }
}
