//! The certificate that the page, the API and the seats are served with.

use std::fs::Metadata;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};

use crate::config::checks::Checks;
use crate::config::file::Web;
use crate::config::settings::Config;
use crate::config::surroundings::Surroundings;
use crate::web::tls::{Files, Identity};

const CERTIFICATE: &str = "web.certificate";
const KEY: &str = "web.key";

/// As the digest tells it.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Both files are named, or neither.
pub(crate) fn identity(
    checks: &mut Checks<'_, '_>,
    web: &Web,
    surroundings: &Surroundings<'_>,
) -> Option<Identity> {
    let files = match (&web.certificate, &web.key) {
        (None, None) => return None,
        (Some(_), None) => {
            let mend = "stands without its key: write key = \"FILE\" beside it, or take it out";
            checks.fault(CERTIFICATE, mend);
            return None;
        }
        (None, Some(_)) => {
            let mend = "stands without its certificate: write certificate = \"FILE\" beside it, or take it out";
            checks.fault(KEY, mend);
            return None;
        }
        (Some(certificate), Some(key)) => Files {
            certificate: place(certificate, surroundings),
            key: place(key, surroundings),
        },
    };
    match Identity::read(&files) {
        Ok(identity) => {
            if files.key.metadata().is_ok_and(|it| others_may_read(&it)) {
                let key = files.key.display();
                checks.warn(
                    KEY,
                    format!("{key} can be read by everybody: chmod 0640, chgrp callwatch; where others have an account here, renew it"),
                );
            }
            Some(identity)
        }
        Err(error) => {
            let path = if error.is_of_key() { KEY } else { CERTIFICATE };
            checks.fault(path, error.to_string());
            None
        }
    }
}

fn others_may_read(metadata: &Metadata) -> bool {
    metadata.permissions().mode() & 0o004 != 0
}

/// A relative name lies among the service's credentials or beside the centre's file.
fn place(name: &str, surroundings: &Surroundings<'_>) -> PathBuf {
    let credential = surroundings.credentials.map(|folder| folder.join(name));
    let credential = credential.filter(|path| path.exists());
    credential.unwrap_or_else(|| surroundings.directory.join(name))
}

/// What is to be said of a certificate that ends soon, or has ended.
pub fn certificate_ending(config: &Config, now: Timestamp) -> Option<String> {
    let identity = config.web.identity.as_ref()?;
    let left = identity.until.duration_since(now);
    let file = identity.files.certificate.display();
    let until = identity.until;
    if left <= SignedDuration::ZERO {
        return Some(format!(
            "the certificate {file} has expired: {until}; renew it, or no seat and no page connects"
        ));
    }
    let days = left.as_hours() / 24;
    (left < SOON).then(|| format!("the certificate {file} ends in {days} days, {until}: renew it"))
}
