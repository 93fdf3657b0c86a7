//! The table of a source of queues, `[acd.NAME]` in the centre's file or a file of its own.
//!
//! `name` and `via`, which say what it is called and where it lies, are the centre's to read.

mod ami;
mod auth;
mod desk;
mod exec;
#[cfg(test)]
mod faults;
mod freeswitch;
mod json;
mod kinds;
mod pace;
mod pushed;

use serde::Deserialize;

use crate::document::{Document, Fault, join};

pub use desk::Around;
pub use kinds::{Of, Settings};

/// As the file writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Ami,
    Json,
    Exec,
    FreeSwitch,
    Pushed,
}

/// Reads the table at a path, the whole document at the path "", and adds every fault.
pub fn read(
    document: &Document<'_>,
    table: &str,
    around: Around<'_>,
    faults: &mut Vec<Fault>,
) -> Option<Settings> {
    let before = faults.len();
    let kind = document.read_at::<Kind>(&join(table, "kind"), faults)?;
    let settings = match kind {
        Kind::Ami => ami::read(document, table, around, faults),
        Kind::Json => json::read(document, table, around, faults),
        Kind::Exec => exec::read(document, table, around, faults),
        Kind::FreeSwitch => freeswitch::read(document, table, around, faults),
        Kind::Pushed => pushed::read(document, table, around, faults),
    };
    settings.filter(|_| faults.len() == before)
}
