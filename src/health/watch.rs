//! What a seat is asked to look at, beside its own PC.

use serde::{Deserialize, Serialize};

/// An answer that takes longer is slow, in milliseconds.
const SLOW_MS: u32 = 5000;

/// What a seat program looks at for the daemon. Places are texts: a seat of another version
/// says of a kind that it does not know that it cannot be asked there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Watch {
    pub services: Vec<WatchedService>,
    /// Programs of which one must run, as `ps -o comm` names them: `zoiper5`, `linphone`.
    pub softphone: Vec<String>,
    /// The telephone on the desk: `sip:HOST[:PORT]`, or as a service is written.
    pub phone: Option<String>,
    /// A headset that was there and is gone is missed; else nobody minds.
    pub headset: bool,
}

impl Default for Watch {
    fn default() -> Self {
        Self {
            services: Vec::new(),
            softphone: Vec::new(),
            phone: None,
            headset: true,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchedService {
    pub id: String,
    /// `http://…`, `https://…`, `tcp://HOST:PORT`, `icmp://HOST` and their like.
    pub target: String,
    #[serde(default = "slow_ms")]
    pub slow_ms: u32,
}

fn slow_ms() -> u32 {
    SLOW_MS
}

impl WatchedService {
    pub fn new(id: impl Into<String>, target: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            target: target.into(),
            slow_ms: SLOW_MS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_newer_daemon_says_besides_is_no_hindrance() {
        let json = r#"{"services":[{"id":"crm","target":"http://crm"}],"later":1}"#;
        let watch: Watch = serde_json::from_str(json).unwrap();
        assert_eq!(watch.services, [WatchedService::new("crm", "http://crm")]);
        assert_eq!((watch.softphone.len(), watch.phone), (0, None));
    }
}
