//! How long a UPS lasts that does not tell it: by its last discharge, marked so.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::incidents::board::{Board, Moment};
use crate::incidents::discharge::{About, Discharge};
use crate::incidents::entry::Event;
use crate::incidents::live::round_down;
use crate::incidents::wording::lasted;
use crate::signals::{Kind, Level, Signal, later};
use crate::site::Site;
use crate::site::path::Runtime;
use crate::text::{Language, Text};

/// How long a UPS lasts from now, for programs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuntimeView {
    pub minutes: f64,
    pub told: Told,
    /// When the discharge ended by which it is estimated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Timestamp>,
}

/// How a runtime is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Told {
    /// By the UPS.
    Measured,
    /// Half of what its last discharge adds up to.
    About,
    /// Half as long as its last discharge, which did not empty it.
    AtLeast,
}

impl RuntimeView {
    /// As a path is judged by it; `None` where the UPS has to say it itself.
    pub(super) fn runtime(&self, site: &Site) -> Option<Runtime> {
        Some(Runtime::About {
            minutes: self.minutes,
            at_least: self.told == Told::AtLeast,
            on: site.date_of(self.by?),
        })
    }
}

impl Board {
    fn is_out(&self, ups: &str) -> bool {
        self.state.level(&Signal::new(Kind::UpsMains, ups)) == Level::Critical
    }

    /// What its last discharge says of a UPS that does not tell its runtime by itself.
    fn about(&self, ups: &str, now: Timestamp) -> Option<About> {
        let live = self.live.ups.get(ups)?;
        let told = self.live.stretches.get(ups);
        // Half of an old figure must not chase a better one that is missing for a moment.
        let told = told.is_some_and(|stretch| stretch.goes_on && stretch.measured);
        if live.reading.runtime_minutes.is_some() || told || live.is_worn {
            return None;
        }
        let since = self.state.on_battery_since.get(ups);
        let out_for = since.map(|since| live.seen_at.duration_since(*since));
        let known = self.state.discharges.get(ups)?;
        known.left(&live.reading, out_for, now)
    }

    /// When a UPS will be empty, rounded down to five minutes: as it says itself, or as it did last.
    pub(super) fn finish(&self, ups: &str, now: Timestamp) -> Option<Timestamp> {
        self.live.estimate(ups).or_else(|| {
            let minutes = self.about(ups, now)?.minutes;
            let left = SignedDuration::try_from_secs_f64(minutes * 60.0).ok()?;
            Some(round_down(later(self.live.ups_seen_at(ups), left)))
        })
    }

    /// How long a UPS lasts from `now`, by its own word or by its last discharge; nothing
    /// where that shows no more than how long it lasts at least.
    pub(super) fn lasts(&self, ups: &str, now: Timestamp) -> Option<SignedDuration> {
        let view = self.runtime_view(ups, now)?;
        let known = view.told != Told::AtLeast;
        let lasts = SignedDuration::try_from_secs_f64(view.minutes.max(0.0) * 60.0).ok()?;
        let seen_at = self.live.ups_seen_at(ups);
        known.then(|| lasts - now.duration_since(seen_at))
    }

    /// For how long a UPS on mains would last, as far as that is known.
    pub(super) fn would_last(&self, ups: &str, now: Timestamp) -> Runtime {
        let told = self.live.ups.get(ups);
        if let Some(minutes) = told.and_then(|live| live.reading.runtime_minutes) {
            return Runtime::Minutes(minutes);
        }
        let about = self.about(ups, now);
        about.map_or(Runtime::Unknown, |about| Runtime::About {
            minutes: about.minutes,
            at_least: about.at_least,
            on: self.centre.site.date_of(about.by),
        })
    }

    pub(super) fn runtime_view(&self, ups: &str, now: Timestamp) -> Option<RuntimeView> {
        let live = self.live.ups.get(ups)?;
        if self.state.level(&Signal::new(Kind::UpsMains, ups)) == Level::Unknown {
            return None;
        }
        if let Some(minutes) = live.reading.runtime_minutes {
            let told = Told::Measured;
            return Some(RuntimeView {
                minutes,
                told,
                by: None,
            });
        }
        let about = self.about(ups, now)?;
        Some(RuntimeView {
            minutes: about.minutes.max(0.0).floor(),
            told: if about.at_least {
                Told::AtLeast
            } else {
                Told::About
            },
            by: Some(about.by),
        })
    }

    /// What the page says of it, where the UPS itself says nothing.
    pub(super) fn about_words(&self, ups: &str, now: Timestamp) -> Option<Text> {
        let view = self.runtime_view(ups, now)?;
        let by = view.by?;
        let site = &self.centre.site;
        let out = self.is_out(ups);
        let say = |language| {
            let date = date_words(site, by, language);
            let left = minutes_words(view.minutes, language);
            let least = view.told == Told::AtLeast;
            match language {
                Language::Zh => {
                    let verb = if out { "还能用" } else { "停电能撑" };
                    let about = if least { "至少" } else { "约" };
                    format!("{verb}{about}{left}（按{date}那次放电的一半估）")
                }
                Language::En => {
                    let (before, after) = match (out, least) {
                        (true, false) => ("about", "left"),
                        (true, true) => ("at least", "left"),
                        (false, false) => ("about", "without mains"),
                        (false, true) => ("at least", "without mains"),
                    };
                    format!("{before} {left} {after} (half of its discharge on {date})")
                }
            }
        };
        Some(Text::new(say(Language::Zh), say(Language::En)))
    }
}

fn minutes_words(minutes: f64, language: Language) -> String {
    let duration = SignedDuration::try_from_secs_f64(minutes.floor() * 60.0);
    let duration = duration.unwrap_or_default();
    // Below two minutes a guess has no seconds.
    match language {
        _ if minutes >= 2.0 => lasted(duration, language),
        Language::Zh => format!("{minutes:.0}分钟"),
        Language::En => format!("{minutes:.0} min"),
    }
}

fn date_words(site: &Site, at: Timestamp, language: Language) -> String {
    let date = site.date_of(at);
    match language {
        Language::Zh => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
        Language::En => date.strftime("%-d %b %Y").to_string(),
    }
}

/// Rule: a discharge that is over is written down where it shows how long the battery lasts.
pub(super) fn proved(board: &Board, _moment: &Moment) -> Vec<Event> {
    for (ups, stretch) in &board.live.stretches {
        if stretch.goes_on && board.is_out(ups) {
            continue;
        }
        let known = board.state.discharges.get(ups);
        if let Some(discharge) = stretch.proof().filter(|proof| proof.replaces(known)) {
            let ups = ups.clone();
            return vec![Event::Discharged { ups, discharge }];
        }
    }
    Vec::new()
}

/// Why the entry was written.
pub(super) fn reason(site: &Site, ups: &str, discharge: &Discharge) -> Text {
    let name = site.ups.get(ups).map(|ups| ups.name.clone());
    let name = name.unwrap_or_else(|| Text::same(ups));
    let (mut zh, mut en) = (String::new(), String::new());
    if let Some((from, to)) = discharge.charge {
        zh = format!("，电量{from}%到{to}%");
        en = format!(", from {from} % to {to} %");
    }
    if discharge.emptied {
        zh += "，到电池低";
        en += ", until it was low";
    }
    Text::new(
        format!(
            "{} 用电池撑了{}{zh}",
            name.zh,
            lasted(discharge.lasted, Language::Zh)
        ),
        format!(
            "{} held on its battery for {}{en}",
            name.en,
            lasted(discharge.lasted, Language::En)
        ),
    )
}
