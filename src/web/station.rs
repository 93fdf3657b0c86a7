//! What is to be looked at from a seat.

use std::sync::Arc;

use crate::health::Watch;

/// What the centre's file says of a seat's desk.
#[derive(Clone, Debug)]
pub struct Station {
    pub watch: Arc<Watch>,
    /// A headset that was there and is gone is missed; else nobody looks for one.
    pub headset: bool,
}

impl Default for Station {
    fn default() -> Self {
        Self {
            watch: Arc::default(),
            headset: true,
        }
    }
}
