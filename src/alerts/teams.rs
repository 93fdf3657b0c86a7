//! Microsoft Teams, by the webhook of a workflow: an adaptive card.
//!
//! 202 says only that the flow has begun: a card of more than 28 KB, or a flow whose
//! owner has left, fails later and silently. So a card stays far below that, and Teams
//! should never be the only way to anybody.
//! Source: learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors and
//! github.com/MicrosoftDocs/msteams-docs, issue 11274.

use std::fmt;
use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::alerts::answer::{judged, post, redacted};
use crate::alerts::attempt::Attempt;
use crate::alerts::budget::Limit;
use crate::alerts::letter::{Reader, Tone, cut, letter};
use crate::incidents::Due;

/// Of the text; with all that stands around it a card is below 20 KB.
const MOST_BYTES: usize = 12_000;
/// Of a message of several, without its title and foot.
pub(super) const COMBINED_BYTES: usize = 11_000;
pub(super) const LIMITS: &[Limit] = &[(30, SignedDuration::from_mins(1))];

#[derive(Clone)]
pub struct Settings {
    /// Its `sig` lets whoever knows it write to the channel.
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

/// Makes one attempt; delivered means that the flow has begun.
pub async fn send(settings: &Settings, client: &reqwest::Client, dues: &[Arc<Due>]) -> Attempt {
    let place = redacted(&settings.url);
    let body = body(settings, dues);
    match post(&place, client.post(&settings.url), &body).await {
        // A flow never answers with a page: that is a proxy's.
        Ok(answer) if answer.status.is_success() && answer.body.trim_ascii().starts_with(b"<") => {
            Attempt::Failed {
                why: format!("{place} answered with a page: check the channel's url"),
                retry_after: None,
            }
        }
        Ok(answer) => judged(&place, answer.status, &answer.headers),
        Err(attempt) => attempt,
    }
}

fn body(settings: &Settings, dues: &[Arc<Due>]) -> Value {
    let letter = letter(&settings.reader, dues);
    let colour = match letter.tone {
        Tone::Over => "Good",
        Tone::Critical => "Attention",
        Tone::Warning => "Warning",
        Tone::Info => "Default",
    };
    let title = cut(&letter.title, 512);
    let text = letter.text(|title| format!("**{title}**"), "\n\n", MOST_BYTES);
    json!({"type": "message", "attachments": [{
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": null,
        "content": {
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.4",
            "body": [
                {"type": "TextBlock", "size": "Large", "weight": "Bolder", "color": colour,
                 "text": title, "wrap": true},
                {"type": "TextBlock", "text": text, "wrap": true},
            ],
        },
    }]})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::fixture::{self, Server};
    use crate::text::{Language, Text};

    #[tokio::test]
    async fn a_flow_that_has_begun_is_all_that_teams_says() {
        let mut server = Server::start(&[
            (202, "", ""),
            (200, "", "<html>log in</html>"),
            (502, "", ""),
            (429, "12", ""),
            (401, "", ""),
        ])
        .await;
        let settings = Settings {
            url: format!("{}/workflows/1/invoke?api-version=1&sig=T0KEN", server.url),
            reader: fixture::reader(Language::Zh),
        };
        let client = crate::alerts::client().unwrap();
        let mut due = fixture::due();
        due.message.text = Text::same("停\u{1}".repeat(9000));
        let dues = [Arc::new(due)];
        assert_eq!(send(&settings, &client, &dues).await, Attempt::Delivered);
        let (path, _, body) = server.posted().await;
        assert!(path.ends_with("&sig=T0KEN"), "{path}");
        assert!(
            body.to_string().len() < 28_000,
            "control characters are six bytes"
        );
        let card = &body["attachments"][0]["content"];
        assert_eq!(card["body"][0]["text"], "停电 14:31 · C座三楼");
        assert_eq!(card["body"][0]["color"], "Attention");
        for wait in [None, None, Some(12)] {
            let attempt = send(&settings, &client, &dues).await;
            let Attempt::Failed { retry_after, .. } = &attempt else {
                panic!("it is tried again: {attempt:?}");
            };
            assert_eq!(retry_after.map(|wait| wait.as_secs()), wait);
            assert!(!format!("{attempt:?}").contains("T0KEN"));
        }
        let attempt = send(&settings, &client, &dues).await;
        assert!(matches!(attempt, Attempt::Refused { .. }), "{attempt:?}");
    }
}
