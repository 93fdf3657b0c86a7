//! What a seat's PC tells, as signals that the Board knows.
//!
//! Figures of the PC, a muted microphone and the like are for the page: they turn no signal.
//! A headset or a softphone is missed only where it was there before, and only while somebody
//! works at the PC; whoever locks the screen may take the one along and close the other.
//! Most of what ten thousand seats tell is nothing new, and costs the Board nothing.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::health::{Answer, Health, Session, State, Watch};
use crate::signals::{Kind, Level, Sight, Signal};
use crate::site::Site;
use crate::text::Text;

/// A seat tells every minute, in real time: a few words may be lost before it is not believed.
const LASTS: SignedDuration = SignedDuration::from_mins(5);

/// What was there at a PC before.
#[derive(Debug, Default)]
struct Before {
    headset: bool,
    /// The start of the PC since which the softphone ran.
    softphone: Option<String>,
}

/// What the Board was told of one seat.
#[derive(Debug, Default)]
struct Known {
    before: Before,
    told: BTreeMap<Signal, (Level, Timestamp)>,
}

/// What the Board was told of each seat.
#[derive(Debug, Default)]
pub(super) struct Sights(Mutex<BTreeMap<String, Known>>);

/// A seat, and what is to be looked at from there.
pub(super) struct Place<'a> {
    pub(super) site: &'a Site,
    pub(super) seat: &'a str,
    pub(super) watch: &'a Watch,
}

impl Sights {
    /// What is news to the Board, or is soon not believed any more. `speed`: so many seconds
    /// pass for the Board in one.
    pub(super) fn news(
        &self,
        place: &Place<'_>,
        health: &Health,
        now: Timestamp,
        speed: u32,
    ) -> Vec<Sight> {
        let lasts = LASTS * i32::try_from(speed).unwrap_or(i32::MAX);
        let mut seats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // No key is made anew for each of ten thousand words a minute.
        let known = match seats.get_mut(place.seat) {
            Some(known) => known,
            None => seats.entry(place.seat.to_owned()).or_default(),
        };
        known.before.see(health);
        let mut seen = known.before.sights(place, health, lasts);
        known
            .told
            .retain(|signal, _| seen.iter().any(|sight| sight.signal == *signal));
        seen.retain(|sight| {
            let told = known.told.get(&sight.signal);
            // A clock that is set back makes nothing younger.
            !told.is_some_and(|(level, at)| {
                *level == sight.level && now.duration_since(*at).abs() < lasts / 2
            })
        });
        for sight in &seen {
            let told = (sight.level, now);
            known.told.insert(sight.signal.clone(), told);
        }
        seen
    }
}

impl Before {
    fn see(&mut self, health: &Health) {
        self.headset |= health.headset.as_ref().is_some_and(|it| it.present);
        let boot = || health.boot.clone().unwrap_or_default();
        if health.softphone.as_ref().is_some_and(|it| it.running) {
            self.softphone = Some(boot());
        } else if self.softphone.is_some() && self.softphone != Some(boot()) {
            self.softphone = None;
        }
    }

    fn sights(&self, place: &Place<'_>, health: &Health, lasts: SignedDuration) -> Vec<Sight> {
        let Place { site, seat, .. } = place;
        let sight = |signal, (level, words)| Sight {
            signal,
            level,
            words,
            lasts,
        };
        let own = |kind| move |seen| sight(Signal::new(kind, *seat), seen);
        let in_use = works(health.session);
        let headset = place.watch.headset.then(|| self.headset(health, in_use));
        let headset = headset.flatten().map(own(Kind::SeatHeadset));
        let phone = self.phone(health, in_use).map(own(Kind::SeatPhone));
        let services = health.services.iter();
        // A seat may still tell of one that was taken out of the file.
        let services = services.filter(|(id, _)| site.services.contains_key(*id));
        let services = services
            .map(|(id, seen)| sight(Signal::of_service_at(seat, id), (level(seen), words(seen))));
        headset.into_iter().chain(phone).chain(services).collect()
    }

