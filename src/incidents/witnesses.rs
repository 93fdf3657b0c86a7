//! Who can tell where the supply is gone, and how those who say so lie.
//!
//! A UPS is a witness by its own reading; a connected seat without a UPS is one
//! that its circuit is live. Silence testifies to nothing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::incidents::entry::Scope;
use crate::incidents::live::Live;
use crate::plan::Spread;
use crate::signals::{Kind, Level, Signal};
use crate::site::Site;
use crate::text::Text;

use crate::incidents::state::State;

/// A seat's word counts for its circuit only so long after the onset: what it
/// said before was on its way already.
const SEAT_GRACE: SignedDuration = SignedDuration::from_secs(3);

/// What the witnesses of one circuit say.
#[derive(Debug, Default)]
struct Circuit {
    out: BTreeSet<String>,
    live: usize,
    /// They stood live before the onset and were not asked since.
    pending: usize,
}

/// The witnesses of a feed, judged at one onset.
#[derive(Debug)]
pub(super) struct Witnesses {
    circuits: BTreeMap<String, Circuit>,
    /// When the last of those that are out went out.
    last_out: Option<Timestamp>,
}

impl Witnesses {
    pub(super) fn of_feed(
        site: &Site,
        state: &State,
        live: &Live,
        feed: &str,
        onset: Timestamp,
    ) -> Self {
        let mut circuits: BTreeMap<String, Circuit> = BTreeMap::new();
        let mut last_out = None;
        let apart = state.windows.apart(onset);
        for (id, ups) in &site.ups {
            if site.feed_of(&ups.fed_by) != Some(feed) || apart.contains(id) {
                continue;
            }
            let circuit = circuits.entry(ups.fed_by.clone()).or_default();
            let standing = state.standings.get(&Signal::new(Kind::UpsMains, id));
            match standing.map(|standing| (standing.level, standing.since)) {
                Some((Level::Critical, since)) => {
                    circuit.out.insert(id.clone());
                    last_out = last_out.max(Some(since));
                }
                Some((Level::Normal | Level::Warning, _)) => {
                    if live.ups_seen_at(id) > onset && live.ups.contains_key(id) {
                        circuit.live += 1;
                    } else {
                        circuit.pending += 1;
                    }
                }
                Some((Level::Unknown, _)) | None => {}
            }
        }
        let grace = onset.saturating_add(SEAT_GRACE).unwrap_or(onset);
        for (id, seat) in &site.seats {
            if seat.laptop
                || !site.circuits.contains_key(&seat.fed_by)
                || site.feed_of(&seat.fed_by) != Some(feed)
            {
                continue;
            }
            let spoke_since = live
                .seats
                .get(id)
                .is_some_and(|seat| seat.connected_since.is_some() && seat.seen_at > grace);
            if spoke_since {
                circuits.entry(seat.fed_by.clone()).or_default().live += 1;
            }
        }
        Self { circuits, last_out }
    }

    pub(super) fn last_out(&self) -> Option<Timestamp> {
        self.last_out
    }

    fn out(&self) -> usize {
        self.circuits
            .values()
            .map(|circuit| circuit.out.len())
            .sum()
    }

    fn live(&self) -> usize {
        self.circuits.values().map(|circuit| circuit.live).sum()
    }

    fn pending(&self) -> usize {
        self.circuits.values().map(|circuit| circuit.pending).sum()
    }

    /// The circuits of which every fresh witness is out.
    fn dead_circuits(&self) -> impl Iterator<Item = (&String, &Circuit)> {
        self.circuits.iter().filter(|(_, circuit)| {
            !circuit.out.is_empty() && circuit.live == 0 && circuit.pending == 0
        })
    }

    /// Whether those that are out lie so, with at least `count` of them.
    pub(super) fn lie(&self, spread: Spread, count: usize) -> bool {
        let out = self.out();
        if out == 0 || out < count {
            return false;
        }
        match spread {
            Spread::Any => true,
            Spread::Feed => out >= 2 && self.live() == 0 && self.pending() == 0,
            Spread::Circuit => {
                let elsewhere = self
                    .circuits
                    .values()
                    .any(|circuit| circuit.out.is_empty() && circuit.live > 0);
                elsewhere && self.dead_circuits().next().is_some()
            }
            Spread::Part => self
                .circuits
                .values()
                .any(|circuit| !circuit.out.is_empty() && circuit.live > 0),
            Spread::Lone => out == 1 && self.live() == 0 && self.pending() == 0,
        }
    }

