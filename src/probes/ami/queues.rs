//! Makes a reading of the items of `QueueSummary` and `QueueStatus`.

use std::collections::{BTreeMap, BTreeSet};

use crate::acd::{Blind, Field, Member, Queue, Reading, Standing, Totals};
use crate::probes::ami::message::{Message, Repeated};

pub(super) const SUMMARY: &str = "QueueSummary";
pub(super) const PARAMS: &str = "QueueParams";
pub(super) const MEMBER: &str = "QueueMember";

/// What was answered to one pair of requests: of one queue, or of all.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) summary: Result<Vec<Message>, Blind>,
    pub(super) status: Result<Vec<Message>, Blind>,
}

/// Puts a reading together, queue by queue.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    queues: BTreeMap<String, Result<Queue, Blind>>,
    members: BTreeMap<String, Found>,
    /// A list of members was not whole: who is not on it may be there all the same.
    partial: bool,
}

#[derive(Debug)]
struct Found {
    name: String,
    device: Option<String>,
    queues: BTreeSet<String>,
    standing: Standing,
}

impl Gathered {
    /// What was told of a queue that was asked for by its name.
    pub(super) fn take_one(&mut self, queue: &str, told: &Told) {
        let read = read(queue, told);
        // Of a queue that is not there nobody is a member.
        match &told.status {
            Ok(items) => self.take_members(items.iter().filter(|item| item.is("Queue", queue))),
            Err(_) => self.partial = true,
        }
        self.queues.insert(queue.to_owned(), read);
    }

    /// What was told of all queues.
    pub(super) fn take_all(&mut self, told: &Told) -> Result<(), Blind> {
        let summary = told.summary.as_ref().map_err(Clone::clone)?;
        let status = told.status.as_ref().map_err(Clone::clone)?;
        let names: BTreeSet<&str> = summary
            .iter()
            .chain(status)
            .filter(|item| item.is("Event", SUMMARY) || item.is("Event", PARAMS))
            .filter_map(|item| item.get("Queue"))
            .collect();
        for name in names {
            self.queues.insert(name.to_owned(), read(name, told));
        }
        self.take_members(status.iter());
        Ok(())
    }

    pub(super) fn reading(self) -> Reading {
        let members = self.members.into_iter().map(|(interface, found)| Member {
            name: found.name,
            interface,
            device: found.device,
            queues: found.queues,
            standing: found.standing,
        });
        Reading {
            queues: self.queues,
            members: (!self.partial).then(|| members.collect()),
        }
    }

    fn take_members<'a>(&mut self, items: impl Iterator<Item = &'a Message>) {
        for item in items.filter(|item| item.is("Event", MEMBER)) {
            let told = |key| item.get(key).filter(|value| !value.is_empty());
            let Some(interface) = told("Location").or(told("Name")) else {
                continue;
            };
            let standing = standing(item);
            let found = self
                .members
                .entry(interface.to_owned())
                .or_insert_with(|| Found {
                    name: told("Name").unwrap_or(interface).to_owned(),
                    device: told("StateInterface")
                        .filter(|device| *device != interface)
                        .map(str::to_owned),
                    queues: BTreeSet::new(),
                    standing: standing.clone(),
                });
            found.queues.extend(told("Queue").map(str::to_owned));
            // The device is one and the same; a pause is of each queue.
            if matches!(found.standing, Standing::Paused { .. }) {
                found.standing = standing;
            }
        }
    }
}

/// What was told of this queue.
fn read(name: &str, told: &Told) -> Result<Queue, Blind> {
    let summary = told.summary.as_ref().map_err(Clone::clone)?;
    let status = told.status.as_ref().map_err(Clone::clone)?;
    // Asterisk tells queues apart without regard to case.
    let is_of_it = |item: &&Message| item.is("Queue", name);
    let summary = summary
        .iter()
        .find(|item| item.is("Event", SUMMARY) && is_of_it(item));
    let params = status
        .iter()
        .find(|item| item.is("Event", PARAMS) && is_of_it(item));
    // It is no error there: the lists are empty.
    let (Some(summary), Some(params)) = (summary, params) else {
        return Err(Blind::UnknownQueue);
    };
    let members = status
        .iter()
        .filter(|item| item.is("Event", MEMBER) && is_of_it(item));
    let (mut paused, mut busy) = (0, 0);
    for member in members {
        paused += u32::from(is_paused(member));
        busy += u32::from(is_busy(member));
    }
    let completed = total(params, "Completed", Field::Completed)?;
    Ok(Queue {
        waiting: Some(count(summary, "Callers", Field::Waiting)?),
        longest_wait: Some(count(summary, "LongestHoldTime", Field::LongestWait)?),
        staffed: Some(count(summary, "LoggedIn", Field::Staffed)?),
        available: Some(count(summary, "Available", Field::Available)?),
        paused: Some(paused),
        busy: Some(busy),
        totals: Totals {
            offered: None,
            completed: Some(completed),
            abandoned: Some(total(params, "Abandoned", Field::Abandoned)?),
            within_level: within_level(params, completed),
        },
    })
}

