//! A length of time in words.

use jiff::SignedDuration;

use crate::text::Language;

/// A length of time as one says it: seconds below two minutes, then minutes, then hours.
pub fn lasted(duration: SignedDuration, language: Language) -> String {
    let seconds = duration.as_secs().max(0);
    let minutes = seconds / 60;
    let (zh, en) = if seconds < 120 {
        (format!("{seconds}秒"), format!("{seconds} s"))
    } else if minutes < 120 {
        (format!("{minutes}分钟"), format!("{minutes} min"))
    } else {
        let (hours, minutes) = (minutes / 60, minutes % 60);
        (
            format!("{hours}小时{minutes}分"),
            format!("{hours} h {minutes} min"),
        )
    };
    match language {
        Language::Zh => zh,
        Language::En => en,
    }
}
