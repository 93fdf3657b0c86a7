//! The daemon over nights and holidays: a calendar, a roster in GBK and a clock that is
//! stepped; no UPS ever answers, so what is told is told of silence and of what people raise.

use std::path::{Path, PathBuf};

use callwatch::alerts::{self, Secret, webhook};
use callwatch::clock::Clock;
use callwatch::config::{self};
use callwatch::daemon::{self, Settings};
use callwatch::incidents::{Act, Entry, Event, Notice};
use callwatch::sim::receiver::Receiver;
use callwatch::wire::FromSeat;
use encoding_rs::GBK;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::centre::{self, configured, say, sit_down, start};
use crate::step;

/// A Thursday, 22:00 in Shanghai; the Friday after it is off, and the Saturday makes up for it.
const THURSDAY_NIGHT: &str = "2026-10-08T14:00:00Z";
const CALENDAR: &str = "日期,类型,按星期\n2026-10-09,放假,\n2026-10-10,补班,周五\n";
const ROSTER: &str = "日期,班次,岗位,姓名,座席,副手\n\
    2026-10-10,08:30-12:30,值班组长,主管甲,C-02,主管乙\n\
    2026-10-10,12:30-17:30,lead,主管乙,C-03,\n";

/// A folder of its own; removed with the value.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn folder(name: &str) -> Folder {
    let name = format!("callwatch-{name}-{}", std::process::id());
    let folder = Folder(std::env::temp_dir().join(name));
    std::fs::create_dir_all(&folder.0).expect("a folder for temporary files");
    let (roster, _, _) = GBK.encode(ROSTER);
    std::fs::write(folder.0.join("calendar.csv"), CALENDAR).expect("a file");
    std::fs::write(folder.0.join("roster.csv"), roster).expect("a file");
    folder
}

/// The reference centre with both sheets, and a channel for IT.
fn settings(folder: &Path, receiver: &Receiver, secret: Secret) -> Settings {
    let text = config::example()
        .replace("# calendar ", "calendar ")
        .replace("# roster ", "roster ");
    let (mut config, plan) = configured(&text, folder);
    let it = config.site.roles.get_mut("it").expect("it is in the plan");
    it.channels = vec!["it".to_owned()];
    let webhook = webhook::Settings {
        url: receiver.url(),
        secret,
        previous_secret: None,
    };
    Settings {
        channels: [("it".to_owned(), alerts::Settings::Webhook(webhook))].into(),
        ..centre::settings(config, plan)
    }
}

/// Runs until an entry is the last that is wanted; returns what was written till then.
async fn told(mut entries_rx: mpsc::Receiver<Entry>, last: impl Fn(&Entry) -> bool) -> Vec<Entry> {
    let mut told = Vec::new();
    while let Some(entry) = entries_rx.recv().await {
        let is_last = last(&entry);
        told.push(entry);
        if is_last {
            break;
        }
    }
    told
}

fn lines(told: &[Entry]) -> Vec<String> {
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").expect("it is bundled");
    let kept = told.iter().filter(|entry| {
        matches!(
            &entry.event,
            Event::Opened { .. }
                | Event::DutyChanged { .. }
                | Event::Woken { .. }
                | Event::Released { .. }
                | Event::Delivered { .. }
        )
    });
    kept.map(|entry| {
        let at = zone.to_datetime(entry.at);
        format!(
            "{:02} {:02}:{:02} {}",
            at.day(),
            at.hour(),
            at.minute(),
            entry.reason.en
        )
    })
    .collect()
}

/// A daemon on a stepped clock from Thursday night on, and what it wrote until `last`.
async fn night(name: &str, raised: Option<&str>, last: impl Fn(&Entry) -> bool) -> Vec<String> {
    let folder = folder(name);
    let secret = Secret::random().expect("randomness");
    let receiver = Receiver::start(secret.clone()).await.expect("loopback");
    let settings = settings(&folder.0, &receiver, secret);
    let key = settings.keys.of("C-03");
    let clock = Clock::stepped(THURSDAY_NIGHT.parse::<Timestamp>().expect("a moment"));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    let address = listener.local_addr().expect("it is bound");
    let (entries_tx, entries_rx) = daemon::time_line();
    let log = folder.0.join("callwatch.db");
    let start = start(&clock, &log, listener, entries_tx);
    let cancel = CancellationToken::new();
    let running = daemon::run(settings, start, cancel.clone());
    let story = async {
        let _socket = match raised {
            None => None,
            Some(procedure) => {
                // Time stands still until it is raised.
                let _busy = clock.work().begin();
                let mut socket = sit_down(address, "C-03", key).await;
                let act = Act::Raise {
                    procedure: procedure.to_owned(),
                    of: "block-c".to_owned(),
                    found: 0,
                    answers: std::collections::BTreeMap::new(),
                };
                let raise = FromSeat::Command {
                    id: "one".to_owned(),
                    act,
                };
                say(&mut socket, &raise).await;
                let called = receiver.wait_for(|events| !events.is_empty()).await;
                assert_eq!(called[0].event["type"], Notice::Opened.name());
                Some(socket)
            }
        };
        let told = told(entries_rx, last).await;
        cancel.cancel();
        told
    };
    let both = async { tokio::join!(running, story) };
    tokio::select! {
        (ended, told) = both => {
            ended.expect("it ends well");
            lines(&told)
        }
        () = step(&clock) => unreachable!("it never ends"),
    }
}

#[tokio::test]
async fn a_holiday_is_silent_and_the_make_up_saturday_has_its_leads() {
    let over = |entry: &Entry| matches!(&entry.event, Event::DutyChanged { on, .. } if on.holders.is_empty());
    let lines = Box::pin(night("holiday", None, over)).await;
    let of_duty: Vec<&str> = lines
        .iter()
        .filter(|line| line.contains("floor lead"))
        .map(String::as_str)
        .collect();
    assert_eq!(
        of_duty,
        [
            "10 08:30 floor lead now: 主管甲 (C-02); deputy: 主管乙",
            "10 12:30 floor lead now: 主管乙 (C-03); handing over, told too: 主管甲 (C-02)",
            "10 12:45 floor lead now: 主管乙 (C-03)",
            "10 17:30 floor lead now: nobody on the roster",
        ],
        "{lines:#?}"
    );
    // No UPS has answered since Thursday: IT hears of it once somebody works.
    assert!(
        !lines
            .iter()
            .any(|line| line.starts_with("08") || line.starts_with("09"))
    );
    let blind = lines
        .iter()
        .filter(|line| line.starts_with("10 08:30 No contact opened"));
    assert_eq!(blind.count(), 3, "{lines:#?}");
    assert!(
        lines
            .iter()
            .any(|line| line == "10 08:30 delivered to it: opened")
    );
    // And at nine it is on the list of what IT is to see to.
    assert!(
        lines
            .iter()
            .any(|line| line == "10 09:00 delivered to it: what IT is to see to"),
        "{lines:#?}"
    );
}

#[tokio::test]
async fn a_fire_at_night_is_told_at_once_to_whoever_is_on_call() {
    let delivered = |entry: &Entry| matches!(entry.event, Event::Delivered { .. });
    let lines = Box::pin(night("fire", Some("fire"), delivered)).await;
    assert_eq!(lines.len(), 3, "{lines:#?}");
    assert!(lines[0].starts_with("08 22:00 FIRE opened"), "{lines:#?}");
    assert_eq!(
        lines[1],
        "08 22:00 whoever is on call is told: this does not wait for the morning"
    );
    assert_eq!(lines[2], "08 22:00 delivered to it: opened");
}
