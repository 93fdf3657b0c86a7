//! `/ingest/queue/NAME`: somebody else's job pushes what it knows of a queue.
//!
//! ```text
//! curl -H "Authorization: Bearer $(cat token)" -d '{"waiting": 3}' http://HOST/ingest/queue/support
//! ```
//!
//! The token is looked at before a byte of the body is read. What was pushed last stands
//! in a `watch` for whoever judges it: it is a level, and the newest one counts.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use futures_util::StreamExt as _;
use hmac::{Hmac, Mac as _};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use sha2::Sha256;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::acd::pushed::{Freshness, Told, read_queue};
use crate::clock::Clock;
use crate::document::which;
use crate::probes::acd::pushed::Pushed;
use crate::text::Text;

/// Of one body: a thousand members fit.
const MOST_BYTES: usize = 256 * 1024;
/// A body is here within this, in real time.
const READ_WITHIN: Duration = Duration::from_secs(10);
/// So many may come at once, and one more each second.
const BURST: u32 = 10;

/// What was pushed in last of one queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrived {
    /// When it came, by our clock.
    pub at: Timestamp,
    pub told: Told,
}

/// The queues that are pushed in, and who may push them.
#[derive(Debug, Default)]
pub struct Ingest {
    doors: BTreeMap<String, Door>,
}

/// The newest of each queue, for whoever judges it; `None` until something came.
pub type Latest = BTreeMap<String, watch::Receiver<Option<Arrived>>>;

/// One queue's.
struct Door {
    /// Compared instead of the token, which is not kept.
    tag: Tag,
    stale_after: SignedDuration,
    latest_tx: watch::Sender<Option<Arrived>>,
    budget: Mutex<Budget>,
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door").finish_non_exhaustive()
    }
}

impl Ingest {
    /// Opens a door for each queue of these sources, which say how old a reading may be.
    pub fn new<'p>(
        sources: impl IntoIterator<Item = (&'p Pushed, SignedDuration)>,
    ) -> anyhow::Result<(Self, Latest)> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).context("the system has no randomness")?;
        let (mut doors, mut latest) = (BTreeMap::new(), BTreeMap::new());
        for (pushed, stale_after) in sources {
            for queue in &pushed.queues {
                let (latest_tx, latest_rx) = watch::channel(None);
                let door = Door {
                    tag: Tag::of(key, pushed.token.reveal()),
                    stale_after,
                    latest_tx,
                    budget: Mutex::new(Budget::full()),
                };
                if doors.insert(queue.clone(), door).is_some() {
                    anyhow::bail!("queue `{queue}` is pushed in by two sources: keep one of them");
                }
                latest.insert(queue.clone(), latest_rx);
            }
        }
        Ok((Self { doors }, latest))
    }

    /// The door that a token opens, or why it opens none.
    fn door(&self, queue: &str, token: &str) -> Result<&Door, Refusal> {
        if let Some(door) = self.doors.get(queue) {
            return if door.tag.fits(token) {
                Ok(door)
            } else {
                Err(Refusal::no_token(queue))
            };
        }
        let own = self.doors.iter().filter(|(_, door)| door.tag.fits(token));
        let own: Vec<&String> = own.map(|(queue, _)| queue).collect();
        // Whoever has no token learns no name.
        if own.is_empty() {
            return Err(Refusal::no_token(queue));
        }
        let why = Text::new(
            format!("没有推送来的队列“{queue}”；这个令牌可用于：{}", names(&own)),
            format!("no queue `{queue}` is pushed in: {}", which(queue, &own)),
        );
        Err(Refusal::new(StatusCode::NOT_FOUND, why))
    }
}

fn names(names: &[&String]) -> String {
    let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
    names.join("、")
}

/// A token's HMAC by a key of this process.
struct Tag {
    key: [u8; 32],
    tag: Vec<u8>,
}

impl Tag {
    fn of(key: [u8; 32], token: &str) -> Self {
        let tag = mac(&key, token).finalize().into_bytes().to_vec();
        Self { key, tag }
    }

    /// Takes as long for a wrong one.
    fn fits(&self, token: &str) -> bool {
        mac(&self.key, token).verify_slice(&self.tag).is_ok()
    }
}

fn mac(key: &[u8; 32], token: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(token.as_bytes());
    mac
}

/// How many may come now.
struct Budget {
    left: u32,
    since: Instant,
}

