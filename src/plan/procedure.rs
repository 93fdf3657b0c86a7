//! One procedure of the contingency plan: triggers, stages, clear.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::plan::ask::{Ask, Condition};
use crate::plan::card::{CardText, TITLE};
use crate::plan::severity::Severity;
use crate::plan::stage::{Stage, Step};
use crate::plan::takes_in::TakesIn;
use crate::plan::trigger::Trigger;
use crate::signals::Kind;
use crate::text::Text;

/// The papers that a plan may write into.
pub const PAPERS: [&str; 5] = [
    "lead-log",
    "staff-log",
    "fault-record",
    "manual-record",
    "complaint-register",
];

/// One procedure of the contingency plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// Filled in from the name of its table.
    #[serde(default)]
    pub id: String,
    /// A single word: what happened.
    pub title: Text,
    /// In place of the usual title: what, since when, where, over every card and message that has no title of its own.
    pub headline: Option<Text>,
    #[serde(default)]
    pub class: Class,
    /// Only these roles, and who raised it, read what it is; others see a neutral line.
    /// Empty: everybody.
    #[serde(default)]
    pub visible: Vec<String>,
    /// The case number: `{year}` and `{n}`, which counts within the year.
    pub number: Option<String>,
    #[serde(default)]
    pub severity: Severity,
    /// The kinds that an incident may turn out to be.
    #[serde(default)]
    pub kinds: BTreeMap<String, Text>,
    /// Papers that receive it, of [`PAPERS`].
    #[serde(default)]
    pub records: Vec<String>,
    /// Still open: the told channels are told again after each of these; the last one repeats.
    #[serde(default)]
    pub remind: Vec<SignedDuration>,
    /// What must be at hand, and known by everybody, before it happens: for the printed plan and drills.
    #[serde(default)]
    pub prepare: Vec<Text>,
    /// What must not wait for the morning; absent: it does.
    pub wakes: Option<Wakes>,
    pub raise: Option<Raise>,
    #[serde(default)]
    pub ask: BTreeMap<String, Ask>,
    #[serde(default)]
    pub trigger: Vec<Trigger>,
    #[serde(default)]
    pub stage: Vec<Stage>,
    /// A question, or news of what is to come: it ends in the procedure that it turns out to be.
    pub becomes: Option<Becomes>,
    /// The narrower procedures whose incidents are part of one of this while they lie
    /// inside its scope: their clocks stop, and begin anew should they outlast it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub takes_in: Vec<TakesIn>,
    pub clear: Clear,
}

/// What a question, or what was announced, turns out to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Becomes {
    /// Where this opens by itself over the same feed or zone, or over what a window covers,
    /// the incident ends in it.
    pub procedure: String,
    /// Raises it over the same feed or zone with the incident's own onset.
    pub answer: Option<Condition>,
    /// So does so long a time without any answer to that question.
    pub unanswered: Option<SignedDuration>,
    /// And so long a time after any other answer to it that ended nothing.
    pub unsettled: Option<SignedDuration>,
}

impl Procedure {
    /// The triggers that open it by what is measured.
    pub fn opening(&self) -> impl Iterator<Item = &Trigger> {
        self.trigger
            .iter()
            .filter(|trigger| trigger.kind.is_none() && trigger.is_measured())
    }

    pub fn stage(&self, id: &str) -> Option<&Stage> {
        self.stage.iter().find(|stage| stage.id == id)
    }

    /// A step and the stage that it belongs to; step ids are unique in a procedure.
    pub fn step(&self, id: &str) -> Option<(&Stage, &Step)> {
        self.stage.iter().find_map(|stage| {
            let step = stage.step.iter().find(|step| step.id == id)?;
            Some((stage, step))
        })
    }

    /// The signals that must be good before it is over: those of `clear`, or else of the triggers.
    pub fn clear_signals(&self) -> BTreeSet<Kind> {
        if self.clear.signal.is_empty() {
            let triggers = self.trigger.iter();
            triggers.filter_map(|trigger| trigger.signal).collect()
        } else {
            self.clear.signal.iter().copied().collect()
        }
    }

    /// Whether not everybody may read what it is.
    pub fn is_sensitive(&self) -> bool {
        !self.visible.is_empty()
    }

    /// Whether this role may read what it is.
    pub fn is_visible_to(&self, role: &str) -> bool {
        self.visible.is_empty() || self.visible.iter().any(|known| known == role)
    }

    /// The title of cards and messages that have none of their own.
    pub fn headline(&self) -> Text {
        self.headline.clone().unwrap_or_else(|| Text::same(TITLE))
    }

    /// How long its causes must be good before it ends; `None` where only people end it.
    pub fn gate(&self) -> Option<SignedDuration> {
        let said = self.clear.answer.as_ref().map(|_| SignedDuration::ZERO);
        self.clear.good_for.or(said)
    }

    /// The interval after `sent` reminders; `None` where nobody is reminded.
    pub fn next_reminder(&self, sent: usize) -> Option<SignedDuration> {
        self.remind.get(sent).or(self.remind.last()).copied()
    }
}

/// Who may raise it by hand, and what is asked first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raise {
    pub by: Vec<String>,
    #[serde(default)]
    pub ask: Vec<String>,
    /// What one incident covers; a person names which.
    #[serde(default)]
    pub over: Over,
    /// Nothing is shown at the seat that raised it.
    #[serde(default)]
    pub silent: bool,
}

/// What an incident covers that a person raises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Over {
    #[default]
    Site,
    Zone,
    Seat,
    Feed,
}

/// When whoever is on call is woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wakes {
    Always,
    /// A UPS that the network or a seat with a required runtime hangs on is out, and lasts no
    /// longer than this, or than that seat's required runtime.
    RuntimeUnder(SignedDuration),
    /// A sensor of this kind stands at critical.
    Signal(Kind),
}

/// Where a procedure is lived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// It is on the board, and its cards pop up.
    #[default]
    Floor,
    /// A quiet register: nothing pops up until a promise is overdue.
    Desk,
}

/// When it is over, and what is said then.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clear {
    /// The causes are good without a break for so long; unknown stops the count.
    pub good_for: Option<SignedDuration>,
    /// The all-clear comes so long after, and after the gating steps.
    #[serde(default)]
    pub settle: SignedDuration,
    /// The signals that must be good; default: those of the triggers.
    #[serde(default)]
    pub signal: Vec<Kind>,
    /// The answer by which a person says that the causes are good, where nothing measures them.
    pub answer: Option<Condition>,
    /// Roles that may close it by hand.
    #[serde(default)]
    pub by: Vec<String>,
    /// The all-clear in messages to channels: a full sentence.
    pub say: Option<Text>,
    /// "Was, is over, lasted so long": for those who were never told in time.
    pub was: Option<Text>,
    /// The last form of the card; the first that matches role and seat is
    /// taken. Role `*` is every role that has none of its own.
    #[serde(default)]
    pub card: Vec<CardText>,
}
