//! What is known about the centre: signals, their levels and their turns.
//!
//! A probe's reading is judged into the instant [`Level`] of one or more
//! [`Signal`]s. A change of level is a *turn*; `for` and `keep_for` are
//! arithmetic over the time of the last turn, so they survive a restart.
//! This room never reads a clock and never waits.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::text::Text;

/// What a signal tells about. The list is closed: a plan names these and no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// Of a UPS. Critical: the load is fed from the battery because the input is lost.
    /// Warning: bypass or otherwise unprotected. A self-test or calibration is normal.
    #[serde(rename = "ups.mains")]
    UpsMains,
    /// Of a UPS. Critical: low by the flag, the runtime or the charge.
    #[serde(rename = "ups.battery-low")]
    UpsBatteryLow,
    /// Of a feed. Critical: the generator feeds it (presumed, or somebody said so).
    #[serde(rename = "generator.running")]
    GeneratorRunning,
    /// Of a seat. Normal: its program or page is connected and speaks. Warning: it took
    /// leave. Unknown: it fell silent.
    #[serde(rename = "seat.pc")]
    SeatPc,
    /// Of a seat's headset. Critical: it was there and is gone.
    #[serde(rename = "seat.headset")]
    SeatHeadset,
    /// Of a seat's telephone. Critical: it does not answer, its program does not run, or the
    /// PBX does not see it.
    #[serde(rename = "seat.phone")]
    SeatPhone,
    /// Of a seat at the ACD. Critical: the person cannot log in.
    #[serde(rename = "seat.login")]
    SeatLogin,
    /// Of a service as a seat sees it, written `seat.service/C-01/crm`. As
    /// [`Kind::ServiceReach`].
    #[serde(rename = "seat.service")]
    SeatService,
    /// Of a service as callwatch's own host sees it. Warning: it answers, but slowly.
    /// Critical: it does not do what it is for.
    #[serde(rename = "service.reach")]
    ServiceReach,
    /// Of a device. Critical: it does not answer.
    #[serde(rename = "device.reach")]
    DeviceReach,
    /// Of an ACD. Critical: it is down. Unknown: what it says cannot be believed, or it does
    /// not let us in.
    #[serde(rename = "acd.reach")]
    AcdReach,
    /// Of callwatch itself. Critical: what happens cannot be recorded.
    #[serde(rename = "callwatch.log")]
    LogWritten,
    /// Of callwatch itself. Critical: the weekly copy of the log was not made.
    #[serde(rename = "callwatch.backup")]
    BackupMade,
    /// Of callwatch itself. Critical: there is little room left where the log lies. It opens
    /// nothing by itself: IT hears of it in the digest of the day.
    #[serde(rename = "callwatch.disk")]
    DiskRoom,
    /// Of what must last without mains, over its whole path. Warning: below the target.
    /// Critical: below the floor. Unknown: nobody knows how long a part of it lasts.
    #[serde(rename = "ups.endurance")]
    UpsEndurance,
    /// Of an announced power cut. Warning: it begins within a day. Critical: it begins
    /// within half an hour, or is under way.
    #[serde(rename = "window.cut")]
    CutAnnounced,
    /// Of an announced power cut. Critical: a battery will be empty before it ends.
    #[serde(rename = "window.short")]
    CutOutlasts,
    /// Of a test of the generator that is set: as [`Kind::CutAnnounced`].
    #[serde(rename = "window.test")]
    TestAnnounced,
    /// Of a feed whose generator is tested every month. Normal: it has proved itself.
    /// Warning: today is the day. Critical: the day has passed without a proof.
    #[serde(rename = "generator.tested")]
    GeneratorTested,
    /// Of a backup. Warning: its newest is too old, or there is none. Unknown: nobody can see
    /// it. It opens nothing by itself: IT hears of it in the digest of the day.
    #[serde(rename = "backup.fresh")]
    BackupFresh,
    /// Of a queue of callers. Normal: under control. Warning: between the two since nobody
    /// knows when. Critical: not under control. Unknown: blind, which is never calm.
    #[serde(rename = "queue.calls")]
    QueueCalls,
    /// Of a sensor, as the next three. Warning: the room is warm. Critical: too hot.
    #[serde(rename = "sensor.temperature")]
    SensorTemperature,
    /// Critical: a smoke detector alarms.
    #[serde(rename = "sensor.smoke")]
    SensorSmoke,
    /// Critical: there is water where none should be.
    #[serde(rename = "sensor.water")]
    SensorWater,
    /// Critical: the air conditioning says that it does not work.
    #[serde(rename = "sensor.air")]
    SensorAir,
}

