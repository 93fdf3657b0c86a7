//! What was agreed: a plan is roles and procedures.
//!
//! A procedure has *triggers* (what opens it), *stages* (when, whom to tell,
//! which steps) and *clear* (when it is over). Escalation, a worse level, a kind
//! and recovery are all stages; there is no second mechanism. A plan is a TOML
//! file, read strictly by [`parse`], or one of the [`PACKS`] that are built in.
//! Texts hold placeholders, which [`fill`] fills in when a card is shown.

mod ask;
mod card;
mod check;
mod fault;
mod file;
mod outline;
mod pack;
mod phrases;
mod placeholder;
mod procedure;
mod severity;
mod signal_phrases;
mod stage;
mod takes_in;
mod template;
mod trigger;
mod typical;
mod width;

pub use ask::{Ask, AskKind, Condition, Reply};
pub use card::{Button, CardText, Does, EVERY_ROLE, RAISER, neutral_line, neutral_title};
pub use check::check;
pub use fault::Fault;
pub use file::parse;
pub use outline::outline;
pub use pack::{PACKS, Plan, pack};
pub use placeholder::{Placeholder, UnknownPlaceholder};
pub use procedure::{Becomes, Class, Clear, Over, PAPERS, Procedure, Raise, Wakes};
pub use severity::Severity;
pub use stage::{After, Evidence, Rings, Roles, Seen, Stage, Step, When};
pub use takes_in::{TakesIn, Those};
pub use template::fill;
pub use trigger::{Reach, Silence, Spread, Trigger};
pub use typical::fill_typically;
pub use width::{Place, width};
