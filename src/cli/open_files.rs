//! How many files the daemon may have open: each device and each seat takes one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Takes as many as the system allows. systemd begins every service with 1,024,
/// for the sake of old programs, and lets it have many more.
pub(super) fn take_all() {
    let limit = getrlimit(Resource::Nofile);
    let all = Rlimit {
        current: limit.maximum,
        ..limit
    };
    if let Err(error) = setrlimit(Resource::Nofile, all) {
        tracing::warn!(
            "no more than {} files may be open, one a device and a seat: {error}; set LimitNOFILE in the unit",
            limit.current.unwrap_or_default()
        );
    }
}
