//! What the centre's file settles.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::SignedDuration;

use crate::alerts;
use crate::health::Watch;
use crate::probes;
use crate::signals::Signal;
use crate::site::Site;
use crate::web::tls::Identity;

/// The packs that are part of the program.
pub const SHIPPED_PACKS: [&str; 2] = ["call-center", "hotline-center"];

/// Everything that the centre's file says.
#[derive(Clone, Debug)]
pub struct Config {
    /// The emergency numbers are among its contacts: `fire`, `police`, `ambulance`.
    pub site: Site,
    pub plan: Pack,
    /// How each UPS is asked, by its name.
    pub watch: BTreeMap<String, probes::Settings>,
    /// How each sensor is asked, by its name.
    pub sensors: BTreeMap<String, probes::sensor::Settings>,
    /// How each ACD is asked, by its name.
    pub acds: BTreeMap<String, probes::acd::Settings>,
    /// How each backup is known of, by its name.
    pub backups: BTreeMap<String, probes::backup::Known>,
    /// How people are rung up, where they are.
    pub phone: Option<alerts::phone::Settings>,
    /// How each service and device is asked whether it answers.
    pub reach: BTreeMap<Signal, probes::reach::Settings>,
    /// What is looked at from each seat.
    pub stations: BTreeMap<String, Arc<Watch>>,
    pub channels: BTreeMap<String, alerts::Settings>,
    pub timing: Timing,
    /// Where traps are heard, if systemd does not hand a socket over.
    pub traps: Option<SocketAddr>,
    pub web: Web,
    pub store: Store,
}

/// Which plan is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pack {
    /// One of [`SHIPPED_PACKS`].
    Shipped(&'static str),
    File(PathBuf),
}

/// How often UPSs are asked, and when silence is shown and told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    pub status_poll: SignedDuration,
    pub full_poll: SignedDuration,
    /// Grey on the page after so long without an answer.
    pub stale_after: SignedDuration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Web {
    pub listen: SocketAddr,
    /// What it is served with by TLS; in the clear without it.
    pub identity: Option<Identity>,
}

impl Web {
    /// What its addresses begin with.
    pub fn scheme(&self) -> &'static str {
        match self.identity {
            Some(_) => "https",
            None => "http",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    pub path: PathBuf,
    /// How long entries are kept.
    pub keep: SignedDuration,
    pub backup_folder: PathBuf,
    /// How many weekly copies are kept; with 0 none is made.
    pub backups: usize,
}
