//! Rule: another configuration than the one written down is written down, with
//! what came and what went, before anything is judged by it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::incidents::board::{Board, Centre, Moment};
use crate::incidents::entry::Event;
use crate::text::Text;

/// Which configuration is in force.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Configuration {
    /// SHA-256 of all that is judged by, in lower-case hex.
    pub(super) digest: String,
    /// What a record speaks of, as `seat C-01`.
    pub(super) names: BTreeSet<String>,
}

impl Configuration {
    pub(super) fn of(centre: &Centre) -> Self {
        let site = &centre.site;
        let judged_by = (site, &centre.plan, centre.timing.stale_after);
        let json = serde_json::to_string(&judged_by).expect("its maps have strings for keys");
        let channels = site.roles.values().flat_map(|role| &role.channels);
        let mut names = BTreeSet::new();
        let mut add = |what: &str, ids: &mut dyn Iterator<Item = &String>| {
            names.extend(ids.map(|id| format!("{what} {id}")));
        };
        add("zone", &mut site.zones.keys());
        add("feed", &mut site.feeds.keys());
        add("circuit", &mut site.circuits.keys());
        add("ups", &mut site.ups.keys());
        add("device", &mut site.devices.keys());
        add("sensor", &mut site.sensors.keys());
        add("seat", &mut site.seats.keys());
        add("role", &mut site.roles.keys());
        add("channel", &mut channels.into_iter());
        add("contact", &mut site.contacts.keys());
        add("queue", &mut site.queues.keys());
        add("reserve", &mut site.reserves.keys());
        add("procedure", &mut centre.plan.procedures.keys());
        Self {
            digest: format!("{:x}", Sha256::digest(json)),
            names,
        }
    }

    /// As an entry has changed it.
    pub(super) fn change(
        &mut self,
        digest: &str,
        came: &BTreeSet<String>,
        went: &BTreeSet<String>,
    ) {
        digest.clone_into(&mut self.digest);
        self.names.retain(|name| !went.contains(name));
        self.names.extend(came.iter().cloned());
    }
}

pub(super) fn reconfigured(board: &Board, _moment: &Moment) -> Vec<Event> {
    let (known, now) = (&board.state.configuration, &board.configuration);
    if known.digest == now.digest {
        return Vec::new();
    }
    vec![Event::Reconfigured {
        digest: now.digest.clone(),
        came: now.names.difference(&known.names).cloned().collect(),
        went: known.names.difference(&now.names).cloned().collect(),
    }]
}

/// What the entry says: a first configuration by its numbers, a change by its names.
pub(super) fn reason(
    known: &Configuration,
    came: &BTreeSet<String>,
    went: &BTreeSet<String>,
) -> Text {
    if known.digest.is_empty() {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for name in came {
            let what = name.split_once(' ').map_or("", |(what, _)| what);
            *counts.entry(what).or_default() += 1;
        }
        let count = |what: &str| counts.get(what).copied().unwrap_or_default();
        let (seats, ups) = (count("seat"), count("ups"));
        return Text::new(
            format!("配置：座席{seats}，UPS {ups}"),
            format!("the configuration: seats {seats}, UPSs {ups}"),
        );
    }
    let mut zh = vec!["配置有变".to_owned()];
    let mut en = vec!["the configuration changed".to_owned()];
    for (names, what_zh, what_en) in [(came, "新增", "came"), (went, "去除", "went")] {
        if !names.is_empty() {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            zh.push(format!("{what_zh}：{}", names.join("、")));
            en.push(format!("{what_en}: {}", names.join(", ")));
        }
    }
    if came.is_empty() && went.is_empty() {
        zh.push("只改了取值".to_owned());
        en.push("values alone".to_owned());
    }
    Text::new(zh.join("；"), en.join("; "))
}
