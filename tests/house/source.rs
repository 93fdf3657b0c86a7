//! A source file as the rules see it: its code without comments, strings and tests.

use std::path::{Path, PathBuf};

/// Where people work on a project is nobody's business but theirs.
/// Spelled apart, so that this file does not break its own rule.
const ELSEWHERE: [&str; 3] = [
    concat!("/work/", "shared"),
    concat!("/work/", "main"),
    concat!("/tmp/", "cw"),
];

pub(crate) struct Source {
    /// Within `src`.
    pub(crate) path: PathBuf,
    /// The top folder or file: `plan`, `wire`.
    pub(crate) room: String,
    /// The code, line by line, each beside its number.
    code: Vec<(usize, String)>,
}

/// A path that begins with `crate::` or `super::`.
pub(crate) struct Import {
    pub(crate) room: String,
    /// What follows the room.
    rest: String,
    /// `file:line`.
    pub(crate) place: String,
}

impl Import {
    /// Whether it names something that the room itself hands out: no child, and nothing of a child.
    pub(crate) fn is_of_the_room_itself(&self) -> bool {
        let first = self.rest.split("::").next().unwrap_or_default();
        let room = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("src")
            .join(&self.room);
        !room.join(format!("{first}.rs")).exists() && !room.join(first).join("mod.rs").exists()
    }
}

impl Source {
    pub(crate) fn read(path: &Path, text: &str) -> Self {
        let room = path.iter().next().map(Path::new);
        let room = room
            .and_then(Path::file_stem)
            .and_then(|stem| stem.to_str());
        // A file that is a test as a whole is declared as one by its parent.
        let is_test = path.ends_with("stories.rs")
            || path.ends_with("people.rs")
            || path.ends_with("played.rs")
            || path.ends_with("visit.rs")
            || path.ends_with("stress.rs")
            || path.ends_with("fixture.rs");
        let code = if is_test {
            String::new()
        } else {
            without_words(text)
        };
        let code = code.lines().map(str::to_owned).enumerate();
        let mut code: Vec<(usize, String)> = code.map(|(n, line)| (n + 1, line)).collect();
        if let Some(tests) = code
            .iter()
            .position(|(_, line)| line.trim() == "#[cfg(test)]")
            && code
                .get(tests + 1)
                .is_some_and(|(_, line)| line.starts_with("mod tests {"))
        {
            code.truncate(tests);
        }
        Self {
            path: path.to_owned(),
            room: room.unwrap_or_default().to_owned(),
            code,
        }
    }

    /// Whether it lies within a room, beside others.
    pub(crate) fn is_child(&self) -> bool {
        self.path.iter().count() > 1 && !self.path.ends_with("mod.rs")
    }

    pub(crate) fn lines_without_tests(&self) -> usize {
        self.code.len()
    }

    /// Where a path or word stands in the code.
    pub(crate) fn places<'s>(&'s self, name: &'s str) -> impl Iterator<Item = String> + 's {
        let found = self
            .code
            .iter()
            .filter(move |(_, line)| has_word(line, name));
        found.map(move |(n, _)| format!("{}:{n} names `{name}`, which", self.path.display()))
    }

    /// Every `crate::` path, with groups taken apart.
    pub(crate) fn imports(&self) -> impl Iterator<Item = Import> {
        let mut imports = Vec::new();
        let mut open: Option<(usize, String)> = None;
        for (n, line) in &self.code {
            let (begin, text) = match open.take() {
                Some((begin, before)) => (begin, before + line.trim()),
                None => (*n, line.clone()),
            };
            let begins = ["crate::", "super::"]
                .iter()
                .any(|root| has_word(&text, root));
            if begins
                && text.matches('{').count() > text.matches('}').count()
                && text.trim_start().starts_with("use ")
            {
                open = Some((begin, text));
                continue;
            }
            for path in paths(&text) {
                let place = format!("{}:{begin}", self.path.display());
                if let Some(rest) = path.strip_prefix("super::") {
                    imports.push(Import {
                        room: self.room.clone(),
                        rest: rest.split("::").next().unwrap_or_default().to_owned(),
                        place,
                    });
                } else if let Some(path) = path.strip_prefix("crate::") {
                    let (room, rest) = path.split_once("::").unwrap_or((path, ""));
                    imports.push(Import {
                        room: room.to_owned(),
                        rest: rest.to_owned(),
                        place,
                    });
                }
            }
        }
        imports.into_iter()
    }
}

