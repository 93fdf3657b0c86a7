//! Memory: the [`Log`] trait, SQLite behind it, and the thread that writes.
//!
//! The log is the only seam to storage. A round of entries is one append, all
//! or nothing and synced, and nothing is told before it is written. [`Writer`]
//! gives a log its own thread and never lets it hold up a round for more than a
//! second. Entries are chained by their hashes; a log that does not hold
//! together is set aside, never overwritten.

mod backup;
mod checkpoints;
mod damage;
mod dying;
#[cfg(test)]
pub(crate) mod fixture;
mod keeper;
mod log;
mod memory;
mod retention;
mod room;
mod schema;
mod sqlite;
mod writer;

pub use backup::Backups;
pub use dying::{Death, DyingLog};
pub use keeper::keep;
pub use log::{AppendError, Checkpoint, Cut, Loaded, Log, LogError};
pub use memory::MemoryLog;
pub use sqlite::{Care, SqliteLog};
pub use writer::{ANSWER_WITHIN, Appending, Writer, silent};
