//! Values as a real incident fills them in: what texts are measured and printed with.

use jiff::SignedDuration;

use crate::plan::ask::AskKind;
use crate::plan::placeholder::Placeholder;
use crate::plan::procedure::Procedure;
use crate::plan::stage::When;
use crate::plan::template::fill;
use crate::plan::width::width;
use crate::text::{Language, Text};

/// A text of a procedure with a value of usual length in every placeholder.
pub fn fill_typically(procedure: &Procedure, template: &str, language: Language) -> String {
    fill(template, |placeholder| {
        Some(typical(procedure, placeholder, language))
    })
}

/// As [`fill_typically`], in an incident of this kind, or of none yet.
pub(super) fn fill_in_kind(
    procedure: &Procedure,
    kind: Option<&str>,
    template: &str,
    language: Language,
) -> String {
    fill(template, |placeholder| match placeholder {
        Placeholder::Kind => {
            let name = procedure.kinds.get(kind?)?;
            Some(name.in_language(language).to_owned())
        }
        _ => Some(typical(procedure, placeholder, language)),
    })
}

fn typical(procedure: &Procedure, placeholder: &Placeholder, language: Language) -> String {
    let (zh, en) = match placeholder {
        Placeholder::Number => {
            let pattern = procedure.number.as_deref().unwrap_or("{year}-{n}");
            return pattern.replace("{year}", "2026").replace("{n}", "12");
        }
        Placeholder::Due(step) => return due(procedure, step),
        Placeholder::Begins(stage) => return begins(procedure, stage),
        Placeholder::What => return procedure.title.in_language(language).to_owned(),
        Placeholder::Kind => return longest(procedure.kinds.values(), language),
        Placeholder::Where => ("C座三楼", "C, floor 3"),
        Placeholder::Since => ("15:02", "15:02"),
        Placeholder::Ended => ("15:26", "15:26"),
        Placeholder::Lasted => ("24分钟", "24 min"),
        Placeholder::Lead => ("值班组长", "Duty lead"),
        Placeholder::Dark | Placeholder::Silent => ("8", "8"),
        Placeholder::Standby => ("C-01、C-02", "C-01, C-02"),
        Placeholder::Move => ("2", "2"),
        Placeholder::Ups => ("UPS-C1", "UPS-C1"),
        Placeholder::FinishBy => ("约 15:40", "about 15:40"),
        Placeholder::FinishList => (
            "UPS-C1 约到 15:40，UPS-C2 约到 15:25",
            "UPS-C1 to about 15:40, UPS-C2 to about 15:25",
        ),
        Placeholder::ReportBy => ("15:30", "15:30"),
        Placeholder::OnBattery => ("3", "3"),
        Placeholder::Told => ("经理、运营副总", "manager, operations"),
        Placeholder::Network => ("三楼交换机、话务机", "switch and PBX"),
        Placeholder::Seat => ("C-05", "C-05"),
        Placeholder::Spare => ("C-09", "C-09"),
        Placeholder::People => ("10", "10"),
        Placeholder::Sensors => ("机房门口烟感", "Server room door"),
        Placeholder::Endurance => ("约25分钟，因为电源", "about 25 min, by its supply"),
        Placeholder::Begin => ("14:00", "14:00"),
        Placeholder::Until => ("16:00", "16:00"),
        Placeholder::Day => ("11月26日", "26 Nov"),
        Placeholder::Short => ("UPS-C1约25分钟", "UPS-C1 about 25 min"),
        Placeholder::Queue => (
            "排队14，最久等12分，在线17人",
            "14 waiting, longest 12 min, 17 on line",
        ),
        Placeholder::Staffing => (
            "约差12人，11人来，补齐后约25分清完",
            "About 12 short, 11 coming; then clear in 25 min",
        ),
        Placeholder::Left => (
            "剩17人，半小时约接120个，接通约85%",
            "17 left: 120 calls per 30 min, 85 % answered",
        ),
        Placeholder::Address => ("康宁路88号C座三楼", "88 Kangning Road, C, floor 3"),
        Placeholder::Assembly => ("东门", "east gate"),
        Placeholder::Answer(ask) => return longest_answer(procedure, ask, language),
        Placeholder::Phone(_) => ("13800001111", "13800001111"),
    };
    match language {
        Language::Zh => zh.to_owned(),
        Language::En => en.to_owned(),
    }
}

/// Of an onset at 15:02.
fn after_onset(duration: SignedDuration) -> String {
    let minutes = 15 * 60 + 2 + duration.as_mins();
    format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60)
}

fn due(procedure: &Procedure, step: &str) -> String {
    let step = procedure.step(step).map(|(_, step)| step);
    after_onset(step.and_then(|step| step.within).unwrap_or_default())
}

/// A step that another stage waits for is ticked a while after the onset.
fn begins(procedure: &Procedure, stage: &str) -> String {
    let acted = SignedDuration::from_mins(3);
    after_onset(match procedure.stage(stage).map(|stage| &stage.when) {
        Some(When::BadFor(long)) => *long,
        Some(When::After(after)) => after.bad_for.saturating_add(acted),
        _ => acted,
    })
}

