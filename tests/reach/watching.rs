//! The loop over a target, as the daemon will run it.

use callwatch::clock::{Clock, Work};
use callwatch::inbox::Inbox;
use callwatch::incidents::Input;
use callwatch::probes::reach::{Answer, watch_target};
use callwatch::signals;
use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::server::{Reply, Server};
use crate::{PATIENCE, client};

/// Stands for what the Board is told.
fn input(answer: Answer) -> Input {
    let fault = answer.reached.err().map(|fault| fault.kind().to_owned());
    Input::Kept {
        kind: signals::Kind::LogWritten,
        fault,
    }
}

#[tokio::test]
async fn a_target_is_asked_at_once_and_then_by_the_clock_until_it_is_cancelled() {
    let server = Server::plain(|number, _| match number {
        1 => Reply::whole("503 Service Unavailable", "", b""),
        _ => Reply::ok("fine"),
    })
    .await;
    let client = client(&format!("http://127.0.0.1:{}/", server.port), PATIENCE);
    let clock = Clock::stepped(Timestamp::UNIX_EPOCH);
    let (inbox, mut envelopes) = Inbox::new(Work::default());
    let cancel = CancellationToken::new();
    let every = SignedDuration::from_secs(30);
    let mut tasks = JoinSet::new();
    let with = (clock.clone(), inbox, cancel.clone());
    tasks.spawn(watch_target("crm".to_owned(), client, every, with, input));
    let mut seen = Vec::new();
    let mut moments = Vec::new();
    for _ in 0..3 {
        let Input::Kept { fault, .. } = envelopes.recv().await.unwrap().input else {
            panic!("another input");
        };
        seen.push(fault);
        // It waits for the clock next.
        let moment = loop {
            if let Some(moment) = clock.step() {
                break moment;
            }
            tokio::task::yield_now().await;
        };
        moments.push(moment);
    }
    assert_eq!(seen, [None, Some("status".to_owned()), None]);
    let apart = moments
        .windows(2)
        .map(|pair| pair[1].duration_since(pair[0]));
    assert!(apart.into_iter().all(|apart| apart == every), "{moments:?}");
    cancel.cancel();
    tasks.join_next().await.unwrap().unwrap();
}
