//! What the parts of a plan are called when a person reads it.

use jiff::SignedDuration;

use crate::plan::ask::Condition;
use crate::plan::fault::Fault;
use crate::plan::procedure::{Becomes, Over, Procedure, Wakes};
use crate::plan::severity::Severity;
use crate::plan::stage::{Evidence, When};
use crate::plan::takes_in::TakesIn;
use crate::plan::trigger::{Reach, Silence, Spread, Trigger};
use crate::signals::{Kind, Level};
use crate::text::{Language, Text};

/// The words of one language.
#[derive(Clone, Copy)]
pub(super) struct Phrases(pub(super) Language);

impl Phrases {
    pub(super) fn of(self, zh: &str, en: &str) -> String {
        match self.0 {
            Language::Zh => zh.to_owned(),
            Language::En => en.to_owned(),
        }
    }

    pub(super) fn severity(self, severity: Severity) -> String {
        match severity {
            Severity::Info => self.of("提示", "information"),
            Severity::Warning => self.of("警示", "warning"),
            Severity::Critical => self.of("严重", "critical"),
        }
    }

    /// "15 秒", "3 min", "1 h 30 min".
    pub(super) fn duration(self, duration: SignedDuration) -> String {
        let total = duration.as_secs();
        let units = [
            (total / 3600, self.of(" 小时", " h")),
            (total / 60 % 60, self.of(" 分钟", " min")),
            (total % 60, self.of(" 秒", " s")),
        ];
        let parts: Vec<String> = units
            .iter()
            .filter(|(count, _)| *count != 0)
            .map(|(count, unit)| format!("{count}{unit}"))
            .collect();
        if parts.is_empty() {
            self.of("0 秒", "0 s")
        } else {
            parts.join(" ")
        }
    }

    fn spread(self, spread: Spread, count: usize) -> String {
        let so_many = match self.0 {
            Language::Zh => format!("至少{count}台"),
            Language::En => format!("{count} or more"),
        };
        let words = match spread {
            Spread::Any if count > 1 => return so_many,
            Spread::Any => self.of("任何一台", "any one"),
            Spread::Feed => self.of("这路市电的每一台", "every one of the feed"),
            Spread::Circuit => self.of(
                "一条线路的每一台，别的线路有电",
                "every one of a circuit while another circuit is live",
            ),
            Spread::Part => self.of(
                "一条线路的几台，同一线路别台有电",
                "some of a circuit beside a live one",
            ),
            Spread::Lone => self.of("这路市电只有一台在看", "the only one that watches the feed"),
        };
        if count > 1 {
            words + &self.of("，", ", ") + &so_many
        } else {
            words
        }
    }

    fn fault(self, fault: Fault) -> String {
        match fault {
            Fault::CutOff => self.of("系统问什么都没有回应", "nothing that is asked answers"),
            Fault::Network => self.of(
                "网络设备不通，或共用同一出口的系统都用不了",
                "a network device is down, or all services behind one way out fail",
            ),
            Fault::Service => self.of(
                "一个系统3席以上且占三成用不了，或系统自己和1席都看到",
                "a service fails for 3 or more seats and 30 % of them, or for callwatch and 1 seat",
            ),
            Fault::Slow => self.of(
                "一个系统一半座席都慢",
                "a service is slow for half of the seats",
            ),
            Fault::Acd => self.of(
                "ACD用不了，或3席以上且占三成登不上",
                "the ACD is down, or 3 or more seats and 30 % of them cannot log in",
            ),
            Fault::Seat => self.of("只是个别座席的故障", "something fails at single seats"),
        }
    }

    fn silence(self, silence: &Silence) -> String {
        let Silence { count, share, .. } = silence;
        let (percent, within) = (share * 100.0, self.duration(silence.within));
        match self.0 {
            Language::Zh => format!(
                "没接UPS的至少{count}台、{percent:.0}%在 {within}内先后没了回应，别处还有回应"
            ),
            Language::En => format!(
                "{count} or more and {percent:.0} % of what is on no UPS fall silent within {within} while something else answers"
            ),
        }
    }

