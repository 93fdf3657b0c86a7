//! What adoption leaves in the state: clocks that begin anew, and ends that are heard once.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::incidents::docket::Docket;
use crate::incidents::entry::{Ending, IncidentId};
use crate::incidents::incident::Incident;
use crate::incidents::post::PHONE;
use crate::incidents::progress::{ChannelTold, called};

impl Incident {
    /// What it is part of now, or ended with.
    fn part_of(&self) -> Option<IncidentId> {
        match self.closed.as_ref().map(|closed| &closed.why) {
            None => self.adopted_by,
            Some(Ending::With(by)) => Some(*by),
            Some(_) => None,
        }
    }

    /// From when its clocks count: the onset, or when it was freed.
    pub(in crate::incidents) fn counts_from(&self) -> Timestamp {
        self.freed_at.unwrap_or(self.onset)
    }

    /// A moment from which a clock counts; none counts from before it was freed.
    pub(in crate::incidents) fn counts_from_no_earlier(&self, at: Timestamp) -> Timestamp {
        self.freed_at.map_or(at, |freed| freed.max(at))
    }

    /// Nothing adopts it any more: every clock begins now.
    pub(in crate::incidents) fn be_free(&mut self, at: Timestamp) {
        self.adopted_by = None;
        self.freed_at = Some(at);
        self.reminded_at = at;
        for run in self.stages.values_mut().filter(|run| !run.ended) {
            run.begin = at;
        }
        for run in self.steps.values_mut() {
            run.reminded &= run.missed || run.done_at.is_some();
        }
        for told in self.roles.values_mut() {
            told.since = told.since.map(|_| at);
            if let Some((_, since)) = &mut told.next_up {
                *since = at;
            }
        }
        for told in self.channels.values_mut() {
            told.undelivered_since = told.undelivered_since.map(|_| at);
        }
    }

    /// What a channel was owed never left, and need not: it hears of the wider incident.
    /// Should this one be freed, the channel hears of it as if for the first time.
    pub(in crate::incidents) fn unsay(&mut self, channel: &str) {
        if let Some(told) = self.channels.get_mut(channel)
            && self.adopted_by.is_some()
            && self.closed.is_none()
        {
            *told = ChannelTold {
                roles: std::mem::take(&mut told.roles),
                joins: std::mem::take(&mut told.joins),
                ..ChannelTold::default()
            };
        }
    }

    /// The seats that see its end.
    fn seats_told(&self) -> impl Iterator<Item = &String> {
        let roles = self.roles.iter();
        let told = roles.filter(|(role, told)| {
            let asks = called(role).is_some() || role.starts_with(PHONE);
            !asks && told.stood_down.is_none()
        });
        told.flat_map(|(_, told)| &told.seats)
    }

    /// The channels that hear its end.
    fn channels_told(&self) -> impl Iterator<Item = &String> {
        let concerned = |role: &String| {
            let role = self.roles.get(role);
            role.is_some_and(|told| told.stood_down.is_none())
        };
        let channels = self.channels.iter();
        let told =
            channels.filter(move |(_, told)| told.messages > 0 && told.roles.iter().any(concerned));
        told.map(|(channel, _)| channel)
    }
}

impl Docket {
    /// What an incident is part of, or ended with: the nearest first, the widest last.
    pub(in crate::incidents) fn wider<'d>(
        &'d self,
        incident: &Incident,
    ) -> impl Iterator<Item = &'d Incident> {
        let above = |incident: &Incident| self.get(incident.part_of()?);
        std::iter::successors(above(incident), move |incident| above(incident))
    }

    /// An incident ended with a wider one: who gets the end of that gets no other.
    pub(in crate::incidents) fn share_end(&mut self, id: IncidentId) {
        let Some(incident) = self.get(id) else {
            return;
        };
        let mut seats = BTreeSet::new();
        let mut channels = BTreeSet::new();
        for wider in self.wider(incident) {
            seats.extend(wider.seats_told().cloned());
            channels.extend(wider.channels_told().cloned());
        }
        if let Some(incident) = self.get_mut(id) {
            let roles = incident.roles.values_mut();
            for told in roles.filter(|told| told.stood_down.is_none()) {
                told.elsewhere = told.seats.intersection(&seats).cloned().collect();
            }
            let told = incident.channels.iter_mut();
            for (_, told) in told.filter(|(channel, _)| channels.contains(*channel)) {
                told.closed = true;
            }
        }
    }
}
