//! A plan as a whole, and the packs that are built in.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::plan::procedure::Procedure;
use crate::text::Text;

/// A pack: the roles it speaks of and its procedures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub id: String,
    pub name: Text,
    pub roles: BTreeMap<String, Text>,
    pub procedures: BTreeMap<String, Arc<Procedure>>,
}

/// The ids of the packs that are shipped, with the text of their files.
pub const PACKS: [(&str, &str); 2] = [
    (
        "call-center",
        include_str!("../../config/plan/call-center.toml"),
    ),
    (
        "hotline-center",
        include_str!("../../config/plan/hotline-center.toml"),
    ),
];

/// What every plan has besides its own: the files of the procedures that are built in.
pub(super) const BUILT_IN: [(&str, &str); 3] = [
    ("built-in", include_str!("../../config/plan/built-in.toml")),
    ("windows", include_str!("../../config/plan/windows.toml")),
    ("sensors", include_str!("../../config/plan/sensors.toml")),
];

/// The text of the shipped pack with this id.
pub fn pack(id: &str) -> Option<&'static str> {
    PACKS
        .iter()
        .find(|(known, _)| *known == id)
        .map(|(_, text)| *text)
}
