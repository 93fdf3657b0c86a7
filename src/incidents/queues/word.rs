//! What a card says of queues, each in one sentence that fits its line.

use crate::incidents::queues::figures::words;
use crate::incidents::queues::said::{Clears, Left, Speech, Staffing};
use crate::text::Text;

impl Speech {
    /// How many wait, the longest of them, how many are on line.
    pub(in crate::incidents) fn figures(&self) -> Text {
        words(self.waiting, self.longest_minutes, self.on_line)
    }

    /// How many are short and how long the backlog takes, or what is measured instead;
    /// `coming`: who said so on the phone.
    pub(in crate::incidents) fn staffing(&self, coming: u32) -> Text {
        match self.staffing {
            Staffing::Uncounted => self.figures(),
            Staffing::TooFewCalls => {
                let what = Self {
                    on_line: None,
                    ..*self
                };
                let what = what.figures();
                Text::new(
                    format!("来电少估不准：{}", what.zh),
                    format!(
                        "Too few calls to estimate: {}",
                        what.en.replace("waiting", "wait")
                    ),
                )
            }
            Staffing::Needs {
                agents,
                short: None,
                ..
            } => Text::new(
                format!("约需{agents}人接听"),
                format!("About {agents} needed on line"),
            ),
            Staffing::Needs {
                short: Some(0),
                clears,
                ..
            } => enough(clears),
            Staffing::Needs {
                short: Some(short),
                clears,
                ..
            } => too_few(short, coming, clears),
        }
    }
}

fn enough(clears: Clears) -> Text {
    match clears {
        Clears::NobodyWaits => Text::new("人手够了，没人排队", "Enough on line; nobody waits"),
        Clears::Within(minutes) => Text::new(
            format!("人手够了，约{minutes}分清完"),
            format!("Enough on line; clear in about {minutes} min"),
        ),
        Clears::OverAnHour => Text::new(
            "人手够了，一小时以上清完",
            "Enough on line; over an hour to clear",
        ),
        Clears::Slowly => Text::new(
            "人手够了，排队慢慢降",
            "Enough on line; the queue falls slowly",
        ),
    }
}

fn too_few(short: u32, coming: u32, clears: Clears) -> Text {
    let (so_far_zh, so_far_en) = match coming {
        0 => (String::new(), String::new()),
        coming => (format!("，{coming}人来"), format!(", {coming} coming")),
    };
    let (zh, en) = match clears {
        Clears::NobodyWaits => (String::new(), String::new()),
        Clears::Within(minutes) => (
            format!("，补齐后约{minutes}分清完"),
            format!("; then clear in {minutes} min"),
        ),
        Clears::OverAnHour => (
            "，补齐后要一小时多".to_owned(),
            "; then clear in over 1 h".to_owned(),
        ),
        Clears::Slowly => (
            "，补齐后才慢慢降".to_owned(),
            "; then it falls slowly".to_owned(),
        ),
    };
    Text::new(
        format!("约差{short}人{so_far_zh}{zh}"),
        format!("About {short} short{so_far_en}{en}"),
    )
}

impl Left {
    pub(in crate::incidents) fn words(self) -> Text {
        let Left {
            agents,
            calls,
            percent,
        } = self;
        Text::new(
            format!("剩{agents}人，半小时约接{calls}个，接通约{percent}%"),
            format!("{agents} left: {calls} calls per 30 min, {percent} % answered"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Place, width};
    use crate::text::Language;

    fn speech(staffing: Staffing) -> Speech {
        Speech {
            waiting: Some(14),
            longest_minutes: Some(4),
            on_line: Some(7),
            staffing,
            left: None,
        }
    }

    fn needs(short: u32, clears: Clears) -> Staffing {
        Staffing::Needs {
            agents: 10,
            short: Some(short),
            clears,
        }
    }

    #[test]
    fn one_sentence_says_how_many_are_short_and_how_long_it_takes() {
        let said = speech(needs(3, Clears::Within(25))).staffing(0);
        assert_eq!(said.zh, "约差3人，补齐后约25分清完");
        assert_eq!(said.en, "About 3 short; then clear in 25 min");
        let said = speech(needs(5, Clears::Within(25))).staffing(3);
        assert_eq!(said.zh, "约差5人，3人来，补齐后约25分清完");
        assert_eq!(said.en, "About 5 short, 3 coming; then clear in 25 min");
        let said = speech(needs(0, Clears::Within(10))).staffing(3);
        assert_eq!(said.en, "Enough on line; clear in about 10 min");
        let said = speech(Staffing::TooFewCalls).staffing(0);
        assert_eq!(said.zh, "来电少估不准：排队14，最久等4分");
        assert_eq!(said.en, "Too few calls to estimate: 14 wait, longest 4 min");
        let said = speech(Staffing::Uncounted).staffing(0);
        assert_eq!(said.en, "14 waiting, longest 4 min, 7 on line");
    }

    #[test]
    fn every_sentence_fits_its_line_with_large_numbers() {
        let mut measured = 0;
        let mut fits = |text: &Text| {
            for language in [Language::Zh, Language::En] {
                let text = text.in_language(language);
                let wide = width(text, language);
                assert!(
                    (1..=Place::Line.limit(language)).contains(&wide),
                    "{wide}: {text}"
                );
                measured += 1;
            }
        };
        let clears = [
            Clears::NobodyWaits,
            Clears::Within(60),
            Clears::OverAnHour,
            Clears::Slowly,
        ];
        for (short, coming) in [(0, 99), (120, 0), (120, 99)] {
            for clears in clears {
                fits(&speech(needs(short, clears)).staffing(coming));
            }
        }
        let most = |staffing| Speech {
            waiting: Some(1200),
            longest_minutes: Some(99),
            on_line: Some(480),
            staffing,
            left: None,
        };
        fits(&most(Staffing::Uncounted).figures());
        let few = Speech {
            waiting: Some(60),
            ..most(Staffing::TooFewCalls)
        };
        fits(&few.staffing(0));
        let untold = Staffing::Needs {
            agents: 1200,
            short: None,
            clears: Clears::Slowly,
        };
        fits(&most(untold).staffing(0));
        let left = Left {
            agents: 480,
            calls: 1200,
            percent: 100,
        };
        fits(&left.words());
        assert!(measured > 30);
    }
}
