//! What the answer to a request says of the attempt, whatever the channel.

use std::error::Error;
use std::time::Duration;

use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{RequestBuilder, StatusCode, Url};
use serde_json::Value;

use crate::alerts::attempt::Attempt;
use crate::alerts::letter::cut;
use crate::clock::wall_clock;

/// What every body is.
pub(super) const JSON: &str = "application/json; charset=utf-8";
/// How long an attempt may take, in real time; Standard Webhooks asks for 15 to 30 s.
pub(super) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(15);

/// More of an answer than this is not read.
const MOST_BYTES: usize = 64 * 1024;

/// An answer of any status.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// Posts a JSON body and takes the answer, of whatever status; no answer is a failed attempt.
pub(super) async fn post(
    place: &str,
    request: RequestBuilder,
    body: &Value,
) -> Result<Answer, Attempt> {
    let request = request
        .timeout(ATTEMPT_TIMEOUT)
        .header(CONTENT_TYPE, JSON)
        .body(body.to_string());
    let mut answer = request.send().await.map_err(|error| failed(place, error))?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| failed(place, error))? {
        body.extend_from_slice(&chunk);
        if body.len() > MOST_BYTES {
            break;
        }
    }
    Ok(Answer {
        status,
        headers,
        body,
    })
}

/// The other side's own words, for a reason: their first line, without what may be secret.
pub(super) fn quoted(words: &str, secrets: &[&str]) -> String {
    let line = words.trim().lines().next().unwrap_or_default();
    let mut line = line.replace(char::is_control, " ");
    let mut secrets: Vec<&str> = secrets
        .iter()
        .copied()
        .filter(|secret| secret.len() >= 4)
        .collect();
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    for secret in secrets {
        line = line.replace(secret, "…");
    }
    cut(&line, 200)
}

/// What of a URL is secret: the end of its path, what its query says, and a password.
pub(super) fn secrets_of(url: &str) -> Vec<String> {
    let Ok(parsed) = Url::parse(url) else {
        return vec![url.to_owned()];
    };
    let mut secrets = vec![url.to_owned()];
    let path = parsed.path_segments();
    secrets.extend(path.and_then(|mut path| path.next_back()).map(Into::into));
    secrets.extend(parsed.query_pairs().map(|(_, value)| value.into_owned()));
    secrets.extend(parsed.password().map(Into::into));
    secrets
}

/// What a status alone says.
pub(super) fn judged(place: &str, status: StatusCode, headers: &HeaderMap) -> Attempt {
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

/// What there was no answer for.
pub(super) fn failed(place: &str, error: reqwest::Error) -> Attempt {
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
pub(super) fn redacted(url: &str) -> String {
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

    use super::*;

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
    fn the_words_of_the_other_side_are_quoted_without_secrets() {
        let url = "https://u:PASSW0RD@a.example/hook/T0KEN?key=K3Y1&sig=T0KEN-LONG";
        let secrets = secrets_of(url);
        let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
        let said = quoted(
            "bad T0KEN-LONG, K3Y1 and T0KEN,\tPASSW0RD\nof the second line",
            &secrets,
        );
        assert_eq!(said, "bad …, … and …, …");
        assert_eq!(quoted(url, &secrets), "…");
        assert_eq!(quoted(&"停".repeat(100), &[]).len(), 198);
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
}
