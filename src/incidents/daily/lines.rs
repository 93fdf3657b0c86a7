//! What a digest says: one line a thing, each with what to do about it or since when it is so.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::incidents::backups;
use crate::incidents::board::Board;
use crate::incidents::readiness;
use crate::incidents::wording::clock_time;
use crate::signals::{Kind, Level, Signal, later};
use crate::site::path::Path;
use crate::text::{Language, Text};

/// What has been so for less is on its way: the page shows it, and its own cards tell it.
const LONG: SignedDuration = SignedDuration::from_hours(1);
/// An accepted gap is spoken of so many days before its acceptance ends.
const ENDS_WITHIN_DAYS: i32 = 14;
/// So is a certificate, before it ends.
const CERTIFICATE: SignedDuration = SignedDuration::from_hours(14 * 24);

/// What there may be to say, what cannot wait first. Each looks for itself, and says
/// nothing where all is well.
const SECTIONS: [fn(&Board, Timestamp) -> Vec<Text>; 12] = [
    unwritten,
    not_copied,
    little_room,
    undelivered,
    certificates,
    backups::lines,
    worn,
    unprotected,
    silent,
    untested,
    unseen,
    gaps,
];

/// All that there is to say now.
pub(in crate::incidents) fn lines(board: &Board, now: Timestamp) -> Vec<Text> {
    let sections = SECTIONS.iter();
    sections.flat_map(|section| section(board, now)).collect()
}

fn ups_name(board: &Board, ups: &str) -> Text {
    let known = board.centre.site.ups.get(ups);
    known.map_or_else(|| Text::same(ups), |known| known.name.clone())
}

fn channel_name(board: &Board, channel: &str) -> Text {
    let known = board.centre.site.channels.get(channel);
    let name = known.map(|known| &known.name);
    let name = name.filter(|name| !name.zh.is_empty()).cloned();
    name.unwrap_or_else(|| Text::same(channel))
}

/// `3月2日 07:10`, `2 Mar 07:10`.
pub(in crate::incidents) fn moment(board: &Board, at: Timestamp, language: Language) -> String {
    let site = &board.centre.site;
    let (day, time) = (day(site.date_of(at), language), clock_time(site, at));
    format!("{day} {time}")
}

pub(in crate::incidents) fn day(date: Date, language: Language) -> String {
    match language {
        Language::Zh => format!("{}月{}日", date.month(), date.day()),
        Language::En => date.strftime("%-d %b").to_string(),
    }
}

/// Entries that could not be written: now, or since the last digest.
fn unwritten(board: &Board, _now: Timestamp) -> Vec<Text> {
    let Some(known) = board.state.daily.unwritten else {
        return Vec::new();
    };
    let (zh, en) = (
        moment(board, known.last, Language::Zh),
        moment(board, known.last, Language::En),
    );
    if !board.is_kept(Kind::LogWritten) {
        return vec![Text::new(
            format!("记录从{zh}起写不进去，请看磁盘"),
            format!("the log cannot be written since {en}: look at its disk"),
        )];
    }
    let count = known.count;
    let times = match count {
        1 => "once".to_owned(),
        _ => format!("{count} times"),
    };
    vec![Text::new(
        format!("记录有{count}次写不进去，最近一次{zh}，已补记：请看磁盘"),
        format!(
            "the log could not be written {times}, last on {en}, and was made up for: look at its disk"
        ),
    )]
}

fn not_copied(board: &Board, _now: Timestamp) -> Vec<Text> {
    let standing = board
        .state
        .standings
        .get(&Signal::new(Kind::BackupMade, ""));
    let standing = standing.filter(|standing| standing.level == Level::Critical);
    let line = standing.map(|standing| {
        let (zh, en) = (
            moment(board, standing.since, Language::Zh),
            moment(board, standing.since, Language::En),
        );
        Text::new(
            format!("记录的每周备份从{zh}起做不成"),
            format!("the weekly copy of the log fails since {en}"),
        )
    });
    line.into_iter().collect()
}