    pub(super) fn trigger(self, procedure: &Procedure, trigger: &Trigger) -> String {
        if let Some(other) = &trigger.blips_of {
            let count = trigger.count;
            return match self.0 {
                Language::Zh => format!("10 分钟内{count}次很快过去：{other}"),
                Language::En => {
                    format!("{count} times over within 10 min before anybody is told: {other}")
                }
            };
        }
        let mut words = match (&trigger.signal, &trigger.answer) {
            _ if let Some(silence) = &trigger.silence => self.silence(silence),
            _ if let Some(fault) = trigger.fault => self.fault(fault),
            (Some(Kind::UpsEndurance), _) if trigger.at == Level::Warning => {
                self.of("停电时撑不到目标", "it lasts shorter than the target")
            }
            (Some(Kind::CutAnnounced), _) if trigger.at == Level::Warning => self.of(
                "预告的停电一天内开始",
                "an announced power cut begins within a day",
            ),
            (Some(Kind::TestAnnounced), _) if trigger.at == Level::Warning => self.of(
                "发电机试验一天内开始",
                "a test of the generator begins within a day",
            ),
            (Some(Kind::GeneratorTested), _) if trigger.at == Level::Warning => {
                self.of("今天该试发电机", "the generator is to be tested today")
            }
            (Some(signal), _) if trigger.is_of_scope() || *signal == Kind::QueueCalls => {
                self.signal(*signal)
            }
            (Some(signal), _) => {
                let spread = self.spread(trigger.spread, trigger.count);
                match (self.0, trigger.at) {
                    (Language::Zh, Level::Critical) => {
                        format!("{}（{spread}）", self.signal(*signal))
                    }
                    (Language::En, Level::Critical) => {
                        format!("{} ({spread})", self.signal(*signal))
                    }
                    (Language::Zh, Level::Unknown) if *signal == Kind::UpsMains => {
                        "UPS不应答".to_owned()
                    }
                    (Language::En, Level::Unknown) if *signal == Kind::UpsMains => {
                        "a UPS does not answer".to_owned()
                    }
                    (Language::Zh, Level::Unknown) if trigger.scope == Reach::Zone => {
                        format!("传感器没有读数（{signal}）")
                    }
                    (Language::En, Level::Unknown) if trigger.scope == Reach::Zone => {
                        format!("a sensor tells nothing ({signal})")
                    }
                    (_, level) => format!("{signal} = {level} ({spread})"),
                }
            }
            (None, Some(answer)) => self.answer(procedure, answer),
            (None, None) => String::new(),
        };
        if !trigger.hold.is_zero() {
            words += &self.of("，持续 ", " for ");
            words += &self.duration(trigger.hold);
        }
        if let Some(keep_for) = trigger.keep_for {
            words += &self.of("，断开不到 ", ", breaks under ");
            words += &self.duration(keep_for);
            words += &self.of("不重新计时", " stop no clock");
        }
        if trigger.in_hours {
            words += &self.of("，只在上班时间", ", in working hours");
        }
        if let Some(other) = &trigger.beside {
            words += &self.of("，同一路电另有：", " beside, on the same feed: ");
            words += other;
        }
        match trigger.kind.as_ref() {
            Some(kind) => words + " → " + &self.kind(procedure, kind),
            None => words + " → " + &self.of("启动，原因在查", "it opens, cause not known yet"),
        }
    }

    pub(super) fn kind(self, procedure: &Procedure, kind: &str) -> String {
        self.named(procedure.kinds.get(kind), kind)
    }

    /// The name of something, or its id where it has none.
    pub(super) fn named(self, name: Option<&Text>, id: &str) -> String {
        name.map_or(id, |name| name.in_language(self.0)).to_owned()
    }

    pub(super) fn answer(self, procedure: &Procedure, answer: &Condition) -> String {
        let ask = procedure.ask.get(&answer.ask);
        if let Some(least) = answer.at_least {
            let say = self.named(ask.map(|ask| &ask.say), &answer.ask);
            return match self.0 {
                Language::Zh => format!("有人答“{say}”{least}或更多"),
                Language::En => format!("somebody answers “{say}” with {least} or more"),
            };
        }
        let is = answer.is.as_deref().unwrap_or_default();
        let choice = ask.map(|ask| ask.spoken(is));
        let choice = self.named(choice.as_ref(), is);
        match self.0 {
            Language::Zh => format!("有人答“{choice}”"),
            Language::En => format!("somebody answers “{choice}”"),
        }
    }

    /// By what it turns out to be another procedure.
    pub(super) fn becomes(self, procedure: &Procedure, becomes: &Becomes) -> String {
        let answer = becomes.answer.iter();
        let mut by: Vec<String> = answer.map(|it| self.answer(procedure, it)).collect();
        by.extend(becomes.unanswered.map(|long| {
            let long = self.duration(long);
            match self.0 {
                Language::Zh => format!("{long}没有人答"),
                Language::En => format!("nobody answers for {long}"),
            }
        }));
        by.extend(becomes.unsettled.map(|long| {
            let long = self.duration(long);
            match self.0 {
                Language::Zh => format!("答了别的之后 {long}没有下文"),
                Language::En => format!("nothing follows for {long} after another answer"),
            }
        }));
        let other = &becomes.procedure;
        by.join(&self.of("，或", ", or ")) + &format!(" → {other}")
    }

