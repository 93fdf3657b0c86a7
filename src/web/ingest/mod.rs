//! `/ingest`: what other people's jobs tell, each with a token of its own.

mod backups;
mod door;
mod queues;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use jiff::SignedDuration;

use crate::clock::Clock;
use crate::inbox::Inbox;
use crate::probes::acd::pushed::Pushed;
use crate::probes::backup::Known;
use door::{Doors, Refusal};

pub use queues::{Arrived, Latest};

/// A body is here within this, and a report written down, in real time.
const WITHIN: Duration = Duration::from_secs(10);

/// What is told by others, and who may tell it.
#[derive(Debug)]
pub struct Ingest {
    queues: Doors<queues::Queue>,
    backups: Doors<()>,
}

impl Ingest {
    /// Opens a door for each queue of these sources, which say how old a reading may be, and
    /// for each backup whose job reports.
    pub fn new<'p>(
        sources: impl IntoIterator<Item = (&'p Pushed, SignedDuration)>,
        backups: &BTreeMap<String, Known>,
    ) -> anyhow::Result<(Self, Latest)> {
        let (queues, latest) = queues::doors(sources)?;
        let backups = backups::doors(backups)?;
        Ok((Self { queues, backups }, latest))
    }
}

/// What each request needs.
#[derive(Clone)]
struct Porter {
    ingest: Arc<Ingest>,
    inbox: Inbox,
    clock: Clock,
    within: Duration,
}

/// All doors.
pub(super) fn router(ingest: Arc<Ingest>, inbox: Inbox, clock: Clock) -> Router {
    routed(Porter {
        ingest,
        inbox,
        clock,
        within: WITHIN,
    })
}

fn routed(porter: Porter) -> Router {
    Router::new()
        .route("/ingest/queue/{name}", post(queue))
        .route("/ingest/backup/{name}", post(backup))
        .with_state(porter)
}

async fn queue(
    State(porter): State<Porter>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let (doors, sent) = (&porter.ingest.queues, (&headers, body));
    let now = || porter.clock.now();
    answer(
        &name,
        queues::push(doors, &name, sent, now, porter.within).await,
    )
}

async fn backup(
    State(porter): State<Porter>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    let (doors, inbox) = (&porter.ingest.backups, &porter.inbox);
    answer(
        &name,
        backups::report(doors, &name, &headers, inbox, porter.within).await,
    )
}

