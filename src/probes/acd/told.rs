//! What a source told, and what of it was odd.

use crate::acd::Reading;
use crate::text::Text;

/// A reading, with the particulars of what could not be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    pub reading: Reading,
    /// One sentence for each thing that is not as it was set up.
    pub notes: Vec<Text>,
}
