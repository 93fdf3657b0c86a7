//! What the programs take of the processor while nothing happens.

use std::time::Duration;

use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

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
            "{:<40} {an_hour:>5.1} s of the processor an hour; {target}",
            format!("{what}, calm for {CALM:?}")
        ));
    }
}

fn on_the_processor(process: &Process) -> Duration {
    let pid = Pid::from_u32(process.0.id());
    let mut system = System::new().expect("the system tells of itself");
    let of_it = ProcessRefreshKind::nothing().with_cpu();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, of_it);
    let process = system.process(pid).expect("it runs");
    Duration::from_millis(process.accumulated_cpu_time())
}
