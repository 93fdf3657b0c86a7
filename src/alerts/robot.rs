//! The group robots of DingTalk, WeCom and Feishu.
//!
//! They answer 200 to everything: only the code in the body says whether the group
//! has the message. The URL of a robot is a secret. Signatures are of each attempt,
//! by the wall clock, which may be an hour off at most.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, Mac as _};
use jiff::SignedDuration;
use reqwest::Url;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::alerts::answer::{judged, post, quoted, redacted, secrets_of};
use crate::alerts::attempt::Attempt;
use crate::alerts::budget::Limit;
use crate::alerts::letter::{Reader, Tone, cut, letter};
use crate::clock::wall_clock;
use crate::incidents::Due;

/// WeCom takes 4,096 bytes of markdown; the others take more, and nobody reads it.
const MOST_BYTES: usize = 4096;
/// Of a message of several, without its title and foot.
pub(super) const COMBINED_BYTES: usize = 3500;
const A_MINUTE: SignedDuration = SignedDuration::from_mins(1);
const A_SECOND: SignedDuration = SignedDuration::from_secs(1);

/// Whose robot it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    DingTalk,
    WeCom,
    Feishu,
}

/// One robot of one group.
#[derive(Clone)]
pub struct Settings {
    pub kind: Kind,
    /// Lets whoever knows it write to the group.
    pub url: String,
    /// Where the robot signs; WeCom's never does.
    pub secret: Option<String>,
    pub reader: Reader,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("kind", &self.kind)
            .field("url", &redacted(&self.url))
            .finish_non_exhaustive()
    }
}

/// How many messages a robot takes, with room for what others send: 20 a minute of
/// DingTalk, which then mutes it for ten, 20 of WeCom, 100 and 5 a second of Feishu.
pub(super) fn limits(kind: Kind) -> &'static [Limit] {
    match kind {
        Kind::DingTalk | Kind::WeCom => &[(18, A_MINUTE)],
        Kind::Feishu => &[(60, A_MINUTE), (4, A_SECOND)],
    }
}

/// Feishu turns everybody away at the full and half hour, when messages that go by
/// the clock are sent: those keep clear of it by 5 to 30 seconds.
pub(super) fn off_the_hour(kind: Kind) -> SignedDuration {
    match kind {
        Kind::Feishu => a_while(),
        Kind::DingTalk | Kind::WeCom => SignedDuration::ZERO,
    }
}

/// Between 5 and 30 seconds, not the same for all who wait.
fn a_while() -> SignedDuration {
    // Without randomness all wait alike, and the next attempt waits longer.
    let chance = getrandom::u32().unwrap_or(10);
    SignedDuration::from_secs(i64::from(5 + chance % 26))
}

/// Makes one attempt.
pub async fn send(settings: &Settings, client: &reqwest::Client, dues: &[Arc<Due>]) -> Attempt {
    let place = redacted(&settings.url);
    let now = wall_clock();
    let Ok(mut url) = Url::parse(&settings.url) else {
        let why = format!("{place}: check the channel's url");
        return Attempt::Refused { why };
    };
    let mut body = body(settings, dues);
    match (settings.kind, &settings.secret) {
        (Kind::DingTalk, Some(secret)) => {
            let timestamp = now.as_millisecond();
            url.query_pairs_mut()
                .append_pair("timestamp", &timestamp.to_string())
                .append_pair("sign", &dingtalk_signature(secret, timestamp));
        }
        (Kind::Feishu, Some(secret)) => {
            let timestamp = now.as_second();
            body["timestamp"] = json!(timestamp.to_string());
            body["sign"] = json!(feishu_signature(secret, timestamp));
        }
        _ => {}
    }
    let secrets = secrets_of(&settings.url);
    let secrets = secrets.iter().chain(&settings.secret);
    let secrets: Vec<&str> = secrets.map(String::as_str).collect();
    match post(&place, client.post(url), &body).await {
        Ok(answer) if answer.status.is_success() => {
            said(settings.kind, &place, &answer.body, &secrets)
        }
        // Feishu says what it minds in the body of a 400 too.
        Ok(answer) => match said(settings.kind, &place, &answer.body, &secrets) {
            refused @ Attempt::Refused { .. } => refused,
            _ => judged(&place, answer.status, &answer.headers),
        },
        Err(attempt) => attempt,
    }
}

