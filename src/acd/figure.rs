//! What a foreign system means by a value: counts and durations come as numbers, as
//! texts, as times of a clock; some systems say -1 for "unknown".

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use crate::acd::blind::Blind;
use crate::acd::pointer::written;
use crate::acd::queue::Field;
use crate::text::Text;

/// No queue is longer, and no counter of one day higher.
const MOST: f64 = 1e9;
/// Nobody waits longer: ten years, in seconds.
const LONGEST: f64 = 10.0 * 365.0 * 86_400.0;
/// Seconds since 1970 reach this in the year 5138, milliseconds did in 1973.
const SURELY_MILLISECONDS: f64 = 1e11;

/// What a bare number of a duration counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum Unit {
    #[default]
    #[serde(rename = "s")]
    Seconds,
    #[serde(rename = "ms")]
    Milliseconds,
    #[serde(rename = "min")]
    Minutes,
}

/// Why a value is no figure. None of these is nought.
#[derive(Clone, Debug, PartialEq)]
pub enum Odd {
    Null,
    Empty,
    /// By which many systems say that they do not know.
    Negative(String),
    NoNumber(String),
    NotWhole(String),
    TooMuch(String),
    NoDuration(String),
    NoMoment(String),
    /// A date and time of nobody knows which zone.
    NoZone(String),
    Future(String),
}

impl Odd {
    /// What people call it, behind the name of the value.
    pub fn words(&self) -> Text {
        match self {
            Odd::Null => Text::new("是null", "is null"),
            Odd::Empty => Text::new("是空的", "is empty"),
            Odd::Negative(said) => Text::new(
                format!("是负数{said}，多半是说“不知道”"),
                format!("is negative, {said}: many systems mean \"not known\" by it"),
            ),
            Odd::NoNumber(said) => {
                Text::new(format!("不是数字：{said}"), format!("is no number: {said}"))
            }
            Odd::NotWhole(said) => Text::new(
                format!("不是整数：{said}"),
                format!("is no whole number: {said}"),
            ),
            Odd::TooMuch(said) => Text::new(
                format!("大得不可能：{said}"),
                format!("is more than can be: {said}"),
            ),
            Odd::NoDuration(said) => Text::new(
                format!("不是时长：{said}；写成90、\"90s\"或\"00:01:30\""),
                format!("is no duration: {said}; write 90, \"90s\" or \"00:01:30\""),
            ),
            Odd::NoMoment(said) => Text::new(
                format!("不是时刻：{said}；写成\"2026-03-02T14:31:05+08:00\""),
                format!("is no moment: {said}; write \"2026-03-02T14:31:05+08:00\""),
            ),
            Odd::NoZone(said) => Text::new(
                format!("没有时区：{said}；用time_zone写明"),
                format!("has no time zone: {said}; say it by `time_zone`"),
            ),
            Odd::Future(said) => Text::new(
                format!("在将来：{said}；核对两边的时钟和时区"),
                format!("lies in the future: {said}; compare both clocks and the time zone"),
            ),
        }
    }

    /// As the fault of this field of a queue.
    pub fn of(&self, field: Field) -> Blind {
        match self {
            Odd::Null | Odd::Empty => Blind::Missing { field },
            Odd::Negative(_) => Blind::Negative { field },
            Odd::NoNumber(said)
            | Odd::NotWhole(said)
            | Odd::TooMuch(said)
            | Odd::NoDuration(said)
            | Odd::NoMoment(said)
            | Odd::NoZone(said)
            | Odd::Future(said) => Blind::not_a_number(field, said),
        }
    }
}

/// How many: `12`, `12.0`, `"12"`.
pub fn count(value: &Value) -> Result<u32, Odd> {
    let (number, shown) = number(value, Odd::NoNumber)?;
    if number > MOST {
        return Err(Odd::TooMuch(shown));
    }
    if number.fract() != 0.0 {
        return Err(Odd::NotWhole(shown));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is whole, not negative and below a milliard"
    )]
    Ok(number as u32)
}

/// How long: a number of the unit, or a text that says its own: `"90s"`, `"1m 30s"`,
/// `"PT90S"`, `"01:30"` (minutes and seconds), `"00:01:30"`.
pub fn duration(value: &Value, unit: Unit) -> Result<SignedDuration, Odd> {
    if let Some(text) = value.as_str().map(str::trim)
        && !text.is_empty()
        && text.parse::<f64>().is_err()
    {
        let odd = || Odd::NoDuration(shortened(text));
        let duration = if text.contains(':') {
            by_the_clock(text)
        } else {
            text.parse().ok()
        };
        let duration = duration.ok_or_else(odd)?;
        if duration.is_negative() {
            return Err(Odd::Negative(shortened(text)));
        }
        if duration.as_secs_f64() > LONGEST {
            return Err(Odd::TooMuch(shortened(text)));
        }
        return Ok(duration);
    }
    let (number, shown) = number(value, Odd::NoDuration)?;
    let seconds = match unit {
        Unit::Seconds => number,
        Unit::Milliseconds => number / 1000.0,
        Unit::Minutes => number * 60.0,
    };
    if seconds > LONGEST {
        return Err(Odd::TooMuch(shown));
    }
    Ok(SignedDuration::from_secs_f64(seconds))
}

