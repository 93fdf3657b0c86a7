//! How long what counts would last if its feed failed now: the rule that turns its
//! signals, and what people are told of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::incidents::board::{Board, Moment};
use crate::incidents::entry::Event;
use crate::incidents::remaining::RuntimeView;
use crate::incidents::wording::lasted;
use crate::signals::{Kind, Level, Signal};
use crate::site::path::{Endurance, Need, Part, Path, Plug, Runtime, Subject};
use crate::site::{DeviceKind, Site};
use crate::text::{Language, Text};
use crate::ups;

/// How long one subject would last, as people and programs read it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Readiness {
    /// Whose signal it is.
    pub of: String,
    pub name: Text,
    pub level: Level,
    /// Of the weakest part that is known.
    pub minutes: Option<f64>,
    /// A sentence without its subject, as `about 25 min: ...`.
    pub lasts: Text,
    /// By the last discharge of a UPS that does not tell its runtime.
    pub about: bool,
    /// Somebody accepted that it is short.
    pub accepted: bool,
}

/// How each subject of a site would last by these readings of its UPSs, today. `about`:
/// what is known of those that do not tell their runtime.
pub fn readiness(
    site: &Site,
    readings: &BTreeMap<String, ups::Reading>,
    about: &BTreeMap<String, RuntimeView>,
    now: Timestamp,
) -> Vec<Readiness> {
    let runtime = |id: &str| {
        let told = readings.get(id).and_then(|reading| reading.runtime_minutes);
        let about = about.get(id).and_then(|about| about.runtime(site));
        told.map(Runtime::Minutes)
            .or(about)
            .unwrap_or(Runtime::Unknown)
    };
    let paths = site.paths();
    let told = paths.iter().filter_map(|path| {
        let endurance = path.endurance(runtime)?;
        let today = site.date_of(now);
        let level = path.level(&endurance, Level::Unknown, today);
        Some(told(site, path, &endurance, level, today))
    });
    told.collect()
}

fn told(site: &Site, path: &Path, lasts: &Endurance, level: Level, today: Date) -> Readiness {
    Readiness {
        of: path.subject.of(),
        name: name(site, &path.subject),
        level,
        minutes: lasts.minutes,
        about: lasts.by_discharge.is_some(),
        lasts: words(site, path, lasts, today),
        accepted: path.is_accepted(lasts, today),
    }
}

impl Board {
    /// What a UPS says of how long it would last.
    pub(super) fn runtime(&self, id: &str, now: Timestamp) -> Runtime {
        let mains = Signal::new(Kind::UpsMains, id);
        let standing = self.state.standings.get(&mains);
        match self.live.ups.get(id) {
            Some(live) if live.reading.on_battery == Some(true) => Runtime::Later,
            _ if standing.is_some_and(|it| it.level == Level::Critical) => Runtime::Later,
            _ if standing.is_some_and(|it| it.level == Level::Unknown) => Runtime::Unknown,
            Some(_) => self.would_last(id, now),
            None => Runtime::Later,
        }
    }

    /// How everything that must last stands now; where its UPS is on battery, as it stood before.
    pub(super) fn readiness(&self, now: Timestamp) -> Vec<Readiness> {
        let site = &self.centre.site;
        let today = site.date_of(now);
        let told = self.paths.iter().map(|path| {
            let signal = Signal::new(Kind::UpsEndurance, path.subject.of());
            let before = self.state.level(&signal);
            match path.endurance(|ups| self.runtime(ups, now)) {
                Some(lasts) => {
                    let level = path.level(&lasts, before, today);
                    told(site, path, &lasts, level, today)
                }
                None => Readiness {
                    of: signal.of,
                    name: name(site, &path.subject),
                    level: before,
                    minutes: None,
                    about: false,
                    lasts: Text::new("现在不判断", "not judged now"),
                    accepted: false,
                },
            }
        });
        told.collect()
    }

    /// How one of them lasts, in words.
    pub(super) fn endurance_words(&self, of: &str, now: Timestamp) -> Option<Text> {
        let path = self.paths.iter().find(|path| path.subject.of() == of)?;
        let lasts = path.endurance(|ups| self.runtime(ups, now))?;
        let site = &self.centre.site;
        Some(words(site, path, &lasts, site.date_of(now)))
    }
}

/// Rule: what must last without mains turns as its weakest part does. While a UPS of it is
/// on its battery, or was not heard since the start, it stands as it stood.
pub(super) fn turn(board: &Board, moment: &Moment) -> Vec<Event> {
    let site = &board.centre.site;
    let today = site.date_of(moment.now);
    let mut events = Vec::new();
    for path in &board.paths {
        let Some(lasts) = path.endurance(|ups| board.runtime(ups, moment.now)) else {
            continue;
        };
        let signal = Signal::new(Kind::UpsEndurance, path.subject.of());
        let standing = board.state.standings.get(&signal);
        let from = standing.map_or(Level::Unknown, |standing| standing.level);
        let to = path.level(&lasts, from, today);
        if standing.is_none() || from != to {
            events.push(Event::Turned {
                signal,
                from,
                to,
                since: moment.now,
                value: words(site, path, &lasts, today),
            });
        }
    }
    let watched = |of: &String| board.paths.iter().any(|path| path.subject.of() == *of);
    for (signal, standing) in board.state.standings_of(Kind::UpsEndurance) {
        if standing.level != Level::Unknown && !watched(&signal.of) {
            events.push(Event::Turned {
                signal: signal.clone(),
                from: standing.level,
                to: Level::Unknown,
                since: moment.now,
                value: Text::new("配置里不再要求", "the configuration asks for it no more"),
            });
        }
    }
    events
}

