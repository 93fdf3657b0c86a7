//! What of an HTTP answer makes it a good one: `status=200&has=TEXT&json=/POINTER:VALUE`.

use std::fmt;

use serde_json::Value;

use crate::probes::reach::fault::Fault;
use crate::probes::reach::percent::{decode, encode};

/// So many redirects may be followed where somebody says so.
const MOST_REDIRECTS: u8 = 10;
/// Of a value that is shown.
const SHOWN: usize = 80;

/// All of them have to hold. Without any, every status of 200 to 299 is good.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    pub statuses: Statuses,
    /// What the body has to hold, each in UTF-8 or in GB 18030.
    pub has: Vec<String>,
    /// A pointer (RFC 6901) and what it has to lead to: a text, a number, true, false or null.
    pub json: Vec<(String, String)>,
    /// How many redirects are followed.
    pub follow: u8,
}

/// Which statuses are good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statuses(Vec<Status>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    One(u16),
    /// `2xx`.
    Class(u16),
}

/// What is wrong with conditions as they were written down.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConditionError {
    #[error("there is no condition `{0}` after `#`: known are status, has, json, follow")]
    Unknown(String),
    #[error("condition `{0}` stands twice: join statuses with commas, keep one of the others")]
    Twice(&'static str),
    #[error("`status={0}` is no status: write 200, 2xx or 200,302")]
    Status(String),
    #[error("`has=` holds no text: write what the page shows when all is well")]
    NoText,
    #[error("`json={0}` is no pointer and value: write json=/status:ok")]
    Json(String),
    #[error(
        "`follow={0}` is no number from 0 to {MOST_REDIRECTS}: how many redirects are followed"
    )]
    Follow(String),
    #[error("`{0}` is not percent-encoded UTF-8: write & as %26, # as %23, % as %25")]
    Encoding(String),
}

impl Default for Statuses {
    fn default() -> Self {
        Self(vec![Status::Class(2)])
    }
}

impl Statuses {
    pub(super) fn hold(&self, status: u16) -> bool {
        self.0.iter().any(|good| match good {
            Status::One(one) => *one == status,
            Status::Class(class) => status / 100 == *class,
        })
    }

    fn read(text: &str) -> Option<Self> {
        let statuses = text.split(',').map(|status| {
            if let Some(class) = status.strip_suffix("xx") {
                let class: u16 = class.parse().ok()?;
                return (1..=5).contains(&class).then_some(Status::Class(class));
            }
            let status: u16 = status.parse().ok()?;
            (100..=599).contains(&status).then_some(Status::One(status))
        });
        statuses.collect::<Option<_>>().map(Self)
    }
}

impl fmt::Display for Statuses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, status) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(",")?;
            }
            match status {
                Status::One(status) => write!(f, "{status}")?,
                Status::Class(class) => write!(f, "{class}xx")?,
            }
        }
        Ok(())
    }
}

impl Conditions {
    /// Reads what stands after the `#`.
    pub(super) fn read(text: &str) -> Result<Self, ConditionError> {
        let mut conditions = Self::default();
        let (mut status, mut follow) = (false, false);
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let plain =
                |text: &str| decode(text).ok_or_else(|| ConditionError::Encoding(pair.to_owned()));
            match key {
                "status" if std::mem::replace(&mut status, true) => {
                    return Err(ConditionError::Twice("status"));
                }
                "status" => {
                    let statuses = Statuses::read(value);
                    let odd = || ConditionError::Status(value.to_owned());
                    conditions.statuses = statuses.ok_or_else(odd)?;
                }
                "has" if value.is_empty() => return Err(ConditionError::NoText),
                "has" => conditions.has.push(plain(value)?),
                "json" => {
                    // Before decoding, so that a pointer may hold a colon as %3A.
                    let (pointer, wanted) = value
                        .split_once(':')
                        .ok_or_else(|| ConditionError::Json(value.to_owned()))?;
                    let pointer = plain(pointer)?;
                    if !(pointer.is_empty() || pointer.starts_with('/')) {
                        return Err(ConditionError::Json(value.to_owned()));
                    }
                    conditions.json.push((pointer, plain(wanted)?));
                }
                "follow" if std::mem::replace(&mut follow, true) => {
                    return Err(ConditionError::Twice("follow"));
                }
                "follow" => {
                    let most = value.parse().ok().filter(|most| *most <= MOST_REDIRECTS);
                    let odd = || ConditionError::Follow(value.to_owned());
                    conditions.follow = most.ok_or_else(odd)?;
                }
                _ => return Err(ConditionError::Unknown(key.to_owned())),
            }
        }
        Ok(conditions)
    }

    /// Judges a body, of which there may be `more` than was read: at most `most` bytes.
    pub(super) fn judge(&self, body: &[u8], more: bool, most: usize) -> Result<(), Fault> {
        let lacked = self.has.iter().find(|text| !holds(body, text));
        if more && (lacked.is_some() || !self.json.is_empty()) {
            return Err(Fault::TooLong { most });
        }
        if let Some(text) = lacked {
            let text = text.clone();
            return Err(Fault::Lacks { text });
        }
        if self.json.is_empty() {
            return Ok(());
        }
        let document = parse(body).ok_or(Fault::NoJson)?;
        for (pointer, wanted) in &self.json {
            let value = document.pointer(pointer).ok_or_else(|| Fault::NoValue {
                pointer: pointer.clone(),
            })?;
            let got = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            if got != *wanted {
                return Err(Fault::OtherValue {
                    pointer: pointer.clone(),
                    wanted: wanted.clone(),
                    got: got.chars().take(SHOWN).collect(),
                });
            }
        }
        Ok(())
    }
}

