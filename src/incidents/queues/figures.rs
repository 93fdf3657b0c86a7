//! What a queue shows at one moment, and whether that is under control.

use crate::acd;
use crate::signals::Level;
use crate::site::Bounds;
use crate::text::Text;

/// Below this part of its bounds a queue is under control again.
const UNDER: f64 = 0.5;

/// `None` is what the ACD does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::incidents) struct Figures {
    pub(in crate::incidents) waiting: Option<u32>,
    /// In seconds.
    pub(in crate::incidents) longest: Option<u32>,
    /// Logged in and not paused.
    pub(in crate::incidents) on_line: Option<u32>,
}

impl Figures {
    pub(in crate::incidents) fn of(queue: &acd::Queue) -> Self {
        let free_or_busy = queue
            .available
            .zip(queue.busy)
            .map(|(free, busy)| free + busy);
        let on_line = match (queue.staffed, queue.paused) {
            (Some(staffed), Some(paused)) => Some(staffed.saturating_sub(paused)),
            (staffed, _) => free_or_busy.or(staffed),
        };
        Self {
            waiting: queue.waiting,
            // Some keep the wait of the last caller.
            longest: queue.longest_wait.map(|longest| match queue.waiting {
                Some(0) => 0,
                _ => longest,
            }),
            on_line,
        }
    }

    /// The level of a queue that stood at `before`; between the bounds it stays what it
    /// was, and is a warning where that is not known.
    pub(in crate::incidents) fn level(self, bounds: &Bounds, before: Level) -> Level {
        let share = bounds.share * self.on_line.map_or(0.0, f64::from);
        let most = f64::from(bounds.waiting).max(share.ceil());
        let waiting = self.waiting.map(|waiting| f64::from(waiting) / most);
        let longest = bounds.longest.as_secs_f64();
        let longest = self.longest.map(|seconds| f64::from(seconds) / longest);
        let worst = [waiting, longest].into_iter().flatten().reduce(f64::max);
        match (worst, before) {
            (None, _) => Level::Unknown,
            (Some(worst), _) if worst >= 1.0 => Level::Critical,
            (Some(worst), _) if worst < UNDER => Level::Normal,
            (Some(_), Level::Unknown) => Level::Warning,
            (Some(_), before) => before,
        }
    }

    /// As it is said, each figure that is known.
    pub(in crate::incidents) fn words(self) -> Text {
        words(self.waiting, self.longest.map(minutes), self.on_line)
    }
}

/// Each figure that is known: callers, minutes of the one who waits longest, people.
pub(in crate::incidents) fn words(
    waiting: Option<u32>,
    longest: Option<u32>,
    on_line: Option<u32>,
) -> Text {
    let waiting = waiting.map(|waiting| {
        let en = if waiting == 1 { "waits" } else { "waiting" };
        Text::new(format!("排队{waiting}"), format!("{waiting} {en}"))
    });
    let longest = longest.map(|minutes| {
        Text::new(
            format!("最久等{minutes}分"),
            format!("longest {minutes} min"),
        )
    });
    let on_line =
        on_line.map(|on_line| Text::new(format!("在线{on_line}人"), format!("{on_line} on line")));
    let parts: Vec<Text> = [waiting, longest, on_line].into_iter().flatten().collect();
    let zh: Vec<&str> = parts.iter().map(|part| part.zh.as_str()).collect();
    let en: Vec<&str> = parts.iter().map(|part| part.en.as_str()).collect();
    Text::new(zh.join("，"), en.join(", "))
}

/// A line has room for two digits.
const MOST_MINUTES: u32 = 99;

/// Whole minutes, a begun one counted.
pub(in crate::incidents) fn minutes(seconds: u32) -> u32 {
    seconds.div_ceil(60).min(MOST_MINUTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(waiting: u32, longest: u32, on_line: u32) -> Figures {
        Figures {
            waiting: Some(waiting),
            longest: Some(longest),
            on_line: Some(on_line),
        }
    }

    fn level(figures: Figures, before: Level) -> Level {
        figures.level(&Bounds::default(), before)
    }

    #[test]
    fn a_queue_is_out_of_control_at_four_or_half_of_those_on_line_or_three_minutes() {
        for (seen, wanted) in [
            (figures(4, 0, 7), Level::Critical),
            (figures(4, 0, 8), Level::Critical),
            (figures(4, 0, 9), Level::Warning),
            (figures(5, 0, 9), Level::Critical),
            (figures(9, 0, 20), Level::Warning),
            (figures(10, 0, 20), Level::Critical),
            (figures(1, 180, 20), Level::Critical),
            (figures(1, 179, 20), Level::Warning),
        ] {
            assert_eq!(level(seen, Level::Unknown), wanted, "{seen:?}");
        }
    }

    #[test]
    fn it_is_under_control_below_half_of_both_and_between_it_stays_what_it_was() {
        for before in [Level::Normal, Level::Critical, Level::Warning] {
            assert_eq!(level(figures(2, 0, 7), before), before);
            assert_eq!(level(figures(1, 90, 7), before), before);
            assert_eq!(level(figures(1, 89, 7), before), Level::Normal);
            assert_eq!(level(figures(4, 89, 7), before), Level::Critical);
        }
    }

    #[test]
    fn what_is_not_told_is_left_out_and_nothing_at_all_is_unknown() {
        let nothing = Figures::default();
        assert_eq!(level(nothing, Level::Critical), Level::Unknown);
        let longest = Some(200);
        let alone = Figures { longest, ..nothing };
        assert_eq!(level(alone, Level::Normal), Level::Critical);
        let waiting = Some(1);
        let alone = Figures { waiting, ..nothing };
        assert_eq!(level(alone, Level::Critical), Level::Normal);
        assert_eq!(alone.words().en, "1 waits");
        let words = figures(14, 181, 7).words();
        assert_eq!(words.zh, "排队14，最久等4分，在线7人");
        assert_eq!(words.en, "14 waiting, longest 4 min, 7 on line");
    }

    #[test]
    fn who_is_paused_is_not_on_line() {
        let queue = acd::Queue {
            waiting: Some(0),
            longest_wait: Some(300),
            staffed: Some(9),
            paused: Some(2),
            ..acd::Queue::default()
        };
        assert_eq!(Figures::of(&queue), figures(0, 0, 7));
        let queue = acd::Queue {
            available: Some(1),
            busy: Some(5),
            ..acd::Queue::default()
        };
        assert_eq!(Figures::of(&queue).on_line, Some(6));
    }
}
