//! The seat endpoint: one WebSocket a client.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::clock::Busy;
use crate::incidents::{Card, CardKey, Input, Presence, Receipt, ReceiptStage, Screen};
use crate::text::Text;
use crate::web::errand::{Guest, equip, point, say, send, take};
use crate::web::hall::{Desk, Place};
use crate::web::hearing::Hearing;
use crate::web::listener::Caller;
use crate::wire::{FromSeat, ToSeat, VERSION};

/// No frame of a client is longer.
const LONGEST_FRAME: usize = 16 * 1024;

/// So many receipts of a client may wait for the log before it is not read on.
const UNRECORDED: usize = 64;

/// Opens a WebSocket to a page of our own, or to a program that has no origin.
pub(super) async fn open(
    State(desk): State<Desk>,
    ConnectInfo(Caller(address)): ConnectInfo<Caller>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !same_origin(&headers) {
        return (StatusCode::FORBIDDEN, "this page is not the daemon's own\n").into_response();
    }
    let Some(place) = desk.place() else {
        let why = "too many connections; try again in a while\n";
        return (StatusCode::SERVICE_UNAVAILABLE, why).into_response();
    };
    upgrade
        .read_buffer_size(2048)
        .write_buffer_size(0)
        .max_message_size(LONGEST_FRAME)
        .on_upgrade(move |socket| attend(desk, place, address.ip(), socket))
}

fn same_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let origin = origin
        .to_str()
        .ok()
        .and_then(|origin| origin.split_once("://"))
        .map(|(_, origin)| origin);
    origin.is_some() && origin == host
}

async fn attend(desk: Desk, _place: Place, address: IpAddr, mut socket: WebSocket) {
    let guest = match greet(&desk, address, &mut socket).await {
        Ok(guest) => guest,
        Err(why) => {
            refuse(&mut socket, why).await;
            return;
        }
    };
    let presence = converse(&desk, &guest, &mut socket).await;
    // A PC that goes down takes its other clients with it.
    let goes_down = matches!(presence, Presence::Left(_));
    let now = desk.hall.clock.now();
    let gone = desk.clients().leave(now, &guest.seat, guest.id, goes_down);
    if gone {
        let seat = guest.seat;
        // Where control has ended, there is nobody left to know.
        drop(desk.hall.inbox.send(Input::Seat { seat, presence }).await);
    }
}

async fn greet(desk: &Desk, address: IpAddr, socket: &mut WebSocket) -> Result<Guest, String> {
    let unspoken = || "say hello first: seat and key".to_owned();
    let hello = tokio::time::timeout(desk.hall.limits.hello_within, socket.recv()).await;
    let Ok(Some(Ok(Message::Text(hello)))) = hello else {
        return Err(unspoken());
    };
    let hello = serde_json::from_str(&hello)
        .map_err(|error| format!("the first frame must be a hello: {error}"))?;
    let FromSeat::Hello {
        version,
        seat,
        key,
        language,
        machine,
    } = hello
    else {
        return Err(unspoken());
    };
    let language = language.unwrap_or_else(|| desk.hall.centre.site.language_of(&seat));
    let refused = |why: Text| Err(why.in_language(language).to_owned());
    if version != VERSION {
        return refused(Text::new(
            format!("守护进程用第 {VERSION} 版，这边是第 {version} 版：请刷新网页或更新程序"),
            format!(
                "the daemon speaks version {VERSION}, this end {version}: reload the page or update the program"
            ),
        ));
    }
    // One answer for a wrong seat and a wrong key: neither is told apart by a guess.
    let known = desk.hall.screens.contains_key(&seat);
    if !desk.hall.keys.verify(&seat, &key) || !known {
        tracing::warn!(seat, %address, "a client was refused: unknown seat or wrong key");
        return refused(Text::new(
            format!("没有座席 {seat}，或钥匙不对：请信息部用 callwatch key {seat} 重新给链接"),
            format!(
                "seat {seat} is unknown or its key is wrong; IT prints it: callwatch key {seat}"
            ),
        ));
    }
    if let Some(fault) = machine.as_ref().and_then(|it| it.check().err()) {
        tracing::warn!(seat, %address, "a client was refused: {fault}");
        return Err(format!("seat {seat} tells a PC that cannot be: {fault}"));
    }
    let mut clients = desk.clients();
    let is_program = machine.is_some();
    let (id, double) = clients.enter(desk.hall.clock.now(), &seat, address, machine);
    if let Some(double) = double {
        tracing::warn!(seat, "{}", double.words(&seat).en);
    }
    drop(clients);
    Ok(Guest {
        seat,
        language,
        address,
        id,
        is_program,
    })
}

