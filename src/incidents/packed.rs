//! Makes the kits of all seats: what is the same at many of them is made once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::incidents::board::Board;
use crate::incidents::card::Phase;
use crate::incidents::duty;
use crate::incidents::entry::{Ending, Scope};
use crate::incidents::incident::Incident;
use crate::incidents::kit::{Cause, Kit, KitCard, KitPhone, Kits, SealedKit, UNOPENED};
use crate::incidents::post::{OnDuty, Substitute};
use crate::incidents::progress::{Closed, RoleTold, StageRun};
use crate::incidents::witnesses::feed_scope;
use crate::plan::{Plan, Procedure, Reach, When};
use crate::signals::{Kind, Level};
use crate::text::{Language, Text};

/// The procedure of a network that is gone, by the name that plans give it; nothing
/// measures it, so nothing else tells which one it is.
const NETWORK: &str = "network-failure";
/// Whom to ring first.
const FIRST_RUNG: [&str; 2] = ["lead", "it"];
/// No seat needs more numbers.
const MOST_PHONES: usize = 8;

/// The kits of all seats, made anew when others are on duty.
#[derive(Clone, Debug, Default)]
pub(super) struct Packed {
    made_for: Option<(BTreeMap<String, OnDuty>, BTreeMap<String, Substitute>)>,
    of: BTreeMap<String, Kits>,
}

impl Packed {
    pub(super) fn of(&self, seat: &str) -> Kits {
        self.of.get(seat).cloned().unwrap_or_default()
    }
}

/// Where each role is reached now.
type Reached<'a> = BTreeMap<&'a str, BTreeSet<String>>;

/// What a kit depends on; seats that have it in common have one kit, unless that names them.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Place<'a> {
    zone: Option<&'a str>,
    feed: Option<&'a str>,
    ups: Option<&'a str>,
    sees_ups: bool,
    laptop: bool,
    public: bool,
    roles: Vec<&'a str>,
}

/// An incident that has not opened, and its end.
struct Unopened {
    cause: Cause,
    open: Incident,
    ended: Incident,
}

impl Unopened {
    fn new(cause: Cause, procedure: &Arc<Procedure>, scope: Scope) -> Self {
        let at = Timestamp::UNIX_EPOCH;
        let mut open = Incident::open(UNOPENED, procedure.clone(), scope, at, false, at);
        for stage in procedure.stage.iter().filter(|it| it.when == When::Open) {
            let run = StageRun {
                begin: at,
                ended: false,
            };
            open.stages.insert(stage.id.clone(), run);
        }
        let mut ended = open.clone();
        ended.gate_since = Some(at);
        ended.closed = Some(Closed {
            at,
            seq: 0,
            why: Ending::AllClear,
        });
        Self { cause, open, ended }
    }
}

impl Board {
    /// Makes the kits, unless they are those of whoever is on duty now; the seats whose kit is another.
    pub(super) fn pack_kits(&mut self) -> BTreeSet<String> {
        let state = &self.state;
        let same =
            |(duty, substitutes): &(_, _)| (duty, substitutes) == (&state.duty, &state.substitutes);
        if self.kits.made_for.as_ref().is_some_and(same) {
            return BTreeSet::new();
        }
        // Most seats of a zone have the same: one of each is kept.
        let mut known: BTreeMap<Arc<str>, SealedKit> = BTreeMap::new();
        let mut seal = |kit| {
            let sealed = SealedKit::seal(kit);
            let one = known.entry(Arc::clone(&sealed.digest));
            one.or_insert(sealed).clone()
        };
        let procedures = self.judged_alone();
        // A whole feed is looked up once, and not by each of its seats.
        let mut feeds = BTreeMap::new();
        let roles = self.centre.site.roles.keys();
        let reached = roles.map(|role| (role.as_str(), duty::seats_of(self, role)));
        let reached: Reached<'_> = reached.collect();
        let mut shared: BTreeMap<Place<'_>, Kits> = BTreeMap::new();
        let mut of = BTreeMap::new();
        for seat in self.centre.site.seats.keys() {
            let place = self.place(seat, &reached);
            if let Some(kits) = shared.get(&place) {
                of.insert(seat.clone(), kits.clone());
                continue;
            }
            let unopened: Vec<Arc<Unopened>> = procedures
                .iter()
                .map(|(cause, procedure)| self.unopened(*cause, procedure, seat, &mut feeds))
                .collect();
            let kit = |language| self.kit(seat, &unopened, &reached, language);
            let kits = Kits {
                zh: seal(kit(Language::Zh)),
                en: seal(kit(Language::En)),
            };
            if !kits.zh.names(seat) && !kits.en.names(seat) {
                shared.insert(place, kits.clone());
            }
            of.insert(seat.clone(), kits);
        }
        let made_for = Some((state.duty.clone(), state.substitutes.clone()));
        let known = std::mem::replace(&mut self.kits, Packed { made_for, of }).of;
        let kits = self.kits.of.iter();
        let others = kits.filter(|(seat, kits)| known.get(*seat) != Some(*kits));
        others.map(|(seat, _)| seat.clone()).collect()
    }

