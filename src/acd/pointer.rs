//! Where a value lies in a JSON document: a pointer of RFC 6901 that can also pick an
//! element by what is in it, as `/resultDatas/[skillId=1]/callWaitNums`.
//!
//! `[key=value]` picks the one element of an array whose value at `key` is written so;
//! a key may lead deeper (`[group/queueId=7]`), several brackets must all fit, and a
//! value with `]` in it stands in quotes. Two elements that fit are a fault, never a choice.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use crate::text::Text;

/// Checked when it was read; printed as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointer {
    text: String,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// A key of an object, or a place in an array, counted from 0.
    Key(String),
    /// The element in which all of these are so.
    Pick(Vec<Condition>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Condition {
    keys: Vec<String>,
    value: String,
}

/// The text is no pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("begin it with `/`, as \"/data/waiting\"; the whole document is \"\"")]
    NoSlash,
    #[error("write an element to be picked as `[key=value]`, with `]` at the end of the step")]
    Bracket,
    #[error("after `~` comes 0 (for `~`) or 1 (for `/`)")]
    Escape,
}

/// Why there is no value: which part of the pointer led nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lost {
    /// There is no such key or place.
    Absent(String),
    /// No element is as it should be.
    NoElement(String),
    /// So many are.
    Several(String, usize),
    /// An element is to be picked, and there is no list.
    NoList(String),
}

impl Lost {
    /// What people call it.
    pub fn words(&self) -> Text {
        match self {
            Lost::Absent(at) => Text::new(format!("没有{at}"), format!("there is no `{at}`")),
            Lost::NoElement(at) => Text::new(
                format!("没有一项符合{at}"),
                format!("no element fits `{at}`"),
            ),
            Lost::Several(at, count) => Text::new(
                format!("有{count}项符合{at}；再加一个条件"),
                format!("`{at}` fits {count} elements: add a condition that only one meets"),
            ),
            Lost::NoList(at) => Text::new(
                format!("{at}不是列表，没法挑一项"),
                format!("`{at}` is no list of which an element could be picked"),
            ),
        }
    }
}

impl Pointer {
    /// The value there.
    pub fn find<'v>(&self, document: &'v Value) -> Result<&'v Value, Lost> {
        let mut value = document;
        for (depth, step) in self.steps.iter().enumerate() {
            value = match step {
                Step::Key(key) => {
                    child(value, key).ok_or_else(|| Lost::Absent(self.begin(depth)))?
                }
                Step::Pick(conditions) => {
                    let elements = value.as_array();
                    let elements = elements.ok_or_else(|| {
                        Lost::NoList(
                            depth
                                .checked_sub(1)
                                .map_or_else(String::new, |above| self.begin(above)),
                        )
                    })?;
                    let mut fitting = elements.iter().filter(|element| {
                        conditions.iter().all(|condition| condition.fits(element))
                    });
                    let first = fitting
                        .next()
                        .ok_or_else(|| Lost::NoElement(self.begin(depth)))?;
                    let more = fitting.count();
                    if more > 0 {
                        return Err(Lost::Several(self.begin(depth), more + 1));
                    }
                    first
                }
            };
        }
        Ok(value)
    }

    /// The pointer up to this step, for an error: escapes are as they were written.
    fn begin(&self, depth: usize) -> String {
        let ends = split(&self.text).into_iter();
        let end = ends.map(|(_, end)| end).nth(depth);
        self.text[..end.unwrap_or(self.text.len())].to_owned()
    }
}

impl Condition {
    fn fits(&self, element: &Value) -> bool {
        let mut value = element;
        for key in &self.keys {
            let Some(next) = child(value, key) else {
                return false;
            };
            value = next;
        }
        written(value).is_some_and(|written| written == self.value)
    }
}

/// A text, number, truth or nothing as people write it: `1` is the text and the number.
pub fn written(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Null | Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

fn child<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    match value {
        Value::Object(object) => object.get(key),
        // RFC 6901, 4: no leading zeros.
        Value::Array(array) if key == "0" || !key.starts_with(['0', '+']) => {
            array.get(key.parse::<usize>().ok()?)
        }
        _ => None,
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Pointer {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        if !text.is_empty() && !text.starts_with('/') {
            return Err(Unreadable::NoSlash);
        }
        let steps = split(text)
            .into_iter()
            .map(|(begin, end)| step(&text[begin..end]));
        Ok(Self {
            steps: steps.collect::<Result<_, _>>()?,
            text: text.to_owned(),
        })
    }
}

/// Begin and end of each step; a `/` within brackets parts nothing.
fn split(text: &str) -> Vec<(usize, usize)> {
    let mut steps = Vec::new();
    let mut begin = None;
    let (mut picks, mut quoted, mut escaped) = (false, false, false);
    for (at, letter) in text.char_indices() {
        if picks {
            match letter {
                _ if escaped => escaped = false,
                '\\' if quoted => escaped = true,
                '"' => quoted = !quoted,
                ']' if !quoted => picks = false,
                _ => {}
            }
            continue;
        }
        match letter {
            '/' => {
                steps.extend(begin.map(|begin| (begin, at)));
                begin = Some(at + 1);
            }
            '[' if begin == Some(at) || text[..at].ends_with(']') => picks = true,
            _ => {}
        }
    }
    steps.extend(begin.map(|begin| (begin, text.len())));
    steps
}

fn step(text: &str) -> Result<Step, Unreadable> {
    if !text.starts_with('[') {
        return Ok(Step::Key(unescaped(text)?));
    }
    let mut conditions = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (condition, after) = condition(rest)?;
        conditions.push(condition);
        rest = after;
    }
    Ok(Step::Pick(conditions))
}

