//! What is happening: inputs go in, log entries come out.
//!
//! `Board::handle` judges one [`Input`] at a time `now` into entries; the
//! state is a fold of those entries, so a restart is a replay. `decide` reads
//! configuration and state, `apply` reads state and entry only. What is shown
//! ([`Card`], [`View`]) is derived from the state. This room never reads a clock.

mod adoption;
mod alone;
mod asked;
mod astir;
mod backups;
mod board;
mod calling;
mod card;
mod clock_step;
mod commands;
mod concerns;
mod configuring;
mod daily;
mod debt;
mod deliveries;
mod describe;
mod dialling;
mod discharge;
mod docket;
mod duration;
mod duty;
mod ending;
mod entry;
mod extent;
mod fault;
mod foreseen;
mod gate;
mod handover;
mod incident;
mod input;
mod joining;
mod keeping;
mod kinds;
mod kit;
mod leaving;
mod levels;
mod live;
mod menu;
mod message;
mod moment;
mod morning;
mod names;
mod naming;
mod needless;
mod neighbours;
mod news;
mod night;
mod opening;
mod overview;
mod owing;
mod packed;
mod post;
mod progress;
mod queues;
mod raising;
mod reaching;
mod readiness;
mod receiving;
mod remaining;
mod rendered;
mod repeated;
mod repeats;
mod saying;
mod scope;
mod sensing;
mod showing;
mod state;
mod steps;
mod stood;
mod suspicion;
mod telling;
mod ticking;
mod timeline;
mod turning;
mod unseen;
mod view;
mod windows;
mod witnesses;
mod wording;

#[cfg(test)]
mod chances;
#[cfg(test)]
mod discharges;
#[cfg(test)]
mod nights;
#[cfg(test)]
mod outages;
#[cfg(test)]
mod ownpower;
#[cfg(test)]
mod packing;
#[cfg(test)]
mod people;
#[cfg(test)]
mod played;
#[cfg(test)]
mod shifts;
#[cfg(test)]
mod silence;
#[cfg(test)]
mod stories;

pub use backups::{BackupSight, NewestBackup, Unseen};
pub use board::{Board, Centre, Timing, VERSION};
pub use card::{Act, Card, CardButton, CardClock, CardKey, Phase, RingAnswer};
pub use daily::rule::DigestView;
pub use dialling::dial::{DialCause, DialOutcome, DialReport, DueCall};
pub use discharge::Discharge;
pub use duration::lasted;
pub use entry::{Case, Ending, Entry, Event, IncidentId, OwedId, Recipient, Scope, entry_hash};
pub use input::{Command, Input, Leave, Outcome, Presence, Receipt, ReceiptStage, Refused};
pub use kit::{Cause, Kit, KitCard, KitPhone, Kits, SealedKit};
pub use menu::{MenuAsk, MenuItem, MenuPlace, menu};
pub use message::{CallEnd, CallRequest, Callee, Message, Notice};
pub use neighbours::{Around, AskedAround};
pub use news::is_news;
pub use post::Joining;
pub use post::{Holder, OnDuty};
pub use readiness::{Readiness, readiness};
pub use remaining::{RuntimeView, Told};
pub use state::State;
pub use stood::{AloneAct, AloneReport, LateAct, MOST_ACTS, ReportedAct, StoodAlone};
pub use view::{Due, DutyView, IncidentView, Screen, SeatView, SignalView, View};
pub use windows::refusal::WindowRefused;
pub use windows::view::WindowView;
pub use windows::window::{
    By, Covered, Purpose, Tally, Tested, Window, WindowId, WindowOrder, Worse,
};
