//! What is happening: inputs go in, log entries come out.
//!
//! `Board::handle` judges one [`Input`] at a time `now` into entries; the
//! state is a fold of those entries, so a restart is a replay. `decide` reads
//! configuration and state, `apply` reads state and entry only. What is shown
//! ([`Card`], [`View`]) is derived from the state. This room never reads a clock.

mod card;
mod entry;
mod input;
mod view;

pub use card::{Act, Card, CardButton, CardClock, CardKey, Phase};
pub use entry::{Entry, Event, IncidentId, Message, Notice, OwedId, Recipient, entry_hash};
pub use input::{Command, Input, Outcome, Presence, Receipt, ReceiptStage, Refused};
pub use view::{Due, IncidentView, Screen, SeatView, SignalView, View};