/// As they are read, in one order and without what goes without saying.
impl fmt::Display for Conditions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut pairs = Vec::new();
        if self.statuses != Statuses::default() {
            pairs.push(format!("status={}", self.statuses));
        }
        pairs.extend(
            self.has
                .iter()
                .map(|text| format!("has={}", encode(text, ""))),
        );
        for (pointer, wanted) in &self.json {
            pairs.push(format!(
                "json={}:{}",
                encode(pointer, ":"),
                encode(wanted, "")
            ));
        }
        if self.follow > 0 {
            pairs.push(format!("follow={}", self.follow));
        }
        f.write_str(&pairs.join("&"))
    }
}

/// Many pages here are written in GB 18030 or its elders, and say so nowhere.
fn holds(body: &[u8], text: &str) -> bool {
    let within = |part: &[u8]| body.windows(part.len().max(1)).any(|window| window == part);
    within(text.as_bytes()) || within(&encoding_rs::GB18030.encode(text).0)
}

fn parse(body: &[u8]) -> Option<Value> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if std::str::from_utf8(body).is_ok() {
        return serde_json::from_slice(body).ok();
    }
    let text = encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(body)?;
    serde_json::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = 1024;

    fn judged(conditions: &str, body: &[u8]) -> Result<(), Fault> {
        Conditions::read(conditions)
            .unwrap()
            .judge(body, false, MOST)
    }

    #[test]
    fn a_text_is_found_in_both_encodings() {
        assert_eq!(
            judged("has=正常&has=a%26b", "一切正常 a&b".as_bytes()),
            Ok(())
        );
        let page = encoding_rs::GB18030.encode("一切正常").0;
        assert_eq!(judged("has=%E6%AD%A3%E5%B8%B8", &page), Ok(()));
        let text = "正常".to_owned();
        assert_eq!(judged("has=正常", b"error"), Err(Fault::Lacks { text }));
        assert!(matches!(judged("has=x", b""), Err(Fault::Lacks { .. })));
    }

    #[test]
    fn a_value_is_compared_as_it_reads() {
        let body = br#"{"a":{"b":[1,"12:30",true,null]},"c:d":"x","big":1.50}"#;
        for good in [
            "/a/b/0:1",
            "/a/b/1:12:30",
            "/a/b/2:true",
            "/a/b/3:null",
            "/c%3Ad:x",
        ] {
            assert_eq!(judged(&format!("json={good}"), body), Ok(()), "{good}");
        }
        assert_eq!(judged("json=:7", b"7"), Ok(()));
        assert_eq!(judged("json=/a:1", b"oops"), Err(Fault::NoJson));
        let pointer = "/z".to_owned();
        assert_eq!(judged("json=/z:1", body), Err(Fault::NoValue { pointer }));
        let other = judged("json=/a/b/2:false", body).unwrap_err();
        assert!(matches!(other, Fault::OtherValue { got, .. } if got == "true"));
        let gbk = encoding_rs::GB18030.encode(r#"{"状态":"正常"}"#).0;
        assert_eq!(judged("json=/状态:正常", &gbk), Ok(()));
    }

    #[test]
    fn what_was_read_of_a_long_body_may_be_enough() {
        let judged = |text: &str| Conditions::read(text).unwrap().judge(b"ready", true, 5);
        assert_eq!(judged("has=ready"), Ok(()));
        assert_eq!(judged(""), Ok(()));
        let long = Err(Fault::TooLong { most: 5 });
        assert_eq!(judged("has=steady"), long);
        assert_eq!(judged("json=/a:1"), long);
    }

    #[test]
    fn statuses_are_single_or_of_a_class() {
        let good = |text: &str, status| Statuses::read(text).unwrap().hold(status);
        assert!(Statuses::default().hold(204) && !Statuses::default().hold(302));
        assert!(good("200,3xx", 302) && good("200,3xx", 200) && !good("200,3xx", 201));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let error = |text: &str| Conditions::read(text).unwrap_err();
        assert_eq!(
            error("stat=200"),
            ConditionError::Unknown("stat".to_owned())
        );
        assert_eq!(
            error("status=200&status=201"),
            ConditionError::Twice("status")
        );
        for odd in ["", "99", "6xx", "20x", "200,"] {
            let status = ConditionError::Status(odd.to_owned());
            assert_eq!(error(&format!("status={odd}")), status);
        }
        assert_eq!(error("has="), ConditionError::NoText);
        assert_eq!(error("json=/a"), ConditionError::Json("/a".to_owned()));
        assert_eq!(error("json=a:1"), ConditionError::Json("a:1".to_owned()));
        assert_eq!(error("follow=11"), ConditionError::Follow("11".to_owned()));
        assert_eq!(
            error("has=%zz"),
            ConditionError::Encoding("has=%zz".to_owned())
        );
    }
}
