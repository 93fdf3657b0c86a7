//! Each incident with its time line, as the view of the centre shows it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::incidents::concerns::incident_of;
use crate::incidents::docket::Docket;
use crate::incidents::entry::{Entry, Event, IncidentId};
use crate::incidents::incident::Incident;
use crate::incidents::news::is_news;
use crate::incidents::view::IncidentView;
use crate::plan::Severity;
use crate::text::Text;

/// What was told of each incident, up to an entry: only those with newer ones are told anew.
#[derive(Debug, Default)]
pub(super) struct Timelines {
    seq: u64,
    views: BTreeMap<IncidentId, Arc<IncidentView>>,
}

impl Timelines {
    /// Goes on with the entries of `record` that are new.
    pub(super) fn tell(&mut self, incidents: &Docket, record: &[Entry]) {
        self.views.retain(|id, _| incidents.get(*id).is_some());
        let mut news: BTreeMap<IncidentId, Vec<(Timestamp, Text)>> = BTreeMap::new();
        for entry in &record[record.partition_point(|entry| entry.seq <= self.seq)..] {
            let opened = matches!(entry.event, Event::Opened { .. });
            let opened = opened.then_some(IncidentId(entry.seq));
            if let Some(id) = opened.or(incident_of(&entry.event)) {
                let lines = news.entry(id).or_default();
                if is_news(&entry.event) {
                    lines.push((entry.at, entry.reason.clone()));
                }
            }
            self.seq = entry.seq;
        }
        for incident in incidents.values() {
            let told = self.views.get(&incident.id);
            let lines = news.remove(&incident.id);
            if told.is_some() && lines.is_none() {
                continue;
            }
            let mut timeline = told.map(|told| told.timeline.clone()).unwrap_or_default();
            timeline.extend(lines.unwrap_or_default());
            let view = Arc::new(view(incident, timeline));
            self.views.insert(incident.id, view);
        }
    }

    pub(super) fn of(&self, id: IncidentId) -> Option<&Arc<IncidentView>> {
        self.views.get(&id)
    }
}

fn view(incident: &Incident, timeline: Vec<(Timestamp, Text)>) -> IncidentView {
    let kind = incident.kind.as_ref();
    if incident.procedure.is_sensitive() {
        // Anybody may read this page.
        return IncidentView {
            id: incident.id,
            procedure: String::new(),
            title: Text::new("内部事务", "Internal matter"),
            kind: None,
            severity: Severity::Info,
            place: Text::default(),
            since: incident.onset,
            closed: incident.closed.as_ref().map(|closed| closed.at),
            part_of: incident.adopted_by,
            timeline: Vec::new(),
        };
    }
    IncidentView {
        id: incident.id,
        procedure: incident.procedure.id.clone(),
        title: incident.procedure.title.clone(),
        kind: kind.and_then(|kind| incident.procedure.kinds.get(kind).cloned()),
        severity: incident.severity(),
        place: incident.scope.place.clone(),
        since: incident.onset,
        closed: incident.closed.as_ref().map(|closed| closed.at),
        part_of: incident.adopted_by,
        timeline,
    }
}
