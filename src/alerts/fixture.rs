//! A message on its way, for tests.

use crate::incidents::{Due, IncidentId, Message, Notice, OwedId};
use crate::plan::Severity;
use crate::text::Text;

/// Opened at 14:31 in Shanghai, written down two seconds later.
pub(super) fn due() -> Due {
    Due {
        owed: OwedId(14),
        incident: IncidentId(9),
        at: "2026-03-02T06:31:10Z".parse().unwrap(),
        channel: "it".into(),
        message: Message {
            notice: Notice::Opened,
            procedure: "power-loss".into(),
            kind: Some("mains".into()),
            severity: Severity::Critical,
            since: "2026-03-02T06:31:08Z".parse().unwrap(),
            place: Text::new("C座三楼", "block C"),
            title: Text::new("停电 14:31 · C座三楼", "Power out 14:31 · block C"),
            text: Text::new("市电中断。", "Mains are out."),
            told: vec!["lead".into(), "staff".into()],
        },
        webhook_id: "msg_14".into(),
        not_recorded: false,
        digest: false,
    }
}
