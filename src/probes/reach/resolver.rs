//! Names to addresses, as this host's own resolver has them.
//!
//! The C library's look-up cannot be called off: it hangs as long as its name servers
//! are silent. So one is under way for a name, few for all, and what is asked for
//! meanwhile waits for those.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;
use tokio::time::Instant;

use crate::probes::aside::{Aside, Place};
use crate::probes::reach::fault::Fault;
use crate::probes::reach::way::{Stage, Way};

/// So many look-ups may hang at a time: each is a thread.
const MOST_LOOKUPS: usize = 16;
/// A name with more addresses is asked at the first of them.
const MOST_ADDRESSES: usize = 8;

/// What the resolver says of a name.
#[derive(Clone, Debug)]
enum Told {
    Addresses(Arc<[SocketAddr]>),
    NoSuchHost,
    NoNameServer,
    Own(String),
}

type Lookup = fn(&str) -> io::Result<Vec<SocketAddr>>;

/// Shared by all that ask.
#[derive(Clone)]
pub(super) struct Resolver {
    aside: Aside,
    underway: Arc<Mutex<BTreeMap<String, watch::Receiver<Option<Told>>>>>,
    lookup: Lookup,
}

impl Default for Resolver {
    fn default() -> Self {
        Self::new(|host| Ok((host, 0).to_socket_addrs()?.collect()))
    }
}

impl Resolver {
    fn new(lookup: Lookup) -> Self {
        Self {
            aside: Aside::new(MOST_LOOKUPS),
            underway: Arc::default(),
            lookup,
        }
    }

