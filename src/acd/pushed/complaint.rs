//! What is wrong with what was told, and where.

use crate::acd::blind::Blind;
use crate::text::Text;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Its place, as `waiting`, `totals.offered`, `members[2].standing`; empty for the whole.
    pub field: String,
    pub what: Text,
    /// What it makes of the queue.
    pub blind: Blind,
}

impl Complaint {
    /// The place and what is wrong there.
    pub fn words(&self) -> Text {
        if self.field.is_empty() {
            return self.what.clone();
        }
        let Self { field, what, .. } = self;
        Text::new(
            format!("{field}{}", what.zh),
            format!("{field} {}", what.en),
        )
    }
}

pub(super) fn complaint(field: &str, what: Text, blind: &Blind) -> Complaint {
    Complaint {
        field: field.to_owned(),
        what,
        blind: blind.clone(),
    }
}

pub(super) fn is_missing() -> Text {
    Text::new("没有给出", "is missing")
}

pub(super) fn is_no_object() -> Text {
    Text::new("不是JSON对象{...}", "is no JSON object {...}")
}