/// One `[key=value]`, and what follows it.
fn condition(text: &str) -> Result<(Condition, &str), Unreadable> {
    let inner = text.strip_prefix('[').ok_or(Unreadable::Bracket)?;
    let (key, rest) = inner.split_once('=').ok_or(Unreadable::Bracket)?;
    let keys: Result<Vec<String>, Unreadable> = key.split('/').map(unescaped).collect();
    if key.is_empty() || key.contains([']', '[']) {
        return Err(Unreadable::Bracket);
    }
    let (value, rest) = if let Some(rest) = rest.strip_prefix('"') {
        quoted(rest)?
    } else {
        let (value, after) = rest.split_once(']').ok_or(Unreadable::Bracket)?;
        (value.to_owned(), after)
    };
    Ok((Condition { keys: keys?, value }, rest))
}

/// A value up to its closing quote, and what follows the bracket after it.
fn quoted(text: &str) -> Result<(String, &str), Unreadable> {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => {
                let after = text[at + 1..].strip_prefix(']');
                return Ok((value, after.ok_or(Unreadable::Bracket)?));
            }
            '\\' => value.extend(letters.next().map(|(_, letter)| letter)),
            letter => value.push(letter),
        }
    }
    Err(Unreadable::Bracket)
}

fn unescaped(text: &str) -> Result<String, Unreadable> {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        plain.push(match letter {
            '~' => match letters.next() {
                Some('0') => '~',
                Some('1') => '/',
                _ => return Err(Unreadable::Escape),
            },
            letter => letter,
        });
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn find(pointer: &str, document: &Value) -> Result<Value, Lost> {
        pointer.parse::<Pointer>().unwrap().find(document).cloned()
    }

    #[test]
    fn a_pointer_of_rfc_6901_leads_where_the_rfc_says() {
        let document = json!({"foo": ["bar", "baz"], "": 0, "a/b": 1, "m~n": 8, "[x]": 9});
        assert_eq!(find("", &document).unwrap(), document);
        for (pointer, value) in [
            ("/foo", json!(["bar", "baz"])),
            ("/foo/0", json!("bar")),
            ("/", json!(0)),
            ("/a~1b", json!(1)),
            ("/m~0n", json!(8)),
        ] {
            assert_eq!(find(pointer, &document).unwrap(), value, "{pointer}");
        }
        for pointer in ["/foo/01", "/foo/-", "/foo/2", "/foo/+1", "/bar", "/foo/0/x"] {
            assert!(
                matches!(find(pointer, &document), Err(Lost::Absent(_))),
                "{pointer}"
            );
        }
    }

    #[test]
    fn an_element_is_picked_by_what_is_in_it() {
        let document = json!({"rows": [
            {"id": 1, "n": "a", "group": {"queue": "x/y"}, "media": "voice"},
            {"id": "2", "n": "b", "group": {"queue": "q]\"1"}, "media": "voice"},
            {"id": true, "n": "c", "group": {"queue": "x/y"}, "media": "chat"},
            "odd",
        ]});
        for (pointer, n) in [
            ("/rows/[id=1]/n", "a"),
            ("/rows/[id=2]/n", "b"),
            ("/rows/[id=true]/n", "c"),
            ("/rows/[group/queue=x/y][media=chat]/n", "c"),
            ("/rows/[group/queue=\"q]\\\"1\"]/n", "b"),
        ] {
            assert_eq!(find(pointer, &document).unwrap(), json!(n), "{pointer}");
        }
        let lost = |pointer| find(pointer, &document).unwrap_err();
        assert_eq!(
            lost("/rows/[id=3]/n"),
            Lost::NoElement("/rows/[id=3]".to_owned())
        );
        assert_eq!(
            lost("/rows/[group/queue=x/y]/n"),
            Lost::Several("/rows/[group/queue=x/y]".to_owned(), 2)
        );
        assert_eq!(lost("/rows/0/[id=1]"), Lost::NoList("/rows/0".to_owned()));
        assert_eq!(lost("/[id=1]"), Lost::NoList(String::new()));
        assert_eq!(
            lost("/rows/[id=1]/m/k"),
            Lost::Absent("/rows/[id=1]/m".to_owned())
        );
    }

    #[test]
    fn what_is_no_pointer_is_refused_when_it_is_read() {
        let refused = |text: &str| text.parse::<Pointer>().unwrap_err();
        assert_eq!(refused("data/waiting"), Unreadable::NoSlash);
        assert_eq!(refused("/a~2"), Unreadable::Escape);
        for text in [
            "/[id",
            "/[id=1",
            "/[=1]",
            "/[id=1]x",
            "/[id=\"1]",
            "/[id=\"1\"x]",
            "/[id]",
        ] {
            assert_eq!(refused(text), Unreadable::Bracket, "{text}");
        }
    }
}
