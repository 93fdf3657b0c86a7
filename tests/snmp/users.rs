//! SNMP v3 as cards live with it: clocks that run ahead, counts that start anew,
//! reports that somebody forged.

use callwatch::clock::Clock;
use callwatch::probes::trap::{self, Caller, Nudge};
use callwatch::probes::{Blind, snmp};
use callwatch::ups::Verdict;
use tokio::net::UdpSocket;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::agent::on_mains;
use crate::engine::{self, Card, Engine, PASSWORD, Secrecy};
use crate::{SOON, Watched, asked, probed, settings};

const BOTH: [Secrecy; 2] = [Secrecy::Signed, Secrecy::Encrypted];
const PROBE: [&str; 8] = [
    "--snmp",
    "3",
    "--user",
    "ups",
    "--auth",
    "SHA-256",
    "--auth-password",
    PASSWORD,
];

/// It has been read, and every poll from now on is one that began later.
async fn well(card: &Card, secrecy: Secrecy) -> Watched {
    let mut watched = Watched::begin(card.port, engine::access(secrecy));
    watched
        .until(|reading| reading.verdict == Verdict::OnMains)
        .await;
    watched
}

#[tokio::test]
async fn a_card_that_was_asked_nothing_for_minutes_answers_the_first_poll() {
    for secrecy in BOTH {
        let card = Card::start(secrecy, Engine::new(on_mains())).await;
        let mut watched = well(&card, secrecy).await;
        // To the library a clock that ran on and one that was not asked are the same.
        card.engine().time += 170;
        watched.catch_up().await;
        for _ in 0..3 {
            assert_eq!(
                watched.next().await.verdict,
                Verdict::OnMains,
                "{secrecy:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_card_that_lost_its_count_of_boots_is_read_on() {
    for secrecy in BOTH {
        let card = Card::start(secrecy, Engine::new(on_mains())).await;
        let mut watched = well(&card, secrecy).await;
        {
            let mut engine = card.engine();
            engine.boots = 1;
            engine.time = 3;
        }
        watched.catch_up().await;
        for _ in 0..3 {
            assert_eq!(
                watched.next().await.verdict,
                Verdict::OnMains,
                "{secrecy:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_forged_report_costs_one_poll_at_most() {
    for secrecy in BOTH {
        let card = Card::start(secrecy, Engine::new(on_mains())).await;
        let mut watched = well(&card, secrecy).await;
        card.engine().forged = 1;
        watched.catch_up().await;
        let seen = [
            watched.next().await,
            watched.next().await,
            watched.next().await,
        ];
        let seen = seen.map(|reading| reading.verdict);
        assert_eq!(card.engine().forged, 0);
        assert!(
            [Verdict::OnMains, Verdict::Unreachable].contains(&seen[0]),
            "{secrecy:?}: {seen:?}"
        );
        assert_eq!(seen[1..], [Verdict::OnMains; 2], "{secrecy:?}");
    }
}

#[tokio::test]
async fn a_card_with_too_long_messages_is_refused_by_name_and_with_what_to_do() {
    for longest in [65_535, i32::MAX] {
        let mut engine = Engine::new(on_mains());
        engine.longest = longest;
        let card = Card::start(Secrecy::Signed, engine).await;
        let trace = asked(card.port, engine::access(Secrecy::Signed)).await;
        assert_eq!(trace.reading.verdict, Verdict::Unreachable);
        let blind = trace.blind;
        let long = matches!(blind, Some(Blind::Silent(snmp::Error::LongMessages)));
        assert!(long, "{blind:?}");
        let told = probed(card.port, &PROBE).await;
        for word in [&format!("127.0.0.1:{}", card.port), "65,507", "v2c"] {
            assert!(told.contains(word), "{word}: {told}");
        }
    }
}

#[tokio::test]
async fn a_card_that_counts_no_boots_is_not_taken_for_a_wrong_password() {
    for secrecy in BOTH {
        let mut engine = Engine::new(on_mains());
        engine.boots = 0;
        let card = Card::start(secrecy, engine).await;
        let trace = asked(card.port, engine::access(secrecy)).await;
        assert_eq!(trace.reading.verdict, Verdict::Unreachable);
        let blind = trace.blind;
        let counts_none = matches!(blind, Some(Blind::Silent(snmp::Error::NoBoots)));
        assert!(counts_none, "{secrecy:?}: {blind:?}");
        if secrecy == Secrecy::Signed {
            let told = probed(card.port, &PROBE).await;
            for word in [&format!("127.0.0.1:{}", card.port), "boots", "v2c"] {
                assert!(told.contains(word), "{word}: {told}");
            }
        }
        // Once it counts, it is read.
        card.engine().boots = 1;
        well(&card, secrecy).await;
    }
}

#[tokio::test]
async fn a_forged_trap_asks_for_nothing_and_spoils_none_of_the_cards_own() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let ear = socket.local_addr().unwrap();
    let nudge = Nudge::default();
    let caller = Caller {
        ups: "UPS-A".to_owned(),
        settings: settings(snmp::PORT, engine::access(Secrecy::Signed)),
        nudge: nudge.clone(),
    };
    let mut hearing = JoinSet::new();
    let cancel = CancellationToken::new();
    hearing.spawn(trap::hear(socket, vec![caller], Clock::real(), cancel));
    let card = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let good = |time| engine::trap(9, time);
    let heard = async |wanted: bool| {
        let given = tokio::time::timeout(SOON, nudge.given()).await;
        assert_eq!(given.is_ok(), wanted);
    };
    card.send_to(&good(5000), ear).await.unwrap();
    heard(true).await;
    // The same user, boots far ahead, and a signature of somebody who guesses.
    for boots in [1000, i64::from(i32::MAX)] {
        let mut forged = engine::trap(boots, 1);
        let last = forged.len() - 1;
        forged[last] ^= 1;
        card.send_to(&forged, ear).await.unwrap();
    }
    // One call is one question: had a forged one counted, two would be waiting.
    card.send_to(&good(5001), ear).await.unwrap();
    heard(true).await;
    let more = tokio::time::timeout(std::time::Duration::from_millis(50), nudge.given()).await;
    assert!(more.is_err(), "a forged trap was believed");
    card.send_to(&good(5002), ear).await.unwrap();
    heard(true).await;
}
