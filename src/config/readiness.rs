//! How long what counts must last, and which gaps somebody has accepted.

use jiff::SignedDuration;

use crate::config::accepted;
use crate::config::checks::Checks;
use crate::config::file;
use crate::config::values;
use crate::document::join;
use crate::site::Readiness;
use crate::site::path::Accepted;

pub(crate) fn bounds(checks: &mut Checks<'_, '_>, file: &file::Readiness) -> Readiness {
    for (key, bound) in [("target", file.target), ("floor", file.floor)] {
        if bound <= SignedDuration::ZERO {
            let mend = "is not positive: write how long it must last, as \"45m\"";
            checks.fault(&join("readiness", key), mend);
        }
    }
    if file.target < file.floor {
        checks.fault(
            "readiness.target",
            format!(
                "{:#} is shorter than `floor` ({:#}): make it longer",
                file.target, file.floor
            ),
        );
    }
    Readiness {
        target: file.target,
        floor: file.floor,
    }
}

/// A gap that was accepted, in the table of what it is of.
pub(crate) fn accepted(
    checks: &mut Checks<'_, '_>,
    table: &str,
    file: Option<accepted::Accepted>,
) -> Option<Accepted> {
    let file = file?;
    let path = join(table, "accepted");
    let by = join(&path, "by");
    values::filled(checks, &by, &file.by, "write who accepted it");
    if file.down_to.is_some_and(|down_to| down_to.is_negative()) {
        let mend = "is negative: write down to which runtime it is accepted, as \"25m\"";
        checks.fault(&join(&path, "down_to"), mend);
    }
    let until = file.until.parse().ok();
    if until.is_none() {
        checks.fault(
            &join(&path, "until"),
            format!("`{}` is no date: write it as \"2026-12-31\"", file.until),
        );
    }
    Some(Accepted {
        by: file.by,
        until: until?,
        down_to: file.down_to,
    })
}
