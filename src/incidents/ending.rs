//! How an incident ended, and the number of its case.

use serde::{Deserialize, Serialize};

use crate::incidents::names::IncidentId;

/// The number of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    pub year: i16,
    /// From 1, within the year and the procedure.
    pub count: u32,
    /// As people say it.
    pub number: String,
}

/// How an incident ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// Its causes were good for long enough, and the recovery steps are done or out of time.
    AllClear,
    /// The cause ended before anybody was told.
    Blip,
    /// The seat that stood it down.
    StoodDown(String),
    /// The seat that closed it: it is done with.
    Done(String),
    /// It turned out to be this one.
    Adopted(IncidentId),
    /// It was part of this one, and good when that ended.
    With(IncidentId),
}
