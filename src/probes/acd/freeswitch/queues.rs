//! What the tables of `mod_callcenter` mean.
//!
//! From its source: a caller waits in the states Waiting and Trying; Answered and
//! Abandoned rows stay in the table and are no callers that wait.

use std::collections::{BTreeMap, BTreeSet};

use crate::acd::{Blind, Field, Member, Queue, Standing};
use crate::probes::acd::freeswitch::table::{Odd, Row, Table};

/// The column of free text of each table.
pub(super) const OF_QUEUES: &str = "record_template";
pub(super) const OF_CALLERS: &str = "cid_name";
pub(super) const OF_AGENTS: &str = "contact";

impl From<Odd> for Blind {
    fn from(odd: Odd) -> Self {
        match odd {
            Odd::Refused(why) => Blind::refused(&why),
            Odd::NoEnd => Blind::garbage("no +OK at the end"),
            Odd::Short(row) => Blind::garbage(&row),
        }
    }
}

/// The totals of each queue that there is, from `queue list`.
pub(super) fn totals(text: &str) -> Result<BTreeMap<String, Result<Queue, Blind>>, Blind> {
    let table = Table::read(text, OF_QUEUES)?;
    let queues = table.rows().map(|row| {
        let name = row.get("name").unwrap_or_default().to_owned();
        let totals = || {
            let mut queue = Queue::default();
            queue.totals.completed = Some(number(row, "calls_answered", Field::Completed)?);
            queue.totals.abandoned = Some(number(row, "calls_abandoned", Field::Abandoned)?);
            Ok(queue)
        };
        (name, totals())
    });
    Ok(queues.collect())
}

/// Counts the callers of `queue list members`; `epoch` is FreeSWITCH's own second.
pub(super) fn callers(text: &str, epoch: u64, queue: &mut Queue) -> Result<(), Blind> {
    let table = Table::read(text, OF_CALLERS)?;
    let (mut waiting, mut oldest) = (0_u32, None::<u64>);
    for row in table.rows() {
        let field = Field::Waiting;
        match row.get("state").ok_or(Blind::Missing { field })? {
            "Waiting" | "Trying" => {}
            _ => continue,
        }
        waiting += 1;
        let joined = number(row, "joined_epoch", Field::LongestWait)?;
        // Of one who comes back and keeps his place.
        let rejoined = number(row, "rejoined_epoch", Field::LongestWait)?;
        let joined = if rejoined > 0 { rejoined } else { joined };
        oldest = Some(oldest.map_or(joined, |oldest| oldest.min(joined)));
    }
    let wait = oldest.map_or(0, |oldest| epoch.saturating_sub(oldest));
    queue.waiting = Some(waiting);
    let too_long = || Blind::not_a_number(Field::LongestWait, &wait.to_string());
    queue.longest_wait = Some(u32::try_from(wait).map_err(|_| too_long())?);
    Ok(())
}

/// Counts the agents of `queue list agents`, and adds each to the members.
pub(super) fn agents(
    text: &str,
    name: &str,
    queue: &mut Queue,
    members: &mut BTreeMap<String, Member>,
) -> Result<(), Blind> {
    let table = Table::read(text, OF_AGENTS)?;
    let (mut staffed, mut available, mut paused, mut busy) = (0, 0, 0, 0);
    let mut here = Vec::new();
    for row in table.rows() {
        let field = Field::Staffed;
        let cell = |column| row.get(column).ok_or(Blind::Missing { field });
        let agent = cell("name")?;
        let external = row
            .get("external_calls_count")
            .is_some_and(|count| count != "0");
        let standing = standing(cell("status")?, cell("state")?, external);
        staffed += u32::from(standing.is_staffed());
        available += u32::from(standing == Standing::Free);
        paused += u32::from(matches!(standing, Standing::Paused { .. }));
        busy += u32::from(matches!(standing, Standing::Busy | Standing::Ringing));
        here.push((agent, cell("contact")?, standing));
    }
    queue.staffed = Some(staffed);
    queue.available = Some(available);
    queue.paused = Some(paused);
    queue.busy = Some(busy);
    for (agent, contact, standing) in here {
        let member = members.entry(agent.to_owned()).or_insert_with(|| Member {
            name: agent.to_owned(),
            interface: agent.to_owned(),
            device: (!contact.is_empty()).then(|| contact.to_owned()),
            queues: BTreeSet::default(),
            standing,
        });
        member.queues.insert(name.to_owned());
    }
    Ok(())
}

/// `external`: on a call that did not come through a queue.
fn standing(status: &str, state: &str, external: bool) -> Standing {
    match (status, state) {
        ("Logged Out", _) => Standing::LoggedOff,
        (_, "In a queue call") => Standing::Busy,
        (_, "Receiving" | "Reserved") => Standing::Ringing,
        ("On Break", _) => Standing::Paused { reason: None },
        ("Available" | "Available (On Demand)", _) if external => Standing::Busy,
        ("Available" | "Available (On Demand)", "Waiting") => Standing::Free,
        // No call is given to an idle agent.
        ("Available" | "Available (On Demand)", "Idle") => Standing::Paused {
            reason: Some("Idle".to_owned()),
        },
        _ => Standing::Unclear,
    }
}

