//! What one client tells of its PC: bounded, checked, and only as often as can be of use.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::health::{Health, Watch};
use crate::incidents::Input;
use crate::signals::Sight;
use crate::web::errand::Guest;
use crate::web::hall::{Desk, Hall};
use crate::web::ledger::Told;
use crate::web::sights::Place;
use crate::wire::ToSeat;

/// A client tells every 10 s at most; twice as often is taken.
const EVERY: Duration = Duration::from_secs(5);
/// So many at once are taken after a while without any.
const AT_ONCE: u32 = 6;

/// The log is not written to more often because of one client.
const COMPLAINS_EVERY: Duration = Duration::from_secs(10);

/// How a connection has told so far.
#[derive(Debug, Default)]
pub(super) struct Hearing {
    /// When as much as is taken at once may be told again.
    full_at: Option<Instant>,
    /// Why it was refused last, and when that was said in the log.
    complained: Option<(Instant, String)>,
}

impl Hearing {
    /// Keeps what can be; the answer where it is refused.
    pub(super) async fn hear(
        &mut self,
        desk: &Desk,
        guest: &Guest,
        health: Arc<Health>,
    ) -> Option<ToSeat> {
        if !self.may_tell(Instant::now()) {
            let why = format!(
                "it tells of itself more often than every {} s",
                EVERY.as_secs()
            );
            return Some(self.refuse(guest, &why));
        }
        if let Err(fault) = health.check() {
            let why = format!("it tells of itself what cannot be: {fault}");
            return Some(self.refuse(guest, &why));
        }
        self.complained = None;
        if desk.clients().speaks(&guest.seat, guest.id) {
            let at = desk.hall.clock.now();
            let news = news(desk, guest, &health, at);
            let told = Told { at, health };
            desk.told.keep(&guest.seat, guest.is_program, told);
            if !news.is_empty() {
                // Where control has ended, there is nobody left to know.
                drop(desk.hall.inbox.send(Input::Sights(news)).await);
            }
        }
        None
    }

    /// The answer to a frame that cannot be read.
    pub(super) fn puzzle(&mut self, guest: &Guest, error: &serde_json::Error) -> ToSeat {
        self.refuse(guest, &format!("this frame cannot be read: {error}"))
    }

    fn may_tell(&mut self, now: Instant) -> bool {
        let full_at = self.full_at.unwrap_or(now).max(now) + EVERY;
        let may = full_at <= now + EVERY * AT_ONCE;
        if may {
            self.full_at = Some(full_at);
        }
        may
    }

    fn refuse(&mut self, guest: &Guest, why: &str) -> ToSeat {
        let now = Instant::now();
        // Once for each reason, and no flood where each word of it has a reason of its own.
        let said = self.complained.as_ref().is_some_and(|(at, known)| {
            *known == why || now.saturating_duration_since(*at) < COMPLAINS_EVERY
        });
        if !said {
            let Guest { seat, address, .. } = guest;
            tracing::warn!(seat, %address, "{why}");
            self.complained = Some((now, why.to_owned()));
        }
        let refused = Some(format!("seat {}: {why}", guest.seat));
        ToSeat::Outcome {
            id: String::new(),
            refused,
        }
    }
}

/// What of it the Board does not know yet. A page looks at nothing but itself.
fn news(desk: &Desk, guest: &Guest, health: &Health, now: Timestamp) -> Vec<Sight> {
    if !guest.is_program {
        return Vec::new();
    }
    let Hall {
        centre,
        watch,
        clock,
        ..
    } = &*desk.hall;
    let plain = Watch::default();
    let place = Place {
        site: &centre.site,
        seat: &guest.seat,
        watch: watch.get(&guest.seat).map_or(&plain, |watch| watch),
    };
    desk.sights.news(&place, health, now, clock.speed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_may_tell_a_few_times_at_once_and_then_at_its_pace() {
        let mut hearing = Hearing::default();
        let begin = Instant::now();
        let taken = |hearing: &mut Hearing, at: u64, times: usize| {
            let at = begin + Duration::from_secs(at);
            (0..times).filter(|_| hearing.may_tell(at)).count()
        };
        assert_eq!(taken(&mut hearing, 0, 100), 6);
        assert_eq!(taken(&mut hearing, 4, 100), 0);
        assert_eq!(taken(&mut hearing, 5, 100), 1);
        assert_eq!(taken(&mut hearing, 600, 100), 6);
        let calm = (61..90).map(|n| taken(&mut hearing, n * 10, 1));
        assert_eq!(calm.sum::<usize>(), 29);
    }
}
