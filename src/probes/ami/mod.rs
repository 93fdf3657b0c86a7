//! Asterisk, asked over its manager interface (AMI).
//!
//! In go [`Settings`]; out comes an [`acd::Reading`](crate::acd::Reading), or an
//! [`Error`] that names the ACD and says whether it is down or we are blind. Facts of
//! the protocol are from Asterisk 22 (`apps/app_queue.c`, `main/manager.c`) and from
//! recordings of one.
//!
//! AMI is a protocol in the clear, and its users are never harmless: without any
//! right to write, one may still reset the queues' counts and turn callers out. Let
//! Asterisk listen on loopback or behind an ACL, and keep the secret's file 0600. The
//! secret itself is not sent: the login answers a challenge by MD5. Only an ACD that
//! offers none is sent it, and only where [`Settings::in_the_clear`] allows that.
//!
//! What is sent is held to what Asterisk takes, what is received to what it can need:
//! whoever answers with something else cannot fill our memory or our time.

mod client;
mod decoder;
mod error;
mod link;
mod message;
mod queues;
mod request;
mod session;
mod settings;

pub use client::Client;
pub use error::Error;
pub(crate) use error::Trouble;
pub(crate) use message::Message;
pub use request::Unsendable;
pub(crate) use request::check;
pub(crate) use session::{Events, Session};
pub use settings::{PORT, Secret, Settings};
