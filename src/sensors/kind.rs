//! What a sensor watches.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::signals;

/// What a sensor watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Of a room, in degrees Celsius.
    Temperature,
    /// A smoke detector's contact.
    Smoke,
    /// A leak detector's contact.
    Water,
    /// The fault contact of an air conditioning.
    AirConditioning,
    /// The contact of a generator that says that it runs.
    Generator,
}

impl Kind {
    /// The signal that it turns.
    pub fn signal(self) -> signals::Kind {
        match self {
            Kind::Temperature => signals::Kind::SensorTemperature,
            Kind::Smoke => signals::Kind::SensorSmoke,
            Kind::Water => signals::Kind::SensorWater,
            Kind::AirConditioning => signals::Kind::SensorAir,
            Kind::Generator => signals::Kind::GeneratorRunning,
        }
    }

    /// A contact is open or closed; a temperature has degrees.
    pub fn is_contact(self) -> bool {
        self != Kind::Temperature
    }

    /// How long it must stand before anybody is told, unless its file says otherwise: a door
    /// that is left open is not a fault, a drop is not a leak, and smoke does not wait.
    pub fn hold(self) -> SignedDuration {
        SignedDuration::from_secs(match self {
            Kind::Temperature => 60,
            Kind::AirConditioning => 30,
            Kind::Water => 5,
            Kind::Smoke | Kind::Generator => 0,
        })
    }
}
