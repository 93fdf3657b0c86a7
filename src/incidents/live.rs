//! What is known only for now: the last values and when each thing spoke last.
//!
//! It stands outside the fold and starts anew with the daemon: it fills values
//! and ages signals, and nothing is decided from it that is not written down.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::incidents::backups::LastLook;
use crate::incidents::discharge::Stretch;
use crate::incidents::fault::presence::Silences;
use crate::incidents::fault::sight::Sights;
use crate::incidents::input::{Leave, Presence};
use crate::incidents::names::IncidentId;
use crate::incidents::queues::said::Said;
use crate::incidents::queues::watched::Watched;
use crate::sensors::{Nothing, Reading};
use crate::signals::later;
use crate::text::Text;
use crate::ups;

/// A finish-by time jumps later only after so long without a worse one.
const CALM: SignedDuration = SignedDuration::from_mins(2);
/// A silence that nobody was asked after within so long is asked after no more.
const LATELY: SignedDuration = SignedDuration::from_mins(2);
/// A PC that goes down takes so long to be down.
const GOING: SignedDuration = SignedDuration::from_mins(1);
const FIVE_MINUTES: i64 = 5 * 60;

#[derive(Clone, Debug)]
pub(super) struct Live {
    pub(super) started_at: Timestamp,
    pub(super) ups: BTreeMap<String, LiveUps>,
    /// The last discharge of each UPS, as far as it was seen.
    pub(super) stretches: BTreeMap<String, Stretch>,
    pub(super) seats: BTreeMap<String, LiveSeat>,
    /// Those that took leave, and those that spoke after they had.
    pub(super) coming_or_going: BTreeSet<String>,
    pub(super) sights: Sights,
    /// Until when the certificate is good that a service showed last.
    pub(super) certificates: BTreeMap<String, Timestamp>,
    /// And the one that the daemon itself shows.
    pub(super) own_certificate: Option<Timestamp>,
    pub(super) backups: BTreeMap<String, LastLook>,
    pub(super) silences: Silences,
    /// Seats whose telephone was paused when the ACD saw it last.
    pub(super) paused: BTreeSet<String>,
    pub(super) queues: BTreeMap<String, Watched>,
    /// What the cards of an incident say of queues.
    pub(super) said: BTreeMap<IncidentId, Said>,
    sensors: BTreeMap<String, LiveSensor>,
    /// Why a sensor that answers tells nothing, by sensor.
    nothing: BTreeMap<String, Nothing>,
    /// When a seat fell silent last.
    silent_at: Option<Timestamp>,
}

#[derive(Clone, Debug)]
pub(super) struct LiveUps {
    pub(super) reading: ups::Reading,
    /// The reading as it is said.
    pub(super) words: Text,
    /// Of the last answer.
    pub(super) seen_at: Timestamp,
    /// Since when the estimate is later than the one that is written down.
    later_since: Option<Timestamp>,
    /// Low in the last poll, too.
    low_before: bool,
    /// Its battery was to be replaced when it told last.
    pub(super) is_worn: bool,
    /// It said so in the poll before, too: one poll alone may be a blip.
    pub(super) worn_twice: bool,
}

#[derive(Clone, Debug)]
pub(super) struct LiveSeat {
    pub(super) presence: Presence,
    /// When it spoke last.
    pub(super) seen_at: Timestamp,
    /// Since when it has been connected without a break.
    pub(super) connected_since: Option<Timestamp>,
    /// When it said last that its PC goes down, and why.
    left: Option<(Leave, Timestamp)>,
}

/// What a sensor said last that could be believed.
#[derive(Clone, Copy, Debug)]
pub(super) struct LiveSensor {
    pub(super) reading: Reading,
    pub(super) seen_at: Timestamp,
}

