//! Answers that a library loses, or that come from elsewhere.

use callwatch::probes::{Blind, snmp};
use callwatch::ups::{Family, Verdict};
use tokio::net::UdpSocket;

use crate::agent::{Agent, RFC, integer, name, on_mains, tlv};
use crate::{Watched, asked, community, probed, v1};

/// What the library cannot read, and ends a list of values at.
fn odd_values() -> [(&'static str, Vec<u8>); 4] {
    [
        ("a type that there is not", tlv(0x47, &[0, 0, 0, 0])),
        ("a truth value", tlv(0x01, &[1])),
        ("an address of three bytes", tlv(0x40, &[10, 0, 0])),
        ("a number of no bytes", tlv(0x02, &[])),
    ]
}

/// What a light poll and a full one ask for, the status and the columns left out.
const BESIDE_THE_STATUS: [&[u64]; 5] = [&[2, 1, 0], &[2, 3, 0], &[2, 4, 0], &[6, 1, 0], &[1, 2, 0]];

#[tokio::test]
async fn one_odd_value_hides_nothing_else_that_a_card_tells() {
    for access in [community(), v1()] {
        for (what, odd) in odd_values() {
            for rest in BESIDE_THE_STATUS {
                let mut objects = on_mains();
                objects.insert(name(RFC, rest), odd.clone());
                let agent = Agent::start(objects).await;
                let trace = asked(agent.port, access.clone()).await;
                let case = format!("{what} at {rest:?}");
                assert!(trace.blind.is_none(), "{case}: {:?}", trace.blind);
                let reading = trace.reading;
                assert_eq!(reading.family, Some(Family::Rfc1628), "{case}");
                assert_eq!(reading.verdict, Verdict::OnMains, "{case}");
                assert_eq!(reading.input_voltage, Some(231.0), "{case}");
                assert_eq!(reading.load_percent, Some(18.0), "{case}");
                let runtime = (rest != [2, 3, 0]).then_some(42.0);
                assert_eq!(reading.runtime_minutes, runtime, "{case}");
                let charge = (rest != [2, 4, 0]).then_some(97.0);
                assert_eq!(reading.charge_percent, charge, "{case}");
            }
        }
    }
}

#[tokio::test]
async fn a_power_cut_is_seen_at_once_beside_an_odd_value() {
    for (what, odd) in odd_values() {
        let mut objects = on_mains();
        objects.insert(name(RFC, &[2, 1, 0]), odd);
        let agent = Agent::start(objects).await;
        let mut watched = Watched::begin(agent.port, community());
        let calm = watched
            .until(|reading| reading.verdict == Verdict::OnMains)
            .await;
        assert_eq!(calm.len(), 1, "{what}");
        agent.objects().insert(name(RFC, &[4, 1, 0]), integer(5));
        watched.catch_up().await;
        assert_eq!(watched.next().await.verdict, Verdict::MainsLost, "{what}");
    }
}

#[tokio::test]
async fn a_status_that_cannot_be_read_is_no_status_and_says_so() {
    for (what, odd) in odd_values() {
        let mut objects = on_mains();
        objects.insert(name(RFC, &[4, 1, 0]), odd.clone());
        let agent = Agent::start(objects).await;
        let trace = asked(agent.port, community()).await;
        assert_eq!(trace.reading.verdict, Verdict::Unreachable, "{what}");
        assert!(matches!(trace.blind, Some(Blind::NoFamily)), "{what}");
        // Of a card that told it before, it is asked anew and never guessed.
        agent.objects().extend(on_mains());
        let mut watched = Watched::begin(agent.port, community());
        watched
            .until(|reading| reading.verdict == Verdict::OnMains)
            .await;
        agent.objects().insert(name(RFC, &[4, 1, 0]), odd);
        watched.catch_up().await;
        let reading = watched.next().await;
        assert_eq!(reading.verdict, Verdict::Unreachable, "{what}");
        agent.objects().extend(on_mains());
        watched
            .until(|reading| reading.verdict == Verdict::OnMains)
            .await;
    }
}

#[tokio::test]
async fn a_card_that_answers_from_another_address_is_silent_and_the_probe_says_what_to_look_for() {
    let other = UdpSocket::bind("127.0.0.2:0").await.unwrap();
    let agent = Agent::answering_from(Some(other), on_mains()).await;
    let trace = asked(agent.port, community()).await;
    assert_eq!(trace.reading.verdict, Verdict::Unreachable);
    let silence = Some(Blind::Silent(snmp::Error::Silence(crate::TIMEOUT)));
    assert_eq!(format!("{:?}", trace.blind), format!("{silence:?}"));
    let told = probed(agent.port, &["--community", "public"]).await;
    assert!(
        told.contains(&format!("127.0.0.1:{}", agent.port)),
        "{told}"
    );
    assert!(told.contains("from another address"), "{told}");
}
