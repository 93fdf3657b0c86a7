//! The generic signed webhook: Standard Webhooks headers around a JSON body that needs no link.
//!
//! Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md.
//! Any 2xx is a delivery. The id and the body are the same over all attempts; the
//! timestamp and the signature are of each attempt, by the wall clock.

use std::fmt;

use jiff::Timestamp;
use reqwest::header::CONTENT_TYPE;
use serde::Serialize;

use crate::alerts::answer::{ATTEMPT_TIMEOUT, JSON, failed, judged, redacted};
use crate::alerts::attempt::Attempt;
use crate::alerts::secret::Secret;
use crate::clock::wall_clock;
use crate::incidents::{Due, IncidentId};
use crate::plan::Severity;
use crate::text::Text;

#[derive(Clone)]
pub struct Settings {
    /// Itself a secret with many receivers: it is printed without its query and the end of its path.
    pub url: String,
    pub secret: Secret,
    /// Signs too while the receiver changes over.
    pub previous_secret: Option<Secret>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("url", &redacted(&self.url))
            .field("secret", &self.secret)
            .field("previous_secret", &self.previous_secret)
            .finish()
    }
}

/// The body, complete without a link; times are ISO 8601 in UTC.
#[derive(Serialize)]
pub(super) struct Body<'a> {
    #[serde(rename = "type")]
    event: &'static str,
    /// When it was written down that the channel is owed this.
    timestamp: Timestamp,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    incident: IncidentId,
    procedure: &'a str,
    kind: Option<&'a str>,
    severity: Severity,
    since: Timestamp,
    #[serde(rename = "where")]
    place: &'a Text,
    title: &'a Text,
    text: &'a Text,
    told: &'a [String],
    /// Only where the log could not be written.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    not_recorded: bool,
}

impl<'a> From<&'a Due> for Body<'a> {
    fn from(due: &'a Due) -> Self {
        let message = &due.message;
        Self {
            event: message.notice.name(),
            timestamp: due.at,
            data: Data {
                incident: due.incident,
                procedure: &message.procedure,
                kind: message.kind.as_deref(),
                severity: message.severity,
                since: message.since,
                place: &message.place,
                title: &message.title,
                text: &message.text,
                told: &message.told,
                not_recorded: due.not_recorded,
            },
        }
    }
}

/// Makes one attempt.
pub async fn send(settings: &Settings, client: &reqwest::Client, due: &Due) -> Attempt {
    let body = serde_json::to_vec(&Body::from(due)).expect("a body holds no map");
    let id = &due.webhook_id;
    let timestamp = wall_clock().as_second();
    let signatures: Vec<String> = std::iter::once(&settings.secret)
        .chain(&settings.previous_secret)
        .map(|secret| secret.sign(id, timestamp, &body))
        .collect();
    let answer = client
        .post(&settings.url)
        .timeout(ATTEMPT_TIMEOUT)
        .header(CONTENT_TYPE, JSON)
        .header("webhook-id", id)
        .header("webhook-timestamp", timestamp)
        .header("webhook-signature", signatures.join(" "))
        .body(body)
        .send()
        .await;
    let place = redacted(&settings.url);
    match answer {
        Ok(answer) => judged(&place, answer.status(), answer.headers()),
        Err(error) => failed(&place, error),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::alerts::fixture::due;

    #[test]
    fn the_body_is_complete_without_a_link() {
        let mut due = due();
        let mut expected = json!({
            "type": "incident.opened",
            "timestamp": "2026-03-02T06:31:10Z",
            "data": {
                "incident": 9,
                "procedure": "power-loss",
                "kind": "mains",
                "severity": "critical",
                "since": "2026-03-02T06:31:08Z",
                "where": {"zh": "C座三楼", "en": "block C"},
                "title": {"zh": "停电 14:31 · C座三楼", "en": "Power out 14:31 · block C"},
                "text": {"zh": "市电中断。", "en": "Mains are out."},
                "told": ["lead", "staff"],
            },
        });
        assert_eq!(serde_json::to_value(Body::from(&due)).unwrap(), expected);
        due.not_recorded = true;
        due.message.kind = None;
        expected["data"]["not_recorded"] = json!(true);
        expected["data"]["kind"] = json!(null);
        assert_eq!(serde_json::to_value(Body::from(&due)).unwrap(), expected);
    }

    #[tokio::test]
    async fn no_error_and_no_debug_text_prints_a_secret() {
        // A port that was free a moment ago: nobody listens.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let client = crate::alerts::client::client().unwrap();
        for (url, expected) in [
            (format!("http://{address}/hook/T0KEN?key=T0KEN"), "refused"),
            (format!("http://user:T0KEN@{address}/T0KEN"), "refused"),
            ("T0KEN/T0KEN".into(), "check the channel's url"),
            ("ftp://127.0.0.1/T0KEN".into(), ""),
        ] {
            let settings = Settings {
                url,
                secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap(),
                previous_secret: None,
            };
            let attempt = send(&settings, &client, &due()).await;
            assert_ne!(attempt, Attempt::Delivered);
            let printed = format!("{attempt:?} {settings:?}");
            assert!(printed.contains(expected), "{printed}");
            assert!(!printed.contains("T0KEN"), "{printed}");
            assert!(!printed.contains("MfKQ"), "{printed}");
        }
    }
}