fn answer(name: &str, taken: Result<(), Refusal>) -> Response {
    match taken {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => {
            tracing::debug!(name, status = %refusal.status, "what was pushed in is refused");
            refusal.into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbox::Envelope;
    use crate::incidents::{BackupSight, Input};
    use crate::probes::acd::Hidden;

    fn pushed(token: &str, queues: &[&str]) -> Pushed {
        Pushed {
            token: Hidden::new(token),
            queues: queues.iter().map(|queue| (*queue).to_owned()).collect(),
        }
    }

    #[test]
    fn a_queue_that_two_sources_push_in_is_refused_at_the_start() {
        let source = pushed("token-of-support", &["support"]);
        let hour = SignedDuration::from_hours(1);
        let twice = Ingest::new([(&source, hour), (&source, hour)], &BTreeMap::new());
        let twice = twice.unwrap_err().to_string();
        assert!(twice.contains("by two sources"), "{twice}");
    }

    /// The doors for `support` and the backup `crm`, open to `token-of-support`.
    struct House {
        address: std::net::SocketAddr,
        latest: Latest,
        envelopes_rx: tokio::sync::mpsc::Receiver<Envelope>,
        http: reqwest::Client,
        _server: tokio::task::JoinSet<()>,
    }

    impl House {
        async fn open() -> Self {
            let source = pushed("token-of-support", &["support", "夜班 1"]);
            let stale_after = SignedDuration::from_secs(30);
            let token = Hidden::new("token-of-support");
            let backups = [("crm".to_owned(), Known::Reports(token))].into();
            let (ingest, latest) = Ingest::new([(&source, stale_after)], &backups).unwrap();
            let clock = Clock::stepped("2026-03-02T06:31:05Z".parse().unwrap());
            let (inbox, envelopes_rx) = Inbox::new(clock.work().clone());
            let router = routed(Porter {
                ingest: Arc::new(ingest),
                inbox,
                clock,
                within: Duration::from_millis(200),
            });
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let mut tasks = tokio::task::JoinSet::new();
            tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
            Self {
                address,
                latest,
                envelopes_rx,
                http: crate::alerts::client().unwrap(),
                _server: tasks,
            }
        }

        async fn push(
            &self,
            queue: &str,
            token: &str,
            body: impl Into<reqwest::Body>,
        ) -> (u16, String) {
            let request = self
                .http
                .post(format!("http://{}/ingest/queue/{queue}", self.address));
            let answer = request.bearer_auth(token).body(body).send().await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        }

        fn waiting(&self, queue: &str) -> Option<u32> {
            let latest = self.latest[queue].borrow();
            latest.as_ref().and_then(|latest| latest.told.queue.waiting)
        }
    }

    const TOKEN: &str = "token-of-support";

    #[tokio::test]
    async fn what_is_pushed_in_is_there_for_whoever_judges_it() {
        let house = House::open().await;
        assert_eq!(house.waiting("support"), None);
        let (status, text) = house.push("support", TOKEN, "{\"waiting\": 3}").await;
        assert_eq!((status, text.as_str()), (204, ""));
        assert_eq!(house.waiting("support"), Some(3));
        let name = "%E5%A4%9C%E7%8F%AD%201";
        assert_eq!(house.push(name, TOKEN, "{\"waiting\": 0}").await.0, 204);
        assert_eq!(house.waiting("夜班 1"), Some(0));
        let older = "{\"waiting\": 9, \"taken_at\": \"2026-03-02T06:31:00Z\"}";
        assert_eq!(house.push("support", TOKEN, older).await.0, 409);
        assert_eq!(house.waiting("support"), Some(3));
    }

    #[tokio::test]
    async fn who_has_no_token_is_turned_away_before_the_body_is_read() {
        let house = House::open().await;
        let endless = || reqwest::Body::from(vec![b' '; 20 * 256 * 1024]);
        for (queue, token) in [("support", "wrong"), ("support", ""), ("sales", "wrong")] {
            let request = house
                .http
                .post(format!("http://{}/ingest/queue/{queue}", house.address));
            let answer = request.bearer_auth(token).send().await.unwrap();
            assert_eq!(answer.status(), 401);
            assert_eq!(answer.headers()["www-authenticate"], "Bearer");
            assert!(answer.text().await.unwrap().contains("令牌不对"));
        }
        assert_eq!(house.push("sales", TOKEN, "{}").await.0, 404);
        assert_eq!(house.push("support", TOKEN, endless()).await.0, 413);
        assert_eq!(house.waiting("support"), None);
    }

    #[tokio::test]
    async fn a_faulty_body_is_refused_with_every_fault_and_changes_nothing() {
        let house = House::open().await;
        let body = "{\"waiting\": -1, \"bussy\": 2}";
        let (status, text) = house.push("support", TOKEN, body).await;
        assert_eq!(status, 422);
        let told: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(told["faults"][0]["field"], "bussy");
        assert_eq!(told["faults"][0]["en"], "is unknown: did you mean `busy`?");
        assert_eq!(told["faults"][1]["field"], "waiting");
        assert!(told["faults"][1]["zh"].as_str().unwrap().contains("负数"));
        for odd in ["", "{\"waiting\": ", "[]", "waiting=3", "\u{feff}"] {
            assert_eq!(house.push("support", TOKEN, odd).await.0, 422, "{odd}");
        }
        assert_eq!(house.waiting("support"), None);
    }

    #[tokio::test]
    async fn a_body_that_comes_a_byte_at_a_time_or_too_often_is_bounded() {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let house = House::open().await;
        let mut stream = tokio::net::TcpStream::connect(house.address).await.unwrap();
        let head = format!(
            "POST /ingest/queue/support HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {TOKEN}\r\n\
             content-length: 100\r\n\r\n{{"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = vec![0; 16];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer, b"HTTP/1.1 408 Req");
        let mut statuses = Vec::new();
        for _ in 0..30 {
            statuses.push(house.push("support", TOKEN, "{\"waiting\": 1}").await.0);
        }
        assert_eq!(statuses[0], 204);
        assert!(statuses.contains(&429), "{statuses:?}");
    }

    #[tokio::test]
    async fn a_job_is_told_that_its_report_is_taken_once_it_is_written_down() {
        let mut house = House::open().await;
        let url = format!("http://{}/ingest/backup/crm", house.address);
        let report = async || {
            let answer = house.http.post(&url).bearer_auth(TOKEN).send().await;
            answer.unwrap().status().as_u16()
        };
        // Nobody writes it down within the time.
        assert_eq!(report().await, 503);
        let late = house.envelopes_rx.recv().await.unwrap();
        assert!(late.reply.unwrap().is_closed());
        let written = async {
            let envelope = house.envelopes_rx.recv().await.unwrap();
            assert!(!envelope.reply.as_ref().unwrap().is_closed());
            envelope.reply.unwrap().send(Ok(())).unwrap();
            envelope.input
        };
        let (status, input) = tokio::join!(report(), written);
        assert_eq!(status, 204);
        let wanted = Input::Backup {
            backup: "crm".to_owned(),
            sight: BackupSight::Reported,
        };
        assert_eq!(input, wanted);
    }

    #[tokio::test]
    async fn a_report_without_its_token_or_of_another_backup_is_refused() {
        let house = House::open().await;
        for (name, token, status) in [("crm", "wrong", 401), ("crn", "", 401), ("crn", TOKEN, 404)]
        {
            let url = format!("http://{}/ingest/backup/{name}", house.address);
            let answer = house
                .http
                .post(url)
                .bearer_auth(token)
                .send()
                .await
                .unwrap();
            assert_eq!(answer.status().as_u16(), status);
            let text = answer.text().await.unwrap();
            assert!(text.contains("备份") && text.contains("backup"), "{text}");
        }
    }
}
