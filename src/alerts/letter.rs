//! What a person reads: the words of one message, or of several at once.
//!
//! It is complete by itself: what, where, since when, how bad, of which centre, and
//! what is being done.

use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::incidents::{Due, Notice};
use crate::plan::Severity;
use crate::text::{Language, Text};

/// Who reads a channel.
#[derive(Clone, Debug)]
pub struct Reader {
    pub language: Language,
    /// Stands before every message, for robots that want a keyword.
    pub prefix: String,
    /// The centre, which may be one of several that write there.
    pub site: Text,
    /// An IANA name.
    pub time_zone: String,
}

/// How it looks; the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tone {
    Critical,
    Warning,
    Info,
    Over,
}

/// One message to people.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Letter {
    pub(super) title: String,
    /// One for each thing that happened.
    pub(super) items: Vec<Item>,
    /// Of which centre it is.
    pub(super) foot: String,
    /// Of the worst that is in it.
    pub(super) tone: Tone,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Item {
    /// Absent where it is the letter's.
    pub(super) title: Option<String>,
    pub(super) text: String,
}

/// What one thing takes up in a letter of several, in bytes, with what stands around it.
pub(super) fn size(reader: &Reader, due: &Due) -> usize {
    let (title, text) = words(reader.language, due);
    title.len() + text.len() + facts(reader, due).len() + 32
}

/// The letter of whatever goes out together; of a single thing its title is the letter's.
pub(super) fn letter(reader: &Reader, dues: &[Arc<Due>]) -> Letter {
    let language = reader.language;
    let site = reader.site.in_language(language).to_owned();
    let worst = dues.iter().map(|due| tone(due)).min();
    let worst = worst.unwrap_or(Tone::Info);
    if let [due] = dues {
        let (title, text) = words(language, due);
        return Letter {
            title: format!("{}{title}", reader.prefix),
            items: vec![Item { title: None, text }],
            foot: [site, facts(reader, due)]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(" · "),
            tone: worst,
        };
    }
    let count = dues.len();
    let title = match language {
        Language::Zh => format!("{}汇总{count}条", reader.prefix),
        Language::En => format!("{}{count} messages in one", reader.prefix),
    };
    // What is read first, and is never cut off, is the worst.
    let mut dues: Vec<&Due> = dues.iter().map(Arc::as_ref).collect();
    dues.sort_by_key(|due| tone(due));
    let items = dues.into_iter().map(|due| {
        let (title, text) = words(language, due);
        let facts = facts(reader, due);
        let text = [text, facts]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>();
        Item {
            title: Some(title),
            text: text.join(match language {
                Language::Zh => "（",
                Language::En => " (",
            }) + match (text.len(), language) {
                (2, Language::Zh) => "）",
                (2, Language::En) => ")",
                _ => "",
            },
        }
    });
    Letter {
        title,
        items: items.collect(),
        foot: site,
        tone: worst,
    }
}

impl Letter {
    /// Items and foot in at most so many bytes; `head` writes the title of an item.
    pub(super) fn text(&self, head: impl Fn(&str) -> String, gap: &str, most: usize) -> String {
        let items: Vec<String> = self
            .items
            .iter()
            .map(|item| match &item.title {
                Some(title) if item.text.is_empty() => head(title),
                Some(title) => format!("{}{gap}{}", head(title), item.text),
                None => item.text.clone(),
            })
            .filter(|item| !item.is_empty())
            .collect();
        let foot = if items.is_empty() {
            self.foot.clone()
        } else {
            format!("{gap}{}", self.foot)
        };
        let items = items.join(gap);
        format!("{}{foot}", cut(&items, most.saturating_sub(foot.len())))
    }
}

fn tone(due: &Due) -> Tone {
    match (due.message.notice, due.message.severity) {
        (Notice::Closed, _) => Tone::Over,
        (_, Severity::Critical) => Tone::Critical,
        (_, Severity::Warning) => Tone::Warning,
        (_, Severity::Info) => Tone::Info,
    }
}

/// Whether it says only that there is something, and not what.
fn is_veiled(due: &Due) -> bool {
    due.message.procedure.is_empty()
}

/// A title that says how it stands, and the text without what the title says already.
fn words(language: Language, due: &Due) -> (String, String) {
    let message = &due.message;
    let title = message.title.in_language(language);
    let text = message.text.in_language(language);
    let mut text = text
        .strip_prefix(title)
        .unwrap_or(text)
        .trim_start_matches(['。', '.', ' '])
        .to_owned();
    if due.not_recorded {
        let not_recorded = Text::new("（未能写入记录）", " (could not be recorded)");
        text.push_str(not_recorded.in_language(language));
    }
    let stands = match message.notice {
        _ if is_veiled(due) => Text::default(),
        Notice::Opened | Notice::Digest => Text::default(),
        Notice::Changed => Text::new("更新：", "Update: "),
        Notice::Reminded => Text::new("还没恢复：", "Still open: "),
        Notice::Closed => Text::new("解除：", "Over: "),
    };
    (format!("{}{title}", stands.in_language(language)), text)
}

