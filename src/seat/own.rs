//! The cards that the seat shows by itself: what they say, what was pressed on them, and
//! what a daemon is told of it afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::incidents::{
    Act, AloneAct, AloneReport, Card, Cause, KitCard, Phase, ReportedAct, SealedKit,
};
use crate::seat::alone::{Alone, Grounds, Holds, Sight, Standing, Turn};
use crate::seat::battery::Battery;
use crate::seat::face::Face;
use crate::seat::likeness::{self, Moment};
use crate::seat::memory::{Kept, Outage};
use crate::seat::network::{Look, Network};
use crate::seat::shelf::Slot;
use crate::signals::{Level, later};
use crate::text::Language;
use crate::ups::{OwnPower, Reading};

/// So many numbers fit on a card.
const NUMBERS: usize = 2;

/// What the seat does by itself.
pub(super) struct Own {
    alone: Alone,
    kept: Kept,
    kept_tx: watch::Sender<Kept>,
    /// The outage of each card that stands.
    current: BTreeMap<Cause, String>,
    battery: Battery,
    power: Option<OwnPower>,
    network: Option<Network>,
    /// The daemon's host answers, if only by a refusal, or is this PC itself.
    reached: bool,
    local: bool,
}

/// A card of the seat's own that gives way to one of the daemon's.
pub(super) struct HandOver {
    pub(super) from: Slot,
    pub(super) to: Slot,
}

impl Own {
    /// `local`: the daemon runs on this PC, so that no network lies between.
    pub(super) fn new(
        after: SignedDuration,
        local: bool,
        kept_tx: watch::Sender<Kept>,
        now: Timestamp,
    ) -> Self {
        let kept = kept_tx.borrow().clone();
        Self {
            alone: Alone::new(after, now),
            kept,
            kept_tx,
            current: BTreeMap::new(),
            battery: Battery::default(),
            power: None,
            network: None,
            reached: false,
            local,
        }
    }

    /// Of the kit that it has; empty where it has none.
    pub(super) fn digest(&self) -> String {
        self.kept.kit.digest.to_string()
    }

    pub(super) fn equip(&mut self, now: Timestamp, kit: SealedKit) {
        tracing::info!(
            cards = kit.kit.cards.len(),
            phones = kit.kit.phones.len(),
            "the daemon gave what is shown when it cannot be reached"
        );
        self.kept.kit = kit;
        self.see_power(now, self.power.clone());
    }

    pub(super) fn is_lost(&self) -> bool {
        self.alone.lost().is_some()
    }

    /// How closely the network is to be looked at.
    pub(super) fn look(&self) -> Look {
        match self.is_lost() {
            false => Look::Once,
            true if self.reached || self.local => Look::Often,
            true => Look::AndAsk,
        }
    }

    pub(super) fn lose(&mut self, now: Timestamp, since: Timestamp, reached: bool) {
        self.alone.lose(since);
        self.reached = reached;
        self.see_network(now, self.network);
    }

    pub(super) fn connect(&mut self, now: Timestamp) {
        self.alone.see(now, Cause::Network, Sight::Good);
        if !self.is_lost() {
            return;
        }
        self.alone.connect(now);
        // From now on the daemon knows more.
        for cause in [Cause::Power, Cause::Network] {
            let standing = self.alone.standing(cause);
            let goes_on = standing.is_some_and(|standing| standing.ended.is_none());
            if let Some(outage) = self.outage_mut(cause).filter(|_| goes_on) {
                outage.until = now;
            }
        }
    }

    pub(super) fn see_power(&mut self, now: Timestamp, power: Option<OwnPower>) {
        let kit = &self.kept.kit.kit;
        // A UPS that the site does not know counts for nothing here either.
        let judged = power.as_ref().filter(|_| kit.ups);
        let reading = judged.and_then(|power| power.judge(kit.laptop));
        let sight = match reading.as_ref().map(Reading::mains_level) {
            Some(Level::Critical) => Sight::Bad,
            Some(Level::Normal | Level::Warning) => Sight::Good,
            Some(Level::Unknown) | None => Sight::Unknown,
        };
        self.alone.see(now, Cause::Power, sight);
        let runtime = reading.and_then(|reading| reading.runtime_minutes);
        self.battery
            .see(now, runtime.filter(|_| sight == Sight::Bad));
        self.power = power;
    }

