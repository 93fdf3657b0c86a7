//! A UPS that never says how long it lasts, over two runs of the daemon: what its first
//! discharge has shown is remembered.

use std::path::Path;

use callwatch::clock::Clock;
use callwatch::config::{self};
use callwatch::daemon::{self, Settings};
use callwatch::incidents::{Entry, Event};
use callwatch::probes::access::Access;
use callwatch::probes::{self, snmp};
use callwatch::signals::{Kind, Level};
use callwatch::sim::ups::{COMMUNITY, Card, Ups};
use jiff::SignedDuration;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::centre::{self, configured, start};
use crate::service::{Folder, got, reference};
use crate::{START, step};

const UPS: &str = "UPS-C1";

fn settings(ups: &Ups) -> Settings {
    let (config, plan) = configured(config::example(), Path::new("."));
    let snmp = snmp::Settings {
        host: ups.address().ip().to_string(),
        port: ups.address().port(),
        access: Access::V2c {
            community: COMMUNITY.to_owned(),
        },
    };
    Settings {
        watch: [(UPS.to_owned(), probes::Settings::Snmp(snmp))].into(),
        ..centre::settings(config, plan)
    }
}

async fn until(entries_rx: &mut mpsc::Receiver<Entry>, wanted: impl Fn(&Event) -> bool) -> Event {
    loop {
        let entry = entries_rx.recv().await.expect("the daemon runs");
        if wanted(&entry.event) {
            return entry.event;
        }
    }
}

fn turned(event: &Event, level: Level) -> bool {
    matches!(event, Event::Turned { signal, to, .. }
        if signal.kind == Kind::UpsMains && signal.of == UPS && *to == level)
}

/// What `/api/view` says of the runtime of the UPS, and the page of the UPS itself.
async fn told(address: std::net::SocketAddr) -> (Value, String) {
    let answer = got(address, "/api/view").await;
    let body = answer.split_once("\r\n\r\n").expect("a body").1;
    let view: Value = serde_json::from_str(body).expect("JSON");
    let signals = view["signals"].as_array().expect("a list");
    let name = format!("ups.mains/{UPS}");
    let mains = signals.iter().find(|it| it["signal"] == name.as_str());
    let mains = mains.expect("it is watched");
    let value = mains["value"]["en"].as_str().unwrap_or_default();
    (mains["runtime"].clone(), value.to_owned())
}

/// One run of the daemon over the same log, with a story that is told meanwhile.
async fn run<S: Future>(
    folder: &Folder,
    clock: &Clock,
    ups: &Ups,
    story: impl FnOnce(std::net::SocketAddr, mpsc::Receiver<Entry>) -> S,
) -> S::Output {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    let address = listener.local_addr().expect("it is bound");
    let (entries_tx, entries_rx) = daemon::time_line();
    let log = folder.0.join("callwatch.db");
    let start = start(clock, &log, listener, entries_tx);
    let cancel = CancellationToken::new();
    let running = daemon::run(settings(ups), start, cancel.clone());
    let story = async {
        let outcome = story(address, entries_rx).await;
        cancel.cancel();
        outcome
    };
    let (ended, outcome) = tokio::join!(running, story);
    ended.expect("it ends well");
    outcome
}

async fn two_runs(folder: &Folder, clock: &Clock) {
    let ups = Ups::start(Card::Rfc1628, clock.clone())
        .await
        .expect("loopback");
    ups.tells_runtime(false);
    // 20 of 40 minutes.
    let cut = SignedDuration::from_mins(20);
    Box::pin(run(folder, clock, &ups, async |address, mut entries_rx| {
        until(&mut entries_rx, |event| turned(event, Level::Normal)).await;
        {
            let _busy = clock.work().begin();
            assert_eq!(told(address).await.0, Value::Null, "nobody knows");
        }
        ups.mains(false);
        until(&mut entries_rx, |event| turned(event, Level::Critical)).await;
        let out = async {
            clock.sleep(cut).await;
            ups.mains(true);
        };
        let shown = until(&mut entries_rx, |event| {
            matches!(event, Event::Discharged { .. })
        });
        let ((), shown) = tokio::join!(out, shown);
        let Event::Discharged { discharge, .. } = shown else {
            unreachable!("it was waited for");
        };
        let minutes = discharge.lasted.as_mins();
        assert!((19..=20).contains(&minutes), "{discharge:?}");
    }))
    .await;
    Box::pin(run(folder, clock, &ups, async |address, mut entries_rx| {
        until(&mut entries_rx, |event| matches!(event, Event::Started)).await;
        clock.sleep(SignedDuration::from_mins(1)).await;
        let _busy = clock.work().begin();
        let (runtime, value) = told(address).await;
        assert_eq!(runtime["told"], "about", "{runtime}");
        // Half of 40 min, of the half that is charged.
        let minutes = runtime["minutes"].as_f64().expect("a number");
        assert!((9.0..=11.0).contains(&minutes), "{runtime}");
        assert!(
            value.contains("min without mains (half of its discharge on 2 Mar 2026)"),
            "{value}"
        );
    }))
    .await;
}

#[tokio::test]
async fn what_a_discharge_has_shown_outlives_the_daemon() {
    let folder = Folder::with("discharge", &reference());
    let clock = Clock::stepped(START);
    tokio::select! {
        () = Box::pin(two_runs(&folder, &clock)) => {}
        () = step(&clock) => unreachable!("it never ends"),
    }
}
