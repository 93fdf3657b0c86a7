//! A TOML document, read strictly: every fault at once, each with its place and the mend.
//!
//! A plan and a centre's file are read through it. Syntax first
//! ([`Document::parse`]), then shape ([`Document::read`]); what a room checks
//! beyond that it places with [`Document::fault`].

mod path;
mod reading;
mod words;

use std::fmt;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub use path::join;
pub use reading::Lenient;
pub use words::{meant, which};

use path::{Segment, segments};
use reading::MISSING;

/// One thing that is wrong in a file. Lines and columns count from 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    pub file: String,
    pub line: usize,
    pub column: usize,
    /// The path of the key, as `seat.C-01.fed_by` or `roles.lead.seats[1]`; empty for a fault of syntax.
    pub key: String,
    /// What is wrong, and the mend.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: ", self.file, self.line, self.column)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)
    }
}

/// A parsed document that knows where each of its keys stands.
#[derive(Clone, Debug)]
pub struct Document<'t> {
    file: String,
    text: &'t str,
    root: Spanned<DeValue<'t>>,
}

impl<'t> Document<'t> {
    /// Parses; the faults are those of syntax, the first of each line. What
    /// could be understood is in the document all the same.
    pub fn parse(file: &str, text: &'t str) -> (Self, Vec<Fault>) {
        let (table, errors) = DeTable::parse_recoverable(text);
        let document = Self {
            file: file.to_owned(),
            text,
            root: Spanned::new(table.span(), DeValue::Table(table.into_inner())),
        };
        let mut faults: Vec<Fault> = errors
            .iter()
            .map(|error| {
                let offset = error.span().map_or(text.len(), |span| span.start);
                document.fault_at(offset, String::new(), error.message().to_owned())
            })
            .collect();
        faults.sort();
        faults.dedup_by_key(|fault| fault.line);
        (document, faults)
    }

    /// Reads the whole tree into a type that denies unknown fields, and adds
    /// every fault. `None` where a key that the type needs is missing or faulty.
    pub fn read<T: DeserializeOwned>(&self, faults: &mut Vec<Fault>) -> Option<T> {
        self.read_at("", faults)
    }

    /// As [`Document::read`], for the subtree at a path.
    pub fn read_at<T: DeserializeOwned>(&self, path: &str, faults: &mut Vec<Fault>) -> Option<T> {
        let read = self.read_leniently(path, faults)?;
        read.stand_ins.is_empty().then_some(read.value)
    }

    /// As [`Document::read_at`], but puts stand-ins for what is missing or
    /// faulty, so that further checks can report their faults in the same run.
    /// `None` only where nothing can stand in.
    pub fn read_leniently<T: DeserializeOwned>(
        &self,
        path: &str,
        faults: &mut Vec<Fault>,
    ) -> Option<Lenient<T>> {
        let (found, value) = self.nearest(path);
        if found != segments(path).len() {
            faults.push(self.fault(path, MISSING));
            return None;
        }
        let (value, complaints) = reading::read(path, value);
        faults.extend(
            complaints
                .into_iter()
                .map(|complaint| self.fault_at(complaint.at, complaint.path, complaint.message)),
        );
        value
    }

    /// A fault at a key path like `role.lead.seats[1]`; its place is the
    /// value's, or that of the nearest ancestor that there is.
    pub fn fault(&self, path: &str, message: impl Into<String>) -> Fault {
        let (_, value) = self.nearest(path);
        self.fault_at(value.span().start, path.to_owned(), message.into())
    }

