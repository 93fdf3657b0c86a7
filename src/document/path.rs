//! Paths of keys, as `seat.C-01.fed_by`, `stage[1].when` or `seat."前台".zone`.

/// The path of a key in a table, quoted where TOML would quote it.
pub fn join(table: &str, key: &str) -> String {
    let bare = !key.is_empty()
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let key = if bare {
        key.to_owned()
    } else {
        format!("\"{}\"", key.replace('\\', "\\\\").replace('"', "\\\""))
    };
    if table.is_empty() {
        key
    } else {
        format!("{table}.{key}")
    }
}

/// One step of a path.
pub(crate) enum Segment {
    Key(String),
    Index(usize),
}

/// Takes a path apart.
pub(crate) fn segments(path: &str) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix('"') {
            let mut key = String::new();
            let mut letters = quoted.chars();
            while let Some(letter) = letters.next() {
                match letter {
                    '"' => break,
                    '\\' => key.extend(letters.next()),
                    letter => key.push(letter),
                }
            }
            segments.push(Segment::Key(key));
            rest = letters.as_str();
        } else if let Some(index) = rest.strip_prefix('[') {
            let end = index.find(']').unwrap_or(index.len());
            segments.push(Segment::Index(index[..end].parse().unwrap_or(usize::MAX)));
            rest = index.get(end + 1..).unwrap_or("");
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            segments.push(Segment::Key(rest[..end].to_owned()));
            rest = &rest[end..];
        }
        rest = rest.strip_prefix('.').unwrap_or(rest);
    }
    segments
}
