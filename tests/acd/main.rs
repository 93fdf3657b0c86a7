//! An Asterisk over AMI, as an operator would see it: in health, in each of its
//! troubles, and where something else answers than an Asterisk.

#![expect(
    clippy::unwrap_used,
    reason = "a peer that cannot be set up fails the test"
)]

mod odd;
mod phone;
mod probe;
mod trouble;
mod well;

use std::net::SocketAddr;
use std::time::Duration;

use callwatch::acd::{NoReading, Outage, Reading};
use callwatch::clock::Clock;
use callwatch::probes::ami::{Client, Error, Secret, Settings};
use callwatch::sim::ami::{Ami, SECRET, USER};
use callwatch::sim::queue::{Member, Queue};

/// Longer than anything here takes, however busy the machine.
const SOON: Duration = Duration::from_secs(60);
/// Where it must not run out.
const PATIENT: Duration = Duration::from_secs(50);
/// Where it must.
const HASTY: Duration = Duration::from_millis(300);

fn settings(address: SocketAddr) -> Settings {
    let secret = Secret::new(SECRET).unwrap();
    let settings = Settings::new("127.0.0.1", address.port(), USER, secret).unwrap();
    settings.patience(PATIENT, PATIENT)
}

/// Polls once; a poll that hangs is a fault.
async fn poll(client: &mut Client) -> Result<Reading, Error> {
    let polled = tokio::time::timeout(SOON, client.poll()).await;
    polled.expect("a poll ends by itself")
}

async fn why(client: &mut Client) -> NoReading {
    poll(client).await.unwrap_err().why().clone()
}

fn down(outage: Outage) -> NoReading {
    NoReading::Down(outage)
}

fn interface(number: u32) -> String {
    format!("PJSIP/{number}")
}

/// `support` with seats 1001 to 1007 and `sales` with 1008 to 1011, all of them free.
async fn centre(clock: Clock) -> Ami {
    let now = clock.now();
    let queue = |name: &str, seats: std::ops::RangeInclusive<u32>| {
        seats.fold(Queue::new(name), |queue, seat| {
            queue.with(Member::new(&format!("{seat} 号"), &interface(seat), now))
        })
    };
    let queues = vec![queue("support", 1001..=1007), queue("sales", 1008..=1011)];
    Ami::start(queues, clock).await.unwrap()
}
