//! Traps: a device calls, and is asked at once.
//!
//! A trap is never believed: it may be lost, doubled or forged, and no trap says
//! "off battery" in the way that all devices would. It is a reason to ask now,
//! so its content is not read. v1 and v2c prove nothing, so their community is
//! not looked at either; v3 is verified as the user that the device is asked as.

use std::collections::HashMap;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use snmp2::v3;
use tokio::net::UdpSocket;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::probes::access::Access;
use crate::probes::datagram::{self, Header, Heard};
use crate::probes::snmp::Settings;

/// Where devices send traps (RFC 3417). A service gets it from systemd's socket.
pub const PORT: u16 = 162;

/// So many datagrams are heard before everybody else has a turn.
const BATCH: usize = 200;
/// Between two batches, in real time: a flood costs a share of one core, and no more.
const PAUSE: Duration = Duration::from_millis(10);
/// Where a key was derived (some ms of one core), the next may be so much later.
const PAUSE_AFTER_KEY: Duration = Duration::from_millis(100);
/// What was not taken is told at most so often, and host names are looked up so often.
const TELL_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// The largest datagram there is.
const LARGEST: usize = 65_535;
/// Engines of one device whose keys are kept: its own, and one before a reset.
const MOST_ENGINES: usize = 2;

/// Tells the loop over a UPS to ask now.
#[derive(Clone, Debug, Default)]
pub struct Nudge(Arc<Notify>);

impl Nudge {
    pub(super) fn give(&self) {
        self.0.notify_one();
    }

    /// Waits for the next one; one that came meanwhile counts.
    pub async fn given(&self) {
        self.0.notified().await;
    }
}

/// A UPS that may call.
#[derive(Debug)]
pub struct Caller {
    pub ups: String,
    pub settings: Settings,
    pub nudge: Nudge,
}

/// What became of the datagrams since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    taken: u64,
    /// From an address that no UPS has.
    strangers: u64,
    /// Neither a trap nor an inform.
    unreadable: u64,
    /// v3 that is not of the user, or v1 and v2c from a device that has one.
    refused: u64,
    v3_informs: u64,
}

struct Ear {
    callers: Vec<Caller>,
    /// By caller: what its verified engines sign with.
    engines: Vec<Vec<v3::Security>>,
    places: HashMap<IpAddr, Vec<usize>>,
    counts: Counts,
    told: Counts,
    told_at: Option<Timestamp>,
    last_stranger: Option<IpAddr>,
    derived_key: bool,
}

/// Hears traps until cancelled, and nudges who is called for.
pub async fn hear(
    socket: UdpSocket,
    callers: Vec<Caller>,
    clock: Clock,
    cancel: CancellationToken,
) {
    let listening = listen(&socket, Ear::new(callers), &clock);
    cancel.run_until_cancelled(listening).await;
}

type LookingUp = Pin<Box<dyn Future<Output = HashMap<IpAddr, Vec<usize>>> + Send>>;

async fn listen(socket: &UdpSocket, mut ear: Ear, clock: &Clock) {
    let mut datagram = vec![0; LARGEST];
    let mut looked_up_at = clock.now();
    let mut looking_up: Option<LookingUp> = Some(look_up(ear.hosts()));
    loop {
        let looked_up = async {
            match &mut looking_up {
                Some(looking_up) => looking_up.await,
                None => std::future::pending().await,
            }
        };
        let received = tokio::select! {
            places = looked_up => {
                ear.places = places;
                looking_up = None;
                continue;
            }
            received = socket.recv_from(&mut datagram) => received,
        };
        let strangers = ear.counts.strangers;
        let mut received = Some(received);
        for _ in 0..BATCH {
            let next = received
                .take()
                .unwrap_or_else(|| socket.try_recv_from(&mut datagram));
            // Nothing more waits, or the system tells of an answer that did not arrive.
            let Ok((length, from)) = next else { break };
            if let Some(answer) = ear.hear(&datagram[..length], from.ip().to_canonical()) {
                reply(socket, &answer, from);
            }
        }
        let now = clock.now();
        ear.tell(now);
        let by_name = ear.counts.strangers > strangers && ear.has_names();
        if by_name && now.duration_since(looked_up_at) >= TELL_EVERY {
            looked_up_at = now;
            looking_up = Some(look_up(ear.hosts()));
        }
        let pause = if std::mem::take(&mut ear.derived_key) {
            PAUSE_AFTER_KEY
        } else {
            PAUSE
        };
        tokio::time::sleep(pause).await;
    }
}

fn reply(socket: &UdpSocket, answer: &[u8], to: SocketAddr) {
    if let Err(error) = socket.try_send_to(answer, to) {
        // It sends the inform again.
        tracing::debug!(%to, %error, "an inform was not answered");
    }
}

