//! A procedure written out for a person: when it opens, who is told when, what
//! each one sees and does, by when, and how it ends.

use std::fmt::{self, Write as _};

use crate::plan::card::{CardText, EVERY_ROLE, RAISER};
use crate::plan::pack::Plan;
use crate::plan::phrases::Phrases;
use crate::plan::procedure::Procedure;
use crate::plan::stage::{Stage, Step};
use crate::plan::typical::fill_in_kind;
use crate::text::{Language, Text};

/// The whole procedure as plain text. Times, places, names and numbers in its
/// cards are examples, as the text says at its head.
pub fn outline(plan: &Plan, procedure: &Procedure, language: Language) -> String {
    let mut outline = Outline {
        plan,
        procedure,
        language,
        words: Phrases(language),
        kind: None,
        text: String::new(),
    };
    outline.write().expect("writing into a String cannot fail");
    outline.text
}

struct Outline<'p> {
    plan: &'p Plan,
    procedure: &'p Procedure,
    language: Language,
    words: Phrases,
    /// Of the stage that is being written.
    kind: Option<&'p str>,
    text: String,
}

impl<'p> Outline<'p> {
    fn write(&mut self) -> fmt::Result {
        let (procedure, words) = (self.procedure, self.words);
        let title = procedure.title.in_language(self.language);
        let severity = words.severity(procedure.severity);
        let plan = self.plan.name.in_language(self.language);
        writeln!(
            self.text,
            "{title} ({}) · {severity} · {plan}",
            procedure.id
        )?;
        self.line(
            0,
            &words.of(
                "卡片里的时间、地点、人名和数字都是举例。",
                "Times, places, names and numbers on the cards are examples.",
            ),
        )?;
        self.opening()?;
        if !procedure.prepare.is_empty() {
            self.heading(&words.of("平时要备好、人人要知道", "Ready and known beforehand"))?;
        }
        for text in &procedure.prepare {
            self.message("", text)?;
        }
        for (n, stage) in procedure.stage.iter().enumerate() {
            let when = self.filled(&words.when(procedure, &stage.when));
            writeln!(self.text, "\n{}. {when} [{}]", n + 1, stage.id)?;
            self.stage(stage)?;
        }
        self.end()
    }

    fn opening(&mut self) -> fmt::Result {
        let (procedure, words) = (self.procedure, self.words);
        self.heading(&words.of("启动", "Opens"))?;
        if let Some(wakes) = procedure.wakes {
            self.line(1, &words.wakes(wakes))?;
        }
        for trigger in &procedure.trigger {
            self.line(1, &words.trigger(procedure, trigger))?;
        }
        if let Some(becomes) = procedure.becomes.as_ref().filter(|it| it.answer.is_some()) {
            self.line(1, &words.becomes(procedure, becomes))?;
        }
        if let Some(raise) = &procedure.raise {
            let by = self.roles(&raise.by);
            let over = words.over(raise.over);
            let line = match self.language {
                Language::Zh => format!("人工启动：{by}（{over}）"),
                Language::En => format!("raised by: {by} ({over})"),
            };
            self.line(1, &line)?;
            for ask in raise.ask.iter().filter_map(|ask| procedure.ask.get(ask)) {
                let say = ask.say.in_language(self.language);
                let options = ask.options();
                let options: Vec<&str> = options
                    .values()
                    .map(|option| option.in_language(self.language))
                    .collect();
                let label = words.of("先问：", "asked first: ");
                let options = if options.is_empty() {
                    String::new()
                } else {
                    format!(" [{}]", options.join("] ["))
                };
                self.line(2, &format!("{label}{say}{options}"))?;
            }
            if raise.silent {
                let quiet = words.of(
                    "提出的席位上什么都不显示",
                    "nothing is shown at the seat that raises it",
                );
                self.line(1, &quiet)?;
            }
        }
        if procedure.is_sensitive() {
            let visible = self.roles(&procedure.visible);
            let label = words.of("只有这些人看得到内容：", "read only by: ");
            self.line(1, &format!("{label}{visible}"))?;
        }
        for taken in &procedure.takes_in {
            let narrower = self.plan.procedures.get(taken.procedure());
            let label = words.of("范围内归入本事件：", "takes in, inside its scope: ");
            let taken = narrower.map(|narrower| words.taken(narrower, taken));
            self.line(1, &format!("{label}{}", taken.unwrap_or_default()))?;
        }
        if let Some(number) = &procedure.number {
            let label = words.of("编号：", "numbered: ");
            self.line(1, &format!("{label}{number}"))?;
        }
        Ok(())
    }

