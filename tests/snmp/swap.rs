//! Another device behind the same address, while it is watched.

use callwatch::ups::{Family, Reading, Verdict};

use crate::agent::{
    Agent, Objects, POWERNET, RFC, SYS_OBJECT_ID, UPTIME, integer, name, oid, on_mains, text, ticks,
};
use crate::{Watched, community, v1};

/// An APC on mains: 80 % charged for 20 min.
fn powernet(serial: &str) -> Objects {
    let numbers = [
        (&[2, 1, 1, 0][..], integer(2)),
        (&[2, 2, 1, 0], integer(80)),
        (&[2, 2, 3, 0], ticks(20 * 6000)),
        (&[4, 1, 1, 0], integer(2)),
        (&[1, 1, 1, 0], text("Smart-UPS")),
        (&[1, 2, 3, 0], text(serial)),
        (&[8, 1, 0], integer(1)),
    ];
    let numbers = numbers.map(|(rest, value)| (name(POWERNET, rest), value));
    let mut objects = Objects::from(numbers);
    objects.insert(SYS_OBJECT_ID.to_vec(), oid(&[1, 3, 6, 1, 4, 1, 318, 1]));
    objects.insert(UPTIME.to_vec(), ticks(1000));
    objects
}

/// Nothing that was told may be of a device that never was.
fn is_of(reading: &Reading, devices: &[(Family, f64)]) -> bool {
    if reading.verdict == Verdict::Unreachable {
        return true;
    }
    let of = devices.iter().find(|(of, _)| reading.family == Some(*of));
    // A charge that is not told yet is no wrong one.
    let charge = reading.charge_percent;
    let right = of.is_some_and(|(_, right)| charge.is_none() || charge == Some(*right));
    reading.verdict == Verdict::OnMains && right
}

#[tokio::test]
async fn a_card_of_another_make_is_found_by_itself_and_read_by_its_own_objects() {
    let both = [(Family::Rfc1628, 97.0), (Family::Powernet, 80.0)];
    for access in [community(), v1()] {
        let agent = Agent::start(on_mains()).await;
        let mut watched = Watched::begin(agent.port, access);
        for (objects, family, charge) in [
            (powernet("A1"), Family::Powernet, 80.0),
            (on_mains(), Family::Rfc1628, 97.0),
        ] {
            watched.next().await;
            *agent.objects() = objects;
            let wanted = |reading: &Reading| {
                reading.family == Some(family) && reading.charge_percent == Some(charge)
            };
            for reading in watched.until(wanted).await {
                assert!(is_of(&reading, &both), "{reading:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_swap_of_two_alike_is_noticed_by_model_serial_identity_or_a_younger_card() {
    // The first one has no figure of its battery; over v1 that is remembered of it.
    let bare = |mut objects: Objects, figures: [(&[u64], &[u64]); 2]| {
        for (root, rest) in figures {
            objects.remove(&name(root, rest));
        }
        objects
    };
    let rfc: [(&[u64], &[u64]); 2] = [(RFC, &[2, 3, 0]), (RFC, &[2, 4, 0])];
    let apc: [(&[u64], &[u64]); 2] = [(POWERNET, &[2, 2, 1, 0]), (POWERNET, &[2, 2, 3, 0])];
    let changed = |mut objects: Objects, of: Vec<u64>, value: Vec<u8>| {
        objects.insert(of, value);
        objects
    };
    let model = (name(RFC, &[1, 2, 0]), text("Model B"));
    let identity = (SYS_OBJECT_ID.to_vec(), oid(&[1, 3, 6, 1, 4, 1, 850, 2]));
    let younger = (UPTIME.to_vec(), ticks(10));
    let mut swaps = Vec::new();
    for (what, (of, value)) in [
        ("model", model),
        ("identity", identity),
        ("younger", younger),
    ] {
        let (first, second) = (bare(on_mains(), rfc), changed(on_mains(), of, value));
        swaps.push((what, first, second, 97.0, 42.0));
    }
    let second = powernet("B2");
    swaps.push(("serial", bare(powernet("A1"), apc), second, 80.0, 20.0));
    for (what, first, second, charge, runtime) in swaps {
        for access in [community(), v1()] {
            let agent = Agent::start(first.clone()).await;
            let mut watched = Watched::begin(agent.port, access);
            for _ in 0..8 {
                let reading = watched.next().await;
                assert_eq!(reading.verdict, Verdict::OnMains, "{what}");
                assert_eq!(reading.charge_percent, None, "{what}");
            }
            *agent.objects() = second.clone();
            let wanted = |reading: &Reading| {
                reading.charge_percent == Some(charge) && reading.runtime_minutes == Some(runtime)
            };
            let seen = watched.until(wanted).await;
            let steady = seen
                .iter()
                .all(|reading| reading.verdict == Verdict::OnMains);
            assert!(steady, "{what}: {seen:?}");
        }
    }
}

#[tokio::test]
async fn what_the_old_device_told_is_not_said_of_the_new_one() {
    let mut second = on_mains();
    for rest in [
        &[2, 3, 0][..],
        &[2, 4, 0],
        &[4, 4, 1, 5, 1],
        &[3, 3, 1, 3, 1],
    ] {
        second.remove(&name(RFC, rest));
    }
    second.insert(name(RFC, &[1, 2, 0]), text("Model B"));
    let agent = Agent::start(on_mains()).await;
    let mut watched = Watched::begin(agent.port, community());
    watched
        .until(|reading| reading.charge_percent == Some(97.0))
        .await;
    *agent.objects() = second;
    let told_less = |reading: &Reading| {
        reading.charge_percent.is_none()
            && reading.runtime_minutes.is_none()
            && reading.load_percent.is_none()
            && reading.input_voltage.is_none()
    };
    watched.until(told_less).await;
    for _ in 0..8 {
        let reading = watched.next().await;
        assert_eq!(reading.verdict, Verdict::OnMains);
        assert!(told_less(&reading), "{reading:?}");
    }
}