    fn headset(&self, health: &Health, in_use: bool) -> Option<(Level, Text)> {
        let headset = health.headset.as_ref()?;
        if headset.present {
            let name = headset.name.as_ref();
            let words = Text::new("耳机插着", "the headset is there");
            return Some((Level::Normal, name.map_or(words, Text::same)));
        }
        // One that never was there is not missed.
        self.headset.then(|| {
            if in_use {
                let gone = Text::new("耳机不见了", "the headset is gone");
                return (Level::Critical, gone);
            }
            let nobody = Text::new(
                "耳机不在，也没人在用电脑",
                "no headset, and nobody works there",
            );
            (Level::Unknown, nobody)
        })
    }

    /// The worse of the telephone on the desk and the one on the screen.
    fn phone(&self, health: &Health, in_use: bool) -> Option<(Level, Text)> {
        let desk = health.phone.as_ref();
        let desk = desk.map(|answer| (level(answer), words(answer)));
        let soft = health.softphone.as_ref().and_then(|it| {
            if it.running {
                let words = Text::new("软电话开着", "the softphone runs");
                return Some((Level::Normal, words));
            }
            self.softphone.as_ref()?;
            if in_use {
                let stopped = Text::new("软电话不在运行", "the softphone does not run any more");
                return Some((Level::Critical, stopped));
            }
            let nobody = Text::new(
                "软电话关着，也没人在用电脑",
                "no softphone, and nobody works there",
            );
            Some((Level::Unknown, nobody))
        });
        desk.into_iter()
            .chain(soft)
            .min_by_key(|(level, _)| std::cmp::Reverse(level.weight()))
    }
}

/// Whether somebody may sit there: nobody says otherwise.
fn works(session: Option<Session>) -> bool {
    let session = session.unwrap_or_default();
    session.locked != Some(true) && session.idle != Some(true)
}

fn level(answer: &Answer) -> Level {
    match answer.state {
        State::Ok => Level::Normal,
        State::Slow => Level::Warning,
        State::Failing => Level::Critical,
    }
}

