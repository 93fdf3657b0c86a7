//! The daemon over a simulated card with sensors, and a UPS whose own card has a probe: a hot
//! room, and smoke that nobody answers for, and that somebody calls a false alarm.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::{Deref, DerefMut};
use std::path::Path;

use callwatch::clock::Clock;
use callwatch::config::{self};
use callwatch::daemon::{self, Settings};
use callwatch::incidents::{Act, Entry, Event, IncidentId};
use callwatch::sim::environment::{Environment, SMOKE, TEMPERATURE};
use callwatch::sim::snmp::Value;
use callwatch::sim::ups::{COMMUNITY, Card, Ups};
use callwatch::wire::FromSeat;
use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::centre::{self, Record, Socket, configured, in_memory, say, sit_down, start};
use crate::{START, step};

/// The reference centre with three sensors: two on a card of their own, and one behind a UPS.
fn settings(card: SocketAddr, ups: SocketAddr) -> Settings {
    let sensors = format!(
        r#"
[sensor.HALL]
name = {{ zh = "大厅温度", en = "Hall" }}
zone = "block-c"
kind = "temperature"
host = "{host}"
port = {port}
community = "{COMMUNITY}"
oid = "1.3.6.1.4.1.32473.1.0"
scale = 0.1

[sensor.SMOKE]
name = {{ zh = "茶水间烟感", en = "Tea kitchen" }}
zone = "block-c"
kind = "smoke"
host = "{host}"
port = {port}
community = "{COMMUNITY}"
oid = "1.3.6.1.4.1.32473.2.0"
alarm = [1]
normal = [2]

[sensor.RACK]
name = {{ zh = "机柜温度", en = "Rack" }}
zone = "lobby"
kind = "temperature"
ups = "UPS-AF"
input = "probe 1"
"#,
        host = card.ip(),
        port = card.port(),
    );
    let text = config::example()
        .replace(
            "host      = \"192.0.2.13\"",
            &format!("host      = \"{}\"\nport      = {}", ups.ip(), ups.port()),
        )
        .replace("hours = { days", "# hours = { days")
        + &sensors;
    let (config, plan) = configured(&text, Path::new("."));
    let mut watch = config.watch.clone();
    watch.retain(|ups, _| ups == "UPS-AF");
    Settings {
        watch,
        ..centre::settings(config, plan)
    }
}

/// A running centre: its devices, and what was written so far.
struct Told<'a> {
    card: &'a Environment,
    ups: &'a Ups,
    clock: &'a Clock,
    address: SocketAddr,
    key: String,
    record: Record,
}

impl Deref for Told<'_> {
    type Target = Record;

    fn deref(&self) -> &Record {
        &self.record
    }
}

impl DerefMut for Told<'_> {
    fn deref_mut(&mut self) -> &mut Record {
        &mut self.record
    }
}

impl Told<'_> {
    /// The time in the story, from `since` on.
    fn after(&self, since: Timestamp) -> SignedDuration {
        self.clock.now().duration_since(since)
    }

    /// Plan time passes, and nothing is done.
    async fn wait(&mut self, seconds: i64) {
        self.record.wait(SignedDuration::from_secs(seconds)).await;
    }

    /// The lead's page is open.
    async fn sit_down(&self) -> Socket {
        sit_down(self.address, "C-01", self.key.clone()).await
    }

    /// The seats that were told, by procedure.
    fn told(&self) -> BTreeMap<String, Vec<String>> {
        let mut known: BTreeMap<IncidentId, String> = BTreeMap::new();
        let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for entry in &self.entries {
            match &entry.event {
                Event::Opened { procedure, .. } => {
                    known.insert(IncidentId(entry.seq), procedure.id.clone());
                }
                Event::RoleTold {
                    incident, seats, ..
                } => {
                    let procedure = known[incident].clone();
                    let all = told.entry(procedure).or_default();
                    all.extend(seats.iter().cloned());
                    all.sort();
                    all.dedup();
                }
                _ => {}
            }
        }
        told
    }
}