fn number(row: Row<'_>, column: &str, field: Field) -> Result<u64, Blind> {
    let cell = row.get(column).filter(|cell| !cell.is_empty());
    let cell = cell.ok_or(Blind::Missing { field })?;
    if cell.starts_with('-') {
        return Err(Blind::Negative { field });
    }
    cell.parse().map_err(|_| Blind::not_a_number(field, cell))
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUEUES: &str = "name|strategy|record_template|calls_answered|calls_abandoned|x\n\
        support@default|longest-idle-agent||81|10|0\n\
        sales@default|ring-all|${a|b}/c|5|-1|0\n+OK\n";
    const CALLERS: &str = "queue|instance_id|uuid|session_uuid|cid_number|cid_name|system_epoch|\
        joined_epoch|rejoined_epoch|bridge_epoch|abandoned_epoch|base_score|skill_score|\
        serving_agent|serving_system|state|score\n";
    const AGENTS: &str = "name|instance_id|uuid|type|contact|status|state|external_calls_count\n";

    fn caller(name: &str, joined: u64, rejoined: u64, state: &str) -> String {
        format!("q|single_box|u|s|139|{name}|1|{joined}|{rejoined}|0|0|0|0|||{state}|5\n")
    }

    #[test]
    fn the_totals_of_each_queue_are_read_by_their_columns() {
        let queues = totals(QUEUES).unwrap();
        let support = queues["support@default"].as_ref().unwrap();
        assert_eq!(support.totals.completed, Some(81));
        assert_eq!(support.totals.abandoned, Some(10));
        let field = Field::Abandoned;
        assert_eq!(queues["sales@default"], Err(Blind::Negative { field }));
        let missing = "-ERR callcenter_config Command not found!\n";
        assert!(matches!(totals(missing), Err(Blind::Refused { .. })));
    }

    #[test]
    fn only_callers_that_wait_are_counted_and_a_bar_in_a_name_changes_nothing() {
        let rows = [
            caller("a|b|Waiting", 1000, 0, "Trying"),
            caller("b", 1040, 0, "Waiting"),
            caller("back", 900, 1050, "Waiting"),
            caller("talks", 500, 0, "Answered"),
            caller("gone", 400, 0, "Abandoned"),
        ];
        let text = format!("{CALLERS}{}+OK\n", rows.concat());
        let mut queue = Queue::default();
        callers(&text, 1060, &mut queue).unwrap();
        assert_eq!((queue.waiting, queue.longest_wait), (Some(3), Some(60)));
        callers("+OK\n", 1060, &mut queue).unwrap();
        assert_eq!((queue.waiting, queue.longest_wait), (Some(0), Some(0)));
        let half = format!("{CALLERS}{}", rows[0]);
        assert!(callers(&half, 1060, &mut queue).is_err());
        let odd = text.replace("1040", "-1");
        let field = Field::LongestWait;
        assert_eq!(
            callers(&odd, 1060, &mut queue),
            Err(Blind::Negative { field })
        );
    }

    #[test]
    fn agents_are_counted_by_status_and_state_and_one_of_two_queues_is_one_member() {
        let agent = |name: &str, contact: &str, status: &str, state: &str, external: u8| {
            format!("{name}|single_box||callback|{contact}|{status}|{state}|{external}\n")
        };
        let text = [
            AGENTS.to_owned(),
            agent("1001", "[a|b]user/1001", "Available", "Waiting", 0),
            agent("1002", "user/1002", "Available", "In a queue call", 0),
            agent("1003", "user/1003", "On Break", "Waiting", 0),
            agent("1004", "user/1004", "Logged Out", "Waiting", 0),
            agent("1005", "user/1005", "Available (On Demand)", "Receiving", 0),
            agent("1006", "user/1006", "Available", "Waiting", 1),
            agent("1007", "user/1007", "Available", "Idle", 0),
            "+OK\n".to_owned(),
        ]
        .concat();
        let (mut queue, mut members) = (Queue::default(), BTreeMap::new());
        agents(&text, "support", &mut queue, &mut members).unwrap();
        agents(&text, "sales", &mut queue, &mut members).unwrap();
        assert_eq!((queue.staffed, queue.available), (Some(6), Some(1)));
        assert_eq!((queue.paused, queue.busy), (Some(2), Some(3)));
        assert_eq!(members.len(), 7);
        assert_eq!(members["1001"].queues.len(), 2);
        assert_eq!(members["1004"].standing, Standing::LoggedOff);
        let odd = standing("Sleeping", "Waiting", false);
        assert_eq!(odd, Standing::Unclear);
    }
}
