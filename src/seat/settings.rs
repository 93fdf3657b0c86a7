//! What the seat program runs with.

use crate::seat::connection::Address;
use crate::text::Language;

/// Whom it shows cards to, and where they come from.
#[derive(Clone, Debug)]
pub struct Settings {
    pub address: Address,
    pub seat: String,
    pub key: String,
    /// Absent: the seat's own, as the centre's file says.
    pub language: Option<Language>,
}