fn little_room(board: &Board, _now: Timestamp) -> Vec<Text> {
    let left = board.state.daily.room.iter();
    let line = |left: &Text| {
        Text::new(
            format!("放记录的磁盘快满了，还剩 {}", left.zh),
            format!("the disk of the log is nearly full, left: {}", left.en),
        )
    };
    left.map(line).collect()
}

/// Channels that gave messages up since the last digest, or hold some for long.
fn undelivered(board: &Board, now: Timestamp) -> Vec<Text> {
    let mut lines = Vec::new();
    let roles = board.centre.site.roles.values();
    let known: BTreeSet<&String> = roles
        .flat_map(|role| role.channels.iter().chain(&role.deputy.channels))
        .collect();
    for channel in known {
        let name = channel_name(board, channel);
        if let Some(lost) = board.state.daily.undelivered.get(channel) {
            let (count, why) = (lost.count, &lost.why);
            lines.push(Text::new(
                format!("{}有{count}条没送达（{}）", name.zh, why.zh),
                format!("{}: {count} not delivered ({})", name.en, why.en),
            ));
        }
        let waits = board.state.debts.values().filter(|debt| {
            let waits = debt.channel == *channel && debt.held.is_none();
            waits && later(debt.released.unwrap_or(debt.since), LONG) <= now
        });
        if let Some(since) = waits.map(|debt| debt.released.unwrap_or(debt.since)).min() {
            let (zh, en) = (
                moment(board, since, Language::Zh),
                moment(board, since, Language::En),
            );
            lines.push(Text::new(
                format!("{}从{zh}起发不出", name.zh),
                format!("{} does not deliver since {en}", name.en),
            ));
        }
    }
    lines
}

/// Certificates that end soon, or have ended; our own first, without which no seat comes in.
fn certificates(board: &Board, now: Timestamp) -> Vec<Text> {
    let site = &board.centre.site;
    let ends = |name: &Text, until: Timestamp| {
        if until >= later(now, CERTIFICATE) {
            return None;
        }
        let date = site.date_of(until);
        let (zh, en) = (day(date, Language::Zh), day(date, Language::En));
        let (name_zh, name_en) = (&name.zh, &name.en);
        if until <= now {
            return Some(Text::new(
                format!("{name_zh}的证书{zh}已到期，请续期"),
                format!("the certificate of {name_en} ended on {en}: renew it"),
            ));
        }
        Some(Text::new(
            format!("{name_zh}的证书{zh}到期，请续期"),
            format!("the certificate of {name_en} ends on {en}: renew it"),
        ))
    };
    let own = board.live.own_certificate;
    let own = own.and_then(|until| ends(&Text::new("callwatch 自己", "callwatch itself"), until));
    let services = site.services.iter().filter_map(|(id, service)| {
        let until = *board.live.certificates.get(id)?;
        ends(&service.name, until)
    });
    own.into_iter().chain(services).collect()
}

fn worn(board: &Board, _now: Timestamp) -> Vec<Text> {
    let all = board.centre.site.ups.keys();
    let worn = all.filter(|ups| board.live.ups.get(*ups).is_some_and(|it| it.worn_twice));
    let line = |ups: &String| {
        let name = ups_name(board, ups);
        Text::new(
            format!("{}的电池该换了", name.zh),
            format!("{}: its battery is to be replaced", name.en),
        )
    };
    worn.map(line).collect()
}

/// UPSs that have not protected their load for long, and why.
fn unprotected(board: &Board, now: Timestamp) -> Vec<Text> {
    let all = board.centre.site.ups.keys();
    let lines = all.filter_map(|ups| {
        let (zh, en) = stands(board, ups, Level::Warning, now)?;
        let (name, live) = (ups_name(board, ups), board.live.ups.get(ups)?);
        let why = live.reading.verdict.words();
        Some(Text::new(
            format!("{}：{}，{zh}起", name.zh, why.zh),
            format!("{}: {}, since {en}", name.en, why.en),
        ))
    });
    lines.collect()
}

