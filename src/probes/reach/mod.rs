//! Whether a host or a service is reached: by TCP, ICMP, DNS, HTTP or TLS.
//!
//! A [`Target`] goes in, an [`Answer`] comes out: reached or why not, how long it
//! took, and until when the certificate is good. One attempt, under one timeout, and
//! every stage that it may hang in has a [`Fault`] of its own. What is slow, and what a
//! fault means to the centre, is judged elsewhere.

mod answer;
#[cfg(test)]
pub(crate) mod authority;
mod certificate;
mod client;
mod conditions;
mod connection;
mod dns;
mod fault;
mod http;
mod icmp;
mod mending;
mod message;
mod percent;
mod record;
mod resolver;
mod settings;
#[cfg(test)]
pub(crate) mod shown;
mod sight;
mod target;
mod tls;
mod watch;
mod way;
mod wording;

pub use answer::Answer;
pub(crate) use certificate::not_after;
pub use client::{Client, Shared};
pub use conditions::{ConditionError, Conditions, Statuses};
pub use fault::Fault;
pub use record::Record;
pub use settings::{EVERY, SLOW, Settings};
pub use target::{Login, Page, Question, Target, TargetError};
pub use tls::Trust;
pub(crate) use tls::tls_fault;
pub use watch::watch_target;
pub use way::{Stage, Way};
