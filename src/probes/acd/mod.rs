//! Every call distributor as the centre's file names it: Asterisk, JSON over HTTP, a program,
//! FreeSWITCH, or what is pushed in.

pub mod address;
pub mod auth;
pub mod condition;
mod document;
pub mod exec;
mod failure;
pub mod figures;
pub mod freeswitch;
mod hidden;
mod http;
pub mod json;
pub mod login;
pub mod pushed;
pub mod settings;
pub mod signing;
mod source;
pub mod template;
mod told;
mod watch;

pub use failure::Failure;
pub use hidden::Hidden;
pub use settings::{Around, Of, Settings};
pub use source::{Source, place};
pub use told::Told;
pub use watch::watch_acd;
