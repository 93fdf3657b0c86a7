//! What a client at a seat is told, and what it brings to the Board.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use tokio::sync::watch;

use crate::inbox::AskError;
use crate::incidents::{Command, Input, Screen, menu};
use crate::text::Language;
use crate::web::hall::Desk;
use crate::wire::{FromSeat, ToSeat};

/// A client takes a frame within this, or it is gone.
const TAKEN_WITHIN: Duration = Duration::from_secs(10);

/// Who a client said it is.
pub(super) struct Guest {
    pub(super) seat: String,
    pub(super) language: Language,
    /// Where it calls from; behind a proxy, the proxy's.
    pub(super) address: IpAddr,
    /// Its number among the clients.
    pub(super) id: u64,
    /// It is a seat program, and no page.
    pub(super) is_program: bool,
}

/// A client that does not read must not hold up its own end.
pub(super) async fn say(socket: &mut WebSocket, frame: &ToSeat) -> Result<(), axum::Error> {
    let json = serde_json::to_string(frame).map_err(axum::Error::new)?;
    send(socket, json).await
}

/// Sends a frame that is written out.
pub(super) async fn send(socket: &mut WebSocket, json: String) -> Result<(), axum::Error> {
    let sending = socket.send(Message::Text(json.into()));
    tokio::time::timeout(TAKEN_WITHIN, sending)
        .await
        .map_err(axum::Error::new)?
}

/// Tells a program what to look at; what another daemon told it before is over.
pub(super) async fn point(
    desk: &Desk,
    guest: &Guest,
    socket: &mut WebSocket,
) -> Result<(), axum::Error> {
    let watch = desk.hall.watch.get(&guest.seat).cloned();
    say(socket, &ToSeat::Watch(watch.unwrap_or_default())).await
}

/// Sends what the seat needs when it is alone, where it has something else.
pub(super) async fn equip(
    guest: &Guest,
    socket: &mut WebSocket,
    screen_rx: &watch::Receiver<Screen>,
    known: &mut Arc<str>,
) -> Result<(), axum::Error> {
    let kit = screen_rx.borrow().kits.in_language(guest.language).clone();
    if kit.digest == *known || kit.digest.is_empty() {
        return Ok(());
    }
    *known = Arc::clone(&kit.digest);
    say(socket, &ToSeat::Kit(kit)).await
}

/// Brings a frame to the Board, and its answer back; `None` where nothing is answered.
pub(super) async fn take(desk: &Desk, guest: &Guest, frame: FromSeat) -> Option<ToSeat> {
    let inbox = &desk.hall.inbox;
    match frame {
        FromSeat::Command { id, act } => {
            let command = Command {
                id: id.clone(),
                seat: guest.seat.clone(),
                act,
            };
            ask(desk, guest, id, Input::Command(command)).await
        }
        FromSeat::Alone { report } => {
            let (id, seat) = (report.id.clone(), guest.seat.clone());
            ask(desk, guest, id, Input::Alone { seat, report }).await
        }
        // Of two PCs with one key, one is believed.
        FromSeat::Power { .. } if !desk.clients().speaks(&guest.seat, guest.id) => None,
        FromSeat::Power { power } => {
            let seat = guest.seat.clone();
            // Where control has ended, there is nobody left to know.
            drop(inbox.send(Input::OwnPower { seat, power }).await);
            None
        }
        FromSeat::Menu => Some(ToSeat::Menu {
            items: menu(&desk.hall.centre, &guest.seat, guest.language),
            substitutes: desk.hall.substitutes(&guest.seat),
        }),
        FromSeat::Hello { .. } => Some(ToSeat::Outcome {
            id: String::new(),
            refused: Some("hello was said already".to_owned()),
        }),
        FromSeat::Alive
        | FromSeat::Goodbye { .. }
        | FromSeat::Health { .. }
        | FromSeat::Kit { .. }
        | FromSeat::Receipt { .. } => None,
    }
}

/// The outcome of what a person did; `None` where control has ended before.
async fn ask(desk: &Desk, guest: &Guest, id: String, input: Input) -> Option<ToSeat> {
    let refused = match desk.hall.inbox.ask(input).await {
        Ok(()) => None,
        Err(AskError::Refused(refused)) => {
            tracing::info!(seat = guest.seat, %refused, "a press was refused");
            Some(refused.words().in_language(guest.language).to_owned())
        }
        // No outcome: the client says it again, under the same id, to the next daemon.
        Err(AskError::Closed(_)) => return None,
    };
    Some(ToSeat::Outcome { id, refused })
}
