//! What the programs take of the processor while nothing happens.

use std::time::Duration;

use crate::bus::Process;
use crate::centre::Centre;
use crate::print;

/// So long nothing happens.
const CALM: Duration = Duration::from_secs(300);

pub(crate) async fn run() {
    let Some(centre) = Centre::start("idle").await else {
        return;
    };
    let programs = [
        ("the daemon", &centre.daemon, "no target"),
        ("callwatch-seat", &centre.alone, "the target is 1"),
        ("callwatch seat", &centre.of_the_whole, "no target"),
    ];
    // Everybody has connected.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let before = programs.map(|(_, process, _)| on_the_processor(process));
    tokio::time::sleep(CALM).await;
    for ((what, process, target), before) in programs.into_iter().zip(before) {
        let took = on_the_processor(process).saturating_sub(before);
        let an_hour = took.as_secs_f64() / CALM.as_secs_f64() * 3600.0;
        print(&format!(
            "{:<40} {an_hour:>6.2} s of the processor an hour; {target}",
            format!("{what}, calm for {CALM:?}")
        ));
    }
}

/// Of all its threads, as the scheduler counts: the clock's ticks are too coarse for this.
fn on_the_processor(process: &Process) -> Duration {
    let threads = std::fs::read_dir(format!("/proc/{}/task", process.0.id()));
    let threads = threads.expect("it runs").map(|thread| {
        let file = thread.expect("it runs").path().join("schedstat");
        let text = std::fs::read_to_string(file).expect("the kernel keeps it");
        let nanoseconds = text.split_whitespace().next().map(str::parse::<u64>);
        nanoseconds.expect("it is the first").expect("it is whole")
    });
    Duration::from_nanos(threads.sum())
}
