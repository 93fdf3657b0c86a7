//! The cards as they were rendered last, and which must be rendered anew.
//!
//! Of an incident, seats from which a card looks the same share one. An open incident is
//! looked at in every round, as what is measured fills its words, once for each of its
//! looks; its seats one by one only after something was written of it. A closed one stays
//! as it is until then, or until its cards fade.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use crate::incidents::adoption::part::gives_way;
use crate::incidents::board::Board;
use crate::incidents::card::{Card, CardKey, Phase};
use crate::incidents::concerns::incident_of;
use crate::incidents::entry::{Event, IncidentId};
use crate::incidents::incident::Incident;
use crate::incidents::progress::{RoleTold, called};
use crate::incidents::showing::{fades_at, in_force};
use crate::incidents::state::State;
use crate::incidents::telling::card_text;
use crate::incidents::view::Screen;
use crate::plan::RAISER;
use crate::text::Language;

/// Kept beside the fold, as it follows from it.
#[derive(Debug, Default)]
pub(super) struct Rendered {
    /// Everything is as it was rendered, except for what is below.
    is_current: bool,
    touched: BTreeSet<IncidentId>,
    looks: BTreeMap<IncidentId, Vec<Look>>,
    /// When the first card of a closed incident leaves its screen by itself.
    fades: BTreeMap<IncidentId, Timestamp>,
    seats: BTreeMap<String, BTreeMap<CardKey, Arc<Face>>>,
}

/// One card in both languages.
#[derive(Debug, PartialEq)]
struct Face {
    zh: Arc<Card>,
    en: Arc<Card>,
}

/// What a card's words and buttons depend on, besides the incident.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one thing that a card asks of its seat"
)]
struct Standpoint {
    role: String,
    ups: Option<String>,
    in_scope: bool,
    public: bool,
    acknowledged: bool,
    /// It has shown the card while the incident was open.
    has_shown: bool,
    /// What everybody ticks for themselves, and this seat has.
    ticked: Vec<String>,
}

/// A card, and the seats at which it looks so; no card where a role has nothing to see now.
#[derive(Debug)]
struct Look {
    role: String,
    face: Option<Arc<Face>>,
    seats: Vec<String>,
}

impl Face {
    /// Whether the two differ in nothing but their revision.
    fn looks_like(&self, other: &Face) -> bool {
        let alike = |one: &Card, other: &Card| {
            let revision = one.revision;
            let other = Card {
                revision,
                ..other.clone()
            };
            *one == other
        };
        alike(&self.zh, &other.zh) && alike(&self.en, &other.en)
    }
}

/// Who raised what was adopted was answered so; once that is free, the plan may have no
/// card for them.
fn has_card_as_raiser(board: &Board, incident: &Incident, seat: &str) -> bool {
    let waits = incident.closed.is_some() || incident.adopted_by.is_some();
    waits || card_text(board, incident, RAISER, seat).is_some()
}

impl Rendered {
    /// What an event means for the screens; `state` has not taken it in yet.
    pub(super) fn note(&mut self, event: &Event, state: &State) {
        match event {
            Event::Opened { .. } => {
                self.touched.insert(IncidentId(state.seq + 1));
            }
            Event::Started | Event::Reconfigured { .. } | Event::ClockStepped { .. } => {
                self.is_current = false;
            }
            event => self.touched.extend(incident_of(event)),
        }
    }

    /// When a card leaves a screen by itself: the Board is to be asked again then.
    pub(super) fn next_fading(&self) -> Option<Timestamp> {
        self.fades.values().min().copied()
    }

    /// How many cards a seat has.
    pub(super) fn count(&self, seat: &str) -> usize {
        self.seats.get(seat).map_or(0, BTreeMap::len)
    }

    fn screen(&self, seat: &str) -> Screen {
        let faces = self.seats.get(seat).into_iter().flatten();
        let mut faces: Vec<(&CardKey, &Arc<Face>)> = faces.collect();
        // What is open stands above what is over, the worst first; one's own act above a call.
        faces.sort_by_key(|(key, face)| {
            let rings = called(&key.role).is_some();
            let worst = std::cmp::Reverse((face.zh.severity, !rings, key.incident));
            (face.zh.phase == Phase::Over, worst, &key.role)
        });
        let newest = faces.iter().map(|(_, face)| face.zh.revision).max();
        Screen {
            revision: u64::from(newest.unwrap_or_default()),
            zh: faces.iter().map(|(_, face)| Arc::clone(&face.zh)).collect(),
            en: faces.iter().map(|(_, face)| Arc::clone(&face.en)).collect(),
            ..Screen::default()
        }
    }
}

