//! `/ingest/queue/NAME`: somebody else's job pushes what it knows of a queue.
//!
//! ```text
//! curl -H "Authorization: Bearer $(cat token)" -d '{"waiting": 3}' http://HOST/ingest/queue/support
//! ```
//!
//! The token is looked at before a byte of the body is read. What was pushed last stands
//! in a `watch` for whoever judges it: it is a level, and the newest one counts.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode};
use futures_util::StreamExt as _;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::acd::pushed::{Freshness, Told, read_queue};
use crate::probes::acd::pushed::Pushed;
use crate::text::Text;
use crate::web::ingest::door::{Doors, Fault, Of, Refusal};

/// Of one body: a thousand members fit.
const MOST_BYTES: usize = 256 * 1024;

/// What was pushed in last of one queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrived {
    /// When it came, by our clock.
    pub at: Timestamp,
    pub told: Told,
}

/// The newest of each queue, for whoever judges it; `None` until something came.
pub type Latest = BTreeMap<String, watch::Receiver<Option<Arrived>>>;

/// What lies behind the door of a queue.
pub(super) struct Queue {
    stale_after: SignedDuration,
    latest_tx: watch::Sender<Option<Arrived>>,
}

/// A door for each queue of these sources, which say how old a reading may be.
pub(super) fn doors<'p>(
    sources: impl IntoIterator<Item = (&'p Pushed, SignedDuration)>,
) -> anyhow::Result<(Doors<Queue>, Latest)> {
    let (mut doors, mut latest) = (Doors::new(Of::Queue)?, BTreeMap::new());
    for (pushed, stale_after) in sources {
        for queue in &pushed.queues {
            let (latest_tx, latest_rx) = watch::channel(None);
            let behind = Queue {
                stale_after,
                latest_tx,
            };
            if !doors.add(queue, pushed.token.reveal(), behind) {
                anyhow::bail!("queue `{queue}` is pushed in by two sources: keep one of them");
            }
            latest.insert(queue.clone(), latest_rx);
        }
    }
    Ok((doors, latest))
}

/// 204 where it was taken. 401 for a wrong token, 404 for a queue that is not pushed in,
/// 408 for a body that does not come, 409 for what is older than what came before, 413 for
/// too much of it, 422 for a faulty one, 429 for too many.
pub(super) async fn push(
    doors: &Doors<Queue>,
    queue: &str,
    (headers, body): (&HeaderMap, Body),
    now: impl Fn() -> Timestamp,
    read_within: Duration,
) -> Result<(), Refusal> {
    let door = doors.open(queue, headers)?;
    let body = tokio::time::timeout(read_within, read(body));
    let body = body.await.unwrap_or_else(|_| {
        let why = Text::new(
            format!("{read_within:?}内没收完"),
            format!("the body did not come within {read_within:?}"),
        );
        Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, why))
    })?;
    let now = now();
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
