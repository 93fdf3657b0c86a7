//! What a fault says: serde's words in ours, and the word that was meant.

/// The words of a message that stand in backticks.
pub(crate) fn ticked(message: &str) -> Vec<&str> {
    message.split('`').skip(1).step_by(2).collect()
}

/// serde's words in ours, and the key that a misspelt one stood for.
pub(crate) fn reword(message: &str) -> (String, Option<String>) {
    let words = ticked(message);
    let known = words.get(1..).unwrap_or_default();
    if message.starts_with("unknown field") || message.starts_with("unknown variant") {
        let found = words.first().unwrap_or(&"");
        let what = if message.starts_with("unknown field") {
            "key"
        } else {
            "value"
        };
        return match meant(found, known.iter().copied()) {
            Some(meant) => (
                format!("unknown {what} `{found}`: did you mean `{meant}`?"),
                Some(meant.to_owned()),
            ),
            None if known.is_empty() => (format!("unknown {what} `{found}`: take it out"), None),
            None => {
                let known = known.join("`, `");
                (
                    format!("unknown {what} `{found}`: known here: `{known}`"),
                    None,
                )
            }
        };
    }
    if message.contains("friendly") || message.contains("a signed duration string") {
        return (
            "is no duration: write it as \"2s\", \"45m\" or \"1h 30m\"".to_owned(),
            None,
        );
    }
    let typed = message
        .strip_prefix("invalid type: ")
        .or_else(|| message.strip_prefix("invalid value: "));
    if let Some((found, expected)) = typed.and_then(|typed| typed.split_once(", expected ")) {
        let found = match found {
            "map" => "a table",
            "sequence" => "an array",
            found => found,
        };
        let expected = match expected {
            "a sequence" => "an array",
            "a boolean" => "true or false",
            "a map" => "a table",
            "string or table" => "a string or a table",
            "u8" => "a whole number from 0 to 255",
            "u16" => "a whole number from 0 to 65535",
            "u32" | "u64" | "usize" => "a whole number, not negative",
            "i64" => "a whole number",
            structure if structure.starts_with("struct ") => "a table",
            variants if variants.starts_with("enum ") => "a string",
            expected => expected,
        };
        return (format!("expected {expected}, found {found}"), None);
    }
    (message.to_owned(), None)
}

/// The known word that a misspelt one most likely stands for.
pub fn meant<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let allowed = (word.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .map(|known| (distance(word, known), known))
        .filter(|(distance, known)| *distance <= allowed && *distance < known.chars().count())
        .min()
        .map(|(_, known)| known)
}

/// So many names are listed in a mend.
const LISTED: usize = 12;

/// The mend for a name that is not known: the one that was meant, or all there are.
pub fn which(name: &str, known: &[impl AsRef<str>]) -> String {
    let known: Vec<&str> = known.iter().map(AsRef::as_ref).collect();
    match meant(name, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if known.is_empty() => "there are none yet".to_owned(),
        None if known.len() > LISTED => {
            let (first, more) = (known[..LISTED].join("`, `"), known.len() - LISTED);
            format!("known: `{first}` and {more} more")
        }
        None => format!("known: `{}`", known.join("`, `")),
    }
}

/// How many letters must be changed, added, dropped or swapped; case, `-` and `_` count nothing.
fn distance(left: &str, right: &str) -> usize {
    let letters = |word: &str| -> Vec<char> {
        let letters = word.chars().filter(|letter| !matches!(letter, '-' | '_'));
        letters.flat_map(char::to_lowercase).collect()
    };
    let (left, right) = (letters(left), letters(right));
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let mut least = (row[j] + usize::from(a != b)).min(row[j + 1] + 1);
            least = least.min(next[j] + 1);
            if i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b {
                least = least.min(before[j - 1] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_that_was_meant_is_near() {
        let known = ["UPS-C1", "UPS-C2", "c3", "af-lobby"];
        assert_eq!(meant("UPS-C3", known), Some("UPS-C1"));
        assert_eq!(meant("ups_c2", known), Some("UPS-C2"));
        assert_eq!(meant("af-loby", known), Some("af-lobby"));
        assert_eq!(meant("router", known), None);
    }
}
