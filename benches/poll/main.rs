//! What one poll costs: callwatch as it is shipped beside the bare library.
//!
//! `cargo bench --bench poll` starts 1,000 simulated UPSs, then by turns the daemon
//! with all of them in its site (the probe loops, the judgement, the Board, the view
//! and the log) and the bare `snmp2` with the same requests at the same pace. Each is
//! a process of its own, so nothing else counts; what is compared is its CPU time.

mod agents;
mod bare;
mod centre;
mod cost;
mod process;

use std::io::Write as _;
use std::time::Duration;

use agents::Agents;
use cost::{Cost, Spent};
use process::{Process, again};

const UPS: usize = 1000;
/// Between two polls of one UPS: 500 polls a second in all.
const POLL: Duration = Duration::from_secs(2);
/// Between two polls of everything, of one UPS.
const FULL: Duration = Duration::from_secs(30);
/// Sockets are open, families detected, the first full polls over.
const WARM_UP: Duration = Duration::from_secs(10);
/// One full poll of each UPS, and fourteen light ones.
const MEASURED: Duration = Duration::from_secs(30);
const ROUNDS: usize = 5;
const TARGET: f64 = 2.0;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.first().map(String::as_str) {
        Some(agents::ROLE) => agents::run(),
        Some(bare::ROLE) => bare::run(&args[1..]),
        _ => compare(),
    }
}

fn compare() {
    let agents = Agents::start(UPS);
    let centre = centre::Folder::new(&agents.ports);
    let (mut ours, mut bares) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        let bare = measured(&bare::start(&agents.ports), &agents);
        let daemon = measured(&centre.daemon(), &agents);
        print(&format!(
            "round {round}: bare {:>6.1} us CPU a poll of {:.2} requests, callwatch {:>6.1} us of {:.2}; load {}",
            bare.us_a_poll,
            bare.requests_a_poll,
            daemon.us_a_poll,
            daemon.requests_a_poll,
            cost::load()
        ));
        bares.push(bare.us_a_poll);
        ours.push(daemon.us_a_poll);
    }
    print(&format!(
        "{UPS} UPSs, each asked every {POLL:?}, for everything every {FULL:?}; {ROUNDS} rounds of {MEASURED:?}"
    ));
    let ratios = ours.iter().zip(&bares).map(|(our, bare)| our / bare);
    let ratios: Vec<f64> = ratios.collect();
    for (name, figures) in [
        ("bare snmp2, us", bares),
        ("callwatch, us", ours),
        ("ratio", ratios),
    ] {
        let (least, median, most) = spread(figures);
        print(&format!(
            "{name:<15} median {median:>6.2}  least {least:>6.2}  most {most:>6.2}"
        ));
    }
    print(&format!("the target is a ratio of at most {TARGET}"));
}

/// What a process costs while it polls at its pace.
fn measured(process: &Process, agents: &Agents) -> Cost {
    let process = process.0.id();
    sleep(WARM_UP);
    let before = Spent::until_now(process, agents.requests());
    sleep(MEASURED);
    let after = Spent::until_now(process, agents.requests());
    let each = MEASURED.as_secs_f64() / POLL.as_secs_f64();
    let count = u32::try_from(UPS).expect("it is small");
    after.since(&before, f64::from(count) * each)
}

#[expect(
    clippy::disallowed_methods,
    reason = "nothing runs in this process that could be kept from running"
)]
fn sleep(duration: Duration) {
    std::thread::sleep(duration);
}

/// Least, median and most.
fn spread(mut figures: Vec<f64>) -> (f64, f64, f64) {
    figures.sort_by(f64::total_cmp);
    (
        figures[0],
        figures[figures.len() / 2],
        figures[figures.len() - 1],
    )
}

fn print(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("somebody reads");
}
