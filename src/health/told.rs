//! What is told. Every field may be absent: then nobody there could see it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// With less than this free, a disk is soon full.
pub const DISK_LOW_BYTES: u64 = 2_000_000_000;

/// What one client at a seat knows of the PC it runs on. An empty list tells nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Health {
    /// Of all processors, over the last seconds: 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_percent: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<Memory>,
    /// The disks that stay in the PC, without the small partitions it starts from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub disks: Vec<Disk>,
    /// Frames that the network adapters of hardware damaged or lost, both ways.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_errors_per_minute: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub temperatures: Vec<Temperature>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uptime_seconds: Option<u64>,
    /// Another one after every start of the PC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub boot: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headset: Option<Headset>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub softphone: Option<Softphone>,
    /// The telephone on the desk, as the PC reaches it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Answer>,
    /// By the name of the service: as it answers this PC.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub services: BTreeMap<String, Answer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<Session>,
    /// What a browser knows; the seat program tells none of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<Page>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    pub total_bytes: u64,
    /// What programs could still have without swapping.
    pub available_bytes: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disk {
    /// Where it is in the tree of files.
    pub mount: String,
    pub total_bytes: u64,
    /// What is left for those who are not the administrator.
    pub free_bytes: u64,
}

impl Disk {
    pub fn is_low(&self) -> bool {
        self.free_bytes < DISK_LOW_BYTES
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Temperature {
    /// As the PC calls the sensor.
    pub of: String,
    pub celsius: f64,
}

/// The headset, as ALSA and the sound server see it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Headset {
    pub present: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether the PC plays to it unless told otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_out: Option<bool>,
    /// Whether the PC listens to it unless told otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_in: Option<bool>,
    /// Its microphone is muted at the PC; a switch on its cable is seen by nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub muted: Option<bool>,
    /// What it plays is muted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub silenced: Option<bool>,
    /// It has been so for at least so long.
    pub for_seconds: u64,
}

/// The program that telephones, by the names that were configured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Softphone {
    pub running: bool,
    /// Which of the names was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub for_seconds: u64,
}

/// How something answers this PC.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    pub state: State,
    /// Of the last answer; absent where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<f64>,
    /// Why it fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The state has been the same for at least so long.
    #[serde(default)]
    pub for_seconds: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Ok,
    Slow,
    Failing,
}

impl State {
    pub fn name(self) -> &'static str {
        match self {
            State::Ok => "ok",
            State::Slow => "slow",
            State::Failing => "failing",
        }
    }
}

/// Whether anybody is likely to sit there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Session {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locked: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle: Option<bool>,
    /// Somebody works on it from elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote: Option<bool>,
}

/// What a browser tells without asking anybody for leave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Page {
    pub visible: bool,
    /// `navigator.onLine`: false is sure, true is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub online: Option<bool>,
    /// Whether it keeps what it is given: without that, the key is typed in every day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage: Option<bool>,
    /// Microphones that it could use, where it says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub microphones: Option<u32>,
}
