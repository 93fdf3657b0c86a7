//! Where the figures of a queue and its members stand in a document.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::acd::figure::{self, Odd, Unit};
use crate::acd::pointer::{Lost, Pointer, written};
use crate::acd::{Blind, Field, Member, Queue, Standing};
use crate::text::Text;

/// The pointers of one queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    pub waiting: Pointer,
    pub longest_wait: Option<Wait>,
    /// By what they tell; neither `Waiting` nor `LongestWait` is among them.
    pub others: BTreeMap<Field, Pointer>,
    /// What the source leaves out where it is nought.
    pub absent_is_zero: BTreeSet<Field>,
}

/// Of the one who waits longest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wait {
    /// How long.
    Lasting(Pointer),
    /// Since when.
    Since(Pointer),
}

/// How bare values are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meaning {
    pub unit: Unit,
    /// Of moments that name none.
    pub zone: Option<TimeZone>,
}

/// Where the members stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Members {
    /// The list of them.
    pub list: Pointer,
    /// Within each of them, as are the following.
    pub interface: Pointer,
    pub name: Option<Pointer>,
    pub standing: Pointer,
    pub reason: Option<Pointer>,
    /// The names of its queues, a text or a list; without it each is of all queues.
    pub queues: Option<Pointer>,
    /// What the source calls the standings that we know.
    pub standings: BTreeMap<String, Standing>,
}

impl Figures {
    /// Reads one queue; what is wrong makes it blind, and is noted with its pointer.
    pub(super) fn read(
        &self,
        document: &Value,
        meaning: &Meaning,
        now: Timestamp,
        notes: &mut Vec<Text>,
    ) -> Result<Queue, Blind> {
        let waiting = self.count(document, Field::Waiting, &self.waiting, notes)?;
        let mut queue = Queue {
            waiting: Some(waiting),
            ..Queue::default()
        };
        if let Some(wait) = &self.longest_wait {
            let wait = self.wait(document, wait, waiting, meaning, now, notes)?;
            queue.longest_wait = u32::try_from(wait.as_secs()).ok();
        }
        for (field, pointer) in &self.others {
            let count = self.count(document, *field, pointer, notes)?;
            let total = Some(u64::from(count));
            match field {
                Field::Waiting | Field::LongestWait => {}
                Field::Staffed => queue.staffed = Some(count),
                Field::Available => queue.available = Some(count),
                Field::Paused => queue.paused = Some(count),
                Field::Busy => queue.busy = Some(count),
                Field::Offered => queue.totals.offered = total,
                Field::Completed => queue.totals.completed = total,
                Field::Abandoned => queue.totals.abandoned = total,
                Field::WithinLevel => queue.totals.within_level = total,
            }
        }
        Ok(queue)
    }

    fn count(
        &self,
        document: &Value,
        field: Field,
        pointer: &Pointer,
        notes: &mut Vec<Text>,
    ) -> Result<u32, Blind> {
        let found = match pointer.find(document) {
            Ok(Value::Null) | Err(Lost::Absent(_) | Lost::NoElement(_))
                if self.absent_is_zero.contains(&field) =>
            {
                return Ok(0);
            }
            Ok(found) => found,
            Err(lost) => return Err(lost_at(field, &lost, notes)),
        };
        figure::count(found).map_err(|odd| odd_at(field, pointer, &odd, notes))
    }

    /// Where nobody waits, there is nobody whose wait could be told.
    fn wait(
        &self,
        document: &Value,
        wait: &Wait,
        waiting: u32,
        meaning: &Meaning,
        now: Timestamp,
        notes: &mut Vec<Text>,
    ) -> Result<SignedDuration, Blind> {
        let nobody = waiting == 0 || self.absent_is_zero.contains(&Field::LongestWait);
        let (Wait::Lasting(pointer) | Wait::Since(pointer)) = wait;
        let found = match pointer.find(document) {
            Err(Lost::Absent(_) | Lost::NoElement(_)) if nobody => return Ok(SignedDuration::ZERO),
            Ok(found) => found,
            Err(lost) => return Err(lost_at(Field::LongestWait, &lost, notes)),
        };
        let read = match wait {
            Wait::Lasting(_) => figure::duration(found, meaning.unit),
            Wait::Since(_) => figure::since(found, meaning.zone.as_ref(), now),
        };
        match read {
            Err(Odd::Null | Odd::Empty) if nobody => Ok(SignedDuration::ZERO),
            // Of the caller who is gone.
            _ if waiting == 0 && matches!(wait, Wait::Since(_)) => Ok(SignedDuration::ZERO),
            read => read.map_err(|odd| odd_at(Field::LongestWait, pointer, &odd, notes)),
        }
    }
}