impl Budget {
    fn full() -> Self {
        Self {
            left: BURST,
            since: Instant::now(),
        }
    }

    fn take(&mut self, now: Instant) -> bool {
        let seconds = now.saturating_duration_since(self.since).as_secs();
        if seconds > 0 {
            let more = u32::try_from(seconds).unwrap_or(BURST);
            self.left = self.left.saturating_add(more).min(BURST);
            self.since += Duration::from_secs(seconds);
        }
        let any = self.left > 0;
        self.left = self.left.saturating_sub(1);
        any
    }
}

/// What whoever pushed is told.
#[derive(Debug, Serialize)]
struct Refusal {
    #[serde(skip)]
    status: StatusCode,
    refused: Text,
    /// Everything that is wrong with the body.
    faults: Vec<Fault>,
}

#[derive(Debug, Serialize)]
struct Fault {
    field: String,
    #[serde(flatten)]
    what: Text,
}

impl Refusal {
    fn new(status: StatusCode, refused: Text) -> Self {
        Self {
            status,
            refused,
            faults: Vec::new(),
        }
    }

    fn no_token(queue: &str) -> Self {
        let why = Text::new(
            format!("队列“{queue}”的令牌不对；请求头写成：Authorization: Bearer 令牌"),
            format!("the token does not open queue `{queue}`: send `Authorization: Bearer TOKEN`"),
        );
        Self::new(StatusCode::UNAUTHORIZED, why)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(&self)).into_response();
        let headers = response.headers_mut();
        match self.status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::TOO_MANY_REQUESTS => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        response
    }
}

/// What each request needs.
#[derive(Clone)]
struct Porter {
    ingest: Arc<Ingest>,
    clock: Clock,
    read_within: Duration,
}

/// The door to all queues.
pub(super) fn router(ingest: Arc<Ingest>, clock: Clock) -> Router {
    routed(Porter {
        ingest,
        clock,
        read_within: READ_WITHIN,
    })
}

fn routed(porter: Porter) -> Router {
    Router::new()
        .route("/ingest/queue/{name}", post(push))
        .with_state(porter)
}

/// 204 where it was taken. 401 for a wrong token, 404 for a queue that is not pushed in,
/// 408 for a body that does not come, 409 for what is older than what came before, 413 for
/// too much of it, 422 for a faulty one, 429 for too many.
async fn push(
    State(porter): State<Porter>,
    Path(queue): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match porter.take(&queue, &headers, body).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => {
            tracing::debug!(queue, status = %refusal.status, "what was pushed in is refused");
            refusal.into_response()
        }
    }
}

impl Porter {
    async fn take(&self, queue: &str, headers: &HeaderMap, body: Body) -> Result<(), Refusal> {
        let door = self
            .ingest
            .door(queue, token(headers).unwrap_or_default())?;
        if !door.budget().take(Instant::now()) {
            let why = Text::new(
                "推送太勤，每秒最多一次",
                "it is pushed too often: once a second is the most",
            );
            return Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, why));
        }
        let body = tokio::time::timeout(self.read_within, read(body));
        let body = body.await.unwrap_or_else(|_| {
            let why = Text::new(
                format!("{:?}内没收完", self.read_within),
                format!("the body did not come within {:?}", self.read_within),
            );
            Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, why))
        })?;
        let now = self.clock.now();
        let fresh = Freshness {
            now,
            stale_after: door.stale_after,
        };
        let told = read_queue(queue, &body, fresh).map_err(|complaints| {
            let why = Text::new("内容有误", "the body is faulty");
            Refusal {
                faults: complaints
                    .into_iter()
                    .map(|complaint| Fault {
                        field: complaint.field,
                        what: complaint.what,
                    })
                    .collect(),
                ..Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, why)
            }
        })?;
        let taken = door.latest_tx.send_if_modified(|latest| {
            let newer = latest
                .as_ref()
                .is_none_or(|latest| latest.told.taken_at <= told.taken_at);
            if newer {
                *latest = Some(Arrived { at: now, told });
            }
            newer
        });
        if taken {
            return Ok(());
        }
        let why = Text::new(
            "已有更新的数据，taken_at比上一次早",
            "a newer one has come already: `taken_at` is before that of the last one",
        );
        Err(Refusal::new(StatusCode::CONFLICT, why))
    }
}