    fn place<'a>(&'a self, seat: &'a str, reached: &Reached<'a>) -> Place<'a> {
        let site = &self.centre.site;
        let known = site.seats.get(seat);
        let roles = reached.iter().filter(|(_, seats)| seats.contains(seat));
        Place {
            zone: known.map(|known| known.zone.as_str()),
            feed: known.and_then(|known| site.feed_of(&known.fed_by)),
            ups: site.ups_of_seat(seat),
            sees_ups: site.ups_seen_by.values().any(|by| by == seat),
            laptop: known.is_some_and(|known| known.laptop),
            public: known.is_some_and(|known| known.public),
            roles: roles.map(|(role, _)| *role).collect(),
        }
    }

    /// The procedures of what a seat can judge alone.
    fn judged_alone(&self) -> Vec<(Cause, Arc<Procedure>)> {
        let plan = &self.centre.plan;
        let power = power(plan).map(|procedure| (Cause::Power, procedure));
        let network = plan.procedures.get(NETWORK);
        let network = network.map(|procedure| (Cause::Network, procedure));
        let both = power.into_iter().chain(network);
        both.map(|(cause, procedure)| (cause, Arc::clone(procedure)))
            .collect()
    }

    fn kit(
        &self,
        seat: &str,
        unopened: &[Arc<Unopened>],
        reached: &Reached<'_>,
        language: Language,
    ) -> Kit {
        let site = &self.centre.site;
        let known = site.seats.get(seat);
        let cards = unopened.iter();
        Kit {
            ups: site.ups_seen_by.values().any(|by| by == seat),
            laptop: known.is_some_and(|known| known.laptop),
            public: known.is_some_and(|known| known.public),
            cards: cards
                .flat_map(|unopened| self.kit_cards(unopened, seat, reached, language))
                .collect(),
            phones: self.kit_phones(language),
        }
    }

    /// The cards of the roles at this seat that the opening tells.
    fn kit_cards(
        &self,
        unopened: &Unopened,
        seat: &str,
        reached: &Reached<'_>,
        language: Language,
    ) -> Vec<KitCard> {
        let procedure = &unopened.open.procedure;
        let seconds = |duration: SignedDuration| u32::try_from(duration.as_secs()).unwrap_or(0);
        let good_for = procedure.gate().map_or(0, seconds);
        let opening = procedure.stage.iter().filter(|it| it.when == When::Open);
        let told = opening.flat_map(|stage| stage.tell.iter().map(move |role| (stage, role)));
        let here = |role: &str| reached.get(role).is_some_and(|seats| seats.contains(seat));
        told.filter(|(_, role)| here(role))
            .filter_map(|(stage, role)| {
                let told = RoleTold {
                    seats: [seat.to_owned()].into(),
                    stages: [stage.id.clone()].into(),
                    shown: [(seat.to_owned(), 0)].into(),
                    ..RoleTold::default()
                };
                let card = |incident| {
                    let mut card = self.card(incident, role, &told, seat, language)?;
                    // A deadline counts from an onset that has not come; a notification has
                    // nothing behind it, and on a last form nothing to press.
                    card.clocks.clear();
                    card.more.clear();
                    if card.phase == Phase::Over {
                        card.buttons.clear();
                    }
                    Some(card)
                };
                Some(KitCard {
                    cause: unopened.cause,
                    procedure: procedure.id.clone(),
                    delay: stage.delay.get(role).copied().map_or(0, seconds),
                    good_for,
                    open: card(&unopened.open)?,
                    over: card(&unopened.ended),
                })
            })
            .collect()
    }

    /// The incident as it would be when it opened around this seat; one a feed and zone.
    fn unopened<'a>(
        &'a self,
        cause: Cause,
        procedure: &Arc<Procedure>,
        seat: &'a str,
        feeds: &mut BTreeMap<(&'a str, &'a str), Arc<Unopened>>,
    ) -> Arc<Unopened> {
        let site = &self.centre.site;
        let known = site.seats.get(seat);
        // It is called by where it is seen.
        let zone = known.and_then(|known| site.zones.get_key_value(&known.zone));
        let place = zone.map_or_else(|| Text::same(seat), |(_, zone)| zone.name.clone());
        let around = |scope: Scope| {
            let scope = Scope { place, ..scope };
            Arc::new(Unopened::new(cause, procedure, scope))
        };
        let feed = known.and_then(|known| site.feed_of(&known.fed_by));
        let Some(feed) = feed.filter(|_| cause == Cause::Power) else {
            return around(Scope {
                seats: [seat.to_owned()].into(),
                ..Scope::default()
            });
        };
        let zone = zone.map_or("", |(id, _)| id.as_str());
        let one = feeds.entry((feed, zone));
        Arc::clone(one.or_insert_with(|| around(feed_scope(site, feed))))
    }

    fn kit_phones(&self, language: Language) -> Vec<KitPhone> {
        let site = &self.centre.site;
        let roles = site.roles.keys().map(String::as_str);
        let others = roles.filter(|role| !FIRST_RUNG.contains(role));
        FIRST_RUNG
            .into_iter()
            .chain(others)
            .filter_map(|role| {
                let contact = site.roles.get(role)?.duty.as_ref();
                let contact = contact.and_then(|name| site.contacts.get(name));
                let rostered = match duty::substitute(self, role) {
                    Some(_) => None,
                    None => duty::on_roster(self, role).into_iter().next(),
                };
                let (name, phone) = match rostered {
                    Some(callee) => (callee.name, callee.phone),
                    None => contact.map(|it| (it.name.clone(), it.phone.clone()))?,
                };
                Some(KitPhone {
                    role: role.to_owned(),
                    name: name.in_language(language).to_owned(),
                    phone,
                })
            })
            .take(MOST_PHONES)
            .collect()
    }
}

/// The procedure that a UPS opens which goes to its battery.
fn power(plan: &Plan) -> Option<&Arc<Procedure>> {
    plan.procedures.values().find(|procedure| {
        procedure.opening().any(|trigger| {
            trigger.signal == Some(Kind::UpsMains)
                && trigger.at == Level::Critical
                && trigger.scope == Reach::Feed
                && trigger.blips_of.is_none()
        })
    })
}
