//! How one target is watched.

use std::time::Duration;

use jiff::SignedDuration;

use crate::probes::reach::target::Target;

/// What is watched is asked so often.
pub const EVERY: SignedDuration = SignedDuration::from_secs(10);
/// A service that takes longer is slow.
pub const SLOW: SignedDuration = SignedDuration::from_secs(5);
/// What has not answered within this does not, unless it may be slower than half of it.
const ANSWER: Duration = Duration::from_secs(10);
/// A device does nothing but answer.
const ANSWER_OF_DEVICE: Duration = Duration::from_secs(5);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub target: Target,
    /// In plan time.
    pub every: SignedDuration,
    /// What takes longer is slow; absent where only silence counts.
    pub slow: Option<Duration>,
    /// In real time, of one attempt.
    pub timeout: Duration,
}

impl Settings {
    pub fn of_service(target: Target, every: SignedDuration, slow: Duration) -> Self {
        Self {
            target,
            every,
            slow: Some(slow),
            timeout: ANSWER.max(slow.saturating_mul(2)),
        }
    }

    pub fn of_device(target: Target, every: SignedDuration) -> Self {
        Self {
            target,
            every,
            slow: None,
            timeout: ANSWER_OF_DEVICE,
        }
    }
}