fn longest_answer(procedure: &Procedure, ask: &str, language: Language) -> String {
    let Some(ask) = procedure.ask.get(ask) else {
        return String::new();
    };
    let example = match ask.kind {
        AskKind::Choice | AskKind::YesNo | AskKind::Service => {
            return longest(ask.options().values(), language);
        }
        AskKind::Number => "12",
        AskKind::Date | AskKind::WorkingDays => "2026-11-30",
        AskKind::Seat => "C-05",
    };
    ask.spoken(example).in_language(language).to_owned()
}

fn longest<'t>(texts: impl Iterator<Item = &'t Text>, language: Language) -> String {
    texts
        .map(|text| text.in_language(language))
        .max_by_key(|text| width(text, language))
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::card::{CardText, TITLE};
    use crate::plan::file::parse;
    use crate::plan::pack::PACKS;
    use crate::plan::procedure::Over;
    use crate::plan::width::Place;

    const LANGUAGES: [Language; 2] = [Language::Zh, Language::En];

    fn procedures() -> Vec<Procedure> {
        let plans = PACKS.map(|(id, text)| parse(id, text).unwrap());
        let procedures = plans.iter().flat_map(|plan| plan.procedures.values());
        procedures.map(|procedure| (**procedure).clone()).collect()
    }

    fn cards(procedure: &Procedure) -> impl Iterator<Item = &CardText> {
        let stages = procedure.stage.iter().flat_map(|stage| &stage.card);
        stages.chain(&procedure.clear.card)
    }

    #[test]
    fn every_text_of_every_card_fits_in_both_languages() {
        let mut measured = 0;
        for procedure in procedures() {
            for card in cards(&procedure) {
                for language in LANGUAGES {
                    let mut fits = |template: &str, place: Place| {
                        let text = fill_typically(&procedure, template, language);
                        let wide = width(&text, language);
                        assert!(
                            (1..=place.limit(language)).contains(&wide),
                            "{wide}: {text}"
                        );
                        measured += 1;
                    };
                    let title = card.title.as_ref();
                    let title = title.map_or(TITLE, |title| title.in_language(language));
                    fits(title, Place::Title);
                    for line in &card.lines {
                        fits(line.in_language(language), Place::Line);
                    }
                    for button in &card.buttons {
                        fits(button.say.in_language(language), Place::Button);
                    }
                }
            }
        }
        assert!(measured > 500, "{measured}");
    }

    /// What is known of every incident of a procedure; see the placeholders' own words.
    fn always_known(procedure: &Procedure, placeholder: &Placeholder) -> bool {
        let raise = procedure.raise.as_ref();
        match placeholder {
            Placeholder::What
            | Placeholder::Since
            | Placeholder::Where
            | Placeholder::Lead
            | Placeholder::Network => true,
            Placeholder::Number => procedure.number.is_some(),
            Placeholder::Seat => raise.is_some_and(|raise| raise.over == Over::Seat),
            Placeholder::Answer(ask) => {
                raise.is_some_and(|raise| raise.ask.contains(ask)) && !procedure.ask[ask].optional
            }
            _ => false,
        }
    }

    #[test]
    fn a_card_or_message_says_something_even_when_little_is_known() {
        for procedure in procedures() {
            for language in LANGUAGES {
                let said = |text: &Text| {
                    let template = text.in_language(language);
                    let said = fill(template, |placeholder| {
                        let value = typical(&procedure, placeholder, language);
                        always_known(&procedure, placeholder).then_some(value)
                    });
                    !said.is_empty()
                };
                for card in cards(&procedure) {
                    assert!(card.lines.iter().any(said), "{card:#?}");
                }
                let messages = procedure
                    .stage
                    .iter()
                    .filter_map(|stage| stage.say.as_ref());
                let clear = &procedure.clear;
                for message in messages.chain(&clear.say).chain(&clear.was) {
                    assert!(said(message), "{message:?}");
                }
            }
        }
    }

    #[test]
    fn whatever_is_unknown_leaves_no_blank_no_brace_and_no_mark_without_its_clause() {
        let marks = ['，', '。', '：', '；', '·', ',', ';', ':'];
        for procedure in procedures() {
            let says = procedure
                .stage
                .iter()
                .filter_map(|stage| stage.say.as_ref());
            let lines = cards(&procedure).flat_map(|card| card.lines.iter().chain(&card.more));
            let titles = cards(&procedure).filter_map(|card| card.title.as_ref());
            let texts: Vec<&Text> = says.chain(lines).chain(titles).collect();
            for withheld in &Placeholder::ALL {
                for language in LANGUAGES {
                    for text in &texts {
                        let said = fill(text.in_language(language), |placeholder| {
                            let value = typical(&procedure, placeholder, language);
                            (placeholder != withheld).then_some(value)
                        });
                        let good = !said.contains(['{', '}'])
                            && !said.contains("  ")
                            && !said.starts_with(marks)
                            && !said.trim_end_matches(['。', '.']).ends_with(marks)
                            && said.trim() == said;
                        assert!(good, "without {withheld}: `{said}`");
                    }
                }
            }
        }
    }
}
