//! Each way of reaching a target and of failing to, against listeners on loopback.

#![expect(
    clippy::unwrap_used,
    reason = "a service that cannot be set up fails the test"
)]

mod authority;
mod dns;
mod echo;
mod http;
mod server;
mod tcp;
mod tls;
mod watching;

use std::time::Duration;

use callwatch::probes::reach::{Answer, Client, Fault, Shared, Trust};
use rustls::RootCertStore;

/// Longer than anything here takes, however busy the machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// For what never comes.
const IMPATIENCE: Duration = Duration::from_secs(1);

/// Believes nobody.
fn shared() -> Shared {
    Shared::trusting(Trust::of(RootCertStore::empty()))
}

fn client(target: &str, timeout: Duration) -> Client {
    let target = target
        .parse()
        .unwrap_or_else(|error| panic!("{target}: {error}"));
    Client::new(target, timeout, shared())
}

/// Asks once, as long as it takes.
async fn asked(target: &str) -> Answer {
    client(target, PATIENCE).probe().await
}

/// Asks once for what never comes whole.
async fn asked_in_vain(target: &str) -> Fault {
    let answer = client(target, IMPATIENCE).probe().await;
    assert!(answer.latency >= IMPATIENCE, "{answer:?}");
    answer.reached.unwrap_err()
}

fn fault(answer: Answer) -> Fault {
    let fault = answer.reached.unwrap_err();
    for text in [fault.why(), fault.mend()] {
        assert!(!text.zh.is_empty() && text.zh != text.en, "{text:?}");
    }
    fault
}