async fn refuse(socket: &mut WebSocket, why: String) {
    // A client that has gone meanwhile needs no reason.
    drop(say(socket, &ToSeat::Refused { why }).await);
    let close = CloseFrame {
        code: close_code::POLICY,
        reason: "refused".into(),
    };
    drop(socket.send(Message::Close(Some(close))).await);
}

/// What a client was sent and has not shown yet.
struct Sent {
    revision: u32,
    /// Absent once it was shown, or counts as not shown.
    waiting: Option<Waiting>,
}

/// A card is on its way to a pair of eyes.
struct Waiting {
    /// When it counts as not shown.
    until: Instant,
    _busy: Busy,
}

/// Talks until the client goes; says how it went.
async fn converse(desk: &Desk, guest: &Guest, socket: &mut WebSocket) -> Presence {
    let hall = &desk.hall;
    let mut screen_rx = hall.screens[&guest.seat].clone();
    screen_rx.mark_changed();
    // What it has for when it is alone, once it has said so.
    let mut kit: Option<Arc<str>> = None;
    let mut sent: BTreeMap<CardKey, Sent> = BTreeMap::new();
    let mut recorded = FuturesUnordered::new();
    let mut hearing = Hearing::default();
    let alive = Input::Seat {
        seat: guest.seat.clone(),
        presence: Presence::Alive,
    };
    if hall.inbox.send(alive.clone()).await.is_err() {
        return Presence::Silent;
    }
    if guest.is_program && point(desk, guest, socket).await.is_err() {
        return Presence::Silent;
    }
    let mut silent_at = Instant::now() + hall.limits.silent_after;
    loop {
        let overdue = sent
            .values()
            .filter_map(|sent| Some(sent.waiting.as_ref()?.until))
            .min();
        tokio::select! {
            () = desk.cancel.cancelled() => {
                drop(socket.send(Message::Close(None)).await);
                return Presence::Silent;
            }
            changed = screen_rx.changed() => {
                if changed.is_err() || show(desk, guest, socket, &mut screen_rx, &mut sent).await.is_err() {
                    return Presence::Silent;
                }
                if let Some(known) = &mut kit
                    && equip(guest, socket, &screen_rx, known).await.is_err()
                {
                    return Presence::Silent;
                }
            }
            () = tokio::time::sleep_until(silent_at) => return Presence::Silent,
            () = until(overdue) => not_shown(desk, guest, &mut sent).await,
            Some(frame) = recorded.next() => {
                if let Some(frame) = frame && say(socket, &frame).await.is_err() {
                    return Presence::Silent;
                }
            }
            message = socket.recv(), if recorded.len() < UNRECORDED => {
                silent_at = Instant::now() + hall.limits.silent_after;
                let text = match message {
                    Some(Ok(Message::Text(text))) => text,
                    Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_))) => continue,
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return Presence::Silent,
                };
                let answer = match serde_json::from_str(&text) {
                    Ok(FromSeat::Goodbye { why }) => return Presence::after(why),
                    Ok(FromSeat::Alive) => {
                        if hall.inbox.send(alive.clone()).await.is_err() {
                            return Presence::Silent;
                        }
                        Some(ToSeat::Alive { server_now: hall.clock.now() })
                    }
                    Ok(FromSeat::Receipt { card, revision, stage }) => {
                        let receipt = Seen { card, revision, stage };
                        let Some(frame) = receive(desk, guest, receipt, &mut sent).await else {
                            return Presence::Silent;
                        };
                        recorded.push(frame);
                        None
                    }
                    Ok(FromSeat::Kit { digest }) => {
                        let known = kit.insert(digest.into());
                        if equip(guest, socket, &screen_rx, known).await.is_err() {
                            return Presence::Silent;
                        }
                        None
                    }
                    Ok(FromSeat::Health { health }) => hearing.hear(desk, guest, health).await,
                    Ok(frame) => take(desk, guest, frame).await,
                    Err(error) => Some(hearing.puzzle(guest, &error)),
                };
                if let Some(answer) = answer
                    && say(socket, &answer).await.is_err()
                {
                    return Presence::Silent;
                }
            }
        }
    }
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

