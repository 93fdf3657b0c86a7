//! The loop over one UPS: when to ask, and where the reading goes.

use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::inbox::{Closed, Inbox};
use crate::incidents::Input;
use crate::probes::pace::{Pace, next, spread, whole};
use crate::probes::sensor::{self, Sensor};
use crate::probes::source::{Settings, Source};
use crate::probes::trap::Nudge;
use crate::signals::later;
use crate::ups::Reading;

/// A UPS that was asked because it called is not asked again before, in real time.
const CALLS_APART: Duration = Duration::from_millis(250);

/// So far apart, in real time, UPSs are asked for the first time: 500 a second.
pub const BEGINS_APART: Duration = Duration::from_millis(2);

/// A UPS as it is asked, and the sensors that hang on its card.
#[derive(Clone, Debug)]
pub struct Asked {
    pub settings: Settings,
    pub sensors: Vec<Sensor>,
}

impl From<Settings> for Asked {
    fn from(settings: Settings) -> Self {
        Self {
            settings,
            sensors: Vec::new(),
        }
    }
}

/// Watches one UPS until cancelled, or until the inbox is closed.
///
/// Everything is asked at once at the start, then on an absolute schedule that
/// is spread by the UPS's id, the full polls over their own interval; a tick that a slow poll missed is left out. A nudge
/// asks beside the schedule.
pub async fn watch_ups(
    id: String,
    asked: impl Into<Asked>,
    nudge: Nudge,
    pace: Pace,
    clock: Clock,
    inbox: Inbox,
    cancel: CancellationToken,
) {
    let asked = asked.into();
    let watching = watch(id, asked, &nudge, pace, &clock, &inbox);
    // It ends by itself only where the inbox is closed: the daemon is shutting down.
    if let Some(Err(closed)) = cancel.run_until_cancelled(watching).await {
        tracing::debug!(%closed, "a UPS is watched no longer");
    }
}

async fn watch(
    id: String,
    asked: Asked,
    nudge: &Nudge,
    pace: Pace,
    clock: &Clock,
    inbox: &Inbox,
) -> Result<(), Closed> {
    let Asked { settings, sensors } = asked;
    let mut source = Source::new(settings, pace.timeout);
    let start = later(clock.now(), spread(&id, pace.status));
    let full_start = later(start, whole(spread(&id, pace.full), pace.status));
    let mut full_from = Timestamp::MIN;
    let mut reachable = None;
    let mut called = false;
    loop {
        let busy = inbox.begin();
        let now = clock.now();
        let full = full_from <= now;
        if full {
            full_from = next(full_start, pace.full, now);
        }
        let polled = source.poll(full).await;
        if reachable.replace(polled.is_ok()) != Some(polled.is_ok()) {
            match &polled {
                Ok(reading) => {
                    tracing::info!(ups = id, verdict = reading.verdict.name(), "answers");
                }
                Err(blind) => tracing::warn!(ups = id, why = why(blind), "does not answer"),
            }
        }
        let ups = id.clone();
        let answers = polled.is_ok();
        let reading = polled.unwrap_or_else(|_| Reading::unreachable());
        inbox.send(Input::Ups { ups, reading }).await?;
        if answers && !sensors.is_empty() {
            sensor::send(source.sense(&sensors).await, inbox).await?;
        }
        drop(busy);
        let tick = next(start, pace.status, clock.now());
        let call = async {
            if called {
                tokio::time::sleep(CALLS_APART).await;
            }
            nudge.given().await;
        };
        called = tokio::select! {
            () = clock.sleep_until(tick) => false,
            () = call => true,
        };
    }
}

