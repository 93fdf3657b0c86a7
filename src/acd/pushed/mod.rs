//! Queues as our own JSON says them: pushed in over HTTP, or printed by a program.
//!
//! ```json
//! {"waiting": 3, "longest_wait": 42, "staffed": 8, "available": 2, "paused": 1, "busy": 5,
//!  "totals": {"offered": 310, "completed": 290, "abandoned": 12, "within_level": 250},
//!  "taken_at": "2026-03-02T14:31:05+08:00",
//!  "members": [{"interface": "1001", "name": "工号1001", "standing": "paused", "reason": "午休"}]}
//! ```
//!
//! `waiting` must be there, the rest may be absent or null: that is "not told". What is
//! there must be right, and an unknown key is refused: a mistyped one would be a figure
//! that is silently not told. Several queues stand under their names in `queues`.

mod complaint;
mod member;
mod strict;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use crate::acd::blind::Blind;
use crate::acd::figure;
use crate::acd::member::Member;
use crate::acd::queue::{Field, Queue, Reading};
use crate::signals::later;
use crate::text::Text;

pub use complaint::Complaint;

use complaint::{complaint, is_missing, is_no_object};
use member::members;
use strict::Strict;

const KEYS: [&str; 9] = [
    "waiting",
    "longest_wait",
    "staffed",
    "available",
    "paused",
    "busy",
    "totals",
    "taken_at",
    "members",
];
const TOTALS: [&str; 4] = ["offered", "completed", "abandoned", "within_level"];
/// What was told of one queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// When the figures were true; when they came, where nobody says.
    pub taken_at: Timestamp,
    pub queue: Queue,
    /// Those of this queue; `None` where they are not told.
    pub members: Option<Vec<Member>>,
}

/// When something is read, and how old it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freshness {
    pub now: Timestamp,
    pub stale_after: SignedDuration,
}

/// Reads the body that was pushed in for one queue; else everything that is wrong with it.
pub fn read_queue(name: &str, body: &[u8], fresh: Freshness) -> Result<Told, Vec<Complaint>> {
    let object = object(body).map_err(|complaint| vec![complaint])?;
    let mut strict = Strict::new("");
    match queue(&mut strict, name, &object, fresh) {
        Some(told) if strict.complaints.is_empty() => Ok(told),
        _ => Err(strict.complaints),
    }
}

/// Reads what a program printed of these queues: one as it would be pushed in, or several
/// by name in `queues`. A fault makes its own queue blind, or all where it is none's own.
pub fn read_all(
    names: &BTreeSet<String>,
    body: &[u8],
    fresh: Freshness,
) -> (Reading, Vec<Complaint>) {
    let whole = |complaint: Complaint| {
        let blind = complaint.blind.clone();
        let blinds = names.iter().map(|name| (name.clone(), Err(blind.clone())));
        let reading = Reading {
            queues: blinds.collect(),
            members: None,
        };
        (reading, vec![complaint])
    };
    let object = match object(body) {
        Ok(object) => object,
        Err(complaint) => return whole(complaint),
    };
    let mut single = BTreeMap::new();
    let queues = if let Some(queues) = object.get("queues") {
        if let Some(odd) = object.keys().find(|key| *key != "queues") {
            return whole(complaint(odd, stands_beside(), &Blind::garbage(odd)));
        }
        match queues.as_object() {
            Some(queues) => queues
                .iter()
                .map(|(name, queue)| (name.as_str(), queue))
                .collect(),
            None => {
                return whole(complaint(
                    "queues",
                    is_no_object(),
                    &Blind::garbage("queues"),
                ));
            }
        }
    } else {
        let mut one = names.iter();
        let (Some(name), None) = (one.next(), one.next()) else {
            let what = Text::new(
                "没有queues：要好几个队列时写成{\"queues\": {\"队列名\": {...}}}",
                "there is no `queues`: several are asked for, so write {\"queues\": {\"NAME\": {...}}}",
            );
            return whole(complaint("", what, &Blind::garbage("no `queues`")));
        };
        single.insert(name.as_str(), Value::Object(object.clone()));
        single
            .iter()
            .map(|(name, queue)| (*name, queue))
            .collect::<BTreeMap<_, _>>()
    };
    several(names, &queues, fresh)
}

