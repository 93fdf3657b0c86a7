//! Why an eye sees nothing.

use crate::probes::{nut, snmp};

/// Why there is no reading.
#[derive(Debug, thiserror::Error)]
pub enum Blind {
    #[error(transparent)]
    Silent(#[from] snmp::Error),
    #[error("it answers, but none of the objects of a UPS that we know")]
    NoFamily,
    #[error(transparent)]
    Nut(#[from] nut::Error),
}
