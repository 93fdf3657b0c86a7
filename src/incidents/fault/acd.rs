//! The ACD is down, or many cannot log in to it.

use jiff::Timestamp;

use crate::incidents::fault::finding::Finding;
use crate::incidents::fault::look::ACD;
use crate::incidents::fault::map::everywhere;
use crate::incidents::fault::search::{Search, bad_since};
use crate::incidents::fault::services::SHARE;
use crate::incidents::fault::symptom::{Cause, Symptom};
use crate::plan::Fault;

impl Search<'_> {
    pub(super) fn acds(&mut self) {
        let ids: Vec<String> = self.site.acds.keys().cloned().collect();
        for id in &ids {
            let cause = Cause::Acd(id.clone());
            if self.gone.contains(&cause) {
                continue;
            }
            if let Some(since) = bad_since(&self.seen.acds, id) {
                self.acd_down(id, since, "dead");
            } else if self.is_open(&cause) {
                self.explain(|_, symptom| symptom.is_of_acd());
            }
        }
        // Many cannot log in, and it says that it is well.
        let bad = self.with(Symptom::is_of_acd);
        let Some(extent) = self.common(&bad, &self.seen.ask_acd, SHARE) else {
            return;
        };
        let of = match ids.as_slice() {
            [only] => only.clone(),
            _ => ACD.to_owned(),
        };
        let said = bad.keys().all(|seat| {
            let symptoms = self.seats.get(*seat).into_iter().flatten();
            let mut known = symptoms.filter(|(symptom, _)| symptom.is_of_acd());
            known.all(|(symptom, _)| self.seen.is_said(seat, symptom))
        });
        self.explain(|seat, symptom| extent.seats.contains(seat) && symptom.is_of_acd());
        self.found.push(Finding {
            fault: Fault::Acd,
            place: extent.place,
            seats: extent.seats,
            onset: extent.onset,
            crossed: extent.crossed,
            answers: vec![("which", of.clone()), ("symptom", "login".to_owned())],
            of,
            is_said: said,
        });
    }

    pub(super) fn acd_down(&mut self, id: &str, since: Timestamp, symptom: &str) {
        if !self.gone.insert(Cause::Acd(id.to_owned())) {
            return;
        }
        let explained = self.explain(|_, symptom| symptom.is_of_acd());
        self.found.push(Finding {
            fault: Fault::Acd,
            of: id.to_owned(),
            place: everywhere(),
            seats: self.site.seats.keys().cloned().collect(),
            onset: explained.into_iter().fold(since, Ord::min),
            crossed: since,
            answers: vec![("which", id.to_owned()), ("symptom", symptom.to_owned())],
            is_said: false,
        });
    }
}
