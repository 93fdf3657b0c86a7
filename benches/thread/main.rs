//! One thread, end to end: how soon a UPS that goes to battery is on people's
//! screens, and what the programs take of memory and of the processor.
//!
//! `cargo bench` runs the daemon and the seat program as they are shipped, over
//! simulated UPSs, a webhook receiver and a notification server, and prints
//! figures. `cargo bench --bench thread -- latency`, `-- traps`, `-- memory` or `-- idle` run one part.

use std::io::Write as _;

mod centre;
mod idle;
mod latency;
mod memory;
mod peers;

#[path = "../../tests/desktop/bus.rs"]
#[expect(dead_code, reason = "a part of it is for the tests")]
mod bus;
#[path = "../../tests/desktop/notifications.rs"]
#[expect(dead_code, reason = "a part of it is for the tests")]
mod notifications;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let is_wanted = |part: &str| {
        let mut parts = wanted.iter().filter(|arg| !arg.starts_with("--"));
        parts.clone().next().is_none() || parts.any(|arg| arg == part)
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("threads can be started");
    if is_wanted("latency") {
        runtime.block_on(latency::polled());
    }
    if is_wanted("traps") {
        runtime.block_on(latency::called());
    }
    if is_wanted("memory") {
        runtime.block_on(memory::run());
    }
    if is_wanted("idle") {
        runtime.block_on(idle::run());
    }
}

fn print(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("somebody reads");
}
