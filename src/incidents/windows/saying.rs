//! What is said of windows, in both languages.

use jiff::SignedDuration;

use crate::incidents::entry::Event;
use crate::incidents::state::State;
use crate::incidents::windows::window::{Tally, Window, WindowId, Worse};
use crate::incidents::wording::{clock_time, lasted};
use crate::site::Site;
use crate::text::{Language, Text};

/// Why an entry about a window was written; empty for every other one.
pub(in crate::incidents) fn reason(event: &Event, state: &State, site: &Site) -> Text {
    match event {
        Event::WindowSet { window, by } => {
            let said = whole(window, site);
            Text::new(
                format!("{} 设检修：{}", by.seat, said.zh),
                format!("{} set maintenance: {}", by.seat, said.en),
            )
        }
        Event::WindowChanged { to, by, .. } => {
            let said = whole(to, site);
            Text::new(
                format!("{} 改检修：{}", by.seat, said.zh),
                format!("{} changed maintenance: {}", by.seat, said.en),
            )
        }
        Event::WindowBroken {
            window,
            ups,
            worse: how,
        } => {
            let (said, place) = (worse(ups, *how, site), place(state, *window));
            Text::new(
                format!("检修（{}）也照报：{}", place.zh, said.zh),
                format!("told in spite of maintenance ({}): {}", place.en, said.en),
            )
        }
        Event::WindowEnded {
            window,
            tally: counted,
            by,
        } => {
            let place = place(state, *window);
            let said = tally(*counted);
            let (by_zh, by_en) = by.as_ref().map_or_else(
                || ("到时".to_owned(), "by its time".to_owned()),
                |by| (format!("由 {}", by.seat), format!("from {}", by.seat)),
            );
            Text::new(
                format!("检修{by_zh}结束：{}，{}", place.zh, said.zh),
                format!("maintenance ended {by_en}: {}, {}", place.en, said.en),
            )
        }
        _ => Text::default(),
    }
}

/// Where, when, who, and what is done.
fn whole(window: &Window, site: &Site) -> Text {
    let day = site.date_of(window.begin);
    let (begin, end) = (clock_time(site, window.begin), clock_time(site, window.end));
    let (owner, place) = (&window.owner, &window.covered.place);
    let (note_zh, note_en) = if window.note.is_empty() {
        (String::new(), String::new())
    } else {
        (format!("，{}", window.note), format!(", {}", window.note))
    };
    Text::new(
        format!(
            "{}，{day} {begin}至{end}，负责人 {owner}{note_zh}",
            place.zh
        ),
        format!(
            "{}, {day} {begin} to {end}, owner {owner}{note_en}",
            place.en
        ),
    )
}

fn place(state: &State, window: WindowId) -> Text {
    let known = state.windows.windows.get(&window);
    let place = known.map(|known| known.window.covered.place.clone());
    place.unwrap_or_else(|| Text::same(window.to_string()))
}

/// What of a UPS is worse than its window expects.
pub(in crate::incidents) fn worse(ups: &str, worse: Worse, site: &Site) -> Text {
    let name = site.ups.get(ups).map(|ups| ups.name.clone());
    let name = name.unwrap_or_else(|| Text::same(ups));
    let (zh, en) = match worse {
        Worse::BatteryLow => ("电池电量低", "the battery is low"),
        Worse::TooShort => (
            "电池撑不到检修结束",
            "the battery will not last till the end",
        ),
    };
    Text::new(format!("{} {zh}", name.zh), format!("{} {en}", name.en))
}

/// How often something went to its battery, and for how long at most.
pub(in crate::incidents) fn tally(tally: Tally) -> Text {
    let Tally { transfers, longest } = tally;
    if transfers == 0 {
        return Text::new("没有转过电池", "nothing went to its battery");
    }
    let longest = longest.unwrap_or(SignedDuration::ZERO);
    let times = if transfers == 1 {
        "transfer"
    } else {
        "transfers"
    };
    Text::new(
        format!("转电池{transfers}次，最长{}", lasted(longest, Language::Zh)),
        format!(
            "{transfers} {times} to battery, the longest {}",
            lasted(longest, Language::En)
        ),
    )
}
