//! A card of v1 and v2c: any bytes as any value, whatever they mean.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use snmp2::{MessageType, Pdu};
use tokio::net::UdpSocket;
use tokio::task::JoinSet;

/// RFC 1628's UPS-MIB.
pub(crate) const RFC: &[u64] = &[1, 3, 6, 1, 2, 1, 33, 1];
pub(crate) const POWERNET: &[u64] = &[1, 3, 6, 1, 4, 1, 318, 1, 1, 1];
pub(crate) const UPTIME: &[u64] = &[1, 3, 6, 1, 2, 1, 1, 3, 0];
pub(crate) const SYS_OBJECT_ID: &[u64] = &[1, 3, 6, 1, 2, 1, 1, 2, 0];

const NO_SUCH_NAME: u8 = 2;

/// Encoded values, tag and length included.
pub(crate) type Objects = BTreeMap<Vec<u64>, Vec<u8>>;

pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[tag, 0x82], &length[..], content].concat()
}

pub(crate) fn integer(number: i32) -> Vec<u8> {
    tlv(0x02, &number.to_be_bytes())
}

pub(crate) fn ticks(number: u32) -> Vec<u8> {
    tlv(0x43, &[&[0], &number.to_be_bytes()[..]].concat())
}

pub(crate) fn text(text: &str) -> Vec<u8> {
    tlv(0x04, text.as_bytes())
}

pub(crate) fn oid(arcs: &[u64]) -> Vec<u8> {
    let oid = snmp2::Oid::from(arcs).unwrap();
    tlv(0x06, oid.as_bytes())
}

pub(crate) fn name(root: &[u64], rest: &[u64]) -> Vec<u64> {
    [root, rest].concat()
}

/// A UPS on mains: 97 % charged for 42 min, a load of 18 % at 231 V.
pub(crate) fn on_mains() -> Objects {
    let numbers = [
        (&[2, 1, 0][..], 2),
        (&[2, 3, 0], 42),
        (&[2, 4, 0], 97),
        (&[3, 3, 1, 3, 1], 231),
        (&[4, 1, 0], 3),
        (&[4, 4, 1, 5, 1], 18),
        (&[6, 1, 0], 0),
    ];
    let numbers = numbers.map(|(rest, number)| (name(RFC, rest), integer(number)));
    let mut objects = Objects::from(numbers);
    objects.insert(name(RFC, &[1, 2, 0]), text("Model A"));
    objects.insert(SYS_OBJECT_ID.to_vec(), oid(&[1, 3, 6, 1, 4, 1, 850, 1]));
    objects.insert(UPTIME.to_vec(), ticks(1000));
    objects
}

/// A card on a port of loopback; it ends with this value.
pub(crate) struct Agent {
    pub(crate) port: u16,
    shared: Arc<Shared>,
    _answering: JoinSet<()>,
}

struct Shared {
    objects: Mutex<Objects>,
    silent: AtomicBool,
    asked: AtomicUsize,
}

impl Agent {
    pub(crate) async fn start(objects: Objects) -> Self {
        Self::answering_from(None, objects).await
    }

    /// It answers from another socket than the one that is asked, where there is one.
    pub(crate) async fn answering_from(other: Option<UdpSocket>, objects: Objects) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let port = socket.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            objects: Mutex::new(objects),
            silent: AtomicBool::new(false),
            asked: AtomicUsize::new(0),
        });
        let mut answering = JoinSet::new();
        let answered = Arc::clone(&shared);
        answering.spawn(async move {
            let mut request = [0; 2048];
            loop {
                let (length, from) = socket.recv_from(&mut request).await.unwrap();
                answered.asked.fetch_add(1, Ordering::Relaxed);
                if answered.silent.load(Ordering::Relaxed) {
                    continue;
                }
                let answer = answer(&request[..length], &answered.objects.lock().unwrap());
                let by = other.as_ref().unwrap_or(&socket);
                // Who asked may have left meanwhile.
                drop(by.send_to(&answer, from).await);
            }
        });
        Self {
            port,
            shared,
            _answering: answering,
        }
    }

    /// What it answers from now on.
    pub(crate) fn objects(&self) -> MutexGuard<'_, Objects> {
        self.shared.objects.lock().unwrap()
    }

    pub(crate) fn silent(&self, silent: bool) {
        self.shared.silent.store(silent, Ordering::Relaxed);
    }

    /// How often it was asked.
    pub(crate) fn asked(&self) -> usize {
        self.shared.asked.load(Ordering::Relaxed)
    }
}

fn answer(request: &[u8], objects: &Objects) -> Vec<u8> {
    let pdu = Pdu::from_bytes(request).unwrap();
    let version = u8::from(pdu.version().unwrap() != snmp2::Version::V1);
    let asked = pdu.varbinds.clone();
    let asked: Vec<Vec<u64>> = asked
        .map(|(name, _)| name.iter().unwrap().collect())
        .collect();
    let next = pdu.message_type == MessageType::GetNextRequest;
    let found = asked.iter().map(|asked| find(objects, asked, next));
    let found: Vec<_> = found.collect();
    // In v1 one object that is not there spoils all.
    let spoilt = (version == 0)
        .then(|| found.iter().position(Option::is_none))
        .flatten();
    let (status, index) = match spoilt {
        Some(place) => (NO_SUCH_NAME, u8::try_from(place + 1).unwrap()),
        None => (0, 0),
    };
    let null = || tlv(0x05, &[]);
    let absent = || tlv(if next { 0x82 } else { 0x80 }, &[]);
    let varbinds = asked.into_iter().zip(found).flat_map(|(asked, found)| {
        let (name, value) = match found {
            _ if spoilt.is_some() => (asked, null()),
            Some((name, value)) => (name, value),
            None => (asked, absent()),
        };
        tlv(0x30, &[oid(&name), value].concat())
    });
    let varbinds: Vec<u8> = varbinds.collect();
    let response = [
        integer(pdu.req_id),
        tlv(0x02, &[status]),
        tlv(0x02, &[index]),
        tlv(0x30, &varbinds),
    ];
    let message = [
        tlv(0x02, &[version]),
        tlv(0x04, pdu.community),
        tlv(0xa2, &response.concat()),
    ];
    tlv(0x30, &message.concat())
}

/// The object that is asked for, or the one after it.
pub(crate) fn find(objects: &Objects, asked: &[u64], next: bool) -> Option<(Vec<u64>, Vec<u8>)> {
    let found = if next {
        let after = (Bound::Excluded(asked), Bound::Unbounded);
        objects.range::<[u64], _>(after).next()
    } else {
        objects.get_key_value(asked)
    };
    found.map(|(name, value)| (name.clone(), value.clone()))
}
