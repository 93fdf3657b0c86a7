//! What a seat needs when it is alone: the cards that it would be sent, and whom to ring.
//!
//! The cards are made by what makes all cards, of an incident that has not opened. What
//! only the moment tells stays in its braces for the seat to fill in; what nobody can
//! know there is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::incidents::board::Board;
use crate::incidents::card::{Card, Phase};
use crate::incidents::duty;
use crate::incidents::entry::{Ending, IncidentId, Scope};
use crate::incidents::incident::Incident;
use crate::incidents::post::{OnDuty, Substitute};
use crate::incidents::progress::{Closed, RoleTold, StageRun};
use crate::incidents::witnesses::feed_scope;
use crate::plan::{Placeholder, Plan, Procedure, Reach, When};
use crate::signals::{Kind, Level};
use crate::text::{Language, Text};

/// The procedure of a network that is gone, by the name that plans give it; nothing
/// measures it, so nothing else tells which one it is.
const NETWORK: &str = "network-failure";
/// Whom to ring first.
const FIRST_RUNG: [&str; 2] = ["lead", "it"];
/// No seat needs more numbers.
const MOST_PHONES: usize = 8;
/// The number of an incident that has not opened: entries count from 1.
const UNOPENED: IncidentId = IncidentId(0);

/// What a seat can judge alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cause {
    /// Its own UPS runs on its battery.
    Power,
    /// It reaches nothing: no carrier, no way out.
    Network,
}

/// What a seat needs when it is alone, in one language.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Kit {
    /// The site has a UPS that nothing but this seat's PC sees.
    pub ups: bool,
    /// Its battery inside counts as one.
    pub laptop: bool,
    /// In sight of the public: no numbers on the screen.
    pub public: bool,
    pub cards: Vec<KitCard>,
    /// Whom to ring, in this order.
    pub phones: Vec<KitPhone>,
}

/// The card of one role at one trouble.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KitCard {
    pub cause: Cause,
    pub procedure: String,
    /// The role is told so long after the onset, in seconds.
    pub delay: u32,
    /// It is over when it was good for so long without a break, in seconds.
    pub good_for: u32,
    /// As it reads when it opens, of incident 0, with `{since}` and `{finish_by}` in braces.
    pub open: Card,
    /// Its last form, with `{since}`, `{ended}` and `{lasted}` in braces.
    pub over: Option<Card>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KitPhone {
    pub role: String,
    pub name: String,
    pub phone: String,
}

/// A kit with what tells it from another one.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct SealedKit {
    /// SHA-256 of the kit, its first 16 hex digits; empty before there is one.
    pub digest: Arc<str>,
    pub kit: Arc<Kit>,
}

impl SealedKit {
    fn seal(kit: Kit) -> Self {
        let json = serde_json::to_string(&kit).expect("its maps have strings for keys");
        let digest = format!("{:x}", Sha256::digest(json));
        Self {
            digest: digest[..16].into(),
            kit: Arc::new(kit),
        }
    }
}

impl PartialEq for SealedKit {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl fmt::Debug for SealedKit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedKit({})", self.digest)
    }
}

/// A seat's kit in both languages.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kits {
    pub zh: SealedKit,
    pub en: SealedKit,
}

impl Kits {
    pub fn in_language(&self, language: Language) -> &SealedKit {
        match language {
            Language::Zh => &self.zh,
            Language::En => &self.en,
        }
    }
}

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

/// What only the moment tells, in its braces for the seat to fill in; empty where nobody can
/// know it there. `None`: it is filled in here as always.
pub(super) fn left_open(
    incident: &Incident,
    placeholder: &Placeholder,
    language: Language,
) -> Option<String> {
    if incident.id != UNOPENED {
        return None;
    }
    let procedure = &incident.procedure;
    match placeholder {
        Placeholder::Since | Placeholder::FinishBy | Placeholder::Ended | Placeholder::Lasted => {
            Some(format!("{{{}}}", placeholder.name()))
        }
        Placeholder::ReportBy | Placeholder::Queue | Placeholder::Staffing | Placeholder::Left => {
            Some(String::new())
        }
        // What a person would have said who raised it: so much is known that it happened.
        Placeholder::Answer(ask) => {
            let raise = procedure.raise.as_ref()?;
            let title = procedure.title.in_language(language);
            raise.ask.contains(ask).then(|| title.to_owned())
        }
        _ => None,
    }
}

/// Where each role is reached now.
type Reached<'a> = BTreeMap<&'a str, BTreeSet<String>>;

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
        let mut of = BTreeMap::new();
        for seat in self.centre.site.seats.keys() {
            let unopened: Vec<Arc<Unopened>> = procedures
                .iter()
                .map(|(cause, procedure)| self.unopened(*cause, procedure, seat, &mut feeds))
                .collect();
            let kit = |language| self.kit(seat, &unopened, &reached, language);
            let kits = Kits {
                zh: seal(kit(Language::Zh)),
                en: seal(kit(Language::En)),
            };
            of.insert(seat.clone(), kits);
        }
        let made_for = Some((state.duty.clone(), state.substitutes.clone()));
        let known = std::mem::replace(&mut self.kits, Packed { made_for, of }).of;
        let kits = self.kits.of.iter();
        let others = kits.filter(|(seat, kits)| known.get(*seat) != Some(*kits));
        others.map(|(seat, _)| seat.clone()).collect()
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
