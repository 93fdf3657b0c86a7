//! How long a text may be, so that it is read in one breath and fits its strip.
//!
//! Widths count as a card is set: a Chinese character is one, a Latin letter
//! or digit half of one. English is counted in characters.

use crate::text::Language;

/// What of a card a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Title,
    Line,
    Button,
}

impl Place {
    /// In the unit of the language: Chinese characters, or characters.
    pub fn limit(self, language: Language) -> usize {
        match (self, language) {
            (Place::Title, Language::Zh) => 15,
            (Place::Title, Language::En) => 34,
            (Place::Line, Language::Zh) => 20,
            (Place::Line, Language::En) => 50,
            (Place::Button, Language::Zh) => 4,
            (Place::Button, Language::En) => 14,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Place::Title => "title",
            Place::Line => "line",
            Place::Button => "button",
        }
    }
}

/// The width of a text in the unit of the language, rounded up.
pub fn width(text: &str, language: Language) -> usize {
    match language {
        Language::En => text.chars().count(),
        Language::Zh => {
            let halves: usize = text.chars().map(|c| if is_narrow(c) { 1 } else { 2 }).sum();
            halves.div_ceil(2)
        }
    }
}

/// ASCII and the rest of Latin-1, `·` among them.
fn is_narrow(character: char) -> bool {
    u32::from(character) < 0x100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_latin_letter_or_digit_counts_half_of_a_chinese_character() {
        assert_eq!(width("停电 15:02 · C座三楼", Language::Zh), 10);
        assert_eq!(width("收到", Language::Zh), 2);
        assert_eq!(width("CRM", Language::Zh), 2);
        assert_eq!(width("照常接听，", Language::Zh), 5);
        assert_eq!(width("", Language::Zh), 0);
    }

    #[test]
    fn english_is_counted_in_characters() {
        assert_eq!(width("Power out 15:02 · C", Language::En), 19);
    }
}