/// As people call it.
pub(super) fn name(site: &Site, subject: &Subject) -> Text {
    match subject {
        Subject::Seat(id) => Text::new(id.clone(), format!("seat {id}")),
        Subject::Zone(id) => {
            let name = site.zones.get(id).map(|zone| zone.name.clone());
            let name = name.unwrap_or_else(|| Text::same(id));
            Text::new(
                format!("{}的网络", name.zh),
                format!("the network of {}", name.en),
            )
        }
        Subject::Channel(id) => Text::new(format!("渠道{id}"), format!("channel {id}")),
        Subject::Host => Text::new("callwatch主机", "callwatch's own host"),
    }
}

/// How long and because of what: `about 25 min: its switch Floor switch hangs on UPS 2`.
fn words(site: &Site, path: &Path, lasts: &Endurance, today: Date) -> Text {
    let say = |language| {
        let parts = Parts { site, language };
        let mut words = match (&lasts.weakest, lasts.minutes) {
            (Some(need), Some(minutes)) => {
                parts.weakest(need, minutes) + &parts.discharge(lasts.by_discharge)
            }
            _ => String::new(),
        };
        // What is dark at once is dark whatever the rest does.
        if !lasts.unknown.is_empty() && lasts.minutes != Some(0.0) {
            let mut unknown: Vec<String> = Vec::new();
            for need in &lasts.unknown {
                let name = parts.unknown(need);
                if !unknown.contains(&name) {
                    unknown.push(name);
                }
            }
            if !words.is_empty() {
                words += &parts.of("；", "; ");
            }
            words += &parts.of("不知道能撑多久：", "how long is not known of ");
            words += &unknown.join(&parts.of("、", ", "));
        }
        if let Some(accepted) = &path.accepted {
            let (by, until) = (&accepted.by, accepted.until);
            let date = parts.date(until);
            let ended = today > until;
            if ended || path.is_accepted(lasts, today) {
                let said = match (language, ended) {
                    (Language::Zh, false) => format!("（{by}已接受，到{date}）"),
                    (Language::En, false) => format!(" (accepted by {by} until {date})"),
                    (Language::Zh, true) => format!("（{by}的接受已于{date}到期）"),
                    (Language::En, true) => format!(" (accepted by {by}, which ended on {date})"),
                };
                words += &said;
            }
        }
        words
    };
    Text::new(say(Language::Zh), say(Language::En))
}

struct Parts<'s> {
    site: &'s Site,
    language: Language,
}

impl Parts<'_> {
    fn of(&self, zh: &str, en: &str) -> String {
        match self.language {
            Language::Zh => zh.to_owned(),
            Language::En => en.to_owned(),
        }
    }

    fn weakest(&self, need: &Need, minutes: f64) -> String {
        let part = self.part(&need.part);
        let Plug::Ups(ups) = &need.plug else {
            let zh = format!("一断电就停：{part}没接UPS");
            let en = format!("dark at once: {part} is on plain mains");
            return self.of(&zh, &en);
        };
        let duration = jiff::SignedDuration::try_from_secs_f64((minutes * 60.0).floor());
        let time = lasted(duration.unwrap_or_default(), self.language);
        let name = self.site.ups.get(ups).map(|ups| &ups.name);
        let ups = name.map_or(ups.as_str(), |name| name.in_language(self.language));
        let zh = format!("约{time}：{part}靠{ups}");
        let en = format!("about {time}: {part} hangs on {ups}");
        self.of(&zh, &en)
    }

    fn date(&self, date: Date) -> String {
        let zh = format!("{}年{}月{}日", date.year(), date.month(), date.day());
        self.of(&zh, &date.strftime("%-d %b %Y").to_string())
    }

    /// Whence the figure is, where the UPS does not tell it.
    fn discharge(&self, by: Option<Date>) -> String {
        let Some(date) = by.map(|by| self.date(by)) else {
            return String::new();
        };
        let zh = format!("（按{date}那次放电的一半估）");
        self.of(&zh, &format!(" (half of its discharge on {date})"))
    }

    fn unknown(&self, need: &Need) -> String {
        match &need.plug {
            Plug::Ups(ups) => {
                let name = self.site.ups.get(ups).map(|ups| &ups.name);
                let ups = name.map_or(ups.as_str(), |name| name.in_language(self.language));
                ups.to_owned()
            }
            Plug::OwnBattery => self.of("自带的电池", "its own battery"),
            Plug::Mains | Plug::Unknown => self.part(&need.part),
        }
    }

    fn part(&self, part: &Part) -> String {
        match part {
            Part::Itself => self.of("它", "it"),
            Part::Host => self.of("callwatch主机", "callwatch's own host"),
            Part::Way => self.of("它的网络", "its network"),
            Part::Device(id) => {
                let device = self.site.devices.get(id);
                let name = device.map(|device| &device.name);
                let name = name.map_or(id.as_str(), |name| name.in_language(self.language));
                let kind = device.and_then(|device| device.kind);
                let (zh, en) = match kind {
                    Some(DeviceKind::Switch) => ("交换机", "switch"),
                    Some(DeviceKind::Router) => ("路由器", "router"),
                    Some(DeviceKind::Pbx) => ("电话交换机", "PBX"),
                    Some(DeviceKind::Server) => ("服务器", "server"),
                    None => ("设备", "device"),
                };
                self.of(&format!("它的{zh}“{name}”"), &format!("its {en} “{name}”"))
            }
        }
    }
}
