//! What a seat's PC tells of itself: its parts, its headset, its telephones and what it
//! reaches.
//!
//! What comes in is what sensors saw; what goes out is bounded and plausible, or refused
//! with the place and the reason. A sensor that is missing is absent, never zero. Nothing
//! here is judged: a full disk or a muted microphone is a fact, and opens nothing by itself.

mod bounds;
mod machine;
mod moved;
mod told;
mod watch;

pub use bounds::Fault;
pub use machine::Machine;
pub use moved::differs;
pub use told::{
    Answer, DISK_LOW_BYTES, Disk, Headset, Health, Memory, Page, Session, Softphone, State,
    Temperature,
};
pub use watch::{Watch, WatchedService};
