//! callwatch runs a call centre's contingency plan.
//!
//! Readings go in, log entries come out. One pure thing, the
//! `Board`, turns inputs and the time into log entries;
//! everything else is an eye (probes, seats), a hand (alerts), a memory (store)
//! or a window (web, cli).
//!
//! ```text
//!  UPSs                                seat PCs                       people
//!     |                           report ^  cards            raise, tick, answer
//!  probes/                          web/ | seat/                 web/   cli/
//!     |  Reading                      |  |                         |  Command
//!     +-------------------+-----------+--|-------------------------+
//!                         v              |        one bounded inbox
//!                    control.rs          |        rounds: drain, handle, append, publish, tell
//!                         |  Board::handle(now, Input) -> Result<Vec<Entry>, Refused>     pure, no await
//!          ups, signals -> plan -> incidents
//!                         |  Vec<Entry>
//!                         v              |
//!                      store/   1. append (nothing is told before it is written)
//!                         +--> alerts/    2. tell: webhooks; the outcome comes back as an Input
//!                         +--> View       3. show: each seat's cards and the page
//! ```
//!
//! The program `callwatch` does all of it; `callwatch-seat` is the room [`seat`] alone,
//! a quarter of its size, for the seat PCs.
//!
//! Rooms stand on floors and import downward only:
//!
//! | floor | rooms |
//! |---|---|
//! | 1 | [`clock`], [`text`], [`document`], [`program`], [`health`], [`signals`], [`sensors`], [`acd`], [`staffing`], [`ups`] |
//! | 2 | [`site`], [`plan`] |
//! | 3 | [`incidents`] |
//! | 4 | [`wire`], [`inbox`], [`probes`] |
//! | 5 | [`store`], [`alerts`] |
//! | 6 | [`control`] |
//! | 7 | [`web`], [`seat`] |
//! | 8 | [`sim`] |
//! | 9 | [`config`] |
//! | 10 | [`daemon`] |
//! | 11 | [`demo`], [`cli`] |
//!
//! `acd`, `health`, `signals`, `sensors`, `staffing`, `ups`, `site`, `plan`, `incidents` and `wire` are
//! pure: no I/O, no clock, no logging. `tests/` keeps them so.

pub mod acd;
pub mod alerts;
pub mod cli;
pub mod clock;
pub mod config;
pub mod control;
pub mod daemon;
pub mod demo;
pub mod document;
pub mod health;
pub mod inbox;
pub mod incidents;
pub mod plan;
pub mod probes;
pub mod program;
pub mod seat;
pub mod sensors;
pub mod signals;
pub mod sim;
pub mod site;
pub mod staffing;
pub mod store;
pub mod text;
pub mod ups;
pub mod web;
pub mod wire;
