//! Somebody is rung up through an Asterisk: what counts as told, and what does not.

use std::net::SocketAddr;
use std::time::Duration;

use callwatch::acd::{NoReading, Outage};
use callwatch::alerts::phone::{self, Outcome, Why};
use callwatch::clock::Clock;
use callwatch::probes::ami::{Secret, Settings};
use callwatch::sim::ami::{Ami, Callee};
use jiff::SignedDuration;
use tokio::net::TcpListener;

use crate::{PATIENT, SOON, centre, settings};

const AFTER_A_WHILE: SignedDuration = SignedDuration::from_secs(4);

fn phone(address: SocketAddr) -> phone::Settings {
    let mut phone = phone::Settings::new(settings(address), "PJSIP/{number}@trunk");
    phone.key = PATIENT;
    phone
}

async fn ring(phone: &phone::Settings, number: &str, alert: &str) -> Outcome {
    let rung = tokio::time::timeout(SOON, phone::ring(phone, number, alert));
    rung.await.expect("a call ends by itself")
}

/// One that lives sixty times as fast.
async fn exchange() -> Ami {
    centre(Clock::fast(60)).await
}

#[tokio::test]
async fn only_a_key_that_is_pressed_says_that_somebody_has_heard_it() {
    let ami = exchange().await;
    let after = AFTER_A_WHILE;
    ami.expect_call("8001", Callee::Answers { after, key: true });
    ami.expect_call("8002", Callee::Answers { after, key: false });
    ami.expect_call("8003", Callee::NoAnswer);
    ami.expect_call("8004", Callee::Busy);
    let phone = phone(ami.address());
    // All at once: each hears of all, and answers for its own alone.
    let (key, voice_mail, nobody, engaged, wrong) = tokio::join!(
        ring(&phone, "8001", "power-1.1"),
        ring(&phone, "8002", "power-1.2"),
        ring(&phone, "8003", "power-1.3"),
        ring(&phone, "8004", "power-1.4"),
        ring(&phone, "8005", "power-1.5"),
    );
    assert_eq!(key, Outcome::Acknowledged);
    assert_eq!(voice_mail, Outcome::AnsweredNoKey);
    assert_eq!(nobody, Outcome::NoAnswer);
    assert_eq!(engaged, Outcome::Busy);
    assert_eq!(wrong, Outcome::Failed(Why::NeverRang));
}

#[tokio::test]
async fn no_key_within_its_time_is_no_answer_even_while_the_line_is_open() {
    let ami = exchange().await;
    let after = SignedDuration::ZERO;
    ami.expect_call("8001", Callee::Answers { after, key: true });
    let mut phone = phone(ami.address());
    // Less than the prompt takes.
    phone.key = Duration::ZERO;
    let rung = ring(&phone, "8001", "power-1.1").await;
    assert_eq!(rung, Outcome::AnsweredNoKey);
}

#[tokio::test]
async fn what_would_ring_something_else_is_refused_before_anything_is_sent() {
    let ami = exchange().await;
    let phone = phone(ami.address());
    for odd in [
        "",
        "8001&PJSIP/900",
        "8001\r\nAction: Ping",
        "8001@trunk2",
        "八",
    ] {
        let rung = ring(&phone, odd, "power-1.1").await;
        assert_eq!(rung, Outcome::Failed(Why::BadNumber), "{odd:?}");
    }
    for odd in ["", "a,CHANNEL(language)=x", "a\r\nb", "${SHELL(id)}"] {
        let rung = ring(&phone, "8001", odd).await;
        assert!(
            matches!(rung, Outcome::Failed(Why::Unsendable(_))),
            "{odd:?}: {rung:?}"
        );
    }
    assert_eq!(ami.logins(), 0);
}

#[tokio::test]
async fn a_pbx_that_is_gone_or_lets_nobody_in_has_told_nobody() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone = listener.local_addr().unwrap();
    drop(listener);
    let rung = ring(&phone(gone), "8001", "power-1.1").await;
    let refused = NoReading::Down(Outage::Refused);
    assert_eq!(rung, Outcome::Failed(Why::Acd(refused)));
    let ami = exchange().await;
    let secret = Secret::new("wrong").unwrap();
    let wrong = Settings::new("127.0.0.1", ami.address().port(), "callwatch", secret).unwrap();
    let phone = phone::Settings::new(wrong, "PJSIP/{number}@trunk");
    let rung = ring(&phone, "8001", "power-1.1").await;
    assert!(!rung.has_told());
    assert_eq!(
        rung.words().en,
        "not rung: the ACD does not let us log in; it runs"
    );
}