    /// What an incident covers whose witnesses lie so.
    pub(super) fn scope(&self, site: &Site, feed: &str, spread: Spread) -> Scope {
        match spread {
            Spread::Any | Spread::Feed | Spread::Lone => feed_scope(site, feed),
            Spread::Circuit => {
                let dead: Vec<&str> = self.dead_circuits().map(|(id, _)| id.as_str()).collect();
                circuits_scope(site, feed, &dead)
            }
            Spread::Part => {
                let out: BTreeSet<String> = self
                    .circuits
                    .values()
                    .flat_map(|circuit| circuit.out.iter().cloned())
                    .collect();
                ups_scope(site, feed, &out)
            }
        }
    }
}

/// The whole of a feed.
pub(super) fn feed_scope(site: &Site, feed: &str) -> Scope {
    let ups = site
        .ups
        .iter()
        .filter(|(_, ups)| site.feed_of(&ups.fed_by) == Some(feed))
        .map(|(id, _)| id.clone())
        .collect();
    let seats = site
        .seats
        .iter()
        .filter(|(_, seat)| site.feed_of(&seat.fed_by) == Some(feed))
        .map(|(id, _)| id.clone())
        .collect();
    let name = site.feeds.get(feed).map(|feed| feed.name.clone());
    scope(site, feed, feed.to_owned(), name, ups, seats)
}

/// Some circuits of a feed.
pub(super) fn circuits_scope(site: &Site, feed: &str, circuits: &[&str]) -> Scope {
    let within = |fed_by: &str| {
        site.circuit_of(fed_by)
            .is_some_and(|circuit| circuits.contains(&circuit))
    };
    let ups = site
        .ups
        .iter()
        .filter(|(_, ups)| within(&ups.fed_by))
        .map(|(id, _)| id.clone())
        .collect();
    let seats = site
        .seats
        .iter()
        .filter(|(_, seat)| within(&seat.fed_by))
        .map(|(id, _)| id.clone())
        .collect();
    let names = circuits
        .iter()
        .filter_map(|id| site.circuits.get(*id))
        .map(|circuit| circuit.name.clone());
    let of_feed = site
        .circuits
        .values()
        .filter(|circuit| circuit.feed == feed);
    // All there are go by the name of what they are the parts of.
    let name = if of_feed.count() == circuits.len() {
        site.feeds.get(feed).map(|feed| feed.name.clone())
    } else {
        join(names)
    };
    scope(site, feed, circuits.join("+"), name, ups, seats)
}

/// Single UPSs with what they feed.
pub(super) fn ups_scope(site: &Site, feed: &str, ups: &BTreeSet<String>) -> Scope {
    let seats = site
        .seats
        .iter()
        .filter(|(_, seat)| ups.contains(&seat.fed_by))
        .map(|(id, _)| id.clone())
        .collect();
    let place = join(
        ups.iter()
            .filter_map(|id| site.ups.get(id))
            .map(|ups| ups.name.clone()),
    );
    Scope {
        feed: feed.to_owned(),
        of: ups.iter().cloned().collect::<Vec<_>>().join("+"),
        place: place.unwrap_or_default(),
        ups: ups.clone(),
        seats,
    }
}

/// A scope that lies in one zone is called by the zone, as people do.
fn scope(
    site: &Site,
    feed: &str,
    of: String,
    name: Option<Text>,
    ups: BTreeSet<String>,
    seats: BTreeSet<String>,
) -> Scope {
    let zones: BTreeSet<&str> = ups
        .iter()
        .filter_map(|id| site.ups.get(id))
        .map(|ups| ups.zone.as_str())
        .chain(
            seats
                .iter()
                .filter_map(|id| site.seats.get(id))
                .map(|seat| seat.zone.as_str()),
        )
        .collect();
    let zone = match zones.iter().collect::<Vec<_>>().as_slice() {
        [zone] => site.zones.get(**zone).map(|zone| zone.name.clone()),
        _ => None,
    };
    Scope {
        feed: feed.to_owned(),
        of,
        place: zone.or(name).unwrap_or_default(),
        ups,
        seats,
    }
}

fn join(names: impl Iterator<Item = Text>) -> Option<Text> {
    names.reduce(|all, name| {
        Text::new(
            format!("{}、{}", all.zh, name.zh),
            format!("{}, {}", all.en, name.en),
        )
    })
}
