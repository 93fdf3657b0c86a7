//! A TOML document, read strictly: every fault at once, each with its place and the mend.
//!
//! serde stops at the first fault. So [`Document::read`] works on a copy of the
//! tree in which each span is a number of its own: the number in serde's error
//! says which key is meant, that key is taken out (or a missing one is stood in
//! for), and the reading begins again until nothing is left to complain about.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeArray, DeInteger, DeTable, DeValue, ValueDeserializer};

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

/// What [`Document::read_leniently`] made of a document with faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lenient<T> {
    pub value: T,
    /// Some keys of the value are stand-ins (an empty text, a nought): they
    /// serve further checks only.
    pub stand_ins: bool,
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
        (!read.stand_ins).then_some(read.value)
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
        if found != path_segments(path).len() {
            faults.push(self.fault(path, MISSING));
            return None;
        }
        let mut attempt = Attempt::new(self, path, value, faults);
        // Each round takes out a key or tries the next stand-in; a recursive
        // type that has no end is the only one to reach the limit.
        for _ in 0..20_000 {
            match T::deserialize(ValueDeserializer::from(attempt.tree.clone())) {
                Ok(value) => {
                    let stand_ins = attempt.stand_ins;
                    return Some(Lenient { value, stand_ins });
                }
                Err(error) => {
                    let span = error.span().map_or(0, |span| span.start);
                    attempt.mend(span, error.message())?;
                }
            }
        }
        None
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
            DeValue::Table(table) if found == path_segments(path).len() => {
                table.keys().map(ToString::to_string).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The value at a path or at its nearest ancestor, and how many segments led there.
    fn nearest(&self, path: &str) -> (usize, &Spanned<DeValue<'t>>) {
        let mut value = &self.root;
        for (found, segment) in path_segments(path).into_iter().enumerate() {
            let next = match segment {
                Segment::Key(key) => value.get_ref().get(key.as_str()),
                Segment::Index(index) => value.get_ref().get(index),
            };
            match next {
                Some(next) => value = next,
                None => return (found, value),
            }
        }
        (path_segments(path).len(), value)
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

const MISSING: &str = "is missing: add this key";

/// Line and column of a byte offset, in characters, both from 1.
fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let before = before.strip_prefix('\u{feff}').unwrap_or(before);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (line, before[start..].chars().count() + 1)
}

/// The path of a key in a table, quoted where TOML would quote it.
pub fn join(table: &str, key: &str) -> String {
    let bare = !key.is_empty()
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let key = if bare {
        key.to_owned()
    } else {
        format!("{key:?}")
    };
    if table.is_empty() {
        key
    } else {
        format!("{table}.{key}")
    }
}

enum Segment {
    Key(String),
    Index(usize),
}

fn path_segments(path: &str) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix('"') {
            let end = quoted.find('"').unwrap_or(quoted.len());
            segments.push(Segment::Key(quoted[..end].to_owned()));
            rest = quoted.get(end + 1..).unwrap_or("");
        } else if let Some(index) = rest.strip_prefix('[') {
            let end = index.find(']').unwrap_or(index.len());
            segments.push(Segment::Index(index[..end].parse().unwrap_or(usize::MAX)));
            rest = index.get(end + 1..).unwrap_or("");
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            segments.push(Segment::Key(rest[..end].to_owned()));
            rest = &rest[end..];
        }
        rest = rest.strip_prefix('.').unwrap_or(rest);
    }
    segments
}

/// A key or element of the working copy. Its value's span begins at twice its
/// number, its key's at one more.
struct Node {
    path: String,
    parent: usize,
    /// Byte offsets in the text.
    value_at: usize,
    key_at: usize,
    /// Not in the text: the how-manieth stand-in it holds.
    stand_in: Option<usize>,
}

/// The working copy and what has been found in it.
struct Attempt<'d, 't> {
    document: &'d Document<'t>,
    faults: &'d mut Vec<Fault>,
    tree: Spanned<DeValue<'t>>,
    nodes: Vec<Node>,
    /// Paths that were faulted, and those that a misspelt key stood for.
    settled: BTreeSet<String>,
    stand_ins: bool,
}

impl<'d, 't> Attempt<'d, 't> {
    fn new(
        document: &'d Document<'t>,
        path: &str,
        value: &Spanned<DeValue<'t>>,
        faults: &'d mut Vec<Fault>,
    ) -> Self {
        let mut nodes = Vec::new();
        let at = value.span().start;
        let tree = number(&mut nodes, path, 0, at, value);
        Self {
            document,
            faults,
            tree,
            nodes,
            settled: BTreeSet::new(),
            stand_ins: false,
        }
    }

