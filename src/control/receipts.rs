//! Receipts wait until their second is over, so that one entry tells that a card
//! was shown at eleven seats, and a page that comes back writes no dozen of them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::oneshot;

use crate::incidents::{CardKey, Receipt, ReceiptStage, Refused};
use crate::signals::later;

const TOGETHER: SignedDuration = SignedDuration::from_secs(1);

/// Where the outcome of an input is awaited.
pub(super) type ReplySender = oneshot::Sender<Result<(), Refused>>;

/// Receipts that are not handed to the Board yet.
#[derive(Debug, Default)]
pub(super) struct Receipts {
    /// Since the first of them came.
    since: Option<Timestamp>,
    groups: BTreeMap<(CardKey, u32, ReceiptStage), Group>,
}

#[derive(Debug, Default)]
struct Group {
    seats: BTreeSet<String>,
    replies: Vec<ReplySender>,
}

impl Receipts {
    pub(super) fn put(&mut self, now: Timestamp, receipt: Receipt, replies: Vec<ReplySender>) {
        self.since.get_or_insert(now);
        let key = (receipt.card, receipt.revision, receipt.stage);
        let group = self.groups.entry(key).or_default();
        group.seats.extend(receipt.seats);
        group.replies.extend(replies);
    }

    /// When they are to be handed on; `None` where there are none.
    pub(super) fn due_at(&self) -> Option<Timestamp> {
        Some(later(self.since?, TOGETHER))
    }

    /// All of them: one a card, revision and stage.
    pub(super) fn take(&mut self) -> Vec<(Receipt, Vec<ReplySender>)> {
        self.since = None;
        let groups = std::mem::take(&mut self.groups).into_iter();
        groups
            .map(|((card, revision, stage), group)| {
                let receipt = Receipt {
                    seats: group.seats,
                    card,
                    revision,
                    stage,
                };
                (receipt, group.replies)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incidents::IncidentId;

    fn receipt(seat: &str, revision: u32, stage: ReceiptStage) -> Receipt {
        Receipt {
            seats: [seat.to_owned()].into(),
            card: CardKey {
                incident: IncidentId(9),
                role: "staff".to_owned(),
            },
            revision,
            stage,
        }
    }

    #[test]
    fn receipts_of_one_second_are_one_a_card_revision_and_stage() {
        let now = Timestamp::constant(1_800_000_000, 0);
        let mut receipts = Receipts::default();
        assert_eq!(receipts.due_at(), None);
        for seat in ["C-02", "C-03", "C-02"] {
            receipts.put(now, receipt(seat, 1, ReceiptStage::Shown), Vec::new());
        }
        let after = later(now, SignedDuration::from_millis(400));
        receipts.put(
            after,
            receipt("C-02", 1, ReceiptStage::Received),
            Vec::new(),
        );
        receipts.put(after, receipt("C-02", 2, ReceiptStage::Shown), Vec::new());
        assert_eq!(receipts.due_at(), Some(later(now, TOGETHER)));
        let taken = receipts.take();
        assert_eq!(taken.len(), 3);
        let both = taken.iter().filter(|(receipt, _)| receipt.seats.len() == 2);
        assert_eq!(both.count(), 1);
        assert_eq!(receipts.due_at(), None);
    }
}