/// The addresses of the callers, by their place in the list.
fn look_up(hosts: Vec<String>) -> LookingUp {
    Box::pin(async move {
        let mut places: HashMap<IpAddr, Vec<usize>> = HashMap::new();
        for (caller, host) in hosts.iter().enumerate() {
            match tokio::net::lookup_host((host.as_str(), PORT)).await {
                Ok(found) => {
                    for address in found {
                        let callers = places.entry(address.ip().to_canonical()).or_default();
                        if callers.last() != Some(&caller) {
                            callers.push(caller);
                        }
                    }
                }
                Err(error) => {
                    tracing::warn!(host, %error, "has no address: its traps are not known as its own");
                }
            }
        }
        places
    })
}

impl Ear {
    fn new(callers: Vec<Caller>) -> Self {
        let literal = |host: &str| host.parse::<IpAddr>().ok();
        let mut places: HashMap<IpAddr, Vec<usize>> = HashMap::new();
        for (index, caller) in callers.iter().enumerate() {
            if let Some(address) = literal(&caller.settings.host) {
                let address = address.to_canonical();
                places.entry(address).or_default().push(index);
            }
        }
        Self {
            engines: callers.iter().map(|_| Vec::new()).collect(),
            callers,
            places,
            counts: Counts::default(),
            told: Counts::default(),
            told_at: None,
            last_stranger: None,
            derived_key: false,
        }
    }

    fn hosts(&self) -> Vec<String> {
        let hosts = self.callers.iter().map(|caller| &caller.settings.host);
        hosts.cloned().collect()
    }

    fn has_names(&self) -> bool {
        let mut callers = self.callers.iter();
        callers.any(|caller| caller.settings.host.parse::<IpAddr>().is_err())
    }

    /// Takes one datagram; an inform wants the answer that is returned.
    fn hear(&mut self, datagram: &[u8], from: IpAddr) -> Option<Vec<u8>> {
        let Some(callers) = self.places.get(&from) else {
            self.counts.strangers += 1;
            self.last_stranger = Some(from);
            return None;
        };
        // Behind one address may be several UPSs: whoever it can be from is asked.
        let mut answer = None;
        let mut heard_as = Vec::new();
        for caller in callers.clone() {
            let heard = self.read(caller, datagram);
            if matches!(heard, Heard::Trap | Heard::Inform(_)) {
                self.callers[caller].nudge.give();
                tracing::debug!(ups = self.callers[caller].ups, "calls: it is asked now");
            }
            heard_as.push(heard);
        }
        let worst_to_best = |heard: &Heard| match heard {
            Heard::Unreadable => 0,
            Heard::Refused => 1,
            Heard::V3Inform => 2,
            Heard::Trap | Heard::Inform(_) => 3,
        };
        let counts = &mut self.counts;
        match heard_as.into_iter().max_by_key(worst_to_best)? {
            Heard::Trap => counts.taken += 1,
            Heard::Inform(response) => {
                counts.taken += 1;
                answer = Some(response);
            }
            Heard::V3Inform => counts.v3_informs += 1,
            Heard::Refused => counts.refused += 1,
            Heard::Unreadable => counts.unreadable += 1,
        }
        answer
    }

    fn read(&mut self, caller: usize, datagram: &[u8]) -> Heard {
        let Some(header) = Header::read(datagram) else {
            return Heard::Unreadable;
        };
        match (&self.callers[caller].settings.access, header) {
            (Access::V3(_), Header::V3 { flags, .. }) if flags & datagram::REPORTABLE != 0 => {
                Heard::V3Inform
            }
            (Access::V3(_), Header::V3 { engine, .. }) => self.verify(caller, engine, datagram),
            (Access::V1 { .. } | Access::V2c { .. }, Header::Community) => {
                datagram::in_clear(datagram)
            }
            (Access::V3(_), Header::Community)
            | (Access::V1 { .. } | Access::V2c { .. }, Header::V3 { .. }) => Heard::Refused,
        }
    }

    /// A v3 trap is signed by the device's own engine; its keys are derived once.
    fn verify(&mut self, caller: usize, engine: &[u8], datagram: &[u8]) -> Heard {
        let Access::V3(user) = &self.callers[caller].settings.access else {
            return Heard::Refused;
        };
        let engines = &mut self.engines[caller];
        if let Some(known) = engines.iter().find(|known| known.engine_id() == engine) {
            return datagram::verified(known, datagram);
        }
        if self.derived_key {
            // The device calls again, or is asked in its turn anyway.
            return Heard::Refused;
        }
        self.derived_key = true;
        for other_extension in [false, true] {
            let security = user.security(other_extension);
            let Ok(security) = security.with_engine_id(engine) else {
                return Heard::Refused;
            };
            // With no boots at all the library would refuse an engine that counts none.
            let security = security.with_engine_boots_and_time(1, 0);
            let heard = datagram::verified(&security, datagram);
            if matches!(heard, Heard::Trap) {
                if engines.len() == MOST_ENGINES {
                    engines.remove(0);
                }
                engines.push(security);
                return heard;
            }
            if !user.lengthens_key() {
                break;
            }
        }
        Heard::Refused
    }

