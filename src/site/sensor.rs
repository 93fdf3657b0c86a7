//! Sensors and dry contacts: what they watch, and where.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::sensors::{Bounds, Kind};
use crate::signals::Signal;
use crate::text::Text;

/// A sensor or a dry contact.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sensor {
    pub name: Text,
    pub kind: Kind,
    /// Its zone; of a generator's contact the feed.
    pub of: String,
    /// Of a temperature.
    pub bounds: Bounds,
    /// How long it must stand before anybody is told.
    pub hold: SignedDuration,
}

impl Sensor {
    /// What it turns; `id` is its own name.
    pub fn signal(&self, id: &str) -> Signal {
        let of = if self.is_of_feed() { &self.of } else { id };
        Signal::new(self.kind.signal(), of)
    }

    /// Whether it watches a feed, and no zone.
    pub fn is_of_feed(&self) -> bool {
        self.kind == Kind::Generator
    }

    /// Whether it stands in this zone.
    pub fn is_in(&self, zone: &str) -> bool {
        !self.is_of_feed() && self.of == zone
    }
}
