//! How often a source is asked, and when what it told is stale.

use jiff::SignedDuration;

use crate::probes::acd::settings::desk::Desk;

/// Where nobody says otherwise.
const POLL: SignedDuration = SignedDuration::from_secs(5);
const LONGEST_POLL: SignedDuration = SignedDuration::from_mins(10);
/// So many polls may fail before what was told last is stale.
const POLLS_TO_STALE: i32 = 3;
/// Of what is pushed in.
pub(super) const PUSHED_STALE: SignedDuration = SignedDuration::from_secs(60);
pub(super) const LONGEST_STALE: SignedDuration = SignedDuration::from_hours(1);

/// Time between two polls, and how old a reading may be.
pub(super) fn pace(
    desk: &mut Desk<'_, '_, '_>,
    poll: Option<SignedDuration>,
    stale_after: Option<SignedDuration>,
) -> (SignedDuration, SignedDuration) {
    let least = SignedDuration::from_secs(1);
    let every = poll.unwrap_or(POLL);
    if every < least || every > LONGEST_POLL {
        let message =
            format!("is not between {least:#} and {LONGEST_POLL:#}: write it as \"{POLL:#}\"");
        desk.fault("poll", message);
    }
    let stale = stale_after.unwrap_or(every.saturating_mul(POLLS_TO_STALE));
    if stale < every || stale > LONGEST_STALE {
        let message = format!(
            "is not between `poll` ({every:#}) and {LONGEST_STALE:#}: leave it out for three polls"
        );
        desk.fault("stale_after", message);
    }
    (every, stale)
}
