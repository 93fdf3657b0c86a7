//! A language as it is typed.

use crate::text::Language;

pub(super) fn read(name: &str) -> Result<Language, String> {
    match name {
        "zh" | "zh-CN" => Ok(Language::Zh),
        "en" => Ok(Language::En),
        _ => Err("write zh or en".to_owned()),
    }
}
