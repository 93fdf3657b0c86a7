//! A simulated centre on loopback, speaking the real protocols: for the demo and the tests.

pub mod ami;
pub mod environment;
pub mod event_socket;
pub mod queue;
pub mod receiver;
pub mod seat;
pub mod snmp;
pub mod ups;
