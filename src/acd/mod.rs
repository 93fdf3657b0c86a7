//! What an ACD says, whatever its make.
//!
//! A probe brings a [`Reading`]: queues, and members where the source tells them;
//! or it says why there is [`NoReading`]: the ACD is down ([`Outage`]) or what it
//! says cannot be believed ([`Blind`]). Blind is never calm. What a single reading
//! cannot show is found over time: [`Pulse`] finds data that stands still, [`Rates`]
//! makes our own service level and rate of abandoned calls of the ACD's totals.

mod blind;
mod member;
mod no_reading;
mod outage;
mod pulse;
mod queue;
mod rates;

pub use blind::Blind;
pub use member::{Member, Standing};
pub use no_reading::NoReading;
pub use outage::Outage;
pub use pulse::{FROZEN_AFTER, Pulse};
pub use queue::{Field, Queue, Reading, Totals};
pub use rates::{Lately, Rates};
