//! `/ingest/backup/NAME`: a backup's job reports that it has ended well.
//!
//! ```text
//! pg_dump … && curl -fsS -X POST -H "Authorization: Bearer $(cat token)" http://HOST/ingest/backup/crm
//! ```
//!
//! A body is not read. It is told once and counts for days, so it is taken only once it is
//! written down.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::{HeaderMap, StatusCode};

use crate::inbox::Inbox;
use crate::incidents::{BackupSight, Input};
use crate::probes::backup::Known;
use crate::text::Text;
use crate::web::ingest::door::{Doors, Of, Refusal};

/// A door for each backup whose job reports.
pub(super) fn doors(backups: &BTreeMap<String, Known>) -> anyhow::Result<Doors<()>> {
    let mut doors = Doors::new(Of::Backup)?;
    for (id, known) in backups {
        if let Known::Reports(token) = known {
            doors.add(id, token.reveal(), ());
        }
    }
    Ok(doors)
}

/// 204 once it is in the log. 401 for a wrong token, 404 for a backup that is not known by
/// report, 429 for too many, 503 where it cannot be written down now.
pub(super) async fn report(
    doors: &Doors<()>,
    backup: &str,
    headers: &HeaderMap,
    inbox: &Inbox,
    within: Duration,
) -> Result<(), Refusal> {
    doors.open(backup, headers)?;
    let input = Input::Backup {
        backup: backup.to_owned(),
        sight: BackupSight::Reported,
    };
    let written = tokio::time::timeout(within, inbox.ask(input)).await;
    if let Ok(Ok(())) = written {
        return Ok(());
    }
    let why = Text::new(
        "现在写不进记录，请稍后再报告",
        "it cannot be written down now: report again later",
    );
    Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, why))
}
