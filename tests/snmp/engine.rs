//! The engine of an SNMP v3 card (RFC 3414), with the faults that such engines have.

use std::sync::{Arc, Mutex, MutexGuard};

use callwatch::probes::access::{Access, User};
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};
use snmp2::{AsnReader, MessageType, Pdu, Varbinds, v3};
use tokio::net::UdpSocket;
use tokio::task::JoinSet;

use crate::agent::{Objects, find, integer, oid, tlv};

pub(crate) const PASSWORD: &str = "correct horse";
const ENGINE: &[u8] = b"\x80\x00\x1f\x88\x04card";
/// A request is refused where its idea of the time is off by more.
const WINDOW: i64 = 150;

const UNKNOWN_ENGINE: &[u64] = &[1, 3, 6, 1, 6, 3, 15, 1, 1, 4, 0];
const NOT_IN_WINDOW: &[u64] = &[1, 3, 6, 1, 6, 3, 15, 1, 1, 2, 0];

/// What an engine is and does.
#[derive(Clone)]
pub(crate) struct Engine {
    pub(crate) boots: i64,
    /// Seconds since the last boot.
    pub(crate) time: i64,
    /// The longest message that it says it takes.
    pub(crate) longest: i32,
    /// So many answers have a forged report before them.
    pub(crate) forged: u32,
    pub(crate) objects: Objects,
}

impl Engine {
    pub(crate) fn new(objects: Objects) -> Self {
        Self {
            boots: 9,
            time: 5000,
            longest: 1472,
            forged: 0,
            objects,
        }
    }
}

/// How the user signs and encrypts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Secrecy {
    Signed,
    Encrypted,
}

pub(crate) fn access(secrecy: Secrecy) -> Access {
    let password = || PASSWORD.to_owned();
    let privacy = (secrecy == Secrecy::Encrypted).then(|| ("AES".parse().unwrap(), password()));
    let auth = Some(("SHA-256".parse().unwrap(), password()));
    Access::V3(User::new("ups", auth, privacy, "").unwrap())
}

/// The keys of the user at this engine.
fn keys(secrecy: Secrecy) -> v3::Security {
    let level = match secrecy {
        Secrecy::Signed => v3::Auth::AuthNoPriv,
        Secrecy::Encrypted => v3::Auth::AuthPriv {
            cipher: v3::Cipher::Aes128,
            privacy_password: PASSWORD.into(),
        },
    };
    v3::Security::new(b"ups", PASSWORD.as_bytes())
        .with_auth(level)
        .with_auth_protocol(v3::AuthProtocol::Sha256)
        .with_engine_id(ENGINE)
        .unwrap()
}

/// A card on a port of loopback; it ends with this value.
pub(crate) struct Card {
    pub(crate) port: u16,
    engine: Arc<Mutex<Engine>>,
    _answering: JoinSet<()>,
}

impl Card {
    pub(crate) async fn start(secrecy: Secrecy, engine: Engine) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let port = socket.local_addr().unwrap().port();
        let engine = Arc::new(Mutex::new(engine));
        let mut answering = JoinSet::new();
        let answered = Arc::clone(&engine);
        answering.spawn(async move {
            let keys = (keys(secrecy), keys(Secrecy::Signed));
            let mut request = [0; 4096];
            loop {
                let (length, from) = socket.recv_from(&mut request).await.unwrap();
                let answers = answered.lock().unwrap().answers(&keys, &request[..length]);
                for answer in answers {
                    socket.send_to(&answer, from).await.unwrap();
                }
            }
        });
        Self {
            port,
            engine,
            _answering: answering,
        }
    }

    pub(crate) fn engine(&self) -> MutexGuard<'_, Engine> {
        self.engine.lock().unwrap()
    }
}

impl Engine {
    fn answers(
        &mut self,
        (keys, signing): &(v3::Security, v3::Security),
        request: &[u8],
    ) -> Vec<Vec<u8>> {
        let header = Header::read(request);
        if header.engine != ENGINE {
            return vec![self.report(header.id, UNKNOWN_ENGINE, self.boots)];
        }
        let off = header.boots != self.boots || (header.time - self.time).abs() > WINDOW;
        if off {
            // Signed but never encrypted (RFC 3414, 3.2.7.a).
            let varbind = tlv(0x30, &[oid(NOT_IN_WINDOW), integer(1)].concat());
            let signing = signing.clone();
            let signing = signing.with_engine_boots_and_time(self.boots, self.time);
            return vec![signed(header.id, MessageType::Report, &varbind, &signing)];
        }
        let mut answers = Vec::new();
        if self.forged > 0 {
            self.forged -= 1;
            answers.push(self.report(header.id, UNKNOWN_ENGINE, self.boots + 1000));
        }
        let keys = keys.clone();
        // The library itself takes no request of an engine that counts no boots.
        let mut reading = keys
            .clone()
            .with_engine_boots_and_time(self.boots.max(1), self.time);
        let request = request.to_vec();
        let pdu = Pdu::from_bytes_with_security(&request, Some(&mut reading)).unwrap();
        let next = pdu.message_type == MessageType::GetNextRequest;
        let varbinds = pdu.varbinds.clone().flat_map(|(asked, _)| {
            let asked: Vec<u64> = asked.iter().unwrap().collect();
            let (name, value) = find(&self.objects, &asked, next)
                .unwrap_or_else(|| (asked, tlv(if next { 0x82 } else { 0x80 }, &[])));
            tlv(0x30, &[oid(&name), value].concat())
        });
        let varbinds: Vec<u8> = varbinds.collect();
        let keys = keys.with_engine_boots_and_time(self.boots, self.time);
        answers.push(signed(pdu.req_id, MessageType::Response, &varbinds, &keys));
        answers
    }

