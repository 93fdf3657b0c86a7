//! A question to a person, and what counts as its answer.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::text::{Language, Text};

/// No count of people or days in a centre is larger.
const MOST: u32 = 100_000;

/// A question to a person; the answer is an entry and may be corrected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    #[serde(rename = "type", default)]
    pub kind: AskKind,
    /// Of a choice: the values that an answer may have, with what a person calls them.
    #[serde(default)]
    pub choices: BTreeMap<String, Text>,
    pub say: Text,
    /// It may be left open when the procedure is raised.
    #[serde(default)]
    pub optional: bool,
}

/// What an answer looks like, as it is written down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AskKind {
    /// One of `choices`.
    #[default]
    Choice,
    /// `yes` or `no`.
    YesNo,
    /// A whole number from 0.
    Number,
    /// `2026-03-31`.
    Date,
    /// A number of working days; written down as the date that it comes to.
    WorkingDays,
    /// The id of a seat.
    Seat,
    /// One of `choices`, or the id of a service or an ACD of the site.
    Service,
}

impl Ask {
    /// The answers that can be chosen from: none where one is typed in.
    pub fn options(&self) -> BTreeMap<String, Text> {
        match self.kind {
            AskKind::Choice | AskKind::Service => self.choices.clone(),
            AskKind::YesNo => BTreeMap::from([
                ("yes".to_owned(), Text::new("是", "Yes")),
                ("no".to_owned(), Text::new("否", "No")),
            ]),
            _ => BTreeMap::new(),
        }
    }

    /// Whether a text has the form of an answer; whether there is such a seat is not asked here.
    pub fn takes(&self, value: &str) -> bool {
        match self.kind {
            AskKind::Choice | AskKind::YesNo => self.options().contains_key(value),
            AskKind::Number | AskKind::WorkingDays => {
                value.parse::<u32>().is_ok_and(|number| number <= MOST)
            }
            AskKind::Date => value.parse::<Date>().is_ok(),
            AskKind::Seat | AskKind::Service => !value.is_empty(),
        }
    }

    /// An answer as a person says it.
    pub fn spoken(&self, value: &str) -> Text {
        let option = self.options().remove(value);
        option.unwrap_or_else(|| match value.parse::<Date>() {
            Ok(date) => Text::new(day(date, Language::Zh), day(date, Language::En)),
            Err(_) => Text::same(value),
        })
    }
}

/// A day of the calendar, as it is said within the year.
fn day(date: Date, language: Language) -> String {
    match language {
        Language::Zh => format!("{}月{}日", date.month(), date.day()),
        Language::En => date.strftime("%-d %b").to_string(),
    }
}

/// That a question was answered in one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    pub ask: String,
    /// This answer.
    pub is: Option<String>,
    /// Or a number that is no smaller.
    pub at_least: Option<u32>,
}

impl Condition {
    pub fn holds(&self, answer: &str) -> bool {
        self.is.as_ref().is_some_and(|is| is == answer)
            || self
                .at_least
                .is_some_and(|least| answer.parse::<u32>().is_ok_and(|number| number >= least))
    }
}

/// The answer that a button gives.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    pub ask: String,
    pub is: String,
}

impl Reply {
    /// That this was answered.
    pub(super) fn condition(&self) -> Condition {
        Condition {
            ask: self.ask.clone(),
            is: Some(self.is.clone()),
            at_least: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(kind: AskKind) -> Ask {
        let choices = [("crm".to_owned(), Text::same("CRM"))].into();
        Ask {
            kind,
            choices,
            say: Text::default(),
            optional: false,
        }
    }

    #[test]
    fn an_answer_has_the_form_of_its_question() {
        for (kind, good, bad) in [
            (AskKind::Choice, "crm", "yes"),
            (AskKind::YesNo, "no", "crm"),
            (AskKind::Number, "2", "-2"),
            (AskKind::WorkingDays, "3", "soon"),
            (AskKind::Date, "2026-03-31", "2026-02-31"),
            (AskKind::Seat, "C-01", ""),
        ] {
            assert!(ask(kind).takes(good), "{kind:?} {good}");
            assert!(!ask(kind).takes(bad), "{kind:?} {bad}");
        }
        assert!(!ask(AskKind::Number).takes("4000000000"));
    }

    #[test]
    fn an_answer_is_said_as_a_person_says_it() {
        assert_eq!(ask(AskKind::YesNo).spoken("yes").zh, "是");
        let date = ask(AskKind::Date).spoken("2026-03-31");
        assert_eq!((date.zh.as_str(), date.en.as_str()), ("3月31日", "31 Mar"));
        assert_eq!(ask(AskKind::Number).spoken("2"), Text::same("2"));
    }

    #[test]
    fn a_condition_holds_for_its_answer_or_from_its_number_on() {
        let two = Condition {
            ask: "hurt".to_owned(),
            is: None,
            at_least: Some(2),
        };
        assert!(two.holds("2") && two.holds("11") && !two.holds("1") && !two.holds("many"));
    }
}
