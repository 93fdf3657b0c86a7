//! Which entries are news to people, and which are for the record alone.

use crate::incidents::entry::Event;
use crate::signals::{Kind, Level};

/// Whether an entry belongs into a time line for people: receipts and debts are for the
/// record, the id of a stage says nothing, and that a battery is not low is no news.
pub fn is_news(event: &Event) -> bool {
    match event {
        Event::Receipts { .. }
        | Event::Owed { .. }
        | Event::Superseded { .. }
        | Event::OutChanged { .. }
        | Event::StageBegan { .. }
        | Event::Reconfigured { .. }
        | Event::SeatLeft { .. }
        | Event::SeatBack { .. }
        | Event::BackedUp { .. }
        | Event::Discharged { .. }
        | Event::Started => false,
        Event::Turned {
            signal, from, to, ..
        } => {
            let heard = *from == Level::Unknown && *to == Level::Normal;
            // How long things last has a place of its own on the page.
            let announced = [Kind::CutAnnounced, Kind::CutOutlasts, Kind::TestAnnounced];
            // What single seats see is for the record; what it adds up to is news.
            let of_seat = [
                Kind::SeatPc,
                Kind::SeatHeadset,
                Kind::SeatPhone,
                Kind::SeatLogin,
                Kind::SeatService,
            ];
            signal.kind != Kind::UpsEndurance
                && !of_seat.contains(&signal.kind)
                && !announced.contains(&signal.kind)
                && (signal.kind != Kind::UpsBatteryLow || !(heard || *to == Level::Unknown))
        }
        Event::Digested { lines, .. } => !lines.is_empty(),
        _ => true,
    }
}
