//! Above which temperatures a room is too hot.

use serde::{Deserialize, Serialize};

use crate::signals::Level;

/// Above which temperatures a room is too hot, in degrees Celsius.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    pub warning: f64,
    pub critical: f64,
    /// It is better again only so many degrees below.
    pub back: f64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            warning: 30.0,
            critical: 35.0,
            back: 2.0,
        }
    }
}

impl Bounds {
    /// The level of a temperature that stood at `before`.
    pub fn level(&self, celsius: f64, before: Level) -> Level {
        let still = |bound: f64| celsius > bound - self.back;
        let was_warm = matches!(before, Level::Warning | Level::Critical);
        if celsius >= self.critical || before == Level::Critical && still(self.critical) {
            Level::Critical
        } else if celsius >= self.warning || was_warm && still(self.warning) {
            Level::Warning
        } else {
            Level::Normal
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_that_cools_is_well_again_only_two_degrees_below() {
        let mut level = Level::Normal;
        let mut seen = Vec::new();
        for celsius in [29.9, 30.0, 34.9, 35.0, 34.0, 33.1, 33.0, 28.1, 28.0, 29.9] {
            level = Bounds::default().level(celsius, level);
            seen.push(level.name().chars().next().unwrap());
        }
        assert_eq!(seen.iter().collect::<String>(), "nwwcccwwnn");
    }

    #[test]
    fn after_a_silence_a_temperature_is_judged_by_itself() {
        let bounds = Bounds::default();
        assert_eq!(bounds.level(29.0, Level::Unknown), Level::Normal);
        assert_eq!(bounds.level(34.0, Level::Unknown), Level::Warning);
        assert_eq!(bounds.level(60.0, Level::Unknown), Level::Critical);
    }
}