impl Live {
    pub(super) fn new(started_at: Timestamp) -> Self {
        Self {
            started_at,
            ups: BTreeMap::new(),
            stretches: BTreeMap::new(),
            seats: BTreeMap::new(),
            coming_or_going: BTreeSet::new(),
            sights: Sights::default(),
            certificates: BTreeMap::new(),
            own_certificate: None,
            backups: BTreeMap::new(),
            silences: Silences::default(),
            paused: BTreeSet::new(),
            queues: BTreeMap::new(),
            said: BTreeMap::new(),
            sensors: BTreeMap::new(),
            nothing: BTreeMap::new(),
            silent_at: None,
        }
    }

    /// When the UPS answered last, or the daemon began to ask.
    pub(super) fn ups_seen_at(&self, ups: &str) -> Timestamp {
        self.ups
            .get(ups)
            .map_or(self.started_at, |live| live.seen_at)
    }

    /// Takes an answer in; returns whether the battery is low in two polls in a row.
    pub(super) fn take_ups(&mut self, now: Timestamp, ups: &str, reading: ups::Reading) -> bool {
        let low = reading.battery_low == Some(true);
        let before = self.ups.get(ups);
        let low_twice = low && before.is_some_and(|live| live.low_before);
        let was_worn = before.is_some_and(|live| live.is_worn);
        let is_worn = match reading.verdict {
            ups::Verdict::ReplaceBattery => true,
            ups::Verdict::OnMains | ups::Verdict::Eco => false,
            // What is worse hides it.
            _ => was_worn,
        };
        let same = before.filter(|live| live.reading == reading);
        let words = same.map_or_else(|| reading.words(), |live| live.words.clone());
        let live = LiveUps {
            is_worn,
            worn_twice: is_worn && was_worn,
            later_since: before.and_then(|live| live.later_since),
            words,
            reading,
            seen_at: now,
            low_before: low,
        };
        self.ups.insert(ups.to_owned(), live);
        low_twice
    }

    pub(super) fn sensor(&self, id: &str) -> Option<&LiveSensor> {
        self.sensors.get(id)
    }

    /// When the sensor said anything last, or the daemon began to ask.
    pub(super) fn sensor_seen_at(&self, id: &str) -> Timestamp {
        let live = self.sensors.get(id);
        live.map_or(self.started_at, |live| live.seen_at)
    }

    pub(super) fn take_sensor(&mut self, now: Timestamp, id: &str, reading: Reading) {
        self.nothing.remove(id);
        let live = LiveSensor {
            reading,
            seen_at: now,
        };
        self.sensors.insert(id.to_owned(), live);
    }

    /// It answered, and told nothing.
    pub(super) fn take_nothing(&mut self, id: &str, reading: Reading) {
        if let Reading::Nothing(nothing) = reading {
            self.nothing.insert(id.to_owned(), nothing);
        }
    }

    /// Why a sensor is not heard of.
    pub(super) fn silence_of(&self, id: &str) -> Text {
        let nothing = self.nothing.get(id).map(|nothing| nothing.words());
        nothing.unwrap_or_else(|| ups::Verdict::Unreachable.words())
    }

    /// Takes an answer into what is seen of a discharge; `goes_on`: the one before was of the same.
    pub(super) fn take_discharge(
        &mut self,
        now: Timestamp,
        ups: &str,
        reading: &ups::Reading,
        goes_on: bool,
    ) {
        let known = self.stretches.remove(ups);
        if let Some(stretch) = Stretch::take(known, goes_on, now, reading) {
            self.stretches.insert(ups.to_owned(), stretch);
        }
    }

    /// The wall clock jumped: nothing is silent for longer for that, and no discharge lasts longer.
    pub(super) fn shift(&mut self, now: Timestamp, by: SignedDuration) {
        // A start may be by the new clock already.
        self.started_at = self.started_at.min(now);
        self.sights.shift(by);
        self.silences.shift(by);
        for stretch in self.stretches.values_mut() {
            stretch.shift(by);
        }
        for watched in self.queues.values_mut() {
            watched.shift(by);
        }
        for said in self.said.values_mut() {
            said.shift(by);
        }
        let ups = self.ups.values_mut().flat_map(|live| {
            let later_since = live.later_since.as_mut();
            later_since.into_iter().chain([&mut live.seen_at])
        });
        let seats = self.seats.values_mut().flat_map(|live| {
            let connected = live.connected_since.as_mut();
            let left = live.left.as_mut().map(|(_, at)| at);
            connected.into_iter().chain(left).chain([&mut live.seen_at])
        });
        let sensors = self.sensors.values_mut().map(|live| &mut live.seen_at);
        let silent_at = self.silent_at.as_mut();
        for moment in silent_at.into_iter().chain(ups).chain(seats).chain(sensors) {
            *moment = later(*moment, by);
        }
    }

