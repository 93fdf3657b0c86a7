//! A debt to a channel: what it is owed, since when, and until when that waits.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::incidents::entry::IncidentId;
use crate::incidents::message::Message;

/// A message that a channel is owed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Debt {
    pub(super) incident: IncidentId,
    pub(super) channel: String,
    pub(super) message: Message,
    /// Of the entry that wrote it down; part of the stable webhook id.
    pub(super) hash: String,
    pub(super) since: Timestamp,
    /// It waits until then: a time of the clock on the wall, so a jump does not move it.
    #[serde(default)]
    pub(super) held: Option<Timestamp>,
    /// When it was let go, if it had waited.
    #[serde(default)]
    pub(super) released: Option<Timestamp>,
    /// It goes out together with what else has waited.
    #[serde(default)]
    pub(super) digest: bool,
}

impl Debt {
    pub(super) fn new(
        incident: IncidentId,
        channel: &str,
        message: &Message,
        hash: String,
        since: Timestamp,
        held: Option<Timestamp>,
    ) -> Self {
        Self {
            incident,
            channel: channel.to_owned(),
            message: message.clone(),
            hash,
            since,
            held,
            released: None,
            digest: false,
        }
    }

    pub(super) fn release(&mut self, at: Timestamp, digest: bool) {
        self.held = None;
        self.released = Some(at);
        self.digest = digest;
    }
}
