//! What an attempt came to, and when the next one is due.

use jiff::SignedDuration;

/// What one attempt to bring a message came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    Delivered,
    /// It may go better later.
    Failed {
        why: String,
        /// How long the other side wants to be left alone.
        retry_after: Option<SignedDuration>,
    },
    /// It will never be taken.
    Refused {
        why: String,
    },
}

/// Waits after the first failures; the last one repeats. Alerts are worth a try every few minutes
/// for as long as they are owed.
const WAITS: [SignedDuration; 5] = [
    SignedDuration::from_secs(1),
    SignedDuration::from_secs(5),
    SignedDuration::from_secs(15),
    SignedDuration::from_mins(1),
    SignedDuration::from_mins(5),
];

/// A receiver that asks for more patience than this does not get it: an alert a day late is none.
const LONGEST_PATIENCE: SignedDuration = SignedDuration::from_mins(15);

/// How long to wait after failure number `failures`, counted from 1.
pub(crate) fn wait_after(failures: usize, retry_after: Option<SignedDuration>) -> SignedDuration {
    let wait = WAITS[failures.saturating_sub(1).min(WAITS.len() - 1)];
    let patience = retry_after.unwrap_or_default().min(LONGEST_PATIENCE);
    wait.max(patience)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_five_minutes_and_no_further() {
        let waits: Vec<i64> = (1..8).map(|n| wait_after(n, None).as_secs()).collect();
        assert_eq!(waits, [1, 5, 15, 60, 300, 300, 300]);
    }

    #[test]
    fn a_receiver_is_left_alone_as_long_as_it_asks_but_not_for_a_day() {
        let asked = |secs| wait_after(1, Some(SignedDuration::from_secs(secs))).as_secs();
        assert_eq!(asked(120), 120);
        assert_eq!(asked(0), 1);
        assert_eq!(asked(-5), 1);
        assert_eq!(asked(86_400), 900);
    }
}
