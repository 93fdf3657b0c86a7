//! What a seat needs when it is alone: the cards that it would be sent, and whom to ring.
//!
//! The cards are made by what makes all cards, of an incident that has not opened. What
//! only the moment tells stays in its braces for the seat to fill in; what nobody can
//! know there is left out.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::incidents::card::Card;
use crate::incidents::entry::IncidentId;
use crate::incidents::incident::Incident;
use crate::plan::Placeholder;
use crate::text::Language;

/// The number of an incident that has not opened: entries count from 1.
pub(super) const UNOPENED: IncidentId = IncidentId(0);

/// What a seat can judge alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cause {
    /// Its own UPS runs on its battery.
    Power,
    /// It reaches nothing: no carrier, no way out.
    Network,
}

/// What a seat needs when it is alone, in one language.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Kit {
    /// The site has a UPS that nothing but this seat's PC sees.
    pub ups: bool,
    /// Its battery inside counts as one.
    pub laptop: bool,
    /// In sight of the public: no numbers on the screen.
    pub public: bool,
    pub cards: Vec<KitCard>,
    /// Whom to ring, in this order.
    pub phones: Vec<KitPhone>,
}

/// The card of one role at one trouble.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KitCard {
    pub cause: Cause,
    pub procedure: String,
    /// The role is told so long after the onset, in seconds.
    pub delay: u32,
    /// It is over when it was good for so long without a break, in seconds.
    pub good_for: u32,
    /// As it reads when it opens, of incident 0, with `{since}` and `{finish_by}` in braces.
    pub open: Card,
    /// Its last form, with `{since}`, `{ended}` and `{lasted}` in braces.
    pub over: Option<Card>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KitPhone {
    pub role: String,
    pub name: String,
    pub phone: String,
}

/// A kit with what tells it from another one.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct SealedKit {
    /// SHA-256 of the kit, its first 16 hex digits; empty before there is one.
    pub digest: Arc<str>,
    pub kit: Arc<Kit>,
}

impl SealedKit {
    pub(super) fn seal(kit: Kit) -> Self {
        let json = serde_json::to_string(&kit).expect("its maps have strings for keys");
        let digest = format!("{:x}", Sha256::digest(json));
        Self {
            digest: digest[..16].into(),
            kit: Arc::new(kit),
        }
    }

    /// Whether the name of a seat stands anywhere in it.
    pub(super) fn names(&self, seat: &str) -> bool {
        let json = serde_json::to_string(&self.kit).expect("its maps have strings for keys");
        json.contains(seat)
    }
}

impl PartialEq for SealedKit {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl fmt::Debug for SealedKit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedKit({})", self.digest)
    }
}

/// A seat's kit in both languages.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kits {
    pub zh: SealedKit,
    pub en: SealedKit,
}

impl Kits {
    pub fn in_language(&self, language: Language) -> &SealedKit {
        match language {
            Language::Zh => &self.zh,
            Language::En => &self.en,
        }
    }
}

/// What only the moment tells, in its braces for the seat to fill in; empty where nobody can
/// know it there. `None`: it is filled in here as always.
pub(super) fn left_open(
    incident: &Incident,
    placeholder: &Placeholder,
    language: Language,
) -> Option<String> {
    if incident.id != UNOPENED {
        return None;
    }
    let procedure = &incident.procedure;
    match placeholder {
        Placeholder::Since | Placeholder::FinishBy | Placeholder::Ended | Placeholder::Lasted => {
            Some(format!("{{{}}}", placeholder.name()))
        }
        Placeholder::ReportBy | Placeholder::Queue | Placeholder::Staffing | Placeholder::Left => {
            Some(String::new())
        }
        // What a person would have said who raised it: so much is known that it happened.
        Placeholder::Answer(ask) => {
            let raise = procedure.raise.as_ref()?;
            let title = procedure.title.in_language(language);
            raise.ask.contains(ask).then(|| title.to_owned())
        }
        _ => None,
    }
}
