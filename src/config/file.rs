//! The shape of the centre's file, key by key, before anything is checked.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::Deserialize;

use crate::config::accepted::Accepted;
use crate::config::acds::{Acd, Names};
use crate::config::backups::Backup;
use crate::config::channel::Channel;
use crate::config::hours::{Between, Hour, Hours};
use crate::config::queues::{Queue, Reserve};
use crate::config::service::Service;
use crate::sensors;
use crate::site::DeviceKind;
use crate::text::{Language, Text};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    pub(crate) site: Site,
    #[serde(default)]
    pub(crate) zone: BTreeMap<String, Zone>,
    #[serde(default)]
    pub(crate) feed: BTreeMap<String, Feed>,
    #[serde(default)]
    pub(crate) circuit: BTreeMap<String, Circuit>,
    #[serde(default)]
    pub(crate) ups: BTreeMap<String, Ups>,
    #[serde(default)]
    pub(crate) device: BTreeMap<String, Device>,
    #[serde(default)]
    pub(crate) sensor: BTreeMap<String, Sensor>,
    #[serde(default)]
    pub(crate) service: BTreeMap<String, Service>,
    #[serde(default)]
    pub(crate) backup: BTreeMap<String, Backup>,
    #[serde(default)]
    pub(crate) seat: BTreeMap<String, Seat>,
    #[serde(default)]
    pub(crate) desk: Desk,
    #[serde(default)]
    pub(crate) role: BTreeMap<String, Role>,
    /// The shifts that a roster names.
    #[serde(default)]
    pub(crate) shift: BTreeMap<String, Between>,
    #[serde(default)]
    pub(crate) contact: BTreeMap<String, Contact>,
    #[serde(default)]
    pub(crate) channel: BTreeMap<String, Channel>,
    #[serde(default)]
    pub(crate) acd: BTreeMap<String, Acd>,
    #[serde(default)]
    pub(crate) queue: BTreeMap<String, Queue>,
    /// People to call in, by list.
    #[serde(default)]
    pub(crate) reserve: BTreeMap<String, Vec<Reserve>>,
    pub(crate) host: Option<Host>,
    #[serde(default)]
    pub(crate) readiness: Readiness,
    pub(crate) emergency: Emergency,
    pub(crate) plan: Plan,
    #[serde(default)]
    pub(crate) timing: Timing,
    #[serde(default)]
    pub(crate) traps: Traps,
    #[serde(default)]
    pub(crate) web: Web,
    #[serde(default)]
    pub(crate) store: Store,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Site {
    pub(crate) name: Text,
    #[serde(default)]
    pub(crate) language: Language,
    pub(crate) time_zone: String,
    /// For the fire brigade.
    pub(crate) address: Option<Text>,
    /// Files beside this one.
    pub(crate) calendar: Option<String>,
    pub(crate) roster: Option<String>,
    pub(crate) digest: Option<String>,
    pub(crate) it_digest: Option<Hour>,
    pub(crate) on_call: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Zone {
    pub(crate) name: Text,
    pub(crate) hours: Option<Hours>,
    pub(crate) assembly: Option<Text>,
    #[serde(default)]
    pub(crate) network: Vec<String>,
    pub(crate) accepted: Option<Accepted>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Feed {
    pub(crate) name: Text,
    #[serde(default)]
    pub(crate) generator: bool,
    /// `15`, `first wednesday` or `last friday`.
    pub(crate) generator_test: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Circuit {
    pub(crate) name: Text,
    pub(crate) feed: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ups {
    pub(crate) name: Text,
    pub(crate) zone: String,
    pub(crate) fed_by: String,
    #[serde(default)]
    pub(crate) via: Vec<String>,
    /// Of its network card; or `nut`.
    pub(crate) host: Option<String>,
    /// 161 where it is left out.
    pub(crate) port: Option<u16>,
    pub(crate) community: Option<String>,
    pub(crate) community_file: Option<String>,
    /// `1`, `2c` or `3`.
    pub(crate) version: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) auth: Option<String>,
    pub(crate) auth_password: Option<String>,
    pub(crate) auth_password_file: Option<String>,
    pub(crate) privacy: Option<String>,
    pub(crate) privacy_password: Option<String>,
    pub(crate) privacy_password_file: Option<String>,
    pub(crate) context: Option<String>,
    pub(crate) nut: Option<String>,
    /// The seat whose PC sees it.
    pub(crate) seat: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Device {
    pub(crate) name: Text,
    pub(crate) kind: Option<DeviceKind>,
    pub(crate) zone: Option<String>,
    pub(crate) fed_by: String,
    #[serde(default)]
    pub(crate) via: Vec<String>,
    /// How it is asked whether it is there.
    pub(crate) reach: Option<String>,
    pub(crate) every: Option<SignedDuration>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sensor {
    pub(crate) name: Text,
    pub(crate) kind: sensors::Kind,
    pub(crate) zone: Option<String>,
    /// Of a generator's contact.
    pub(crate) feed: Option<String>,
    /// The UPS whose card it hangs on.
    pub(crate) ups: Option<String>,
    /// `ambient`, `probe 1` or `contact 1` of that card.
    pub(crate) input: Option<String>,
    pub(crate) oid: Option<String>,
    pub(crate) host: Option<String>,
    pub(crate) port: Option<u16>,
    pub(crate) community: Option<String>,
    pub(crate) community_file: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) auth: Option<String>,
    pub(crate) auth_password: Option<String>,
    pub(crate) auth_password_file: Option<String>,
    pub(crate) privacy: Option<String>,
    pub(crate) privacy_password: Option<String>,
    pub(crate) privacy_password_file: Option<String>,
    pub(crate) context: Option<String>,
    pub(crate) scale: Option<f64>,
    pub(crate) warning: Option<f64>,
    pub(crate) critical: Option<f64>,
    pub(crate) back: Option<f64>,
    #[serde(rename = "for")]
    pub(crate) hold: Option<SignedDuration>,
    pub(crate) closed: Option<Closed>,
    pub(crate) alarm: Option<Vec<i64>>,
    pub(crate) normal: Option<Vec<i64>>,
}

/// What a closed contact says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Closed {
    Alarm,
    Normal,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Seat {
    pub(crate) zone: String,
    pub(crate) fed_by: String,
    #[serde(default)]
    pub(crate) via: Vec<String>,
    /// As the ACD calls its telephone.
    pub(crate) member: Option<Names>,
    #[serde(default)]
    pub(crate) laptop: bool,
    #[serde(default)]
    pub(crate) spare: bool,
    #[serde(default)]
    pub(crate) public: bool,
    /// Of the telephone on the desk.
    pub(crate) phone: Option<String>,
    pub(crate) softphone: Option<Vec<String>>,
    pub(crate) headset: Option<bool>,
    pub(crate) required_runtime: Option<SignedDuration>,
    pub(crate) accepted: Option<Accepted>,
    pub(crate) language: Option<Language>,
}

/// What is on the desk of every seat that does not say otherwise.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Desk {
    pub(crate) softphone: Vec<String>,
    pub(crate) headset: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Role {
    #[serde(default)]
    pub(crate) seats: Vec<String>,
    #[serde(default)]
    pub(crate) channels: Vec<String>,
    pub(crate) duty: Option<String>,
    #[serde(default)]
    pub(crate) deputy: Deputy,
    pub(crate) next_up: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Deputy {
    #[serde(default)]
    pub(crate) seats: Vec<String>,
    #[serde(default)]
    pub(crate) channels: Vec<String>,
    pub(crate) duty: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Contact {
    pub(crate) name: Text,
    pub(crate) phone: String,
}

/// Where callwatch itself runs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Host {
    pub(crate) fed_by: String,
    #[serde(default)]
    pub(crate) via: Vec<String>,
    pub(crate) accepted: Option<Accepted>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Readiness {
    pub(crate) target: SignedDuration,
    pub(crate) floor: SignedDuration,
}

impl Default for Readiness {
    fn default() -> Self {
        let shipped = crate::site::Readiness::default();
        Self {
            target: shipped.target,
            floor: shipped.floor,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Emergency {
    pub(crate) fire: String,
    pub(crate) police: String,
    pub(crate) ambulance: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plan {
    pub(crate) pack: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Timing {
    pub(crate) status_poll: SignedDuration,
    pub(crate) full_poll: SignedDuration,
    pub(crate) stale_after: SignedDuration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            status_poll: SignedDuration::from_secs(2),
            full_poll: SignedDuration::from_secs(30),
            stale_after: SignedDuration::from_secs(15),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Traps {
    pub(crate) listen: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Web {
    pub(crate) listen: String,
    /// Files beside this one, for TLS.
    pub(crate) certificate: Option<String>,
    pub(crate) key: Option<String>,
}

impl Default for Web {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8460".to_owned(),
            certificate: None,
            key: None,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Store {
    pub(crate) path: Option<String>,
    pub(crate) keep_days: Option<i64>,
    pub(crate) backup_folder: Option<String>,
    /// How many are kept; 0 for none.
    pub(crate) backups: Option<i64>,
}
