//! Tables as spreadsheets save them: CSV in UTF-8, GBK or what Excel calls Unicode.

use std::path::Path;

use encoding_rs::GB18030;

use crate::document::{Fault, which};

/// A table with its header, each cell with its place.
#[derive(Debug)]
pub(crate) struct Sheet {
    pub(crate) file: String,
    /// What each column is, by the first of its names.
    columns: Vec<Option<&'static str>>,
    headers: Vec<String>,
    rows: Vec<Row>,
}

/// A line of the file; where a cell goes over several, its first.
#[derive(Debug)]
struct Row {
    line: usize,
    cells: Vec<Cell>,
}

#[derive(Debug, Default)]
struct Cell {
    text: String,
    /// Of its first character, from 1.
    column: usize,
}

/// One row below the header.
#[derive(Clone, Copy)]
pub(crate) struct Record<'a> {
    sheet: &'a Sheet,
    row: &'a Row,
}

/// A column by its names: the first is ours.
pub(crate) type Names = &'static [&'static str];

impl Sheet {
    /// Reads a file; `wanted` are the columns, those of `needed` must be there.
    pub(crate) fn read(path: &Path, wanted: &[Names], needed: &[&str]) -> Result<Self, Vec<Fault>> {
        let file = path.display().to_string();
        let fault = |message: String| {
            vec![Fault {
                file: file.clone(),
                line: 1,
                column: 1,
                key: String::new(),
                message,
            }]
        };
        let bytes = std::fs::read(path).map_err(|error| {
            fault(format!(
                "cannot be read: {error}: put the file there, or take its name out of [site]"
            ))
        })?;
        let text = decode(&bytes).ok_or_else(|| {
            fault("is neither UTF-8 nor GBK: save it as \"CSV UTF-8\"".to_owned())
        })?;
        Self::parse(&file, &text, wanted, needed)
    }

    fn parse(
        file: &str,
        text: &str,
        wanted: &[Names],
        needed: &[&str],
    ) -> Result<Self, Vec<Fault>> {
        let mut rows = rows(text).into_iter();
        let head = rows.next().unwrap_or(Row {
            line: 1,
            cells: Vec::new(),
        });
        let mut sheet = Self {
            file: file.to_owned(),
            columns: Vec::new(),
            headers: head.cells.iter().map(|cell| cell.text.clone()).collect(),
            rows: rows.collect(),
        };
        let mut faults = Vec::new();
        let place = |column, message| Fault {
            file: file.to_owned(),
            line: head.line,
            column,
            key: String::new(),
            message,
        };
        for cell in &head.cells {
            let name = cell.text.to_lowercase();
            let known = wanted.iter().find(|names| names.contains(&name.as_str()));
            let known = known.map(|names| names[0]);
            if known.is_none() && !name.is_empty() {
                let names: Vec<&str> = wanted
                    .iter()
                    .flat_map(|names| names.iter().copied())
                    .collect();
                let mend = which(&name, &names);
                faults.push(place(
                    cell.column,
                    format!("there is no column `{}`: {mend}", cell.text),
                ));
            }
            if known.is_some() && sheet.columns.contains(&known) {
                faults.push(place(
                    cell.column,
                    format!("the column `{}` stands here twice: take one out", cell.text),
                ));
            }
            sheet.columns.push(known);
        }
        for needed in needed {
            if !sheet.columns.contains(&Some(needed)) {
                let names = wanted.iter().find(|names| names[0] == *needed);
                let names = names.map_or_else(String::new, |names| names.join("` or `"));
                faults.push(place(
                    1,
                    format!("lacks a column: add `{names}` to the first line"),
                ));
            }
        }
        if faults.is_empty() {
            Ok(sheet)
        } else {
            Err(faults)
        }
    }

    pub(crate) fn records(&self) -> impl Iterator<Item = Record<'_>> {
        self.rows.iter().map(|row| Record { sheet: self, row })
    }
}

impl<'a> Record<'a> {
    /// The text of a cell; empty where there is none.
    pub(crate) fn get(&self, column: &str) -> &'a str {
        self.cell(column).map_or("", |cell| &cell.text)
    }

    fn cell(&self, column: &str) -> Option<&'a Cell> {
        let index = self.index(column)?;
        self.row.cells.get(index)
    }

    fn index(&self, column: &str) -> Option<usize> {
        let mut columns = self.sheet.columns.iter();
        columns.position(|known| *known == Some(column))
    }

    pub(crate) fn line(&self) -> usize {
        self.row.line
    }

    /// A fault at a cell.
    pub(crate) fn fault(&self, column: &str, message: impl Into<String>) -> Fault {
        let header = self
            .index(column)
            .and_then(|index| self.sheet.headers.get(index));
        Fault {
            file: self.sheet.file.clone(),
            line: self.row.line,
            column: self.cell(column).map_or(1, |cell| cell.column),
            key: header.cloned().unwrap_or_else(|| column.to_owned()),
            message: message.into(),
        }
    }
}

