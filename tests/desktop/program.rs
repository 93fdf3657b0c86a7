//! The program, the daemon's end of its connection, and a server that misbehaves.

use std::time::Duration;

use callwatch::incidents::{Act, Leave, Phase, ReceiptStage};
use callwatch::wire::FromSeat;
use tokio::time::timeout;

use crate::bus::{self, Bus, Process, Scratch};
use crate::daemon::{Daemon, Seat, acknowledge, card};
use crate::notifications::Server;

/// What it says last where nothing but the program ends.
const STOPPED: FromSeat = FromSeat::Goodbye {
    why: Some(Leave::Stopped),
};

/// Whoever pressed and saw nothing happen presses again after this.
const AGAIN: Duration = Duration::from_millis(100);

/// Presses until it is heard, as a person does: the first press may come before the
/// program listens for it.
async fn press(server: &Server, id: u32, action: &str, seat: &mut Seat) -> (String, Act) {
    let command = seat.command();
    tokio::pin!(command);
    loop {
        server.press(id, action).await;
        if let Ok(heard) = timeout(AGAIN, &mut command).await {
            return heard;
        }
    }
}

struct Desk {
    bus: Bus,
    daemon: Daemon,
    program: Process,
    _key: Scratch,
}

impl Desk {
    /// `None` where there is no session bus to be had.
    async fn set_up() -> Option<Self> {
        let bus = Bus::start()?;
        let daemon = Daemon::listen().await;
        let (program, key) = bus::seat(&bus.address, daemon.address());
        Some(Self {
            bus,
            daemon,
            program,
            _key: key,
        })
    }

    /// A desk at which a card is shown; with the id of its notification.
    async fn with_a_card() -> Option<(Self, Server, Seat, u32)> {
        let desk = Self::set_up().await?;
        let mut server = Server::start(&desk.bus).await;
        let mut seat = desk.daemon.seat().await;
        seat.cards(&[card(1)]).await;
        let shown = server.shown().await;
        seat.receipt(1, ReceiptStage::Shown).await;
        Some((desk, server, seat, shown.id))
    }
}

#[tokio::test]
async fn a_card_is_shown_critical_and_staying_and_its_receipts_are_sent() {
    let Some(desk) = Desk::set_up().await else {
        return;
    };
    let mut server = Server::start(&desk.bus).await;
    let mut seat = desk.daemon.seat().await;
    seat.cards(&[card(1)]).await;
    seat.receipt(1, ReceiptStage::Received).await;
    let shown = server.shown().await;
    assert_eq!(shown.title, "停电 15:02 · C座三楼");
    assert_eq!(
        shown.body,
        "照常接听，本机电池用到约15:40\n只留电话和CRM，其余都关掉"
    );
    assert_eq!((shown.urgency, shown.resident, shown.timeout), (2, true, 0));
    assert_eq!(shown.actions, ["default", "", "0", "收到"]);
    assert_eq!(shown.replaces, 0);
    seat.receipt(1, ReceiptStage::Shown).await;
}

#[tokio::test]
async fn a_card_is_updated_in_place_and_closed_when_it_is_over() {
    let Some((_desk, mut server, mut seat, id)) = Desk::with_a_card().await else {
        return;
    };
    let mut changed = card(2);
    changed.lines[0] = "接完这一通，存好，15:25 前关机".to_owned();
    seat.cards(&[changed]).await;
    let shown = server.shown().await;
    assert_eq!((shown.replaces, shown.id), (id, id));
    assert!(shown.body.starts_with("接完这一通"), "{shown:?}");
    seat.receipt(2, ReceiptStage::Shown).await;
    let mut over = card(3);
    over.phase = Phase::Over;
    over.title = "供电恢复 15:26 · C座三楼".to_owned();
    seat.cards(&[over]).await;
    let shown = server.shown().await;
    assert_eq!((shown.replaces, shown.urgency), (id, 1));
    seat.receipt(3, ReceiptStage::Shown).await;
    seat.cards(&[]).await;
    assert_eq!(server.closed().await, id);
}

#[tokio::test]
async fn a_press_is_said_again_under_the_same_id_until_it_has_an_outcome() {
    let Some((desk, mut server, mut seat, id)) = Desk::with_a_card().await else {
        return;
    };
    let (command, act) = press(&server, id, "default", &mut seat).await;
    assert_eq!(act, acknowledge());
    // The daemon dies before it answers.
    drop(seat);
    let mut seat = desk.daemon.seat().await;
    seat.cards(&[card(1)]).await;
    assert_eq!(seat.command().await, (command.clone(), acknowledge()));
    seat.outcome(&command, Some("这件事已经解除")).await;
    let shown = server.shown().await;
    assert!(
        shown.body.ends_with("\n没记下：这件事已经解除"),
        "{shown:?}"
    );
    // Settled: a third connection hears nothing of it.
    let (second, _) = press(&server, shown.id, "0", &mut seat).await;
    assert_ne!(second, command);
}

