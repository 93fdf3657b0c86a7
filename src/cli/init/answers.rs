//! What people answer, understood; a bad answer is refused with the mend in both languages.

use std::collections::BTreeSet;

use crate::document::meant;
use crate::text::Text;

/// The mains of a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Feed {
    pub(crate) name: String,
    pub(crate) generator: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ups {
    pub(crate) host: String,
    pub(crate) community: String,
    pub(crate) seats: Vec<String>,
}

/// Words between commas, of either script.
fn listed(answer: &str) -> impl Iterator<Item = &str> {
    let words = answer.split([',', '，', '、', ';', '；']);
    words.map(str::trim).filter(|word| !word.is_empty())
}

pub(crate) fn line(answer: &str) -> Result<String, Text> {
    if answer.is_empty() {
        return Err(Text::new("不能为空", "this must not be empty"));
    }
    if answer.contains(char::is_control) {
        return Err(Text::new("不能含控制字符", "leave control characters out"));
    }
    Ok(answer.to_owned())
}

/// At least one name, none twice.
pub(crate) fn names(answer: &str) -> Result<Vec<String>, Text> {
    line(answer)?;
    let names: Vec<String> = listed(answer).map(str::to_owned).collect();
    if names.is_empty() {
        return Err(Text::new("至少写一个名称", "write at least one name"));
    }
    match twice(&names) {
        Some(name) => Err(Text::new(
            format!("“{name}”写了两次"),
            format!("`{name}` stands there twice"),
        )),
        None => Ok(names),
    }
}

fn twice(names: &[String]) -> Option<&String> {
    let mut seen = BTreeSet::new();
    names.iter().find(|name| !seen.insert(*name))
}

/// Seat names and ranges of them, as `C-01..C-10, AF-01`; none of `taken`.
pub(crate) fn seats(answer: &str, taken: &[String]) -> Result<Vec<String>, Text> {
    line(answer)?;
    let mut seats = Vec::new();
    for word in listed(answer) {
        match word.split_once("..") {
            Some((first, last)) => seats.extend(range(first.trim(), last.trim())?),
            None => seats.push(word.to_owned()),
        }
    }
    let odd = |seat: &&String| seat.contains(|c: char| c.is_whitespace() || "\"'\\.[]".contains(c));
    if let Some(seat) = seats.iter().find(odd) {
        return Err(Text::new(
            format!("坐席名“{seat}”不能含空格、点、引号，坐席之间用逗号分开"),
            format!("`{seat}`: no spaces, dots or quotes in a name; commas between names"),
        ));
    }
    if seats.is_empty() {
        return Err(Text::new("至少写一个坐席", "write at least one seat"));
    }
    let again = seats.iter().find(|seat| taken.contains(seat));
    match again.or_else(|| twice(&seats)) {
        Some(seat) => Err(Text::new(
            format!("坐席“{seat}”写了两次"),
            format!("seat `{seat}` stands there twice"),
        )),
        None => Ok(seats),
    }
}

/// `C-01..C-10`: the same letters before a number that grows.
fn range(first: &str, last: &str) -> Result<Vec<String>, Text> {
    let bad = || {
        Text::new(
            format!("看不懂“{first}..{last}”，请写成 C-01..C-10"),
            format!("`{first}..{last}` is no range: write it as C-01..C-10"),
        )
    };
    let split = |name: &str| {
        let digits = name.chars().rev().take_while(char::is_ascii_digit).count();
        let (prefix, number) = name.split_at(name.len() - digits);
        let number: u32 = number.parse().ok()?;
        Some((prefix.to_owned(), number, digits))
    };
    let (prefix, from, width) = split(first).ok_or_else(bad)?;
    let (last_prefix, to, _) = split(last).ok_or_else(bad)?;
    if prefix != last_prefix || from > to || to - from >= 1000 {
        return Err(bad());
    }
    let names = (from..=to).map(|number| format!("{prefix}{number:0width$}"));
    Ok(names.collect())
}

/// One of the known seats.
pub(crate) fn seat(answer: &str, known: &[String]) -> Result<String, Text> {
    if known.iter().any(|seat| seat == answer) {
        return Ok(answer.to_owned());
    }
    let near = meant(answer, known.iter().map(String::as_str));
    let near = near.or(known.first().map(String::as_str));
    let near = near.unwrap_or_default();
    Err(Text::new(
        format!("没有坐席“{answer}”，例如 {near}"),
        format!("there is no seat `{answer}`: write one as {near}"),
    ))
}

