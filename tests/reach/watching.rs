//! The loop over a target, as the daemon runs it.

use callwatch::clock::{Clock, Work};
use callwatch::inbox::{Envelope, Inbox};
use callwatch::incidents::Input;
use callwatch::probes::reach::{Settings, watch_target};
use callwatch::signals::{Kind, Level, Sight, Signal};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::server::{Reply, Server};
use crate::{PATIENCE, shared};

/// One target that is watched by a clock that stands still.
struct Watched {
    clock: Clock,
    envelopes_rx: mpsc::Receiver<Envelope>,
    cancel: CancellationToken,
    tasks: JoinSet<()>,
}

impl Watched {
    fn begin(port: u16, every: i64) -> Self {
        let clock = Clock::stepped(Timestamp::UNIX_EPOCH);
        let (inbox, envelopes_rx) = Inbox::new(Work::default());
        let cancel = CancellationToken::new();
        let target = format!("http://127.0.0.1:{port}/").parse().unwrap();
        let every = SignedDuration::from_secs(every);
        let settings = Settings::of_service(target, every, PATIENCE);
        let signal = Signal::new(Kind::ServiceReach, "crm");
        let with = (clock.clone(), inbox, cancel.clone());
        let mut tasks = JoinSet::new();
        tasks.spawn(watch_target(signal, settings, shared(), with));
        Self {
            clock,
            envelopes_rx,
            cancel,
            tasks,
        }
    }

    /// What was seen, and when it is looked at next.
    async fn seen(&mut self) -> (Sight, Timestamp) {
        let Input::Sights(mut sights) = self.envelopes_rx.recv().await.unwrap().input else {
            panic!("another input");
        };
        assert_eq!(sights.len(), 1);
        // It waits for the clock next.
        loop {
            if let Some(moment) = self.clock.step() {
                return (sights.remove(0), moment);
            }
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_target_is_asked_at_once_and_then_by_the_clock_until_it_is_cancelled() {
    let server = Server::plain(|_, _| Reply::ok("fine")).await;
    let mut watched = Watched::begin(server.port, 30);
    let mut moments = Vec::new();
    for _ in 0..3 {
        let (sight, next) = watched.seen().await;
        assert_eq!(sight.level, Level::Normal);
        assert!(sight.lasts > SignedDuration::from_secs(90));
        moments.push(next.as_second());
    }
    let apart: Vec<i64> = moments.windows(2).map(|two| two[1] - two[0]).collect();
    assert_eq!(apart, [30, 30], "{moments:?}");
    watched.cancel.cancel();
    watched.tasks.join_next().await.unwrap().unwrap();
}

#[tokio::test]
async fn what_fails_is_asked_sooner_than_what_answers() {
    let server = Server::plain(|number, _| match number {
        1 | 2 => Reply::whole("503 Service Unavailable", "", b""),
        _ => Reply::ok("fine"),
    })
    .await;
    let mut watched = Watched::begin(server.port, 600);
    let (first, failing) = watched.seen().await;
    let (second, again) = watched.seen().await;
    let (third, well) = watched.seen().await;
    let (fourth, _) = watched.seen().await;
    let levels = [first, second, third, fourth].map(|sight| sight.level);
    let (good, bad) = (Level::Normal, Level::Critical);
    assert_eq!(levels, [good, bad, bad, good]);
    let apart = |from: Timestamp, to: Timestamp| to.duration_since(from).as_secs();
    assert_eq!((apart(failing, again), apart(again, well)), (10, 10));
}
