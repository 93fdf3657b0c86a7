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
mod pages;
mod pcs;
mod press;
mod pushed;
mod seats;
mod sights;
#[cfg(test)]
mod visit;
mod windows;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use hall::{Hall, Limits};
pub use ingest::{Arrived, Ingest, Latest};
pub use keys::Keys;
pub use pushed::{Own, doors, own_of, watch_pushed};

/// Serves until cancelled.
pub async fn serve(
    listener: TcpListener,
    hall: Hall,
    cancel: CancellationToken,
) -> anyhow::Result<()> {
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
    // A card must not wait until the one before it is acknowledged (RFC 1122, 4.2.3.2: 500 ms).
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!("a connection may be slow: {error}");
        }
    });
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service)
        .with_graceful_shutdown(cancel.cancelled_owned())
        .await
        .context("the listener failed")
}
