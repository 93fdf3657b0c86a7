//! `callwatch seat`, for a PC that has the whole program.

use callwatch::incidents::{Leave, ReceiptStage};
use callwatch::wire::FromSeat;

use crate::bus::{self, Bus};
use crate::daemon::{Daemon, card};
use crate::notifications::Server;

#[tokio::test]
async fn the_whole_program_shows_a_seats_cards_and_takes_leave_as_the_small_one_does() {
    let Some(bus) = Bus::start() else { return };
    let daemon = Daemon::listen().await;
    let mut server = Server::start(&bus).await;
    let (mut program, _key) = bus::seat_of_the_whole(&bus.address, daemon.address());
    let mut seat = daemon.seat().await;
    seat.cards(&[card(1)]).await;
    let shown = server.shown().await;
    assert_eq!(shown.title, card(1).title);
    seat.receipt(1, ReceiptStage::Shown).await;
    bus::terminate(&program);
    let why = Some(Leave::Stopped);
    assert_eq!(seat.last().await, Some(FromSeat::Goodbye { why }));
    assert_eq!(server.closed().await, shown.id);
    assert!(bus::ended(&mut program).await.success());
}