    /// Records what serde complained about and mends the copy; `None` where
    /// it cannot be mended.
    fn mend(&mut self, span: usize, message: &str) -> Option<()> {
        let (id, is_key) = (span / 2, span % 2 == 1);
        if let Some(missing) = message.strip_prefix("missing field ") {
            self.stand_in_for(id, missing.trim_matches('`'));
            return Some(());
        }
        if self.nodes[id].stand_in.is_some() {
            return self.next_stand_in(id, message);
        }
        let path = self.nodes[id].path.clone();
        let beneath = format!("{path}.");
        let already = self
            .settled
            .iter()
            .any(|settled| settled.starts_with(&beneath) || *settled == path);
        if !already {
            let (message, meant) = reword(message);
            if let (Some(meant), true) = (meant, is_key) {
                let table = &self.nodes[self.nodes[id].parent].path;
                self.settled.insert(join(table, &meant));
            }
            let node = &self.nodes[id];
            let at = if is_key { node.key_at } else { node.value_at };
            let fault = self.document.fault_at(at, path.clone(), message);
            self.faults.push(fault);
        }
        self.settled.insert(path);
        self.take_out(id)
    }

    /// A table lacks a key: says so unless that is known, and puts a stand-in there.
    fn stand_in_for(&mut self, table: usize, key: &str) {
        let path = join(&self.nodes[table].path, key);
        let invented = self.nodes[table].stand_in.is_some();
        if !invented && !self.settled.contains(&path) {
            let at = self.nodes[table].value_at;
            let fault = self.document.fault_at(at, path.clone(), MISSING.to_owned());
            self.faults.push(fault);
            self.settled.insert(path.clone());
        }
        self.stand_ins = true;
        let id = self.nodes.len();
        let at = self.nodes[table].value_at;
        self.nodes.push(Node {
            path,
            parent: table,
            value_at: at,
            key_at: at,
            stand_in: Some(0),
        });
        let key = Spanned::new(2 * id + 1..2 * id + 2, key.to_owned().into());
        let value = Spanned::new(2 * id..2 * id + 1, DeValue::String("".into()));
        if let Some(DeValue::Table(table)) = find(&mut self.tree, table) {
            table.insert(key, value);
        }
    }

    /// A stand-in does not fit: the next one, or without its table.
    fn next_stand_in(&mut self, id: usize, message: &str) -> Option<()> {
        let tried = self.nodes[id].stand_in.unwrap_or(0);
        let variant = message.starts_with("unknown variant") && tried < STAND_INS;
        let next = if variant {
            let known = ticked(message).into_iter().nth(1)?;
            self.nodes[id].stand_in = Some(STAND_INS);
            DeValue::String(known.to_owned().into())
        } else if let Some(next) = stand_in(tried + 1) {
            self.nodes[id].stand_in = Some(tried + 1);
            next
        } else {
            let parent = self.nodes[id].parent;
            if self.nodes[parent].stand_in.is_some() {
                return self.next_stand_in(parent, "");
            }
            return self.take_out(parent);
        };
        *find(&mut self.tree, id)? = next;
        Some(())
    }

    fn take_out(&mut self, id: usize) -> Option<()> {
        if id == 0 {
            return None;
        }
        let path = self.nodes[id].path.clone();
        self.settled.insert(path);
        let parent = self.nodes[id].parent;
        match find(&mut self.tree, parent)? {
            DeValue::Table(table) => {
                let kept = std::mem::take(table).into_iter();
                *table = kept
                    .filter(|(_, value)| value.span().start != 2 * id)
                    .collect();
            }
            DeValue::Array(array) => {
                let kept = std::mem::replace(array, DeArray::new()).into_iter();
                *array = kept.filter(|value| value.span().start != 2 * id).collect();
            }
            _ => return None,
        }
        Some(())
    }
}

/// Copies a value, its spans replaced by numbers of `nodes`.
fn number<'t>(
    nodes: &mut Vec<Node>,
    path: &str,
    parent: usize,
    key_at: usize,
    value: &Spanned<DeValue<'t>>,
) -> Spanned<DeValue<'t>> {
    let id = nodes.len();
    nodes.push(Node {
        path: path.to_owned(),
        parent,
        value_at: value.span().start,
        key_at,
        stand_in: None,
    });
    let copy = match value.get_ref() {
        DeValue::Table(table) => {
            let mut copy = DeTable::new();
            for (key, value) in table {
                let path = join(path, key.get_ref());
                let child = nodes.len();
                let value = number(nodes, &path, id, key.span().start, value);
                let key = Spanned::new(2 * child + 1..2 * child + 2, key.get_ref().clone());
                copy.insert(key, value);
            }
            DeValue::Table(copy)
        }
        DeValue::Array(array) => {
            let elements = array.iter().enumerate().map(|(index, value)| {
                let path = format!("{path}[{index}]");
                number(nodes, &path, id, value.span().start, value)
            });
            DeValue::Array(elements.collect())
        }
        scalar => scalar.clone(),
    };
    Spanned::new(2 * id..2 * id + 1, copy)
}

