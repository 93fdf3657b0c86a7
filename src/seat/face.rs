//! How a card looks as a notification: texts and buttons, and what a press means.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::incidents::{Act, Card, CardKey, Phase};
use crate::plan::Severity;
use crate::text::{Language, Text};

/// Servers draw three buttons at most.
const BUTTONS: usize = 3;

/// One notification as it ought to be.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Face {
    pub(super) title: String,
    /// Lines apart by newlines; plain text.
    pub(super) body: String,
    /// It stays until it is over, above other windows.
    pub(super) critical: bool,
    pub(super) buttons: Vec<FaceButton>,
    /// Which card, and its revision; absent in a notice of our own.
    pub(super) card: Option<(CardKey, u32)>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct FaceButton {
    pub(super) say: String,
    pub(super) act: Act,
}

impl Face {
    /// A card, with what became of the last press, as the person reads it.
    pub(super) fn of(card: &Card, note: Option<&str>, language: Language, zone: &TimeZone) -> Self {
        let mut body: Vec<String> = card.lines.clone();
        if let Some(clock) = card.clocks.first() {
            let by = clock_time(clock.deadline, zone);
            body.push(match language {
                Language::Zh => format!("{by} 前：{}", clock.say),
                Language::En => format!("By {by}: {}", clock.say),
            });
        }
        body.extend(note.map(str::to_owned));
        let buttons = card.buttons.iter().filter(|button| !button.done);
        let buttons = buttons.take(BUTTONS).map(|button| FaceButton {
            say: button.say.clone(),
            act: button.act.clone(),
        });
        Self {
            title: card.title.clone(),
            body: body.join("\n"),
            critical: card.phase == Phase::Open && card.severity > Severity::Info,
            buttons: buttons.collect(),
            card: Some((card.key.clone(), card.revision)),
        }
    }

    /// What is shown while the daemon cannot be reached, with whom to ring.
    pub(super) fn lost(
        since: Timestamp,
        numbers: Option<String>,
        language: Language,
        zone: &TimeZone,
    ) -> Self {
        let since = clock_time(since, zone);
        let title = Text::new(
            format!("callwatch 未连接 · {since} 起"),
            format!("callwatch: not connected since {since}"),
        );
        let body = Text::new(
            "现在收不到新的卡片，出事请打电话",
            "No new cards arrive here; use the phone if something happens",
        );
        Self {
            title: title.in_language(language).to_owned(),
            body: [Some(body.in_language(language).to_owned()), numbers]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join("\n"),
            critical: false,
            buttons: Vec::new(),
            card: None,
        }
    }

    /// Whether it says the same, whatever was pressed meanwhile.
    pub(super) fn says_the_same(&self, other: &Face) -> bool {
        self.title == other.title && self.body == other.body && self.critical == other.critical
    }

    /// What a click on the body does: it says that the card was read.
    pub(super) fn on_click(&self) -> Option<&Act> {
        let acknowledges = |button: &&FaceButton| matches!(button.act, Act::Acknowledge { .. });
        self.buttons
            .iter()
            .find(acknowledges)
            .map(|button| &button.act)
    }
}

/// `15:02`, in the zone of this PC.
pub(super) fn clock_time(at: Timestamp, zone: &TimeZone) -> String {
    let at = zone.to_datetime(at);
    format!("{:02}:{:02}", at.hour(), at.minute())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incidents::{CardButton, CardClock, IncidentId};

    fn card() -> Card {
        let incident = IncidentId(9);
        let tick = Act::Tick {
            incident,
            step: "phone".to_owned(),
        };
        let button = |say: &str, act: &Act, done| CardButton {
            say: say.to_owned(),
            act: act.clone(),
            done,
        };
        Card {
            key: CardKey {
                incident,
                role: "lead".to_owned(),
            },
            revision: 12,
            phase: Phase::Open,
            severity: Severity::Critical,
            title: "停电 15:02 · C座三楼".to_owned(),
            lines: vec!["看一眼走廊灯".to_owned()],
            buttons: vec![
                button("已告知", &tick, true),
                button("收到", &Act::Acknowledge { incident }, false),
            ],
            more: Vec::new(),
            clocks: vec![CardClock {
                step: "phone".to_owned(),
                say: "打电话给经理".to_owned(),
                deadline: "2026-03-02T07:04:10Z".parse().unwrap(),
                reminded: false,
            }],
            since: "2026-03-02T07:02:10Z".parse().unwrap(),
            acknowledged: false,
            quiet: false,
            procedure: String::new(),
        }
    }

    fn shanghai() -> TimeZone {
        TimeZone::fixed(jiff::tz::offset(8))
    }

    #[test]
    fn a_card_says_what_to_do_and_by_when_and_offers_what_is_not_done() {
        let face = Face::of(&card(), None, Language::Zh, &shanghai());
        assert_eq!(face.body, "看一眼走廊灯\n15:04 前：打电话给经理");
        assert!(face.critical);
        let said: Vec<&str> = face.buttons.iter().map(|b| b.say.as_str()).collect();
        assert_eq!(said, ["收到"]);
        assert!(matches!(face.on_click(), Some(Act::Acknowledge { .. })));
    }

    #[test]
    fn without_a_daemon_it_says_since_when_and_whom_to_ring() {
        let since = "2026-03-02T07:02:10Z".parse().unwrap();
        let numbers = Some("值班组长 8001、信息部值班 8002".to_owned());
        let face = Face::lost(since, numbers, Language::Zh, &shanghai());
        assert_eq!(face.title, "callwatch 未连接 · 15:02 起");
        assert_eq!(
            face.body,
            "现在收不到新的卡片，出事请打电话\n值班组长 8001、信息部值班 8002"
        );
        let face = Face::lost(since, None, Language::En, &shanghai());
        assert_eq!(face.body.lines().count(), 1);
    }

    #[test]
    fn the_last_form_is_not_critical_and_a_refusal_is_read_on_the_card() {
        let mut over = card();
        over.phase = Phase::Over;
        let face = Face::of(&over, Some("没记下：已经解除"), Language::Zh, &shanghai());
        assert!(!face.critical);
        assert!(face.body.ends_with("\n没记下：已经解除"), "{face:?}");
    }

    #[test]
    fn a_press_alone_does_not_make_a_card_say_something_else() {
        let before = Face::of(&card(), None, Language::En, &shanghai());
        let mut pressed = card();
        pressed.revision = 13;
        pressed.buttons.clear();
        let after = Face::of(&pressed, None, Language::En, &shanghai());
        assert_ne!(before, after);
        assert!(before.says_the_same(&after));
        pressed.lines = vec!["Move two people".to_owned()];
        assert!(!before.says_the_same(&Face::of(&pressed, None, Language::En, &shanghai())));
    }
}