    fn stage(&mut self, stage: &'p Stage) -> fmt::Result {
        let words = self.words;
        self.kind = stage.when.kinds().first().map(String::as_str);
        if let Some(severity) = stage.severity {
            let severity = words.severity(severity);
            self.line(
                1,
                &format!("{}{severity}", words.of("级别：", "severity: ")),
            )?;
        }
        if !stage.tell.is_empty() {
            let told: Vec<String> = stage
                .tell
                .iter()
                .map(|role| self.told(stage, role))
                .collect();
            let told = told.join(&words.of("，", ", "));
            self.line(1, &format!("{}{told}", words.of("告知：", "tells: ")))?;
        }
        if !stage.stand_down.is_empty() {
            let roles = self.roles(&stage.stand_down);
            let label = words.of("不再打扰：", "stands down: ");
            self.line(1, &format!("{label}{roles}"))?;
        }
        if let Some(say) = &stage.say {
            self.message(&words.of("消息：", "message: "), say)?;
        }
        for card in &stage.card {
            self.card(card)?;
        }
        if !stage.step.is_empty() {
            self.line(1, &words.of("步骤", "steps"))?;
        }
        for step in &stage.step {
            self.step(step)?;
        }
        Ok(())
    }

    fn told(&self, stage: &Stage, role: &str) -> String {
        let name = self.role(role);
        match stage.delay.get(role) {
            None => name,
            Some(delay) => {
                let delay = self.words.duration(*delay);
                match self.language {
                    Language::Zh => format!("{name}（{delay}后）"),
                    Language::En => format!("{name} (after {delay})"),
                }
            }
        }
    }

    fn card(&mut self, card: &CardText) -> fmt::Result {
        let words = self.words;
        let mut seat = self.role(&card.role);
        if let Some(on_ups) = card.on_ups {
            seat += &if on_ups {
                words.of("，席位有UPS", ", seat on a UPS")
            } else {
                words.of("，席位没有UPS", ", seat on no UPS")
            };
        }
        if let Some(in_scope) = card.in_scope {
            seat += &if in_scope {
                words.of("，在范围内", ", inside the scope")
            } else {
                words.of("，在范围外", ", outside the scope")
            };
        }
        if let Some(raised) = card.raised {
            seat += &if raised {
                words.of("，有人提出时", ", where somebody raised it")
            } else {
                words.of("，没人提出时", ", where nobody raised it")
            };
        }
        self.line(1, &format!("{}{seat}", words.of("卡片：", "card: ")))?;
        let title = card.title.clone();
        let title = title.unwrap_or_else(|| self.procedure.headline());
        let title = self.filled(title.in_language(self.language));
        self.line(3, &title)?;
        for line in &card.lines {
            let line = self.filled(line.in_language(self.language));
            self.line(3, &line)?;
        }
        if !card.buttons.is_empty() {
            let says = card.buttons.iter().map(|button| &button.say);
            let says = says.map(|say| format!("[{}]", say.in_language(self.language)));
            let says: Vec<String> = says.collect();
            self.line(3, &says.join(" "))?;
        }
        for more in &card.more {
            self.message(&format!("    {}", words.of("更多：", "more: ")), more)?;
        }
        Ok(())
    }

