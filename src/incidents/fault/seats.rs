//! What no wider cause explains is the seats' own.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::incidents::fault::finding::Finding;
use crate::incidents::fault::search::{MANY, Search};
use crate::incidents::fault::symptom::{Cause, Symptom};
use crate::plan::Fault;
use crate::text::Text;

impl Search<'_> {
    /// What is left is the seats' own.
    pub(super) fn seats(&mut self) {
        let mut by_symptom: BTreeMap<&str, Vec<(&String, &Symptom, Timestamp)>> = BTreeMap::new();
        for (seat, symptoms) in &self.seats {
            // Slow at one seat alone is for the page.
            let mut worst = symptoms.iter();
            let worst = worst.find(|(symptom, _)| !matches!(symptom, Symptom::Slow(_)));
            let Some((symptom, since)) = worst else {
                continue;
            };
            let seats = by_symptom.entry(symptom.answer()).or_default();
            seats.push((seat, symptom, *since));
        }
        let is_said =
            |(seat, symptom, _): &(&String, &Symptom, Timestamp)| self.seen.is_said(seat, symptom);
        let mut found = Vec::new();
        for (answer, seats) in by_symptom {
            // What they have in common stays one incident down to the last of them.
            let is_open = self.is_open(&Cause::Seat(answer.to_owned()));
            if seats.len() < MANY && !is_open {
                // What a person reported of one seat is open already.
                for (seat, _, since) in seats.into_iter().filter(|it| !is_said(it)) {
                    found.push(Finding {
                        fault: Fault::Seat,
                        of: seat.clone(),
                        place: Text::same(seat),
                        seats: BTreeSet::from([seat.clone()]),
                        onset: since,
                        crossed: since,
                        answers: vec![("what", answer.to_owned())],
                        is_said: false,
                    });
                }
                continue;
            }
            let all_said = seats.iter().all(is_said);
            let mut since: Vec<Timestamp> = seats.iter().map(|(_, _, since)| *since).collect();
            since.sort();
            let names: Vec<&str> = seats.iter().map(|(seat, _, _)| seat.as_str()).collect();
            found.push(Finding {
                fault: Fault::Seat,
                of: answer.to_owned(),
                place: Text::new(names.join("、"), names.join(", ")),
                seats: names.iter().map(|name| (*name).to_owned()).collect(),
                onset: since[0],
                crossed: since[MANY.min(since.len()) - 1],
                answers: vec![("what", answer.to_owned())],
                is_said: all_said,
            });
        }
        self.found.extend(found);
    }
}
