//! A reading as one says it aloud.

use crate::text::Text;
use crate::ups::reading::{Reading, Verdict};

impl Verdict {
    /// What people call it.
    pub fn words(self) -> Text {
        let (zh, en) = match self {
            Verdict::OnMains => ("市电供电", "on mains"),
            Verdict::MainsLost => ("市电中断，电池供电", "mains lost, on battery"),
            Verdict::SelfTest => ("自检", "self-test"),
            Verdict::Calibration => ("电池校准", "battery calibration"),
            Verdict::Bypass => ("旁路供电", "on bypass"),
            Verdict::Eco => ("经济模式", "economy mode"),
            Verdict::Overload => ("过载", "overloaded"),
            Verdict::OutputOff => ("输出已关", "output off"),
            Verdict::BatteryAbsent => ("没接电池", "no battery"),
            Verdict::ReplaceBattery => ("电池该换了", "battery to be replaced"),
            Verdict::CardLostUps => ("网卡连不上UPS", "card has lost its UPS"),
            Verdict::Conflicting => ("读数互相矛盾", "readings contradict each other"),
            Verdict::Unreachable => ("不应答", "no answer"),
        };
        Text::new(zh, en)
    }
}

impl Reading {
    /// The verdict and the figures that are known, rounded.
    pub fn words(&self) -> Text {
        let verdict = self.verdict.words();
        let (mut zh, mut en) = (vec![verdict.zh], vec![verdict.en]);
        let figures = [
            (self.input_voltage, "输入", "伏", "V in"),
            (self.charge_percent, "电量", "%", "% charge"),
            (self.runtime_minutes, "还能用", "分钟", "min left"),
            (self.load_percent, "负载", "%", "% load"),
        ];
        for (figure, before, after, unit) in figures {
            if let Some(figure) = figure {
                zh.push(format!("{before}{figure:.0}{after}"));
                en.push(format!("{figure:.0} {unit}"));
            }
        }
        Text::new(zh.join("，"), en.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_not_said() {
        let mut reading = Reading::unreachable();
        assert_eq!(reading.words().zh, "不应答");
        reading.verdict = Verdict::MainsLost;
        reading.runtime_minutes = Some(39.6);
        assert_eq!(reading.words().zh, "市电中断，电池供电，还能用40分钟");
        assert_eq!(reading.words().en, "mains lost, on battery, 40 min left");
    }
}