/// Whether a word stands there, and is no part of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let starts = word.starts_with(':') || !before.is_some_and(is_part);
        let ends = !word.ends_with(is_part) || !after.is_some_and(is_part);
        starts && ends
    })
}

/// The paths of a line: `use crate::{a::B, c::{D, E}}` are `crate::a::B`, `crate::c::D`, `crate::c::E`.
fn paths(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    for root in ["crate::", "super::"] {
        for (at, _) in line.match_indices(root) {
            let before = line[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':' || c == '$')
                || line[..at].ends_with("pub(in ")
            {
                continue;
            }
            take(&line[at..], String::new(), &mut found);
        }
    }
    found
}

/// Takes a path, with its groups, from the beginning of a text.
fn take<'t>(text: &'t str, prefix: String, found: &mut Vec<String>) -> &'t str {
    let end = text
        .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
        .unwrap_or(text.len());
    let path = prefix + &text[..end];
    let mut rest = &text[end..];
    if !path.ends_with("::") || !rest.starts_with('{') {
        found.push(path.trim_end_matches(':').to_owned());
        return rest;
    }
    rest = &rest[1..];
    loop {
        rest = rest.trim_start_matches([' ', ',']);
        if rest.is_empty() {
            return rest;
        }
        if let Some(after) = rest.strip_prefix('}') {
            return after;
        }
        let after = take(rest, path.clone(), found);
        // Something that is no path, such as `as Name`: one goes on behind it.
        rest = if after.len() == rest.len() {
            &after[1..]
        } else {
            after
        };
        if let Some(at) = rest.find([',', '}']) {
            rest = &rest[at..];
        }
    }
}

/// The code alone: comments and what stands in strings become blanks.
fn without_words(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(hashes) = raw_string(rest) {
            let end = format!("\"{}", "#".repeat(hashes));
            let begin = hashes + 2;
            rest[begin..]
                .find(&end)
                .map_or(rest.len(), |at| begin + at + end.len())
        } else if c == '"' {
            string_end(rest)
        } else if let Some(end) = character_end(rest) {
            end
        } else {
            code.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        };
        // Lines keep their numbers.
        code.extend(rest[..skipped].chars().filter(|c| *c == '\n'));
        rest = &rest[skipped..];
    }
    code
}

/// How many hashes a raw string begins with.
fn raw_string(text: &str) -> Option<usize> {
    let hashes = text.strip_prefix('r')?;
    let rest = hashes.trim_start_matches('#');
    rest.starts_with('"').then(|| hashes.len() - rest.len())
}

fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return at + 1,
            _ => escaped = false,
        }
    }
    text.len()
}

/// The end of `'x'` or `'\x'`; a lifetime is none.
fn character_end(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('\'')?;
    let length = if rest.starts_with('\\') {
        rest[2..].find('\'')? + 2
    } else {
        let c = rest.chars().next()?;
        rest[c.len_utf8()..]
            .starts_with('\'')
            .then_some(c.len_utf8())?
    };
    Some(1 + length + 1)
}

/// Adds a fault for each line of the files there that speaks of elsewhere.
pub(crate) fn mentions(path: &Path, faults: &mut Vec<String>) {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).expect("it can be listed") {
            mentions(&entry.expect("it can be listed").path(), faults);
        }
        return;
    }
    let Ok(text) = std::fs::read_to_string(path) else {
        return;
    };
    for (n, line) in text.lines().enumerate() {
        for word in ELSEWHERE {
            if line.contains(word) {
                faults.push(format!("{}:{}: speaks of `{word}`", path.display(), n + 1));
            }
        }
    }
}
