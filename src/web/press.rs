//! Cards as they go over the wire: each is written out once, however many seats it goes to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use crate::incidents::Card;

/// So many cards are kept written out: those of a few incidents, for each role and place.
const KEPT: usize = 64;

#[derive(Debug, Default)]
pub(super) struct Press {
    written: Mutex<VecDeque<(Arc<Card>, Arc<str>)>>,
}

impl Press {
    /// The frame [`crate::wire::ToSeat::Cards`].
    pub(super) fn frame(
        &self,
        server_now: Timestamp,
        revision: u64,
        cards: &[Arc<Card>],
    ) -> Result<String, serde_json::Error> {
        let mut frame = format!(
            "{{\"frame\":\"cards\",\"server_now\":\"{server_now}\",\"revision\":{revision},\"cards\":["
        );
        for (place, card) in cards.iter().enumerate() {
            if place > 0 {
                frame.push(',');
            }
            frame.push_str(&self.written(card)?);
        }
        frame.push_str("]}");
        Ok(frame)
    }

    fn written(&self, card: &Arc<Card>) -> Result<Arc<str>, serde_json::Error> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let known = written.iter().find(|(known, _)| Arc::ptr_eq(known, card));
        if let Some((_, text)) = known {
            return Ok(Arc::clone(text));
        }
        let text: Arc<str> = serde_json::to_string(card)?.into();
        written.truncate(KEPT - 1);
        written.push_front((Arc::clone(card), Arc::clone(&text)));
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incidents::{CardKey, IncidentId, Phase};
    use crate::plan::Severity;
    use crate::wire::ToSeat;

    fn card(incident: u64) -> Arc<Card> {
        let text = format!(
            r#"{{"incident":{incident},"role":"staff","revision":7,"phase":"open",
            "severity":"critical","title":"火警 \"1\"","lines":["走"],"buttons":[],"more":[],
            "clocks":[],"since":"2026-03-02T01:59:00Z","acknowledged":false}}"#
        );
        let card: Card = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (card.phase, card.severity),
            (Phase::Open, Severity::Critical)
        );
        let role = "staff".to_owned();
        let incident = IncidentId(incident);
        assert_eq!(card.key, CardKey { incident, role });
        Arc::new(card)
    }

    #[test]
    fn a_frame_is_what_the_wire_says_it_is_and_each_card_is_written_out_once() {
        let press = Press::default();
        let server_now: Timestamp = "2026-03-02T02:00:00.25Z".parse().unwrap();
        let all: Vec<Arc<Card>> = (0..100).map(card).collect();
        for cards in [&all[..0], &all[..1], &all[..3], &all[..]] {
            let frame = press.frame(server_now, 9, cards).unwrap();
            let wire = ToSeat::Cards {
                server_now,
                revision: 9,
                cards: cards.to_vec(),
            };
            assert_eq!(frame, serde_json::to_string(&wire).unwrap());
        }
        let once = press.written(&all[99]).unwrap();
        assert!(Arc::ptr_eq(&once, &press.written(&all[99]).unwrap()));
        assert_eq!(press.written.lock().unwrap().len(), KEPT);
    }
}
