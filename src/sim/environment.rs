//! A simulated card with sensors: one object each, set from outside.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::UdpSocket;
use tokio::task::JoinSet;

use crate::sim::snmp::{self, Objects, Value};

/// The objects of a card of its own (the enterprise that RFC 5612 keeps for examples): a temperature in tenths of a degree, smoke, water and
/// the air conditioning as contacts (1 closed, 2 open), and a generator's.
pub const TEMPERATURE: [u64; 9] = [1, 3, 6, 1, 4, 1, 32473, 1, 0];
pub const SMOKE: [u64; 9] = [1, 3, 6, 1, 4, 1, 32473, 2, 0];
pub const WATER: [u64; 9] = [1, 3, 6, 1, 4, 1, 32473, 3, 0];
pub const AIR: [u64; 9] = [1, 3, 6, 1, 4, 1, 32473, 4, 0];
pub const GENERATOR: [u64; 9] = [1, 3, 6, 1, 4, 1, 32473, 5, 0];

/// One simulated card with sensors; its agent ends when this is dropped.
#[derive(Debug)]
pub struct Environment {
    address: SocketAddr,
    /// `None`: it is silent.
    objects: Arc<Mutex<Option<Objects>>>,
    _agent: JoinSet<()>,
}

impl Environment {
    /// Starts the agent on a free port of the loopback address: 24 degrees, and every contact open.
    pub async fn start(community: &'static str) -> io::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = socket.local_addr()?;
        let contacts = [SMOKE, WATER, AIR, GENERATOR];
        let contacts = contacts.map(|contact| (contact.to_vec(), Value::Integer(2)));
        let mut objects: Objects = contacts.into();
        objects.insert(TEMPERATURE.to_vec(), Value::Integer(240));
        let objects = Arc::new(Mutex::new(Some(objects)));
        let mut agent = JoinSet::new();
        let answering = Arc::clone(&objects);
        agent.spawn(async move {
            let objects = || {
                let objects = answering.lock();
                objects.unwrap_or_else(PoisonError::into_inner).clone()
            };
            snmp::serve(socket, community, objects).await;
        });
        Ok(Self {
            address,
            objects,
            _agent: agent,
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What one of its objects answers from now on.
    pub fn set(&self, object: &[u64], value: Value) {
        if let Some(objects) = self.objects().as_mut() {
            objects.insert(object.to_vec(), value);
        }
    }

    /// A contact closes or opens.
    pub fn close(&self, contact: &[u64], closed: bool) {
        self.set(contact, Value::Integer(if closed { 1 } else { 2 }));
    }

    /// It answers no more.
    pub fn fall_silent(&self) {
        *self.objects() = None;
    }

    fn objects(&self) -> MutexGuard<'_, Option<Objects>> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
