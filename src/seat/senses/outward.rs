//! What this PC reaches: the telephone on the desk and the services, each asked again and
//! again by itself, so that one that hangs holds up no other.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use rustls::RootCertStore;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use crate::health::{Answer, State, Watch};
use crate::probes::reach::{Client, Fault, Shared, Target, TargetError, Trust};
use crate::seat::senses::lasting::Lasting;
use crate::seat::senses::sip;

/// Each is asked so often.
const EVERY: Duration = Duration::from_secs(30);
/// What has not answered within this does not.
const ANSWER: Duration = Duration::from_secs(10);
/// A telephone that takes longer than this to answer on a desk's network is slow.
const SLOW_PHONE: Duration = Duration::from_secs(1);
/// Longest reason, in characters.
const LONGEST_WHY: usize = 200;

/// How everything answered last.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Outward {
    pub(super) services: BTreeMap<String, Answer>,
    pub(super) phone: Option<Answer>,
}

/// One thing that is asked, and how.
struct Asked {
    /// Of a service; the telephone has none.
    id: Option<String>,
    question: Question,
    slow: Duration,
}

enum Question {
    Sip(sip::Place),
    Reach(Box<Client>),
}

/// Where something is, as it was read.
enum Place {
    Sip(sip::Place),
    Reach(Target),
}

impl Place {
    /// Or why nothing can be asked there.
    fn read(text: &str) -> Result<Self, String> {
        if text.starts_with("sip:") {
            let place = sip::Place::read(text).map(Self::Sip);
            return place.ok_or_else(|| "write sip:HOST or sip:HOST:PORT".to_owned());
        }
        let target: Result<Target, TargetError> = text.parse();
        target.map(Self::Reach).map_err(|error| error.to_string())
    }

    /// A page may lead on to one with a certificate.
    fn may_show_a_certificate(&self) -> bool {
        matches!(self, Self::Reach(Target::Http(_) | Target::Tls { .. }))
    }
}

impl Question {
    fn new(place: Place, shared: &Shared) -> Self {
        match place {
            Place::Sip(place) => Self::Sip(place),
            Place::Reach(target) => {
                let client = Client::new(target, ANSWER, shared.clone());
                Self::Reach(Box::new(client))
            }
        }
    }

    /// How long the answer took, or why there was none; `None` where this PC cannot ask.
    async fn ask(&mut self) -> Option<Result<Duration, String>> {
        match self {
            Question::Sip(place) => Some(sip::ask(place).await),
            Question::Reach(client) => {
                let answer = client.probe().await;
                let reached = answer.reached.map(|()| answer.latency);
                // A PC that may not ask has seen nothing bad.
                let asked = !matches!(reached, Err(Fault::EchoForbidden | Fault::Own(_)));
                asked.then(|| reached.map_err(|fault| fault.to_string()))
            }
        }
    }
}

/// Whether something can be asked there, or why not.
pub(in crate::seat) fn can_ask(text: &str) -> Result<(), String> {
    Place::read(text).map(|_| ())
}

/// Asks for ever whatever is watched, and tells how it answers.
pub(super) async fn follow(
    mut watch_rx: watch::Receiver<Arc<Watch>>,
    outward_tx: watch::Sender<Outward>,
) {
    loop {
        let watch = Arc::clone(&watch_rx.borrow_and_update());
        let asked = asked(&watch);
        forget(&asked, &outward_tx);
        let keeping = join_all(asked.into_iter().map(|asked| keep(asked, &outward_tx)));
        // They end never, but where there are none.
        let keeping = async {
            keeping.await;
            std::future::pending::<()>().await;
        };
        tokio::select! {
            changed = watch_rx.changed() => if changed.is_err() {
                return;
            },
            () = keeping => {}
        }
    }
}

/// Asks everything once.
pub(super) async fn once(watch: &Watch) -> Outward {
    let each = asked(watch).into_iter().map(|mut asked| async move {
        let answer = asked.answer(&mut Lasting::default()).await;
        (asked.id, answer)
    });
    let mut outward = Outward::default();
    for (id, answer) in join_all(each).await {
        if let Some(answer) = answer {
            outward.note(id, answer);
        }
    }
    outward
}

fn asked(watch: &Watch) -> Vec<Asked> {
    let services = watch.services.iter().map(|service| {
        let slow = Duration::from_millis(service.slow_ms.into());
        (Some(service.id.clone()), service.target.as_str(), slow)
    });
    let phone = watch.phone.iter();
    let phone = phone.map(|target| (None, target.as_str(), SLOW_PHONE));
    let read = |(id, target, slow): (Option<String>, &str, Duration)| {
        let place = Place::read(target);
        let why = place.as_ref().err();
        if let Some(why) = why {
            let what = id.as_deref().unwrap_or("the phone");
            tracing::warn!("{what} is not asked from here: {why}");
        }
        Some((id, place.ok()?, slow))
    };
    let read: Vec<_> = services.chain(phone).filter_map(read).collect();
    // The authorities of a PC take a megabyte: only where there is something to compare.
    let certificates = read
        .iter()
        .any(|(_, place, _)| place.may_show_a_certificate());
    let shared = if certificates {
        Shared::of_host()
    } else {
        Shared::trusting(Trust::of(RootCertStore::empty()))
    };
    let asked = read.into_iter().map(|(id, place, slow)| Asked {
        id,
        question: Question::new(place, &shared),
        slow,
    });
    asked.collect()
}

/// What is watched no more is told no more.
fn forget(asked: &[Asked], outward_tx: &watch::Sender<Outward>) {
    let watched = |id: Option<&String>| asked.iter().any(|asked| asked.id.as_ref() == id);
    outward_tx.send_if_modified(|outward| {
        let before = outward.services.len();
        outward.services.retain(|id, _| watched(Some(id)));
        let phone = outward.phone.take_if(|_| !watched(None));
        before != outward.services.len() || phone.is_some()
    });
}

