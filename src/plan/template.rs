//! Texts with placeholders, and how they are filled.
//!
//! What is not known is not shown: a clause that holds an unknown value is left
//! out whole, with the mark that joined it, so that a card never shows a blank,
//! a brace or a nought that nobody measured.

use crate::plan::placeholder::Placeholder;

/// A piece of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    Words(&'t str),
    /// The name between two braces.
    Hole(&'t str),
    /// A brace without its fellow.
    StrayBrace,
}

/// Takes a template apart.
pub(super) fn pieces(template: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some(brace) = rest.find(['{', '}']) {
        let (words, tail) = rest.split_at(brace);
        if !words.is_empty() {
            pieces.push(Piece::Words(words));
        }
        let inner = &tail[1..];
        let close = inner
            .find(['{', '}'])
            .filter(|end| inner[*end..].starts_with('}'));
        match close {
            Some(end) if tail.starts_with('{') => {
                pieces.push(Piece::Hole(inner[..end].trim()));
                rest = &inner[end + 1..];
            }
            _ => {
                pieces.push(Piece::StrayBrace);
                rest = inner;
            }
        }
    }
    if !rest.is_empty() {
        pieces.push(Piece::Words(rest));
    }
    pieces
}

/// The template with its values in place. A clause (what stands between
/// commas, stops, colons, `·` or `/`) that holds a value which is `None` or
/// empty is left out; what remains is joined by the strongest mark that stood
/// between. Empty where nothing remains: then there is nothing to show.
pub fn fill(template: &str, lookup: impl Fn(&Placeholder) -> Option<String>) -> String {
    join(&clauses(template, lookup))
}

/// What stands between two marks.
#[derive(Default)]
struct Clause<'t> {
    text: String,
    unknown: bool,
    /// The mark behind it.
    mark: &'t str,
}

fn clauses(template: &str, lookup: impl Fn(&Placeholder) -> Option<String>) -> Vec<Clause<'_>> {
    let mut clauses = Vec::new();
    let mut clause = Clause::default();
    let pieces = pieces(template);
    for (n, piece) in pieces.iter().enumerate() {
        let last = n + 1 == pieces.len();
        match *piece {
            Piece::StrayBrace => {}
            Piece::Hole(name) => {
                let value = name.parse().ok().and_then(|known| lookup(&known));
                match value.filter(|value| !value.trim().is_empty()) {
                    Some(value) => clause.text.push_str(&value),
                    None => clause.unknown = true,
                }
            }
            Piece::Words(mut words) => {
                while let Some((before, mark, after)) = split_at_mark(words, last) {
                    clause.text.push_str(before);
                    clause.mark = mark;
                    clauses.push(std::mem::take(&mut clause));
                    words = after;
                }
                clause.text.push_str(words);
            }
        }
    }
    clauses.push(clause);
    clauses
}

/// The marks between clauses, and how strongly each divides.
const MARKS: [(&str, u8); 10] = [
    ("。", 4),
    (". ", 4),
    ("；", 3),
    ("; ", 3),
    ("：", 2),
    (": ", 2),
    ("，", 1),
    (", ", 1),
    (" · ", 1),
    (" / ", 1),
];

const FULL_STOP: u8 = 4;

fn strength(mark: &str) -> u8 {
    // A full stop at the very end has no space behind it.
    if mark == "." {
        return FULL_STOP;
    }
    let known = MARKS.iter().find(|(known, _)| *known == mark);
    known.map_or(0, |(_, strength)| *strength)
}

/// The words before the first mark, the mark, and the words behind it; `last`
/// words end the template.
fn split_at_mark(words: &str, last: bool) -> Option<(&str, &str, &str)> {
    let first = MARKS
        .iter()
        .filter_map(|(mark, _)| Some((words.find(mark)?, mark.len())))
        .min();
    let stop = || (last && words.ends_with('.')).then(|| (words.len() - 1, 1));
    let (at, length) = first.or_else(stop)?;
    Some((&words[..at], &words[at..at + length], &words[at + length..]))
}

