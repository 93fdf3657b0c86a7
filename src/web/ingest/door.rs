//! Doors for other people's jobs: each opens to its token, and not too often.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hmac::{Hmac, Mac as _};
use serde::Serialize;
use sha2::Sha256;
use tokio::time::Instant;

use crate::document::which;
use crate::text::Text;

/// So many may come at once, and one more each second.
pub(super) const BURST: u32 = 10;

/// What a door is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Of {
    Queue,
    Backup,
}

impl Of {
    fn not_there(self, name: &str, own: &[&String]) -> Text {
        let all: Vec<&str> = own.iter().map(|name| name.as_str()).collect();
        let (all, which) = (all.join("、"), which(name, own));
        match self {
            Of::Queue => Text::new(
                format!("没有推送来的队列“{name}”；这个令牌可用于：{all}"),
                format!("no queue `{name}` is pushed in: {which}"),
            ),
            Of::Backup => Text::new(
                format!("没有靠报告得知的备份“{name}”；这个令牌可用于：{all}"),
                format!("no backup `{name}` is known by report: {which}"),
            ),
        }
    }

    fn wrong_token(self, name: &str) -> Text {
        let (zh, en) = match self {
            Of::Queue => ("队列", "queue"),
            Of::Backup => ("备份", "backup"),
        };
        Text::new(
            format!("{zh}“{name}”的令牌不对；请求头写成：Authorization: Bearer 令牌"),
            format!("the token does not open {en} `{name}`: send `Authorization: Bearer TOKEN`"),
        )
    }
}

/// The doors of one kind, and what lies behind each.
pub(super) struct Doors<T> {
    of: Of,
    /// Of this process alone.
    key: [u8; 32],
    all: BTreeMap<String, Door<T>>,
}

struct Door<T> {
    /// Compared instead of the token, which is not kept.
    tag: Vec<u8>,
    budget: Mutex<Budget>,
    behind: T,
}

impl<T> fmt::Debug for Doors<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.all.keys()).finish()
    }
}

impl<T> Doors<T> {
    pub(super) fn new(of: Of) -> anyhow::Result<Self> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).context("the system has no randomness")?;
        let all = BTreeMap::new();
        Ok(Self { of, key, all })
    }

    /// Adds a door; false where one of that name is there already.
    pub(super) fn add(&mut self, name: &str, token: &str, behind: T) -> bool {
        let door = Door {
            tag: self.mac(token).finalize().into_bytes().to_vec(),
            budget: Mutex::new(Budget::full()),
            behind,
        };
        self.all.insert(name.to_owned(), door).is_none()
    }

    /// What lies behind a door, for whoever has its token and does not come too often.
    pub(super) fn open(&self, name: &str, headers: &HeaderMap) -> Result<&T, Refusal> {
        let door = self.door(name, token(headers).unwrap_or_default())?;
        let mut budget = door.budget.lock().unwrap_or_else(PoisonError::into_inner);
        if budget.take(Instant::now()) {
            return Ok(&door.behind);
        }
        let why = Text::new(
            "推送太勤，每秒最多一次",
            "it is pushed too often: once a second is the most",
        );
        Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, why))
    }

    fn door(&self, name: &str, token: &str) -> Result<&Door<T>, Refusal> {
        // Takes as long for a wrong one.
        let fits = |door: &Door<T>| self.mac(token).verify_slice(&door.tag).is_ok();
        let wrong = || Refusal::new(StatusCode::UNAUTHORIZED, self.of.wrong_token(name));
        if let Some(door) = self.all.get(name) {
            return if fits(door) { Ok(door) } else { Err(wrong()) };
        }
        let own = self.all.iter().filter(|(_, door)| fits(door));
        let own: Vec<&String> = own.map(|(name, _)| name).collect();
        // Whoever has no token learns no name.
        if own.is_empty() {
            return Err(wrong());
        }
        let why = self.of.not_there(name, &own);
        Err(Refusal::new(StatusCode::NOT_FOUND, why))
    }

    fn mac(&self, token: &str) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new_from_slice(&self.key);
        mac.expect("HMAC takes keys of any length")
            .chain_update(token)
    }
}