async fn keep(mut asked: Asked, outward_tx: &watch::Sender<Outward>) {
    // Hundreds of seats must not ask in the same moment.
    sleep(spread()).await;
    let mut state = Lasting::default();
    loop {
        let begun = Instant::now();
        let answer = asked.answer(&mut state).await;
        match answer {
            Some(answer) => {
                outward_tx.send_modify(|outward| outward.note(asked.id.clone(), answer));
            }
            None => outward_tx.send_modify(|outward| outward.forget(asked.id.as_ref())),
        }
        sleep_until(begun + EVERY).await;
    }
}

fn spread() -> Duration {
    let mut random = [0];
    match getrandom::fill(&mut random) {
        Ok(()) => EVERY * u32::from(random[0]) / 256,
        Err(_) => Duration::ZERO,
    }
}

impl Asked {
    /// `None` where this PC cannot ask.
    async fn answer(&mut self, known: &mut Lasting<State>) -> Option<Answer> {
        let answered = self.question.ask().await?;
        let state = match &answered {
            Ok(took) if *took >= self.slow => State::Slow,
            Ok(_) => State::Ok,
            Err(_) => State::Failing,
        };
        Some(Answer {
            state,
            latency_ms: answered.as_ref().ok().map(|took| {
                let tenths = (took.as_secs_f64() * 10_000.0).round();
                tenths / 10.0
            }),
            why: answered.err().map(|why| shortened(&why)),
            for_seconds: known.see(Instant::now(), state),
        })
    }
}

/// A reason without what would be refused in it.
fn shortened(why: &str) -> String {
    let plain = why.chars().filter(|c| !c.is_control());
    plain.take(LONGEST_WHY).collect()
}

impl Outward {
    fn forget(&mut self, id: Option<&String>) {
        match id {
            Some(id) => drop(self.services.remove(id)),
            None => self.phone = None,
        }
    }

    fn note(&mut self, id: Option<String>, answer: Answer) {
        match id {
            Some(id) => drop(self.services.insert(id, answer)),
            None => self.phone = Some(answer),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, UdpSocket};

    use super::*;
    use crate::health::WatchedService;

    /// Answers every request on every connection alike; counts the connections.
    async fn serve(listener: TcpListener, answer: &str, connections: &std::cell::Cell<usize>) {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            connections.set(connections.get() + 1);
            let mut request = [0; 4096];
            while stream.read(&mut request).await.is_ok_and(|read| read > 0) {
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        }
    }

    #[tokio::test]
    async fn each_thing_answers_for_itself_and_what_cannot_be_asked_is_not_told() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let crm = listener.local_addr().unwrap();
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let nobody = closed.local_addr().unwrap();
        drop(closed);
        let phone = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let silent = phone.local_addr().unwrap();
        let watch = Watch {
            services: vec![
                WatchedService::new("crm", format!("http://{crm}/")),
                WatchedService::new("acd", format!("tcp://{nobody}")),
                WatchedService::new("odd", "gopher://x"),
            ],
            softphone: Vec::new(),
            phone: Some(format!("sip:{silent}")),
            ..Watch::default()
        };
        let connections = std::cell::Cell::new(0);
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
        let outward = tokio::select! {
            () = serve(listener, answer, &connections) => unreachable!("it goes on"),
            outward = once(&watch) => outward,
        };
        let crm = &outward.services["crm"];
        assert_eq!((crm.state, &crm.why), (State::Ok, &None));
        assert!(crm.latency_ms.is_some());
        let acd = &outward.services["acd"];
        assert_eq!((acd.state, acd.latency_ms), (State::Failing, None));
        assert!(acd.why.as_ref().unwrap().contains("refuses"), "{acd:?}");
        assert!(!outward.services.contains_key("odd"));
        let phone = outward.phone.unwrap();
        assert_eq!(phone.state, State::Failing);
        assert!(phone.why.unwrap().ends_with("does not answer SIP"));
    }

    #[tokio::test]
    async fn what_takes_long_is_slow_and_a_connection_is_kept() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let place = format!("http://{}/", listener.local_addr().unwrap());
        let watch = Watch {
            services: vec![WatchedService {
                slow_ms: 0,
                ..WatchedService::new("crm", place)
            }],
            ..Watch::default()
        };
        let connections = std::cell::Cell::new(0);
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
        let asking = async {
            let mut asked = asked(&watch).remove(0);
            for _ in 0..3 {
                let answer = asked.answer(&mut Lasting::default()).await;
                assert_eq!(answer.expect("this PC can ask").state, State::Slow);
            }
        };
        tokio::select! {
            () = serve(listener, answer, &connections) => unreachable!("it goes on"),
            () = asking => {}
        }
        assert_eq!(connections.get(), 1);
    }

    #[tokio::test]
    async fn what_is_watched_no_more_is_told_no_more() {
        let failing = Answer {
            state: State::Failing,
            latency_ms: None,
            why: None,
            for_seconds: 0,
        };
        let mut known = Outward::default();
        known.note(Some("crm".to_owned()), failing.clone());
        known.note(None, failing);
        let (outward_tx, mut outward_rx) = watch::channel(known);
        let (_watch_tx, watch_rx) = watch::channel(Arc::default());
        tokio::select! {
            () = follow(watch_rx, outward_tx) => unreachable!("somebody may want something yet"),
            changed = outward_rx.changed() => changed.unwrap(),
        }
        assert_eq!(*outward_rx.borrow(), Outward::default());
    }
}