fn join(clauses: &[Clause<'_>]) -> String {
    let mut joined = String::new();
    let mut mark = "";
    let mut beheaded = false;
    for clause in clauses {
        let text = clause.text.trim();
        if clause.unknown || text.is_empty() {
            beheaded |= joined.is_empty() && clause.unknown;
        } else {
            if !joined.is_empty() {
                joined.push_str(mark);
            }
            joined.push_str(text);
            mark = "";
        }
        if strength(clause.mark) > strength(mark) {
            mark = clause.mark;
        }
    }
    if !joined.is_empty() && strength(mark) == FULL_STOP {
        joined.push_str(mark.trim_end());
    }
    if beheaded {
        capitalise(&mut joined);
    }
    joined
}

/// What has become the begin of a sentence begins like one.
fn capitalise(text: &mut str) {
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(placeholder: &Placeholder) -> Option<String> {
        let value = match placeholder {
            Placeholder::What => "停电",
            Placeholder::Since => "15:02",
            Placeholder::Where => "C座三楼",
            Placeholder::FinishBy => "约 15:40",
            Placeholder::Lead => "李梅",
            Placeholder::Dark => "8",
            Placeholder::Move => "2",
            Placeholder::Standby => "C-01, C-02",
            Placeholder::Told => "  ",
            Placeholder::Phone(contact) if contact == "manager" => "8001",
            _ => return None,
        };
        Some(value.to_owned())
    }

    #[test]
    fn what_is_known_is_put_in_place() {
        assert_eq!(
            fill("{what} {since} · {where}", known),
            "停电 15:02 · C座三楼"
        );
        assert_eq!(
            fill("打给经理：停电，{phone.manager}", known),
            "打给经理：停电，8001"
        );
    }

    #[test]
    fn a_clause_with_an_unknown_value_is_left_out_with_its_mark() {
        assert_eq!(fill("照常接听，本机用到{ended}", known), "照常接听");
        assert_eq!(
            fill("{ended}席已黑，先让{move}人换座", known),
            "先让2人换座"
        );
        assert_eq!(fill("{what} · {ended} · {where}", known), "停电 · C座三楼");
        assert_eq!(fill("A / {ended} / B", known), "A / B");
        assert_eq!(fill("打给经理，{phone.nobody}", known), "打给经理");
    }

    #[test]
    fn an_empty_value_is_an_unknown_one() {
        assert_eq!(fill("已告知{told}，{lead}在现场", known), "李梅在现场");
    }

    #[test]
    fn sentences_stay_sentences_when_their_end_is_left_out() {
        let template = "{dark}席已黑，用到{ended}。{lead}在现场，{report_by} 前再报。";
        assert_eq!(fill(template, known), "8席已黑。李梅在现场。");
        let template = "{dark} seats are dark, good to {ended}. {report_by} is next. Bye.";
        assert_eq!(fill(template, known), "8 seats are dark. Bye.");
        assert_eq!(fill("A。{ended}", known), "A。");
        assert_eq!(fill("A, {ended}.", known), "A.");
    }

    #[test]
    fn a_sentence_that_lost_its_head_begins_with_a_capital() {
        let template = "{ended} seats dark: move {move} people to {standby}";
        assert_eq!(fill(template, known), "Move 2 people to C-01, C-02");
        assert_eq!(fill("{ended}, 第二", known), "第二");
    }

    #[test]
    fn marks_inside_a_value_divide_nothing() {
        assert_eq!(
            fill("sit at {standby}, {ended}", known),
            "sit at C-01, C-02"
        );
    }

    #[test]
    fn a_number_with_a_point_or_a_clock_time_is_one_clause() {
        assert_eq!(fill("at 15:02 use 3.5 A", known), "at 15:02 use 3.5 A");
    }

    #[test]
    fn nothing_known_is_nothing_shown() {
        assert_eq!(fill("{finish_list}", known), "");
        assert_eq!(fill("{ended}，{report_by}。", known), "");
        assert_eq!(fill("", known), "");
    }

    #[test]
    fn braces_are_never_shown() {
        assert_eq!(fill("A {what B} {dark", known), "");
        assert_eq!(fill("A } B, {no_such}, C{", known), "A  B, C");
        assert_eq!(
            pieces("a{{b}"),
            [Piece::Words("a"), Piece::StrayBrace, Piece::Hole("b")]
        );
    }

    #[test]
    fn every_placeholder_is_found_by_its_name() {
        for placeholder in Placeholder::ALL {
            let name = placeholder.name().into_owned();
            assert_eq!(name.parse::<Placeholder>().unwrap(), placeholder);
        }
        assert!("phone.".parse::<Placeholder>().is_err());
        assert!("chair".parse::<Placeholder>().is_err());
    }
}
