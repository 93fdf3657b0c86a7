//! What one attempt ended with.

use std::time::Duration;

use crate::probes::reach::fault::Fault;
use crate::probes::reach::way::Way;

/// Reached, or why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub reached: Result<(), Fault>,
    /// From the begin of the attempt to the last byte that was needed, look-up, connection
    /// and handshake counted where there were any; after a fault, until it was plain.
    pub latency: Duration,
    pub way: Way,
}
