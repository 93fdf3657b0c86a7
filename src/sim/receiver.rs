//! A webhook receiver on loopback that believes nothing that is not signed.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::alerts::Secret;
use crate::clock::wall_clock;

/// How far the sender's clock may be off, in seconds, as the specification of Standard Webhooks has it.
const TOLERANCE: i64 = 5 * 60;

/// A running receiver; it ends when this is dropped.
#[derive(Debug)]
pub struct Receiver {
    address: SocketAddr,
    desk: Arc<Desk>,
    /// Closes the connections that are kept alive.
    _closing: DropGuard,
    _server: JoinSet<()>,
}

/// One request, verified or not.
#[derive(Clone, Debug, PartialEq)]
pub struct Received {
    pub webhook_id: String,
    /// Of the attempt, in seconds.
    pub timestamp: i64,
    pub body: String,
    /// The body read as JSON; null where it is none.
    pub event: Value,
    /// Signed with this receiver's secret, in time.
    pub verified: bool,
    /// What was answered; absent where nothing was.
    pub status: Option<u16>,
}

/// How the next requests are answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Status(u16),
    /// A status with a `Retry-After`.
    RetryAfter(u16, String),
    /// The request is taken and never answered.
    Silence,
}

#[derive(Debug)]
struct Desk {
    secret: Secret,
    script: Mutex<VecDeque<Answer>>,
    requests_tx: watch::Sender<Vec<Received>>,
    closed: CancellationToken,
}

impl Receiver {
    /// Listens on a free port of 127.0.0.1.
    pub async fn start(secret: Secret) -> io::Result<Self> {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0)), secret).await
    }

    /// Listens where another one did.
    pub async fn start_at(address: SocketAddr, secret: Secret) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let closed = CancellationToken::new();
        let desk = Arc::new(Desk {
            closed: closed.clone(),
            secret,
            script: Mutex::default(),
            requests_tx: watch::Sender::new(Vec::new()),
        });
        let router = Router::new()
            .route("/hooks/callwatch", post(take))
            .with_state(Arc::clone(&desk));
        let server =
            axum::serve(listener, router).with_graceful_shutdown(closed.clone().cancelled_owned());
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            if let Err(error) = server.await {
                tracing::error!(%error, "the simulated webhook receiver has failed");
            }
        });
        Ok(Self {
            address,
            desk,
            _closing: closed.drop_guard(),
            _server: tasks,
        })
    }

    pub fn url(&self) -> String {
        format!("http://{}/hooks/callwatch", self.address)
    }

    /// Answers the next `times` signed requests so; after that it takes them again.
    pub fn answer_next(&self, times: usize, answer: &Answer) {
        let mut script = self.desk.script();
        script.extend(std::iter::repeat_n(answer.clone(), times));
    }

    /// Answers with this status for the next `times` signed requests.
    pub fn fail(&self, status: u16, times: usize) {
        self.answer_next(times, &Answer::Status(status));
    }

    /// Every request so far, also what was turned away.
    pub fn requests(&self) -> Vec<Received> {
        self.desk.requests_tx.borrow().clone()
    }

    /// What was accepted, each event once, in the order in which it came.
    pub fn events(&self) -> Vec<Received> {
        accepted(&self.desk.requests_tx.borrow())
    }

    /// Waits until the accepted events are as wanted, and returns them. Cancel safe.
    pub async fn wait_for(&self, wanted: impl Fn(&[Received]) -> bool) -> Vec<Received> {
        self.wait_for_requests(|requests| wanted(&accepted(requests)))
            .await;
        self.events()
    }

    /// Waits until the requests are as wanted, and returns them. Cancel safe.
    pub async fn wait_for_requests(&self, wanted: impl Fn(&[Received]) -> bool) -> Vec<Received> {
        let mut requests_rx = self.desk.requests_tx.subscribe();
        match requests_rx.wait_for(|requests| wanted(requests)).await {
            Ok(requests) => requests.clone(),
            // The sender lives as long as this receiver.
            Err(_) => self.requests(),
        }
    }
}

impl Desk {
    fn script(&self) -> std::sync::MutexGuard<'_, VecDeque<Answer>> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn verify(&self, headers: &HeaderMap, body: &Bytes) -> Received {
        let header = |name: &str| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
        };
        let webhook_id = header("webhook-id").to_owned();
        let timestamp: i64 = header("webhook-timestamp").parse().unwrap_or_default();
        let in_time = (wall_clock().as_second() - timestamp).abs() <= TOLERANCE;
        let signatures = header("webhook-signature");
        let verified = in_time
            && self
                .secret
                .verifies(&webhook_id, timestamp, body, signatures);
        Received {
            webhook_id,
            timestamp,
            body: String::from_utf8_lossy(body).into_owned(),
            event: serde_json::from_slice(body).unwrap_or_default(),
            verified,
            status: None,
        }
    }
}

