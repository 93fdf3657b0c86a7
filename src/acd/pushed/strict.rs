//! An object of which every key is known and every value is right, or it is said why not.

use serde_json::{Map, Value};

use crate::acd::blind::Blind;
use crate::acd::figure::{self, Odd, Unit};
use crate::acd::pushed::complaint::{Complaint, complaint, is_no_object};
use crate::acd::queue::Field;
use crate::document::meant;
use crate::text::Text;

/// Reads values of an object and collects what is wrong with them.
pub(super) struct Strict {
    /// What the paths of fields begin with.
    place: String,
    pub(super) complaints: Vec<Complaint>,
}

impl Strict {
    pub(super) fn new(place: &str) -> Self {
        Self {
            place: place.to_owned(),
            complaints: Vec::new(),
        }
    }

    pub(super) fn text(
        &mut self,
        at: &str,
        object: &Map<String, Value>,
        key: &str,
    ) -> Option<String> {
        match object.get(key)? {
            Value::Null => None,
            Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => {
                let place = format!("{at}{key}");
                let what = Text::new("不是文字，或是空的", "is no text, or an empty one");
                self.complain(&place, what, &Blind::garbage(&place));
                None
            }
        }
    }

    pub(super) fn count(
        &mut self,
        at: &str,
        object: &Map<String, Value>,
        key: &str,
        field: Field,
    ) -> Option<u32> {
        let value = object.get(key).filter(|value| !value.is_null())?;
        let read = figure::count(value);
        read.map_err(|odd| self.odd(&format!("{at}{key}"), &odd, field))
            .ok()
    }

    pub(super) fn seconds(
        &mut self,
        object: &Map<String, Value>,
        key: &str,
        field: Field,
    ) -> Option<u32> {
        let value = object.get(key).filter(|value| !value.is_null())?;
        let read = figure::duration(value, Unit::Seconds);
        let read = read.map_err(|odd| self.odd(key, &odd, field)).ok()?;
        u32::try_from(read.as_secs()).ok()
    }

    pub(super) fn inner<'o>(
        &mut self,
        object: &'o Map<String, Value>,
        key: &str,
        keys: &[&str],
    ) -> Option<&'o Map<String, Value>> {
        match object.get(key)? {
            Value::Null => None,
            Value::Object(inner) => {
                self.known(&format!("{key}."), inner, keys);
                Some(inner)
            }
            _ => {
                self.complain(key, is_no_object(), &Blind::garbage(key));
                None
            }
        }
    }

    pub(super) fn known(&mut self, at: &str, object: &Map<String, Value>, keys: &[&str]) {
        for key in object.keys().filter(|key| !keys.contains(&key.as_str())) {
            let (zh, en) = match meant(key, keys.iter().copied()) {
                Some(meant) => (
                    format!("是不是{meant}？"),
                    format!("did you mean `{meant}`?"),
                ),
                None => (
                    format!("可用：{}", keys.join("、")),
                    format!("known here: `{}`", keys.join("`, `")),
                ),
            };
            let what = Text::new(format!("不认识；{zh}"), format!("is unknown: {en}"));
            self.complain(&format!("{at}{key}"), what, &Blind::garbage(key));
        }
    }

    pub(super) fn odd(&mut self, place: &str, odd: &Odd, field: Field) {
        self.complain(place, odd.words(), &odd.of(field));
    }

    pub(super) fn complain(&mut self, place: &str, what: Text, blind: &Blind) {
        let dot = if self.place.is_empty() || place.is_empty() {
            ""
        } else {
            "."
        };
        let field = format!("{}{dot}{place}", self.place);
        self.complaints.push(complaint(&field, what, blind));
    }
}