/// Asterisk counts the completed calls that were answered in time, and tells only
/// their percentage, with one decimal. The count is got back from it: exactly up to
/// a thousand calls since the last reset, within 0.05 % of the calls above.
fn within_level(params: &Message, completed: u64) -> Option<u64> {
    let percent: f64 = params.get("ServicelevelPerf")?.parse().ok()?;
    if !(0.0..=100.0).contains(&percent) {
        return None;
    }
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a count of calls, which is no less than nought"
    )]
    Some((completed as f64 * percent / 100.0).round() as u64)
}

fn count(item: &Message, key: &str, field: Field) -> Result<u32, Blind> {
    let total = total(item, key, field)?;
    u32::try_from(total).map_err(|_| Blind::not_a_number(field, &total.to_string()))
}

fn total(item: &Message, key: &str, field: Field) -> Result<u64, Blind> {
    let told = item.only(key).map_err(|Repeated| {
        // Somebody's name may hold what ends a line.
        Blind::garbage(&format!("`{key}` twice in one item"))
    })?;
    let told = told.filter(|told| !told.is_empty());
    let told = told.ok_or(Blind::Missing { field })?;
    match told.parse::<i64>() {
        Ok(number) => u64::try_from(number).map_err(|_| Blind::Negative { field }),
        Err(_) => Err(Blind::not_a_number(field, told)),
    }
}

fn is_paused(member: &Message) -> bool {
    member.only("Paused") == Ok(Some("1"))
}

fn is_busy(member: &Message) -> bool {
    let status = member.only("Status");
    matches!(status, Ok(Some("2" | "3" | "7" | "8"))) || member.only("InCall") == Ok(Some("1"))
}

