//! A call that callwatch makes, and what becomes of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::incidents::message::CallRequest;
use crate::incidents::names::{IncidentId, OwedId};
use crate::text::Text;

/// Why somebody is rung up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DialCause {
    /// No channel of the role takes what it is owed.
    Undelivered,
    /// This role has not seen it, and whoever is rung is to take over.
    Unseen(String),
    /// Whoever is on call is woken.
    OnCall,
}

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DialOutcome {
    /// Somebody answered and pressed the key.
    Heard,
    /// Nobody has heard it there: no answer, engaged, a voice mail, a wrong number.
    Unheard,
    /// The telephone makes no calls: nobody else would be reached either.
    NoLine,
    /// Nobody needed to be rung any more; the call may have ended since as any other.
    Withdrawn,
    /// callwatch was restarted meanwhile, and what became of it is not known.
    Interrupted,
}

/// A call of an incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::incidents) struct Dial {
    pub(in crate::incidents) id: OwedId,
    pub(in crate::incidents) role: String,
    pub(in crate::incidents) cause: DialCause,
    pub(in crate::incidents) call: CallRequest,
    pub(in crate::incidents) at: Timestamp,
    /// Absent while it is under way.
    pub(in crate::incidents) outcome: Option<DialOutcome>,
    /// The outcome, said aloud; empty while it is under way.
    #[serde(default)]
    pub(in crate::incidents) words: Text,
}

/// A call that is owed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueCall {
    pub dial: OwedId,
    pub incident: IncidentId,
    /// As the contact or the roster has it.
    pub phone: String,
}

/// What the telephone tells of a call; `words` say it aloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DialReport {
    pub dial: OwedId,
    pub incident: IncidentId,
    pub outcome: DialOutcome,
    pub words: Text,
}