    /// A report that nobody signed: anybody can send it.
    fn report(&self, id: i32, why: &[u64], boots: i64) -> Vec<u8> {
        let varbind = tlv(0x30, &[oid(why), integer(1)].concat());
        let pdu = [integer(id), integer(0), integer(0), tlv(0x30, &varbind)];
        let scoped = [tlv(0x04, ENGINE), tlv(0x04, &[]), tlv(0xa8, &pdu.concat())];
        let parameters = [
            tlv(0x04, ENGINE),
            tlv(0x02, &boots.to_be_bytes()),
            tlv(0x02, &self.time.to_be_bytes()),
            tlv(0x04, &[]),
            tlv(0x04, &[]),
            tlv(0x04, &[]),
        ];
        let global = [
            integer(id),
            integer(self.longest),
            tlv(0x04, &[0]),
            integer(3),
        ];
        let message = [
            integer(3),
            tlv(0x30, &global.concat()),
            tlv(0x04, &tlv(0x30, &parameters.concat())),
            tlv(0x30, &scoped.concat()),
        ];
        tlv(0x30, &message.concat())
    }
}

/// A message as the user's engine signs it, and encrypts it where the user does.
fn signed(id: i32, kind: MessageType, varbinds: &[u8], keys: &v3::Security) -> Vec<u8> {
    let mut engine = Engine::new(Objects::new());
    engine.time = 0;
    let blank = engine.report(id, UNKNOWN_ENGINE, 0);
    let mut open = v3::Security::new(b"", b"")
        .with_auth(v3::Auth::NoAuthNoPriv)
        .with_engine_id(ENGINE)
        .unwrap();
    let mut pdu = Pdu::from_bytes_with_security(&blank, Some(&mut open)).unwrap();
    pdu.message_type = kind;
    pdu.varbinds = Varbinds::from_bytes(varbinds);
    pdu.to_bytes_with_security(Some(keys)).unwrap()
}

/// A trap of the card, as its user signs it: the library marks all that it signs as
/// waiting for a report, which a trap never does.
pub(crate) fn trap(boots: i64, time: i64) -> Vec<u8> {
    let uptime = tlv(0x30, &[oid(crate::agent::UPTIME), integer(1)].concat());
    let pdu = [integer(7), integer(0), integer(0), tlv(0x30, &uptime)];
    let scoped = [tlv(0x04, ENGINE), tlv(0x04, &[]), tlv(0xa7, &pdu.concat())];
    let message = |signature: &[u8]| {
        let parameters = [
            tlv(0x04, ENGINE),
            tlv(0x02, &boots.to_be_bytes()),
            tlv(0x02, &time.to_be_bytes()),
            tlv(0x04, b"ups"),
            tlv(0x04, signature),
            tlv(0x04, &[]),
        ];
        let global = [integer(7), integer(1472), tlv(0x04, &[1]), integer(3)];
        let message = [
            integer(3),
            tlv(0x30, &global.concat()),
            tlv(0x04, &tlv(0x30, &parameters.concat())),
            tlv(0x30, &scoped.concat()),
        ];
        tlv(0x30, &message.concat())
    };
    // SHA-256, cut to 24 bytes (RFC 7860, 4.2.2).
    let mut signing = Hmac::<Sha256>::new_from_slice(&localized_key()).unwrap();
    signing.update(&message(&[0; 24]));
    message(&signing.finalize().into_bytes()[..24])
}

/// The password as the key at this engine (RFC 3414, A.2).
fn localized_key() -> Vec<u8> {
    let password = PASSWORD.bytes().cycle().take(1 << 20);
    let digest = Sha256::digest(password.collect::<Vec<u8>>());
    let key = [&digest[..], ENGINE, &digest[..]].concat();
    Sha256::digest(key).to_vec()
}

/// What is readable of a request without a key.
struct Header {
    id: i32,
    engine: Vec<u8>,
    boots: i64,
    time: i64,
}

impl Header {
    fn read(request: &[u8]) -> Self {
        let inside = |bytes| AsnReader::from_bytes(bytes).read_raw(0x30).unwrap();
        let mut message = AsnReader::from_bytes(inside(request));
        message.read_asn_integer().unwrap();
        let mut global = AsnReader::from_bytes(message.read_raw(0x30).unwrap());
        let id = global.read_asn_integer().unwrap();
        let parameters = message.read_asn_octetstring().unwrap();
        let mut parameters = AsnReader::from_bytes(inside(parameters));
        Self {
            id: i32::try_from(id).unwrap(),
            engine: parameters.read_asn_octetstring().unwrap().to_vec(),
            boots: parameters.read_asn_integer().unwrap(),
            time: parameters.read_asn_integer().unwrap(),
        }
    }
}
