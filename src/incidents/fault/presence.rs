//! Whether the PC of a seat speaks: its signal turns when it comes, takes leave, or has been
//! silent for long enough to be grey.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::incidents::board::{Board, Moment};
use crate::incidents::entry::Event;
use crate::incidents::input::Presence;
use crate::signals::{Kind, Level, Signal, later};
use crate::text::Text;

/// A PC is grey after such a silence: restarts of a program and of this daemon are shorter.
const GREY: SignedDuration = SignedDuration::from_secs(30);

/// Seats that were there and do not speak, and since when. Outside the fold.
#[derive(Clone, Debug, Default)]
pub(in crate::incidents) struct Silences {
    since: BTreeMap<String, Timestamp>,
    /// The same by their time, without those that are grey already.
    waiting: BTreeSet<(Timestamp, String)>,
}

impl Silences {
    pub(in crate::incidents) fn begin(&mut self, seat: &str, since: Timestamp) {
        if !self.since.contains_key(seat) {
            self.since.insert(seat.to_owned(), since);
            self.waiting.insert((since, seat.to_owned()));
        }
    }

    pub(in crate::incidents) fn end(&mut self, seat: &str) {
        if let Some(since) = self.since.remove(seat) {
            self.waiting.remove(&(since, seat.to_owned()));
        }
    }

    /// An entry was written: whom it makes grey is waited for no more.
    pub(in crate::incidents) fn note(&mut self, event: &Event) {
        if let Event::Turned { signal, to, .. } = event
            && signal.kind == Kind::SeatPc
            && *to == Level::Unknown
            && let Some(since) = self.since.get(&signal.of)
        {
            self.waiting.remove(&(*since, signal.of.clone()));
        }
    }

    /// After a start every seat that was there has to say that it still is.
    pub(in crate::incidents) fn expect<'s>(
        &mut self,
        now: Timestamp,
        seats: impl Iterator<Item = &'s String>,
    ) {
        *self = Self::default();
        for seat in seats {
            self.begin(seat, now);
        }
    }

    /// The wall clock jumped: nobody is silent for longer for that.
    pub(in crate::incidents) fn shift(&mut self, by: SignedDuration) {
        for since in self.since.values_mut() {
            *since = later(*since, by);
        }
        let waiting = std::mem::take(&mut self.waiting).into_iter();
        self.waiting = waiting.map(|(at, seat)| (later(at, by), seat)).collect();
    }
}

/// The turn that a seat's coming or leaving is.
pub(in crate::incidents) fn turned(
    board: &Board,
    now: Timestamp,
    seat: &str,
    presence: Presence,
) -> Option<Event> {
    let (to, value) = match presence {
        Presence::Alive => (Level::Normal, Text::new("在线", "it is there")),
        Presence::Goodbye | Presence::Left(_) => {
            (Level::Warning, Text::new("已退出", "it took leave"))
        }
        Presence::Silent => return None,
    };
    let signal = Signal::new(Kind::SeatPc, seat);
    let from = board.state.level(&signal);
    // Who was never there has nothing to leave.
    let is_news = from != to && (to == Level::Normal || from == Level::Normal);
    is_news.then_some(Event::Turned {
        signal,
        from,
        to,
        since: now,
        value,
    })
}

/// Rule: who was there and is silent for long enough is unknown, since it fell silent.
pub(in crate::incidents) fn grey(board: &Board, moment: &Moment) -> Vec<Event> {
    for (since, seat) in &board.live.silences.waiting {
        if !moment.reached(later(*since, GREY)) {
            break;
        }
        let signal = Signal::new(Kind::SeatPc, seat);
        let from = board.state.level(&signal);
        if from == Level::Normal {
            return vec![Event::Turned {
                signal,
                from,
                to: Level::Unknown,
                since: *since,
                value: Text::new("没有回应", "it is silent"),
            }];
        }
    }
    Vec::new()
}
