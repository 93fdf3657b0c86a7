//! What stays in memory: the daemon of the reference centre with its eleven seats
//! connected in the middle of a power cut, and the seat program with a card shown.

use std::net::SocketAddr;
use std::time::Duration;

use callwatch::clock::Clock;
use callwatch::config;
use callwatch::sim::ups::{Card, Ups};
use sysinfo::{Pid, ProcessesToUpdate, System};

use crate::bus::{Bus, Process};
use crate::notifications::Server;
use crate::peers::{self, Folder, Seat};
use crate::print;

const MIB: u64 = 1024 * 1024;
/// The seat that the program stands for.
const PROGRAM: &str = "C-03";

pub(crate) async fn run() {
    let folder = Folder::new("memory");
    let clock = Clock::real();
    let Some(bus) = Bus::start() else { return };
    let mut server = Server::start(&bus).await;
    let mut ups = Vec::new();
    for card in [Card::Rfc1628, Card::Powernet, Card::Cps] {
        let started = Ups::start(card, clock.clone()).await;
        ups.push(started.expect("a port is free"));
    }
    let address = peers::free_address();
    folder.write("callwatch.toml", &centre(&ups, address));
    folder.keys();
    let daemon = peers::daemon(&folder.0, address).await;
    let mut seats = Vec::new();
    for number in 1..=10 {
        let seat = format!("C-{number:02}");
        if seat != PROGRAM {
            seats.push(Seat::connect(&folder, address, &seat).await);
        }
    }
    seats.push(Seat::connect(&folder, address, "AF-01").await);
    let program = peers::seat_program(&folder, &bus, address, PROGRAM);
    tokio::time::sleep(Duration::from_secs(5)).await;
    report("the daemon, calm", &daemon, 25);
    report("a seat, calm", &program, 8);
    for ups in &ups {
        ups.mains(false);
    }
    peers::new_notification(&mut server).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    report("the daemon, a minute into a power cut", &daemon, 25);
    report("a seat, its card shown", &program, 8);
}

fn report(what: &str, process: &Process, target: u64) {
    let pid = Pid::from_u32(process.0.id());
    let mut system = System::new().expect("the system tells of itself");
    system.refresh_processes(ProcessesToUpdate::Some(&[pid]), true);
    let resident = system.process(pid).expect("it runs").memory();
    let tenths = resident * 10 / MIB;
    print(&format!(
        "{what:<40} {:>3}.{} MiB resident; the target is under {target}",
        tenths / 10,
        tenths % 10
    ));
}

/// The reference centre, its UPSs and its page on loopback.
fn centre(ups: &[Ups], listen: SocketAddr) -> String {
    let mut text = config::example().replace("127.0.0.1:8460", &listen.to_string());
    for (host, ups) in ["192.0.2.11", "192.0.2.12", "192.0.2.13"].iter().zip(ups) {
        let port = ups.address().port();
        let here = format!("\"127.0.0.1\"\nport = {port}");
        text = text.replace(&format!("\"{host}\""), &here);
    }
    text.replace("port      = 161 ", "# ")
}
