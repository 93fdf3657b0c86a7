//! Values as devices answer them, whatever type their firmware chose.

use std::collections::BTreeMap;
use std::fmt;

/// The name of an object, `1.3.6.1…` as numbers.
pub type Oid = &'static [u64];

/// What a device answered, by object identifier.
pub type Values = BTreeMap<Vec<u64>, Value>;

/// One raw value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// INTEGER, Gauge32, Counter32, Counter64 or `TimeTicks`: cards choose freely.
    Integer(i64),
    Text(Vec<u8>),
    Oid(Vec<u64>),
    /// NULL, or a type that no UPS object has: the object is there and tells nothing.
    Null,
}

impl Value {
    /// The number; some cards send numbers as text.
    pub fn integer(&self) -> Option<i64> {
        match self {
            Value::Integer(number) => Some(*number),
            Value::Text(text) => str::from_utf8(text).ok()?.trim().parse().ok(),
            Value::Oid(_) | Value::Null => None,
        }
    }

    /// The number, with the decimals that some cards send in text.
    pub fn number(&self) -> Option<f64> {
        match self {
            // Beyond 32 bits no device counts anything.
            Value::Integer(number) => i32::try_from(*number)
                .map(f64::from)
                .or_else(|_| u32::try_from(*number).map(f64::from))
                .ok(),
            Value::Text(text) => str::from_utf8(text).ok()?.trim().parse().ok(),
            Value::Oid(_) | Value::Null => None,
        }
    }

    /// Whether it is this word, in any case.
    pub(super) fn says(&self, word: &str) -> bool {
        matches!(self, Value::Text(text) if text.trim_ascii().eq_ignore_ascii_case(word.as_bytes()))
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Integer(number) => write!(f, "{number}"),
            Value::Text(text) => write!(f, "\"{}\"", String::from_utf8_lossy(text).escape_debug()),
            Value::Oid(oid) => f.write_str(&dotted(oid)),
            Value::Null => f.write_str("NULL"),
        }
    }
}

/// An object identifier as people write it.
pub fn dotted(oid: &[u64]) -> String {
    let arcs: Vec<String> = oid.iter().map(u64::to_string).collect();
    arcs.join(".")
}
