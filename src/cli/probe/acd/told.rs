//! What an ACD told, for a person or for another program.

use std::io;

use serde_json::{Value, json};

use crate::acd::{Blind, Field, Member, NoReading, Queue, Reading};
use crate::cli::probe::format::Format;
use crate::signals::Level;
use crate::text::{Language, Text};

/// The outcome of one question to one ACD.
#[derive(Debug)]
pub(super) struct Told<'a> {
    place: &'a str,
    outcome: Result<&'a Reading, &'a NoReading>,
    /// What is known beside, in the words of whoever said it.
    detail: Option<String>,
    /// What of it is not as it was set up.
    notes: &'a [Text],
}

impl<'a> Told<'a> {
    /// `place` names the ACD.
    pub(super) fn reading(place: &'a str, reading: &'a Reading) -> Self {
        Self {
            place,
            outcome: Ok(reading),
            detail: None,
            notes: &[],
        }
    }

    pub(super) fn nothing(place: &'a str, why: &'a NoReading, detail: Option<String>) -> Self {
        Self {
            place,
            outcome: Err(why),
            detail,
            notes: &[],
        }
    }

    /// With the particulars of what could not be read.
    pub(super) fn noting(self, notes: &'a [Text]) -> Self {
        Self { notes, ..self }
    }

    /// Whether all that was asked for was told.
    pub(super) fn is_whole(&self) -> bool {
        self.outcome
            .is_ok_and(|reading| reading.queues.values().all(Result::is_ok))
    }

    pub(super) fn write(
        &self,
        out: &mut impl io::Write,
        format: Format,
        language: Language,
    ) -> io::Result<()> {
        match (format, self.outcome) {
            (Format::Json, _) => writeln!(out, "{}", self.json()),
            (Format::Text, Ok(reading)) => self.write_reading(out, reading, language),
            (Format::Text, Err(why)) => self.write_nothing(out, why, language),
        }
    }

    /// As other programs take it; what is absent is null.
    fn json(&self) -> Value {
        let place = self.place;
        match self.outcome {
            Ok(reading) => {
                let queues = reading.queues.iter();
                let queues: serde_json::Map<String, Value> = queues
                    .map(|(name, queue)| (name.clone(), json_of_queue(queue)))
                    .collect();
                let members = reading.members.as_ref();
                let members =
                    members.map(|members| members.iter().map(json_of_member).collect::<Vec<_>>());
                json!({"acd": place, "link": "well", "queues": queues, "members": members,
                    "notes": self.notes})
            }
            Err(why) => {
                let link = match why.level() {
                    Level::Critical => "down",
                    // A login that is refused says nothing of the ACD either.
                    _ => "blind",
                };
                json!({"acd": place, "link": link, "why": why.name(), "words": why.words(),
                    "mend": why.mend(), "detail": self.detail})
            }
        }
    }

    fn write_reading(
        &self,
        out: &mut impl io::Write,
        reading: &Reading,
        language: Language,
    ) -> io::Result<()> {
        let say = |zh, en| choose(language, zh, en);
        writeln!(out, "{} {}", self.place, say("有应答", "answers"))?;
        if reading.queues.is_empty() {
            writeln!(out, "  {}", say("没有队列", "it has no queues"))?;
        }
        for (name, queue) in &reading.queues {
            writeln!(out, "  {} {name}", say("队列", "queue"))?;
            match queue {
                Ok(queue) => write_queue(out, queue, language)?,
                Err(blind) => write_blind(out, blind, language)?,
            }
        }
        for note in self.notes {
            writeln!(out, "  {}", note.in_language(language))?;
        }
        let Some(members) = &reading.members else {
            let untold = say("成员不明", "its members are not told");
            return writeln!(out, "  {untold}");
        };
        writeln!(out, "  {} {}", say("成员", "members"), members.len())?;
        for member in members {
            let standing = member.standing.words();
            writeln!(
                out,
                "    {} | {} | {}",
                member.name,
                member.interface,
                standing.in_language(language)
            )?;
        }
        Ok(())
    }

    fn write_nothing(
        &self,
        out: &mut impl io::Write,
        why: &NoReading,
        language: Language,
    ) -> io::Result<()> {
        let (words, mend) = (why.words(), why.mend());
        let words = words.in_language(language);
        match &self.detail {
            Some(detail) => writeln!(out, "{}: {words} ({detail})", self.place)?,
            None => writeln!(out, "{}: {words}", self.place)?,
        }
        writeln!(out, "  {}", mend.in_language(language))
    }
}

fn choose(language: Language, zh: &'static str, en: &'static str) -> &'static str {
    match language {
        Language::Zh => zh,
        Language::En => en,
    }
}