/// `HOST COMMUNITY SEATS`, the seats with commas between them.
pub(crate) fn ups(answer: &str, known: &[String], fed: &[String]) -> Result<Ups, Text> {
    line(answer)?;
    let mut words = answer.splitn(3, char::is_whitespace);
    let (Some(host), Some(community)) = (words.next(), words.next()) else {
        return Err(Text::new(
            "请写：地址 团体名 坐席，例如 192.0.2.11 public C-01",
            "write: host community seats, as 192.0.2.11 public C-01",
        ));
    };
    let mut seats = Vec::new();
    for name in listed(words.next().unwrap_or_default()) {
        let name = seat(name, known)?;
        if fed.contains(&name) || seats.contains(&name) {
            return Err(Text::new(
                format!("坐席“{name}”已有UPS"),
                format!("seat `{name}` has a UPS already"),
            ));
        }
        seats.push(name);
    }
    Ok(Ups {
        host: host.to_owned(),
        community: community.to_owned(),
        seats,
    })
}

/// One feed for all zones, or one for each; `+` marks a generator.
pub(crate) fn feeds(answer: &str, zones: usize) -> Result<Vec<Feed>, Text> {
    line(answer)?;
    let feeds: Vec<Feed> = listed(answer)
        .map(|word| Feed {
            name: word.trim_end_matches('+').trim_end().to_owned(),
            generator: word.ends_with('+'),
        })
        .collect();
    if feeds.iter().any(|feed| feed.name.is_empty()) {
        return Err(Text::new("+ 前要有名称", "write a name before the +"));
    }
    if feeds.len() == 1 || feeds.len() == zones {
        return Ok(feeds);
    }
    Err(Text::new(
        format!("请写一路，或按区域顺序写 {zones} 路"),
        format!("write one feed, or {zones}, one for each zone in their order"),
    ))
}

/// A web address, or nothing.
pub(crate) fn webhook(answer: &str) -> Result<Option<String>, Text> {
    if answer.is_empty() {
        return Ok(None);
    }
    let rest = answer
        .strip_prefix("https://")
        .or_else(|| answer.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#', ':']).next());
    if host.is_none_or(str::is_empty)
        || answer.contains(|c: char| c.is_whitespace() || c.is_control())
    {
        return Err(Text::new(
            "请写完整网址，例如 https://chat.example/hook",
            "write a whole address, as https://chat.example/hook",
        ));
    }
    Ok(Some(answer.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_seats_keeps_its_noughts() {
        let seats = seats("C-09..C-11， AF-01", &[]).unwrap();
        assert_eq!(seats, ["C-09", "C-10", "C-11", "AF-01"]);
    }

    #[test]
    fn seats_that_cannot_be_are_refused() {
        for answer in [
            "",
            ",",
            "C-10..C-01",
            "C-01..D-05",
            "C..D",
            "a b",
            "C-01, C-01",
            "C.1",
        ] {
            assert!(seats(answer, &[]).is_err(), "{answer}");
        }
        assert!(seats("C-01", &["C-01".to_owned()]).is_err());
    }

    #[test]
    fn a_ups_names_host_community_and_known_seats_once() {
        let known = ["C-01", "C-02"].map(str::to_owned);
        let read = ups("192.0.2.11 public C-01, C-02", &known, &[]).unwrap();
        assert_eq!(read.seats, known);
        assert!(ups("192.0.2.11", &known, &[]).is_err());
        assert!(ups("192.0.2.11 public C-01", &known, &known).is_err());
        let refused = ups("192.0.2.11 public C-1", &known, &[]).unwrap_err();
        assert!(refused.en.contains("C-01"), "{refused:?}");
    }

    #[test]
    fn feeds_are_one_for_all_or_one_for_each_zone() {
        let one = feeds("市电+", 3).unwrap();
        assert!(one.len() == 1 && one[0].generator && one[0].name == "市电");
        assert_eq!(feeds("a, b, c", 3).unwrap().len(), 3);
        assert!(feeds("a, b", 3).is_err());
        assert!(feeds("+", 1).is_err());
    }
}