/// HMAC-SHA256 of "time, line feed, secret" by the secret; the time in ms.
fn dingtalk_signature(secret: &str, timestamp: i64) -> String {
    signature(secret, &format!("{timestamp}\n{secret}"))
}

/// HMAC-SHA256 of nothing, by "time, line feed, secret"; the time in s.
fn feishu_signature(secret: &str, timestamp: i64) -> String {
    signature(&format!("{timestamp}\n{secret}"), "")
}

fn signature(key: &str, message: &str) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(message.as_bytes());
    BASE64.encode(mac.finalize().into_bytes())
}

fn body(settings: &Settings, dues: &[Arc<Due>]) -> Value {
    let letter = letter(&settings.reader, dues);
    let title = cut(&letter.title, MOST_BYTES / 8);
    let bold = |title: &str| format!("**{title}**");
    match settings.kind {
        Kind::DingTalk => {
            let head = format!("### {title}\n\n");
            let text = letter.text(bold, "\n\n", MOST_BYTES - head.len());
            json!({"msgtype": "markdown", "markdown": {"title": title, "text": head + &text}})
        }
        Kind::WeCom => {
            let head = format!("**{title}**\n");
            let content = letter.text(bold, "\n", MOST_BYTES - head.len());
            json!({"msgtype": "markdown", "markdown": {"content": head + &content}})
        }
        Kind::Feishu => {
            let colour = match letter.tone {
                Tone::Over => "green",
                Tone::Critical => "red",
                Tone::Warning => "orange",
                Tone::Info => "grey",
            };
            let text = letter.text(bold, "\n", MOST_BYTES);
            json!({"msg_type": "interactive", "card": {
                "header": {"title": {"tag": "plain_text", "content": title}, "template": colour},
                "elements": [{"tag": "div", "text": {"tag": "lark_md", "content": text}}],
            }})
        }
    }
}

