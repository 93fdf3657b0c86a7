//! Rule: what IT is to see to goes out at its hour of each working day, once.

use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::incidents::board::{Board, Moment};
use crate::incidents::daily::lines::{day, lines};
use crate::incidents::entry::{Event, IncidentId, OwedId, Recipient};
use crate::incidents::message::{Message, Notice};
use crate::incidents::night;
use crate::plan::Severity;
use crate::signals::later;
use crate::site::Agenda;
use crate::text::{Language, Text};

/// Who is told.
const ROLE: &str = "it";
/// After a start every UPS is given so long to say how it is.
const SETTLES_WITHIN: SignedDuration = SignedDuration::from_mins(1);
/// So much after its hour it is said to be late.
const IN_TIME: SignedDuration = SignedDuration::from_mins(5);
/// So many days are looked through for the next working day: longer than any holiday.
const LOOK_AHEAD: u32 = 40;
/// What does not fit is on the page.
const MOST_LINES: usize = 12;

/// The last digest, as the page shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DigestView {
    pub at: Timestamp,
    pub lines: Vec<Text>,
}

impl Board {
    /// The last digest, where it said anything.
    pub(in crate::incidents) fn digest_view(&self) -> Option<DigestView> {
        let said = self.state.daily.last.as_ref()?;
        (!said.lines.is_empty()).then(|| DigestView {
            at: said.at,
            lines: said.lines.clone(),
        })
    }
}

pub(in crate::incidents) fn digested(board: &Board, moment: &Moment) -> Vec<Event> {
    let site = &board.centre.site;
    let Some(hour) = site.quiet.it_digest else {
        return Vec::new();
    };
    let now = moment.now;
    let (today, agenda) = (site.date_of(now), site.agenda());
    let begun = board.state.daily.begun.unwrap_or(now);
    let due = due_at(&agenda, today, hour).filter(|due| (begun..=now).contains(due));
    let due = due.filter(|_| !said_on(board, today));
    // Whoever has gone home hears of it in the morning, with all that came until then.
    let due = due.filter(|due| later(*due, IN_TIME) > now || agenda.open_since(now).is_some());
    let Some(due) = due else {
        moment.reached(next(&agenda, today, now, hour));
        moment.reached(agenda.next_begin(now));
        return Vec::new();
    };
    if !moment.reached(later(board.live.started_at, SETTLES_WITHIN)) {
        return Vec::new();
    }
    let late = later(due, IN_TIME) < now;
    let lines = lines(board, now);
    let mut events = vec![Event::Digested {
        late,
        lines: lines.clone(),
    }];
    if lines.is_empty() {
        return events;
    }
    let message = message(board, now, late.then_some(hour), &lines);
    // The number of the entry above.
    let digest = IncidentId(board.state.seq + 1);
    let channels = site.roles.get(ROLE).map_or(&[][..], |role| &role.channels);
    for channel in channels {
        if site.quiet.pagers.contains(channel) {
            continue;
        }
        let by = OwedId(board.state.seq + 1 + events.len() as u64);
        events.push(Event::Owed {
            incident: digest,
            recipient: Recipient::Channel(channel.clone()),
            role: ROLE.to_owned(),
            stage: None,
            message: message.clone(),
            held: night::quiet_until(board, channel, now),
        });
        let debts = board.state.debts.iter();
        let older = debts
            .filter(|(_, debt)| debt.message.notice == Notice::Digest && debt.channel == *channel);
        events.extend(older.map(|(owed, _)| Event::Superseded { owed: *owed, by }));
    }
    events
}

/// When the digest of a day goes out; `None` where nobody works.
fn due_at(agenda: &Agenda<'_>, date: Date, hour: Time) -> Option<Timestamp> {
    if !agenda.is_working_day(date) {
        return None;
    }
    let civil = agenda.zone.to_ambiguous_timestamp(date.to_datetime(hour));
    civil.compatible().ok()
}

/// Whether there was one on that day, by the clock as it goes now.
fn said_on(board: &Board, date: Date) -> bool {
    let last = board.state.daily.last.as_ref();
    last.is_some_and(|said| board.centre.site.date_of(said.at) >= date)
}

/// When there may be one next.
fn next(agenda: &Agenda<'_>, today: Date, now: Timestamp, hour: Time) -> Timestamp {
    let mut date = today;
    for _ in 0..LOOK_AHEAD {
        let due = due_at(agenda, date, hour).filter(|due| *due > now);
        if let Some(due) = due {
            return due;
        }
        date = date.tomorrow().unwrap_or(Date::MAX);
    }
    later(now, SignedDuration::from_hours(24))
}

fn message(board: &Board, now: Timestamp, late: Option<Time>, lines: &[Text]) -> Message {
    let site = &board.centre.site;
    let date = site.date_of(now);
    let count = lines.len();
    let (zh, en) = (day(date, Language::Zh), day(date, Language::En));
    let things = if count == 1 { "thing" } else { "things" };
    let late = late.map(|hour| hour.strftime("%H:%M").to_string());
    let (late_zh, late_en) = late.map_or_else(Default::default, |hour| {
        (
            format!("（本该{hour}发，晚了）"),
            format!(" (late: of {hour})"),
        )
    });
    let title = Text::new(
        format!("IT要看的{count}件事 · {zh}{late_zh}"),
        format!("{count} {things} for IT · {en}{late_en}"),
    );
    let said = |language| {
        let numbered = lines.iter().take(MOST_LINES).enumerate();
        let mut said: Vec<String> = numbered
            .map(|(index, line)| format!("{}. {}", index + 1, line.in_language(language)))
            .collect();
        let more = count.saturating_sub(MOST_LINES);
        match language {
            _ if more == 0 => {}
            Language::Zh => said.push(format!("还有{more}件，见网页")),
            Language::En => said.push(format!("{more} more on the page")),
        }
        match language {
            Language::Zh => said.join("；") + "。",
            Language::En => said.join("; ") + ".",
        }
    };
    Message {
        notice: Notice::Digest,
        procedure: "it-digest".to_owned(),
        kind: None,
        severity: Severity::Info,
        since: now,
        place: site.name.clone(),
        title,
        text: Text::new(said(Language::Zh), said(Language::En)),
        told: vec![ROLE.to_owned()],
    }
}

/// Why the entry was written.
pub(in crate::incidents) fn reason(late: bool, lines: &[Text]) -> Text {
    let (zh, en) = if late {
        ("（晚了）", " (late)")
    } else {
        ("", "")
    };
    if lines.is_empty() {
        return Text::new(
            format!("今天没有要IT看的{zh}"),
            format!("nothing for IT to see to today{en}"),
        );
    }
    let said = |language| {
        let lines: Vec<&str> = lines
            .iter()
            .map(|line| line.in_language(language))
            .collect();
        match language {
            Language::Zh => lines.join("；"),
            Language::En => lines.join("; "),
        }
    };
    Text::new(
        format!("要IT看的{zh}：{}", said(Language::Zh)),
        format!("for IT to see to{en}: {}", said(Language::En)),
    )
}