    fn step(&mut self, step: &Step) -> fmt::Result {
        let words = self.words;
        let mut notes = Vec::new();
        if step.each {
            notes.push(words.of("每席各自打勾", "each seat ticks"));
        }
        if let Some(within) = step.within {
            let within = words.duration(within);
            let after = step.after.as_ref().and_then(|id| self.procedure.step(id));
            let after = after.map(|(_, first)| self.filled(first.say.in_language(self.language)));
            let counted = |within: String| {
                if step.from_onset {
                    within + &words.of("，从开始发生算起", ", counted from the onset")
                } else {
                    within
                }
            };
            notes.push(match (self.language, after) {
                (Language::Zh, None) => counted(format!("{within}内")),
                (Language::En, None) => counted(format!("within {within}")),
                (Language::Zh, Some(first)) => format!("“{first}”后{within}内"),
                (Language::En, Some(first)) => format!("within {within} of “{first}”"),
            });
        }
        if let Some(ask) = step.by.as_ref().and_then(|id| self.procedure.ask.get(id)) {
            let label = words.of("期限照回答：", "by the day answered to: ");
            notes.push(label + ask.say.in_language(self.language));
        }
        if !step.missed.is_empty() {
            let missed = self.roles(&step.missed);
            notes.push(words.of("逾期告知", "else told: ") + &missed);
        }
        if let Some(evidence) = &step.done_when {
            let evidence = words.evidence(self.procedure, |role| self.role(role), evidence);
            notes.push(words.of("自动打勾：", "ticked when ") + &evidence);
        }
        if let Some(started) = &step.starts {
            notes.push(words.of("同时启动：", "also raises: ") + started);
        }
        if let Some(rings) = &step.rings {
            let first = rings.after.as_ref().and_then(|id| self.procedure.step(id));
            let first = first.map(|(_, first)| self.filled(first.say.in_language(self.language)));
            let list = &rings.list;
            notes.push(match (self.language, first) {
                (Language::Zh, None) => format!("照名单 {list} 一个个打"),
                (Language::En, None) => format!("rings down the list {list}"),
                (Language::Zh, Some(first)) => format!("“{first}”后照名单 {list} 一个个打"),
                (Language::En, Some(first)) => {
                    format!("rings down the list {list} after “{first}”")
                }
            });
        }
        if step.gates {
            notes.push(words.of("没做完先不解除", "the all-clear waits for it"));
        }
        let who = self.role(&step.who);
        let say = self.filled(step.say.in_language(self.language));
        let notes = match (notes.is_empty(), self.language) {
            (true, _) => String::new(),
            (false, Language::Zh) => format!("（{}）", notes.join("，")),
            (false, Language::En) => format!(" ({})", notes.join("; ")),
        };
        self.line(2, &format!("- {who}: {say}{notes}"))
    }

    fn end(&mut self) -> fmt::Result {
        let (clear, words) = (&self.procedure.clear, self.words);
        self.kind = None;
        self.heading(&words.of("解除", "Ends"))?;
        if let Some(good_for) = clear.good_for {
            let signals = self.procedure.clear_signals();
            let signals: Vec<String> = signals.iter().map(|kind| words.well(*kind)).collect();
            let mut signals = signals.join(&words.of("，", " and "));
            if signals.is_empty() {
                signals = words.of("没了回应的又有回应", "what was silent answers");
            }
            let (good_for, settle) = (words.duration(good_for), words.duration(clear.settle));
            let line = match self.language {
                Language::Zh => format!("{signals}，持续 {good_for}；再过 {settle} 解除"),
                Language::En => {
                    format!("{signals} for {good_for}; the all-clear comes {settle} later")
                }
            };
            self.line(1, &line)?;
        }
        if let Some(answer) = &clear.answer {
            let said = words.answer(self.procedure, answer);
            self.line(
                1,
                &format!("{}{said}", words.of("恢复的依据：", "good once ")),
            )?;
        }
        if !clear.by.is_empty() {
            let by = self.roles(&clear.by);
            self.line(
                1,
                &format!("{}{by}", words.of("可人工解除：", "closed by hand by: ")),
            )?;
        }
        if let Some(say) = &clear.say {
            self.message(&words.of("消息：", "message: "), say)?;
        }
        if let Some(was) = &clear.was {
            self.message(&words.of("事后才送到的：", "told only afterwards: "), was)?;
        }
        for card in &clear.card {
            self.card(card)?;
        }
        if let Some(first) = self.procedure.remind.first() {
            let remind = self.procedure.remind.iter();
            let intervals: Vec<String> = remind.map(|i| words.duration(*i)).collect();
            let intervals = match intervals.len() {
                1 => words.duration(*first),
                _ => intervals.join(&words.of("、", ", ")),
            };
            let line = match self.language {
                Language::Zh => format!("没解除前再告知：{intervals}，之后照最后一个间隔"),
                Language::En => {
                    format!(
                        "while it is open, told again after {intervals}, then at the last interval"
                    )
                }
            };
            self.line(1, &line)?;
        }
        Ok(())
    }

