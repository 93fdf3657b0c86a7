//! What opens a procedure, or settles the kind of an open incident.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::plan::ask::Condition;
use crate::plan::fault::Fault;
use crate::signals::{Kind, Level};

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
    /// Counts, instead of witnesses, how often this procedure ended over the same feed within ten
    /// minutes before anybody was told.
    pub blips_of: Option<String>,
    /// How its witnesses must be spread; default: any one of them.
    #[serde(default)]
    pub spread: Spread,
    /// At least so many witnesses.
    #[serde(default = "one")]
    pub count: usize,
    /// Without a break for so long.
    #[serde(default, rename = "for")]
    pub hold: SignedDuration,
    /// Once it is open, a break that is shorter does not start the clocks of `bad-for` and
    /// `bad_for` anew; absent: none does.
    pub keep_for: Option<SignedDuration>,
    /// Only in working hours: what began outside them opens when they begin; a silence that
    /// began outside them is not asked after at all.
    #[serde(default)]
    pub in_hours: bool,
    /// Instead of a signal: things of a feed that are on no UPS fall silent together while
    /// something else answers.
    pub silence: Option<Silence>,
    /// Instead of a signal: what is at fault, found from all that is seen.
    pub fault: Option<Fault>,
    /// When it holds, the open incident gets this kind.
    pub kind: Option<String>,
    /// Pulled by this answer, which outranks what is measured.
    pub answer: Option<Condition>,
}

impl Trigger {
    /// Whether its signal is one of the feed itself, and not of the UPSs that hang on it.
    pub fn is_of_feed(&self) -> bool {
        matches!(
            self.signal,
            Some(Kind::GeneratorRunning | Kind::GeneratorTested)
        )
    }

    /// Whether its signal is of the very thing that its incident covers.
    pub fn is_of_scope(&self) -> bool {
        matches!(self.scope, Reach::Path | Reach::Window) || self.is_of_feed()
    }

    /// Whether devices pull it, and not an answer.
    pub fn is_measured(&self) -> bool {
        self.signal.is_some() || self.silence.is_some() || self.fault.is_some()
    }
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
    /// The whole centre: what is watched is callwatch itself.
    Centre,
    /// What must last without mains, with all that it needs.
    Path,
    /// What a window covers that people set.
    Window,
    /// The whole centre: what is watched are its queues of callers.
    Queues,
    /// A zone with its seats: what is watched are the sensors in it.
    Zone,
}

/// That things which are on no UPS fell silent together.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Silence {
    /// At least so many,
    pub count: usize,
    /// and this part of those that were heard of, between 0 and 1,
    pub share: f64,
    /// one after the other within so long.
    pub within: SignedDuration,
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
