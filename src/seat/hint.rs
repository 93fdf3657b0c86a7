//! The headset is gone: a hint to whoever sits there, and to nobody else.

use std::time::Duration;

use tokio::time::Instant;

use crate::health::Health;
use crate::seat::face::Face;
use crate::text::{Language, Text};

/// Whoever changes the plug needs less.
const GONE_FOR: Duration = Duration::from_secs(60);

/// Whether the headset was there, and since when it is gone.
#[derive(Debug, Default)]
pub(super) struct Hint {
    was_there: bool,
    gone_since: Option<Instant>,
}

impl Hint {
    /// Takes a look at the PC. Where nobody works at it, or nobody minds, nothing is missed.
    pub(super) fn see(&mut self, now: Instant, health: &Health, minds: bool) {
        let present = health.headset.as_ref().map(|it| it.present);
        let session = health.session.unwrap_or_default();
        let works = session.locked != Some(true) && session.idle != Some(true);
        self.was_there |= present == Some(true);
        if present == Some(false) && self.was_there && works && minds {
            self.gone_since.get_or_insert(now);
        } else {
            self.gone_since = None;
        }
    }

    /// What is shown now, if anything.
    pub(super) fn face(&self, now: Instant, language: Language) -> Option<Face> {
        self.due_at().filter(|due| *due <= now)?;
        let title = Text::new("耳机不见了", "The headset is gone");
        let body = Text::new(
            "请看一眼插头；插好后本提示自己消失，还不行就报告情况",
            "Look at the plug; this goes away once it is back. If that does not help, report it",
        );
        Some(Face {
            title: title.in_language(language).to_owned(),
            body: body.in_language(language).to_owned(),
            critical: false,
            buttons: Vec::new(),
            card: None,
        })
    }

    /// When something is to be shown by itself.
    pub(super) fn due_at(&self) -> Option<Instant> {
        self.gone_since.map(|since| since + GONE_FOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::{Headset, Session};

    fn pc(present: bool, locked: bool) -> Health {
        let headset = Headset {
            present,
            ..Headset::default()
        };
        let session = Session {
            locked: Some(locked),
            ..Session::default()
        };
        Health {
            headset: Some(headset),
            session: Some(session),
            ..Health::default()
        }
    }

    /// Whether it is shown at the end, after looks at these seconds.
    fn shown(looks: &[(u64, Health)], end: u64, minds: bool) -> bool {
        let begin = Instant::now();
        let mut hint = Hint::default();
        for (at, health) in looks {
            hint.see(begin + Duration::from_secs(*at), health, minds);
        }
        let end = begin + Duration::from_secs(end);
        let faces = [Language::Zh, Language::En].map(|language| hint.face(end, language));
        assert_eq!(faces[0].is_some(), faces[1].is_some());
        faces[0].is_some()
    }

    #[test]
    fn a_headset_that_was_there_is_missed_after_a_minute_and_no_other() {
        let (there, gone) = (pc(true, false), pc(false, false));
        let pulled = [(0, there.clone()), (10, gone.clone())];
        assert!(!shown(&pulled, 69, true));
        assert!(shown(&pulled, 70, true));
        assert!(!shown(&pulled, 700, false), "nobody minds");
        assert!(
            !shown(&[(0, gone.clone())], 700, true),
            "it never was there"
        );
        let back = [(0, there.clone()), (10, gone), (75, there.clone())];
        assert!(!shown(&back, 700, true));
        let left = [(0, there), (10, pc(false, true))];
        assert!(!shown(&left, 700, true), "the screen is locked");
    }
}
