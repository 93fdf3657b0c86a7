//! Slack's incoming webhook.
//!
//! Source: docs.slack.dev/messaging/sending-messages-using-incoming-webhooks and
//! /apis/web-api/rate-limits. A message is delivered when 200 says `ok`, in plain text.
//! One a second is taken, more in a burst; 429 says how long to wait.

use std::fmt;
use std::sync::Arc;

use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::alerts::answer::{judged, post, quoted, redacted, secrets_of};
use crate::alerts::attempt::Attempt;
use crate::alerts::budget::Limit;
use crate::alerts::letter::{Reader, cut, letter};
use crate::incidents::Due;

/// A section takes 3,000 characters, and `&` may be written as five.
const MOST_BYTES: usize = 2900;
/// A header takes 150 characters.
const MOST_TITLE_BYTES: usize = 150;
/// Of a message of several, without its title and foot.
pub(super) const COMBINED_BYTES: usize = 2500;
pub(super) const LIMITS: &[Limit] = &[(60, SignedDuration::from_mins(1))];

#[derive(Clone)]
pub struct Settings {
    /// Lets whoever knows it write to the channel.
    pub url: String,
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
    let body = body(settings, dues);
    let answer = match post(&place, client.post(&settings.url), &body).await {
        Ok(answer) => answer,
        Err(attempt) => return attempt,
    };
    let words = String::from_utf8_lossy(&answer.body);
    if answer.status == StatusCode::OK && words.trim() == "ok" {
        return Attempt::Delivered;
    }
    if answer.status.is_success() {
        return Attempt::Failed {
            why: format!("{place} answered {} and not `ok`", answer.status),
            retry_after: None,
        };
    }
    match judged(&place, answer.status, &answer.headers) {
        Attempt::Refused { why } => {
            let secrets = secrets_of(&settings.url);
            let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
            let words = quoted(&words, &secrets);
            Attempt::Refused {
                why: format!("{why} (it says: {words})"),
            }
        }
        attempt => attempt,
    }
}

fn body(settings: &Settings, dues: &[Arc<Due>]) -> Value {
    let letter = letter(&settings.reader, dues);
    let title = cut(&letter.title, MOST_TITLE_BYTES);
    let text = letter.text(|title| format!("*{title}*"), "\n", MOST_BYTES);
    let text = cut_escaped(&text);
    json!({
        // What a notification shows.
        "text": escaped(&title),
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": title}},
            {"type": "section", "text": {"type": "mrkdwn", "text": text}},
        ],
    })
}

/// What would be a mention or a link otherwise.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Escaped, and still no longer than a section takes.
fn cut_escaped(text: &str) -> String {
    let mut most = text.len();
    loop {
        let escaped = escaped(&cut(text, most));
        if escaped.len() <= 3000 {
            return escaped;
        }
        most -= (escaped.len() - 3000).div_ceil(5).max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::fixture::{self, Server};
    use crate::text::{Language, Text};

    #[tokio::test]
    async fn a_message_is_delivered_when_slack_says_ok() {
        let mut server = Server::start(&[
            (200, "", "ok"),
            (200, "", "<html>log in</html>"),
            (200, "", ""),
            (500, "", "rollup_error"),
            (429, "30", ""),
            (403, "", "action_prohibited"),
            (404, "", "no_service for T0KEN"),
            (410, "", "channel_is_archived"),
        ])
        .await;
        let settings = Settings {
            url: format!("{}/services/T/B/T0KEN", server.url),
            reader: fixture::reader(Language::En),
        };
        let client = crate::alerts::client().unwrap();
        let dues = [Arc::new(fixture::due())];
        assert_eq!(send(&settings, &client, &dues).await, Attempt::Delivered);
        let (path, _, body) = server.posted().await;
        assert_eq!(path, "/services/T/B/T0KEN");
        assert_eq!(body["text"], "Power out 14:31 · block C");
        assert_eq!(
            body["blocks"][1]["text"]["text"],
            "Mains are out.\nCall centre · critical · since 2 Mar 14:31"
        );
        for wait in [None, None, None, Some(30)] {
            let attempt = send(&settings, &client, &dues).await;
            let Attempt::Failed { retry_after, .. } = attempt else {
                panic!("it is tried again: {attempt:?}");
            };
            assert_eq!(retry_after.map(|wait| wait.as_secs()), wait);
        }
        for words in ["action_prohibited", "no_service", "channel_is_archived"] {
            let Attempt::Refused { why } = send(&settings, &client, &dues).await else {
                panic!("{words} is for ever");
            };
            assert!(why.contains(words) && !why.contains("T0KEN"), "{why}");
        }
    }

    #[test]
    fn nothing_in_a_text_mentions_anybody_and_a_section_is_never_too_long() {
        let mut due = fixture::due();
        due.message.text = Text::same(format!("<!channel> {}", "&停".repeat(2000)));
        let settings = Settings {
            url: String::new(),
            reader: fixture::reader(Language::Zh),
        };
        let body = body(&settings, &[Arc::new(due)]);
        let text = body["blocks"][1]["text"]["text"].as_str().unwrap();
        assert!(text.starts_with("&lt;!channel&gt; &amp;停"), "{text}");
        assert!(text.len() <= 3000 && text.len() > 2900, "{}", text.len());
    }
}
