//! What the seat program runs with.

use std::path::PathBuf;

use jiff::SignedDuration;

use crate::seat::address::Address;
use crate::text::Language;

/// Whom it shows cards to, and where they come from.
#[derive(Clone, Debug)]
pub struct Settings {
    pub address: Address,
    /// An authority whose certificates are believed beside those that this PC knows.
    pub ca: Option<PathBuf>,
    pub seat: String,
    pub key: String,
    /// Absent: the seat's own, as the centre's file says.
    pub language: Option<Language>,
    /// Without a daemon for so long, it judges by itself; see [`ALONE_AFTER`].
    pub alone_after: SignedDuration,
    /// Where it keeps what it needs then; absent: in memory alone.
    pub state: Option<PathBuf>,
}

/// Longer than a daemon needs to start anew, and than the 15 s after which staff hear of a
/// battery; as long as an undelivered message waits before a person is asked to phone.
pub const ALONE_AFTER: SignedDuration = SignedDuration::from_secs(20);
