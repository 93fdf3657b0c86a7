//! Against real peers: programs that are not ours. Run with `CALLWATCH_REAL=1`.

#![expect(
    clippy::unwrap_used,
    reason = "a peer that cannot be set up fails the test"
)]

mod acd;
mod nut;
mod sensors;
mod snmpd;
mod traps;
mod ups;
