//! What a process has used of the CPU, as the kernel counts it.

use std::fs;

/// CPU time of a process and requests to the agents, up to now.
pub(crate) struct Spent {
    cpu_ns: u64,
    requests: u64,
}

/// What polls cost.
pub(crate) struct Cost {
    pub(crate) us_a_poll: f64,
    pub(crate) requests_a_poll: f64,
}

impl Spent {
    pub(crate) fn until_now(process: u32, requests: u64) -> Self {
        Self {
            cpu_ns: cpu_ns(process),
            requests,
        }
    }

    /// From `before` to this, over so many polls.
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    pub(crate) fn since(&self, before: &Self, polls: f64) -> Cost {
        let cpu_us = (self.cpu_ns - before.cpu_ns) as f64 / 1000.0;
        Cost {
            us_a_poll: cpu_us / polls,
            requests_a_poll: (self.requests - before.requests) as f64 / polls,
        }
    }
}

/// Of all threads that live; the daemon's and the bare library's live as long as they do.
pub(crate) fn cpu_ns(process: u32) -> u64 {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).expect("it lives");
    tasks
        .filter_map(|task| {
            let stat = fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
            stat.split_whitespace().next()?.parse::<u64>().ok()
        })
        .sum()
}

/// How many processes want a core, over the last minute.
pub(crate) fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().unwrap_or_default().to_owned()
}