fn several(
    names: &BTreeSet<String>,
    queues: &BTreeMap<&str, &Value>,
    fresh: Freshness,
) -> (Reading, Vec<Complaint>) {
    let mut complaints = Vec::new();
    let mut reading = Reading::default();
    for name in names {
        let place = format!("queues.{name}");
        let read = match queues.get(name.as_str()) {
            None => {
                complaints.push(complaint(&place, is_missing(), &Blind::UnknownQueue));
                Err(Blind::UnknownQueue)
            }
            Some(Value::Object(queue)) => {
                let mut strict = Strict::new(&place);
                let told = self::queue(&mut strict, name, queue, fresh);
                let blind = strict.complaints.first().map(|first| first.blind.clone());
                complaints.append(&mut strict.complaints);
                match (told, blind) {
                    (Some(told), None) => {
                        let members = told.members.into_iter().flatten();
                        members.for_each(|member| join(&mut reading, member));
                        Ok(told.queue)
                    }
                    (_, blind) => Err(blind.unwrap_or(Blind::UnknownQueue)),
                }
            }
            Some(_) => {
                let blind = Blind::garbage(name);
                complaints.push(complaint(&place, is_no_object(), &blind));
                Err(blind)
            }
        };
        reading.queues.insert(name.clone(), read);
    }
    (reading, complaints)
}

/// A member of several queues is one member.
fn join(reading: &mut Reading, member: Member) {
    let members = reading.members.get_or_insert_default();
    match members
        .iter_mut()
        .find(|known| known.interface == member.interface)
    {
        Some(known) => known.queues.extend(member.queues),
        None => members.push(member),
    }
}

/// The object that a body is.
fn object(body: &[u8]) -> Result<Map<String, Value>, Complaint> {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(complaint("", is_no_object(), &Blind::garbage("no object"))),
        Err(error) => {
            let what = Text::new(format!("不是JSON：{error}"), format!("is no JSON: {error}"));
            let said = String::from_utf8_lossy(body.get(..200).unwrap_or(body));
            Err(complaint("", what, &Blind::garbage(&said)))
        }
    }
}

fn queue(
    strict: &mut Strict,
    name: &str,
    object: &Map<String, Value>,
    fresh: Freshness,
) -> Option<Told> {
    strict.known("", object, &KEYS);
    let waiting = strict.count("", object, "waiting", Field::Waiting);
    if object.get("waiting").is_none_or(Value::is_null) {
        let field = Field::Waiting;
        strict.complain("waiting", is_missing(), &Blind::Missing { field });
    }
    let mut queue = Queue {
        waiting,
        longest_wait: strict.seconds(object, "longest_wait", Field::LongestWait),
        staffed: strict.count("", object, "staffed", Field::Staffed),
        available: strict.count("", object, "available", Field::Available),
        paused: strict.count("", object, "paused", Field::Paused),
        busy: strict.count("", object, "busy", Field::Busy),
        ..Queue::default()
    };
    if let Some(totals) = strict.inner(object, "totals", &TOTALS) {
        let mut total = |key, field| strict.count("totals.", totals, key, field).map(u64::from);
        queue.totals.offered = total("offered", Field::Offered);
        queue.totals.completed = total("completed", Field::Completed);
        queue.totals.abandoned = total("abandoned", Field::Abandoned);
        queue.totals.within_level = total("within_level", Field::WithinLevel);
    }
    let taken_at = taken_at(strict, object, fresh);
    let members = members(strict, name, object);
    queue.waiting.map(|_| Told {
        taken_at,
        queue,
        members,
    })
}

fn taken_at(strict: &mut Strict, object: &Map<String, Value>, fresh: Freshness) -> Timestamp {
    let Freshness { now, stale_after } = fresh;
    let Some(value) = object.get("taken_at").filter(|value| !value.is_null()) else {
        return now;
    };
    let (what, blind) = match figure::since(value, None, now) {
        Ok(age) if age <= stale_after => return later(now, -age),
        Ok(age) => {
            let seconds = age.as_secs().unsigned_abs();
            let what = Text::new(
                format!("是{seconds}秒前的，太旧了"),
                format!("is {seconds} s ago: send figures while they are fresh"),
            );
            (what, Blind::Stale { seconds })
        }
        Err(odd) => (odd.words(), Blind::garbage(&odd.words().en)),
    };
    strict.complain("taken_at", what, &blind);
    now
}

