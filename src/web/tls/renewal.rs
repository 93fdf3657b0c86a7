//! A renewed certificate is taken up by itself, and the Board told when the one in force ends.

use std::convert::Infallible;
use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::inbox::{Closed, Inbox};
use crate::incidents::Input;
use crate::web::tls::identity::{Identity, Stamps};
use crate::web::tls::shown::Tls;

/// The files are looked at so often, in real time.
const EVERY: Duration = Duration::from_secs(10);

/// Watches the files until cancelled, or until the inbox is closed.
pub async fn keep(tls: Tls, clock: Clock, inbox: Inbox, cancel: CancellationToken) {
    let keeping = follow(&tls, &clock, &inbox);
    let ended = cancel.run_until_cancelled(keeping).await;
    // It ends by itself only where the inbox is closed: the daemon is shutting down.
    if let Some(Err(closed)) = ended {
        tracing::debug!(%closed, "the certificate is watched no longer");
    }
}

async fn follow(tls: &Tls, clock: &Clock, inbox: &Inbox) -> Result<Infallible, Closed> {
    let mut renewal = Renewal::default();
    loop {
        let until = tls.identity().until;
        inbox.send(Input::OwnCertificate { until }).await?;
        while !renewal.look(tls, clock.now()) {
            tokio::time::sleep(EVERY).await;
        }
    }
}

/// What was seen of files that are no good.
#[derive(Debug, Default)]
struct Renewal {
    /// And whether it was told.
    refused: Option<(Stamps, bool)>,
}

impl Renewal {
    /// Takes up what was written anew; false where nothing was, or it is no good.
    ///
    /// Two files are not replaced at once: what is no good is told when it is the same at the
    /// next look.
    fn look(&mut self, tls: &Tls, now: Timestamp) -> bool {
        let shown = tls.identity();
        let stamps = shown.files.stamps();
        if stamps == shown.stamps {
            self.refused = None;
            return false;
        }
        let before = self.refused.filter(|(seen, _)| *seen == stamps);
        if before.is_some_and(|(_, told)| told) {
            return false;
        }
        match renewed(&shown, now) {
            Ok(identity) => {
                self.refused = None;
                let file = identity.files.certificate.display().to_string();
                tracing::info!(until = %identity.until, "{file} is taken up");
                tls.renew(identity);
                true
            }
            Err(why) => {
                let tell = before.is_some();
                self.refused = Some((stamps, tell));
                if tell {
                    let until = shown.until;
                    tracing::error!(
                        "the renewed certificate is not taken up, and the one in force is shown until {until} or a restart: {why}"
                    );
                }
                false
            }
        }
    }
}

fn renewed(shown: &Identity, now: Timestamp) -> Result<Identity, String> {
    let identity = Identity::read(&shown.files).map_err(|error| error.to_string())?;
    if identity.until <= now && identity.until < shown.until {
        let file = identity.files.certificate.display();
        let until = identity.until;
        return Err(format!(
            "{file} has expired: {until}; put a newer one there"
        ));
    }
    Ok(identity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::tls::scratch::Scratch;

    fn now() -> Timestamp {
        "2026-11-27T08:00:00Z".parse().unwrap()
    }

    fn shown(scratch: &Scratch) -> Tls {
        scratch.put("localhost", 2027);
        Tls::new(Identity::read(&scratch.files).unwrap()).unwrap()
    }

    fn year(tls: &Tls) -> String {
        tls.identity().until.strftime("%Y").to_string()
    }

    #[test]
    fn a_renewed_certificate_is_taken_up_once() {
        let scratch = Scratch::new("renewed");
        let tls = shown(&scratch);
        let mut renewal = Renewal::default();
        assert!(!renewal.look(&tls, now()), "nothing has changed");
        scratch.put("localhost", 2028);
        assert!(renewal.look(&tls, now()));
        assert_eq!(year(&tls), "2028");
        assert!(!renewal.look(&tls, now()));
    }

    #[test]
    fn a_broken_renewal_keeps_the_old_is_told_at_the_second_look_and_is_mended_by_a_good_one() {
        let scratch = Scratch::new("broken");
        let tls = shown(&scratch);
        let mut renewal = Renewal::default();
        let told = |renewal: &Renewal| renewal.refused.map(|(_, told)| told);
        // The certificate is there, and its key not yet.
        let made = scratch.authority.server("localhost", 2028);
        std::fs::write(&scratch.files.certificate, made.certificate).unwrap();
        assert!(!renewal.look(&tls, now()));
        assert_eq!(told(&renewal), Some(false), "it may be under way");
        assert!(!renewal.look(&tls, now()));
        assert_eq!(told(&renewal), Some(true));
        assert!(!renewal.look(&tls, now()));
        assert_eq!(year(&tls), "2027");
        std::fs::write(&scratch.files.key, made.key).unwrap();
        assert!(renewal.look(&tls, now()));
        assert_eq!((year(&tls), told(&renewal)), ("2028".to_owned(), None));
        std::fs::remove_file(&scratch.files.certificate).unwrap();
        assert!(!renewal.look(&tls, now()));
        assert_eq!(year(&tls), "2028");
    }

    #[test]
    fn one_that_has_expired_already_is_no_renewal() {
        let scratch = Scratch::new("expired");
        let tls = shown(&scratch);
        scratch.put("localhost", 2026);
        assert!(!Renewal::default().look(&tls, now()));
        assert_eq!(year(&tls), "2027");
        let why = renewed(&tls.identity(), now()).unwrap_err();
        assert!(why.contains("has expired: 2026-01-01T00:00:00Z"), "{why}");
    }
}
