//! Rules: a seat that took leave is written down as gone, and as back when it speaks again.
//!
//! The silence of a seat that took leave is grey: it is no fault, and testifies to nothing.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::incidents::board::{Board, Moment};
use crate::incidents::entry::Event;
use crate::incidents::input::{Leave, Presence};
use crate::signals::later;
use crate::text::Text;

/// A page that is loaded anew takes leave too, and is back within this.
const RELOADS_WITHIN: SignedDuration = SignedDuration::from_secs(5);

/// How a seat left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Left {
    pub(super) why: Leave,
    pub(super) at: Timestamp,
    /// When it spoke again.
    pub(super) back_at: Option<Timestamp>,
}

impl Left {
    pub(super) fn new(why: Leave, at: Timestamp) -> Self {
        Self {
            why,
            at,
            back_at: None,
        }
    }

    pub(super) fn shift(&mut self, by: SignedDuration) {
        self.at = later(self.at, by);
        self.back_at = self.back_at.map(|back_at| later(back_at, by));
    }
}

impl Leave {
    pub(super) fn words(self) -> Text {
        match self {
            Leave::Stopped => Text::new("已退出", "signed off"),
            Leave::Shutdown => Text::new("已关机", "shut down"),
            Leave::Sleep => Text::new("已休眠", "asleep"),
        }
    }
}

impl Board {
    /// Why a seat is silent, where it took leave.
    pub(super) fn left(&self, seat: &str) -> Option<Leave> {
        let left = self.state.left.get(seat)?;
        left.back_at.is_none().then_some(left.why)
    }

    /// From when the silence of a UPS counts that has been silent since `since`;
    /// `None` while the only PC that sees it has taken leave.
    pub(super) fn silence_counts_from(&self, ups: &str, since: Timestamp) -> Option<Timestamp> {
        let seat = self.centre.site.ups_seen_by.get(ups);
        match seat.and_then(|seat| self.state.left.get(seat)) {
            None => Some(since),
            Some(left) => Some(since.max(left.back_at?)),
        }
    }
}

/// Rule: who took leave has left; who speaks is back.
pub(super) fn seats(board: &Board, moment: &Moment) -> Vec<Event> {
    for seat in &board.live.coming_or_going {
        let Some(live) = board.live.seats.get(seat) else {
            continue;
        };
        if !board.centre.site.seats.contains_key(seat) {
            continue;
        }
        let (why, at) = match live.presence {
            Presence::Silent => continue,
            Presence::Alive => {
                if board.left(seat).is_some() {
                    return vec![Event::SeatBack { seat: seat.clone() }];
                }
                continue;
            }
            Presence::Goodbye => (Leave::Stopped, later(live.seen_at, RELOADS_WITHIN)),
            Presence::Left(why) => (why, live.seen_at),
        };
        if board.left(seat).is_none() && moment.reached(at) {
            let seat = seat.clone();
            return vec![Event::SeatLeft { seat, why }];
        }
    }
    Vec::new()
}