    pub(super) fn see_network(&mut self, now: Timestamp, network: Option<Network>) {
        self.network = network;
        let sight = match network {
            Some(network) if !self.is_lost() => {
                self.kept.routed = network.routed;
                Sight::Good
            }
            _ if !self.is_lost() || self.reached || self.local => Sight::Good,
            Some(network) => network.sight(self.kept.routed),
            None => Sight::Unknown,
        };
        self.alone.see(now, Cause::Network, sight);
    }

    /// What follows now, beside these cards of the daemon's; and what gives way to them.
    pub(super) fn judge(&mut self, now: Timestamp, cards: &[Arc<Card>]) -> Vec<HandOver> {
        let grounds = self.grounds(cards);
        let mut handed_over = Vec::new();
        for turn in self.alone.judge(now, &grounds) {
            match turn {
                Turn::Raised(cause) => self.raise(now, cause),
                Turn::Over(cause, ended) => {
                    tracing::warn!(?cause, "over, as this seat judges alone");
                    if let Some(outage) = self.outage_mut(cause) {
                        outage.until = ended;
                    }
                }
                Turn::Gone(cause) => {
                    self.current.remove(&cause);
                    handed_over.extend(self.hand_over(cause, cards));
                }
            }
        }
        let current = &self.current;
        let stands = |outage: &Outage| current.values().any(|id| *id == outage.id);
        self.kept
            .outages
            .retain(|outage| stands(outage) || !outage.is_told());
        self.kept_tx.send_if_modified(|known| {
            let differs = *known != self.kept;
            if differs {
                known.clone_from(&self.kept);
            }
            differs
        });
        handed_over
    }

    fn grounds(&self, cards: &[Arc<Card>]) -> Grounds {
        let seconds = |seconds: u32| SignedDuration::from_secs(i64::from(seconds));
        let mut holds: BTreeMap<Cause, Holds> = BTreeMap::new();
        let mut shown = BTreeSet::new();
        for known in &self.kept.kit.kit.cards {
            let (bad, good) = (seconds(known.delay), seconds(known.good_for));
            let hold = holds.entry(known.cause).or_insert(Holds { bad, good });
            hold.bad = hold.bad.min(bad);
            let mut cards = cards.iter().filter(|card| card.phase == Phase::Open);
            if cards.any(|card| card.procedure == known.procedure) {
                shown.insert(known.cause);
            }
        }
        Grounds { holds, shown }
    }

    fn raise(&mut self, now: Timestamp, cause: Cause) {
        let cards = &self.kept.kit.kit.cards;
        let known = cards.iter().find(|known| known.cause == cause);
        let standing = self.alone.standing(cause);
        let (Some(known), Some(standing), Some(id)) = (known, standing, identifier()) else {
            return;
        };
        let (onset, procedure) = (standing.onset, known.procedure.clone());
        tracing::warn!(procedure, %onset, "no daemon: this seat shows its own card");
        self.current.insert(cause, id.clone());
        self.kept.add(Outage {
            id,
            cause,
            procedure,
            lost: self.alone.lost().unwrap_or(now),
            onset,
            until: now,
            told: false,
            acts: Vec::new(),
        });
    }

    fn hand_over(&self, cause: Cause, cards: &[Arc<Card>]) -> Vec<HandOver> {
        let own = self.kept.kit.kit.cards.iter();
        own.filter(|known| known.cause == cause)
            .filter_map(|known| {
                let mut same = cards
                    .iter()
                    .filter(|card| card.procedure == known.procedure);
                let role = &known.open.key.role;
                let card = same.find(|card| card.key.role == *role)?;
                Some(HandOver {
                    from: Slot::Own(cause, role.clone()),
                    to: Slot::Card(card.key.clone()),
                })
            })
            .collect()
    }

