//! The frames that seat and daemon share: JSON text over one WebSocket, `/ws`.
//!
//! A client says [`FromSeat::Hello`] first. From then on it is sent ALL its
//! cards in force whenever they change; it shows the new, updates, closes what
//! is gone, and reports how far each has come.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use crate::health::{Health, Machine, Watch};
use crate::incidents::{Act, AloneReport, Card, CardKey, Leave, MenuItem, ReceiptStage, SealedKit};
use crate::text::Language;
use crate::ups::OwnPower;

/// The version of these frames; a client of another one is refused.
pub const VERSION: u16 = 1;

/// A frame from a seat's client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "frame", rename_all = "kebab-case")]
pub enum FromSeat {
    Hello {
        version: u16,
        seat: String,
        key: String,
        /// The language of the reader; absent: the seat's own.
        language: Option<Language>,
        /// Which PC it is; a page cannot tell. Who tells it is sent [`ToSeat::Watch`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        machine: Option<Machine>,
    },
    /// Nothing to say, but alive. Every 5 s.
    Alive,
    Receipt {
        card: CardKey,
        revision: u32,
        stage: ReceiptStage,
    },
    Command {
        id: String,
        act: Act,
    },
    /// Asks what may be raised from this seat.
    Menu,
    /// What the PC sees of its own supply: when it changes, and every 5 s.
    Power {
        power: OwnPower,
    },
    /// What it knows of its PC: when that changes, every 10 s at most, and every 60 s. A
    /// daemon that does not know it says so in an outcome of no id.
    Health {
        health: Arc<Health>,
    },
    /// Asks for what it needs when it is alone, now and whenever that changes.
    Kit {
        /// Of what it has; empty: nothing yet.
        digest: String,
    },
    /// A trouble that it met while it had no daemon. Its outcome comes under the report's id.
    Alone {
        report: AloneReport,
    },
    /// A clean end: the silence that follows is no fault. The daemon ends the
    /// connection once it has heard it.
    Goodbye {
        /// Absent: a page was closed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<Leave>,
    },
}

/// A frame to a seat's client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "frame", rename_all = "kebab-case")]
pub enum ToSeat {
    /// All cards in force at this seat; what is not in it is over.
    Cards {
        server_now: Timestamp,
        /// Grows with every change of what is in force anywhere.
        revision: u64,
        cards: Vec<Arc<Card>>,
    },
    /// The answer to [`FromSeat::Alive`]: a client that misses it is not connected any more.
    Alive { server_now: Timestamp },
    /// What became of a command.
    Outcome {
        id: String,
        /// Absent where it was done; else why not.
        refused: Option<String>,
    },
    /// What may be raised from this seat: the answer to [`FromSeat::Menu`].
    Menu {
        items: Vec<MenuItem>,
        /// The seats that may stand in for the lead, where this one has the role.
        #[serde(default)]
        substitutes: Vec<String>,
    },
    /// What the seat needs when it is alone: for who asked by [`FromSeat::Kit`].
    Kit(SealedKit),
    /// What it is to look at: for who told its machine.
    Watch(Arc<Watch>),
    /// A receipt is in the log.
    Recorded {
        card: CardKey,
        revision: u32,
        stage: ReceiptStage,
    },
    /// The connection is of no use; the reason, and the daemon closes it.
    Refused { why: String },
}