    pub(super) fn when(self, procedure: &Procedure, when: &When) -> String {
        match when {
            When::Open if procedure.opening().next().is_none() => self.of(
                "启动时，从发现的时刻算起",
                "when it is raised, counted from when it was found",
            ),
            When::Open => self.of(
                "启动时，从第一个坏读数算起",
                "when it opens, counted from the first bad reading",
            ),
            When::Clear => match procedure.clear.good_for {
                Some(good) => {
                    self.of("恢复正常满 ", "once all is good for ") + &self.duration(good)
                }
                None => self.of("恢复正常", "once all is good"),
            },
            When::Kind(_) | When::Kinds(_) => {
                let kinds = when.kinds().iter();
                let kinds: Vec<_> = kinds.map(|kind| self.kind(procedure, kind)).collect();
                self.of("查明是：", "when it is: ") + &kinds.join(&self.of("，或", ", or "))
            }
            When::Signal(kind) => self.of("只要", "when ") + &self.signal(*kind),
            When::Answer(answer) => self.of("只要", "when ") + &self.answer(procedure, answer),
            When::Beside(other) => {
                self.of("同一路电另有：", "while on the same feed there is: ") + other
            }
            When::After(after) => {
                let long = self.duration(after.bad_for);
                let step = procedure.step(&after.step).map(|(_, step)| &step.say);
                let step = self.named(step, &after.step);
                match self.0 {
                    Language::Zh => format!("“{step}”之后满 {long} 还没好"),
                    Language::En => format!("when it is still bad {long} after “{step}”"),
                }
            }
            When::BadFor(long) => {
                let long = self.duration(*long);
                match self.0 {
                    Language::Zh => format!("满 {long} 还没好"),
                    Language::En => format!("when it is still bad after {long}"),
                }
            }
        }
    }

    /// What a person names who raises it.
    pub(super) fn over(self, over: Over) -> String {
        match over {
            Over::Site => self.of("全中心", "for the whole centre"),
            Over::Zone => self.of("选区域", "names the zone"),
            Over::Seat => self.of("选座席", "names the seat"),
            Over::Feed => self.of("选哪路电", "names the feed"),
        }
    }

    /// What happens out of working hours.
    pub(super) fn wakes(self, wakes: Wakes) -> String {
        match wakes {
            Wakes::Always => self.of("夜间也叫值守的人", "at night whoever is on call is told"),
            Wakes::Signal(kind) => {
                let signal = self.signal(kind);
                match self.0 {
                    Language::Zh => format!("夜间，{signal}就叫值守的人"),
                    Language::En => {
                        format!("at night whoever is on call is told once {signal}")
                    }
                }
            }
            Wakes::RuntimeUnder(least) => {
                let least = self.duration(least);
                match self.0 {
                    Language::Zh => format!("夜间，机房或关键坐席的电池撑不过{least}，叫值守的人"),
                    Language::En => format!(
                        "at night whoever is on call is told once the battery of the network or a critical seat lasts less than {least}"
                    ),
                }
            }
        }
    }

    /// A narrower procedure that is taken in, and of which answers.
    pub(super) fn taken(self, narrower: &Procedure, taken: &TakesIn) -> String {
        let title = narrower.title.in_language(self.0);
        let TakesIn::Those(those) = taken else {
            return title.to_owned();
        };
        let choices = those.answers.iter().flat_map(|(ask, values)| {
            let ask = narrower.ask.get(ask);
            values.iter().map(move |value| match ask {
                Some(ask) => ask.spoken(value).in_language(self.0).to_owned(),
                None => value.clone(),
            })
        });
        let choices: Vec<String> = choices.collect();
        match self.0 {
            Language::Zh => format!("{title}（{}）", choices.join("、")),
            Language::En => format!("{title} ({})", choices.join(", ")),
        }
    }

    pub(super) fn evidence(
        self,
        procedure: &Procedure,
        name: impl Fn(&str) -> String,
        evidence: &Evidence,
    ) -> String {
        match evidence {
            Evidence::Signal(kind) => self.signal(*kind),
            Evidence::Told(told) => {
                let told: Vec<String> = told.as_slice().iter().map(|role| name(role)).collect();
                match self.0 {
                    Language::Zh => format!("{}已看到", told.join("和")),
                    Language::En if told.len() > 1 => {
                        format!("{} have seen it", told.join(" and "))
                    }
                    Language::En => format!("{} has seen it", told.join("")),
                }
            }
            Evidence::Answer(reply) => self.answer(procedure, &reply.condition()),
            Evidence::Seen(seen) => {
                let (role, long) = (name(&seen.role), self.duration(seen.since));
                match self.0 {
                    Language::Zh => format!("{role}看到满 {long}"),
                    Language::En => format!("{role} has seen it for {long}"),
                }
            }
        }
    }
}