/// The states of a device are of Asterisk's `include/asterisk/devicestate.h`.
fn standing(member: &Message) -> Standing {
    match member.only("Status") {
        Ok(Some("4")) => Standing::UnknownDevice,
        Ok(Some("5")) => Standing::Unregistered,
        _ if is_busy(member) => Standing::Busy,
        Ok(Some("6")) => Standing::Ringing,
        _ if is_paused(member) => Standing::Paused {
            reason: member
                .get("PausedReason")
                .filter(|reason| !reason.is_empty())
                .map(str::to_owned),
        },
        Ok(Some("1")) => Standing::Free,
        _ => Standing::Unclear,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(text: &str) -> Message {
        let mut message = Message::default();
        for line in text.lines() {
            message.take(line.trim().as_bytes());
        }
        message
    }

    fn summary(queue: &str, callers: &str) -> Message {
        item(&format!(
            "Event: QueueSummary\nQueue: {queue}\nLoggedIn: 2\nAvailable: 1\n{callers}\nLongestHoldTime: 9"
        ))
    }

    fn params(queue: &str, counts: &str) -> Message {
        item(&format!("Event: QueueParams\nQueue: {queue}\n{counts}"))
    }

    fn member(queue: &str, location: &str, state: &str) -> Message {
        item(&format!(
            "Event: QueueMember\nQueue: {queue}\nName: 张伟\nLocation: {location}\nStateInterface: {location}\n{state}"
        ))
    }

    const COUNTS: &str = "Completed: 7\nAbandoned: 33\nServicelevelPerf: 85.7";

    fn one(callers: &str, counts: &str) -> Result<Queue, Blind> {
        let told = Told {
            summary: Ok(vec![summary("support", callers)]),
            status: Ok(vec![params("support", counts)]),
        };
        read("support", &told)
    }

    #[test]
    fn totals_are_as_told_and_the_calls_in_time_are_got_back_from_their_percentage() {
        let totals = one("Callers: 33", COUNTS).unwrap().totals;
        assert_eq!(totals.completed, Some(7));
        assert_eq!(totals.abandoned, Some(33));
        assert_eq!(totals.within_level, Some(6));
        for completed in 1..1000_u32 {
            for within in [0, 1, completed / 3, completed / 2, completed] {
                let percent = 100.0 * f64::from(within) / f64::from(completed);
                let told = params("q", &format!("ServicelevelPerf: {percent:.1}"));
                let got = within_level(&told, u64::from(completed));
                assert_eq!(got, Some(u64::from(within)), "{completed}");
            }
        }
        let odd = params("q", "ServicelevelPerf: nan");
        assert_eq!(within_level(&odd, 5), None);
    }

    #[test]
    fn a_figure_that_is_negative_missing_odd_or_there_twice_blinds_its_queue() {
        let field = Field::Waiting;
        let blind = |callers| one(callers, COUNTS).unwrap_err();
        assert_eq!(blind("Callers: -1"), Blind::Negative { field });
        assert_eq!(blind("Caller: 1"), Blind::Missing { field });
        assert_eq!(blind("Callers: "), Blind::Missing { field });
        assert_eq!(blind("Callers: --"), Blind::not_a_number(field, "--"));
        assert!(matches!(
            blind("Callers: 4294967296"),
            Blind::NotANumber { .. }
        ));
        assert!(matches!(
            blind("Callers: 0\nCallers: 9"),
            Blind::Garbage { .. }
        ));
        let counts = "Completed: 7";
        let field = Field::Abandoned;
        assert_eq!(one("Callers: 1", counts), Err(Blind::Missing { field }));
    }

    #[test]
    fn an_unknown_queue_is_no_empty_queue_and_blinds_no_other() {
        let mut gathered = Gathered::default();
        let empty = || Told {
            summary: Ok(Vec::new()),
            status: Ok(Vec::new()),
        };
        gathered.take_one("nosuch", &empty());
        gathered.take_one(
            "support",
            &Told {
                summary: Ok(vec![summary("Support", "Callers: 0")]),
                status: Ok(vec![
                    params("Support", COUNTS),
                    member("sales", "PJSIP/1", "Status: 1"),
                ]),
            },
        );
        let reading = gathered.reading();
        assert_eq!(reading.queue("nosuch"), Err(Blind::UnknownQueue));
        assert_eq!(reading.queue("support").unwrap().waiting, Some(0));
        assert_eq!(reading.members, Some(Vec::new()), "of no queue asked for");
    }

    #[test]
    fn members_are_told_by_their_interface_and_are_paused_where_all_their_queues_say_so() {
        let status = vec![
            params("a", COUNTS),
            member("a", "PJSIP/1", "Status: 1\nPaused: 1\nPausedReason: 午休"),
            member("a", "PJSIP/2", "Status: 1\nPaused: 1"),
            member("a", "PJSIP/3", "Status: 5\nPaused: 1"),
            member("a", "PJSIP/4", "Status: 4\nPaused: 0"),
            member("a", "PJSIP/5", "Status: 2\nPaused: 1"),
            member("a", "PJSIP/6", "Status: 6\nPaused: 0"),
            member("a", "PJSIP/7", "Status: 1\nInCall: 1\nPaused: 0"),
            member("a", "PJSIP/8", "Status: 0\nPaused: 0"),
            params("b", COUNTS),
            member("b", "PJSIP/1", "Status: 1\nPaused: 1\nPausedReason: 午休"),
            member("b", "PJSIP/2", "Status: 1\nPaused: 0"),
        ];
        let told = Told {
            summary: Ok(vec![summary("a", "Callers: 1"), summary("b", "Callers: 2")]),
            status: Ok(status),
        };
        let mut gathered = Gathered::default();
        gathered.take_all(&told).unwrap();
        let reading = gathered.reading();
        let a = reading.queue("a").unwrap();
        assert_eq!((a.paused, a.busy), (Some(4), Some(2)));
        let members = reading.members.unwrap();
        let standings: Vec<&Standing> = members.iter().map(|member| &member.standing).collect();
        let lunch = Standing::Paused {
            reason: Some("午休".to_owned()),
        };
        assert_eq!(
            standings,
            [
                &lunch,
                &Standing::Free,
                &Standing::Unregistered,
                &Standing::UnknownDevice,
                &Standing::Busy,
                &Standing::Ringing,
                &Standing::Busy,
                &Standing::Unclear,
            ]
        );
        assert_eq!(members[0].queues.len(), 2);
        assert_eq!(members[0].device, None);
        assert_eq!(members[0].name, "张伟");
    }

    #[test]
    fn half_a_list_blinds_its_queue_and_says_nothing_of_who_is_absent() {
        let half = Blind::HalfList {
            told: 2,
            received: 1,
        };
        let mut gathered = Gathered::default();
        let told = Told {
            summary: Ok(vec![summary("support", "Callers: 0")]),
            status: Err(half.clone()),
        };
        gathered.take_one("support", &told);
        assert_eq!(gathered.take_all(&told), Err(half.clone()));
        let reading = gathered.reading();
        assert_eq!(reading.queue("support"), Err(half));
        assert_eq!(reading.members, None);
    }
}
