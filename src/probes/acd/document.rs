//! A JSON document that an ACD sent.

use serde_json::Value;

use crate::acd::Blind;
use crate::probes::acd::failure::Failure;
use crate::text::Text;

/// Reads a whole document; a byte order mark is not of it.
pub(super) fn read_json(text: &str) -> Result<Value, Failure> {
    let text = text.trim_start_matches('\u{feff}');
    serde_json::from_str(text).map_err(|error| {
        Failure::new(Blind::garbage(text)).because(Text::new(
            format!("不是JSON：{error}"),
            format!("is no JSON: {error}"),
        ))
    })
}
