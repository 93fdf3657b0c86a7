//! What Alertmanager sends to its receivers (version 4), so that every one of them
//! takes callwatch's messages too.
//!
//! Source: github.com/prometheus/alertmanager, notify/webhook/webhook.go and
//! template/template.go. Any 2xx is a delivery. The group key and the fingerprint are of
//! the name, the centre and the incident alone: a severity that changes does not make
//! another alert of it.

use std::fmt;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::alerts::answer::{judged, post, redacted};
use crate::alerts::attempt::Attempt;
use crate::alerts::letter::Reader;
use crate::incidents::{Due, Notice};
use crate::plan::Severity;

#[derive(Clone)]
pub struct Settings {
    pub url: String,
    /// Sent as `Authorization: Bearer`, where the receiver wants one.
    pub token: Option<String>,
    pub reader: Reader,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("url", &redacted(&self.url))
            .finish_non_exhaustive()
    }
}

/// Makes one attempt.
pub async fn send(settings: &Settings, client: &reqwest::Client, due: &Due) -> Attempt {
    let place = redacted(&settings.url);
    if due.message.notice == Notice::Digest {
        // It would stay open for ever.
        let why = format!("{place} takes what begins and ends, and no digest");
        return Attempt::Refused { why };
    }
    let mut request = client.post(&settings.url);
    if let Some(token) = &settings.token {
        request = request.bearer_auth(token);
    }
    match post(&place, request, &body(settings, due)).await {
        Ok(answer) => judged(&place, answer.status, &answer.headers),
        Err(attempt) => attempt,
    }
}

fn body(settings: &Settings, due: &Due) -> Value {
    let reader = &settings.reader;
    let message = &due.message;
    let over = message.notice == Notice::Closed;
    let status = if over { "resolved" } else { "firing" };
    // Year 1 is Alertmanager's word for an end that is not known.
    let ends_at = if over {
        due.at.to_string()
    } else {
        "0001-01-01T00:00:00Z".to_owned()
    };
    let name = name(&message.procedure);
    let incident = due.incident.to_string();
    let site = &reader.site.en;
    let severity = match message.severity {
        Severity::Critical => "critical",
        Severity::Warning => "warning",
        Severity::Info => "info",
    };
    let stable = [
        ("alertname", name.as_str()),
        ("incident", &incident),
        ("site", site),
    ];
    let labels = json!({
        "alertname": name,
        "incident": incident,
        "site": site,
        "severity": severity,
        "procedure": message.procedure,
    });
    let annotations = json!({
        "summary": message.title.in_language(reader.language),
        "description": message.text.in_language(reader.language),
        "where": message.place.in_language(reader.language),
    });
    let starts_at: Timestamp = message.since;
    json!({
        "version": "4",
        "receiver": due.channel,
        "status": status,
        "alerts": [{
            "status": status,
            "labels": labels,
            "annotations": annotations,
            "startsAt": starts_at.to_string(),
            "endsAt": ends_at,
            "generatorURL": "",
            "fingerprint": fingerprint(&stable),
        }],
        "groupLabels": {"alertname": name, "incident": incident, "site": site},
        "commonLabels": labels,
        "commonAnnotations": annotations,
        "externalURL": "",
        "groupKey": format!("{{}}:{{alertname={name:?}, incident={incident:?}, site={site:?}}}"),
        "truncatedAlerts": 0,
    })
}

/// `power-loss` is `PowerLoss`, as alerts are named.
fn name(procedure: &str) -> String {
    if procedure.is_empty() {
        return "InternalMatter".to_owned();
    }
    procedure
        .split(['-', '_'])
        .flat_map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|first| first.to_ascii_uppercase());
            first.into_iter().chain(letters)
        })
        .collect()
}

/// FNV-1a of 64 bits over names and values, each followed by the byte 255.
fn fingerprint(labels: &[(&str, &str)]) -> String {
    let bytes = labels
        .iter()
        .flat_map(|(name, value)| [name, value])
        .flat_map(|part| part.bytes().chain([255]));
    let sum = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{sum:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::fixture::{self, Server};
    use crate::text::Language;

    #[tokio::test]
    async fn a_digest_fires_no_alert() {
        let settings = Settings {
            url: "http://127.0.0.1:9/alerts".into(),
            token: None,
            reader: fixture::reader(Language::Zh),
        };
        let mut due = fixture::due();
        due.message.notice = Notice::Digest;
        let attempt = send(&settings, &crate::alerts::client().unwrap(), &due).await;
        assert!(matches!(attempt, Attempt::Refused { .. }), "{attempt:?}");
    }

    #[tokio::test]
    async fn an_alert_fires_and_is_resolved_in_the_shape_of_alertmanager() {
        let mut server =
            Server::start(&[(200, "", ""), (500, "", ""), (204, "", ""), (400, "", "")]).await;
        let settings = Settings {
            url: format!("{}/alerts", server.url),
            token: Some("T0KEN".into()),
            reader: fixture::reader(Language::Zh),
        };
        let client = crate::alerts::client().unwrap();
        let mut due = fixture::due();
        assert_eq!(send(&settings, &client, &due).await, Attempt::Delivered);
        let (_, headers, firing) = server.posted().await;
        assert_eq!(headers["authorization"], "Bearer T0KEN");
        assert_eq!(firing["version"], "4");
        assert_eq!(firing["status"], "firing");
        let alert = &firing["alerts"][0];
        assert_eq!(alert["labels"]["alertname"], "PowerLoss");
        assert_eq!(alert["startsAt"], "2026-03-02T06:31:08Z");
        assert_eq!(alert["endsAt"], "0001-01-01T00:00:00Z");
        for values in [
            &alert["labels"],
            &alert["annotations"],
            &firing["groupLabels"],
        ] {
            let values = values.as_object().unwrap();
            assert!(values.values().all(Value::is_string), "{values:?}");
        }
        due.message.notice = Notice::Closed;
        due.message.severity = Severity::Warning;
        let attempt = send(&settings, &client, &due).await;
        assert!(matches!(attempt, Attempt::Failed { .. }), "{attempt:?}");
        assert_eq!(send(&settings, &client, &due).await, Attempt::Delivered);
        let resolved = server.posted().await.2;
        assert_eq!(resolved["status"], "resolved");
        assert_eq!(resolved["alerts"][0]["endsAt"], "2026-03-02T06:31:10Z");
        assert_eq!(resolved["alerts"][0]["fingerprint"], alert["fingerprint"]);
        assert_eq!(resolved["groupKey"], firing["groupKey"]);
        assert_eq!(
            firing["groupKey"],
            "{}:{alertname=\"PowerLoss\", incident=\"9\", site=\"Call centre\"}"
        );
        let attempt = send(&settings, &client, &due).await;
        assert!(matches!(attempt, Attempt::Refused { .. }), "{attempt:?}");
        assert!(!format!("{attempt:?} {settings:?}").contains("T0KEN"));
    }

    #[test]
    fn a_fingerprint_is_fnv_1a() {
        // Published: FNV-1a of nothing, of 64 bits; then of "a", 255, "b", 255.
        assert_eq!(fingerprint(&[]), "cbf29ce484222325");
        assert_ne!(fingerprint(&[("a", "b")]), fingerprint(&[("ab", "")]));
        assert_eq!(name(""), "InternalMatter");
    }
}
