//! Part of a procedure: when it begins, whom it tells, what is to be done.

use std::collections::BTreeMap;
use std::slice;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::plan::ask::{Condition, Reply};
use crate::plan::card::CardText;
use crate::plan::severity::Severity;
use crate::signals::Kind;
use crate::text::Text;

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
    /// It turned out to be of one of these kinds; a change among them goes on with the stage.
    Kinds(Vec<String>),
    /// A signal inside the incident's scope stands at critical.
    Signal(Kind),
    /// A person answered.
    Answer(Condition),
    /// The cause has been bad for so long, counted from the onset.
    BadFor(SignedDuration),
    /// A step was done, and the cause is still bad so long after.
    After(After),
    /// An incident of this procedure is open over the same feed.
    Beside(String),
}

/// So long after a step was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct After {
    pub step: String,
    pub bad_for: SignedDuration,
}

impl When {
    /// The kinds that the stage is for; empty where the kind does not matter to it.
    pub fn kinds(&self) -> &[String] {
        match self {
            When::Kind(kind) => slice::from_ref(kind),
            When::Kinds(kinds) => kinds,
            _ => &[],
        }
    }
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
    /// `within` counts from the onset instead, whenever its stage began.
    #[serde(default)]
    pub from_onset: bool,
    /// `within` counts from the tick of this step instead, and does not run before it.
    pub after: Option<String>,
    /// Deadline: the end of the day that answers this question.
    pub by: Option<String>,
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
    /// A tick raises this procedure too, over the same scope.
    pub starts: Option<String>,
    /// While the stage's card is shown, whoever does it is shown the next one to ring up.
    pub rings: Option<Rings>,
}

/// A list of people to call in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rings {
    /// As the centre's file calls it.
    pub list: String,
    /// Not before this step is done.
    pub after: Option<String>,
}

/// What ticks a step without a tap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// A signal inside the scope reaches critical.
    Signal(Kind),
    /// A seat of this role, or of each of these roles, has shown the card.
    Told(Roles),
    /// Somebody gave this answer.
    Answer(Reply),
    /// So long ago a seat of this role has shown the card first.
    Seen(Seen),
}

/// One role, written as its id, or several, written as a list of ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a role, or a list of roles")]
pub enum Roles {
    One(String),
    Each(Vec<String>),
}

impl Roles {
    pub fn as_slice(&self) -> &[String] {
        match self {
            Roles::One(role) => slice::from_ref(role),
            Roles::Each(roles) => roles,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    pub role: String,
    #[serde(rename = "for")]
    pub since: SignedDuration,
}