/// How bad, and since which day and minute.
fn facts(reader: &Reader, due: &Due) -> String {
    // Each line of a digest says for itself since when it is so.
    if is_veiled(due) || due.message.notice == Notice::Digest {
        return String::new();
    }
    let zone = TimeZone::get(&reader.time_zone).unwrap_or(TimeZone::UTC);
    let since = zone.to_datetime(due.message.since);
    let over = due.message.notice == Notice::Closed;
    match reader.language {
        Language::Zh => {
            let since = since.strftime("%-m月%-d日 %H:%M");
            match (over, due.message.severity) {
                (true, _) => format!("始于{since}"),
                (_, Severity::Critical) => format!("严重 · {since} 起"),
                (_, Severity::Warning) => format!("警告 · {since} 起"),
                (_, Severity::Info) => format!("提示 · {since} 起"),
            }
        }
        Language::En => {
            let since = since.strftime("%-d %b %H:%M");
            match (over, due.message.severity) {
                (true, _) => format!("began {since}"),
                (_, Severity::Critical) => format!("critical · since {since}"),
                (_, Severity::Warning) => format!("warning · since {since}"),
                (_, Severity::Info) => format!("info · since {since}"),
            }
        }
    }
}

/// The beginning of a text, in at most so many bytes, and never half a character.
pub(super) fn cut(text: &str, most: usize) -> String {
    const MORE: &str = "…";
    if text.len() <= most {
        return text.to_owned();
    }
    let mut end = most.saturating_sub(MORE.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{MORE}", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::fixture;

    fn said(language: Language, dues: &[Due]) -> String {
        let reader = fixture::reader(language);
        let dues: Vec<Arc<Due>> = dues.iter().cloned().map(Arc::new).collect();
        let letter = letter(&reader, &dues);
        let text = letter.text(|title| format!("[{title}]"), "\n", 4096);
        format!("{}\n{text}", letter.title)
    }

    #[test]
    fn whoever_reads_one_message_knows_what_where_since_when_and_what_is_done() {
        let mut due = fixture::due();
        due.message.text = Text::new(
            "停电 14:31 · C座三楼。主管在现场。",
            "Power out 14:31 · block C. The lead is on it.",
        );
        assert_eq!(
            said(Language::Zh, &[due.clone()]),
            "停电 14:31 · C座三楼\n主管在现场。\n客服中心 · 严重 · 3月2日 14:31 起"
        );
        assert_eq!(
            said(Language::En, &[due.clone()]),
            "Power out 14:31 · block C\nThe lead is on it.\nCall centre · critical · since 2 Mar 14:31"
        );
        due.message.notice = Notice::Closed;
        due.not_recorded = true;
        assert_eq!(
            said(Language::Zh, &[due]),
            "解除：停电 14:31 · C座三楼\n主管在现场。（未能写入记录）\n客服中心 · 始于3月2日 14:31"
        );
    }

    #[test]
    fn several_things_stand_under_their_own_titles() {
        let mut over = fixture::due();
        over.message.notice = Notice::Closed;
        // The oldest is over, and what is open is read first.
        let dues = [over, fixture::due()];
        assert_eq!(
            said(Language::Zh, &dues),
            "汇总2条\n[停电 14:31 · C座三楼]\n市电中断。（严重 · 3月2日 14:31 起）\n\
             [解除：停电 14:31 · C座三楼]\n市电中断。（始于3月2日 14:31）\n客服中心"
        );
        assert!(said(Language::En, &dues).starts_with("2 messages in one\n[Power out"));
    }

    #[test]
    fn what_may_not_be_named_has_neither_a_time_nor_a_severity() {
        let due = fixture::veiled();
        assert_eq!(
            said(Language::Zh, std::slice::from_ref(&due)),
            "请联系主管。\n客服中心"
        );
        let several = said(Language::En, &[due.clone(), due]);
        assert_eq!(
            several,
            "2 messages in one\n[Please see the lead.]\n[Please see the lead.]\nCall centre"
        );
    }

    #[test]
    fn a_digest_says_of_each_thing_for_itself_how_old_it_is() {
        let mut due = fixture::due();
        due.message.notice = Notice::Digest;
        due.message.severity = Severity::Info;
        due.message.title = Text::new("IT要看的2件事 · 3月2日", "2 things for IT · 2 Mar");
        due.message.text = Text::new(
            "1. 1号UPS的电池该换了；2. 2号UPS：旁路供电，3月1日 10:00起。",
            "1. UPS 1: its battery is to be replaced; 2. UPS 2: on bypass, since 1 Mar 10:00.",
        );
        assert_eq!(
            said(Language::Zh, &[due.clone()]),
            "IT要看的2件事 · 3月2日\n1. 1号UPS的电池该换了；2. 2号UPS：旁路供电，3月1日 10:00起。\n客服中心"
        );
        let several = said(Language::En, &[due, fixture::due()]);
        assert!(
            several.starts_with("2 messages in one\n[Power out"),
            "{several}"
        );
        assert!(
            several.contains("[2 things for IT · 2 Mar]\n1. UPS 1"),
            "{several}"
        );
    }

    #[test]
    fn a_text_is_cut_between_characters_and_keeps_its_foot() {
        assert_eq!(cut("停电停电", 12), "停电停电");
        assert_eq!(cut("停电停电", 11), "停电…");
        assert_eq!(cut("停电停电", 1), "…");
        let mut due = fixture::due();
        due.message.text = Text::same("停".repeat(3000));
        let letter = letter(&fixture::reader(Language::Zh), &[Arc::new(due)]);
        let text = letter.text(str::to_owned, "\n", 1000);
        assert!(text.len() <= 1000 && text.len() > 990, "{}", text.len());
        assert!(text.contains("停…\n客服中心 · 严重"), "{text}");
    }
}
