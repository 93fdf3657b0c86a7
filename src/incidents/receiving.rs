//! How far a card has come: which receipts are believed, and what is new in them.

use std::collections::BTreeMap;

use crate::incidents::board::Board;
use crate::incidents::entry::Event;
use crate::incidents::input::{Receipt, ReceiptStage, Refused};

impl Board {
    /// Whether a receipt speaks of a card that was told to its seats.
    pub fn check_receipt(&self, receipt: &Receipt) -> Result<(), Refused> {
        let id = receipt.card.incident;
        let incident = self
            .state
            .incidents
            .get(id)
            .ok_or(Refused::NoSuchIncident(id.0))?;
        let role = &receipt.card.role;
        let told = incident.roles.get(role);
        let stranger = receipt
            .seats
            .iter()
            .find(|seat| !told.is_some_and(|told| told.seats.contains(*seat)));
        stranger.map_or(Ok(()), |seat| {
            Err(Refused::NotYours {
                seat: seat.clone(),
                why: format!("it was not told as `{role}` in incident {id}"),
            })
        })
    }

    pub(super) fn take_receipt(&mut self, receipt: Receipt) -> Result<Vec<Event>, Refused> {
        self.check_receipt(&receipt)?;
        let Receipt {
            mut seats,
            card,
            revision,
            stage,
        } = receipt;
        // A client that comes back reports all that it shows.
        if let Some(told) = self.state.role_told(&card) {
            let is_at = |known: &BTreeMap<String, u32>, seat: &String| {
                known.get(seat).is_some_and(|known| *known >= revision)
            };
            seats.retain(|seat| match stage {
                ReceiptStage::Received => !is_at(&told.received, seat),
                ReceiptStage::Shown => !is_at(&told.shown, seat),
                ReceiptStage::NotShown => {
                    !told.not_shown.contains(seat) && !is_at(&told.shown, seat)
                }
            });
        }
        if seats.is_empty() {
            return Ok(Vec::new());
        }
        Ok(vec![Event::Receipts {
            card,
            revision,
            stage,
            seats,
        }])
    }
}