    fn heading(&mut self, words: &str) -> fmt::Result {
        writeln!(self.text, "\n{words}")
    }

    fn line(&mut self, depth: usize, words: &str) -> fmt::Result {
        if words.is_empty() {
            return Ok(());
        }
        writeln!(self.text, "{}{words}", "  ".repeat(depth))
    }

    fn message(&mut self, label: &str, text: &Text) -> fmt::Result {
        let text = self.filled(text.in_language(self.language));
        if text.is_empty() {
            return Ok(());
        }
        self.line(1, &format!("{label}{text}"))
    }

    fn filled(&self, template: &str) -> String {
        fill_in_kind(self.procedure, self.kind, template, self.language)
    }

    fn role(&self, role: &str) -> String {
        if role == EVERY_ROLE {
            return self.words.of("其他人", "everyone else");
        }
        if role == RAISER {
            return self.words.of("提出的人", "who raised it");
        }
        self.words.named(self.plan.roles.get(role), role)
    }

    fn roles(&self, roles: &[String]) -> String {
        let names: Vec<String> = roles.iter().map(|role| self.role(role)).collect();
        names.join(&self.words.of("、", ", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::file::parse;
    use crate::plan::pack::PACKS;

    #[test]
    fn a_procedure_reads_as_a_whole_in_both_languages() {
        let plan = parse("pack", PACKS[1].1).unwrap();
        let procedure = &plan.procedures["power-loss"];
        let en = outline(&plan, procedure, Language::En);
        for part in [
            "Power out (power-loss) · critical · Hotline centre contingency plan",
            "  a UPS runs on its battery (every one of the feed, 2 or more) → Mains lost",
            "  tells: IT operations (after 5 s), centre manager (after 5 s), shift lead (after 5 s), agent (after 15 s)",
            "      Keep taking calls, battery to about 15:40",
            "      [Lights on] [Lights off] [All seated]",
            "  takes in, inside its scope: System fault",
            "  takes in, inside its scope: Seat fault (PC, Phone, No login, One program)",
            "    - IT operations: The generator feeds between minutes 7 and 10 (within 10 min, counted from the onset; else told: head of operations, centre manager; ticked when the generator feeds)",
            "  every UPS is on mains and no generator feeds for 3 min; the all-clear comes 5 min later",
        ] {
            assert!(en.lines().any(|line| line == part), "{part}\n---\n{en}");
        }
        let fire = outline(&plan, &plan.procedures["fire"], Language::En);
        let known = "Ready and known beforehand\n  Everybody can use an extinguisher";
        assert!(fire.contains(known), "{fire}");
        assert!(
            fire.contains("1 s after “Count everybody at east gate”"),
            "{fire}"
        );
        let zh = outline(&plan, procedure, Language::Zh);
        for part in [
            "停电 (power-loss) · 严重 · 热线中心应急预案",
            "      先存好手上的，本机撑不久",
            "  范围内归入本事件：座席故障（电脑、话机、平台登不上、一个程序用不了）",
            "    - 系统运维专员: 发电机7到10分钟内供电（10 分钟内，从开始发生算起，逾期告知运营主管、中心经理，自动打勾：发电机在供电）",
        ] {
            assert!(zh.lines().any(|line| line == part), "{part}\n---\n{zh}");
        }
        assert!(!zh.contains(['{', '}']) && !en.contains(['{', '}']));
    }
}
