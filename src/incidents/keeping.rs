//! Signals of callwatch itself: whether its log is written, and whether it is copied.
//!
//! They are of the whole centre, and judged by those who keep the log.

use jiff::Timestamp;

use crate::incidents::board::Board;
use crate::incidents::entry::{Event, Scope};
use crate::incidents::incident::Incident;
use crate::incidents::state::State;
use crate::signals::{Kind, Level, Signal};
use crate::site::Site;
use crate::text::Text;

fn signal(kind: Kind) -> Signal {
    Signal::new(kind, "")
}

impl Board {
    /// Whether the Board was told last that this is well, or was never told that it is not.
    pub fn is_kept(&self, kind: Kind) -> bool {
        self.state.level(&signal(kind)) != Level::Critical
    }
}

impl State {
    /// Hash of the last entry; empty before the first.
    pub fn last_hash(&self) -> &str {
        &self.last_hash
    }
}

/// A turn where that is news.
pub(super) fn take(board: &Board, now: Timestamp, kind: Kind, fault: Option<&str>) -> Vec<Event> {
    if board.is_kept(kind) == fault.is_none() {
        return Vec::new();
    }
    let (to, value) = match fault {
        Some(fault) => (Level::Critical, Text::same(fault)),
        None => (Level::Normal, Text::new("恢复了", "it is well again")),
    };
    vec![Event::Turned {
        from: board.state.level(&signal(kind)),
        signal: signal(kind),
        to,
        since: now,
        value,
    }]
}

pub(super) fn scope(site: &Site) -> Scope {
    Scope {
        place: site.name.clone(),
        ..Scope::default()
    }
}

/// Since when what an incident is about is well again.
pub(super) fn good_since(board: &Board, incident: &Incident, kind: Kind) -> Option<Timestamp> {
    let standing = board.state.standings.get(&signal(kind))?;
    (standing.level == Level::Normal).then_some(standing.since.max(incident.onset))
}
