//! Devices of the network.

use serde::{Deserialize, Serialize};

use crate::text::Text;

/// A switch, router, PBX or server.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Device {
    pub name: Text,
    pub kind: Option<DeviceKind>,
    pub zone: Option<String>,
    /// A UPS or a circuit.
    pub fed_by: String,
    pub via: Vec<String>,
}

/// What a device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeviceKind {
    Switch,
    Router,
    Pbx,
    Server,
}
