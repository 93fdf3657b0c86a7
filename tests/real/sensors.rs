//! The sensors on the cards of real UPSs, replayed by snmpsim: what their probes and contacts said.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use callwatch::clock::{Clock, Work};
use callwatch::inbox::Inbox;
use callwatch::incidents::Input;
use callwatch::probes::access::Access;
use callwatch::probes::sensor::Sensor;
use callwatch::probes::trap::Nudge;
use callwatch::probes::{self, Pace, snmp};
use callwatch::sensors::{self, Asked, Nothing, Reading};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::ups::Simulator;

const INPUTS: [&str; 4] = ["ambient", "probe 1", "probe 2", "contact 1"];
const ABSENT: Reading = Reading::Nothing(Nothing::Absent);
const LOST: Reading = Reading::Nothing(Nothing::Lost);

/// What the inputs of a recorded card say, in their order, beside the UPS over one session.
async fn inputs(port: u16, community: &str) -> [Reading; 4] {
    let sensors = INPUTS.map(|input| Sensor {
        id: input.to_owned(),
        asked: Asked::Input {
            input: input.parse::<sensors::Input>().expect("it is one"),
            closed: true,
        },
    });
    let asked = probes::Asked {
        settings: probes::Settings::Snmp(snmp::Settings {
            host: "127.0.0.1".to_owned(),
            port,
            access: Access::V2c {
                community: community.to_owned(),
            },
        }),
        sensors: sensors.into(),
    };
    let pace = Pace {
        timeout: Duration::from_secs(5),
        ..Pace::default()
    };
    let (inbox, mut envelopes_rx) = Inbox::new(Work::default());
    let (nudge, cancel) = (Nudge::default(), CancellationToken::new());
    let id = community.to_owned();
    let mut watching = JoinSet::new();
    watching.spawn(async move {
        probes::watch_ups(id, asked, nudge, pace, Clock::real(), inbox, cancel).await;
    });
    let mut said = BTreeMap::new();
    let hearing = async {
        while said.len() < INPUTS.len() {
            let envelope = envelopes_rx.recv().await.expect("the loop goes on");
            if let Input::Sensor { sensor, reading } = envelope.input {
                said.insert(sensor, reading);
            }
        }
    };
    let patience = Duration::from_secs(60);
    let heard = tokio::time::timeout(patience, hearing).await;
    heard.unwrap_or_else(|_| panic!("{community}: its inputs are read"));
    INPUTS.map(|input| said[input])
}

#[tokio::test]
async fn the_probes_and_contacts_of_recorded_cards_say_what_they_said() {
    if std::env::var("CALLWATCH_REAL").as_deref() != Ok("1") {
        println!("skipped: CALLWATCH_REAL is not 1; it needs snmpsim and CALLWATCH_DEVICES");
        return;
    }
    let devices = std::env::var("CALLWATCH_DEVICES")
        .expect("CALLWATCH_DEVICES names the folder of device dumps");
    let devices = PathBuf::from(devices).join("ups");
    let mut simulator = Simulator::start(&devices, "sensors");
    simulator.ready("apc_smx750").await;
    let celsius = Reading::Celsius;
    for (card, expected) in [
        // Two probes on a newer card, and contacts that old objects tell of.
        (
            "apc_smart1500",
            [
                ABSENT,
                celsius(30.0),
                celsius(21.0),
                Reading::Contact(false),
            ],
        ),
        (
            "apc_smtl1000-nmc3",
            [ABSENT, celsius(27.0), celsius(28.0), ABSENT],
        ),
        // An old card with a probe, and one whose probe is not plugged in; contacts are disabled.
        ("apc_sua1500rmi2u", [ABSENT, celsius(26.0), ABSENT, LOST]),
        ("apc_surt3000xl", [ABSENT, LOST, ABSENT, LOST]),
        (
            "eatonups",
            [
                celsius(29.0),
                celsius(21.0),
                ABSENT,
                Reading::Contact(false),
            ],
        ),
        // RFC 1628 alone.
        ("netmanplus_204", [ABSENT; 4]),
    ] {
        assert_eq!(inputs(simulator.port, card).await, expected, "{card}");
    }
}