/// What the code in a body of status 200 says; a body that is none of theirs is a failure.
fn said(kind: Kind, place: &str, body: &[u8], secrets: &[&str]) -> Attempt {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let (code, words) = match kind {
        Kind::DingTalk | Kind::WeCom => (&answer["errcode"], &answer["errmsg"]),
        Kind::Feishu => (&answer["code"], &answer["msg"]),
    };
    let Some(code) = code.as_i64() else {
        return Attempt::Failed {
            why: format!("{place} answered what is no answer of its robots"),
            retry_after: None,
        };
    };
    let why = format!(
        "{place} answered {code}: {}",
        quoted(words.as_str().unwrap_or("no reason"), secrets)
    );
    let later = |wait| Attempt::Failed {
        why: why.clone(),
        retry_after: Some(wait),
    };
    let never = |mend: &str| Attempt::Refused {
        why: format!("{why}; {mend}"),
    };
    match (kind, code) {
        (_, 0) => Attempt::Delivered,
        // Too many: ten minutes of mute.
        (Kind::DingTalk, 130_101) => later(SignedDuration::from_mins(10)),
        (Kind::DingTalk, 310_000) => never(
            "check the robot's keyword (prefix), its secret, its list of addresses and this host's clock",
        ),
        (Kind::DingTalk, 300_001) | (Kind::WeCom, 93_000) => never("check the channel's url"),
        (Kind::WeCom, 45_009) => later(A_MINUTE),
        (Kind::WeCom, 40_058 | 44_004) | (Kind::Feishu, 9_499 | 19_036) => {
            never("the message does not fit")
        }
        // Also answered to everybody when the platform is busy at the full and half hour.
        (Kind::Feishu, 11_232) => later(a_while()),
        (Kind::Feishu, 19_021) => never("check the channel's secret and this host's clock"),
        (Kind::Feishu, 19_022) => never("add this host to the robot's list of addresses"),
        (Kind::Feishu, 19_024) => never("put the robot's keyword into the channel's prefix"),
        _ => Attempt::Failed {
            why,
            retry_after: None,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use axum::Router;
    use axum::body::Bytes;
    use axum::http::Uri;
    use axum::routing::post;
    use tokio::net::TcpListener;
    use tokio::sync::mpsc;
    use tokio::task::JoinSet;

    use super::*;
    use crate::alerts::fixture;
    use crate::incidents::Notice;
    use crate::text::{Language, Text};

    fn due(text: &str) -> [Arc<Due>; 1] {
        let mut due = fixture::due();
        due.message.text = Text::same(text);
        [Arc::new(due)]
    }

    fn settings(kind: Kind, secret: Option<&str>) -> Settings {
        Settings {
            kind,
            url: "https://robots.example/robot/send?access_token=T0KEN".into(),
            secret: secret.map(Into::into),
            reader: fixture::reader(Language::Zh),
        }
    }

    #[test]
    fn the_published_vectors_are_signed_alike() {
        for (secret, timestamp, expected) in [
            (
                "SEC0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                1_700_000_000_000,
                "bTgY2yDbep+wesS7jKiNj+srsHoADES4+C4f8LCHFtU=",
            ),
            (
                "this is secret",
                1_577_262_236_757,
                "hmPWwU+7lVdm3ZZz0r9tSfx0L4Q26jWOZr9+Gs6EZQM=",
            ),
            (
                "SECdemo",
                1_700_000_000_001,
                "PTs+dsurGspsy8LSQV/Ud2CTvBpozdeoue2U2fgKqxI=",
            ),
        ] {
            assert_eq!(dingtalk_signature(secret, timestamp), expected);
        }
        let demo = feishu_signature("demo", 1_700_000_000);
        assert_eq!(demo, "8oT2n3SMKFfEnDoiwer8BUM/SjKLwe9SqoEIHlhDTKo=");
        assert_ne!(
            demo, "Jo+BcIpYOGJCAvpJ++qSw87Rqhi9JUu1uVQKqanKycY=",
            "key and message swapped"
        );
        let other = feishu_signature("this is secret", 1_599_360_473);
        assert_eq!(other, "/eYKrXQBzTjUZJ3s6NX16VxGbTwmK7AEs8/FnvC1CSw=");
    }

    #[test]
    fn only_the_code_in_the_body_says_that_a_group_has_it() {
        let said = |kind, body: &str| {
            said(
                kind,
                "https://robots.example/…",
                body.as_bytes(),
                &["T0KEN"],
            )
        };
        let code = |kind, code: i64| match kind {
            Kind::Feishu => said(kind, &format!("{{\"code\":{code},\"msg\":\"words\"}}")),
            _ => said(
                kind,
                &format!("{{\"errcode\":{code},\"errmsg\":\"words\"}}"),
            ),
        };
        for kind in [Kind::DingTalk, Kind::WeCom, Kind::Feishu] {
            assert_eq!(code(kind, 0), Attempt::Delivered);
            for odd in ["", "<html>", "{}", "[]", "{\"errcode\":\"0\"}"] {
                assert!(matches!(said(kind, odd), Attempt::Failed { .. }), "{odd}");
            }
            assert!(matches!(
                code(kind, -1),
                Attempt::Failed {
                    retry_after: None,
                    ..
                }
            ));
        }
        // An old field of Feishu's, and a real refusal of DingTalk's with more in it.
        assert!(matches!(
            said(Kind::Feishu, "{\"StatusCode\":0}"),
            Attempt::Failed { .. }
        ));
        let muted = "{\"status\":1111,\"wait\":5,\"punish\":\"deny\",\"errcode\":130101,\"errmsg\":\"send too fast\"}";
        let Attempt::Failed { why, retry_after } = said(Kind::DingTalk, muted) else {
            panic!("it is tried again");
        };
        assert!(why.contains("send too fast"), "{why}");
        assert_eq!(retry_after, Some(SignedDuration::from_mins(10)));
        for (kind, refused) in [
            (Kind::DingTalk, 310_000),
            (Kind::DingTalk, 300_001),
            (Kind::WeCom, 93_000),
            (Kind::Feishu, 19_021),
            (Kind::Feishu, 19_024),
        ] {
            assert!(
                matches!(code(kind, refused), Attempt::Refused { .. }),
                "{refused}"
            );
        }
        let Attempt::Failed { retry_after, .. } = code(Kind::Feishu, 11_232) else {
            panic!("it is tried again");
        };
        let wait = retry_after.unwrap().as_secs();
        assert!((5..=30).contains(&wait), "{wait}");
        assert!(off_the_hour(Kind::Feishu) >= SignedDuration::from_secs(5));
        let told = said(Kind::WeCom, "{\"errcode\":93000,\"errmsg\":\"no T0KEN\"}");
        assert!(!format!("{told:?}").contains("T0KEN"), "{told:?}");
    }

    #[test]
    fn a_message_is_cut_between_characters_and_its_title_is_never_lost() {
        let long = "停".repeat(3000);
        for kind in [Kind::DingTalk, Kind::WeCom] {
            let body = body(&settings(kind, None), &due(&long));
            let markdown = &body["markdown"];
            let text = markdown["text"]
                .as_str()
                .or(markdown["content"].as_str())
                .unwrap();
            assert!(
                text.len() <= MOST_BYTES && text.len() > MOST_BYTES - 8,
                "{}",
                text.len()
            );
            assert!(text.contains("停电 14:31 · C座三楼") && text.contains('…'));
        }
        let mut over = fixture::due();
        over.message.notice = Notice::Closed;
        let card = body(&settings(Kind::Feishu, None), &[Arc::new(over)]);
        assert_eq!(card["card"]["header"]["template"], "green");
    }

    #[tokio::test]
    async fn a_robot_is_posted_its_message_signed_in_its_own_way() {
        type Posted = (BTreeMap<String, String>, Value);
        let (posted_tx, mut posted_rx) = mpsc::unbounded_channel::<Posted>();
        let take = move |uri: Uri, body: Bytes| {
            let url = Url::parse(&format!("http://robot.example{uri}")).unwrap();
            let query = url.query_pairs().into_owned().collect();
            let body = serde_json::from_slice(&body).unwrap();
            posted_tx.send((query, body)).unwrap();
            async { "{\"errcode\":0,\"code\":0}" }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut tasks = JoinSet::new();
        let router = Router::new().route("/robot/send", post(take));
        tasks.spawn(async move { axum::serve(listener, router).await });
        let client = crate::alerts::client().unwrap();
        let url = format!("http://{address}/robot/send?access_token=T0KEN");
        let robot = |kind, secret: Option<&str>| Settings {
            url: url.clone(),
            reader: Reader {
                prefix: "应急 ".into(),
                ..fixture::reader(Language::Zh)
            },
            ..settings(kind, secret)
        };

        let attempt = send(
            &robot(Kind::DingTalk, Some("SECdemo")),
            &client,
            &due("市电中断。"),
        )
        .await;
        assert_eq!(attempt, Attempt::Delivered);
        let (query, body) = posted_rx.recv().await.unwrap();
        assert_eq!(query["access_token"], "T0KEN");
        let timestamp: i64 = query["timestamp"].parse().unwrap();
        assert_eq!(query["sign"], dingtalk_signature("SECdemo", timestamp));
        assert_eq!(body["markdown"]["title"], "应急 停电 14:31 · C座三楼");
        assert_eq!(
            body["markdown"]["text"],
            "### 应急 停电 14:31 · C座三楼\n\n市电中断。\n\n客服中心 · 严重 · 3月2日 14:31 起"
        );

        let attempt = send(&robot(Kind::WeCom, None), &client, &due("市电中断。")).await;
        assert_eq!(attempt, Attempt::Delivered);
        let (query, body) = posted_rx.recv().await.unwrap();
        assert!(!query.contains_key("sign"));
        assert_eq!(
            body["markdown"]["content"],
            "**应急 停电 14:31 · C座三楼**\n市电中断。\n客服中心 · 严重 · 3月2日 14:31 起"
        );

        let attempt = send(
            &robot(Kind::Feishu, Some("demo")),
            &client,
            &due("市电中断。"),
        )
        .await;
        assert_eq!(attempt, Attempt::Delivered);
        let (_, body) = posted_rx.recv().await.unwrap();
        let timestamp: i64 = body["timestamp"].as_str().unwrap().parse().unwrap();
        assert_eq!(body["sign"], feishu_signature("demo", timestamp));
        assert_eq!(body["card"]["header"]["template"], "red");

        drop(tasks);
        let settings = robot(Kind::Feishu, Some("SECRET"));
        let printed = format!(
            "{:?} {settings:?}",
            send(&settings, &client, &due("x")).await
        );
        assert!(
            !printed.contains("T0KEN") && !printed.contains("SECRET"),
            "{printed}"
        );
    }
}