/// Runs the daemon on a stepped clock while `story` is told.
async fn runs(story: impl AsyncFnOnce(&mut Told<'_>)) {
    let clock = Clock::stepped(START);
    let card = Environment::start(COMMUNITY).await.expect("loopback");
    let ups = Ups::start(Card::Powernet, clock.clone())
        .await
        .expect("loopback");
    let settings = settings(card.address(), ups.address());
    let key = settings.keys.of("C-01");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    let address = listener.local_addr().expect("it is bound");
    let (entries_tx, entries_rx) = daemon::time_line();
    let start = start(&clock, in_memory(), listener, entries_tx);
    let cancel = CancellationToken::new();
    let running = Box::pin(daemon::run(settings, start, cancel.clone()));
    let mut told = Told {
        card: &card,
        ups: &ups,
        clock: &clock,
        address,
        key,
        record: Record::new(&clock, entries_rx),
    };
    let telling = async {
        told.level("sensor.smoke/SMOKE", "normal").await;
        Box::pin(story(&mut told)).await;
        cancel.cancel();
    };
    let both = async { tokio::join!(running, telling) };
    tokio::select! {
        (ended, ()) = both => ended.expect("it ends well"),
        () = step(&clock) => unreachable!("it never ends"),
    }
}

#[tokio::test]
async fn a_room_gets_hot_is_told_after_a_minute_and_is_over_once_it_is_cool() {
    runs(async |centre| {
        centre.card.set(&TEMPERATURE, Value::Integer(312));
        centre.level("sensor.temperature/HALL", "warning").await;
        centre.card.set(&TEMPERATURE, Value::Integer(368));
        let turned = centre.level("sensor.temperature/HALL", "critical").await;
        assert_eq!(turned.reason.en, "Hall: too hot (36.8 °C)");
        let opened = centre.opened("aircon-fault").await;
        assert_eq!(opened.at.duration_since(turned.at).as_secs(), 60);
        let Event::Opened { scope, onset, .. } = &opened.event else {
            unreachable!("it was asked for");
        };
        assert_eq!((scope.of.as_str(), *onset), ("block-c", turned.at));
        // What no thermometer says is no news, and neither calm nor an alarm.
        centre.card.set(&TEMPERATURE, Value::Integer(-32768));
        let unknown = centre.level("sensor.temperature/HALL", "unknown").await;
        assert!(unknown.reason.en.contains("no room has such a temperature"));
        centre.card.set(&TEMPERATURE, Value::Integer(251));
        let cool = centre.level("sensor.temperature/HALL", "normal").await;
        let closed = centre
            .until(|entry| matches!(entry.event, Event::Closed { .. }))
            .await;
        assert_eq!(closed.at.duration_since(cool.at).as_secs(), 300);
        assert_eq!(closed.reason.en, "all clear");
    })
    .await;
}

#[tokio::test]
async fn smoke_without_an_answer_for_thirty_seconds_is_a_fire_for_all_in_the_zone() {
    runs(async |centre| {
        centre.card.close(&SMOKE, true);
        let smoke = centre.opened("smoke").await;
        let fire = centre.opened("fire").await;
        assert_eq!(fire.at.duration_since(smoke.at).as_secs(), 30);
        let Event::Opened { scope, onset, .. } = &fire.event else {
            unreachable!("it was asked for");
        };
        let Event::Opened { onset: first, .. } = &smoke.event else {
            unreachable!("it was asked for");
        };
        assert_eq!(onset, first, "since the contact");
        let zone = scope.seats.clone();
        assert_eq!(zone.len(), 10, "{zone:?}");
        // The last that the plan tells at once.
        let manager =
            |entry: &Entry| matches!(&entry.event, Event::RoleTold { role, .. } if role == "manager");
        centre.until(manager).await;
        let told = centre.told();
        assert_eq!(told["smoke"], ["C-01"]);
        assert!(
            zone.iter().all(|seat| told["fire"].contains(seat)),
            "{told:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_false_alarm_called_one_within_ten_seconds_is_told_to_nobody_else() {
    runs(async |centre| {
        let mut socket = {
            let _busy = centre.clock.work().begin();
            centre.sit_down().await
        };
        centre.card.close(&SMOKE, true);
        let smoke = centre.opened("smoke").await;
        centre.wait(10).await;
        let stood_down = {
            // Time stands still until it is done.
            let _busy = centre.clock.work().begin();
            let act = Act::StandDown {
                incident: IncidentId(smoke.seq),
            };
            let id = "one".to_owned();
            let command = FromSeat::Command { id, act };
            say(&mut socket, &command).await;
            centre
                .until(|entry| matches!(entry.event, Event::Closed { .. }))
                .await
        };
        assert_eq!(stood_down.reason.en, "stood down from C-01");
        assert!(centre.after(smoke.at) <= SignedDuration::from_secs(12));
        // The contact stays closed; then the room behind the UPS's own probe gets hot, which is news.
        centre.wait(120).await;
        centre.ups.room(Some(38));
        centre.opened("aircon-fault").await;
        let told = centre.told();
        assert_eq!(told["smoke"], ["C-01"]);
        assert!(!told.contains_key("fire"), "{told:?}");
    })
    .await;
}