    /// Names of the keys of the table at a path, in alphabetical order.
    pub fn keys(&self, path: &str) -> Vec<String> {
        let (found, value) = self.nearest(path);
        match value.get_ref() {
            DeValue::Table(table) if found == segments(path).len() => {
                table.keys().map(ToString::to_string).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether the table at a path has such a key.
    pub fn has_key(&self, path: &str, key: &str) -> bool {
        let (found, value) = self.nearest(path);
        match value.get_ref() {
            DeValue::Table(table) if found == segments(path).len() => table.get(key).is_some(),
            _ => false,
        }
    }

    /// The value at a path or at its nearest ancestor, and how many segments led there.
    fn nearest(&self, path: &str) -> (usize, &Spanned<DeValue<'t>>) {
        let mut value = &self.root;
        for (found, segment) in segments(path).into_iter().enumerate() {
            let next = match segment {
                Segment::Key(key) => value.get_ref().get(key.as_str()),
                Segment::Index(index) => value.get_ref().get(index),
            };
            match next {
                Some(next) => value = next,
                None => return (found, value),
            }
        }
        (segments(path).len(), value)
    }

    fn fault_at(&self, offset: usize, key: String, message: String) -> Fault {
        let (line, column) = place(self.text, offset);
        Fault {
            file: self.file.clone(),
            line,
            column,
            key,
            message,
        }
    }
}

/// Line and column of a byte offset, in characters, both from 1.
fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let before = before.strip_prefix('\u{feff}').unwrap_or(before);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (line, before[start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::SignedDuration;
    use serde::Deserialize;

    use super::*;
    use crate::text::Text;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Centre {
        name: Text,
        #[serde(default)]
        seat: BTreeMap<String, Seat>,
        #[serde(default)]
        stage: Vec<Stage>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Seat {
        zone: String,
        fed_by: String,
        #[serde(default)]
        via: Vec<String>,
        laptop: Option<bool>,
        runtime: Option<SignedDuration>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Stage {
        when: When,
        within: SignedDuration,
        count: u8,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum When {
        Open,
        Kind(String),
        BadFor(SignedDuration),
    }

    const NAME: &str = "name = { zh = \"中心\", en = \"Centre\" }\n";

    fn faults_of(text: &str) -> (Option<Centre>, Vec<String>) {
        let (document, mut faults) = Document::parse("a.toml", text);
        assert_eq!(faults, [], "the syntax is good");
        let centre = document.read(&mut faults);
        faults.sort();
        (centre, faults.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_good_document_is_read_without_a_fault() {
        let text = format!(
            "{NAME}[seat.C-01]\nzone = \"c3\"\nfed_by = \"u1\"\nruntime = \"45m\"\n\
             [[stage]]\nwhen = {{ bad-for = \"10m\" }}\nwithin = \"2m\"\ncount = 1\n"
        );
        let (centre, faults) = faults_of(&text);
        assert_eq!(faults, [""; 0]);
        let centre = centre.unwrap();
        assert_eq!(
            centre.seat["C-01"].runtime,
            Some(SignedDuration::from_mins(45))
        );
        assert_eq!(
            centre.stage[0].when,
            When::BadFor(SignedDuration::from_mins(10))
        );
    }

    #[test]
    fn every_unknown_key_of_a_table_is_told_and_a_misspelt_one_is_not_missing_too() {
        let text = format!("{NAME}[seat.C-01]\nzone = \"c3\"\nfedby = \"u1\"\ncolour = \"red\"\n");
        let (centre, faults) = faults_of(&text);
        assert_eq!(centre, None);
        assert_eq!(
            faults,
            [
                "a.toml:4:1: seat.C-01.fedby: unknown key `fedby`: did you mean `fed_by`?",
                "a.toml:5:1: seat.C-01.colour: unknown key `colour`: known here: `zone`, `fed_by`, `via`, `laptop`, `runtime`",
            ]
        );
    }

    #[test]
    fn unknown_keys_alone_leave_the_rest_readable() {
        let text = format!("{NAME}colour = \"red\"\n");
        let (centre, faults) = faults_of(&text);
        assert_eq!(faults.len(), 1);
        assert!(centre.is_some());
    }

    #[test]
    fn every_wrong_type_and_every_missing_key_is_told_at_once() {
        let text = format!(
            "{NAME}[seat.C-01]\nzone = 3\nlaptop = \"yes\"\n[seat.C-02]\n\
             [seat.C-03]\nzone = \"c3\"\nfed_by = \"u1\"\nvia = [\"SW\", 5, true]\nruntime = \"soon\"\n\
             [[stage]]\nwhen = {{ kind = 3 }}\ncount = -1\n[[stage]]\nwhen = \"opened\"\nwithin = 5\ncount = 2\n"
        );
        let (centre, faults) = faults_of(&text);
        assert_eq!(centre, None);
        let expected = [
            "a.toml:2:1: seat.C-01.fed_by: is missing: add this key",
            "a.toml:3:8: seat.C-01.zone: expected a string, found integer `3`",
            "a.toml:4:10: seat.C-01.laptop: expected true or false, found string \"yes\"",
            "a.toml:5:1: seat.C-02.fed_by: is missing: add this key",
            "a.toml:5:1: seat.C-02.zone: is missing: add this key",
            "a.toml:9:14: seat.C-03.via[1]: expected a string, found integer `5`",
            "a.toml:9:17: seat.C-03.via[2]: expected a string, found boolean `true`",
            "a.toml:10:11: seat.C-03.runtime: is no duration: write it as \"2s\", \"45m\" or \"1h 30m\"",
            "a.toml:11:1: stage[0].within: is missing: add this key",
            "a.toml:12:17: stage[0].when.kind: expected a string, found integer `3`",
            "a.toml:13:9: stage[0].count: expected a whole number from 0 to 255, found integer `-1`",
            "a.toml:15:8: stage[1].when: unknown value `opened`: did you mean `open`?",
            "a.toml:16:10: stage[1].within: is no duration: write it as \"2s\", \"45m\" or \"1h 30m\"",
        ];
        assert_eq!(faults.len(), expected.len(), "{faults:#?}");
        assert_eq!(faults, expected);
    }

    #[test]
    fn a_missing_table_is_told_once_and_not_key_by_key() {
        let (_, faults) = faults_of("");
        assert_eq!(faults, ["a.toml:1:1: name: is missing: add this key"]);
    }

    #[test]
    fn every_fault_of_syntax_has_its_place() {
        let text = "a = \nb = 1\nb = 2\nc = \"open\n[d\n";
        let (_, faults) = Document::parse("a.toml", text);
        let places: Vec<_> = faults.iter().map(|f| (f.line, f.column)).collect();
        assert_eq!(places, [(1, 5), (3, 1), (4, 10), (5, 3)], "{faults:#?}");
        assert!(faults[1].message.contains("duplicate key"), "{faults:#?}");
    }

    #[test]
    fn columns_count_characters_also_in_chinese_and_with_crlf_and_a_byte_order_mark() {
        let text = "\u{feff}name = { zh = \"客服中心\", en = 5 }\r\n[seat.\"前台\"]\r\nzone = { \"区\" = 1 }\r\nfed_by = \"u\"\r\n";
        let (_, faults) = faults_of(text);
        assert_eq!(
            faults,
            [
                "a.toml:1:28: name.en: expected a string, found integer `5`",
                "a.toml:3:8: seat.\"前台\".zone: expected a string, found a table",
            ]
        );
    }

    #[test]
    fn a_fault_finds_its_value_or_the_nearest_ancestor() {
        let text = "[role.lead]\nseats = [\"C-01\", \"C-99\"]\n[seat.\"a.b\"]\nzone = \"z\"\n";
        let (document, _) = Document::parse("a.toml", text);
        let place = |path| {
            let fault = document.fault(path, "x");
            (fault.line, fault.column, fault.key)
        };
        assert_eq!(
            place("role.lead.seats[1]"),
            (2, 18, "role.lead.seats[1]".into())
        );
        assert_eq!(place("role.lead.duty"), (1, 1, "role.lead.duty".into()));
        assert_eq!(
            place("seat.\"a.b\".zone"),
            (4, 8, "seat.\"a.b\".zone".into())
        );
        assert_eq!(place("zone.c3"), (1, 1, "zone.c3".into()));
        assert_eq!(document.keys("seat"), ["a.b"]);
        assert_eq!(document.keys("role.lead.seats"), [""; 0]);
        assert_eq!(document.keys("nothing"), [""; 0]);
    }

    #[test]
    fn a_quoted_key_is_found_again_whatever_is_in_it() {
        let (document, _) = Document::parse("a.toml", "[seat]\n'a\"]\\.b' = { zone = 1 }\n");
        let path = join(&join("seat", "a\"]\\.b"), "zone");
        assert_eq!(path, "seat.\"a\\\"]\\\\.b\".zone");
        let fault = document.fault(&path, "x");
        assert_eq!((fault.line, fault.column), (2, 21));
    }

    #[test]
    fn a_subtree_is_read_with_its_full_paths() {
        let text = "[seat.C-01]\nzone = \"z\"\nfed_by = 4\n";
        let (document, mut faults) = Document::parse("a.toml", text);
        assert_eq!(document.read_at::<Seat>("seat.C-01", &mut faults), None);
        assert_eq!(faults.len(), 1);
        assert_eq!(
            faults[0].to_string(),
            "a.toml:3:10: seat.C-01.fed_by: expected a string, found integer `4`"
        );
        faults.clear();
        assert_eq!(document.read_at::<Seat>("seat.C-02", &mut faults), None);
        assert_eq!(faults[0].key, "seat.C-02");
    }

    #[test]
    fn a_lenient_reading_stands_in_for_what_is_missing() {
        let text = format!("{NAME}[seat.C-01]\nzone = \"z\"\n");
        let (document, mut faults) = Document::parse("a.toml", &text);
        let read = document
            .read_leniently::<Centre>("", &mut faults)
            .expect("stand-ins fit");
        assert_eq!(read.stand_ins, ["seat.C-01.fed_by"]);
        assert_eq!(read.value.seat["C-01"].zone, "z");
        assert_eq!(faults.len(), 1);
    }
}