fn find<'v, 't>(value: &'v mut Spanned<DeValue<'t>>, id: usize) -> Option<&'v mut DeValue<'t>> {
    if value.span().start == 2 * id {
        return Some(value.get_mut());
    }
    match value.get_mut() {
        DeValue::Table(table) => table.iter_mut().find_map(|(_, value)| find(value, id)),
        DeValue::Array(array) => array.iter_mut().find_map(|value| find(value, id)),
        _ => None,
    }
}

const STAND_INS: usize = 8;

/// Something of each type, tried in turn where a key is missing.
fn stand_in<'t>(number: usize) -> Option<DeValue<'t>> {
    Some(match number {
        0 => DeValue::String("".into()),
        1 => DeValue::Integer(DeInteger::default()),
        2 => DeValue::Boolean(false),
        3 => DeValue::Array(DeArray::new()),
        4 => DeValue::Table(DeTable::new()),
        5 => DeValue::String("0s".into()),
        6 => DeValue::String("00:00".into()),
        7 => DeValue::String("1970-01-01".into()),
        _ => return None,
    })
}

/// The words of a message that stand in backticks.
fn ticked(message: &str) -> Vec<&str> {
    message.split('`').skip(1).step_by(2).collect()
}

/// serde's words in ours, and the key that a misspelt one stood for.
fn reword(message: &str) -> (String, Option<String>) {
    let words = ticked(message);
    let known = words.get(1..).unwrap_or_default();
    if message.starts_with("unknown field") || message.starts_with("unknown variant") {
        let found = words.first().unwrap_or(&"");
        let what = if message.starts_with("unknown field") {
            "key"
        } else {
            "value"
        };
        return match meant(found, known.iter().copied()) {
            Some(meant) => (
                format!("unknown {what} `{found}`: did you mean `{meant}`?"),
                Some(meant.to_owned()),
            ),
            None if known.is_empty() => (format!("unknown {what} `{found}`: take it out"), None),
            None => {
                let known = known.join("`, `");
                (
                    format!("unknown {what} `{found}`: known here are `{known}`"),
                    None,
                )
            }
        };
    }
    if message.contains("friendly") || message.contains("a signed duration string") {
        return (
            "is no duration: write it as \"2s\", \"45m\" or \"1h 30m\"".to_owned(),
            None,
        );
    }
    let typed = message
        .strip_prefix("invalid type: ")
        .or_else(|| message.strip_prefix("invalid value: "));
    if let Some((found, expected)) = typed.and_then(|typed| typed.split_once(", expected ")) {
        let found = match found {
            "map" => "a table",
            "sequence" => "an array",
            found => found,
        };
        let expected = match expected {
            "a sequence" => "an array",
            "a boolean" => "true or false",
            "a map" => "a table",
            "string or table" => "a string or a table",
            number if ["u8", "u16", "u32", "u64", "usize"].contains(&number) => {
                "a whole number, not negative"
            }
            structure if structure.starts_with("struct ") => "a table",
            variants if variants.starts_with("enum ") => "a string",
            expected => expected,
        };
        return (format!("expected {expected}, found {found}"), None);
    }
    (message.to_owned(), None)
}

/// The known word that a misspelt one most likely stands for.
pub fn meant<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let allowed = (word.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .map(|known| (distance(word, known), known))
        .filter(|(distance, known)| *distance <= allowed && *distance < known.chars().count())
        .min()
        .map(|(_, known)| known)
}

/// How many letters must be changed, added, dropped or swapped; case, `-` and `_` count nothing.
fn distance(left: &str, right: &str) -> usize {
    let letters = |word: &str| -> Vec<char> {
        let letters = word.chars().filter(|letter| !matches!(letter, '-' | '_'));
        letters.flat_map(char::to_lowercase).collect()
    };
    let (left, right) = (letters(left), letters(right));
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let mut least = (row[j] + usize::from(a != b)).min(row[j + 1] + 1);
            least = least.min(next[j] + 1);
            if i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b {
                least = least.min(before[j - 1] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
    }
    row[right.len()]
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
                "a.toml:5:1: seat.C-01.colour: unknown key `colour`: known here are `zone`, `fed_by`, `via`, `laptop`, `runtime`",
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
            "a.toml:13:9: stage[0].count: expected a whole number, not negative, found integer `-1`",
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
        assert!(read.stand_ins);
        assert_eq!(read.value.seat["C-01"].zone, "z");
        assert_eq!(faults.len(), 1);
    }

    #[test]
    fn the_word_that_was_meant_is_near() {
        let known = ["UPS-C1", "UPS-C2", "c3", "af-lobby"];
        assert_eq!(meant("UPS-C3", known), Some("UPS-C1"));
        assert_eq!(meant("ups_c2", known), Some("UPS-C2"));
        assert_eq!(meant("af-loby", known), Some("af-lobby"));
        assert_eq!(meant("router", known), None);
    }
}