    /// Tells what was not taken, a first time at once and then now and again.
    fn tell(&mut self, now: Timestamp) {
        let new = Counts {
            taken: self.told.taken,
            ..self.counts
        };
        let lately = |at: Timestamp| now.duration_since(at).abs() < TELL_EVERY;
        if new == self.told || self.told_at.is_some_and(lately) {
            return;
        }
        self.told_at = Some(now);
        self.told = new;
        let Counts {
            strangers,
            unreadable,
            refused,
            v3_informs,
            ..
        } = new;
        if strangers > 0 {
            let last = self.last_stranger.map(tracing::field::display);
            tracing::warn!(
                count = strangers,
                last,
                "traps from addresses that no UPS has: add it under [ups], or stop it sending"
            );
        }
        if refused > 0 {
            tracing::warn!(
                count = refused,
                "traps that are not of the version and user that the UPS is asked with: set both alike on its card"
            );
        }
        if v3_informs > 0 {
            tracing::warn!(
                count = v3_informs,
                "informs by SNMP v3, which are not taken: set the card to send traps, or v2c informs"
            );
        }
        if unreadable > 0 {
            tracing::warn!(count = unreadable, "datagrams that are no traps");
        }
    }
}

#[cfg(test)]
mod tests {
    use snmp2::{MessageType, Pdu};

    use super::*;
    use crate::probes::access::{AuthProtocol, User};

