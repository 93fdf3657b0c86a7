//! What a role sees: the texts and buttons of its card, as a plan file writes them.

use serde::{Deserialize, Serialize};

use crate::plan::ask::Reply;
use crate::text::Text;

/// The title of a card that has none of its own: what, since when, where.
pub(super) const TITLE: &str = "{what} {since} · {where}";

/// In `clear.card`: every role that has no card of its own there.
pub const EVERY_ROLE: &str = "*";

/// In `tell` and cards: the seat from which a person raised it, in place of its card as `staff`.
pub const RAISER: &str = "raiser";

/// The title where the public can see the seat: it says whom to ask, and
/// nothing of what happened. Where nobody is known to be on duty, `{lead}` is
/// the name of the role.
pub fn neutral_title() -> Text {
    Text::new("请联系{lead}", "Please see {lead}")
}

/// What a role reads of a procedure that it is told of but may not read.
pub fn neutral_line() -> Text {
    Text::new("听{lead}安排，照常工作", "{lead} is on it; work as usual")
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
    /// Only where a person raised it (true) or nobody did (false).
    pub raised: Option<bool>,
    /// In place of the usual title: what, since when, where.
    pub title: Option<Text>,
    pub lines: Vec<Text>,
    #[serde(default)]
    pub buttons: Vec<Button>,
    /// Behind "More".
    #[serde(default)]
    pub more: Vec<Text>,
}

impl CardText {
    /// Whether it is for this role at such a seat.
    pub fn is_for(&self, role: &str, on_ups: bool, in_scope: bool) -> bool {
        (self.role == role || self.role == EVERY_ROLE)
            && self.on_ups.is_none_or(|wanted| wanted == on_ups)
            && self.in_scope.is_none_or(|wanted| wanted == in_scope)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Button {
    pub say: Text,
    pub does: Does,
}

/// What a button does, written `ack`, `close`, `stand-down`, `{ tick = "STEP" }` or
/// `{ answer = { ask = "ASK", is = "VALUE" } }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Does {
    Ack,
    Tick(String),
    Answer(Reply),
    /// It is done with.
    Close,
    /// It was a false alarm.
    StandDown,
}