    fn outage_mut(&mut self, cause: Cause) -> Option<&mut Outage> {
        let id = self.current.get(&cause)?;
        let mut outages = self.kept.outages.iter_mut();
        outages.find(|outage| outage.id == *id)
    }

    fn outage(&self, cause: Cause) -> Option<&Outage> {
        let id = self.current.get(&cause)?;
        self.kept.outages.iter().find(|outage| outage.id == *id)
    }

    /// A button of one of these cards was pressed; whether that was news.
    pub(super) fn press(&mut self, now: Timestamp, cause: Cause, act: &Act) -> bool {
        let act = AloneAct::from_card(act);
        let (Some(act), Some(id), Some(outage)) = (act, identifier(), self.outage_mut(cause))
        else {
            return false;
        };
        outage.add(id, now, act)
    }

    /// What a daemon has not heard.
    pub(super) fn reports(&self, now: Timestamp) -> Vec<AloneReport> {
        let untold = self.kept.outages.iter().filter(|outage| !outage.is_told());
        untold
            .map(|outage| {
                let goes_on = self.current.get(&outage.cause) == Some(&outage.id)
                    && self
                        .alone
                        .standing(outage.cause)
                        .is_some_and(|standing| standing.ended.is_none());
                let acts = outage.acts.iter().filter(|act| !act.told);
                AloneReport {
                    id: outage.id.clone(),
                    procedure: outage.procedure.clone(),
                    lost: age(now, outage.lost),
                    onset: age(now, outage.onset),
                    until: if goes_on { 0 } else { age(now, outage.until) },
                    acts: acts
                        .map(|act| ReportedAct {
                            id: act.id.clone(),
                            ago: age(now, act.at),
                            act: act.act.clone(),
                        })
                        .collect(),
                }
            })
            .collect()
    }

    /// What became of a report with these acts.
    pub(super) fn settle(&mut self, report: &AloneReport, refused: Option<&str>) {
        if let Some(why) = refused {
            tracing::warn!("what was done without a daemon was not taken: {why}");
        }
        let mut outages = self.kept.outages.iter_mut();
        let Some(outage) = outages.find(|outage| outage.id == report.id) else {
            return;
        };
        outage.told = true;
        for act in &mut outage.acts {
            act.told |= report.acts.iter().any(|said| said.id == act.id);
        }
    }

    /// The cards as they ought to be on the screen now.
    pub(super) fn faces(
        &self,
        now: Timestamp,
        language: Language,
        zone: &TimeZone,
    ) -> BTreeMap<Slot, Face> {
        let cards = self.kept.kit.kit.cards.iter();
        cards
            .filter_map(|known| {
                let standing = self.alone.standing(known.cause)?;
                if shown_at(known, standing) > now {
                    return None;
                }
                let slot = Slot::Own(known.cause, known.open.key.role.clone());
                let outage = self.outage(known.cause);
                let moment = Moment {
                    onset: standing.onset,
                    ended: standing.ended,
                    lasts_to: self.battery.lasts_to(),
                };
                let done = |act: &AloneAct| outage.is_some_and(|outage| outage.has(act));
                let numbers = self.numbers(language);
                let face = likeness::face(known, moment, done, numbers, language, zone);
                Some((slot, face))
            })
            .collect()
    }

    /// Whom to ring, who does not sit here.
    pub(super) fn numbers(&self, language: Language) -> Option<String> {
        let kit = &self.kept.kit.kit;
        let here = |role: &String| kit.cards.iter().any(|known| known.open.key.role == *role);
        let others = kit.phones.iter().filter(|phone| !here(&phone.role));
        let numbers: Vec<String> = others
            .take(NUMBERS)
            .map(|phone| format!("{} {}", phone.name, phone.phone))
            .collect();
        let separator = match language {
            Language::Zh => "、",
            Language::En => ", ",
        };
        (!kit.public && !numbers.is_empty()).then(|| numbers.join(separator))
    }

