//! What was agreed: a plan is roles and procedures.
//!
//! A procedure has *triggers* (what opens it), *stages* (when, whom to tell,
//! which steps) and *clear* (when it is over). Escalation, a worse level, a kind
//! and recovery are all stages; there is no second mechanism.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::signals::{Kind, Level};
use crate::text::Text;

/// A pack: the roles it speaks of and its procedures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub id: String,
    pub name: Text,
    pub roles: BTreeMap<String, Text>,
    pub procedures: BTreeMap<String, Arc<Procedure>>,
}

#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Info,
    Warning,
    #[default]
    Critical,
}

/// One procedure of the contingency plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// Filled in from the name of its table.
    #[serde(default)]
    pub id: String,
    /// A single word: what happened. The card's title is "{what} {since} · {where}".
    pub title: Text,
    #[serde(default)]
    pub severity: Severity,
    /// The kinds that an incident may turn out to be.
    #[serde(default)]
    pub kinds: BTreeMap<String, Text>,
    /// Papers that receive it: lead-log, staff-log, fault-record.
    #[serde(default)]
    pub records: Vec<String>,
    /// Still open: the told channels are told again after each of these; the last one repeats.
    #[serde(default)]
    pub remind: Vec<SignedDuration>,
    pub raise: Option<Raise>,
    #[serde(default)]
    pub ask: BTreeMap<String, Ask>,
    #[serde(default)]
    pub trigger: Vec<Trigger>,
    #[serde(default)]
    pub stage: Vec<Stage>,
    pub clear: Clear,
}

impl Procedure {
    /// The triggers that open it by what is measured.
    pub fn opening(&self) -> impl Iterator<Item = &Trigger> {
        self.trigger
            .iter()
            .filter(|trigger| trigger.kind.is_none() && trigger.signal.is_some())
    }
}

/// Who may raise it by hand, and what is asked first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raise {
    pub by: Vec<String>,
    #[serde(default)]
    pub ask: Vec<String>,
    #[serde(default)]
    pub silent: bool,
}

/// A question to a person; the answer is an entry and may be corrected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// The values that an answer may have, with what a person calls them.
    pub choices: BTreeMap<String, Text>,
    pub say: Text,
}

/// What opens a procedure, or settles the kind of an open incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// The signal that it watches; absent in a trigger that an answer pulls.
    pub signal: Option<Kind>,
    #[serde(default = "critical")]
    pub at: Level,
    /// What one incident covers.
    #[serde(default)]
    pub scope: Reach,
    /// Only while an incident of this procedure is open over the same feed.
    pub beside: Option<String>,
    /// How its witnesses must be spread; default: any one of them.
    #[serde(default)]
    pub spread: Spread,
    /// At least so many witnesses.
    #[serde(default = "one")]
    pub count: usize,
    /// Without a break for so long.
    #[serde(default, rename = "for")]
    pub hold: SignedDuration,
    /// When it holds, the open incident gets this kind.
    pub kind: Option<String>,
    /// Pulled by this answer, which outranks what is measured.
    pub answer: Option<Condition>,
}

fn critical() -> Level {
    Level::Critical
}

fn one() -> usize {
    1
}

/// What an incident covers when it opens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    #[default]
    Feed,
    Ups,
}

/// How the witnesses of a feed that are out lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spread {
    /// One witness is enough.
    #[default]
    Any,
    /// Every fresh witness of the feed is out.
    Feed,
    /// Every fresh witness of at least one circuit is out; another circuit is live.
    Circuit,
    /// Some of a circuit are out beside a live one of the same circuit.
    Part,
    /// The feed has but one witness: what it is cannot be told.
    Lone,
}

/// An answer that was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    pub ask: String,
    pub is: String,
}

/// Part of a procedure: when it begins, whom it tells, what is to be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    pub id: String,
    pub when: When,
    pub severity: Option<Severity>,
    /// Roles told, each once in a stage.
    #[serde(default)]
    pub tell: Vec<String>,
    /// From the begin of the stage; a role that is not here is told at once.
    #[serde(default)]
    pub delay: BTreeMap<String, SignedDuration>,
    /// Roles that need not know any more: what was not told is dropped, who was told is stood down.
    #[serde(default)]
    pub stand_down: Vec<String>,
    /// The sentence of messages to channels.
    pub say: Option<Text>,
    #[serde(default)]
    pub card: Vec<CardText>,
    #[serde(default)]
    pub step: Vec<Step>,
}

/// When a stage begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// The incident opened; the stage begins at the onset.
    Open,
    /// The causes have been good for `clear.good_for`.
    Clear,
    /// The incident turned out to be of this kind.
    Kind(String),
    /// A signal inside the incident's scope stands at critical.
    Signal(Kind),
    /// A person answered.
    Answer(Condition),
    /// The cause has been bad for so long, counted from the onset.
    BadFor(SignedDuration),
    /// An incident of this procedure is open over the same feed.
    Beside(String),
}

/// What one role sees: at most two lines a language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardText {
    pub role: String,
    /// Only on seats with (true) or without (false) a UPS.
    pub on_ups: Option<bool>,
    /// Only on seats inside (true) or outside (false) the incident's scope.
    pub in_scope: Option<bool>,
    /// In place of "{what} {since} · {where}".
    pub title: Option<Text>,
    pub lines: Vec<Text>,
    #[serde(default)]
    pub buttons: Vec<Button>,
    /// Behind "More".
    #[serde(default)]
    pub more: Vec<Text>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Button {
    pub say: Text,
    pub does: Does,
}

/// What a button does, written `ack`, `{ tick = "STEP" }` or `{ answer = { ask = "ASK", is = "VALUE" } }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Does {
    Ack,
    Tick(String),
    Answer(Condition),
}

/// One act; a tick by anyone in the role settles it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub id: String,
    pub who: String,
    pub say: Text,
    /// Every seat ticks for itself, shown as "3 of 11", never escalates.
    #[serde(default)]
    pub each: bool,
    /// Deadline, from the begin of its stage; stage `open` begins at the onset.
    pub within: Option<SignedDuration>,
    /// Roles told when the deadline passes unticked.
    #[serde(default)]
    pub missed: Vec<String>,
    /// Evidence that ticks it.
    pub done_when: Option<Evidence>,
    /// In a clear stage: the all-clear waits for it, at most until its deadline.
    #[serde(default)]
    pub gates: bool,
    /// The paper that it writes into.
    pub record: Option<String>,
}

/// What ticks a step without a tap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// A signal inside the scope reaches critical.
    Signal(Kind),
    /// A recipient of this role has seen the card or took the message.
    Told(String),
}

/// When it is over.
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
    /// Roles that may close it by hand.
    #[serde(default)]
    pub by: Vec<String>,
}
