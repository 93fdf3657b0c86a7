//! Sensors: asked over the session of the UPS whose card they hang on, or of a card of their own.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::inbox::{Closed, Inbox};
use crate::incidents::Input;
use crate::probes::pace::{Pace, next, spread};
use crate::probes::snmp::{self, Client};
use crate::probes::source;
use crate::sensors::{Asked, Reading};
use crate::signals::later;
use crate::ups::{Family, Values};

/// How one sensor is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    pub at: At,
    pub asked: Asked,
}

/// Where a sensor is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// On the card of this UPS, and asked with it.
    Ups(String),
    Card(snmp::Settings),
}

/// One of the sensors of a card.
#[derive(Clone, Debug, PartialEq)]
pub struct Sensor {
    pub id: String,
    pub asked: Asked,
}

/// The sensors that are asked together.
#[derive(Debug, Default)]
pub struct Cards {
    /// With a UPS, by UPS.
    pub with_ups: BTreeMap<String, Vec<Sensor>>,
    /// By themselves.
    pub alone: Vec<(snmp::Settings, Vec<Sensor>)>,
}

/// Sensors by the card that they are on: no card has two sessions, though a sensor names its
/// address and not the UPS.
pub fn by_card(
    ups: &BTreeMap<String, source::Settings>,
    sensors: BTreeMap<String, Settings>,
) -> Cards {
    let mut cards = Cards::default();
    for (id, Settings { at, asked }) in sensors {
        let sensor = Sensor { id, asked };
        let card = match at {
            At::Ups(ups) => {
                cards.with_ups.entry(ups).or_default().push(sensor);
                continue;
            }
            At::Card(card) => card,
        };
        let same = |known: &source::Settings| matches!(known, source::Settings::Snmp(known) if *known == card);
        if let Some((ups, _)) = ups.iter().find(|(_, known)| same(known)) {
            let known = cards.with_ups.entry(ups.clone());
            known.or_default().push(sensor);
        } else if let Some((_, known)) = cards.alone.iter_mut().find(|(known, _)| *known == card) {
            known.push(sensor);
        } else {
            cards.alone.push((card, vec![sensor]));
        }
    }
    cards
}

/// Asks a card once for its sensors; `family` is what a UPS is known by. Who is not told of
/// was not answered for.
pub(crate) async fn ask<'s>(
    client: &mut Client,
    sensors: &'s [Sensor],
    family: Option<Family>,
) -> Result<Vec<(&'s Sensor, Reading)>, snmp::Error> {
    let objects = sensors.iter().flat_map(|it| it.asked.objects(family));
    let objects: Vec<Vec<u64>> = objects.collect();
    let wanted: Vec<&[u64]> = objects.iter().map(Vec::as_slice).collect();
    let mut told = Values::new();
    client.scalars(&wanted, &mut told).await?;
    let read = |sensor: &'s Sensor| (sensor, sensor.asked.read(family, &told));
    Ok(sensors.iter().map(read).collect())
}

/// Asks one sensor of a card once.
pub async fn ask_once(
    settings: &snmp::Settings,
    asked: &Asked,
    timeout: Duration,
) -> Result<(Values, Reading), snmp::Error> {
    let mut client = Client::new(settings.clone(), timeout);
    let objects = asked.objects(None);
    let wanted: Vec<&[u64]> = objects.iter().map(Vec::as_slice).collect();
    let mut told = Values::new();
    client.scalars(&wanted, &mut told).await?;
    let reading = asked.read(None, &told);
    Ok((told, reading))
}

/// Hands readings on.
pub(crate) async fn send(read: Vec<(&Sensor, Reading)>, inbox: &Inbox) -> Result<(), Closed> {
    for (sensor, reading) in read {
        let sensor = sensor.id.clone();
        inbox.send(Input::Sensor { sensor, reading }).await?;
    }
    Ok(())
}

/// Watches the sensors of one card, as often as UPSs are asked for their status, until
/// cancelled, or until the inbox is closed.
pub async fn watch_sensors(
    settings: snmp::Settings,
    sensors: Vec<Sensor>,
    pace: Pace,
    clock: Clock,
    inbox: Inbox,
    cancel: CancellationToken,
) {
    let watching = watch(settings, &sensors, pace, &clock, &inbox);
    // It ends by itself only where the inbox is closed: the daemon is shutting down.
    if let Some(Err(closed)) = cancel.run_until_cancelled(watching).await {
        tracing::debug!(%closed, "a card with sensors is watched no longer");
    }
}

async fn watch(
    settings: snmp::Settings,
    sensors: &[Sensor],
    pace: Pace,
    clock: &Clock,
    inbox: &Inbox,
) -> Result<(), Closed> {
    let host = settings.host.clone();
    let mut client = Client::new(settings, pace.timeout);
    let start = later(clock.now(), spread(&host, pace.status));
    let mut reachable = None;
    loop {
        let busy = inbox.begin();
        let asked = ask(&mut client, sensors, None).await;
        if reachable.replace(asked.is_ok()) != Some(asked.is_ok()) {
            match &asked {
                Ok(_) => tracing::info!(host, "the card with sensors answers"),
                Err(error) => {
                    tracing::warn!(host, %error, "the card with sensors does not answer");
                }
            }
        }
        send(asked.unwrap_or_default(), inbox).await?;
        drop(busy);
        clock
            .sleep_until(next(start, pace.status, clock.now()))
            .await;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::probes::access::Access;
    use crate::sensors::Meaning;

    fn card(port: u16) -> snmp::Settings {
        snmp::Settings {
            host: "192.0.2.11".to_owned(),
            port,
            access: Access::V2c {
                community: "public".to_owned(),
            },
        }
    }

    fn at(at: At) -> Settings {
        let meaning = Meaning::Celsius { scale: 0.1 };
        let object = vec![1, 3, 6, 1];
        let asked = Asked::Object { object, meaning };
        Settings { at, asked }
    }

    #[test]
    fn a_card_is_asked_over_one_session_however_its_sensors_name_it() {
        let ups = BTreeMap::from([("UPS-A".to_owned(), source::Settings::Snmp(card(161)))]);
        let sensors = BTreeMap::from([
            ("by-ups".to_owned(), at(At::Ups("UPS-A".to_owned()))),
            ("by-address".to_owned(), at(At::Card(card(161)))),
            ("door".to_owned(), at(At::Card(card(1161)))),
            ("rack".to_owned(), at(At::Card(card(1161)))),
        ]);
        let ids = |sensors: &[Sensor]| -> Vec<String> {
            sensors.iter().map(|sensor| sensor.id.clone()).collect()
        };
        let cards = by_card(&ups, sensors);
        assert_eq!(ids(&cards.with_ups["UPS-A"]), ["by-address", "by-ups"]);
        assert_eq!(cards.alone.len(), 1);
        assert_eq!(ids(&cards.alone[0].1), ["door", "rack"]);
    }
}
