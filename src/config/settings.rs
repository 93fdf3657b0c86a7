//! What the centre's file settles.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use jiff::SignedDuration;

use crate::site::Site;

/// The packs that are part of the program.
pub const SHIPPED_PACKS: [&str; 2] = ["call-center", "hotline-center"];

/// Everything that the centre's file says.
#[derive(Clone, Debug)]
pub struct Config {
    /// The emergency numbers are among its contacts: `fire`, `police`, `ambulance`.
    pub site: Site,
    pub plan: Pack,
    /// How each UPS is asked, by its name.
    pub watch: BTreeMap<String, Snmp>,
    pub channels: BTreeMap<String, Webhook>,
    pub timing: Timing,
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

/// How a UPS is asked by SNMP v2c.
#[derive(Clone, PartialEq, Eq)]
pub struct Snmp {
    pub host: String,
    pub port: u16,
    pub community: String,
}

/// Where a channel's messages go and what signs them.
#[derive(Clone, PartialEq, Eq)]
pub struct Webhook {
    pub url: String,
    pub secret: Vec<u8>,
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
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    pub path: PathBuf,
}

impl fmt::Debug for Snmp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Snmp");
        shown.field("host", &self.host).field("port", &self.port);
        shown.finish_non_exhaustive()
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Webhook");
        shown.field("url", &self.url).finish_non_exhaustive()
    }
}