/// How long ago a moment was: RFC 3339, seconds or milliseconds since 1970, or a date
/// and time of a zone. A moment that lies up to a minute ahead is now: clocks differ.
pub fn since(
    value: &Value,
    zone: Option<&TimeZone>,
    now: Timestamp,
) -> Result<SignedDuration, Odd> {
    let (moment, shown) = moment(value, zone)?;
    let ago = now.duration_since(moment);
    if ago < SignedDuration::from_mins(-1) {
        return Err(Odd::Future(shown));
    }
    if ago.as_secs_f64() > LONGEST {
        return Err(Odd::TooMuch(shown));
    }
    Ok(ago.max(SignedDuration::ZERO))
}

fn moment(value: &Value, zone: Option<&TimeZone>) -> Result<(Timestamp, String), Odd> {
    if let Some(text) = value.as_str().map(str::trim)
        && !text.is_empty()
        && text.parse::<f64>().is_err()
    {
        let shown = shortened(text);
        if let Ok(moment) = text.parse::<Timestamp>() {
            return Ok((moment, shown));
        }
        let civil = text.replace('/', "-").parse::<DateTime>();
        let civil = civil.map_err(|_| Odd::NoMoment(shown.clone()))?;
        let zone = zone.ok_or_else(|| Odd::NoZone(shown.clone()))?;
        let moment = zone.to_timestamp(civil);
        return Ok((moment.map_err(|_| Odd::NoMoment(shown.clone()))?, shown));
    }
    let (number, shown) = number(value, Odd::NoMoment)?;
    let seconds = if number > SURELY_MILLISECONDS {
        number / 1000.0
    } else {
        number
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "what is out of range is no moment either way"
    )]
    let milliseconds = (seconds * 1000.0) as i64;
    match Timestamp::from_millisecond(milliseconds) {
        // Nought is how databases say "never".
        Ok(moment) if milliseconds > 0 => Ok((moment, shown)),
        _ => Err(Odd::NoMoment(shown)),
    }
}

