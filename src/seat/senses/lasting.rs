//! Since when something has been as it is.

use tokio::time::Instant;

/// What was seen last, and when it was first seen so.
#[derive(Debug)]
pub(super) struct Lasting<T>(Option<(T, Instant)>);

impl<T> Default for Lasting<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: PartialEq> Lasting<T> {
    /// For how many seconds it has been so, at least.
    pub(super) fn see(&mut self, now: Instant, seen: T) -> u64 {
        match &self.0 {
            Some((known, since)) if *known == seen => {
                now.saturating_duration_since(*since).as_secs()
            }
            _ => {
                self.0 = Some((seen, now));
                0
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn it_counts_anew_with_every_change() {
        let begin = Instant::now();
        let at = |seconds| begin + Duration::from_secs(seconds);
        let mut muted = Lasting::default();
        let seen = [(0, true), (9, true), (10, false), (10, false), (75, false)];
        let for_seconds = seen.map(|(second, seen)| muted.see(at(second), seen));
        assert_eq!(for_seconds, [0, 9, 0, 0, 65]);
    }
}