/// UTF-8 with or without a mark, UTF-16 with one, or GBK in its widest form.
fn decode(bytes: &[u8]) -> Option<String> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(text.trim_start_matches('\u{feff}').to_owned());
    }
    let (text, _, is_faulty) = GB18030.decode(bytes);
    (!is_faulty).then(|| text.into_owned())
}

/// The rows with something in them. Excel separates by what the system says: a
/// comma, a semicolon or a tab; the first line tells which.
fn rows(text: &str) -> Vec<Row> {
    let first = text.lines().next().unwrap_or_default();
    let count = |mark: char| first.chars().filter(|char| *char == mark).count();
    let separator = [',', ';', '\t', '，']
        .into_iter()
        .rev()
        .max_by_key(|mark| count(*mark))
        .unwrap_or(',');
    let mut rows = Vec::new();
    let mut row = Row {
        line: 1,
        cells: Vec::new(),
    };
    let mut cell = Cell {
        column: 1,
        ..Cell::default()
    };
    let (mut line, mut column, mut quoted) = (1, 0, false);
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        column += 1;
        match char {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                column += 1;
                cell.text.push('"');
            }
            '"' if quoted || cell.text.trim().is_empty() => quoted = !quoted,
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' => {
                line += 1;
                column = 0;
                if quoted {
                    cell.text.push(char);
                    continue;
                }
                row.push(&std::mem::replace(
                    &mut cell,
                    Cell {
                        column: 1,
                        ..Cell::default()
                    },
                ));
                rows.push(std::mem::replace(
                    &mut row,
                    Row {
                        line,
                        cells: Vec::new(),
                    },
                ));
            }
            _ if char == separator && !quoted => {
                let next = Cell {
                    column: column + 1,
                    ..Cell::default()
                };
                row.push(&std::mem::replace(&mut cell, next));
            }
            _ => cell.text.push(char),
        }
    }
    row.push(&cell);
    rows.push(row);
    rows.retain(|row| row.cells.iter().any(|cell| !cell.text.is_empty()));
    rows
}

impl Row {
    fn push(&mut self, cell: &Cell) {
        self.cells.push(Cell {
            text: cell.text.trim().to_owned(),
            column: cell.column,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Names; 2] = [&["date", "日期"], &["name", "姓名"]];

    fn read(text: &str) -> Result<Sheet, Vec<Fault>> {
        Sheet::parse("a.csv", text, &COLUMNS, &["date"])
    }

    #[test]
    fn text_is_utf8_with_or_without_a_mark_gbk_or_utf16() {
        let text = "日期,姓名";
        let utf16: Vec<u8> = std::iter::once(0xfeff)
            .chain(text.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        let (gbk, _, _) = GB18030.encode(text);
        assert_ne!(*gbk, *text.as_bytes());
        let marked = format!("\u{feff}{text}");
        for bytes in [text.as_bytes(), marked.as_bytes(), &gbk, &utf16] {
            assert_eq!(decode(bytes).as_deref(), Some(text));
        }
        assert_eq!(decode(b"\xff\xff\xff"), None);
    }

    #[test]
    fn a_cell_knows_its_line_and_column() {
        let sheet =
            read("日期;姓名\r\n2026-10-01;\"a;b\"\r\n;\r\n2026-10-02;\"c\n\"\"d\"\n2026-10-03;e")
                .unwrap();
        let records: Vec<Record<'_>> = sheet.records().collect();
        assert_eq!(records.len(), 3, "an empty row is none");
        assert_eq!(records[0].get("name"), "a;b");
        assert_eq!(records[1].get("name"), "c\n\"d");
        assert_eq!(records[2].line(), 6);
        let fault = records[0].fault("name", "no");
        assert_eq!(fault.to_string(), "a.csv:2:12: 姓名: no");
        assert_eq!(records[2].get("nothing"), "");
    }

    #[test]
    fn what_is_wrong_with_the_header_is_told_at_once() {
        let faults = read("datum,name,姓名\n").unwrap_err();
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 3, "{told:#?}");
        assert!(told[0].starts_with("a.csv:1:1: there is no column `datum`"));
        assert!(told[1].contains("`姓名` stands here twice"));
        assert!(told[2].ends_with("add `date` or `日期` to the first line"));
        assert_eq!(read("").unwrap_err().len(), 1);
    }
}
