//! What is wrong with the PC of a seat, for the page: a person may look, nothing opens for it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::health::{Headset, Health};
use crate::text::Text;
use crate::web::ledger::Kept;

/// A seat tells every minute, in real time; what is older says nothing of now.
const FRESH: SignedDuration = SignedDuration::from_mins(3);
/// The processors have nothing left, in percent.
const BUSY: f64 = 95.0;
/// Of the memory, so many percent are left.
const MEMORY_LEFT: u64 = 5;
/// A PC slows itself down, in degrees Celsius.
const HOT: f64 = 90.0;
/// So many damaged frames a minute are felt.
const ERRORS: f64 = 60.0;

/// Of every seat of which something is wrong.
pub(super) fn all(
    told: &BTreeMap<String, Kept>,
    now: Timestamp,
    speed: u32,
) -> BTreeMap<String, Vec<Text>> {
    let fresh = FRESH * i32::try_from(speed).unwrap_or(i32::MAX);
    let each = told.iter().map(|(seat, kept)| {
        let clients = [&kept.program, &kept.page].into_iter().flatten();
        let clients = clients.filter(|told| now.duration_since(told.at).abs() <= fresh);
        let wrong = clients.flat_map(|told| wrong(&told.health));
        (seat.clone(), wrong.collect::<Vec<_>>())
    });
    each.filter(|(_, wrong)| !wrong.is_empty()).collect()
}

fn wrong(health: &Health) -> Vec<Text> {
    let mut wrong = Vec::new();
    if let Some(cpu) = health.cpu_percent.filter(|cpu| *cpu >= BUSY) {
        wrong.push(Text::new(
            format!("处理器忙 {cpu:.0}%"),
            format!("processor {cpu:.0}% busy"),
        ));
    }
    let memory = health.memory.filter(|it| {
        u128::from(it.available_bytes) * 100 < u128::from(it.total_bytes) * u128::from(MEMORY_LEFT)
    });
    if memory.is_some() {
        wrong.push(Text::new("内存快满了", "memory nearly full"));
    }
    for disk in health.disks.iter().filter(|disk| disk.is_low()) {
        let mount = &disk.mount;
        wrong.push(Text::new(
            format!("磁盘快满了：{mount}"),
            format!("disk nearly full: {mount}"),
        ));
    }
    let warmest = health.temperatures.iter().map(|it| it.celsius);
    let warmest = warmest.fold(f64::MIN, f64::max);
    if warmest >= HOT {
        wrong.push(Text::new(
            format!("过热 {warmest:.0}°C"),
            format!("hot, {warmest:.0} °C"),
        ));
    }
    if health
        .network_errors_per_minute
        .is_some_and(|errors| errors >= ERRORS)
    {
        wrong.push(Text::new("网线可能不好", "network cable may be bad"));
    }
    wrong.extend(health.headset.as_ref().and_then(deaf));
    if let Some(page) = health.page {
        if page.storage == Some(false) {
            wrong.push(Text::new(
                "浏览器不保存钥匙",
                "the browser does not keep the key",
            ));
        }
        if page.microphones == Some(0) {
            wrong.push(Text::new(
                "浏览器没有麦克风可用",
                "the browser has no microphone",
            ));
        }
    }
    wrong
}

/// Of a headset that is there, why nobody is heard; one at most.
fn deaf(headset: &Headset) -> Option<Text> {
    if !headset.present {
        return None;
    }
    if headset.muted == Some(true) {
        return Some(Text::new("麦克风静音", "microphone muted"));
    }
    if headset.silenced == Some(true) {
        return Some(Text::new("耳机静音", "headset silenced"));
    }
    let passed_over = headset.default_in == Some(false) || headset.default_out == Some(false);
    passed_over.then(|| Text::new("声音不走耳机", "sound goes elsewhere than the headset"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::health::{Disk, Memory, Page, Temperature};
    use crate::web::ledger::Told;

    fn told(health: Health, age: i64) -> BTreeMap<String, Vec<Text>> {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let told = Told {
            at: now - SignedDuration::from_secs(age),
            health: Arc::new(health),
        };
        let kept = Kept {
            program: Some(told),
            page: None,
        };
        all(&[("C-01".to_owned(), kept)].into(), now, 1)
    }

    fn ill() -> Health {
        let gone = Headset {
            present: true,
            muted: Some(true),
            default_in: Some(false),
            ..Headset::default()
        };
        Health {
            cpu_percent: Some(99.4),
            memory: Some(Memory {
                total_bytes: 8 << 30,
                available_bytes: 1 << 28,
            }),
            disks: vec![Disk {
                mount: "/home".to_owned(),
                total_bytes: 1 << 40,
                free_bytes: 1 << 20,
            }],
            temperatures: [40.0, 96.0]
                .map(|celsius| Temperature {
                    of: "cpu".to_owned(),
                    celsius,
                })
                .into(),
            headset: Some(gone),
            ..Health::default()
        }
    }

    #[test]
    fn what_is_wrong_with_a_pc_is_said_and_what_was_is_not() {
        let wrong = told(ill(), 10);
        let said: Vec<&str> = wrong["C-01"].iter().map(|it| it.en.as_str()).collect();
        let wanted = [
            "processor 99% busy",
            "memory nearly full",
            "disk nearly full: /home",
            "hot, 96 °C",
            "microphone muted",
        ];
        assert_eq!(said, wanted);
        assert_eq!(told(ill(), 600), BTreeMap::new());
    }

    #[test]
    fn of_what_nobody_sees_nothing_is_wrong() {
        assert_eq!(told(Health::default(), 0), BTreeMap::new());
        let page = Page {
            storage: Some(false),
            ..Page::default()
        };
        let health = Health {
            page: Some(page),
            ..Health::default()
        };
        assert_eq!(told(health, 0)["C-01"].len(), 1);
    }
}
