//! One reading of one ACD: its queues and its members.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::acd::blind::Blind;
use crate::acd::member::Member;
use crate::text::Text;

/// What one ACD told at one moment. The moment is that of whoever takes it in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// By the ACD's own name of each. Each queue that was asked for is here, as what it
    /// told or as why that cannot be believed: one queue may be blind beside good ones.
    pub queues: BTreeMap<String, Result<Queue, Blind>>,
    /// `None` where the source does not tell them; an empty list means that there are none.
    pub members: Option<Vec<Member>>,
}

impl Reading {
    /// What is told of this queue; [`Blind::UnknownQueue`] where nothing is.
    pub fn queue(&self, name: &str) -> Result<&Queue, Blind> {
        match self.queues.get(name) {
            Some(Ok(queue)) => Ok(queue),
            Some(Err(blind)) => Err(blind.clone()),
            None => Err(Blind::UnknownQueue),
        }
    }
}

/// One queue. `None` is what the source does not tell, never nought.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    /// Callers who are not answered yet; one whose call rings at a seat still waits.
    pub waiting: Option<u32>,
    /// Of the one who waits longest now, in seconds.
    pub longest_wait: Option<u32>,
    /// Members who are logged in and whose telephone is there, paused ones included.
    pub staffed: Option<u32>,
    /// Members who can take a call now: free and not paused.
    pub available: Option<u32>,
    pub paused: Option<u32>,
    /// Members on a call.
    pub busy: Option<u32>,
    pub totals: Totals,
}

/// Calls counted by the ACD since it pleased it to begin: they go back to nought at
/// a restart, at midnight, whenever somebody resets them. [`Rates`](crate::acd::Rates)
/// makes something of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Calls that joined the queue.
    pub offered: Option<u64>,
    /// Calls that were answered; some ACDs count one only when it ends.
    pub completed: Option<u64>,
    /// Callers who hung up while they waited.
    pub abandoned: Option<u64>,
    /// Of the completed calls, those answered within the target of the service level.
    pub within_level: Option<u64>,
}

/// A figure of a queue, to say which one is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
    Waiting,
    LongestWait,
    Staffed,
    Available,
    Paused,
    Busy,
    Offered,
    Completed,
    Abandoned,
    WithinLevel,
}

impl Field {
    /// What people call it.
    pub fn words(self) -> Text {
        let (zh, en) = match self {
            Field::Waiting => ("排队数", "calls waiting"),
            Field::LongestWait => ("最久等待", "longest wait"),
            Field::Staffed => ("签入数", "staffed"),
            Field::Available => ("空闲数", "available"),
            Field::Paused => ("示忙数", "paused"),
            Field::Busy => ("通话数", "busy"),
            Field::Offered => ("呼入总数", "calls offered"),
            Field::Completed => ("接通总数", "calls completed"),
            Field::Abandoned => ("放弃总数", "calls abandoned"),
            Field::WithinLevel => ("时限内接通数", "calls within the service level"),
        };
        Text::new(zh, en)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_that_is_not_told_is_unknown_and_not_empty() {
        let mut reading = Reading::default();
        assert_eq!(reading.queue("support"), Err(Blind::UnknownQueue));
        let half = Blind::HalfList {
            told: 3,
            received: 2,
        };
        reading
            .queues
            .insert("support".to_owned(), Err(half.clone()));
        assert_eq!(reading.queue("support"), Err(half));
        reading
            .queues
            .insert("sales".to_owned(), Ok(Queue::default()));
        assert_eq!(reading.queue("sales").unwrap().waiting, None);
        let written = serde_json::to_string(&reading).unwrap();
        assert_eq!(serde_json::from_str::<Reading>(&written).unwrap(), reading);
    }
}
