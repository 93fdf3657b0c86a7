//! What is said of windows, in both languages.

use jiff::SignedDuration;

use crate::incidents::entry::Event;
use crate::incidents::state::State;
use crate::incidents::windows::window::{Purpose, Tally, Tested, Window, WindowId, Worse};
use crate::incidents::wording::{clock_time, lasted};
use crate::site::Site;
use crate::text::{Language, Text};

/// Why an entry about a window was written; empty for every other one.
pub(in crate::incidents) fn reason(event: &Event, state: &State, site: &Site) -> Text {
    match event {
        Event::WindowSet { window, by } => {
            let (said, what) = (whole(window, site), name(window.purpose));
            Text::new(
                format!("{} 设{}：{}", by.seat, what.zh, said.zh),
                format!("{} set {}: {}", by.seat, what.en, said.en),
            )
        }
        Event::WindowChanged { to, by, .. } => {
            let (said, what) = (whole(to, site), name(to.purpose));
            Text::new(
                format!("{} 改{}：{}", by.seat, what.zh, said.zh),
                format!("{} changed {}: {}", by.seat, what.en, said.en),
            )
        }
        Event::WindowBroken {
            window,
            ups,
            worse: how,
        } => {
            let (said, (what, place)) = (worse(ups, *how, site), known(state, *window));
            Text::new(
                format!("{}（{}）也照报：{}", what.zh, place.zh, said.zh),
                format!("told in spite of {} ({}): {}", what.en, place.en, said.en),
            )
        }
        Event::WindowEnded {
            window,
            tally: counted,
            tested,
            by,
        } => {
            let (what, place) = known(state, *window);
            let mut said = tally(*counted);
            if let Some(tested) = tested {
                let result = result(tested, site);
                said = Text::new(
                    format!("{}，{}", said.zh, result.zh),
                    format!("{}, {}", said.en, result.en),
                );
            }
            let (by_zh, by_en) = by.as_ref().map_or_else(
                || ("到时".to_owned(), "by its time".to_owned()),
                |by| (format!("由 {}", by.seat), format!("from {}", by.seat)),
            );
            Text::new(
                format!("{}{by_zh}结束：{}，{}", what.zh, place.zh, said.zh),
                format!("{} ended {by_en}: {}, {}", what.en, place.en, said.en),
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

/// What it is for, and where.
fn known(state: &State, window: WindowId) -> (Text, Text) {
    let known = state.windows.windows.get(&window);
    known.map_or_else(
        || (name(Purpose::Maintenance), Text::same(window.to_string())),
        |known| {
            let window = &known.window;
            (name(window.purpose), window.covered.place.clone())
        },
    )
}

/// What a window is for.
pub(in crate::incidents) fn name(purpose: Purpose) -> Text {
    match purpose {
        Purpose::Maintenance => Text::new("检修", "maintenance"),
        Purpose::Cut => Text::new("预告停电", "announced cut"),
        Purpose::GeneratorTest => Text::new("发电机试验", "generator test"),
    }
}

/// What a test of the generator has shown.
fn result(tested: &Tested, site: &Site) -> Text {
    if tested.proved {
        return Text::new("发电机试验合格", "the generator has proved itself");
    }
    if tested.missing.is_empty() {
        return Text::new(
            "试验没有证明发电机能接上",
            "the test does not prove that the generator takes over",
        );
    }
    let missing = tested.missing.iter().filter_map(|ups| site.ups.get(ups));
    let missing: Vec<&Text> = missing.map(|ups| &ups.name).collect();
    let join = |pick: fn(&Text) -> &str, mark: &str| {
        let names: Vec<&str> = missing.iter().map(|name| pick(name)).collect();
        names.join(mark)
    };
    Text::new(
        format!("没有转过电池再回来，不算试过：{}", join(|it| &it.zh, "、")),
        format!(
            "no proof: never on battery and back: {}",
            join(|it| &it.en, ", ")
        ),
    )
}

/// What of a UPS is worse than its window expects.
pub(in crate::incidents) fn worse(ups: &str, worse: Worse, site: &Site) -> Text {
    let name = site.ups.get(ups).map(|ups| ups.name.clone());
    let name = name.unwrap_or_else(|| Text::same(ups));
    let (zh, en) = match worse {
        Worse::BatteryLow => ("电池电量低", "the battery is low"),
        Worse::TooShort => ("电池撑不到底", "the battery will not last till the end"),
        Worse::FellSilent => (
            "用着电池没了回应",
            "fell silent while it ran on its battery",
        ),
        Worse::NotTakenOver => (
            "10分钟了发电机还没接上",
            "the generator has not taken over within 10 min",
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
