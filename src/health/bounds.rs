//! What can be: whatever lies outside is garbage, and is refused as a whole.

use crate::health::machine::Machine;
use crate::health::told::{Answer, Health};

/// Longest name of a disk, a sensor, a headset, a service, in characters.
const NAME: usize = 128;
/// Longest reason.
const WHY: usize = 256;
const MOST_DISKS: usize = 16;
const MOST_TEMPERATURES: usize = 32;
const MOST_SERVICES: usize = 64;
const MOST_ADAPTERS: usize = 16;
/// A petabyte of memory and an exabyte of disk are not on a desk.
const MEMORY: u64 = 1 << 50;
const DISK: u64 = 1 << 60;
/// Twenty years, in seconds.
const AGES: u64 = 20 * 366 * 86_400;

/// What cannot be, and where it stands; reads aloud.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{at}` {why}")]
pub struct Fault {
    at: String,
    why: String,
}

fn fault(at: impl Into<String>, why: impl Into<String>) -> Fault {
    Fault {
        at: at.into(),
        why: why.into(),
    }
}

fn number(at: &str, number: f64, least: f64, most: f64) -> Result<(), Fault> {
    if number.is_finite() && (least..=most).contains(&number) {
        return Ok(());
    }
    let why = format!("is {number}, and can be {least} to {most}");
    Err(fault(at, why))
}

fn at_most(at: &str, number: u64, most: u64) -> Result<(), Fault> {
    if number <= most {
        return Ok(());
    }
    Err(fault(at, format!("is {number}, and can be {most} at most")))
}

fn few(at: &str, many: usize, most: usize) -> Result<(), Fault> {
    if many <= most {
        return Ok(());
    }
    Err(fault(
        at,
        format!("has {many}, and {most} at most are taken"),
    ))
}

fn text(at: &str, text: &str, longest: usize) -> Result<(), Fault> {
    let long = text.chars().count();
    if long > longest {
        let why = format!("has {long} characters, and {longest} at most are taken");
        return Err(fault(at, why));
    }
    if text.is_empty() {
        return Err(fault(at, "is empty; leave it out"));
    }
    if text.chars().any(char::is_control) {
        return Err(fault(at, "has control characters in it"));
    }
    Ok(())
}

fn maybe_text(at: &str, told: Option<&String>, longest: usize) -> Result<(), Fault> {
    told.map_or(Ok(()), |told| text(at, told, longest))
}

fn answer(at: &str, answer: &Answer) -> Result<(), Fault> {
    if let Some(latency) = answer.latency_ms {
        number(&format!("{at}.latency_ms"), latency, 0.0, 600_000.0)?;
    }
    maybe_text(&format!("{at}.why"), answer.why.as_ref(), WHY)?;
    at_most(&format!("{at}.for_seconds"), answer.for_seconds, AGES)
}

impl Health {
    /// Refuses what cannot be. The fault names the field; whoever asks names the seat.
    pub fn check(&self) -> Result<(), Fault> {
        if let Some(cpu) = self.cpu_percent {
            number("cpu_percent", cpu, 0.0, 100.0)?;
        }
        if let Some(memory) = self.memory {
            at_most("memory.total_bytes", memory.total_bytes, MEMORY)?;
            let available = "memory.available_bytes";
            at_most(available, memory.available_bytes, memory.total_bytes)?;
        }
        few("disks", self.disks.len(), MOST_DISKS)?;
        for (n, disk) in self.disks.iter().enumerate() {
            text(&format!("disks[{n}].mount"), &disk.mount, NAME)?;
            at_most(&format!("disks[{n}].total_bytes"), disk.total_bytes, DISK)?;
            let free = format!("disks[{n}].free_bytes");
            at_most(&free, disk.free_bytes, disk.total_bytes)?;
        }
        if let Some(errors) = self.network_errors_per_minute {
            number("network_errors_per_minute", errors, 0.0, 1e12)?;
        }
        few("temperatures", self.temperatures.len(), MOST_TEMPERATURES)?;
        for (n, temperature) in self.temperatures.iter().enumerate() {
            text(&format!("temperatures[{n}].of"), &temperature.of, NAME)?;
            let celsius = format!("temperatures[{n}].celsius");
            number(&celsius, temperature.celsius, -60.0, 200.0)?;
        }
        at_most("uptime_seconds", self.uptime_seconds.unwrap_or(0), AGES)?;
        maybe_text("boot", self.boot.as_ref(), NAME)?;
        if let Some(headset) = &self.headset {
            maybe_text("headset.name", headset.name.as_ref(), NAME)?;
            at_most("headset.for_seconds", headset.for_seconds, AGES)?;
        }
        if let Some(softphone) = &self.softphone {
            maybe_text("softphone.name", softphone.name.as_ref(), NAME)?;
            at_most("softphone.for_seconds", softphone.for_seconds, AGES)?;
        }
        if let Some(phone) = &self.phone {
            answer("phone", phone)?;
        }
        few("services", self.services.len(), MOST_SERVICES)?;
        for (n, (id, service)) in self.services.iter().enumerate() {
            text(&format!("services, name {n}"), id, NAME)?;
            answer(&format!("services.{id}"), service)?;
        }
        if let Some(microphones) = self.page.and_then(|page| page.microphones) {
            at_most("page.microphones", microphones.into(), 256)?;
        }
        Ok(())
    }
}

