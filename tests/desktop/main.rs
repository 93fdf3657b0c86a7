//! The seat program on a desktop: the real program on a session bus of its own, the
//! small one that a seat PC has, and in [`whole`] the one that does everything.
//!
//! In [`program`] the notification server is ours, and can be absent, die or hang.
//! In [`servers`] it is a real one under a virtual screen, of which a picture is
//! taken; those run with `CALLWATCH_REAL=1` only.

mod bus;
mod daemon;
mod notifications;
mod outage;
mod program;
mod servers;
mod sound;
mod system;
mod whole;
