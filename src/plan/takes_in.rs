//! Which narrower procedures an incident of a wider one adopts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A procedure whose incidents are part of a wider one: its id, or a table that says
/// of which answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "a procedure, or a table of `procedure` and `answers`"
)]
pub enum TakesIn {
    Every(String),
    Those(Those),
}

/// Those incidents of a procedure in which each of these questions was answered with one
/// of these values; an incident that was not answered is none of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Those {
    pub procedure: String,
    pub answers: BTreeMap<String, Vec<String>>,
}

impl TakesIn {
    pub fn procedure(&self) -> &String {
        match self {
            TakesIn::Every(procedure) => procedure,
            TakesIn::Those(those) => &those.procedure,
        }
    }

    /// Whether an incident of a procedure with these answers is one of them.
    pub fn names<'a>(&self, procedure: &str, answer: impl Fn(&str) -> Option<&'a str>) -> bool {
        self.procedure() == procedure
            && match self {
                TakesIn::Every(_) => true,
                TakesIn::Those(those) => those.answers.iter().all(|(ask, values)| {
                    answer(ask).is_some_and(|given| values.iter().any(|value| value == given))
                }),
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_names_only_what_was_answered_so() {
        let text = r#"["slow", { procedure = "seat", answers = { what = ["login", "pc"] } }]"#;
        let text = format!("it = {text}");
        let read: BTreeMap<String, Vec<TakesIn>> = toml::from_str(&text).unwrap();
        let [slow, seat] = read["it"].as_slice() else {
            panic!("{read:?}");
        };
        assert!(slow.names("slow", |_| None) && !slow.names("seat", |_| None));
        assert!(seat.names("seat", |ask| (ask == "what").then_some("pc")));
        assert!(!seat.names("seat", |_| Some("headset")));
        assert!(!seat.names("seat", |_| None), "nobody said what it is");
        assert!(!seat.names("slow", |_| Some("pc")));
    }
}
