//! What stays in memory: the daemon of the reference centre with its eleven seats
//! connected in the middle of a power cut, and the seat program with a card shown.

use std::time::Duration;

use sysinfo::{Pid, ProcessesToUpdate, System};

use crate::bus::Process;
use crate::centre::Centre;
use crate::peers;
use crate::print;

const MIB: u64 = 1024 * 1024;
const DAEMON: &str = "the target is under 25";
const SEAT: &str = "the target is under 8";
const WHOLE: &str = "no target: a seat PC has callwatch-seat";

pub(crate) async fn run() {
    let Some(mut centre) = Centre::start("memory").await else {
        return;
    };
    tokio::time::sleep(Duration::from_secs(5)).await;
    report("the daemon, calm", &centre.daemon, DAEMON);
    report("callwatch-seat, calm", &centre.alone, SEAT);
    report("callwatch seat, calm", &centre.of_the_whole, WHOLE);
    for ups in &centre.ups {
        ups.mains(false);
    }
    peers::new_notification(&mut centre.server).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    report(
        "the daemon, a minute into a power cut",
        &centre.daemon,
        DAEMON,
    );
    report("callwatch-seat, its card shown", &centre.alone, SEAT);
    report(
        "callwatch seat, its card shown",
        &centre.of_the_whole,
        WHOLE,
    );
}

fn report(what: &str, process: &Process, target: &str) {
    let pid = Pid::from_u32(process.0.id());
    let mut system = System::new().expect("the system tells of itself");
    system.refresh_processes(ProcessesToUpdate::Some(&[pid]), true);
    let resident = system.process(pid).expect("it runs").memory();
    let tenths = resident * 10 / MIB;
    print(&format!(
        "{what:<40} {:>3}.{} MiB resident; {target}",
        tenths / 10,
        tenths % 10
    ));
}