    /// When something else ought to be shown, or judged.
    pub(super) fn next_moment(&self, now: Timestamp) -> Option<Timestamp> {
        let cards = self.kept.kit.kit.cards.iter();
        let appearing = cards.filter_map(|known| {
            let standing = self.alone.standing(known.cause)?;
            Some(shown_at(known, standing))
        });
        let appearing = appearing.filter(|at| *at > now);
        appearing.chain(self.alone.next_moment()).min()
    }
}

fn shown_at(known: &KitCard, standing: &Standing) -> Timestamp {
    let delay = SignedDuration::from_secs(i64::from(known.delay));
    later(standing.onset, delay)
}

/// Seconds from then to now.
fn age(now: Timestamp, then: Timestamp) -> u32 {
    let seconds = now.duration_since(then).as_secs();
    u32::try_from(seconds.max(0)).unwrap_or(u32::MAX)
}

/// An id that nobody else makes.
pub(super) fn identifier() -> Option<String> {
    let mut random = [0; 16];
    if let Err(error) = getrandom::fill(&mut random) {
        tracing::error!(%error, "the system has no randomness: a press is lost");
        return None;
    }
    Some(format!("{:032x}", u128::from_be_bytes(random)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incidents::{CardButton, CardKey, IncidentId, Kit, KitPhone};
    use crate::plan::{Place, Severity, width};
    use crate::ups::{Flow, Supply, SupplyKind};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn card(cause: Cause, procedure: &str) -> KitCard {
        let incident = IncidentId(0);
        let open = Card {
            key: CardKey {
                incident,
                role: "staff".to_owned(),
            },
            revision: 0,
            phase: Phase::Open,
            severity: Severity::Critical,
            title: "停电 {since} · C座三楼".to_owned(),
            lines: vec![
                "照常接听，本机电池用到{finish_by}".to_owned(),
                "{finish_by}".to_owned(),
            ],
            buttons: vec![CardButton {
                say: "收到".to_owned(),
                act: Act::Acknowledge { incident },
                done: false,
            }],
            more: Vec::new(),
            clocks: Vec::new(),
            since: Timestamp::UNIX_EPOCH,
            acknowledged: false,
            quiet: false,
            procedure: procedure.to_owned(),
        };
        KitCard {
            cause,
            procedure: procedure.to_owned(),
            delay: 15,
            good_for: 180,
            over: None,
            open,
        }
    }

    fn own(ups: bool, local: bool) -> Own {
        let phone = |role: &str, phone: &str| KitPhone {
            role: role.to_owned(),
            name: role.to_owned(),
            phone: phone.to_owned(),
        };
        let kit = Kit {
            ups,
            cards: vec![
                card(Cause::Power, "power-loss"),
                card(Cause::Network, "network-failure"),
            ],
            phones: vec![
                phone("staff", "8000"),
                phone("lead", "8001"),
                phone("it", "8002"),
                phone("manager", "8003"),
            ],
            ..Kit::default()
        };
        let after = SignedDuration::from_secs(20);
        let (kept_tx, _) = watch::channel(Kept::default());
        let mut own = Own::new(after, local, kept_tx, at(0));
        own.connect(at(0));
        let sealed = SealedKit {
            digest: "one".into(),
            kit: Arc::new(kit),
        };
        own.equip(at(0), sealed);
        own
    }

    fn battery(runtime_minutes: Option<f64>) -> OwnPower {
        OwnPower {
            on_battery: true,
            supplies: vec![Supply {
                kind: SupplyKind::Ups,
                flow: Flow::Discharging,
                low: false,
                charge_percent: Some(90.0),
                runtime_minutes,
            }],
        }
    }

    fn network(carrier: bool) -> Network {
        Network {
            carrier: Some(carrier),
            routed: true,
            gateway: None,
        }
    }

    fn bodies(own: &Own, now: Timestamp) -> Vec<String> {
        let zone = TimeZone::UTC;
        let faces = own.faces(now, Language::Zh, &zone);
        faces.into_values().map(|face| face.body).collect()
    }

    #[test]
    fn what_nobody_knows_is_left_out_and_who_sits_here_is_not_rung() {
        let mut own = own(true, false);
        own.lose(at(10), at(10), true);
        own.see_power(at(12), Some(battery(None)));
        own.judge(at(40), &[]);
        assert_eq!(
            bodies(&own, at(40)),
            ["照常接听\n未连callwatch，本机自行判断\nlead 8001、it 8002"]
        );
        own.see_power(at(50), Some(battery(Some(22.0))));
        assert!(bodies(&own, at(50))[0].starts_with("照常接听，本机电池用到约"));
    }

    #[test]
    fn a_ups_that_the_site_does_not_know_raises_nothing() {
        let mut own = own(false, false);
        own.lose(at(10), at(10), true);
        own.see_power(at(12), Some(battery(None)));
        own.judge(at(400), &[]);
        assert!(bodies(&own, at(400)).is_empty());
    }

    #[test]
    fn a_host_that_refuses_proves_the_network_and_silence_does_not_accuse_it() {
        for (reached, carrier, raised) in [
            (true, false, false),
            (false, true, false),
            (false, false, true),
        ] {
            let mut own = own(true, false);
            own.see_network(at(0), Some(network(true)));
            own.lose(at(10), at(10), reached);
            own.see_network(at(12), Some(network(carrier)));
            own.judge(at(400), &[]);
            assert_eq!(!bodies(&own, at(400)).is_empty(), raised);
        }
    }

    #[test]
    fn a_daemon_on_this_pc_is_reached_without_any_network() {
        let mut own = own(true, true);
        own.lose(at(10), at(10), false);
        own.see_network(at(12), Some(network(false)));
        own.judge(at(400), &[]);
        assert!(bodies(&own, at(400)).is_empty());
        assert_eq!(own.look(), Look::Often);
    }

    #[test]
    fn what_was_told_is_told_no_more_and_forgotten_with_its_card() {
        let mut own = own(true, false);
        own.lose(at(10), at(10), true);
        own.see_power(at(12), Some(battery(None)));
        own.judge(at(40), &[]);
        let incident = IncidentId(0);
        let act = Act::Acknowledge { incident };
        assert!(own.press(at(50), Cause::Power, &act));
        assert!(!own.press(at(51), Cause::Power, &act), "once");
        own.connect(at(70));
        let reports = own.reports(at(70));
        let [report] = reports.as_slice() else {
            panic!("{reports:?}")
        };
        assert_eq!((report.lost, report.onset, report.until), (60, 58, 0));
        assert_eq!(report.acts[0].ago, 20);
        // While it is on its way, somebody ticks one more.
        let step = "move".to_owned();
        own.press(at(71), Cause::Power, &Act::Tick { incident, step });
        own.settle(report, None);
        let rest = own.reports(at(72));
        assert_eq!(rest[0].id, report.id);
        assert_eq!(rest[0].acts.len(), 1, "{rest:?}");
        own.settle(&rest[0], None);
        assert!(own.reports(at(73)).is_empty());
        own.judge(at(100), &[]);
        assert!(own.kept.outages.is_empty());
    }

    #[test]
    fn the_mark_is_as_short_as_any_line() {
        let mut own = own(true, false);
        own.lose(at(10), at(10), true);
        own.see_power(at(12), Some(battery(None)));
        own.judge(at(40), &[]);
        for language in [Language::Zh, Language::En] {
            let faces = own.faces(at(40), language, &TimeZone::UTC);
            let body = &faces.values().next().unwrap().body;
            let mark = body.lines().nth(1).unwrap();
            assert!(
                width(mark, language) <= Place::Line.limit(language),
                "{mark}"
            );
        }
    }
}