impl Kind {
    pub const ALL: [Kind; 25] = [
        Kind::UpsMains,
        Kind::UpsBatteryLow,
        Kind::GeneratorRunning,
        Kind::SeatPc,
        Kind::SeatHeadset,
        Kind::SeatPhone,
        Kind::SeatLogin,
        Kind::SeatService,
        Kind::ServiceReach,
        Kind::DeviceReach,
        Kind::AcdReach,
        Kind::LogWritten,
        Kind::BackupMade,
        Kind::DiskRoom,
        Kind::UpsEndurance,
        Kind::CutAnnounced,
        Kind::CutOutlasts,
        Kind::TestAnnounced,
        Kind::GeneratorTested,
        Kind::BackupFresh,
        Kind::QueueCalls,
        Kind::SensorTemperature,
        Kind::SensorSmoke,
        Kind::SensorWater,
        Kind::SensorAir,
    ];

    /// Those of sensors in a zone.
    pub const OF_SENSORS: [Kind; 4] = [
        Kind::SensorTemperature,
        Kind::SensorSmoke,
        Kind::SensorWater,
        Kind::SensorAir,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Kind::UpsMains => "ups.mains",
            Kind::UpsBatteryLow => "ups.battery-low",
            Kind::GeneratorRunning => "generator.running",
            Kind::SeatPc => "seat.pc",
            Kind::SeatHeadset => "seat.headset",
            Kind::SeatPhone => "seat.phone",
            Kind::SeatLogin => "seat.login",
            Kind::SeatService => "seat.service",
            Kind::ServiceReach => "service.reach",
            Kind::DeviceReach => "device.reach",
            Kind::AcdReach => "acd.reach",
            Kind::LogWritten => "callwatch.log",
            Kind::BackupMade => "callwatch.backup",
            Kind::DiskRoom => "callwatch.disk",
            Kind::UpsEndurance => "ups.endurance",
            Kind::CutAnnounced => "window.cut",
            Kind::CutOutlasts => "window.short",
            Kind::TestAnnounced => "window.test",
            Kind::GeneratorTested => "generator.tested",
            Kind::BackupFresh => "backup.fresh",
            Kind::QueueCalls => "queue.calls",
            Kind::SensorTemperature => "sensor.temperature",
            Kind::SensorSmoke => "sensor.smoke",
            Kind::SensorWater => "sensor.water",
            Kind::SensorAir => "sensor.air",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// No signal has this name.
#[derive(Debug, thiserror::Error)]
#[error("no signal is called `{0}`")]
pub struct UnknownKind(String);

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, UnknownKind> {
        Kind::ALL
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| UnknownKind(name.to_owned()))
    }
}

/// One thing that is watched: a kind of signal and the id of the UPS, feed,
/// sensor or seat it belongs to. Written `ups.mains/UPS-C1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signal {
    pub kind: Kind,
    pub of: String,
}

impl Signal {
    pub fn new(kind: Kind, of: impl Into<String>) -> Self {
        Self {
            kind,
            of: of.into(),
        }
    }
}

impl Signal {
    /// A service as a seat sees it.
    pub fn of_service_at(seat: &str, service: &str) -> Self {
        Self::new(Kind::SeatService, format!("{seat}/{service}"))
    }

    /// The seat and the service of a [`Kind::SeatService`].
    pub fn seat_and_service(&self) -> Option<(&str, &str)> {
        if self.kind != Kind::SeatService {
            return None;
        }
        self.of.split_once('/')
    }
}

/// What an eye has just seen of one signal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    pub signal: Signal,
    pub level: Level,
    /// What it said, for the record and the page.
    pub words: Text,
    /// It is believed for so long; seen no more after that, it is unknown.
    pub lasts: SignedDuration,
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.of)
    }
}

impl FromStr for Signal {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        let (kind, of) = text
            .split_once('/')
            .ok_or_else(|| UnknownKind(text.to_owned()))?;
        Ok(Self::new(kind.parse::<Kind>()?, of))
    }
}

impl Serialize for Signal {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Signal {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// The moment `duration` after `start`, at most the end of time.
pub fn later(start: Timestamp, duration: SignedDuration) -> Timestamp {
    start
        .saturating_add(duration)
        .unwrap_or(if duration.is_negative() {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        })
}

/// How a signal stands. `Unknown` is neither good nor bad.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Normal,
    Warning,
    Critical,
    #[default]
    Unknown,
}

impl Level {
    pub fn name(self) -> &'static str {
        match self {
            Level::Normal => "normal",
            Level::Warning => "warning",
            Level::Critical => "critical",
            Level::Unknown => "unknown",
        }
    }

    /// Of several eyes on one thing: a higher one outranks a lower. Who knows anything
    /// outranks who does not.
    pub fn weight(self) -> u8 {
        match self {
            Level::Unknown => 0,
            Level::Normal => 1,
            Level::Warning => 2,
            Level::Critical => 3,
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The level of a signal and when it turned to it, by our clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    pub level: Level,
    pub since: Timestamp,
}

impl Standing {
    /// When this standing has lasted for `hold`: the end of a hold-down.
    pub fn held_at(&self, hold: SignedDuration) -> Timestamp {
        later(self.since, hold)
    }

    /// Whether it has stood at `level` for `hold` at the time `now`.
    pub fn held(&self, level: Level, hold: SignedDuration, now: Timestamp) -> bool {
        self.level == level && self.held_at(hold) <= now
    }
}
