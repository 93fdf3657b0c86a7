//! A TOML document, read strictly: every fault at once, each with its place and the mend.

use std::fmt;

/// One thing that is wrong in a file. Lines and columns count from 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    pub file: String,
    pub line: usize,
    pub column: usize,
    /// The path of the key, as `seat.C-01.fed_by` or `roles.lead.seats[1]`; empty for a fault of syntax.
    pub key: String,
    /// What is wrong, and the mend.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: ", self.file, self.line, self.column)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)
    }
}
