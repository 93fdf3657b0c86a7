//! The seat program: this seat's cards as desktop notifications.
//!
//! ```text
//! daemon <-- frames --> connection --> program --> desktop: one notification a card
//!                                        ^            |
//!                                        '-- presses -'
//! ```
//!
//! Without a daemon it judges by itself whether the power or the network is gone, and shows
//! the card that the daemon gave it for that; what is pressed there is told later.
//!
//! It is level-triggered: whenever the cards in force, the connection or the
//! notification server change, what ought to be shown is compared with what is,
//! and the difference is mended. So it is right again after anything.

mod address;
mod alone;
mod asking;
mod battery;
mod connection;
mod desktop;
mod face;
#[cfg(test)]
mod fixture;
mod hint;
mod likeness;
mod logind;
mod memory;
mod network;
mod opening;
mod own;
mod program;
mod senses;
mod settings;
mod shelf;
mod system;
mod telling;
mod upower;

use std::path::PathBuf;

use tokio_util::sync::CancellationToken;

use crate::health::{Health, Machine, Watch};

pub use address::{Address, AddressError};
pub use settings::{ALONE_AFTER, Settings};

/// Shows what is in force until cancelled; then says goodbye and closes what it shows.
pub async fn run(settings: Settings, cancel: CancellationToken) {
    program::run(settings, cancel).await;
}

/// Runs the sensors once on this PC.
pub async fn look(watch: Watch) -> (Machine, Health) {
    let root = PathBuf::from("/");
    let machine = senses::machine::look(&root);
    let health = senses::once(root, senses::sound::Place::own(), watch).await;
    (machine, health)
}

/// Whether a seat can ask there whether something answers, or why not.
pub fn can_ask(place: &str) -> Result<(), String> {
    senses::can_ask(place)
}
