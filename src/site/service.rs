//! What seats work with: services over the network, what hands the calls out, and the backups.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::text::Text;

/// A program on the network that seats work with: the CRM, a knowledge base, a file server.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Service {
    pub name: Text,
    /// The devices that it lies behind, nearest to it first: its server, its gateway.
    pub via: Vec<String>,
}

/// What hands calls out to the seats.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Acd {
    pub name: Text,
    /// The devices that it runs on and lies behind, nearest to it first.
    pub via: Vec<String>,
    /// What it told is believed for so long.
    pub stale_after: SignedDuration,
}

/// A copy of what seats work with, which some other program makes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Backup {
    pub name: Text,
    /// Its newest is too old after this.
    pub late_after: SignedDuration,
    /// Its job reports here; else callwatch looks for its files.
    pub reports: bool,
}
