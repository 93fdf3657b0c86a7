//! Each way of being down is told from the others, and none of them is calm.

use std::time::Duration;

use callwatch::acd::{Blind, NoReading, Outage};
use callwatch::clock::Clock;
use callwatch::probes::ami::{Client, Secret, Settings};
use callwatch::sim::ami::Mood;
use tokio::net::TcpListener;

use crate::{HASTY, PATIENT, SOON, centre, down, poll, settings, why};

#[tokio::test]
async fn a_process_that_is_gone_refuses_and_is_read_again_when_it_is_back() {
    let mut ami = centre(Clock::real()).await;
    let mut client = Client::listening(settings(ami.address()));
    poll(&mut client).await.unwrap();
    ami.kill().await;
    let news = tokio::time::timeout(SOON, client.news()).await;
    news.expect("the connection is gone: that is news");
    assert_eq!(why(&mut client).await, down(Outage::Refused));
    ami.start_again().await.unwrap();
    assert!(poll(&mut client).await.is_ok());
}

#[tokio::test]
async fn a_connection_that_was_closed_long_ago_is_opened_anew_within_the_poll() {
    let mut ami = centre(Clock::real()).await;
    let mut client = Client::new(settings(ami.address()));
    poll(&mut client).await.unwrap();
    ami.kill().await;
    ami.start_again().await.unwrap();
    assert!(poll(&mut client).await.is_ok());
}

#[tokio::test]
async fn a_process_that_stands_still_is_hung_and_one_that_only_greets_is_wedged() {
    let ami = centre(Clock::real()).await;
    let hasty = || settings(ami.address()).patience(HASTY, PATIENT);
    for (mood, outage) in [
        (Mood::Hung, Outage::Hung),
        (Mood::Wedged, Outage::Wedged),
        (Mood::HangsUp, Outage::HungUp),
    ] {
        ami.behave(Mood::Well);
        let mut kept = Client::new(settings(ami.address()));
        poll(&mut kept).await.unwrap();
        ami.behave(mood);
        assert_eq!(why(&mut Client::new(hasty())).await, down(outage));
        if mood == Mood::HangsUp {
            assert!(poll(&mut kept).await.is_ok(), "who is in stays in");
        }
    }
}

#[tokio::test]
async fn a_kept_connection_that_falls_silent_tells_hung_from_wedged_too() {
    for (mood, outage) in [(Mood::Hung, Outage::Hung), (Mood::Wedged, Outage::Wedged)] {
        let ami = centre(Clock::real()).await;
        // Long enough for a healthy one, however busy the machine.
        let patience = Duration::from_secs(3);
        let settings = settings(ami.address()).patience(patience, PATIENT);
        let mut client = Client::new(settings);
        poll(&mut client).await.unwrap();
        ami.behave(mood);
        assert_eq!(why(&mut client).await, down(outage));
        ami.behave(Mood::Well);
        assert!(poll(&mut client).await.is_ok());
    }
}

#[tokio::test]
async fn somebody_who_stops_it_is_told_from_a_fault_until_it_is_back() {
    for restart in [false, true] {
        let mut ami = centre(Clock::real()).await;
        let mut client = Client::listening(settings(ami.address()));
        poll(&mut client).await.unwrap();
        ami.stop(restart).await;
        let news = tokio::time::timeout(SOON, client.news()).await;
        news.expect("it says so itself");
        let stopping = down(Outage::Stopping { restart });
        assert_eq!(why(&mut client).await, stopping);
        assert_eq!(why(&mut client).await, stopping, "nothing listens any more");
        ami.start_again().await.unwrap();
        assert!(poll(&mut client).await.is_ok());
        ami.kill().await;
        assert_eq!(why(&mut client).await, down(Outage::Refused));
    }
}

#[tokio::test]
async fn a_login_refused_names_the_acds_words_and_is_not_tried_again_at_once() {
    let ami = centre(Clock::real()).await;
    let secret = Secret::new("not the secret").unwrap();
    let port = ami.address().port();
    let settings = Settings::new("127.0.0.1", port, "callwatch", secret).unwrap();
    let mut client = Client::new(settings.patience(PATIENT, PATIENT));
    for _ in 0..3 {
        let error = poll(&mut client).await.unwrap_err();
        assert_eq!(*error.why(), down(Outage::LoginRefused));
        assert_eq!(error.detail(), Some("Authentication failed"));
        let said = error.to_string();
        assert!(said.starts_with(&format!("127.0.0.1:{port}: ")), "{said}");
    }
    assert_eq!(ami.logins(), 1, "nobody is locked out by us");
}

#[tokio::test]
async fn a_host_that_is_not_there_is_unreachable_and_not_a_fault_of_the_acd() {
    let secret = Secret::new("secret").unwrap();
    let settings = Settings::new("no-such-host.invalid", 5038, "probe", secret).unwrap();
    let mut client = Client::new(settings.patience(PATIENT, PATIENT));
    assert_eq!(why(&mut client).await, down(Outage::Unreachable));
}

#[tokio::test]
async fn half_a_list_is_blind_and_so_is_one_that_does_not_end() {
    let ami = centre(Clock::real()).await;
    let mut client = Client::new(settings(ami.address()));
    ami.behave(Mood::LosesItems);
    let told = why(&mut client).await;
    let half = Blind::HalfList {
        told: 2,
        received: 1,
    };
    assert_eq!(told, NoReading::Blind(half));
    // Of one queue that is asked for by its name it blinds that queue alone.
    let asked = vec!["support".to_owned()];
    let named = settings(ami.address()).queues(asked).unwrap();
    let reading = poll(&mut Client::new(named)).await.unwrap();
    assert!(matches!(
        reading.queue("support"),
        Err(Blind::HalfList { .. })
    ));
    assert_eq!(reading.members, None, "who is not on it may be there");
    ami.behave(Mood::StopsInLists);
    let hasty = settings(ami.address()).patience(PATIENT, Duration::from_secs(3));
    let told = why(&mut Client::new(hasty)).await;
    assert_eq!(told, NoReading::Blind(Blind::Slow));
    ami.behave(Mood::Well);
    assert!(poll(&mut client).await.is_ok());
}

#[tokio::test]
async fn a_port_that_the_kernel_answers_for_is_hung() {
    // Nobody accepts: the connection stands in the backlog.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = settings(listener.local_addr().unwrap()).patience(HASTY, PATIENT);
    assert_eq!(why(&mut Client::new(settings)).await, down(Outage::Hung));
}
