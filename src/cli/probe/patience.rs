//! How long one waits for an answer, as it is typed.

use std::time::Duration;

use jiff::SignedDuration;

/// As long as somebody would wait who typed it.
const LONGEST: Duration = Duration::from_secs(60);

/// `5s`, `500ms`: more than nothing, and a minute at most.
pub(super) fn read(text: &str) -> Result<Duration, String> {
    let read = text.parse::<SignedDuration>().ok();
    let read = read.and_then(|duration| Duration::try_from(duration).ok());
    let within = read.filter(|duration| !duration.is_zero() && *duration <= LONGEST);
    within.ok_or_else(|| "write 500ms, 5s, up to 60s".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patience_is_more_than_nothing_and_a_minute_at_most() {
        assert_eq!(read("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(read("60s"), Ok(LONGEST));
        for odd in ["0s", "-1s", "61s", "5", "soon", ""] {
            assert!(read(odd).is_err(), "{odd}");
        }
    }
}