impl Board {
    /// The screens that have changed since they were rendered last, by seat: all cards in
    /// force there. A card that looks as before keeps its revision.
    pub fn render(&mut self, now: Timestamp) -> BTreeMap<String, Screen> {
        let mut changed = self.pack_kits();
        let was_current = std::mem::replace(&mut self.rendered.is_current, true);
        let mut touched = std::mem::take(&mut self.rendered.touched);
        if !was_current {
            changed.extend(self.centre.site.seats.keys().cloned());
            touched.extend(self.state.incidents.values().map(|incident| incident.id));
        }
        let fades = self.rendered.fades.iter();
        touched.extend(fades.filter(|(_, at)| **at <= now).map(|(id, _)| *id));
        let known = self.rendered.looks.keys();
        let forgotten = known.filter(|id| self.state.incidents.get(**id).is_none());
        touched.extend(forgotten.copied());
        let open = self.state.open_incidents().map(|incident| incident.id);
        let untouched: Vec<_> = open.filter(|id| !touched.contains(id)).collect();
        for id in untouched {
            if self.has_new_words(id) {
                touched.insert(id);
            }
        }
        // A card gives way to that of what it is part of, or names it.
        for adopted in self.state.open_incidents() {
            let mut wider = self.state.incidents.wider(adopted);
            if wider.any(|wider| touched.contains(&wider.id)) {
                touched.insert(adopted.id);
            }
        }
        for id in touched {
            self.render_one(id, now, &mut changed);
        }
        let seats = &self.centre.site.seats;
        let changed = changed.into_iter().filter(|seat| seats.contains_key(seat));
        changed
            .map(|seat| (seat.clone(), self.screen(&seat)))
            .collect()
    }

    /// Whether what is measured has changed a card of an incident of which nothing was written.
    fn has_new_words(&self, id: IncidentId) -> bool {
        let incident = self.state.incidents.get(id);
        let looks = self.rendered.looks.get(&id);
        let (Some(incident), Some(looks)) = (incident, looks) else {
            return true;
        };
        looks.iter().any(|look| {
            let told = incident.roles.get(&look.role);
            let (Some(told), Some(seat)) = (told, look.seats.first()) else {
                return true;
            };
            let known = look.face.as_deref();
            let revision = known.map_or(0, |face| face.zh.revision);
            self.face(incident, &look.role, told, seat, revision)
                .as_ref()
                != known
        })
    }

    fn face(
        &self,
        incident: &Incident,
        role: &str,
        told: &RoleTold,
        seat: &str,
        revision: u32,
    ) -> Option<Face> {
        let card = |language| {
            let card = self.card(incident, role, told, seat, language)?;
            Some(Arc::new(Card { revision, ..card }))
        };
        let (zh, en) = (card(Language::Zh)?, card(Language::En)?);
        Some(Face { zh, en })
    }

    /// Renders all cards of one incident; notes the seats at which something changed.
    fn render_one(&mut self, id: IncidentId, now: Timestamp, changed: &mut BTreeSet<String>) {
        let state = &self.state;
        let incident = state.incidents.get(id);
        let looks = incident.map(|incident| self.looks(incident, now));
        let rendered = &mut self.rendered;
        let fades = incident.and_then(|incident| fades_at(incident, now));
        match fades {
            Some(at) => rendered.fades.insert(id, at),
            None => rendered.fades.remove(&id),
        };
        let mut gone: BTreeSet<(String, String)> = BTreeSet::new();
        for look in rendered.looks.remove(&id).into_iter().flatten() {
            let seats = look.seats.into_iter();
            gone.extend(seats.map(|seat| (seat, look.role.clone())));
        }
        for look in looks.iter().flatten() {
            let Some(face) = &look.face else { continue };
            let key = &face.zh.key;
            // Most seats had one and the same before.
            let mut alike: Option<(Arc<Face>, bool)> = None;
            for seat in &look.seats {
                gone.remove(&(seat.clone(), key.role.clone()));
                let cards = match rendered.seats.get_mut(seat) {
                    Some(cards) => cards,
                    None => rendered.seats.entry(seat.clone()).or_default(),
                };
                if let Some(before) = cards.get(key) {
                    let known = alike.take().filter(|(known, _)| Arc::ptr_eq(known, before));
                    let (_, same) = alike.insert(
                        known.unwrap_or_else(|| (Arc::clone(before), before.looks_like(face))),
                    );
                    if *same {
                        continue;
                    }
                }
                cards.insert(key.clone(), Arc::clone(face));
                changed.insert(seat.clone());
            }
        }
        for (seat, role) in gone {
            let key = CardKey { incident: id, role };
            if let Some(cards) = rendered.seats.get_mut(&seat) {
                cards.remove(&key);
            }
            changed.insert(seat);
        }
        if let Some(looks) = looks {
            rendered.looks.insert(id, looks);
        }
    }

