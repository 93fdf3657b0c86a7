//! A text with places to be filled in, as `{method}{host}{path}?{query}`.

use std::fmt;

/// Checked when it was read: it names only places that there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Place(&'static str),
}

/// The text is no template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("`{{` is not closed: write the name of a place between `{{` and `}}`")]
    Open,
    #[error("there is no place `{{{0}}}`: known are {1}")]
    Unknown(String, Known),
}

/// The places that there are, for an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known(&'static [&'static str]);

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, place) in self.0.iter().enumerate() {
            let comma = if n == 0 { "" } else { ", " };
            write!(f, "{comma}`{{{place}}}`")?;
        }
        Ok(())
    }
}

impl Template {
    /// Reads a text that may name these places.
    pub fn read(text: &str, places: &'static [&'static str]) -> Result<Self, Unreadable> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or(Unreadable::Open)?;
            let place = places.iter().find(|place| **place == name);
            let place = place.ok_or_else(|| Unreadable::Unknown(name.to_owned(), Known(places)))?;
            parts.push(Part::Text(before.to_owned()));
            parts.push(Part::Place(place));
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(Self(parts))
    }

    /// The text with what stands at each place.
    pub(super) fn fill<'v>(&self, at: impl Fn(&str) -> &'v str) -> String {
        let parts = self.0.iter();
        parts
            .map(|part| match part {
                Part::Text(text) => text.as_str(),
                Part::Place(place) => at(place),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_and_unknown_ones_are_refused() {
        let places = &["a", "b"];
        let read = |text| Template::read(text, places);
        let fill = |place: &str| if place == "a" { "1" } else { "2" };
        assert_eq!(read("x{a}{b}y").unwrap().fill(fill), "x12y");
        assert_eq!(read("").unwrap().fill(fill), "");
        assert_eq!(read("x{a").unwrap_err(), Unreadable::Open);
        let error = read("{c}").unwrap_err().to_string();
        assert_eq!(error, "there is no place `{c}`: known are `{a}`, `{b}`");
    }
}
