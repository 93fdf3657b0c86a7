//! Tables as `mod_callcenter` prints them: a header, rows parted by `|`, and `+OK`.
//!
//! Nothing is escaped: a `|` in a caller's name shifts what follows. One column of each
//! table is known to hold free text; what is too much in a row is counted to it.

use std::collections::BTreeMap;

/// A table with its header.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Table<'t> {
    columns: BTreeMap<&'t str, usize>,
    rows: Vec<Vec<&'t str>>,
    /// The column of free text.
    free: Option<usize>,
}

/// One row of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'t> {
    table: &'t Table<'t>,
    cells: &'t [&'t str],
}

/// The text is no table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Odd {
    /// What it says instead, behind `-ERR`.
    Refused(String),
    /// `+OK` does not stand at its end.
    NoEnd,
    /// A row with fewer cells than the header has.
    Short(String),
}

impl<'t> Table<'t> {
    /// Reads an answer; without rows there is no header either.
    pub(super) fn read(text: &'t str, free: &str) -> Result<Self, Odd> {
        let text = text.trim_end();
        if let Some(why) = text.strip_prefix("-ERR") {
            return Err(Odd::Refused(why.trim().to_owned()));
        }
        let text = text.strip_suffix("+OK").ok_or(Odd::NoEnd)?;
        let mut lines = text.lines().filter(|line| !line.is_empty());
        let header: Vec<&str> = lines.next().unwrap_or_default().split('|').collect();
        let columns: BTreeMap<&str, usize> = header
            .iter()
            .enumerate()
            .map(|(n, name)| (*name, n))
            .collect();
        let rows = lines.map(|line| {
            let cells: Vec<&str> = line.split('|').collect();
            if cells.len() < header.len() {
                Err(Odd::Short(line.to_owned()))
            } else {
                Ok(cells)
            }
        });
        Ok(Self {
            free: columns.get(free).copied(),
            rows: rows.collect::<Result<_, _>>()?,
            columns,
        })
    }

    pub(super) fn rows(&'t self) -> impl Iterator<Item = Row<'t>> {
        self.rows.iter().map(|cells| Row { table: self, cells })
    }
}

impl<'t> Row<'t> {
    /// The cell of this column; of the column of free text only its beginning.
    pub(super) fn get(&self, column: &str) -> Option<&'t str> {
        let at = *self.table.columns.get(column)?;
        let more = self.cells.len() - self.table.columns.len();
        let at = match self.table.free {
            Some(free) if at > free => at + more,
            _ => at,
        };
        self.cells.get(at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_in_free_text_shifts_nothing() {
        let text = "id|name|state\n1|a|Waiting\n2|b|c|d|Trying\n+OK\n";
        let table = Table::read(text, "name").unwrap();
        let states: Vec<_> = table.rows().map(|row| row.get("state").unwrap()).collect();
        assert_eq!(states, ["Waiting", "Trying"]);
        let ids: Vec<_> = table.rows().map(|row| row.get("id").unwrap()).collect();
        assert_eq!(ids, ["1", "2"]);
        assert_eq!(table.rows().next().unwrap().get("colour"), None);
    }

    #[test]
    fn no_rows_come_without_a_header_and_half_a_table_is_none() {
        assert_eq!(Table::read("+OK\n", "name").unwrap().rows().count(), 0);
        let odd = |text| Table::read(text, "name").unwrap_err();
        assert_eq!(odd("id|name\n1|a\n"), Odd::NoEnd);
        assert_eq!(odd(""), Odd::NoEnd);
        assert_eq!(odd("id|name\n1\n+OK\n"), Odd::Short("1".to_owned()));
        assert_eq!(odd("-ERR no reply\n"), Odd::Refused("no reply".to_owned()));
    }
}
