//! Which PC this is.
//!
//! machine-id(5) asks that nobody be shown it: it is the key of a hash. The serial number of
//! the board is readable by the administrator alone on most PCs.

use std::fs;
use std::path::Path;

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::health::Machine;
use crate::seat::senses::adapters;

/// Of these hashes, and of no others.
const PURPOSE: &[u8] = b"callwatch: which PC is this seat";
/// Hex digits of a hash that are kept.
const DIGITS: usize = 16;
const MOST_ADAPTERS: usize = 16;

pub(in crate::seat) fn look(root: &Path) -> Machine {
    let read = |path: &str| {
        let text = fs::read_to_string(root.join(path)).ok()?;
        let text = text.trim().to_owned();
        (!text.is_empty()).then_some(text)
    };
    let hashed = |path: &str| read(path).and_then(|text| hash(text.as_bytes(), PURPOSE));
    let addresses = adapters::addresses(root).into_iter().take(MOST_ADAPTERS);
    Machine {
        host: read("proc/sys/kernel/hostname").map(|host| host.chars().take(64).collect()),
        id: hashed("etc/machine-id"),
        board: hashed("sys/class/dmi/id/board_serial"),
        adapters: addresses
            .filter_map(|address| hash(PURPOSE, address.as_bytes()))
            .collect(),
    }
}

fn hash(key: &[u8], text: &[u8]) -> Option<String> {
    let mut hash = Hmac::<Sha256>::new_from_slice(key).ok()?;
    hash.update(text);
    let digest = hash.finalize().into_bytes();
    let hex = format!("{digest:x}");
    Some(hex[..DIGITS].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seat::fixture::Pc;

    fn pc(name: &str, address: &str) -> Pc {
        let pc = Pc::new(name);
        pc.put("etc/machine-id", "0123456789abcdef0123456789abcdef\n");
        pc.put("proc/sys/kernel/hostname", "pc-17\n");
        pc.put("sys/class/net/eth0/address", address);
        pc.put("sys/class/net/eth0/addr_assign_type", "0\n");
        pc.put("sys/class/net/eth0/device/vendor", "0x8086\n");
        pc
    }

    #[test]
    fn a_clone_of_the_disk_is_another_pc_and_nothing_shows_what_was_hashed() {
        let first = look(&pc("first", "02:00:00:00:00:01\n").0);
        let again = look(&pc("again", "02:00:00:00:00:01\n").0);
        let clone = look(&pc("clone", "02:00:00:00:00:02\n").0);
        assert!(!first.differs(&again) && first.differs(&clone));
        assert_eq!(first.id, clone.id);
        assert_eq!(first.host.as_deref(), Some("pc-17"));
        let json = serde_json::to_string(&first).unwrap();
        assert!(
            !json.contains("0123456789") && !json.contains("02:00"),
            "{json}"
        );
        first.check().unwrap();
    }

    #[test]
    fn a_pc_that_tells_nothing_is_no_machine_in_particular() {
        let pc = Pc::new("no-machine");
        assert_eq!(look(&pc.0), Machine::default());
    }
}