/// An error with all that caused it.
fn why(error: &dyn std::error::Error) -> String {
    let chain = std::iter::successors(error.source(), |error| error.source());
    chain.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, VecDeque};
    use std::net::SocketAddr;

    use jiff::SignedDuration;
    use tokio::net::UdpSocket;
    use tokio::sync::mpsc;
    use tokio::task::JoinSet;

    use super::*;
    use crate::clock::Work;
    use crate::inbox::Envelope;
    use crate::probes::access::Access;
    use crate::probes::snmp;
    use crate::ups::Verdict;

    /// What the hand-made agent does with a request.
    #[derive(Clone, Copy, Debug)]
    enum Turn {
        Answer,
        /// Junk goes before the answer.
        Junk,
        /// The answer comes when the next request does, before that one's own.
        Late,
        /// The answer speaks of another object.
        Foreign,
    }

    fn public() -> Access {
        let community = "public".to_owned();
        Access::V2c { community }
    }

    fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = content.len();
        let mut bytes = vec![tag, 0x82];
        bytes.extend(u16::try_from(length).unwrap().to_be_bytes());
        bytes.extend(content);
        bytes
    }

    /// RFC 1628 only: source normal, everything else is not there.
    fn answer(request: &[u8], foreign: bool) -> Vec<u8> {
        let pdu = snmp2::Pdu::from_bytes(request).unwrap();
        let source = snmp2::Oid::from(&[1, 3, 6, 1, 2, 1, 33, 1, 4, 1, 0]).unwrap();
        let other = snmp2::Oid::from(&[1, 3, 6, 1, 2, 1, 33, 1, 4, 1, 7]).unwrap();
        let next = pdu.message_type == snmp2::MessageType::GetNextRequest;
        let varbind = |(asked, _): (snmp2::Oid<'_>, _)| {
            let value = match (next, asked == source) {
                (true, _) => tlv(0x82, &[]),
                (false, true) => tlv(0x02, &[3]),
                (false, false) => tlv(0x80, &[]),
            };
            let name = if foreign { &other } else { &asked };
            tlv(0x30, &[tlv(0x06, name.as_bytes()), value].concat())
        };
        let varbinds: Vec<u8> = pdu.varbinds.clone().flat_map(varbind).collect();
        let content = [
            tlv(0x02, &pdu.req_id.to_be_bytes()),
            tlv(0x02, &[0]),
            tlv(0x02, &[0]),
            tlv(0x30, &varbinds),
        ];
        let response = tlv(0xa2, &content.concat());
        let message = [tlv(0x02, &[1]), tlv(0x04, pdu.community), response];
        tlv(0x30, &message.concat())
    }

    async fn agent(socket: UdpSocket, turns: Vec<Turn>) {
        let mut turns = VecDeque::from(turns);
        let mut late: Option<(Vec<u8>, SocketAddr)> = None;
        let mut buffer = [0; 2048];
        loop {
            let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
            if let Some((answer, to)) = late.take() {
                socket.send_to(&answer, to).await.unwrap();
                socket.send_to(&answer, from).await.unwrap();
            }
            let request = &buffer[..length];
            match turns.pop_front().unwrap_or(Turn::Answer) {
                Turn::Late => late = Some((answer(request, false), from)),
                turn => {
                    if matches!(turn, Turn::Junk) {
                        socket.send_to(b"junk", from).await.unwrap();
                    }
                    let foreign = matches!(turn, Turn::Foreign);
                    let answer = answer(request, foreign);
                    socket.send_to(&answer, from).await.unwrap();
                }
            }
        }
    }

    /// Watches a hand-made agent, and hands out the readings as they come.
    async fn watched(turns: Vec<Turn>) -> (JoinSet<()>, mpsc::Receiver<Envelope>) {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let settings = Settings::Snmp(snmp::Settings {
            host: "127.0.0.1".to_owned(),
            port: socket.local_addr().unwrap().port(),
            access: public(),
        });
        let pace = Pace {
            status: SignedDuration::from_millis(10),
            full: SignedDuration::from_millis(50),
            timeout: Duration::from_millis(200),
        };
        let (inbox, envelopes) = Inbox::new(Work::default());
        let mut tasks = JoinSet::new();
        tasks.spawn(agent(socket, turns));
        let cancel = CancellationToken::new();
        let id = "UPS-A".to_owned();
        let nudge = Nudge::default();
        tasks.spawn(watch_ups(
            id,
            settings,
            nudge,
            pace,
            Clock::real(),
            inbox,
            cancel,
        ));
        (tasks, envelopes)
    }

    async fn verdicts(envelopes: &mut mpsc::Receiver<Envelope>, count: usize) -> Vec<Verdict> {
        let reading = async {
            let mut verdicts = Vec::new();
            while verdicts.len() < count {
                let envelope = envelopes.recv().await.expect("the loop goes on");
                let Input::Ups { ups, reading } = envelope.input else {
                    panic!("a reading, not {:?}", envelope.input);
                };
                assert_eq!(ups, "UPS-A");
                verdicts.push(reading.verdict);
            }
            verdicts
        };
        let patience = Duration::from_secs(20);
        tokio::time::timeout(patience, reading)
            .await
            .expect("readings come")
    }

    #[tokio::test]
    async fn one_late_reply_costs_one_reading_and_no_more() {
        let (_tasks, mut envelopes) = watched(vec![Turn::Late]).await;
        let verdicts = verdicts(&mut envelopes, 4).await;
        assert_eq!(verdicts[0], Verdict::Unreachable);
        // The stale datagrams spoil the next requests at most once.
        assert_eq!(verdicts[2..], [Verdict::OnMains, Verdict::OnMains]);
    }

    #[tokio::test]
    async fn junk_and_answers_to_other_questions_hide_nothing() {
        for turn in [Turn::Junk, Turn::Foreign] {
            let (_tasks, mut envelopes) = watched(vec![turn]).await;
            let verdicts = verdicts(&mut envelopes, 2).await;
            assert_eq!(verdicts, [Verdict::OnMains, Verdict::OnMains], "{turn:?}");
        }
    }

    #[tokio::test]
    async fn a_ups_that_calls_is_asked_beside_the_schedule() {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let settings = Settings::Snmp(snmp::Settings {
            host: "127.0.0.1".to_owned(),
            port: socket.local_addr().unwrap().port(),
            access: public(),
        });
        let hour = SignedDuration::from_hours(1);
        let pace = Pace {
            status: hour,
            full: hour,
            timeout: Duration::from_millis(200),
        };
        let (inbox, mut envelopes) = Inbox::new(Work::default());
        let mut tasks = JoinSet::new();
        tasks.spawn(agent(socket, Vec::new()));
        let (nudge, cancel) = (Nudge::default(), CancellationToken::new());
        let (id, clock) = ("UPS-A".to_owned(), Clock::real());
        let watching = watch_ups(id, settings, nudge.clone(), pace, clock, inbox, cancel);
        tasks.spawn(watching);
        let mut verdicts_seen = verdicts(&mut envelopes, 1).await;
        for _ in 0..3 {
            nudge.give();
            verdicts_seen.extend(verdicts(&mut envelopes, 1).await);
        }
        assert_eq!(verdicts_seen, [Verdict::OnMains; 4]);
    }

    /// Watches `count` UPSs at one address as the daemon does.
    fn watch_many(count: usize, port: u16, inbox: &Inbox, tasks: &mut JoinSet<()>) {
        for place in 0..count {
            let settings = Settings::Snmp(snmp::Settings {
                host: "127.0.0.1".to_owned(),
                port,
                access: public(),
            });
            let inbox = inbox.clone();
            let begin = BEGINS_APART * u32::try_from(place).unwrap();
            tasks.spawn(async move {
                tokio::time::sleep(begin).await;
                let (id, nudge) = (format!("UPS-{place}"), Nudge::default());
                let (clock, cancel) = (Clock::real(), CancellationToken::new());
                watch_ups(id, settings, nudge, Pace::default(), clock, inbox, cancel).await;
            });
        }
    }

    #[tokio::test]
    async fn fifty_silent_upss_delay_none_of_a_thousand() {
        const COUNT: usize = 1000;
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let port = socket.local_addr().unwrap().port();
        let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let (inbox, mut envelopes) = Inbox::new(Work::default());
        let mut tasks = JoinSet::new();
        tasks.spawn(agent(socket, Vec::new()));
        let dead = silent.local_addr().unwrap().port();
        watch_many(50, dead, &inbox, &mut tasks);
        watch_many(COUNT, port, &inbox, &mut tasks);
        let mut heard: HashMap<String, usize> = HashMap::new();
        let hearing = async {
            while heard.values().filter(|times| **times >= 3).count() < COUNT {
                let envelope = envelopes.recv().await.expect("the loops go on");
                let Input::Ups { ups, reading } = envelope.input else {
                    panic!("a reading");
                };
                if reading.verdict == Verdict::OnMains {
                    *heard.entry(ups).or_default() += 1;
                }
            }
        };
        let patience = Duration::from_secs(60);
        let all = tokio::time::timeout(patience, hearing).await;
        all.expect("each is heard three times beside the silent ones");
    }

    #[tokio::test]
    async fn the_loop_ends_when_it_is_cancelled() {
        let (inbox, _envelopes) = Inbox::new(Work::default());
        let cancel = CancellationToken::new();
        cancel.cancel();
        let settings = Settings::Snmp(snmp::Settings {
            host: "127.0.0.1".to_owned(),
            port: 9,
            access: public(),
        });
        let id = "UPS-A".to_owned();
        let (nudge, pace) = (Nudge::default(), Pace::default());
        let watching = watch_ups(id, settings, nudge, pace, Clock::real(), inbox, cancel);
        let ended = tokio::time::timeout(Duration::from_secs(5), watching).await;
        assert!(ended.is_ok());
    }
}
