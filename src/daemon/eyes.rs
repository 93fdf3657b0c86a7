//! The tasks that watch: one for each UPS, card, ACD, target and directory.

use std::collections::BTreeMap;

use tokio::net::UdpSocket;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::inbox::Inbox;
use crate::probes;
use crate::probes::acd;
use crate::probes::backup::{self, watch_backup};
use crate::probes::reach;
use crate::probes::sensor;
use crate::probes::trap::{self, Caller, Nudge};
use crate::signals::Signal;
use crate::web::{self, Latest, Tls};

/// How a task ended: its name, or why it could not go on.
pub(super) type Ended = anyhow::Result<&'static str>;

/// What the tasks that watch share.
pub(super) struct Eyes<'a> {
    pub(super) pace: probes::Pace,
    pub(super) clock: &'a Clock,
    pub(super) inbox: &'a Inbox,
    pub(super) cancel: &'a CancellationToken,
}

impl Eyes<'_> {
    pub(super) fn open(
        &self,
        tasks: &mut JoinSet<Ended>,
        watch: BTreeMap<String, probes::Settings>,
        sensors: BTreeMap<String, sensor::Settings>,
        traps: Option<UdpSocket>,
    ) {
        let mut cards = sensor::by_card(&watch, sensors);
        let mut callers = Vec::new();
        for (place, (ups, asked)) in (0..).zip(watch) {
            let nudge = Nudge::default();
            if let probes::Settings::Snmp(settings) = &asked {
                callers.push(Caller {
                    ups: ups.clone(),
                    settings: settings.clone(),
                    nudge: nudge.clone(),
                });
            }
            let sensors = cards.with_ups.remove(&ups).unwrap_or_default();
            let asked = probes::Asked {
                settings: asked,
                sensors,
            };
            let (pace, clock) = (self.pace, self.clock.clone());
            let (inbox, cancel) = (self.inbox.clone(), self.cancel.clone());
            let begin = probes::BEGINS_APART.saturating_mul(place);
            tasks.spawn(async move {
                let busy = inbox.begin();
                let waiting = tokio::time::sleep(begin);
                if cancel.run_until_cancelled(waiting).await.is_none() {
                    return Ok("a probe");
                }
                drop(busy);
                probes::watch_ups(ups, asked, nudge, pace, clock, inbox, cancel).await;
                Ok("a probe")
            });
        }
        for (card, sensors) in cards.alone {
            let (pace, clock) = (self.pace, self.clock.clone());
            let (inbox, cancel) = (self.inbox.clone(), self.cancel.clone());
            tasks.spawn(async move {
                sensor::watch_sensors(card, sensors, pace, clock, inbox, cancel).await;
                Ok("a probe")
            });
        }
        if let Some(socket) = traps {
            let (clock, cancel) = (self.clock.clone(), self.cancel.clone());
            tasks.spawn(async move {
                trap::hear(socket, callers, clock, cancel).await;
                Ok("the ear for traps")
            });
        }
    }

    /// Opens an eye on each ACD: it is asked, or its figures are pushed in.
    pub(super) fn open_acds(
        &self,
        tasks: &mut JoinSet<Ended>,
        acds: BTreeMap<String, acd::Settings>,
        mut latest: Latest,
        http: &reqwest::Client,
    ) {
        for (id, settings) in acds {
            let (clock, http) = (self.clock.clone(), http.clone());
            let (inbox, cancel) = (self.inbox.clone(), self.cancel.clone());
            let pushed = web::own_of(&mut latest, &settings);
            tasks.spawn(async move {
                match pushed {
                    Some(own) => web::watch_pushed(id, own, clock, inbox, cancel).await,
                    None => acd::watch_acd(id, settings, http, clock, inbox, cancel).await,
                }
                Ok("a probe")
            });
        }
    }

    /// Opens an eye on each backup whose files lie in a directory; the others report.
    pub(super) fn open_backups(
        &self,
        tasks: &mut JoinSet<Ended>,
        backups: BTreeMap<String, backup::Known>,
    ) {
        for (id, known) in backups {
            let backup::Known::Files {
                settings,
                every,
                timeout,
            } = known
            else {
                continue;
            };
            let (clock, inbox) = (self.clock.clone(), self.inbox.clone());
            let (pace, cancel) = ((every, timeout), self.cancel.clone());
            tasks.spawn(async move {
                watch_backup(id, settings, pace, clock, inbox, cancel).await;
                Ok("a probe")
            });
        }
    }

    /// Opens an eye on the certificate that is shown, for its end and its renewal.
    pub(super) fn open_certificate(&self, tasks: &mut JoinSet<Ended>, tls: Option<Tls>) {
        let Some(tls) = tls else { return };
        let (clock, inbox, cancel) = (self.clock.clone(), self.inbox.clone(), self.cancel.clone());
        tasks.spawn(async move {
            web::tls::keep(tls, clock, inbox, cancel).await;
            Ok("the care for the certificate")
        });
    }

    /// Opens an eye on each service and device that is asked whether it answers.
    pub(super) fn open_reach(
        &self,
        tasks: &mut JoinSet<Ended>,
        reach: BTreeMap<Signal, reach::Settings>,
    ) {
        if reach.is_empty() {
            return;
        }
        let shared = reach::Shared::of_host();
        for (place, (signal, settings)) in (0..).zip(reach) {
            let shared = shared.clone();
            let cancel = self.cancel.clone();
            let with = (self.clock.clone(), self.inbox.clone(), cancel.clone());
            let busy = self.inbox.begin();
            let begin = probes::BEGINS_APART.saturating_mul(place);
            tasks.spawn(async move {
                let waiting = tokio::time::sleep(begin);
                if cancel.run_until_cancelled(waiting).await.is_some() {
                    drop(busy);
                    reach::watch_target(signal, settings, shared, with).await;
                }
                Ok("a probe")
            });
        }
    }
}
