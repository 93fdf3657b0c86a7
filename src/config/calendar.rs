//! The calendar's file: holidays, and the days that make up for them.

use std::path::Path;

use jiff::civil::Date;

use crate::config::sheet::{Names, Record, Sheet};
use crate::document::Fault;
use crate::site::{Calendar, Day};

const DATE: Names = &["date", "日期"];
const KIND: Names = &["kind", "类型", "安排"];
const AS: Names = &["as", "按星期", "按"];
const NAME: Names = &["name", "名称", "说明", "备注"];

/// How a day off is written, and a day of work.
const OFF: [&str; 4] = ["holiday", "off", "放假", "休息"];
const WORK: [&str; 4] = ["workday", "work", "上班", "补班"];

/// Weekdays as people write them, Monday first.
const WEEKDAYS: [[&str; 4]; 7] = [
    ["1", "mon", "周一", "星期一"],
    ["2", "tue", "周二", "星期二"],
    ["3", "wed", "周三", "星期三"],
    ["4", "thu", "周四", "星期四"],
    ["5", "fri", "周五", "星期五"],
    ["6", "sat", "周六", "星期六"],
    ["7", "sun", "周日", "星期日"],
];
/// A make-up day that does not say so is worked as a Monday is.
const MONDAY: u8 = 1;

pub(crate) fn read(path: &Path) -> Result<Calendar, Vec<Fault>> {
    let sheet = Sheet::read(path, &[DATE, KIND, AS, NAME], &["date", "kind"])?;
    let mut calendar = Calendar::default();
    let mut faults = Vec::new();
    for record in sheet.records() {
        match day(&record) {
            Ok((date, day)) => {
                if calendar.days.insert(date, day).is_some() {
                    let message = format!("{date} stands here twice: take one out");
                    faults.push(record.fault("date", message));
                }
            }
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() {
        Ok(calendar)
    } else {
        Err(faults)
    }
}

fn day(record: &Record<'_>) -> Result<(Date, Day), Fault> {
    let date = date(record)?;
    let kind = record.get("kind").to_lowercase();
    if OFF.contains(&kind.as_str()) {
        return Ok((date, Day::Off));
    }
    if !WORK.contains(&kind.as_str()) {
        let message = format!("`{kind}` is no kind: write holiday (放假) or workday (上班)");
        return Err(record.fault("kind", message));
    }
    let text = record.get("as").to_lowercase();
    if text.is_empty() {
        return Ok((date, Day::As(MONDAY)));
    }
    let days = (1..).zip(WEEKDAYS);
    days.into_iter()
        .find(|(_, names)| names.contains(&text.as_str()))
        .map(|(day, _)| (date, Day::As(day)))
        .ok_or_else(|| {
            let message =
                format!("`{text}` is no weekday: write 1 (Monday, 周一) to 7 (Sunday, 周日)");
            record.fault("as", message)
        })
}

/// A date as spreadsheets write it: `2026-10-01`, `2026/10/1` or `2026年10月1日`.
pub(crate) fn date(record: &Record<'_>) -> Result<Date, Fault> {
    let text = record.get("date");
    let parts: Option<Vec<i16>> = text
        .trim_end_matches('日')
        .split(['-', '/', '.', '年', '月'])
        .map(|part| part.trim().parse().ok())
        .collect();
    let date = match parts.as_deref() {
        Some([year, month, day]) if *year > 1999 => {
            let (month, day) = (i8::try_from(*month), i8::try_from(*day));
            month
                .ok()
                .zip(day.ok())
                .and_then(|(month, day)| Date::new(*year, month, day).ok())
        }
        _ => None,
    };
    date.ok_or_else(|| {
        record.fault(
            "date",
            format!("`{text}` is no date: write it as 2026-10-01"),
        )
    })
}
