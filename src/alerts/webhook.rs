//! The generic signed webhook: Standard Webhooks headers around a JSON body that needs no link.
//!
//! Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md.
//! Any 2xx is a delivery. The id and the body are the same over all attempts; the
//! timestamp and the signature are of each attempt, by the wall clock.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{StatusCode, Url};
use serde::Serialize;

use crate::alerts::attempt::Attempt;
use crate::alerts::secret::Secret;
use crate::clock::wall_clock;
use crate::incidents::{Due, IncidentId};
use crate::plan::Severity;
use crate::text::Text;

/// How long an attempt may take, in real time; the specification asks for 15 to 30 s.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(15);

#[derive(Clone)]
pub struct Settings {
    /// Itself a secret with many receivers: it is printed [`redacted`] only.
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
struct Body<'a> {
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
        .header(CONTENT_TYPE, "application/json; charset=utf-8")
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

fn judged(place: &str, status: StatusCode, headers: &HeaderMap) -> Attempt {
    if status.is_success() {
        return Attempt::Delivered;
    }
    let passing = matches!(
        status,
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS
    );
    if status.is_client_error() && !passing {
        let mend = match status {
            StatusCode::GONE => {
                "it wants no more messages; remove the channel or give it a new url"
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                "check the channel's secret and url"
            }
            _ => "check the channel's url",
        };
        let why = format!("{place} answered {status}: {mend}");
        return Attempt::Refused { why };
    }
    // A login page of the network in between redirects too: it may be gone in a minute.
    let hint = if status.is_redirection() {
        ", and redirects are not followed: check the channel's url"
    } else {
        ""
    };
    Attempt::Failed {
        why: format!("{place} answered {status}{hint}"),
        retry_after: headers
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| patience(value, wall_clock())),
    }
}

/// Reads a `Retry-After`: seconds, or a date of HTTP.
fn patience(value: &str, now: Timestamp) -> Option<SignedDuration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u32>() {
        return Some(SignedDuration::from_secs(seconds.into()));
    }
    let date = rfc2822::parse(value).ok()?;
    Some(date.timestamp().duration_since(now))
}

fn failed(place: &str, error: reqwest::Error) -> Attempt {
    let unusable = error.is_builder();
    let error = error.without_url();
    let mut why = format!("{place}: {error}");
    let mut source = error.source();
    while let Some(error) = source {
        why = format!("{why}: {error}");
        source = error.source();
    }
    if unusable {
        return Attempt::Refused {
            why: format!("{why}; check the channel's url"),
        };
    }
    Attempt::Failed {
        why,
        retry_after: None,
    }
}

/// The URL without what may be secret: user, password, query and last part of the path.
pub fn redacted(url: &str) -> String {
    let Ok(url) = Url::parse(url) else {
        return "a url that is none".into();
    };
    let mut place = format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default());
    if let Some(port) = url.port() {
        place = format!("{place}:{port}");
    }
    let folder = url.path().rsplit_once('/').map_or("", |(folder, _)| folder);
    format!("{place}{folder}/…")
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;
    use serde_json::json;

    use super::*;
    use crate::incidents::{Message, Notice, OwedId};

    fn due() -> Due {
        Due {
            owed: OwedId(14),
            incident: IncidentId(9),
            at: "2026-03-02T06:31:10Z".parse().unwrap(),
            channel: "it".into(),
            message: Message {
                notice: Notice::Opened,
                procedure: "power-loss".into(),
                kind: Some("mains".into()),
                severity: Severity::Critical,
                since: "2026-03-02T06:31:08Z".parse().unwrap(),
                place: Text::new("C 座三楼", "block C, third floor"),
                title: Text::new("停电", "power lost"),
                text: Text::new("市电中断。", "Mains are out."),
                told: vec!["lead".into(), "staff".into()],
            },
            webhook_id: "msg_14".into(),
            not_recorded: false,
        }
    }

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
                "where": {"zh": "C 座三楼", "en": "block C, third floor"},
                "title": {"zh": "停电", "en": "power lost"},
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

    #[test]
    fn a_status_says_whether_to_try_again() {
        let judged = |status: u16| {
            let status = StatusCode::from_u16(status).unwrap();
            judged("https://it.example/…", status, &HeaderMap::new())
        };
        for status in [200, 202, 204] {
            assert_eq!(judged(status), Attempt::Delivered, "{status}");
        }
        for status in [301, 302, 307, 408, 425, 429, 500, 502, 503, 504] {
            assert!(matches!(judged(status), Attempt::Failed { .. }), "{status}");
        }
        for status in [400, 401, 403, 404, 405, 410, 413, 422] {
            let Attempt::Refused { why } = judged(status) else {
                panic!("{status}")
            };
            assert!(why.contains(&status.to_string()), "{why}");
        }
    }

    #[test]
    fn patience_is_asked_for_in_seconds_or_by_a_date() {
        let now = "2015-10-21T07:26:00Z".parse().unwrap();
        let secs = |value| patience(value, now).map(|wait| wait.as_secs());
        assert_eq!(secs("120"), Some(120));
        assert_eq!(secs("Wed, 21 Oct 2015 07:28:00 GMT"), Some(120));
        assert_eq!(secs("Wed, 21 Oct 2015 07:25:00 GMT"), Some(-60));
        assert_eq!(secs("soon"), None);
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_static("7"));
        let Attempt::Failed { retry_after, .. } =
            judged("", StatusCode::SERVICE_UNAVAILABLE, &headers)
        else {
            panic!("a 503 is tried again")
        };
        assert_eq!(retry_after, Some(SignedDuration::from_secs(7)));
    }

    #[test]
    fn a_url_is_printed_without_its_secrets() {
        for (url, printed) in [
            (
                "https://hooks.example/services/T0KEN",
                "https://hooks.example/services/…",
            ),
            (
                "https://u:T0KEN@hooks.example:8443/T0KEN?key=T0KEN#T0KEN",
                "https://hooks.example:8443/…",
            ),
            ("https://hooks.example", "https://hooks.example/…"),
            ("T0KEN", "a url that is none"),
        ] {
            assert_eq!(redacted(url), printed);
        }
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
