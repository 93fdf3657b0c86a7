//! The daemon and three real seat programs, each looking at a service: what one of them does not
//! reach is that seat's own, what all of them do not reach is the service's.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use callwatch::clock::Clock;
use callwatch::config::{self};
use callwatch::daemon::{self, Settings};
use callwatch::health::{Watch, WatchedService};
use callwatch::incidents::{Entry, Event};
use callwatch::seat;
use callwatch::site::Service;
use callwatch::text::Text;
use jiff::SignedDuration;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::centre::{self, configured, in_memory, start};

/// Seats ask every 30 s, in real time; three minutes of the plan must not take three of ours.
const SPEED: u32 = 20;
/// Twice as long as two rounds of questions take.
const SOON: Duration = Duration::from_secs(120);
const SEATS: [&str; 3] = ["C-02", "C-03", "C-04"];

/// The reference centre, always at work, with a CRM that each seat finds at its own address.
fn settings(places: &BTreeMap<&str, String>) -> Settings {
    let text = config::example().replace("hours = { days", "# hours = { days");
    let (mut config, plan) = configured(&text, Path::new("."));
    let crm = Service {
        name: Text::same("CRM"),
        via: Vec::new(),
    };
    config.site.services.insert("crm".to_owned(), crm);
    for (seat, place) in places {
        let watch = Watch {
            services: vec![WatchedService::new("crm", place)],
            ..Watch::default()
        };
        config.stations.insert((*seat).to_owned(), Arc::new(watch));
    }
    centre::settings(config, plan)
}

/// A service that takes connections until it is dropped.
async fn service(open: &mut JoinSet<()>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let place = listener.local_addr().expect("it is bound");
    open.spawn(async move { while listener.accept().await.is_ok() {} });
    format!("tcp://{place}")
}

/// The procedures of faults that open until `wanted` does, as `seat-fault C-02`.
async fn until(entries_rx: &mut mpsc::Receiver<Entry>, wanted: &str, told: &mut Vec<String>) {
    let waiting = async {
        loop {
            let entry = entries_rx.recv().await.expect("the daemon runs");
            let Event::Opened {
                procedure, scope, ..
            } = &entry.event
            else {
                continue;
            };
            if procedure.id.ends_with("-fault") || procedure.id.starts_with("network") {
                told.push(format!("{} {}", procedure.id, scope.of));
            }
            if told.last().is_some_and(|last| last == wanted) {
                return;
            }
        }
    };
    let opened = timeout(SOON, waiting).await;
    assert!(opened.is_ok(), "no {wanted}, but {told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_seat_does_not_reach_is_its_own_and_what_none_reaches_is_the_services() {
    let mut own = JoinSet::new();
    let mut shared = JoinSet::new();
    let crm = service(&mut shared).await;
    let places = [
        (SEATS[0], service(&mut own).await),
        (SEATS[1], crm.clone()),
        (SEATS[2], crm),
    ];
    let settings = settings(&places.into());
    let keys = settings.keys.clone();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("it is bound");
    let (entries_tx, mut entries_rx) = daemon::time_line();
    let start = start(&Clock::fast(SPEED), in_memory(), listener, entries_tx);
    let cancel = CancellationToken::new();
    let mut tasks = JoinSet::new();
    tasks.spawn(daemon::run(settings, start, cancel.clone()));
    for id in SEATS {
        let settings = seat::Settings {
            address: format!("http://{address}").parse().expect("an address"),
            seat: id.to_owned(),
            key: keys.of(id),
            language: None,
            ca: None,
            alone_after: SignedDuration::from_secs(600),
            state: None,
        };
        let cancel = cancel.clone();
        tasks.spawn(async move {
            seat::run(settings, cancel).await;
            Ok(())
        });
    }
    // Every seat reaches it, until one does not any more.
    let reached = async {
        let mut seen = 0;
        while seen < SEATS.len() {
            let entry = entries_rx.recv().await.expect("the daemon runs");
            let turned = matches!(&entry.event, Event::Turned { signal, to, .. }
                if signal.to_string().ends_with("/crm") && to.name() == "normal");
            seen += usize::from(turned);
        }
    };
    timeout(SOON, reached).await.expect("all of them reach it");
    own.shutdown().await;
    let mut told = Vec::new();
    until(&mut entries_rx, "seat-fault C-02", &mut told).await;
    shared.shutdown().await;
    until(&mut entries_rx, "system-fault crm", &mut told).await;
    // The clock runs so much faster than seats ask that one may be blamed before the next looks.
    let last = told.pop();
    assert_eq!(last.as_deref(), Some("system-fault crm"));
    assert_eq!(told[0], "seat-fault C-02");
    let narrow = |it: &String| SEATS.iter().any(|seat| *it == format!("seat-fault {seat}"));
    assert!(told.iter().all(narrow), "{told:?}");
    cancel.cancel();
    while let Some(ended) = tasks.join_next().await {
        ended.expect("nothing panics").expect("it ends well");
    }
}