/// How many may come now.
struct Budget {
    left: u32,
    since: Instant,
}

impl Budget {
    fn full() -> Self {
        Self {
            left: BURST,
            since: Instant::now(),
        }
    }

    fn take(&mut self, now: Instant) -> bool {
        let seconds = now.saturating_duration_since(self.since).as_secs();
        if seconds > 0 {
            let more = u32::try_from(seconds).unwrap_or(BURST);
            self.left = self.left.saturating_add(more).min(BURST);
            self.since += Duration::from_secs(seconds);
        }
        let any = self.left > 0;
        self.left = self.left.saturating_sub(1);
        any
    }
}

/// What whoever pushed is told.
#[derive(Debug, Serialize)]
pub(super) struct Refusal {
    #[serde(skip)]
    pub(super) status: StatusCode,
    pub(super) refused: Text,
    /// Everything that is wrong with the body.
    pub(super) faults: Vec<Fault>,
}

#[derive(Debug, Serialize)]
pub(super) struct Fault {
    pub(super) field: String,
    #[serde(flatten)]
    pub(super) what: Text,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, refused: Text) -> Self {
        Self {
            status,
            refused,
            faults: Vec::new(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(&self)).into_response();
        let headers = response.headers_mut();
        match self.status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::TOO_MANY_REQUESTS => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        response
    }
}

/// RFC 6750, 2.1; the name of the scheme in any case (RFC 9110, 11.1).
fn token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_its_own_doors_and_whoever_has_none_learns_no_name() {
        let mut doors = Doors::new(Of::Queue).unwrap();
        for (name, token) in [
            ("support", "token-of-a"),
            ("sales", "token-of-a"),
            ("night", "token-of-b"),
        ] {
            assert!(doors.add(name, token, name));
        }
        assert!(!doors.add("night", "token-of-a", "night"), "there is one");
        assert!(doors.add("day", "token-of-b", "day"));
        let opened = |name, token| doors.door(name, token).map(|door| door.behind);
        assert_eq!(opened("support", "token-of-a").unwrap(), "support");
        assert_eq!(opened("day", "token-of-b").unwrap(), "day");
        for (name, token) in [("support", "token-of-b"), ("support", ""), ("no", "guess")] {
            let refusal = opened(name, token).unwrap_err();
            assert_eq!(refusal.status, StatusCode::UNAUTHORIZED);
        }
        let refusal = opened("suport", "token-of-a").unwrap_err();
        assert_eq!(refusal.status, StatusCode::NOT_FOUND);
        assert!(refusal.refused.en.ends_with("did you mean `support`?"));
        assert!(!format!("{doors:?}").contains("token-of"));
    }

    #[test]
    fn the_token_is_behind_bearer_in_any_case() {
        let shown = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            token(&headers).map(str::to_owned)
        };
        assert_eq!(shown("Bearer abc"), Some("abc".to_owned()));
        assert_eq!(shown("bearer  abc "), Some("abc".to_owned()));
        assert_eq!(shown("Basic abc"), None);
        assert_eq!(shown("Bearer"), None);
        assert_eq!(token(&HeaderMap::new()), None);
    }

    #[test]
    fn a_burst_is_taken_and_then_one_each_second() {
        let mut budget = Budget::full();
        let start = budget.since;
        let at = |millis| start + Duration::from_millis(millis);
        assert!((0..BURST).all(|_| budget.take(at(10))));
        assert!(!budget.take(at(999)));
        assert!(budget.take(at(1000)));
        assert!(!budget.take(at(1500)));
        assert!(budget.take(at(2000)));
        assert!((0..BURST).all(|_| budget.take(at(60_000))));
        assert!(!budget.take(at(60_000)));
    }
}