impl Machine {
    /// Refuses what cannot be.
    pub fn check(&self) -> Result<(), Fault> {
        maybe_text("machine.host", self.host.as_ref(), NAME)?;
        maybe_text("machine.id", self.id.as_ref(), NAME)?;
        maybe_text("machine.board", self.board.as_ref(), NAME)?;
        few("machine.adapters", self.adapters.len(), MOST_ADAPTERS)?;
        let mut adapters = self.adapters.iter();
        adapters.try_for_each(|adapter| text("machine.adapters", adapter, NAME))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::told::{Disk, Headset, Memory, State, Temperature};

    fn refusal(spoil: impl FnOnce(&mut Health)) -> String {
        let mut health = Health::default();
        spoil(&mut health);
        health.check().unwrap_err().to_string()
    }

    fn slow(why: &str, latency: f64) -> Answer {
        Answer {
            state: State::Slow,
            latency_ms: Some(latency),
            why: Some(why.to_owned()),
            for_seconds: 0,
        }
    }

    #[test]
    fn what_can_be_is_taken_and_nothing_told_is_nothing_wrong() {
        Health::default().check().unwrap();
        let health = Health {
            cpu_percent: Some(100.0),
            memory: Some(Memory {
                total_bytes: 8 << 30,
                available_bytes: 0,
            }),
            services: [("crm".to_owned(), slow("慢", 0.0))].into(),
            ..Health::default()
        };
        health.check().unwrap();
        let json = serde_json::to_string(&health).unwrap();
        assert_eq!(serde_json::from_str::<Health>(&json).unwrap(), health);
        assert_eq!(serde_json::to_string(&Health::default()).unwrap(), "{}");
        // A newer seat may tell more.
        let newer: Health = serde_json::from_str(r#"{"smell":"smoke"}"#).unwrap();
        assert_eq!(newer, Health::default());
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_place() {
        let told = [
            refusal(|it| it.cpu_percent = Some(f64::NAN)),
            refusal(|it| it.cpu_percent = Some(f64::INFINITY)),
            refusal(|it| it.cpu_percent = Some(-1.0)),
            refusal(|it| it.uptime_seconds = Some(u64::MAX)),
        ];
        assert!(told[0].starts_with("`cpu_percent` is NaN"), "{told:?}");
        assert!(told[1].starts_with("`cpu_percent` is inf"), "{told:?}");
        assert_eq!(told[2], "`cpu_percent` is -1, and can be 0 to 100");
        assert!(told[3].starts_with("`uptime_seconds`"), "{told:?}");
        let more = refusal(|it| {
            it.memory = Some(Memory {
                total_bytes: 1,
                available_bytes: 2,
            });
        });
        assert_eq!(more, "`memory.available_bytes` is 2, and can be 1 at most");
        let disk = Disk {
            mount: "/".to_owned(),
            total_bytes: 1,
            free_bytes: 0,
        };
        let many = refusal(|it| it.disks = vec![disk.clone(); 40]);
        assert_eq!(many, "`disks` has 40, and 16 at most are taken");
        let hot = Temperature {
            of: "cpu".to_owned(),
            celsius: 1e9,
        };
        let hot = refusal(|it| it.temperatures = vec![hot]);
        assert!(hot.starts_with("`temperatures[0].celsius`"), "{hot}");
    }

    #[test]
    fn names_are_short_and_plain() {
        let named = |name: String| {
            refusal(|it| {
                it.headset = Some(Headset {
                    name: Some(name),
                    ..Headset::default()
                });
            })
        };
        assert!(named("耳".repeat(129)).contains("129 characters"));
        assert!(named("a\nb".to_owned()).contains("control characters"));
        assert!(named(String::new()).contains("is empty"));
        let why = refusal(|it| {
            let crm = ("crm".to_owned(), slow(&"x".repeat(300), 1.0));
            it.services = [crm].into();
        });
        assert!(why.starts_with("`services.crm.why`"), "{why}");
        let late = refusal(|it| it.phone = Some(slow("x", -3.0)));
        assert!(late.starts_with("`phone.latency_ms`"), "{late}");
    }
}