fn accepted(requests: &[Received]) -> Vec<Received> {
    let mut events: Vec<Received> = Vec::new();
    for request in requests {
        let taken = request.status.is_some_and(|status| status < 300);
        if taken
            && !events
                .iter()
                .any(|event| event.webhook_id == request.webhook_id)
        {
            events.push(request.clone());
        }
    }
    events
}

async fn take(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: Bytes) -> Response {
    let mut request = desk.verify(&headers, &body);
    let answer = if request.verified {
        desk.script().pop_front().unwrap_or(Answer::Status(204))
    } else {
        Answer::Status(401)
    };
    let (status, retry_after) = match answer {
        Answer::Silence => {
            desk.requests_tx
                .send_modify(|requests| requests.push(request));
            desk.closed.cancelled().await;
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        Answer::Status(status) => (status, None),
        Answer::RetryAfter(status, after) => (status, Some(after)),
    };
    request.status = Some(status);
    desk.requests_tx
        .send_modify(|requests| requests.push(request));
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match retry_after {
        Some(after) => (status, [(header::RETRY_AFTER, after)]).into_response(),
        None => status.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use jiff::{SignedDuration, Timestamp};
    use tokio::sync::mpsc;
    use tokio::time::timeout;

    use super::*;
    use crate::alerts::{self, Settings, webhook};
    use crate::clock::Clock;
    use crate::inbox::{Envelope, Inbox};
    use crate::incidents::{Due, IncidentId, Input, Message, Notice, Outcome, OwedId};
    use crate::plan::Severity;
    use crate::signals::later;
    use crate::text::Text;

    const SOON: Duration = Duration::from_secs(10);

    /// The hands over a stepped clock, with their outbox and inbox in the test's hands.
    struct Hands {
        due_tx: watch::Sender<Arc<Vec<Due>>>,
        envelopes_rx: mpsc::Receiver<Envelope>,
        clock: Clock,
        started: Timestamp,
        cancel: CancellationToken,
        tasks: JoinSet<()>,
    }

    impl Hands {
        fn start(channels: &[(&str, webhook::Settings)]) -> Self {
            let started = "2026-03-02T06:31:00Z".parse().unwrap();
            let clock = Clock::stepped(started);
            let (due_tx, due_rx) = watch::channel(Arc::default());
            let (inbox, envelopes_rx) = Inbox::new(clock.work().clone());
            let cancel = CancellationToken::new();
            let channels: BTreeMap<String, Settings> = channels
                .iter()
                .map(|(name, settings)| ((*name).into(), Settings::Webhook(settings.clone())))
                .collect();
            let client = alerts::client().unwrap();
            let mut tasks = JoinSet::new();
            let run = alerts::run(
                channels,
                due_rx,
                inbox,
                clock.clone(),
                client,
                cancel.clone(),
            );
            tasks.spawn(run);
            Self {
                due_tx,
                envelopes_rx,
                clock,
                started,
                cancel,
                tasks,
            }
        }

        fn owe(&self, due: &[Due]) {
            self.due_tx.send_replace(Arc::new(due.to_vec()));
        }

        /// What the Board is told next.
        async fn outcome(&mut self) -> (u64, Outcome) {
            let envelope = timeout(SOON, self.envelopes_rx.recv()).await.unwrap();
            match envelope.unwrap().input {
                Input::Delivery { owed, outcome } => (owed.0, outcome),
                other => panic!("{other:?}"),
            }
        }

        /// Steps to the next attempt; how many seconds of plan time since the start.
        async fn step(&self) -> i64 {
            let stepped = async {
                loop {
                    self.clock.work().idle().await;
                    match self.clock.step() {
                        Some(now) => return now.duration_since(self.started).as_secs(),
                        None => tokio::task::yield_now().await,
                    }
                }
            };
            timeout(SOON, stepped).await.unwrap()
        }
    }

    fn due(owed: u64, incident: u64, channel: &str) -> Due {
        Due {
            owed: OwedId(owed),
            incident: IncidentId(incident),
            at: "2026-03-02T06:31:10Z".parse().unwrap(),
            channel: channel.into(),
            message: Message {
                notice: Notice::Opened,
                procedure: "power-loss".into(),
                kind: None,
                severity: Severity::Critical,
                since: "2026-03-02T06:31:08Z".parse().unwrap(),
                place: Text::new("三楼", "third floor"),
                title: Text::new("停电", "power lost"),
                text: Text::new("市电中断。", "Mains are out."),
                told: vec!["lead".into()],
            },
            webhook_id: format!("msg_{owed}"),
            not_recorded: false,
            digest: false,
        }
    }

    async fn receiver() -> (Receiver, webhook::Settings) {
        let secret = Secret::random().unwrap();
        let receiver = Receiver::start(secret.clone()).await.unwrap();
        let settings = webhook::Settings {
            url: receiver.url(),
            secret,
            previous_secret: None,
        };
        (receiver, settings)
    }

    fn ids(requests: &[Received]) -> Vec<&str> {
        requests
            .iter()
            .map(|request| request.webhook_id.as_str())
            .collect()
    }

    async fn requests(receiver: &Receiver, count: usize) -> Vec<Received> {
        let enough = receiver.wait_for_requests(|requests| requests.len() >= count);
        timeout(SOON, enough).await.unwrap()
    }

    #[tokio::test]
    async fn a_failed_message_is_tried_again_with_the_same_id_and_body_until_it_is_taken() {
        let (receiver, settings) = receiver().await;
        receiver.fail(503, 6);
        let mut hands = Hands::start(&[("it", settings)]);
        hands.owe(&[due(7, 1, "it")]);
        let mut tried_at = Vec::new();
        for attempt in 1..=6 {
            requests(&receiver, attempt).await;
            tried_at.push(hands.step().await);
        }
        assert_eq!(tried_at, [1, 6, 21, 81, 381, 681]);
        assert_eq!(hands.outcome().await, (7, Outcome::Delivered));
        let requests = receiver.requests();
        assert_eq!(ids(&requests), ["msg_7"; 7]);
        for request in &requests {
            assert!(request.verified);
            assert_eq!(request.body, requests[0].body);
        }
        assert_eq!(receiver.events().len(), 1);
    }

    #[tokio::test]
    async fn what_was_delivered_is_not_sent_again_while_the_board_has_not_heard() {
        let (receiver, settings) = receiver().await;
        let mut hands = Hands::start(&[("it", settings)]);
        hands.owe(&[due(7, 1, "it")]);
        assert_eq!(hands.outcome().await, (7, Outcome::Delivered));
        hands.owe(&[due(7, 1, "it"), due(8, 1, "it"), due(9, 1, "phone")]);
        assert_eq!(hands.outcome().await, (8, Outcome::Delivered));
        assert_eq!(ids(&receiver.requests()), ["msg_7", "msg_8"]);
    }

    #[tokio::test]
    async fn an_incidents_messages_keep_their_order_and_do_not_hold_up_another_incident() {
        let (receiver, settings) = receiver().await;
        receiver.fail(500, 1);
        let mut hands = Hands::start(&[("it", settings)]);
        hands.owe(&[due(3, 1, "it"), due(5, 1, "it"), due(6, 4, "it")]);
        assert_eq!(hands.outcome().await.0, 6);
        assert_eq!(ids(&receiver.requests()), ["msg_3", "msg_6"]);
        hands.step().await;
        assert_eq!(hands.outcome().await.0, 3);
        assert_eq!(hands.outcome().await.0, 5);
        assert_eq!(ids(&receiver.events()), ["msg_6", "msg_3", "msg_5"]);
    }

    #[tokio::test]
    async fn what_is_superseded_between_two_attempts_is_not_sent_any_more() {
        let (receiver, settings) = receiver().await;
        receiver.fail(502, 1);
        let mut hands = Hands::start(&[("it", settings)]);
        hands.owe(&[due(3, 1, "it")]);
        requests(&receiver, 1).await;
        hands.owe(&[due(9, 1, "it")]);
        assert_eq!(hands.outcome().await, (9, Outcome::Delivered));
        hands.owe(&[]);
        assert_eq!(ids(&receiver.requests()), ["msg_3", "msg_9"]);
        hands.clock.work().idle().await;
        assert_eq!(hands.clock.step(), None, "nobody waits for another attempt");
    }

    #[tokio::test]
    async fn a_receiver_that_is_gone_is_given_up_with_a_reason() {
        let (receiver, settings) = receiver().await;
        receiver.fail(410, 1);
        let mut hands = Hands::start(&[("it", settings)]);
        hands.owe(&[due(3, 1, "it")]);
        let (owed, outcome) = hands.outcome().await;
        let Outcome::GaveUp(why) = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!(owed, 3);
        assert!(why.starts_with("channel `it`: http://127.0.0.1:"), "{why}");
        assert!(why.contains("answered 410 Gone"), "{why}");
        hands.owe(&[due(3, 1, "it"), due(4, 1, "it")]);
        assert_eq!(hands.outcome().await, (4, Outcome::Delivered));
        assert_eq!(ids(&receiver.requests()), ["msg_3", "msg_4"]);
    }

    #[tokio::test]
    async fn a_channel_that_hangs_delays_no_other() {
        let (hanging, hanging_settings) = receiver().await;
        let (receiver, settings) = receiver().await;
        hanging.answer_next(1, &Answer::Silence);
        let mut hands = Hands::start(&[("hangs", hanging_settings), ("it", settings)]);
        hands.owe(&[due(1, 1, "hangs"), due(2, 1, "it")]);
        requests(&hanging, 1).await;
        assert_eq!(hands.outcome().await, (2, Outcome::Delivered));
        hands.owe(&[due(1, 1, "hangs"), due(3, 2, "it")]);
        assert_eq!(hands.outcome().await, (3, Outcome::Delivered));
        assert_eq!(ids(&receiver.events()), ["msg_2", "msg_3"]);
        // The end does not wait for the one that hangs either.
        hands.cancel.cancel();
        timeout(SOON, hands.tasks.join_next()).await.unwrap();
    }

    #[tokio::test]
    async fn a_receiver_that_asks_for_patience_is_left_alone_by_the_whole_channel() {
        let (receiver, settings) = receiver().await;
        receiver.answer_next(1, &Answer::RetryAfter(429, "120".into()));
        let mut hands = Hands::start(&[("it", settings)]);
        hands.owe(&[due(3, 1, "it"), due(6, 4, "it")]);
        requests(&receiver, 1).await;
        assert_eq!(hands.step().await, 120);
        assert_eq!(hands.outcome().await.0, 3);
        assert_eq!(hands.outcome().await.0, 6);

        let date = later(wall_clock(), SignedDuration::from_secs(200));
        let date = date.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        receiver.answer_next(1, &Answer::RetryAfter(503, date));
        hands.owe(&[due(8, 1, "it")]);
        requests(&receiver, 4).await;
        let waited = hands.step().await - 120;
        assert!((190..=200).contains(&waited), "{waited}");
        assert_eq!(hands.outcome().await, (8, Outcome::Delivered));
    }

    #[tokio::test]
    async fn a_receiver_takes_both_secrets_while_they_change_over_and_no_others() {
        let (receiver, old) = receiver().await;
        let fresh = webhook::Settings {
            secret: Secret::random().unwrap(),
            previous_secret: Some(old.secret.clone()),
            ..old.clone()
        };
        let wrong = webhook::Settings {
            previous_secret: None,
            ..fresh.clone()
        };
        let mut hands = Hands::start(&[("fresh", fresh), ("wrong", wrong)]);
        hands.owe(&[due(1, 1, "fresh")]);
        assert_eq!(hands.outcome().await, (1, Outcome::Delivered));
        hands.owe(&[due(2, 1, "wrong")]);
        let (_, outcome) = hands.outcome().await;
        let Outcome::GaveUp(why) = outcome else {
            panic!("{outcome:?}")
        };
        assert!(
            why.contains("401 Unauthorized: check the channel's secret"),
            "{why}"
        );
        assert_eq!(ids(&receiver.events()), ["msg_1"]);
    }

    #[tokio::test]
    async fn a_receiver_that_comes_back_later_gets_what_it_is_owed() {
        let (receiver, settings) = receiver().await;
        let (address, secret) = (receiver.address, settings.secret.clone());
        let mut hands = Hands::start(&[("it", settings)]);
        hands.owe(&[due(1, 1, "it")]);
        assert_eq!(hands.outcome().await, (1, Outcome::Delivered));
        drop(receiver);
        hands.owe(&[due(2, 1, "it")]);
        assert_eq!(hands.step().await, 1, "the network failed");
        assert_eq!(hands.step().await, 6, "and again");
        let receiver = Receiver::start_at(address, secret).await.unwrap();
        // The attempt at 6 s may have been faster than the receiver.
        let clock = hands.clock.clone();
        hands.tasks.spawn(async move {
            loop {
                clock.work().idle().await;
                clock.step();
                tokio::task::yield_now().await;
            }
        });
        assert_eq!(hands.outcome().await, (2, Outcome::Delivered));
        assert_eq!(ids(&receiver.events()), ["msg_2"]);
    }
}
