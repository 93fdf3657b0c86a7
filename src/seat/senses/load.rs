//! The processor, the memory, and since when the PC is up: proc(5).

use std::fs;
use std::path::Path;

use crate::health::Memory;

/// How long the processors have worked, and all in all, in ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ticks {
    busy: u64,
    all: u64,
}

/// Needs two looks to tell how busy the processors are.
#[derive(Debug, Default)]
pub(super) struct Processors(Option<Ticks>);

impl Processors {
    /// How busy they were since the last look, in percent.
    pub(super) fn look(&mut self, root: &Path) -> Option<f64> {
        let now = ticks(&read(root, "proc/stat")?)?;
        let before = self.0.replace(now)?;
        let all = now.all.checked_sub(before.all).filter(|all| *all > 0)?;
        let busy = now.busy.saturating_sub(before.busy).min(all);
        #[expect(clippy::cast_precision_loss, reason = "percents need no more")]
        let percent = busy as f64 * 100.0 / all as f64;
        Some((percent * 10.0).round() / 10.0)
    }
}

/// `cpu  user nice system idle iowait irq softirq steal ...`; what guests take is in the first.
fn ticks(stat: &str) -> Option<Ticks> {
    let row = stat.lines().next()?.strip_prefix("cpu ")?;
    let ticks: Vec<u64> = row
        .split_whitespace()
        .take(8)
        .map_while(|field| field.parse().ok())
        .collect();
    let all = ticks.iter().sum();
    let resting = ticks.get(3)? + ticks.get(4).copied().unwrap_or(0);
    let busy = u64::checked_sub(all, resting)?;
    Some(Ticks { busy, all })
}

pub(super) fn memory(root: &Path) -> Option<Memory> {
    let text = read(root, "proc/meminfo")?;
    let bytes = |name: &str| -> Option<u64> {
        let rows = text.lines().filter_map(|row| row.split_once(':'));
        let (_, value) = rows.into_iter().find(|(known, _)| *known == name)?;
        let kibibytes: u64 = value.trim().strip_suffix(" kB")?.trim().parse().ok()?;
        kibibytes.checked_mul(1024)
    };
    let total_bytes = bytes("MemTotal")?;
    let available_bytes = bytes("MemAvailable")?;
    (available_bytes <= total_bytes).then_some(Memory {
        total_bytes,
        available_bytes,
    })
}

pub(super) fn uptime_seconds(root: &Path) -> Option<u64> {
    let text = read(root, "proc/uptime")?;
    let (seconds, _) = text.split_once('.')?;
    seconds.parse().ok()
}

pub(super) fn boot(root: &Path) -> Option<String> {
    let text = read(root, "proc/sys/kernel/random/boot_id")?;
    let id = text.trim();
    (!id.is_empty()).then(|| id.to_owned())
}

fn read(root: &Path, path: &str) -> Option<String> {
    fs::read_to_string(root.join(path)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seat::fixture::Pc;

    #[test]
    fn the_load_is_of_the_time_between_two_looks() {
        let pc = Pc::new("load");
        let mut processors = Processors::default();
        assert_eq!(processors.look(&pc.0), None, "nothing is told there");
        pc.put("proc/stat", "cpu  100 0 100 700 100 0 0 0 0 0\ncpu0 1\n");
        assert_eq!(processors.look(&pc.0), None, "one look tells nothing");
        pc.put("proc/stat", "cpu  140 0 110 740 110 0 0 0 0 0\ncpu0 1\n");
        assert_eq!(processors.look(&pc.0), Some(50.0));
        assert_eq!(processors.look(&pc.0), None, "no time went by");
        pc.put("proc/stat", "cpu  garbage\n");
        assert_eq!(processors.look(&pc.0), None);
    }

    #[test]
    fn memory_and_uptime_are_read_and_garbage_is_not_told() {
        let pc = Pc::new("memory");
        assert_eq!(memory(&pc.0), None);
        assert_eq!((uptime_seconds(&pc.0), boot(&pc.0)), (None, None));
        pc.put(
            "proc/meminfo",
            "MemTotal:        8000000 kB\nMemFree:  1 kB\nMemAvailable:    2000000 kB\n",
        );
        let memory_of = |total: u64, available: u64| {
            Some(Memory {
                total_bytes: total * 1024,
                available_bytes: available * 1024,
            })
        };
        assert_eq!(memory(&pc.0), memory_of(8_000_000, 2_000_000));
        pc.put("proc/meminfo", "MemTotal: 1 kB\nMemAvailable: 2 kB\n");
        assert_eq!(memory(&pc.0), None);
        pc.put("proc/uptime", "350735.47 234388.90\n");
        pc.put("proc/sys/kernel/random/boot_id", "1b4e28ba-2fa1\n");
        assert_eq!(uptime_seconds(&pc.0), Some(350_735));
        assert_eq!(boot(&pc.0).as_deref(), Some("1b4e28ba-2fa1"));
    }
}
