//! One UPS that is asked again and again: its family, and what it told last.
//!
//! Status is asked often and must never be lost to anything else that fails:
//! it comes with the first request. What a light poll does not ask for stands
//! as the last full poll told it.

use std::time::Duration;

use crate::probes::blind::Blind;
use crate::probes::questions::Questions;
use crate::probes::sensor::{self, Sensor};
use crate::probes::snmp::{self, Client};
use crate::sensors::Reading as Sensed;
use crate::ups::{self, Extent, Reading, SYS_UPTIME, Served, Value, Values};

/// So many full polls in a row may break off before what they did not reach is forgotten.
const BROKEN_FULL_POLLS: u32 = 3;

/// What is known of one UPS.
#[derive(Debug)]
pub(crate) struct Eye {
    client: Client,
    served: Option<Served>,
    /// Of what was detected last.
    questions: Option<Questions>,
    values: Values,
    broken_full_polls: u32,
    /// The next poll has to be a full one.
    owes_full: bool,
    on_battery: bool,
    /// The last full poll told of another device than the one before.
    swapped: bool,
}

impl Eye {
    pub(crate) fn new(settings: snmp::Settings, timeout: Duration) -> Self {
        Self {
            client: Client::new(settings, timeout),
            served: None,
            questions: None,
            values: Values::new(),
            broken_full_polls: 0,
            owes_full: true,
            on_battery: false,
            swapped: false,
        }
    }

    /// What it was detected by; a status that tells nothing is detected anew.
    pub(crate) fn served(&self) -> Option<Served> {
        self.served
    }

    /// What is known, by object.
    pub(crate) fn values(&self) -> &Values {
        &self.values
    }

    /// Asks once, and judges what is known then.
    pub(crate) async fn poll(&mut self, full: bool) -> Result<Reading, Blind> {
        let polled = self.attempt(full).await;
        if let Ok(reading) = &polled {
            self.on_battery = reading.on_battery == Some(true);
        } else {
            // It may be another device when it comes back: by what it is known then stays.
            let served = self.served;
            self.values
                .retain(|oid, _| served.is_some_and(|served| served.is_known_by(oid)));
            self.owes_full = true;
        }
        polled
    }

    /// Asks for the sensors on its card, over the same session; who is silent is not told of.
    pub(crate) async fn sense<'s>(&mut self, sensors: &'s [Sensor]) -> Vec<(&'s Sensor, Sensed)> {
        let family = self.served.map(|served| served.own.family);
        let asked = sensor::ask(&mut self.client, sensors, family).await;
        asked.unwrap_or_default()
    }

    async fn attempt(&mut self, full: bool) -> Result<Reading, Blind> {
        let served = match self.served {
            Some(served) => self.status(served, full).await?.then_some(served),
            None => None,
        };
        let served = served.filter(|_| !std::mem::take(&mut self.swapped));
        let served = match served {
            Some(served) => served,
            None => self.detect().await?,
        };
        let reading = ups::judge(served, &self.values);
        let more = reading.on_battery == Some(true) && !self.on_battery;
        let reading = if more && !self.owes_full {
            self.rest(served, Extent::StatusOnBattery).await;
            ups::judge(served, &self.values)
        } else {
            reading
        };
        if !served.tells_status(&self.values) {
            self.served = None;
        }
        Ok(reading)
    }

    /// False where the device is no longer the one that was detected.
    async fn status(&mut self, served: Served, full: bool) -> Result<bool, snmp::Error> {
        let extent = if full || self.owes_full {
            Extent::Full
        } else if self.on_battery {
            Extent::StatusOnBattery
        } else {
            Extent::Status
        };
        let mut told = Values::new();
        let wanted = self.questions(served).status();
        let asked = self.client.scalars(&wanted, &mut told).await;
        if !told.contains_key(served.own.status) {
            asked?;
            return Ok(false);
        }
        let uptime = |values: &Values| values.get(SYS_UPTIME).and_then(Value::integer);
        if uptime(&told)
            .zip(uptime(&self.values))
            .is_some_and(|(now, before)| now < before)
        {
            return Ok(false);
        }
        self.take(&wanted, told);
        if asked.is_ok() {
            self.rest(served, extent).await;
        } else {
            self.owes_full = true;
        }
        Ok(true)
    }

    async fn detect(&mut self) -> Result<Served, Blind> {
        self.served = None;
        self.questions = None;
        self.values.clear();
        self.client.forget();
        let mut wanted = Served::asked();
        wanted.push(SYS_UPTIME);
        let mut told = Values::new();
        let asked = self.client.scalars(&wanted, &mut told).await;
        let Some(served) = Served::detect(&told) else {
            asked?;
            return Err(Blind::NoFamily);
        };
        self.owes_full = true;
        if !self.status(served, true).await? {
            return Err(Blind::NoFamily);
        }
        self.served = Some(served);
        Ok(served)
    }

    /// Asks for what the status request did not; stops at the first silence.
    async fn rest(&mut self, served: Served, extent: Extent) {
        let full = extent == Extent::Full;
        let whole = self.ask_rest(served, extent).await.is_ok();
        match (full, whole) {
            (true, true) => {
                self.owes_full = false;
                self.broken_full_polls = 0;
            }
            (false, true) => {}
            (_, false) => {
                self.owes_full = true;
                self.broken_full_polls += 1;
                if self.broken_full_polls >= BROKEN_FULL_POLLS {
                    let status = self.questions(served).status();
                    self.values
                        .retain(|oid, _| status.contains(&oid.as_slice()));
                }
            }
        }
    }

    async fn ask_rest(&mut self, served: Served, extent: Extent) -> Result<(), snmp::Error> {
        // The columns first: among them are the alarms.
        for column in self.questions(served).columns(extent).iter() {
            let told = self.client.column(column).await?;
            self.values.retain(|oid, _| !oid.starts_with(column));
            self.values.extend(told);
        }
        let wanted = self.questions(served).rest(extent);
        let mut told = Values::new();
        self.client.scalars(&wanted, &mut told).await?;
        self.swapped = served.changed(&self.values, &told);
        self.take(&wanted, told);
        Ok(())
    }

    fn questions(&mut self, served: Served) -> &Questions {
        self.questions.get_or_insert_with(|| Questions::of(served))
    }

    /// What was asked is as told now; what was not told is gone.
    fn take(&mut self, asked: &[&[u64]], told: Values) {
        for oid in asked {
            self.values.remove(*oid);
        }
        self.values.extend(told);
    }
}