/// What it says beside its level: how long it took, or why it fails.
fn words(answer: &Answer) -> Text {
    let with = |told: Option<String>, zh: &str, en: &str| match told {
        Some(told) => Text::new(format!("{zh}：{told}"), format!("{en}: {told}")),
        None => Text::new(zh, en),
    };
    let took = answer.latency_ms.map(|ms| format!("{ms:.0} ms"));
    match answer.state {
        State::Ok => with(took, "有应答", "it answers"),
        State::Slow => with(took, "很慢", "it is slow"),
        State::Failing => with(answer.why.clone(), "没有应答", "it fails"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::{Headset, Softphone};
    use crate::site::Service;

    /// One seat of a site with one service.
    struct Desk {
        site: Site,
        watch: Watch,
        sights: Sights,
        now: i64,
    }

    impl Desk {
        fn new() -> Self {
            let mut site = Site::default();
            let crm = Service {
                name: Text::same("CRM"),
                via: Vec::new(),
            };
            site.services.insert("crm".to_owned(), crm);
            Self {
                site,
                watch: Watch::default(),
                sights: Sights::default(),
                now: 0,
            }
        }

        /// What the Board is told, `after` seconds later.
        fn hear(&mut self, after: i64, health: &Health) -> Vec<String> {
            self.now += after;
            let place = Place {
                site: &self.site,
                seat: "C-01",
                watch: &self.watch,
            };
            let now = Timestamp::from_second(1_800_000_000 + self.now).unwrap();
            let news = self.sights.news(&place, health, now, 1);
            let news = news.iter();
            news.map(|it| format!("{} {}: {}", it.signal, it.level, it.words.en))
                .collect()
        }
    }

    fn headset(present: bool) -> Health {
        let headset = Headset {
            present,
            ..Headset::default()
        };
        Health {
            headset: Some(headset),
            ..Health::default()
        }
    }

    fn answer(state: State) -> Answer {
        Answer {
            state,
            latency_ms: (state != State::Failing).then_some(120.4),
            why: (state == State::Failing).then(|| "refused".to_owned()),
            for_seconds: 0,
        }
    }

    fn crm(state: State) -> Health {
        let services = [("crm", state), ("gone", State::Failing)];
        Health {
            services: services
                .map(|(id, state)| (id.to_owned(), answer(state)))
                .into(),
            ..Health::default()
        }
    }

    fn locked(mut health: Health) -> Health {
        health.session = Some(Session {
            locked: Some(true),
            ..Session::default()
        });
        health
    }

    #[test]
    fn figures_of_a_pc_turn_no_signal() {
        let health = Health {
            cpu_percent: Some(100.0),
            headset: None,
            ..Health::default()
        };
        assert_eq!(Desk::new().hear(0, &health), [""; 0]);
    }

    #[test]
    fn a_headset_is_missed_only_where_it_was_and_while_somebody_works() {
        let mut desk = Desk::new();
        assert_eq!(desk.hear(0, &headset(false)), [""; 0], "it never was there");
        let there = ["seat.headset/C-01 normal: the headset is there"];
        let gone = ["seat.headset/C-01 critical: the headset is gone"];
        let away = ["seat.headset/C-01 unknown: no headset, and nobody works there"];
        assert_eq!(desk.hear(60, &headset(true)), there);
        assert_eq!(desk.hear(10, &headset(false)), gone);
        assert_eq!(desk.hear(10, &locked(headset(false))), away);
        assert_eq!(desk.hear(10, &headset(false)), gone);
        assert_eq!(desk.hear(10, &headset(true)), there);
        // A PC that cannot see any is no PC without one.
        assert_eq!(desk.hear(10, &Health::default()), [""; 0]);
        desk.watch.headset = false;
        assert_eq!(desk.hear(10, &headset(false)), [""; 0]);
    }

    #[test]
    fn a_softphone_is_missed_only_while_the_pc_runs_on_which_it_ran() {
        let mut desk = Desk::new();
        let with = |running, boot: &str| Health {
            boot: Some(boot.to_owned()),
            softphone: Some(Softphone {
                running,
                ..Softphone::default()
            }),
            ..Health::default()
        };
        assert_eq!(desk.hear(0, &with(false, "a")), [""; 0]);
        assert_eq!(
            desk.hear(9, &with(true, "a")),
            ["seat.phone/C-01 normal: the softphone runs"]
        );
        assert_eq!(
            desk.hear(9, &with(false, "a")),
            ["seat.phone/C-01 critical: the softphone does not run any more"]
        );
        assert_eq!(desk.hear(9, &with(false, "b")), [""; 0], "a new morning");
    }

    #[test]
    fn of_two_telephones_the_worse_counts() {
        let mut desk = Desk::new();
        let with = |state| Health {
            phone: Some(answer(state)),
            softphone: Some(Softphone {
                running: true,
                ..Softphone::default()
            }),
            ..Health::default()
        };
        let well = desk.hear(0, &with(State::Ok));
        assert_eq!(well, ["seat.phone/C-01 normal: it answers: 120 ms"]);
        let ill = desk.hear(10, &with(State::Failing));
        assert_eq!(ill, ["seat.phone/C-01 critical: it fails: refused"]);
    }

    #[test]
    fn only_what_changes_or_grows_old_is_told() {
        let mut desk = Desk::new();
        let well = ["seat.service/C-01/crm normal: it answers: 120 ms"];
        assert_eq!(desk.hear(0, &crm(State::Ok)), well);
        let mut told = 0;
        for _ in 0..360 {
            told += desk.hear(10, &crm(State::Ok)).len();
        }
        assert_eq!(told, 3600 / 150, "each 2.5 min, of what lasts for 5");
        let slow = ["seat.service/C-01/crm warning: it is slow: 120 ms"];
        assert_eq!(desk.hear(10, &crm(State::Slow)), slow);
        let dead = ["seat.service/C-01/crm critical: it fails: refused"];
        assert_eq!(desk.hear(10, &crm(State::Failing)), dead);
        // The wall clock is set back by a day.
        assert_eq!(desk.hear(-86_400, &crm(State::Failing)), dead);
    }
}
