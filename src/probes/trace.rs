//! One full poll, with everything that was asked and answered.

use std::time::Duration;

use crate::probes::blind::Blind;
use crate::probes::eye::Eye;
use crate::probes::snmp::Settings;
use crate::ups::{Extent, Reading, Served, Value, Wanted};

/// What a probe of one device saw.
#[derive(Debug)]
pub struct Trace {
    /// What was asked for: the families' status objects where none answered.
    pub asked: Vec<Wanted>,
    pub answered: Vec<Answered>,
    pub reading: Reading,
    /// Why the reading is unreachable.
    pub blind: Option<Blind>,
}

/// One object and its raw value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    pub oid: Vec<u64>,
    /// What the object tells about.
    pub topic: &'static str,
    pub value: Value,
}

/// Asks a UPS once for everything. `timeout` is of each request, in real time.
pub async fn trace_ups(settings: &Settings, timeout: Duration) -> Trace {
    let mut eye = Eye::new(settings.clone(), timeout);
    let polled = eye.poll(true).await;
    // A family whose status tells nothing is not kept, but its values are.
    let served = eye.served().or_else(|| Served::detect(eye.values()));
    let asked = match served {
        Some(served) => served.wanted(Extent::Full),
        None => Served::asked().into_iter().map(Wanted::Scalar).collect(),
    };
    let answered = eye.values().iter().map(|(oid, value)| Answered {
        oid: oid.clone(),
        topic: served.map_or("state", |served| served.topic(oid)),
        value: value.clone(),
    });
    let answered = answered.collect();
    let (reading, blind) = match polled {
        Ok(reading) => (reading, None),
        Err(blind) => (Reading::unreachable(), Some(blind)),
    };
    Trace {
        asked,
        answered,
        reading,
        blind,
    }
}
