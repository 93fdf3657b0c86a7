//! Which PC it is, so that two of them with one seat's key are told apart.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// What tells one PC from another. All but the host's name are hashes: nobody learns a
/// serial number from them. A cloned disk takes its `id` with it, but not the hardware.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Machine {
    /// Its name, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Of the installed system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Of the main board, where it may be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub board: Option<String>,
    /// Of each network adapter inside, by the address it was made with; one on a USB cable
    /// moves from desk to desk.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub adapters: BTreeSet<String>,
}

impl Machine {
    /// Whether the two cannot be one PC. What one of them does not tell tells nothing, nor
    /// does an equal board: some makers give all of theirs one number.
    pub fn differs(&self, other: &Self) -> bool {
        let unequal = |one: &Option<String>, other: &Option<String>| matches!((one, other), (Some(one), Some(other)) if one != other);
        let told = !self.adapters.is_empty() && !other.adapters.is_empty();
        unequal(&self.id, &other.id)
            || unequal(&self.board, &other.board)
            || told && self.adapters.is_disjoint(&other.adapters)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(id: &str, board: &str, adapters: &[&str]) -> Machine {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Machine {
            host: None,
            id: some(id),
            board: some(board),
            adapters: adapters.iter().map(|it| (*it).to_owned()).collect(),
        }
    }

    #[test]
    fn a_cloned_disk_is_told_by_the_hardware() {
        let first = machine("a", "", &["m1"]);
        assert!(first.differs(&machine("a", "", &["m2"])));
        assert!(machine("a", "b1", &[]).differs(&machine("a", "b2", &[])));
        assert!(first.differs(&machine("b", "", &["m1"])), "another system");
    }

    #[test]
    fn one_pc_stays_one_and_what_is_not_told_tells_nothing() {
        let first = machine("a", "", &["m1"]);
        assert!(!first.differs(&first));
        assert!(!first.differs(&machine("a", "", &["m1", "m2"])));
        assert!(!first.differs(&machine("a", "", &[])));
        assert!(!first.differs(&Machine::default()));
        let zeros = machine("a", "0000", &["m1"]);
        assert!(
            zeros.differs(&machine("a", "0000", &["m2"])),
            "a maker's one number"
        );
    }
}
