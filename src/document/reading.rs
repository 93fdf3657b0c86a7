//! Reads a tree into a serde type again and again until every fault is known.
//!
//! serde stops at the first fault. So it is given a copy of the tree in which
//! each span is a number of its own: the number in its error says which key is
//! meant, that key is taken out (or a missing one is stood in for), and the
//! reading begins again until nothing is left to complain about.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeArray, DeInteger, DeTable, DeValue, ValueDeserializer};

use crate::document::path::join;
use crate::document::words::{reword, ticked};

pub(crate) const MISSING: &str = "is missing: add this key";

/// A fault whose place is still a byte offset.
pub(crate) struct Complaint {
    pub(crate) at: usize,
    pub(crate) path: String,
    pub(crate) message: String,
}

/// What a lenient reading made of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lenient<T> {
    pub value: T,
    /// Paths whose value is invented (an empty text, a nought) because the key
    /// is missing or faulty: they serve further checks only.
    pub stand_ins: Vec<String>,
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
struct Attempt<'t> {
    complaints: Vec<Complaint>,
    tree: Spanned<DeValue<'t>>,
    nodes: Vec<Node>,
    /// Paths that were faulted, and those that a misspelt key stood for.
    settled: BTreeSet<String>,
}

/// Reads the value at `path`; the value is `None` where nothing can stand in
/// for what is missing or faulty.
pub(crate) fn read<T: DeserializeOwned>(
    path: &str,
    value: &Spanned<DeValue<'_>>,
) -> (Option<Lenient<T>>, Vec<Complaint>) {
    let mut nodes = Vec::new();
    let tree = number(&mut nodes, path, 0, value.span().start, value);
    let mut attempt = Attempt {
        tree,
        nodes,
        complaints: Vec::new(),
        settled: BTreeSet::new(),
    };
    // Each round takes out a key or tries the next stand-in; only a type
    // without an end would reach the limit.
    for _ in 0..20_000 {
        match T::deserialize(ValueDeserializer::from(attempt.tree.clone())) {
            Ok(value) => {
                let invented = attempt.nodes.into_iter();
                let stand_ins = invented
                    .filter(|node| node.stand_in.is_some())
                    .map(|node| node.path)
                    .collect();
                return (Some(Lenient { value, stand_ins }), attempt.complaints);
            }
            Err(error) => {
                let span = error.span().map_or(0, |span| span.start);
                if attempt.mend(span, error.message()).is_none() {
                    break;
                }
            }
        }
    }
    (None, attempt.complaints)
}

impl Attempt<'_> {
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
        let already = self.settled.iter().any(|settled| {
            let beneath = settled.strip_prefix(&path);
            beneath.is_some_and(|rest| {
                path.is_empty() || rest.is_empty() || rest.starts_with(['.', '['])
            })
        });
        if !already {
            let (message, meant) = reword(message);
            if let (Some(meant), true) = (meant, is_key) {
                let table = &self.nodes[self.nodes[id].parent].path;
                self.settled.insert(join(table, &meant));
            }
            let node = &self.nodes[id];
            let at = if is_key { node.key_at } else { node.value_at };
            let path = path.clone();
            self.complaints.push(Complaint { at, path, message });
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
            self.complaints.push(Complaint {
                at,
                path: path.clone(),
                message: MISSING.to_owned(),
            });
            self.settled.insert(path.clone());
        }
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
