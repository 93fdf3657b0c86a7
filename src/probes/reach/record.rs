//! What one asks a name server for.

use std::fmt;

/// The types of records that are asked for (RFC 1035, 3.2.2; RFC 3596; RFC 2782).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Record {
    #[default]
    A,
    Aaaa,
    Cname,
    Mx,
    Ns,
    Ptr,
    Srv,
    Txt,
}

impl Record {
    const ALL: [Record; 8] = [
        Record::A,
        Record::Aaaa,
        Record::Cname,
        Record::Mx,
        Record::Ns,
        Record::Ptr,
        Record::Srv,
        Record::Txt,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Record::A => "A",
            Record::Aaaa => "AAAA",
            Record::Cname => "CNAME",
            Record::Mx => "MX",
            Record::Ns => "NS",
            Record::Ptr => "PTR",
            Record::Srv => "SRV",
            Record::Txt => "TXT",
        }
    }

    /// In any case, as people write it.
    pub(super) fn read(name: &str) -> Option<Self> {
        let mut known = Record::ALL.into_iter();
        known.find(|record| record.name().eq_ignore_ascii_case(name))
    }

    pub(super) fn number(self) -> u16 {
        match self {
            Record::A => 1,
            Record::Ns => 2,
            Record::Cname => 5,
            Record::Ptr => 12,
            Record::Mx => 15,
            Record::Txt => 16,
            Record::Aaaa => 28,
            Record::Srv => 33,
        }
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
