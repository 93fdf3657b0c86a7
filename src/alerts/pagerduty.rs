//! PagerDuty, by its Events API v2: one alert an incident, triggered and resolved.
//!
//! Source: github.com/PagerDuty/developer-docs, docs/events-API-v2. The dedup key is the
//! same over all messages of an incident, so that a repeat or a change updates its alert
//! and the end resolves it. Delivered is 202 with the status `success`.

use std::fmt;

use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::alerts::answer::{judged, post, quoted, redacted};
use crate::alerts::attempt::Attempt;
use crate::alerts::letter::{Reader, cut};
use crate::incidents::{Due, Notice};
use crate::plan::Severity;

/// Where events go, unless the service is in the EU: events.eu.pagerduty.com.
pub const URL: &str = "https://events.pagerduty.com/v2/enqueue";
/// It wants minutes of patience where it has too much to do.
const PATIENCE: SignedDuration = SignedDuration::from_mins(1);
const MOST_SUMMARY_BYTES: usize = 1024;
const MOST_KEY_BYTES: usize = 255;

#[derive(Clone)]
pub struct Settings {
    pub url: String,
    /// Of the service's integration.
    pub routing_key: String,
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
    let body = body(settings, due);
    let answer = match post(&place, client.post(&settings.url), &body).await {
        Ok(answer) => answer,
        Err(attempt) => return attempt,
    };
    let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if answer.status == StatusCode::ACCEPTED && said["status"] == "success" {
        return Attempt::Delivered;
    }
    if answer.status.is_success() {
        return Attempt::Failed {
            why: format!("{place} answered {} and no success", answer.status),
            retry_after: None,
        };
    }
    match judged(&place, answer.status, &answer.headers) {
        Attempt::Failed { why, retry_after } => Attempt::Failed {
            why,
            retry_after: Some(retry_after.unwrap_or(PATIENCE)),
        },
        Attempt::Refused { .. } => {
            let words = said["errors"][0].as_str().or(said["message"].as_str());
            let words = quoted(words.unwrap_or("no reason"), &[&settings.routing_key]);
            Attempt::Refused {
                why: format!(
                    "{place} answered {}: {words}; check the channel's routing_key",
                    answer.status
                ),
            }
        }
        delivered @ Attempt::Delivered => delivered,
    }
}

fn body(settings: &Settings, due: &Due) -> Value {
    let reader = &settings.reader;
    let message = &due.message;
    let site = &reader.site.en;
    let incident = format!("/callwatch/{}", due.incident);
    let key = cut(site, MOST_KEY_BYTES - incident.len()) + &incident;
    if message.notice == Notice::Closed {
        return json!({
            "routing_key": settings.routing_key,
            "event_action": "resolve",
            "dedup_key": key,
        });
    }
    let severity = match message.severity {
        Severity::Critical => "critical",
        Severity::Warning => "warning",
        Severity::Info => "info",
    };
    let summary = message.text.in_language(reader.language);
    json!({
        "routing_key": settings.routing_key,
        "event_action": "trigger",
        "dedup_key": key,
        "client": "callwatch",
        "payload": {
            "summary": cut(summary, MOST_SUMMARY_BYTES),
            "source": reader.site.in_language(reader.language),
            "severity": severity,
            "timestamp": message.since,
            "group": message.place.in_language(reader.language),
            "class": message.procedure,
            "custom_details": {
                "title": message.title,
                "text": message.text,
                "kind": message.kind,
                "told": message.told,
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::fixture::{self, Server};
    use crate::text::{Language, Text};

    const SUCCESS: &str = "{\"status\":\"success\",\"message\":\"Event processed\"}";

    #[tokio::test]
    async fn a_digest_opens_no_alert() {
        let settings = Settings {
            url: "http://127.0.0.1:9/v2/enqueue".into(),
            routing_key: "R0UTING".into(),
            reader: fixture::reader(Language::En),
        };
        let mut due = fixture::due();
        due.message.notice = Notice::Digest;
        let attempt = send(&settings, &crate::alerts::client().unwrap(), &due).await;
        assert!(matches!(attempt, Attempt::Refused { .. }), "{attempt:?}");
    }

    #[tokio::test]
    async fn an_alert_is_triggered_and_resolved_under_one_key() {
        let mut server = Server::start(&[
            (202, "", SUCCESS),
            (503, "", ""),
            (202, "", SUCCESS),
            (202, "", "<html>"),
            (200, "", SUCCESS),
            (429, "", ""),
            (429, "120", ""),
            (
                400,
                "",
                "{\"status\":\"invalid event\",\"errors\":[\"no 'R0UTING' here\"]}",
            ),
        ])
        .await;
        let settings = Settings {
            url: format!("{}/v2/enqueue", server.url),
            routing_key: "R0UTING".into(),
            reader: fixture::reader(Language::En),
        };
        let client = crate::alerts::client().unwrap();
        let due = fixture::due();
        assert_eq!(send(&settings, &client, &due).await, Attempt::Delivered);
        let (_, _, trigger) = server.posted().await;
        assert_eq!(trigger["event_action"], "trigger");
        assert_eq!(trigger["payload"]["severity"], "critical");
        assert_eq!(trigger["payload"]["timestamp"], "2026-03-02T06:31:08Z");
        let mut over = fixture::due();
        over.message.notice = Notice::Closed;
        let attempt = send(&settings, &client, &over).await;
        assert!(matches!(
            attempt,
            Attempt::Failed {
                retry_after: Some(PATIENCE),
                ..
            }
        ));
        assert_eq!(send(&settings, &client, &over).await, Attempt::Delivered);
        let (first, second) = (server.posted().await.2, server.posted().await.2);
        assert_eq!(first, second, "a repeat says the same");
        assert_eq!(
            second,
            json!({"routing_key": "R0UTING", "event_action": "resolve", "dedup_key": trigger["dedup_key"]})
        );
        for wait in [None, None, Some(60), Some(120)] {
            let Attempt::Failed { retry_after, .. } = send(&settings, &client, &due).await else {
                panic!("it is tried again");
            };
            assert_eq!(retry_after.map(|wait| wait.as_secs()), wait);
        }
        let attempt = send(&settings, &client, &due).await;
        let Attempt::Refused { why } = &attempt else {
            panic!("400 is for ever");
        };
        assert!(why.contains("no '…' here"), "{why}");
        assert!(!format!("{settings:?}").contains("R0UTING"));
    }

    #[test]
    fn keys_and_summaries_keep_their_limits() {
        let mut due = fixture::due();
        due.message.text = Text::same("停".repeat(1000));
        let mut settings = Settings {
            url: String::new(),
            routing_key: String::new(),
            reader: fixture::reader(Language::Zh),
        };
        settings.reader.site = Text::same("中心".repeat(100));
        let body = body(&settings, &due);
        assert!(body["dedup_key"].as_str().unwrap().len() <= MOST_KEY_BYTES);
        assert!(
            body["dedup_key"]
                .as_str()
                .unwrap()
                .ends_with("/callwatch/9")
        );
        assert!(body["payload"]["summary"].as_str().unwrap().len() <= MOST_SUMMARY_BYTES);
    }
}