/// UPSs of which nothing has been known for long, and nobody said why.
fn silent(board: &Board, now: Timestamp) -> Vec<Text> {
    let all = board.centre.site.ups.keys();
    let lines = all.filter_map(|ups| {
        let (zh, en) = stands(board, ups, Level::Unknown, now)?;
        let name = ups_name(board, ups);
        Some(Text::new(
            format!("{}从{zh}起看不到", name.zh),
            format!("{}: nothing is known of it since {en}", name.en),
        ))
    });
    lines.collect()
}

/// Since when the mains of a UPS stand so, in words, where that is long, counts, and no
/// window expects it.
fn stands(board: &Board, ups: &str, level: Level, now: Timestamp) -> Option<(String, String)> {
    let signal = Signal::new(Kind::UpsMains, ups);
    let standing = board.state.standings.get(&signal)?;
    let since = board.silence_counts_from(ups, standing.since)?;
    let long = standing.level == level && later(since, LONG) <= now;
    (long && !board.state.windows.mutes(&signal, level, now)).then(|| {
        (
            moment(board, since, Language::Zh),
            moment(board, since, Language::En),
        )
    })
}

/// Generators whose test of the month is due or overdue.
fn untested(board: &Board, now: Timestamp) -> Vec<Text> {
    let site = &board.centre.site;
    let today = site.date_of(now);
    let lines = site.feeds.iter().filter_map(|(id, feed)| {
        let level = board.state.level(&Signal::new(Kind::GeneratorTested, id));
        let due = feed.generator_test?.latest(today);
        let (zh, en) = (day(due, Language::Zh), day(due, Language::En));
        let (name_zh, name_en) = (&feed.name.zh, &feed.name.en);
        match level {
            Level::Warning => Some(Text::new(
                format!("{name_zh}的发电机今天该试"),
                format!("the generator of {name_en} is to be tested today"),
            )),
            Level::Critical => Some(Text::new(
                format!("{name_zh}的发电机{zh}该试，还没试"),
                format!("the generator of {name_en} was to be tested on {en}, and was not"),
            )),
            Level::Normal | Level::Unknown => None,
        }
    });
    lines.collect()
}

/// Cards that nobody ever saw.
fn unseen(board: &Board, _now: Timestamp) -> Vec<Text> {
    let seats = board.state.daily.unseen.iter();
    let line = |(role, seats): (&String, &BTreeSet<String>)| {
        let name = board.centre.plan.roles.get(role);
        let name = name.cloned().unwrap_or_else(|| Text::same(role));
        let seats: Vec<&str> = seats.iter().map(String::as_str).collect();
        Text::new(
            format!("{}的卡片一直没人看到：{}", name.zh, seats.join("、")),
            format!(
                "cards of the {} never seen at {}",
                name.en,
                seats.join(", ")
            ),
        )
    };
    seats.map(line).collect()
}

/// Gaps whose acceptance ends soon, or has ended.
fn gaps(board: &Board, now: Timestamp) -> Vec<Text> {
    let site = &board.centre.site;
    let today = site.date_of(now);
    let line = |path: &Path| {
        let accepted = path.accepted.as_ref()?;
        let minutes = path.endurance(|ups| board.runtime(ups, now))?.minutes?;
        if minutes >= path.target.as_secs_f64() / 60.0 {
            return None;
        }
        let left = today.until(accepted.until).ok()?.get_days();
        let name = readiness::name(site, &path.subject);
        let by = &accepted.by;
        let (zh, en) = (
            day(accepted.until, Language::Zh),
            day(accepted.until, Language::En),
        );
        if left < 0 {
            return Some(Text::new(
                format!("{}断电撑不够，{by}的接受{zh}已到期", name.zh),
                format!(
                    "{}: short without mains, and what {by} accepted ended on {en}",
                    name.en
                ),
            ));
        }
        (left <= ENDS_WITHIN_DAYS).then(|| {
            Text::new(
                format!("{}断电撑不够，{by}只接受到{zh}", name.zh),
                format!(
                    "{}: short without mains, which {by} accepts until {en}",
                    name.en
                ),
            )
        })
    };
    board.paths.iter().filter_map(line).collect()
}
