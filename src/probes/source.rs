//! Where readings of a UPS come from.

use std::time::Duration;

use crate::probes::blind::Blind;
use crate::probes::eye::Eye;
use crate::probes::sensor::Sensor;
use crate::probes::{nut, snmp};
use crate::sensors::Reading as Sensed;
use crate::ups::Reading;

/// How a UPS is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settings {
    Snmp(snmp::Settings),
    Nut(nut::Settings),
}

/// One UPS that is asked again and again.
#[derive(Debug)]
pub(crate) enum Source {
    Snmp(Box<Eye>),
    Nut(nut::Client),
}

impl Source {
    pub(crate) fn new(settings: Settings, timeout: Duration) -> Self {
        match settings {
            Settings::Snmp(settings) => Self::Snmp(Box::new(Eye::new(settings, timeout))),
            Settings::Nut(settings) => Self::Nut(nut::Client::new(settings, timeout)),
        }
    }

    /// Asks once, for everything where `full`; upsd always tells everything.
    pub(crate) async fn poll(&mut self, full: bool) -> Result<Reading, Blind> {
        match self {
            Self::Snmp(eye) => eye.poll(full).await,
            Self::Nut(client) => Ok(client.poll().await?),
        }
    }

    /// Asks once for the sensors on the card that has just answered.
    pub(crate) async fn sense<'s>(&mut self, sensors: &'s [Sensor]) -> Vec<(&'s Sensor, Sensed)> {
        match self {
            Self::Snmp(eye) => eye.sense(sensors).await,
            Self::Nut(_) => Vec::new(),
        }
    }
}