async fn show(
    desk: &Desk,
    guest: &Guest,
    socket: &mut WebSocket,
    screen_rx: &mut watch::Receiver<Screen>,
    sent: &mut BTreeMap<CardKey, Sent>,
) -> Result<(), axum::Error> {
    let (revision, cards) = {
        let screen = screen_rx.borrow_and_update();
        (
            screen.revision,
            Arc::clone(screen.in_language(guest.language)),
        )
    };
    let until = Instant::now() + desk.hall.limits.shown_within;
    note_sent(&cards, sent, || Waiting {
        until,
        _busy: desk.hall.inbox.begin(),
    });
    let frame = desk.press.frame(desk.hall.clock.now(), revision, &cards);
    send(socket, frame.map_err(axum::Error::new)?).await
}

fn note_sent(cards: &[Arc<Card>], sent: &mut BTreeMap<CardKey, Sent>, wait: impl Fn() -> Waiting) {
    sent.retain(|key, _| cards.iter().any(|card| card.key == *key));
    for card in cards {
        let known = sent.get(&card.key).map(|sent| sent.revision);
        if known != Some(card.revision) {
            let fresh = Sent {
                revision: card.revision,
                // Nobody need look at a register at once.
                waiting: (!card.quiet).then(&wait),
            };
            sent.insert(card.key.clone(), fresh);
        }
    }
}

async fn not_shown(desk: &Desk, guest: &Guest, sent: &mut BTreeMap<CardKey, Sent>) {
    let now = Instant::now();
    for (card, sent) in sent {
        if sent
            .waiting
            .take_if(|waiting| waiting.until <= now)
            .is_none()
        {
            continue;
        }
        let receipt = Receipt {
            seats: [guest.seat.clone()].into(),
            card: card.clone(),
            revision: sent.revision,
            stage: ReceiptStage::NotShown,
        };
        // Where control has ended, there is nobody left to know.
        drop(desk.hall.inbox.send(Input::Receipt(receipt)).await);
    }
}

/// How far a client says that a card has come.
struct Seen {
    card: CardKey,
    revision: u32,
    stage: ReceiptStage,
}

/// Brings a receipt to the Board; what comes of it comes later, when others have
/// said the same. `None` where control has ended.
async fn receive(
    desk: &Desk,
    guest: &Guest,
    seen: Seen,
    sent: &mut BTreeMap<CardKey, Sent>,
) -> Option<impl Future<Output = Option<ToSeat>> + use<>> {
    let Seen {
        card,
        revision,
        stage,
    } = seen;
    if stage == ReceiptStage::Shown
        && let Some(sent) = sent.get_mut(&card)
        && sent.revision == revision
    {
        sent.waiting = None;
    }
    let receipt = Receipt {
        seats: [guest.seat.clone()].into(),
        card: card.clone(),
        revision,
        stage,
    };
    let outcome_rx = desk.hall.inbox.post(Input::Receipt(receipt)).await.ok()?;
    Some(async move {
        outcome_rx.await.ok()?.ok()?;
        Some(ToSeat::Recorded {
            card,
            revision,
            stage,
        })
    })
}
