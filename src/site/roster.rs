//! Who has which role when, as a roster says.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::signals::later;

/// After a change of shift those who leave are told for so long, too.
pub const GRACE: SignedDuration = SignedDuration::from_mins(15);
/// No shift is longer.
pub const LONGEST_SHIFT: SignedDuration = SignedDuration::from_hours(24);

/// A roster, by role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roster {
    /// By begin, the first first; none is longer than [`LONGEST_SHIFT`].
    pub duties: BTreeMap<String, Vec<Duty>>,
    /// Why it is not the one that the file names now, where it is an older one.
    pub kept: Option<String>,
}

/// One person's turn in a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duty {
    pub from: Timestamp,
    pub to: Timestamp,
    pub person: Person,
    pub deputy: Option<Person>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Person {
    pub name: String,
    pub phone: Option<String>,
    /// Where they sit in this shift; absent: where the role sits.
    pub seat: Option<String>,
}

/// Whom a roster names for one role at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OnRoster<'a> {
    pub holders: Vec<&'a Duty>,
    /// Their shift has just ended, and others have taken over.
    pub leaving: Vec<&'a Duty>,
    /// When this changes next.
    pub until: Option<Timestamp>,
}

impl Roster {
    pub fn at(&self, role: &str, now: Timestamp) -> OnRoster<'_> {
        let duties = self.duties.get(role).map_or(&[][..], Vec::as_slice);
        let begun = duties.partition_point(|duty| duty.from <= now);
        let oldest = later(now, -(LONGEST_SHIFT + GRACE));
        let first = duties.partition_point(|duty| duty.from < oldest);
        let mut on = OnRoster::default();
        for duty in &duties[first..begun] {
            if duty.to > now {
                on.holders.push(duty);
            } else if later(duty.to, GRACE) > now {
                on.leaving.push(duty);
            }
        }
        let ends = on.holders.iter().map(|duty| duty.to);
        let graces = on.leaving.iter().map(|duty| later(duty.to, GRACE));
        let next = duties.get(begun).map(|duty| duty.from);
        on.until = ends.chain(graces).chain(next).min();
        let stays = |left: &&Duty| {
            on.holders
                .iter()
                .any(|duty| duty.person.name == left.person.name)
        };
        // Who goes on is not leaving, and nobody hands over to nobody.
        if on.holders.is_empty() {
            on.leaving.clear();
        }
        on.leaving.retain(|left| !stays(left));
        on
    }

    /// The last moment that it speaks of.
    pub fn ends(&self) -> Option<Timestamp> {
        let duties = self.duties.values().flatten();
        duties.map(|duty| duty.to).max()
    }

    /// The phone number of somebody whom it names.
    pub fn phone_of(&self, role: &str, name: &str) -> Option<&String> {
        let duties = self.duties.get(role).into_iter().flatten().rev();
        duties
            .flat_map(|duty| [Some(&duty.person), duty.deputy.as_ref()])
            .flatten()
            .filter(|person| person.name == name)
            .find_map(|person| person.phone.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        later(
            Timestamp::UNIX_EPOCH,
            SignedDuration::from_mins(100_000 + minutes),
        )
    }

    fn duty(name: &str, from: i64, to: i64) -> Duty {
        Duty {
            from: at(from),
            to: at(to),
            person: Person {
                name: name.to_owned(),
                ..Person::default()
            },
            deputy: None,
        }
    }

    fn roster(duties: Vec<Duty>) -> Roster {
        Roster {
            duties: [("lead".to_owned(), duties)].into(),
            kept: None,
        }
    }

    fn names(duties: &[&Duty]) -> Vec<String> {
        duties.iter().map(|duty| duty.person.name.clone()).collect()
    }

    #[test]
    fn whose_shift_has_ended_is_told_for_fifteen_minutes_beside_who_took_over() {
        let roster = roster(vec![duty("lead A", 0, 480), duty("lead B", 480, 960)]);
        let on = roster.at("lead", at(479));
        assert_eq!(
            (names(&on.holders), on.until),
            (vec!["lead A".to_owned()], Some(at(480)))
        );
        let on = roster.at("lead", at(480));
        assert_eq!(names(&on.holders), ["lead B"]);
        assert_eq!(names(&on.leaving), ["lead A"]);
        assert_eq!(on.until, Some(at(495)));
        let on = roster.at("lead", at(495));
        assert!(on.leaving.is_empty());
        assert_eq!(on.until, Some(at(960)));
    }

    #[test]
    fn nobody_hands_over_to_nobody_nor_to_themselves() {
        let roster = roster(vec![duty("lead A", 0, 240), duty("lead A", 240, 480)]);
        assert!(roster.at("lead", at(241)).leaving.is_empty());
        let on = roster.at("lead", at(481));
        assert!(on.holders.is_empty() && on.leaving.is_empty());
        assert_eq!(roster.at("it", at(1)), OnRoster::default());
    }
}
