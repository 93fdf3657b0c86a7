//! What a sensor said, once.

use crate::sensors::bounds::Bounds;
use crate::signals::Level;
use crate::text::Text;

/// What a sensor said, once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reading {
    Celsius(f64),
    /// Whether the contact says what it is there to say: smoke, water, a fault, that it runs.
    Contact(bool),
    /// Nothing that can be believed: neither calm nor an alarm.
    Nothing(Nothing),
}

/// Why a sensor that answered told nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nothing {
    /// The device does not have it, or has it without a value.
    Absent,
    /// The device says that the sensor is not there, or is not heard.
    Lost,
    /// No room has such a temperature: what a device says that has none.
    Impossible,
    /// The contact has a value that nobody said the meaning of.
    Meaningless,
}

impl Reading {
    /// The level of what it watches, which stood at `before`; `None` where it tells nothing.
    pub fn level(self, bounds: &Bounds, before: Level) -> Option<Level> {
        match self {
            Reading::Celsius(celsius) => Some(bounds.level(celsius, before)),
            Reading::Contact(true) => Some(Level::Critical),
            Reading::Contact(false) => Some(Level::Normal),
            Reading::Nothing(_) => None,
        }
    }

    /// What the page and the record say of it.
    pub fn words(self) -> Text {
        match self {
            Reading::Celsius(celsius) => Text::same(format!("{celsius:.1} °C")),
            Reading::Contact(true) => Text::new("触点动作", "its contact says so"),
            Reading::Contact(false) => Text::new("触点未动作", "its contact is at rest"),
            Reading::Nothing(nothing) => nothing.words(),
        }
    }
}

impl Nothing {
    pub fn name(self) -> &'static str {
        match self {
            Nothing::Absent => "absent",
            Nothing::Lost => "lost",
            Nothing::Impossible => "impossible",
            Nothing::Meaningless => "meaningless",
        }
    }

    pub fn words(self) -> Text {
        match self {
            Nothing::Absent => Text::new("设备上没有这个读数", "the device does not have it"),
            Nothing::Lost => Text::new("探头没接上", "the sensor is not connected"),
            Nothing::Impossible => Text::new("读数不可能", "no room has such a temperature"),
            Nothing::Meaningless => {
                Text::new("读数没有说明含义", "nobody said what this value means")
            }
        }
    }
}