#[tokio::test]
async fn a_server_that_starts_later_shows_what_is_in_force() {
    let Some(desk) = Desk::set_up().await else {
        return;
    };
    let mut seat = desk.daemon.seat().await;
    seat.cards(&[card(1)]).await;
    seat.receipt(1, ReceiptStage::Received).await;
    let mut server = Server::start(&desk.bus).await;
    assert_eq!(server.shown().await.title, card(1).title);
    seat.receipt(1, ReceiptStage::Shown).await;
}

#[tokio::test]
async fn a_server_that_died_is_followed_by_one_that_shows_all_again() {
    let Some((desk, server, mut seat, _)) = Desk::with_a_card().await else {
        return;
    };
    server.die().await;
    let mut server = Server::start(&desk.bus).await;
    let shown = server.shown().await;
    assert_eq!((shown.replaces, shown.title), (0, card(1).title));
    let (_, act) = press(&server, shown.id, "0", &mut seat).await;
    assert_eq!(act, acknowledge());
}

#[tokio::test]
async fn a_server_that_hangs_holds_up_nobody_and_leaves_no_double_when_it_goes_on() {
    let Some(mut desk) = Desk::set_up().await else {
        return;
    };
    let mut server = Server::start(&desk.bus).await;
    server.hang();
    let mut seat = desk.daemon.seat().await;
    seat.cards(&[card(1)]).await;
    let first = server.shown().await;
    // Meanwhile the program hears and answers.
    seat.receipt(1, ReceiptStage::Received).await;
    let mut changed = card(2);
    changed.title = "供电恢复 15:26 · C座三楼".to_owned();
    seat.cards(&[changed.clone()]).await;
    seat.receipt(2, ReceiptStage::Received).await;
    assert!(server.asked_already().is_none(), "nothing is shown twice");
    server.go_on();
    let second = server.shown().await;
    assert_eq!((second.replaces, second.title), (first.id, changed.title));
    seat.receipt(2, ReceiptStage::Shown).await;
    server.hang();
    seat.cards(&[]).await;
    assert_eq!(server.closed().await, first.id);
    bus::terminate(&desk.program);
    assert!(bus::ended(&mut desk.program).await.success());
}

#[tokio::test]
async fn what_a_person_closed_comes_back_only_when_it_says_something_else() {
    let Some((_desk, mut server, mut seat, id)) = Desk::with_a_card().await else {
        return;
    };
    let mut revision = 1;
    // A closing may come before the program listens for it; a person takes longer to read.
    let stays_closed = loop {
        tokio::time::sleep(AGAIN).await;
        server.close_by_hand(id).await;
        revision += 1;
        let mut pressed = card(revision);
        // It says the same: what was pressed elsewhere is no news.
        pressed.buttons[0].done = revision % 2 == 0;
        seat.cards(&[pressed]).await;
        seat.receipt(revision, ReceiptStage::Shown).await;
        match server.asked_already() {
            None => break true,
            Some(_) if revision > 20 => break false,
            Some(_) => {}
        }
    };
    assert!(stays_closed);
    let mut changed = card(revision + 1);
    changed.lines.truncate(1);
    seat.cards(&[changed]).await;
    assert_eq!(server.shown().await.replaces, 0);
}

#[tokio::test]
async fn at_its_end_it_says_goodbye_and_closes_what_it_shows() {
    let Some((mut desk, mut server, mut seat, id)) = Desk::with_a_card().await else {
        return;
    };
    bus::terminate(&desk.program);
    assert_eq!(seat.last().await, Some(STOPPED));
    assert_eq!(server.closed().await, id);
    assert!(bus::ended(&mut desk.program).await.success());
}

#[tokio::test]
async fn without_a_session_bus_it_still_hears_the_daemon() {
    let daemon = Daemon::listen().await;
    let (mut program, _key) = bus::seat("unix:path=/nonexistent/bus", daemon.address());
    let mut seat = daemon.seat().await;
    seat.cards(&[card(1)]).await;
    seat.receipt(1, ReceiptStage::Received).await;
    bus::terminate(&program);
    assert_eq!(seat.last().await, Some(STOPPED));
    assert!(bus::ended(&mut program).await.success());
}
