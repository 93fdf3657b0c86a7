//! Texts: in both languages, with known placeholders, short enough for a card.

use crate::document::join;
use crate::plan::ask::AskKind;
use crate::plan::card::CardText;
use crate::plan::check::findings::Findings;
use crate::plan::pack::Plan;
use crate::plan::placeholder::Placeholder;
use crate::plan::procedure::Procedure;
use crate::plan::stage::Step;
use crate::plan::template::{Piece, pieces};
use crate::plan::typical::fill_typically;
use crate::plan::width::{Place, width};
use crate::text::{Language, Text};

const LINES: usize = 2;
const BUTTONS: usize = 3;

pub(super) fn header(plan: &Plan, findings: &mut Findings) {
    not_empty(&plan.name, "name", findings);
    for (id, name) in &plan.roles {
        not_empty(name, &join("roles", id), findings);
    }
}

pub(super) fn check(procedure: &Procedure, path: &str, findings: &mut Findings) {
    let texts = Texts { procedure };
    let title = format!("{path}.title");
    not_empty(&procedure.title, &title, findings);
    if let Some(headline) = &procedure.headline {
        let path = format!("{path}.headline");
        texts.text(headline, Some(Place::Title), &path, findings);
    } else {
        texts.fits(&procedure.headline(), Place::Title, &title, findings);
    }
    if let Some(number) = &procedure.number {
        let holes = pieces(number);
        let unknown = holes.iter().any(|piece| {
            matches!(piece, Piece::StrayBrace)
                || matches!(piece, Piece::Hole(name) if *name != "year" && *name != "n")
        });
        if unknown || !holes.contains(&Piece::Hole("n")) {
            let mend = "must count, and may name the year: write it as \"{year}-{n}\"";
            findings.add(&format!("{path}.number"), mend);
        }
    }
    for (n, known) in procedure.prepare.iter().enumerate() {
        texts.text(known, None, &format!("{path}.prepare[{n}]"), findings);
    }
    for (id, name) in &procedure.kinds {
        not_empty(name, &join(&format!("{path}.kinds"), id), findings);
    }
    for (id, ask) in &procedure.ask {
        let path = join(&format!("{path}.ask"), id);
        texts.text(
            &ask.say,
            Some(Place::Line),
            &format!("{path}.say"),
            findings,
        );
        let chosen = matches!(ask.kind, AskKind::Choice | AskKind::Service);
        if chosen && ask.choices.is_empty() {
            findings.add(&format!("{path}.choices"), "has nothing to choose from");
        } else if !chosen && !ask.choices.is_empty() {
            let message = "stand beside a `type` that has its own answers: take one out";
            findings.add(&format!("{path}.choices"), message);
        }
        for (value, name) in &ask.choices {
            not_empty(name, &join(&format!("{path}.choices"), value), findings);
        }
    }
    for (n, stage) in procedure.stage.iter().enumerate() {
        let path = format!("{path}.stage[{n}]");
        if let Some(say) = &stage.say {
            texts.text(say, None, &format!("{path}.say"), findings);
        }
        for (n, card) in stage.card.iter().enumerate() {
            texts.card(card, &format!("{path}.card[{n}]"), findings);
        }
        for (n, step) in stage.step.iter().enumerate() {
            let path = format!("{path}.step[{n}].say");
            texts.text(&step.say, Some(Place::Line), &path, findings);
        }
    }
    let clear = &procedure.clear;
    for (say, key) in [(&clear.say, "say"), (&clear.was, "was")] {
        if let Some(say) = say {
            texts.text(say, None, &format!("{path}.clear.{key}"), findings);
        }
    }
    for (n, card) in clear.card.iter().enumerate() {
        texts.card(card, &format!("{path}.clear.card[{n}]"), findings);
    }
}

fn not_empty(text: &Text, path: &str, findings: &mut Findings) {
    for (language, key) in [(Language::Zh, "zh"), (Language::En, "en")] {
        if text.in_language(language).trim().is_empty() {
            findings.add(&format!("{path}.{key}"), "is empty: write the text");
        }
    }
}

struct Texts<'p> {
    procedure: &'p Procedure,
}

