//! ntfy: push messages to phones, by a public server or one's own.
//!
//! Source: github.com/binwiederhier/ntfy, docs/publish.md and server/errors.go. A message
//! goes as JSON to the root of the server and is delivered when 200 brings its id. The
//! name of a topic on a public server is as good as a password.

use std::fmt;
use std::sync::Arc;

use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::alerts::answer::{judged, post, redacted};
use crate::alerts::attempt::Attempt;
use crate::alerts::budget::Limit;
use crate::alerts::letter::{Reader, Tone, cut, letter};
use crate::incidents::Due;

/// A longer text becomes an attachment that nobody opens.
const MOST_BYTES: usize = 4096;
/// Of a message of several, without its title and foot.
pub(super) const COMBINED_BYTES: usize = 3500;
/// 60 in a burst, then one in five seconds.
pub(super) const LIMITS: &[Limit] = &[(12, SignedDuration::from_mins(1))];
/// The quota of a day is used up.
const DAY_QUOTA: i64 = 42_908;
/// As long as any receiver is left alone.
const LONG: SignedDuration = SignedDuration::from_mins(15);

#[derive(Clone)]
pub struct Settings {
    /// Of the server, without the topic.
    pub url: String,
    pub topic: String,
    /// An access token, where the topic is protected.
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
pub async fn send(settings: &Settings, client: &reqwest::Client, dues: &[Arc<Due>]) -> Attempt {
    let place = redacted(&settings.url);
    let mut request = client.post(&settings.url);
    if let Some(token) = &settings.token {
        request = request.bearer_auth(token);
    }
    let answer = match post(&place, request, &body(settings, dues)).await {
        Ok(answer) => answer,
        Err(attempt) => return attempt,
    };
    let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if answer.status == StatusCode::OK && said["id"].is_string() {
        return Attempt::Delivered;
    }
    if answer.status.is_success() {
        return Attempt::Failed {
            why: format!("{place} answered {} without an id", answer.status),
            retry_after: None,
        };
    }
    match judged(&place, answer.status, &answer.headers) {
        Attempt::Failed { why, .. } if said["code"].as_i64() == Some(DAY_QUOTA) => {
            Attempt::Failed {
                why: format!("{why}: the quota of the day is used up"),
                retry_after: Some(LONG),
            }
        }
        attempt => attempt,
    }
}

fn body(settings: &Settings, dues: &[Arc<Due>]) -> Value {
    let letter = letter(&settings.reader, dues);
    let (priority, tag) = match letter.tone {
        Tone::Over => (3, "white_check_mark"),
        Tone::Critical => (5, "rotating_light"),
        Tone::Warning => (4, "warning"),
        Tone::Info => (3, "information_source"),
    };
    json!({
        "topic": settings.topic,
        "title": cut(&letter.title, 250),
        "message": letter.text(str::to_owned, "\n", MOST_BYTES),
        "priority": priority,
        "tags": [tag],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::fixture::{self, Server};
    use crate::text::{Language, Text};

    #[tokio::test]
    async fn a_message_is_delivered_when_it_has_an_id() {
        let mut server = Server::start(&[
            (200, "", "{\"id\":\"xE73Iyuabi\"}"),
            (200, "", "<html>"),
            (507, "", ""),
            (429, "", "{\"code\":42901,\"http\":429}"),
            (429, "", "{\"code\":42908,\"http\":429}"),
            (403, "", "{\"code\":40301,\"http\":403}"),
        ])
        .await;
        let settings = Settings {
            url: server.url.clone(),
            topic: "T0PIC".into(),
            token: Some("tk_T0KEN".into()),
            reader: fixture::reader(Language::Zh),
        };
        let client = crate::alerts::client().unwrap();
        let mut due = fixture::due();
        due.message.text = Text::same("停".repeat(3000));
        let dues = [Arc::new(due)];
        assert_eq!(send(&settings, &client, &dues).await, Attempt::Delivered);
        let (path, headers, body) = server.posted().await;
        assert_eq!(path, "/", "JSON goes to the root");
        assert_eq!(headers["authorization"], "Bearer tk_T0KEN");
        assert_eq!(body["topic"], "T0PIC");
        assert_eq!(body["priority"], 5);
        assert!(body["message"].as_str().unwrap().len() <= MOST_BYTES);
        for wait in [None, None, None, Some(900)] {
            let attempt = send(&settings, &client, &dues).await;
            let Attempt::Failed { retry_after, .. } = attempt else {
                panic!("it is tried again: {attempt:?}");
            };
            assert_eq!(retry_after.map(|wait| wait.as_secs()), wait);
        }
        let attempt = send(&settings, &client, &dues).await;
        assert!(matches!(attempt, Attempt::Refused { .. }), "{attempt:?}");
        let printed = format!("{attempt:?} {settings:?}");
        assert!(
            !printed.contains("T0KEN") && !printed.contains("T0PIC"),
            "{printed}"
        );
    }
}