    const CARD: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 11));

    fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u8::try_from(content.len()).unwrap();
        [&[tag, length], content].concat()
    }

    /// v2c, with sysUpTime and the trap's name.
    fn message(pdu: u8) -> Vec<u8> {
        let uptime = [tlv(0x06, &[0x2b, 6, 1, 2, 1, 1, 3, 0]), tlv(0x43, &[9])].concat();
        let body = [
            tlv(0x02, &[7]),
            tlv(0x02, &[0]),
            tlv(0x02, &[0]),
            tlv(0x30, &tlv(0x30, &uptime)),
        ];
        let parts = [
            tlv(0x02, &[1]),
            tlv(0x04, b"traps"),
            tlv(pdu, &body.concat()),
        ];
        tlv(0x30, &parts.concat())
    }

    fn v1_trap() -> Vec<u8> {
        let body = [
            tlv(0x06, &[0x2b, 6, 1, 2, 1, 33]),
            tlv(0x40, &[192, 0, 2, 11]),
            tlv(0x02, &[6]),
            tlv(0x02, &[1]),
            tlv(0x43, &[9]),
            tlv(0x30, &[]),
        ];
        let parts = [tlv(0x02, &[0]), tlv(0x04, b"x"), tlv(0xa4, &body.concat())];
        tlv(0x30, &parts.concat())
    }

    fn v3_header(flags: u8) -> Vec<u8> {
        let global = [
            tlv(0x02, &[5]),
            tlv(0x02, &[0x05, 0xdc]),
            tlv(0x04, &[flags]),
            tlv(0x02, &[3]),
        ];
        let parameters = [
            tlv(0x04, b"engine"),
            tlv(0x02, &[1]),
            tlv(0x02, &[1]),
            tlv(0x04, b"ups"),
            tlv(0x04, &[0; 12]),
            tlv(0x04, &[]),
        ];
        let parameters = tlv(0x04, &tlv(0x30, &parameters.concat()));
        let parts = [tlv(0x02, &[3]), tlv(0x30, &global.concat()), parameters];
        tlv(0x30, &parts.concat())
    }

    fn ear(access: Access) -> (Ear, Nudge) {
        let nudge = Nudge::default();
        let settings = Settings {
            host: CARD.to_string(),
            port: 161,
            access,
        };
        let caller = Caller {
            ups: "UPS-A".to_owned(),
            settings,
            nudge: nudge.clone(),
        };
        (Ear::new(vec![caller]), nudge)
    }

    fn community() -> Access {
        Access::V2c {
            community: "public".to_owned(),
        }
    }

    fn user() -> Access {
        let auth = Some((AuthProtocol::Sha1, "longenough".to_owned()));
        Access::V3(User::new("ups", auth, None, "").unwrap())
    }

    async fn nudged(nudge: &Nudge) -> bool {
        tokio::time::timeout(Duration::ZERO, nudge.given())
            .await
            .is_ok()
    }

    #[tokio::test]
    async fn a_trap_of_either_version_nudges_and_is_not_answered() {
        for trap in [message(0xa7), v1_trap()] {
            let (mut ear, nudge) = ear(community());
            assert_eq!(ear.hear(&trap, CARD), None);
            assert!(nudged(&nudge).await);
            assert_eq!(ear.counts.taken, 1);
        }
    }

    #[tokio::test]
    async fn an_inform_nudges_and_is_answered_with_its_own_number() {
        let (mut ear, nudge) = ear(community());
        let answer = ear.hear(&message(0xa6), CARD).unwrap();
        let answer = Pdu::from_bytes(&answer).unwrap();
        assert_eq!(answer.message_type, MessageType::Response);
        assert_eq!((answer.req_id, answer.community), (7, &b"traps"[..]));
        assert!(nudged(&nudge).await);
    }

    #[tokio::test]
    async fn what_is_not_a_trap_of_the_device_is_counted_and_dropped() {
        let (mut ear, nudge) = ear(community());
        let stranger = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 99));
        assert_eq!(ear.hear(&message(0xa6), stranger), None);
        assert_eq!(ear.hear(b"junk", CARD), None);
        // A request is none either, and gets no answer.
        assert_eq!(ear.hear(&message(0xa0), CARD), None);
        assert_eq!(ear.hear(&v3_header(1), CARD), None);
        let counts = Counts {
            strangers: 1,
            unreadable: 2,
            refused: 1,
            ..Counts::default()
        };
        assert_eq!(ear.counts, counts);
        assert!(!nudged(&nudge).await);
    }

    #[tokio::test]
    async fn with_a_user_only_what_is_signed_counts_and_informs_are_counted_apart() {
        let (mut ear, nudge) = ear(user());
        assert_eq!(ear.hear(&message(0xa7), CARD), None);
        assert_eq!(ear.hear(&v3_header(1), CARD), None);
        assert!(ear.derived_key, "a forged engine costs one key");
        assert_eq!(ear.hear(&v3_header(1 | datagram::REPORTABLE), CARD), None);
        assert_eq!((ear.counts.refused, ear.counts.v3_informs), (2, 1));
        assert!(!nudged(&nudge).await);
    }

    #[test]
    fn several_ups_behind_one_address_are_all_asked() {
        let (mut ear, _) = ear(community());
        let settings = Settings {
            host: "::ffff:192.0.2.11".to_owned(),
            port: 1161,
            access: user(),
        };
        let beside = Caller {
            ups: "UPS-B".to_owned(),
            settings,
            nudge: Nudge::default(),
        };
        ear.callers.push(beside);
        let mut ear = Ear::new(ear.callers);
        assert_eq!(ear.places[&CARD], [0, 1]);
        assert_eq!(ear.hear(&v1_trap(), CARD), None);
        assert_eq!((ear.counts.taken, ear.counts.refused), (1, 0));
    }

    #[tokio::test]
    async fn a_flood_from_strangers_starves_neither_a_caller_nor_anybody_else() {
        let socket = UdpSocket::bind("0.0.0.0:0").await.unwrap();
        let port = socket.local_addr().unwrap().port();
        let (ear, nudge) = ear(community());
        let mut callers = ear.callers;
        callers[0].settings.host = "127.0.0.1".to_owned();
        let cancel = CancellationToken::new();
        let hearing = hear(socket, callers, Clock::real(), cancel.clone());
        let flood = async {
            let stranger = UdpSocket::bind("127.0.0.2:0").await.unwrap();
            let trap = message(0xa7);
            loop {
                for _ in 0..1000 {
                    stranger.send_to(&trap, ("127.0.0.1", port)).await.unwrap();
                }
                tokio::task::yield_now().await;
            }
        };
        let card = async {
            let card = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            for _ in 0..10 {
                // The flood may push one out; a card says it again.
                let given = async {
                    loop {
                        card.send_to(&message(0xa7), ("127.0.0.1", port))
                            .await
                            .unwrap();
                        if nudged(&nudge).await {
                            break;
                        }
                    }
                };
                given.await;
            }
        };
        let patience = Duration::from_secs(60);
        tokio::select! {
            () = hearing => panic!("it hears on"),
            () = flood => panic!("it floods on"),
            heard = tokio::time::timeout(patience, card) => heard.unwrap(),
        }
    }

    #[test]
    fn cut_off_datagrams_are_unreadable_and_nothing_worse() {
        for whole in [message(0xa7), message(0xa6), v1_trap(), v3_header(5)] {
            for access in [community(), user()] {
                let (mut ear, _) = ear(access);
                for length in 0..whole.len() {
                    assert_eq!(ear.hear(&whole[..length], CARD), None);
                }
                assert_eq!(ear.counts.taken, 0);
            }
        }
    }
}
