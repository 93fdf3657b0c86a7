//! What every connection shares.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::health::Watch;
use crate::inbox::Inbox;
use crate::incidents::{Centre, Screen, View};
use crate::web::clients::Clients;
use crate::web::ingest::Ingest;
use crate::web::keys::Keys;
use crate::web::ledger::Ledger;
use crate::web::press::Press;
use crate::web::sights::Sights;

/// What is shown, and where what people do goes.
#[derive(Clone, Debug)]
pub struct Hall {
    pub screens: Arc<BTreeMap<String, watch::Receiver<Screen>>>,
    pub view: watch::Receiver<Arc<View>>,
    pub inbox: Inbox,
    pub clock: Clock,
    pub keys: Arc<Keys>,
    pub centre: Arc<Centre>,
    /// What others tell: queues that are pushed in, backups whose jobs report.
    pub ingest: Arc<Ingest>,
    /// What is looked at from each seat; of one that is not in it, its PC alone.
    pub watch: Arc<BTreeMap<String, Arc<Watch>>>,
    pub limits: Limits,
}

impl Hall {
    /// The seats that may stand in for the lead, where this seat has the role.
    pub(super) fn substitutes(&self, seat: &str) -> Vec<String> {
        let site = &self.centre.site;
        let own = site.roles.get("lead").map_or(&[][..], |role| &role.seats);
        let view = self.view.borrow();
        let now = view.duty.iter().filter(|duty| duty.role == "lead");
        let mut leads = own.iter().chain(now.flat_map(|duty| &duty.seats));
        if !leads.any(|lead| lead == seat) {
            return Vec::new();
        }
        let others = site.seats.keys().filter(|other| *other != seat);
        others.cloned().collect()
    }
}

/// Bounds on connections, in real time.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A client must say who it is within this.
    pub hello_within: Duration,
    /// A client that says nothing for so long is gone.
    pub silent_after: Duration,
    /// A card that is not shown within this is reported as not shown.
    pub shown_within: Duration,
    pub connections: usize,
}

/// Whatever the centre's size: pages, and whoever tries.
const CONNECTIONS: usize = 4096;

impl Default for Limits {
    fn default() -> Self {
        Self {
            hello_within: Duration::from_secs(10),
            silent_after: Duration::from_secs(15),
            shown_within: Duration::from_secs(10),
            connections: CONNECTIONS,
        }
    }
}

impl Limits {
    /// Room for a page and a program at each of so many seats, beside all others.
    pub fn for_seats(seats: usize) -> Self {
        Self {
            connections: CONNECTIONS + 2 * seats,
            ..Self::default()
        }
    }
}

/// The hall with its count of who is there.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    pub(super) hall: Arc<Hall>,
    pub(super) cancel: CancellationToken,
    connections: Arc<AtomicUsize>,
    clients: Arc<Mutex<Clients>>,
    /// What seats told of themselves last.
    pub(super) told: Arc<Ledger>,
    pub(super) press: Arc<Press>,
    /// What the Board was told of that.
    pub(super) sights: Arc<Sights>,
}

impl Desk {
    pub(super) fn new(hall: Hall, cancel: CancellationToken) -> Self {
        Self {
            hall: Arc::new(hall),
            cancel,
            connections: Arc::default(),
            clients: Arc::default(),
            told: Arc::default(),
            press: Arc::default(),
            sights: Arc::default(),
        }
    }

    /// A place for one more connection, if there is one.
    pub(super) fn place(&self) -> Option<Place> {
        let connections = Arc::clone(&self.connections);
        let before = connections.fetch_add(1, Ordering::Relaxed);
        let place = Place(connections);
        (before < self.hall.limits.connections).then_some(place)
    }

    /// Who is connected.
    pub(super) fn clients(&self) -> MutexGuard<'_, Clients> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection's place; free again when dropped.
#[derive(Debug)]
pub(super) struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
