//! The reference centre: its three UPSs and its daemon, its eleven seats connected,
//! two of them by the seat program.

use std::net::SocketAddr;

use callwatch::clock::Clock;
use callwatch::config;
use callwatch::sim::ups::{Card, Ups};

use crate::bus::{Bus, Process};
use crate::notifications::Server;
use crate::peers::{self, Folder, Seat};

/// The seat of the seat program as a seat PC has it, and that of the whole program's.
const ALONE: &str = "C-03";
const OF_THE_WHOLE: &str = "C-04";

/// Whoever is connected goes first, in this order.
pub(crate) struct Centre {
    _seats: Vec<Seat>,
    /// The seat program as a seat PC has it.
    pub(crate) alone: Process,
    /// The seat program as a part of the whole.
    pub(crate) of_the_whole: Process,
    pub(crate) daemon: Process,
    pub(crate) server: Server,
    pub(crate) ups: Vec<Ups>,
    _bus: Bus,
    _folder: Folder,
}

impl Centre {
    /// `None`, said aloud, where there is no bus to show notifications on.
    pub(crate) async fn start(name: &str) -> Option<Self> {
        let folder = Folder::new(name);
        let clock = Clock::real();
        let bus = Bus::start()?;
        let server = Server::start(&bus).await;
        let mut ups = Vec::new();
        for card in [Card::Rfc1628, Card::Powernet, Card::Cps] {
            let started = Ups::start(card, clock.clone()).await;
            ups.push(started.expect("a port is free"));
        }
        let address = peers::free_address();
        folder.write("callwatch.toml", &file(&ups, address));
        folder.keys();
        let daemon = peers::daemon(&folder.0, address).await;
        let mut seats = Vec::new();
        for number in 1..=10 {
            let seat = format!("C-{number:02}");
            if seat != ALONE && seat != OF_THE_WHOLE {
                seats.push(Seat::connect(&folder, address, &seat).await);
            }
        }
        seats.push(Seat::connect(&folder, address, "AF-01").await);
        let alone = peers::seat_program(&folder, &bus, address, ALONE);
        let of_the_whole = peers::seat_of_the_whole(&folder, &bus, address, OF_THE_WHOLE);
        Some(Self {
            _seats: seats,
            alone,
            of_the_whole,
            daemon,
            server,
            ups,
            _bus: bus,
            _folder: folder,
        })
    }
}

/// The centre's file, its UPSs and its page on loopback.
fn file(ups: &[Ups], listen: SocketAddr) -> String {
    let mut text = config::example().replace("127.0.0.1:8460", &listen.to_string());
    for (host, ups) in ["192.0.2.11", "192.0.2.12", "192.0.2.13"].iter().zip(ups) {
        let port = ups.address().port();
        let here = format!("\"127.0.0.1\"\nport = {port}");
        text = text.replace(&format!("\"{host}\""), &here);
    }
    text.replace("port      = 161 ", "# ")
}