/// A number that is there, finite and not negative; and as it was written.
fn number(value: &Value, odd: impl Fn(String) -> Odd) -> Result<(f64, String), Odd> {
    let shown = written(value).unwrap_or_else(|| match value {
        Value::Array(_) => "a list".to_owned(),
        _ => "an object".to_owned(),
    });
    let shown = shortened(&shown);
    let number = match value {
        Value::Null => return Err(Odd::Null),
        Value::Number(number) => number.as_f64(),
        Value::String(text) if text.trim().is_empty() => return Err(Odd::Empty),
        // Not "inf", "nan" or "1e3": nobody means them.
        Value::String(text) if text.contains(|c: char| c.is_alphabetic()) => None,
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    match number.filter(|number| number.is_finite()) {
        None => Err(odd(shown)),
        Some(number) if number < 0.0 => Err(Odd::Negative(shown)),
        Some(number) => Ok((number, shown)),
    }
}

/// `01:30` or `00:01:30`, with or without a fraction.
fn by_the_clock(text: &str) -> Option<SignedDuration> {
    let parts: Vec<&str> = text.split(':').collect();
    let (hours, minutes, seconds) = match parts.as_slice() {
        [minutes, seconds] => ("0", *minutes, *seconds),
        [hours, minutes, seconds] => (*hours, *minutes, *seconds),
        _ => return None,
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    if ![hours, minutes, whole, fraction].into_iter().all(digits) {
        return None;
    }
    let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let seconds: f64 = seconds.parse().ok()?;
    let too_many = minutes >= 60 && parts.len() == 3;
    if seconds >= 60.0 || too_many {
        return None;
    }
    let seconds = f64::from(hours) * 3600.0 + f64::from(minutes) * 60.0 + seconds;
    Some(SignedDuration::from_secs_f64(seconds))
}

/// A foreign text for an error: one line, and not a page of it.
fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("`{}`", short.replace(char::is_control, " "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn secs(seconds: i64) -> SignedDuration {
        SignedDuration::from_secs(seconds)
    }

    #[test]
    fn a_count_may_be_a_number_or_a_text() {
        for value in [
            json!(12),
            json!(12.0),
            json!("12"),
            json!(" 12 "),
            json!("12.0"),
        ] {
            assert_eq!(count(&value), Ok(12), "{value}");
        }
        assert_eq!(count(&json!(0)), Ok(0));
    }

    #[test]
    fn what_is_no_count_is_never_nought() {
        assert_eq!(count(&json!(null)), Err(Odd::Null));
        assert_eq!(count(&json!("  ")), Err(Odd::Empty));
        assert_eq!(count(&json!(-1)), Err(Odd::Negative("`-1`".to_owned())));
        assert_eq!(count(&json!("-1")), Err(Odd::Negative("`-1`".to_owned())));
        assert_eq!(count(&json!(2.5)), Err(Odd::NotWhole("`2.5`".to_owned())));
        assert!(matches!(count(&json!(1e30)), Err(Odd::TooMuch(_))));
        for value in [
            json!("NaN"),
            json!("inf"),
            json!("1e3"),
            json!("N/A"),
            json!("--"),
            json!(true),
            json!([]),
            json!({}),
        ] {
            assert!(matches!(count(&value), Err(Odd::NoNumber(_))), "{value}");
        }
    }

    #[test]
    fn a_duration_is_a_number_of_its_unit_or_says_its_own() {
        assert_eq!(duration(&json!(90), Unit::Seconds), Ok(secs(90)));
        assert_eq!(duration(&json!("90000"), Unit::Milliseconds), Ok(secs(90)));
        assert_eq!(duration(&json!(1.5), Unit::Minutes), Ok(secs(90)));
        for text in [
            "90s",
            "1m 30s",
            "1m30s",
            "PT90S",
            "01:30",
            "1:30",
            "00:01:30",
            "00:01:30.0",
        ] {
            let read = duration(&json!(text), Unit::Milliseconds);
            assert_eq!(read, Ok(secs(90)), "{text}");
        }
        assert_eq!(duration(&json!("1:00:00"), Unit::Seconds), Ok(secs(3600)));
        assert_eq!(duration(&json!("90:00"), Unit::Seconds), Ok(secs(5400)));
    }

    #[test]
    fn what_is_no_duration_is_never_nought() {
        assert_eq!(duration(&json!(null), Unit::Seconds), Err(Odd::Null));
        assert_eq!(duration(&json!(""), Unit::Seconds), Err(Odd::Empty));
        for value in [json!(-1), json!("-1"), json!("-30s")] {
            let read = duration(&value, Unit::Seconds);
            assert!(matches!(read, Err(Odd::Negative(_))), "{value}");
        }
        for value in [
            json!("long"),
            json!("00:61"),
            json!("1:60:00"),
            json!("1:2:3:4"),
            json!("-1:30"),
            json!(":"),
            json!("+1:-1"),
            json!(false),
            json!([3]),
        ] {
            let read = duration(&value, Unit::Seconds);
            assert!(matches!(read, Err(Odd::NoDuration(_))), "{value}");
        }
        for value in [json!(1e12), json!("1000000h")] {
            let read = duration(&value, Unit::Seconds);
            assert!(matches!(read, Err(Odd::TooMuch(_))), "{value}");
        }
    }

    #[test]
    fn the_age_of_a_moment_is_how_long_ago_it_was() {
        let now: Timestamp = "2026-03-02T06:31:30Z".parse().unwrap();
        let shanghai = TimeZone::get("Asia/Shanghai").unwrap();
        let (seconds, milliseconds) = (now.as_second() - 90, now.as_millisecond() - 90_000);
        for value in [
            json!("2026-03-02T06:30:00Z"),
            json!("2026-03-02T14:30:00+08:00"),
            json!("2026-03-02 14:30:00"),
            json!("2026/03/02 14:30:00"),
            json!(seconds),
            json!(seconds.to_string()),
            json!(milliseconds),
        ] {
            assert_eq!(since(&value, Some(&shanghai), now), Ok(secs(90)), "{value}");
        }
        let ahead = json!("2026-03-02T06:31:40Z");
        assert_eq!(since(&ahead, None, now), Ok(SignedDuration::ZERO));
        let zoneless = since(&json!("2026-03-02 14:30:00"), None, now);
        assert!(matches!(zoneless, Err(Odd::NoZone(_))));
        let far = since(&json!("2026-03-02T07:31:30Z"), None, now);
        assert!(matches!(far, Err(Odd::Future(_))));
        for value in [json!("soon"), json!(0), json!(1e300), json!("0")] {
            let read = since(&value, None, now);
            assert!(matches!(read, Err(Odd::NoMoment(_))), "{value}");
        }
        assert_eq!(since(&json!(""), None, now), Err(Odd::Empty));
        assert!(matches!(
            since(&json!(-1), None, now),
            Err(Odd::Negative(_))
        ));
    }
}