fn write_queue(out: &mut impl io::Write, queue: &Queue, language: Language) -> io::Result<()> {
    let totals = &queue.totals;
    let rows = [
        (Field::Waiting, queue.waiting.map(u64::from)),
        (Field::LongestWait, queue.longest_wait.map(u64::from)),
        (Field::Staffed, queue.staffed.map(u64::from)),
        (Field::Available, queue.available.map(u64::from)),
        (Field::Paused, queue.paused.map(u64::from)),
        (Field::Busy, queue.busy.map(u64::from)),
        (Field::Offered, totals.offered),
        (Field::Completed, totals.completed),
        (Field::Abandoned, totals.abandoned),
        (Field::WithinLevel, totals.within_level),
    ];
    for (field, told) in rows {
        let words = field.words();
        let name = words.in_language(language);
        let unit = match field {
            Field::LongestWait => choose(language, "秒", " s"),
            _ => "",
        };
        match told {
            Some(number) => writeln!(out, "    {name}: {number}{unit}")?,
            None => writeln!(
                out,
                "    {name}: {}",
                choose(language, "没有给出", "not told")
            )?,
        }
    }
    Ok(())
}

fn write_blind(out: &mut impl io::Write, blind: &Blind, language: Language) -> io::Result<()> {
    let line = |text: &Text| text.in_language(language).to_owned();
    writeln!(out, "    {}", line(&blind.words()))?;
    writeln!(out, "    {}", line(&blind.mend()))
}

fn json_of_queue(queue: &Result<Queue, Blind>) -> Value {
    match queue {
        Ok(queue) => json!({
            "waiting": queue.waiting,
            "longest_wait_s": queue.longest_wait,
            "staffed": queue.staffed,
            "available": queue.available,
            "paused": queue.paused,
            "busy": queue.busy,
            "offered_total": queue.totals.offered,
            "completed_total": queue.totals.completed,
            "abandoned_total": queue.totals.abandoned,
            "within_level_total": queue.totals.within_level,
        }),
        Err(blind) => json!({"blind": blind.name(), "words": blind.words(), "mend": blind.mend()}),
    }
}

fn json_of_member(member: &Member) -> Value {
    json!({
        "name": member.name,
        "interface": member.interface,
        "device": member.device,
        "queues": member.queues,
        "standing": member.standing.name(),
        "words": member.standing.words(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acd::{Outage, Standing};

    fn written(told: &Told<'_>, format: Format, language: Language) -> String {
        let mut out = Vec::new();
        told.write(&mut out, format, language).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_is_not_told_is_null_and_said_and_a_blind_queue_makes_it_no_whole_answer() {
        let mut reading = Reading::default();
        let queue = Queue {
            waiting: Some(3),
            longest_wait: Some(70),
            ..Queue::default()
        };
        reading.queues.insert("support".to_owned(), Ok(queue));
        reading.members = Some(vec![Member {
            name: "张伟".to_owned(),
            interface: "PJSIP/1001".to_owned(),
            device: None,
            queues: ["support".to_owned()].into(),
            standing: Standing::Unregistered,
        }]);
        let told = Told::reading("pbx:5038", &reading);
        assert!(told.is_whole());
        let zh = written(&told, Format::Text, Language::Zh);
        assert!(zh.contains("排队数: 3\n") && zh.contains("最久等待: 70秒\n"));
        assert!(zh.contains("签入数: 没有给出\n"), "{zh}");
        assert!(zh.contains("张伟 | PJSIP/1001 | 话机没注册\n"), "{zh}");
        let json: Value =
            serde_json::from_str(&written(&told, Format::Json, Language::Zh)).unwrap();
        assert_eq!(json["queues"]["support"]["waiting"], 3);
        assert!(json["queues"]["support"]["staffed"].is_null());
        assert_eq!(json["members"][0]["standing"], "unregistered");

        let unknown = Err(Blind::UnknownQueue);
        reading.queues.insert("sales".to_owned(), unknown);
        let told = Told::reading("pbx:5038", &reading);
        assert!(!told.is_whole());
        let en = written(&told, Format::Text, Language::En);
        assert!(en.contains("the ACD does not know this queue\n"), "{en}");
    }

    #[test]
    fn an_acd_that_lets_nobody_in_is_blind_and_named_with_what_is_wrong_and_the_mend() {
        let why = NoReading::from(Outage::LoginRefused);
        let said = Some("Authentication failed".to_owned());
        let told = Told::nothing("pbx:5038", &why, said);
        let en = written(&told, Format::Text, Language::En);
        assert!(en.starts_with("pbx:5038: the ACD does not let us log in; it runs (Auth"));
        assert_eq!(en.lines().count(), 2);
        let json: Value =
            serde_json::from_str(&written(&told, Format::Json, Language::En)).unwrap();
        assert_eq!(
            (&json["link"], &json["why"]),
            (&json!("blind"), &json!("login-refused"))
        );
    }
}