impl Door {
    fn budget(&self) -> std::sync::MutexGuard<'_, Budget> {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// RFC 6750, 2.1; the name of the scheme in any case (RFC 9110, 11.1).
fn token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

async fn read(body: Body) -> Result<Bytes, Refusal> {
    let mut read = Vec::new();
    let mut parts = body.into_data_stream();
    while let Some(part) = parts.next().await {
        let part = part.map_err(|error| {
            let why = Text::new(
                format!("内容没收完：{error}"),
                format!("the body broke off: {error}"),
            );
            Refusal::new(StatusCode::BAD_REQUEST, why)
        })?;
        if read.len() + part.len() > MOST_BYTES {
            let why = Text::new(
                format!("内容超过{MOST_BYTES}字节"),
                format!("the body has more than {MOST_BYTES} bytes"),
            );
            return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, why));
        }
        read.extend_from_slice(&part);
    }
    Ok(read.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::acd::Hidden;

    fn pushed(token: &str, queues: &[&str]) -> Pushed {
        Pushed {
            token: Hidden::new(token),
            queues: queues.iter().map(|queue| (*queue).to_owned()).collect(),
        }
    }

    fn status(ingest: &Ingest, queue: &str, token: &str) -> Option<StatusCode> {
        ingest
            .door(queue, token)
            .err()
            .map(|refusal| refusal.status)
    }

    #[test]
    fn a_token_opens_its_own_queues_and_whoever_has_none_learns_no_name() {
        let (a, b) = (
            pushed("token-of-a", &["support", "sales"]),
            pushed("token-of-b", &["night"]),
        );
        let week = SignedDuration::from_hours(1);
        let (ingest, latest) = Ingest::new([(&a, week), (&b, week)]).unwrap();
        assert_eq!(latest.len(), 3);
        assert_eq!(status(&ingest, "support", "token-of-a"), None);
        assert_eq!(status(&ingest, "night", "token-of-b"), None);
        for (queue, token) in [
            ("support", "token-of-b"),
            ("support", ""),
            ("nowhere", "guess"),
        ] {
            assert_eq!(
                status(&ingest, queue, token),
                Some(StatusCode::UNAUTHORIZED)
            );
        }
        let refusal = ingest.door("suport", "token-of-a").unwrap_err();
        assert_eq!(refusal.status, StatusCode::NOT_FOUND);
        assert!(refusal.refused.en.ends_with("did you mean `support`?"));
        assert!(!format!("{ingest:?}").contains("token-of"));
        let twice = Ingest::new([(&a, week), (&a, week)]).unwrap_err();
        assert!(twice.to_string().contains("by two sources"), "{twice}");
    }

    #[test]
    fn the_token_is_behind_bearer_in_any_case() {
        let shown = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            token(&headers).map(str::to_owned)
        };
        assert_eq!(shown("Bearer abc"), Some("abc".to_owned()));
        assert_eq!(shown("bearer  abc "), Some("abc".to_owned()));
        assert_eq!(shown("Basic abc"), None);
        assert_eq!(shown("Bearer"), None);
        assert_eq!(token(&HeaderMap::new()), None);
    }

    #[test]
    fn a_burst_is_taken_and_then_one_each_second() {
        let mut budget = Budget::full();
        let start = budget.since;
        let at = |millis| start + Duration::from_millis(millis);
        assert!((0..BURST).all(|_| budget.take(at(10))));
        assert!(!budget.take(at(999)));
        assert!(budget.take(at(1000)));
        assert!(!budget.take(at(1500)));
        assert!(budget.take(at(2000)));
        assert!((0..BURST).all(|_| budget.take(at(60_000))));
        assert!(!budget.take(at(60_000)));
    }

    /// The door for `support`, open to `token-of-support`.
    struct House {
        address: std::net::SocketAddr,
        latest: Latest,
        http: reqwest::Client,
        _server: tokio::task::JoinSet<()>,
    }

    impl House {
        async fn open() -> Self {
            let source = pushed("token-of-support", &["support", "夜班 1"]);
            let stale_after = SignedDuration::from_secs(30);
            let (ingest, latest) = Ingest::new([(&source, stale_after)]).unwrap();
            let router = routed(Porter {
                ingest: Arc::new(ingest),
                clock: Clock::stepped("2026-03-02T06:31:05Z".parse().unwrap()),
                read_within: Duration::from_millis(200),
            });
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let mut tasks = tokio::task::JoinSet::new();
            tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
            Self {
                address,
                latest,
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
        let endless = || reqwest::Body::from(vec![b' '; 20 * MOST_BYTES]);
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
}
