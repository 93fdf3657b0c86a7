//! The network adapters of hardware: their errors, and the addresses they were made with.
//!
//! `/sys/class/net/*`: Documentation/ABI/testing/sysfs-class-net of Linux; an address that is
//! the adapter's own has `addr_assign_type` 0.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::Instant;

/// Errors are counted over so long.
const WINDOW: Duration = Duration::from_secs(60);
/// The kernel's word for an address that the hardware has.
const PERMANENT: &str = "0";

/// Bridges, tunnels and the loopback are none.
fn adapters(root: &Path) -> Vec<(String, PathBuf)> {
    let Ok(folders) = fs::read_dir(root.join("sys/class/net")) else {
        return Vec::new();
    };
    let adapters = folders.flatten().filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let folder = entry.path();
        folder.join("device").exists().then_some((name, folder))
    });
    adapters.collect()
}

fn says(folder: &Path, what: &str) -> Option<String> {
    let text = fs::read_to_string(folder.join(what)).ok()?;
    Some(text.trim().to_owned())
}

/// The addresses of the adapters inside the PC; one on a USB cable goes from desk to desk.
pub(super) fn addresses(root: &Path) -> Vec<String> {
    let inside = adapters(root).into_iter().filter(|(_, folder)| {
        let bus = fs::read_link(folder.join("device/subsystem")).ok();
        let by_usb = bus.is_some_and(|bus| bus.ends_with("usb"));
        !by_usb && says(folder, "addr_assign_type").as_deref() == Some(PERMANENT)
    });
    let addresses = inside.filter_map(|(_, folder)| says(&folder, "address"));
    let mut addresses: Vec<String> = addresses
        .filter(|address| address.bytes().any(|b| b.is_ascii_hexdigit() && b != b'0'))
        .collect();
    addresses.sort();
    addresses
}

/// Counts what was received or sent with an error.
#[derive(Debug, Default)]
pub(super) struct Errors {
    counters: BTreeMap<String, u64>,
    /// What came between two looks, and when.
    came: VecDeque<(Instant, u64)>,
}

impl Errors {
    /// How many in the last minute; `None` where nothing counts, or for the first time.
    pub(super) fn look(&mut self, root: &Path, now: Instant) -> Option<f64> {
        let counter = |folder: &Path, of: &str| -> Option<u64> {
            says(folder, &format!("statistics/{of}"))?.parse().ok()
        };
        let counters: BTreeMap<String, u64> = adapters(root)
            .into_iter()
            .filter_map(|(name, folder)| {
                let received = counter(&folder, "rx_errors")?;
                let sent = counter(&folder, "tx_errors")?;
                Some((name, received.saturating_add(sent)))
            })
            .collect();
        let known = std::mem::replace(&mut self.counters, counters);
        let both = self.counters.iter().filter_map(|(name, now)| {
            let before = known.get(name)?;
            // An adapter that was taken out and put in again counts anew.
            Some(now.saturating_sub(*before))
        });
        let came: Vec<u64> = both.collect();
        if came.is_empty() {
            self.came.clear();
            return None;
        }
        self.came.push_back((now, came.iter().sum()));
        while let Some((at, _)) = self.came.front()
            && now.duration_since(*at) >= WINDOW
        {
            self.came.pop_front();
        }
        let errors: u64 = self.came.iter().map(|(_, errors)| errors).sum();
        #[expect(clippy::cast_precision_loss, reason = "nobody counts so many")]
        Some(errors as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seat::fixture::Pc;

    fn count(pc: &Pc, adapter: &str, received: u64) {
        let of = format!("sys/class/net/{adapter}");
        pc.put(
            &format!("{of}/statistics/rx_errors"),
            &format!("{received}\n"),
        );
        pc.put(&format!("{of}/statistics/tx_errors"), "0\n");
    }

    #[test]
    fn errors_are_those_of_the_last_minute_on_hardware() {
        let pc = Pc::new("errors");
        let begin = Instant::now();
        let at = |seconds| begin + Duration::from_secs(seconds);
        let mut errors = Errors::default();
        assert_eq!(errors.look(&pc.0, at(0)), None);
        count(&pc, "lo", 900);
        count(&pc, "eth0", 1000);
        pc.put("sys/class/net/eth0/device/vendor", "0x8086\n");
        assert_eq!(errors.look(&pc.0, at(10)), None, "old ones do not count");
        count(&pc, "lo", 990);
        count(&pc, "eth0", 1007);
        assert_eq!(errors.look(&pc.0, at(20)), Some(7.0));
        assert_eq!(errors.look(&pc.0, at(30)), Some(7.0));
        count(&pc, "eth0", 3);
        assert_eq!(errors.look(&pc.0, at(40)), Some(7.0), "it counts anew");
        assert_eq!(errors.look(&pc.0, at(80)), Some(0.0));
        pc.remove("sys/class/net/eth0");
        assert_eq!(errors.look(&pc.0, at(90)), None);
    }

    #[test]
    fn only_addresses_that_the_pc_was_made_with_name_it() {
        let pc = Pc::new("addresses");
        assert_eq!(addresses(&pc.0), [""; 0]);
        let adapter = |name: &str, address: &str, kind: &str, bus: Option<&str>| {
            let of = format!("sys/class/net/{name}");
            pc.put(&format!("{of}/address"), &format!("{address}\n"));
            pc.put(&format!("{of}/addr_assign_type"), &format!("{kind}\n"));
            if let Some(bus) = bus {
                pc.link(&format!("{of}/device/subsystem"), &format!("sys/bus/{bus}"));
            }
        };
        adapter("lo", "00:00:00:00:00:00", "0", None);
        adapter("eth0", "02:00:00:00:00:01", "0", Some("pci"));
        adapter("wlan0", "02:00:00:00:00:02", "3", Some("pci"));
        adapter("enx0", "02:00:00:00:00:03", "0", Some("usb"));
        adapter("docker0", "02:00:00:00:00:04", "0", None);
        adapter("ib0", "00:00:00:00:00:00", "0", Some("pci"));
        assert_eq!(addresses(&pc.0), ["02:00:00:00:00:01"]);
    }
}