fn stands_beside() -> Text {
    Text::new(
        "不能和queues并列；写进各队列里",
        "stands beside `queues`: move it into its queue",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh() -> Freshness {
        Freshness {
            now: "2026-03-02T06:31:05Z".parse().unwrap(),
            stale_after: SignedDuration::from_secs(30),
        }
    }

    fn read(body: &str) -> Result<Told, Vec<String>> {
        let read = read_queue("support", body.as_bytes(), fresh());
        read.map_err(|complaints| complaints.iter().map(|it| it.words().en).collect())
    }

    #[test]
    fn a_whole_body_is_read() {
        let told = read(
            "{\"waiting\": 3, \"longest_wait\": \"00:00:42\", \"staffed\": 8, \"available\": \"2\",
              \"paused\": 1, \"busy\": 5.0, \"totals\": {\"offered\": 310, \"completed\": 290,
              \"abandoned\": 12, \"within_level\": 250}, \"taken_at\": \"2026-03-02T14:31:00+08:00\",
              \"members\": [{\"interface\": 1001, \"standing\": \"paused\", \"reason\": \"午休\"},
                            {\"interface\": \"1002\", \"name\": \"Li\", \"standing\": \"free\",
                             \"queues\": [\"support\", \"sales\"]}]}",
        )
        .unwrap();
        assert_eq!(told.taken_at, "2026-03-02T06:31:00Z".parse().unwrap());
        let queue = told.queue;
        assert_eq!((queue.waiting, queue.longest_wait), (Some(3), Some(42)));
        assert_eq!((queue.available, queue.busy), (Some(2), Some(5)));
        assert_eq!(queue.totals.within_level, Some(250));
        let members = told.members.unwrap();
        assert_eq!(members[0].name, "1001");
        assert_eq!(members[0].queues, ["support".to_owned()].into());
        assert_eq!(members[0].standing.words().zh, "示忙：午休");
        assert_eq!(members[1].queues.len(), 2);
    }

    #[test]
    fn what_is_absent_or_null_is_not_told_and_never_nought() {
        let told = read("\u{feff}{\"waiting\": 0, \"busy\": null, \"totals\": null}").unwrap();
        assert_eq!(told.queue.waiting, Some(0));
        assert_eq!((told.queue.busy, told.queue.longest_wait), (None, None));
        assert_eq!(told.members, None);
        assert_eq!(told.taken_at, fresh().now);
        assert_eq!(read("{}").unwrap_err(), ["waiting is missing"]);
        assert_eq!(
            read("{\"waiting\": null}").unwrap_err(),
            ["waiting is missing"]
        );
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once_with_its_field() {
        let body = "{\"wating\": 3, \"longest_wait\": \"long\", \"staffed\": -1, \"paused\": 1.5,
            \"totals\": {\"offered\": \"x\", \"colour\": 1}, \"busy\": true, \"taken_at\": \"noon\",
            \"members\": [7, {\"interface\": \"\"}, {\"interface\": 1, \"standing\": \"pausd\"},
                          {\"interface\": 1, \"standing\": \"free\", \"queues\": \"all\"}]}";
        assert_eq!(
            read(body).unwrap_err(),
            [
                "wating is unknown: did you mean `waiting`?",
                "waiting is missing",
                "longest_wait is no duration: `long`; write 90, \"90s\" or \"00:01:30\"",
                "staffed is negative, `-1`: many systems mean \"not known\" by it",
                "paused is no whole number: `1.5`",
                "busy is no number: `true`",
                "totals.colour is unknown: known here: `offered`, `completed`, `abandoned`, `within_level`",
                "totals.offered is no number: `x`",
                "taken_at is no moment: `noon`; write \"2026-03-02T14:31:05+08:00\"",
                "members[0] is no JSON object {...}",
                "members[1].interface is no text, or an empty one",
                "members[1].standing is missing",
                "members[2].standing is no standing: `pausd`; did you mean `paused`?",
                "members[3].queues is no list of names of queues",
            ]
        );
        let zh = read_queue("s", b"{\"waiting\": -1}", fresh()).unwrap_err();
        assert_eq!(zh[0].words().zh, "waiting是负数`-1`，多半是说“不知道”");
        assert_eq!(
            zh[0].blind,
            Blind::Negative {
                field: Field::Waiting
            }
        );
    }

    #[test]
    fn a_body_that_is_no_object_says_so() {
        assert!(read("").unwrap_err()[0].starts_with("is no JSON: EOF"));
        assert!(read("{\"waiting\": ").unwrap_err()[0].starts_with("is no JSON: EOF"));
        assert_eq!(read("[3]").unwrap_err(), ["is no JSON object {...}"]);
        assert_eq!(
            read("{\"waiting\": 1, \"totals\": 3}").unwrap_err().len(),
            1
        );
    }

    #[test]
    fn figures_that_are_old_or_of_tomorrow_are_refused() {
        let taken = |at: &str| read(&format!("{{\"waiting\": 0, \"taken_at\": \"{at}\"}}"));
        assert!(taken("2026-03-02T06:30:35Z").is_ok());
        assert_eq!(
            taken("2026-03-02T06:30:34Z").unwrap_err(),
            ["taken_at is 31 s ago: send figures while they are fresh"]
        );
        assert!(taken("2026-03-02T07:31:05Z").unwrap_err()[0].contains("lies in the future"));
        assert!(taken("2026-03-02 06:31:05").unwrap_err()[0].contains("has no time zone"));
    }

    #[test]
    fn several_queues_are_told_by_name_and_a_fault_blinds_its_own_alone() {
        let names = ["support", "sales", "night"].map(str::to_owned).into();
        let body = "{\"queues\": {
            \"support\": {\"waiting\": 3, \"members\": [{\"interface\": 1, \"standing\": \"free\"}]},
            \"sales\": {\"waiting\": -1}, \"other\": 5}}";
        let (reading, complaints) = read_all(&names, body.as_bytes(), fresh());
        assert_eq!(reading.queue("support").unwrap().waiting, Some(3));
        let field = Field::Waiting;
        assert_eq!(reading.queue("sales"), Err(Blind::Negative { field }));
        assert_eq!(reading.queue("night"), Err(Blind::UnknownQueue));
        let told: Vec<_> = complaints.iter().map(|it| it.field.as_str()).collect();
        assert_eq!(told, ["queues.night", "queues.sales.waiting"]);
        assert_eq!(reading.members.unwrap().len(), 1);
    }

    #[test]
    fn a_member_of_two_queues_is_one() {
        let names = ["a", "b"].map(str::to_owned).into();
        let queue = "{\"waiting\": 0, \"members\": [{\"interface\": 1, \"standing\": \"free\"}]}";
        let body = format!("{{\"queues\": {{\"a\": {queue}, \"b\": {queue}}}}}");
        let (reading, _) = read_all(&names, body.as_bytes(), fresh());
        let members = reading.members.unwrap();
        assert_eq!(members.len(), 1);
        assert_eq!(members[0].queues.len(), 2);
    }

    #[test]
    fn one_queue_may_be_told_as_it_would_be_pushed_in() {
        let one = ["support".to_owned()].into();
        let (reading, complaints) = read_all(&one, b"{\"waiting\": 3}", fresh());
        assert_eq!(reading.queue("support").unwrap().waiting, Some(3));
        assert_eq!(complaints, []);
        let two = ["support", "sales"].map(str::to_owned).into();
        for odd in [
            "{\"waiting\": 3}",
            "no",
            "[]",
            "{\"queues\": []}",
            "{\"queues\": {}, \"x\": 1}",
        ] {
            let (reading, complaints) = read_all(&two, odd.as_bytes(), fresh());
            assert!(
                matches!(reading.queue("sales"), Err(Blind::Garbage { .. })),
                "{odd}"
            );
            assert_eq!((reading.queues.len(), complaints.len()), (2, 1), "{odd}");
        }
    }
}
