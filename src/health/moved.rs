//! What is a change worth telling: small moves of a figure are none.

use crate::health::told::{Answer, Disk, Headset, Health, Memory, Softphone, Temperature};

const CPU_PERCENT: f64 = 30.0;
/// Of all there is.
const SHARE: u64 = 10;
const CELSIUS: f64 = 10.0;
const ERRORS_PER_MINUTE: f64 = 30.0;
/// An answer that takes so many times as long is another one, unless it is quick all the same.
const TIMES: f64 = 3.0;
const QUICK_MS: f64 = 250.0;

/// Whether something has changed that is worth telling before its time.
pub fn differs(before: &Health, now: &Health) -> bool {
    fn sorted<T>(before: &[T], now: &[T], differs: impl Fn(&T, &T) -> bool) -> bool {
        before.len() != now.len()
            || before
                .iter()
                .zip(now)
                .any(|(one, other)| differs(one, other))
    }
    apart(before.cpu_percent, now.cpu_percent, CPU_PERCENT)
        || either(before.memory.as_ref(), now.memory.as_ref(), memory)
        || sorted(&before.disks, &now.disks, disk)
        || apart(
            before.network_errors_per_minute,
            now.network_errors_per_minute,
            ERRORS_PER_MINUTE,
        )
        || sorted(&before.temperatures, &now.temperatures, temperature)
        || before.uptime_seconds.is_some() != now.uptime_seconds.is_some()
        || before.boot != now.boot
        || either(before.headset.as_ref(), now.headset.as_ref(), headset)
        || either(before.softphone.as_ref(), now.softphone.as_ref(), softphone)
        || either(before.phone.as_ref(), now.phone.as_ref(), answer)
        || !before.services.keys().eq(now.services.keys())
        || before
            .services
            .values()
            .zip(now.services.values())
            .any(|(one, other)| answer(one, other))
        || before.session != now.session
        || before.page != now.page
}

fn either<T>(before: Option<&T>, now: Option<&T>, differs: impl Fn(&T, &T) -> bool) -> bool {
    match (before, now) {
        (Some(before), Some(now)) => differs(before, now),
        (before, now) => before.is_some() != now.is_some(),
    }
}

fn apart(before: Option<f64>, now: Option<f64>, step: f64) -> bool {
    either(before.as_ref(), now.as_ref(), |before, now| {
        (before - now).abs() >= step
    })
}

fn memory(before: &Memory, now: &Memory) -> bool {
    before.total_bytes != now.total_bytes
        || before.available_bytes.abs_diff(now.available_bytes) >= (now.total_bytes / SHARE).max(1)
}

fn disk(before: &Disk, now: &Disk) -> bool {
    before.mount != now.mount
        || before.total_bytes != now.total_bytes
        || before.is_low() != now.is_low()
        || before.free_bytes.abs_diff(now.free_bytes) >= (now.total_bytes / SHARE).max(1)
}

fn temperature(before: &Temperature, now: &Temperature) -> bool {
    before.of != now.of || (before.celsius - now.celsius).abs() >= CELSIUS
}

fn headset(before: &Headset, now: &Headset) -> bool {
    let of = |headset: &Headset| Headset {
        for_seconds: 0,
        ..headset.clone()
    };
    of(before) != of(now)
}

fn softphone(before: &Softphone, now: &Softphone) -> bool {
    (before.running, &before.name) != (now.running, &now.name)
}

fn answer(before: &Answer, now: &Answer) -> bool {
    let latency = |before: &f64, now: &f64| {
        let (less, more) = (before.min(*now), before.max(*now));
        more > QUICK_MS && more > less * TIMES
    };
    before.state != now.state
        || before.why != now.why
        || either(before.latency_ms.as_ref(), now.latency_ms.as_ref(), latency)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::told::State;

    fn pc() -> Health {
        Health {
            cpu_percent: Some(20.0),
            memory: Some(Memory {
                total_bytes: 8_000_000_000,
                available_bytes: 4_000_000_000,
            }),
            disks: vec![Disk {
                mount: "/".to_owned(),
                total_bytes: 100_000_000_000,
                free_bytes: 2_100_000_000,
            }],
            uptime_seconds: Some(5),
            headset: Some(Headset {
                present: true,
                for_seconds: 1,
                ..Headset::default()
            }),
            services: [("crm".to_owned(), served(20.0))].into(),
            ..Health::default()
        }
    }

    fn served(latency: f64) -> Answer {
        Answer {
            state: State::Ok,
            latency_ms: Some(latency),
            why: None,
            for_seconds: 9,
        }
    }

    fn moves(change: impl FnOnce(&mut Health)) -> bool {
        let mut now = pc();
        change(&mut now);
        differs(&pc(), &now)
    }

    #[test]
    fn small_moves_and_the_time_that_goes_by_are_no_change() {
        assert!(!moves(|_| {}));
        assert!(!moves(|it| it.cpu_percent = Some(40.0)));
        assert!(!moves(|it| it.uptime_seconds = Some(900)));
        assert!(!moves(|it| it.headset.as_mut().unwrap().for_seconds = 900));
        assert!(!moves(|it| it.disks[0].free_bytes = 2_000_000_000));
        assert!(!moves(
            |it| it.services = [("crm".to_owned(), served(200.0))].into()
        ));
    }

    #[test]
    fn what_somebody_may_ask_about_is_a_change() {
        assert!(moves(|it| it.cpu_percent = Some(95.0)));
        assert!(moves(|it| it.cpu_percent = None));
        assert!(moves(|it| it.disks[0].free_bytes = 1_900_000_000));
        assert!(moves(|it| it.memory.as_mut().unwrap().available_bytes = 1));
        assert!(moves(|it| it.headset.as_mut().unwrap().present = false));
        assert!(moves(|it| it.headset.as_mut().unwrap().muted = Some(true)));
        assert!(moves(
            |it| it.services = [("crm".to_owned(), served(900.0))].into()
        ));
        assert!(moves(
            |it| it.services.get_mut("crm").unwrap().state = State::Failing
        ));
        assert!(moves(|it| it.services.clear()));
        assert!(moves(
            |it| it.session = Some(crate::health::told::Session::default())
        ));
    }
}