fn lost_at(field: Field, lost: &Lost, notes: &mut Vec<Text>) -> Blind {
    notes.push(named(field, &lost.words()));
    match lost {
        // That is how an unknown queue shows itself where it is picked by its name.
        Lost::NoElement(_) if field == Field::Waiting => Blind::UnknownQueue,
        Lost::Absent(_) | Lost::NoElement(_) => Blind::Missing { field },
        Lost::Several(..) | Lost::NoList(_) => Blind::garbage(&lost.words().en),
    }
}

fn odd_at(field: Field, pointer: &Pointer, odd: &Odd, notes: &mut Vec<Text>) -> Blind {
    let words = odd.words();
    let at = Text::new(
        format!("{pointer}{}", words.zh),
        format!("`{pointer}` {}", words.en),
    );
    notes.push(named(field, &at));
    odd.of(field)
}

fn named(field: Field, what: &Text) -> Text {
    let name = field.words();
    Text::new(
        format!("{}：{}", name.zh, what.zh),
        format!("{}: {}", name.en, what.en),
    )
}

impl Members {
    /// Reads all of them; `None` where the list cannot be read.
    pub(super) fn read(
        &self,
        document: &Value,
        all_queues: &BTreeSet<String>,
        notes: &mut Vec<Text>,
    ) -> Option<Vec<Member>> {
        let found = self.list.find(document);
        let list = match found.map(Value::as_array) {
            Ok(Some(list)) => list,
            Ok(None) => {
                let at = &self.list;
                let what = Text::new(
                    format!("成员：{at}不是列表"),
                    format!("members: `{at}` is no list"),
                );
                notes.push(what);
                return None;
            }
            Err(lost) => {
                let words = lost.words();
                notes.push(Text::new(
                    format!("成员：{}", words.zh),
                    format!("members: {}", words.en),
                ));
                return None;
            }
        };
        let mut members = Vec::with_capacity(list.len());
        let (mut nameless, mut unclear) = (0_usize, BTreeSet::new());
        for element in list {
            match self.member(element, all_queues, &mut unclear) {
                Some(member) => members.push(member),
                None => nameless += 1,
            }
        }
        if nameless > 0 {
            let at = &self.interface;
            notes.push(Text::new(
                format!("成员：有{nameless}项没有{at}"),
                format!("members: {nameless} have no `{at}`"),
            ));
        }
        for word in unclear {
            notes.push(Text::new(
                format!("成员：不知道状态“{word}”算什么；写进standings"),
                format!("members: nothing says what `{word}` means: write it into `standings`"),
            ));
        }
        Some(members)
    }

    fn member(
        &self,
        element: &Value,
        all_queues: &BTreeSet<String>,
        unclear: &mut BTreeSet<String>,
    ) -> Option<Member> {
        let text = |pointer: &Pointer| {
            let found = pointer
                .find(element)
                .ok()
                .filter(|found| !found.is_null())?;
            written(found).filter(|text| !text.trim().is_empty())
        };
        let interface = text(&self.interface)?;
        let told = text(&self.standing);
        let standing = told
            .as_ref()
            .and_then(|told| self.standings.get(told))
            .cloned();
        if standing.is_none() && unclear.len() < MOST_UNCLEAR {
            unclear.extend(told);
        }
        let standing = match standing {
            Some(Standing::Paused { .. }) => Standing::Paused {
                reason: self.reason.as_ref().and_then(text),
            },
            Some(standing) => standing,
            None => Standing::Unclear,
        };
        let queues = match &self.queues {
            None => all_queues.clone(),
            Some(queues) => match queues.find(element) {
                Ok(Value::Array(list)) => list.iter().filter_map(written).collect(),
                Ok(value) => written(value).into_iter().collect(),
                Err(_) => BTreeSet::new(),
            },
        };
        Some(Member {
            name: self
                .name
                .as_ref()
                .and_then(text)
                .unwrap_or_else(|| interface.clone()),
            interface,
            device: None,
            queues,
            standing,
        })
    }
}

/// So many words that nobody explained are noted.
const MOST_UNCLEAR: usize = 8;