    /// `has_left`: it is written down that it took leave.
    pub(super) fn take_seat(
        &mut self,
        now: Timestamp,
        seat: &str,
        presence: Presence,
        has_left: bool,
    ) {
        let connected_since = match presence {
            Presence::Alive => self
                .seats
                .get(seat)
                .and_then(|live| live.connected_since)
                .or(Some(now)),
            Presence::Goodbye | Presence::Left(_) | Presence::Silent => None,
        };
        let before = self.seats.get(seat);
        // A page may outlive the program's word that the PC goes down by a moment.
        let left = before
            .and_then(|live| live.left)
            .filter(|(_, at)| later(*at, GOING) > now);
        let left = match presence {
            Presence::Left(why) => Some((why, now)),
            _ => left,
        };
        let presence = match (presence, left) {
            (Presence::Silent | Presence::Goodbye, Some((why, _))) => Presence::Left(why),
            _ => presence,
        };
        let silent = |presence| presence == Presence::Silent;
        // A seat that is silent already did not speak.
        let seen_at = before
            .filter(|before| silent(presence) && silent(before.presence))
            .map_or(now, |before| before.seen_at);
        let goes = matches!(presence, Presence::Goodbye | Presence::Left(_));
        if goes || has_left && presence == Presence::Alive {
            self.coming_or_going.insert(seat.to_owned());
        } else {
            self.coming_or_going.remove(seat);
        }
        if silent(presence) {
            self.silent_at = Some(now);
            self.silences.begin(seat, seen_at);
        } else {
            self.silences.end(seat);
        }
        let live = LiveSeat {
            presence,
            seen_at,
            connected_since,
            left,
        };
        self.seats.insert(seat.to_owned(), live);
    }

    /// Whether a seat fell silent so lately that it may be one of many.
    pub(super) fn lately_silent(&self, now: Timestamp) -> bool {
        self.silent_at
            .is_some_and(|silent_at| later(silent_at, LATELY) > now)
    }

    pub(super) fn connected(&self, seat: &str) -> bool {
        self.seats
            .get(seat)
            .is_some_and(|live| live.presence == Presence::Alive)
    }

    /// When the UPS will be empty by its last answer, rounded down to five minutes.
    pub(super) fn estimate(&self, ups: &str) -> Option<Timestamp> {
        let live = self.ups.get(ups)?;
        let runtime = live.reading.runtime_minutes?;
        let runtime = SignedDuration::try_from_secs_f64(runtime.max(0.0) * 60.0).ok()?;
        Some(round_down(later(live.seen_at, runtime)))
    }

    /// Whether the estimate has been later than what is written down for two calm minutes.
    pub(super) fn calmly_later(
        &mut self,
        now: Timestamp,
        ups: &str,
        written: Timestamp,
        estimate: Option<Timestamp>,
    ) -> bool {
        let is_later = estimate.is_some_and(|estimate| estimate > written);
        let Some(live) = self.ups.get_mut(ups) else {
            return false;
        };
        if !is_later {
            live.later_since = None;
            return false;
        }
        let since = *live.later_since.get_or_insert(now);
        later(since, CALM) <= now
    }
}

/// Rounds down to five minutes of the clock.
pub(super) fn round_down(moment: Timestamp) -> Timestamp {
    let second = moment.as_second();
    Timestamp::from_second(second - second.rem_euclid(FIVE_MINUTES)).unwrap_or(moment)
}
