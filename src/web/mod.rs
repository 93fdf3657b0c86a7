//! Windows: the page of the centre, each seat's page, and the seat endpoint.
//!
//! Seats are level-triggered: over one WebSocket a seat is sent all its cards in
//! force when they change, and says how far each has come. Only seats whose
//! cards changed are woken. Nothing is decided here: what a person does goes
//! into the inbox, and the outcome comes back once it is in the log.

mod clients;
mod errand;
mod hall;
mod hearing;
mod ingest;
mod keys;
mod ledger;
mod listener;
mod pages;
mod pcs;
mod press;
mod pushed;
mod seats;
mod sights;
pub mod tls;
#[cfg(test)]
mod visit;
mod windows;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use hall::{Hall, Limits};
pub use ingest::{Arrived, Ingest, Latest};
pub use keys::Keys;
pub use pushed::{Own, doors, own_of, watch_pushed};
pub use tls::Tls;

use listener::{Caller, Listener};

/// A client that takes longer to agree on TLS is gone.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);

/// Serves until cancelled; where there is a certificate, by TLS only.
pub async fn serve(
    listener: TcpListener,
    tls: Option<Tls>,
    hall: Hall,
    cancel: CancellationToken,
) -> anyhow::Result<()> {
    let listener = Listener::new(
        listener,
        tls.as_ref(),
        HANDSHAKE_WITHIN,
        hall.limits.connections,
    );
    let ingest = ingest::router(
        Arc::clone(&hall.ingest),
        hall.inbox.clone(),
        hall.clock.clone(),
    );
    let router = Router::new()
        .route("/", get(pages::centre))
        .route("/seat/{id}", get(pages::seat))
        .route("/page.css", get(pages::style))
        .route("/centre.js", get(pages::centre_script))
        .route("/seat.js", get(pages::seat_script))
        .route("/api/view", get(pages::view))
        .route("/api/health", get(pages::told))
        .route("/api/windows", post(windows::order))
        .route("/api/readiness", get(pages::readiness))
        .route("/healthz", get(pages::health))
        .route("/ws", get(seats::open))
        .with_state(hall::Desk::new(hall, cancel.clone()))
        .merge(ingest);
    let service = router.into_make_service_with_connect_info::<Caller>();
    axum::serve(listener, service)
        .with_graceful_shutdown(cancel.cancelled_owned())
        .await
        .context("the listener failed")
}