    /// The cards of an incident, each with the seats that have it in force.
    fn looks(&self, incident: &Incident, now: Timestamp) -> Vec<Look> {
        let mut standpoints: BTreeMap<Standpoint, Vec<String>> = BTreeMap::new();
        for (role, told) in &incident.roles {
            for seat in &told.seats {
                if !in_force(incident, told, seat, now) || gives_way(self, incident, told, seat) {
                    continue;
                }
                // Who raised it has a card for that.
                let raised = incident.roles.get(RAISER);
                if role == "staff"
                    && raised.is_some_and(|told| told.seats.contains(seat))
                    && has_card_as_raiser(self, incident, seat)
                {
                    continue;
                }
                let site = &self.centre.site;
                let ticked = incident.steps.iter();
                let ticked = ticked.filter(|(_, run)| run.each.contains(seat));
                let standpoint = Standpoint {
                    role: role.clone(),
                    ups: site.ups_of_seat(seat).map(str::to_owned),
                    in_scope: incident.scope.seats.contains(seat),
                    public: site.seats.get(seat).is_some_and(|seat| seat.public),
                    acknowledged: incident.acknowledged.contains(seat),
                    has_shown: told.shown.contains_key(seat),
                    ticked: ticked.map(|(step, _)| step.clone()).collect(),
                };
                let seats = standpoints.entry(standpoint).or_default();
                seats.push(seat.clone());
            }
        }
        let revision = u32::try_from(self.state.seq).unwrap_or(u32::MAX);
        let looks = standpoints.into_iter().map(|(standpoint, seats)| {
            let role = standpoint.role;
            let told = incident.roles.get(&role).zip(seats.first());
            let face =
                told.and_then(|(told, seat)| self.face(incident, &role, told, seat, revision));
            let face = face.map(Arc::new);
            Look { role, face, seats }
        });
        looks.collect()
    }

    /// The screens of all seats.
    #[cfg(test)]
    pub fn screens(&mut self, now: Timestamp) -> BTreeMap<String, Screen> {
        self.render(now);
        // What was kept is what would be rendered from nothing.
        let kept = std::mem::take(&mut self.rendered);
        self.render(now);
        let fresh = std::mem::replace(&mut self.rendered, kept);
        let cards = |rendered: &Rendered| {
            let seats = rendered.seats.iter();
            let seats = seats.filter(|(_, cards)| !cards.is_empty());
            let cards = seats.map(|(seat, cards)| {
                let cards = cards.iter().map(|(key, face)| {
                    let flat = |card: &Card| Card {
                        revision: 0,
                        ..card.clone()
                    };
                    (key.clone(), flat(&face.zh), flat(&face.en))
                });
                (seat.clone(), cards.collect::<Vec<_>>())
            });
            cards.collect::<BTreeMap<_, _>>()
        };
        assert_eq!(cards(&self.rendered), cards(&fresh));
        assert_eq!(self.rendered.fades, fresh.fades);
        let seats = self.centre.site.seats.keys();
        let screens = seats.map(|seat| (seat.clone(), self.screen(seat)));
        screens.collect()
    }

    fn screen(&self, seat: &str) -> Screen {
        Screen {
            kits: self.kits.of(seat),
            ..self.rendered.screen(seat)
        }
    }
}