    /// The addresses of a host, with this port; at least one.
    pub(super) async fn addresses(
        &self,
        host: &str,
        port: u16,
        way: &mut Way,
    ) -> Result<Vec<SocketAddr>, Fault> {
        if let Ok(address) = host.parse::<IpAddr>() {
            way.addresses = vec![address];
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        let begun = Instant::now();
        way.stage = Stage::Turn;
        let mut told_rx = if let Some(told_rx) = self.underway(host) {
            told_rx
        } else {
            let place = self.aside.place().await;
            let place = place.map_err(|error| Fault::own(&error))?;
            let begun = self.begin(host, place);
            begun.map_err(|error| Fault::own(&error))?
        };
        way.stage = Stage::Name;
        let told = told_rx.wait_for(Option::is_some).await;
        let told = told.map_err(|error| Fault::own(&error))?.clone();
        way.resolved_in = Some(begun.elapsed());
        let mut addresses = match told {
            Some(Told::Addresses(addresses)) => addresses.to_vec(),
            Some(Told::NoNameServer) => {
                let host = host.to_owned();
                return Err(Fault::NoNameServer { host });
            }
            Some(Told::Own(why)) => return Err(Fault::Own(why)),
            Some(Told::NoSuchHost) | None => Vec::new(),
        };
        if addresses.is_empty() {
            let host = host.to_owned();
            return Err(Fault::NoSuchHost { host });
        }
        for address in &mut addresses {
            address.set_port(port);
        }
        way.addresses = addresses.iter().map(SocketAddr::ip).collect();
        Ok(addresses)
    }

    fn underway(&self, host: &str) -> Option<watch::Receiver<Option<Told>>> {
        let underway = self.underway.lock().unwrap_or_else(PoisonError::into_inner);
        underway.get(host).cloned()
    }

    fn begin(&self, host: &str, place: Place) -> io::Result<watch::Receiver<Option<Told>>> {
        let mut underway = self.underway.lock().unwrap_or_else(PoisonError::into_inner);
        // Somebody else may have got a place for it meanwhile.
        if let Some(told_rx) = underway.get(host) {
            return Ok(told_rx.clone());
        }
        let (told_tx, told_rx) = watch::channel(None);
        let (lookup, ours, name) = (self.lookup, Arc::clone(&self.underway), host.to_owned());
        place.begin("lookup", move || {
            let told = told(lookup(&name));
            let mut underway = ours.lock().unwrap_or_else(PoisonError::into_inner);
            underway.remove(&name);
            told_tx.send_replace(Some(told));
        })?;
        underway.insert(host.to_owned(), told_rx.clone());
        Ok(told_rx)
    }
}

fn told(looked_up: io::Result<Vec<SocketAddr>>) -> Told {
    match looked_up {
        Ok(mut addresses) => {
            addresses.truncate(MOST_ADDRESSES);
            Told::Addresses(addresses.into())
        }
        Err(error) => {
            // The library tells its kinds apart by nothing else: glibc's words, and musl's.
            let words = error.to_string();
            let says = |known: &[&str]| known.iter().any(|known| words.contains(known));
            if says(&["Temporary failure", "Try again"]) {
                Told::NoNameServer
            } else if error.raw_os_error().is_some() {
                Told::Own(words)
            } else {
                Told::NoSuchHost
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Condvar;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    /// Hangs until it is let go, and counts.
    static HELD: (Mutex<bool>, Condvar) = (Mutex::new(true), Condvar::new());
    static BEGUN: AtomicUsize = AtomicUsize::new(0);

    fn hanging(host: &str) -> io::Result<Vec<SocketAddr>> {
        BEGUN.fetch_add(1, Ordering::SeqCst);
        if host == "good" {
            return Ok(vec![SocketAddr::from(([192, 0, 2, 1], 0))]);
        }
        let held = HELD.0.lock().unwrap_or_else(PoisonError::into_inner);
        let held = HELD.1.wait_while(held, |held| *held);
        drop(held.unwrap_or_else(PoisonError::into_inner));
        Err(io::Error::other(
            "failed to lookup address information: Temporary failure",
        ))
    }

    /// Asks for what hangs, a little while.
    async fn ask_in_vain(resolver: &Resolver, host: &str) -> Stage {
        let mut way = Way::default();
        let asking = resolver.addresses(host, 80, &mut way);
        let asked = tokio::time::timeout(Duration::from_millis(100), asking).await;
        assert!(asked.is_err(), "{asked:?}");
        way.stage
    }

    async fn begun(count: usize) {
        while BEGUN.load(Ordering::SeqCst) < count {
            tokio::task::yield_now().await;
        }
        assert_eq!(BEGUN.load(Ordering::SeqCst), count);
    }

    #[tokio::test]
    async fn look_ups_that_hang_are_few_and_delay_nobody_else() {
        let resolver = Resolver::new(hanging);
        for _ in 0..3 {
            assert_eq!(ask_in_vain(&resolver, "hangs-0").await, Stage::Name);
            // It is asked for once.
            begun(1).await;
        }
        let mut way = Way::default();
        let good = resolver.addresses("good", 80, &mut way).await.unwrap();
        assert_eq!(good, [SocketAddr::from(([192, 0, 2, 1], 80))]);
        assert_eq!(way.addresses, [good[0].ip()]);
        let hosts: Vec<String> = (1..=MOST_LOOKUPS).map(|n| format!("hangs-{n}")).collect();
        let asked = hosts.iter().map(|host| ask_in_vain(&resolver, host));
        let stages = futures_util::future::join_all(asked).await;
        let waiting = |wanted| stages.iter().filter(|stage| **stage == wanted).count();
        assert_eq!(waiting(Stage::Name), MOST_LOOKUPS - 1);
        assert_eq!(waiting(Stage::Turn), 1);
        begun(1 + MOST_LOOKUPS).await;
        // Whoever is asked for by address needs no look-up.
        let known = resolver.addresses("192.0.2.7", 80, &mut way).await;
        assert!(known.is_ok());
        *HELD.0.lock().unwrap() = false;
        HELD.1.notify_all();
        let told = resolver.addresses("hangs-0", 80, &mut way).await;
        let host = "hangs-0".to_owned();
        assert_eq!(told, Err(Fault::NoNameServer { host }));
    }

    #[test]
    fn what_the_library_says_is_told_apart() {
        let failed = |words: &str| told(Err(io::Error::other(words.to_owned())));
        assert!(matches!(
            failed("Name or service not known"),
            Told::NoSuchHost
        ));
        assert!(matches!(
            failed("Temporary failure in name resolution"),
            Told::NoNameServer
        ));
        assert!(matches!(
            told(Err(io::Error::from_raw_os_error(24))),
            Told::Own(_)
        ));
    }
}