impl Texts<'_> {
    fn card(&self, card: &CardText, path: &str, findings: &mut Findings) {
        if let Some(title) = &card.title {
            self.text(
                title,
                Some(Place::Title),
                &format!("{path}.title"),
                findings,
            );
        }
        let lines = card.lines.len();
        if lines > LINES {
            findings.add(
                &format!("{path}.lines"),
                format!("has {lines} lines, but a card has two at most: move the rest to `more`"),
            );
        } else if lines == 0 {
            findings.add(&format!("{path}.lines"), "is empty: say what to do");
        }
        for (n, line) in card.lines.iter().enumerate() {
            let path = format!("{path}.lines[{n}]");
            self.text(line, Some(Place::Line), &path, findings);
        }
        let buttons = card.buttons.len();
        if buttons > BUTTONS {
            findings.add(
                &format!("{path}.buttons"),
                format!("has {buttons} buttons, but a card has three at most"),
            );
        }
        for (n, button) in card.buttons.iter().enumerate() {
            let path = format!("{path}.buttons[{n}].say");
            self.text(&button.say, Some(Place::Button), &path, findings);
        }
        for (n, more) in card.more.iter().enumerate() {
            self.text(more, None, &format!("{path}.more[{n}]"), findings);
        }
    }

    fn text(&self, text: &Text, place: Option<Place>, path: &str, findings: &mut Findings) {
        not_empty(text, path, findings);
        for (language, key) in [(Language::Zh, "zh"), (Language::En, "en")] {
            self.placeholders(
                text.in_language(language),
                &format!("{path}.{key}"),
                findings,
            );
        }
        if let Some(place) = place {
            self.fits(text, place, path, findings);
        }
    }

    /// With typical values in place it must not be wider than its place.
    fn fits(&self, text: &Text, place: Place, path: &str, findings: &mut Findings) {
        for (language, key) in [(Language::Zh, "zh"), (Language::En, "en")] {
            let filled = fill_typically(self.procedure, text.in_language(language), language);
            let (width, limit) = (width(&filled, language), place.limit(language));
            if width > limit {
                findings.add(
                    &format!("{path}.{key}"),
                    format!(
                        "is {width} wide as `{filled}`, but a {} has room for {limit}: shorten it",
                        place.name()
                    ),
                );
            }
        }
    }

    /// The clock time by which a step must be done: it must have one.
    fn due(&self, id: &str, path: &str, findings: &mut Findings) {
        let stages = self.procedure.stage.iter();
        let known = stages.flat_map(|stage| stage.step.iter().map(|step| step.id.as_str()));
        let has_clock = |(_, step): (_, &Step)| step.within.is_some();
        if findings.known(path, "step", id, known)
            && !self.procedure.step(id).is_some_and(has_clock)
        {
            findings.add(path, format!("step `{id}` has no clock: give it `within`"));
        }
    }

    fn placeholders(&self, template: &str, path: &str, findings: &mut Findings) {
        for piece in pieces(template) {
            match piece {
                Piece::Words(_) => {}
                Piece::StrayBrace => findings.add(path, "has a brace without its fellow"),
                Piece::Hole(name) => match name.parse::<Placeholder>() {
                    Ok(Placeholder::Answer(ask)) => {
                        let known = self.procedure.ask.keys().map(String::as_str);
                        findings.known(path, "ask", &ask, known);
                    }
                    Ok(Placeholder::Due(step)) => self.due(&step, path, findings),
                    Ok(Placeholder::Begins(stage)) => {
                        let known = self.procedure.stage.iter().map(|it| it.id.as_str());
                        findings.known(path, "stage", &stage, known);
                    }
                    Ok(_) => {}
                    Err(_) => {
                        let names: Vec<_> =
                            Placeholder::ALL.iter().map(Placeholder::name).collect();
                        let names = names.iter().map(AsRef::as_ref);
                        let families = ["phone.NAME", "answer.ASK", "due.STEP", "begins.STAGE"];
                        let names = names.chain(families);
                        findings.known(path, "placeholder", name, names);
                    }
                },
            }
        }
    }
}
