//! The sentences of messages to channels: complete without a link.

use jiff::Timestamp;

use crate::incidents::board::Board;
use crate::incidents::entry::Ending;
use crate::incidents::incident::Incident;
use crate::incidents::message::Notice;
use crate::incidents::night::ON_CALL;
use crate::incidents::post::UNSEEN;
use crate::incidents::telling::MISSED;
use crate::incidents::wording::{Words, lasted};
use crate::text::{Language, Text};

/// The title: what, since when, where.
pub(super) fn title(board: &Board, incident: &Incident) -> Text {
    Words::new(board, incident, None).fill_both(&incident.procedure.headline())
}

/// What those hear who may not know what it is.
pub(super) fn veiled(board: &Board, incident: &Incident, notice: Notice) -> Text {
    let words = Words::new(board, incident, None);
    words.fill_both(&match notice {
        Notice::Closed => Text::new("{lead}处理完了。", "{lead} has dealt with it."),
        _ => Text::new("请联系{lead}。", "Please see {lead}."),
    })
}

/// What a stage says to channels.
pub(super) fn stage(board: &Board, incident: &Incident, stage: &str) -> Text {
    let words = Words::new(board, incident, None);
    let title = title(board, incident);
    if let Some(step) = stage.strip_prefix(MISSED)
        && let Some((_, step)) = incident.procedure.step(step)
    {
        let role = board.centre.plan.roles.get(&step.who);
        let who = role.cloned().unwrap_or_else(|| Text::same(&step.who));
        let say = words.fill_both(&step.say);
        return Text::new(
            format!("{}。{}还没有确认：{}。请您过问。", title.zh, who.zh, say.zh),
            format!(
                "{}. Not confirmed by the {} in time: {}. Please see to it.",
                title.en, who.en, say.en
            ),
        );
    }
    let newest = || {
        let says = incident.stages_under_way();
        let newest = says.filter_map(|(stage, _)| stage.say.as_ref()).last();
        newest.map(|say| words.fill_both(say)).unwrap_or_default()
    };
    if let Some(role) = stage.strip_prefix(UNSEEN) {
        let role = board.centre.plan.roles.get(role).cloned();
        let who = role.unwrap_or_default();
        let newest = newest();
        return Text::new(
            format!("{}。{}还没看到，请您接手。{}", title.zh, who.zh, newest.zh),
            format!(
                "{}. The {} has not seen it: please take over. {}",
                title.en, who.en, newest.en
            ),
        );
    }
    if stage == ON_CALL {
        let newest = newest();
        return Text::new(
            format!("{}。现在没人在岗，请您处理。{}", title.zh, newest.zh),
            format!(
                "{}. Nobody is at work now: please see to it. {}",
                title.en, newest.en
            ),
        );
    }
    let say = incident
        .procedure
        .stage(stage)
        .and_then(|stage| stage.say.as_ref())
        .map(|say| words.fill_both(say));
    match say {
        Some(say) => sentence(&title, &say),
        None => title,
    }
}

/// Still open, and for how long.
pub(super) fn still(board: &Board, incident: &Incident, now: Timestamp) -> Text {
    let title = title(board, incident);
    let open = now.duration_since(incident.onset);
    let still = Text::new(
        format!("还没恢复，已经{}。", lasted(open, Language::Zh)),
        format!("Still open, for {}.", lasted(open, Language::En)),
    );
    let newest = incident
        .stages_under_way()
        .filter_map(|(stage, _)| stage.say.as_ref())
        .last()
        .map(|say| Words::new(board, incident, None).fill_both(say));
    let text = sentence(&title, &still);
    match newest {
        Some(newest) => Text::new(
            format!("{}{}", text.zh, newest.zh),
            format!("{} {}", text.en, newest.en),
        ),
        None => text,
    }
}

/// The end, for a channel that was told in time (`told`), or too late.
pub(super) fn end(board: &Board, incident: &Incident, told: bool) -> Text {
    let words = Words::new(board, incident, None);
    let title = title(board, incident);
    if let Some(Ending::StoodDown(seat)) = incident.closed.as_ref().map(|closed| &closed.why) {
        let text = Text::new(
            format!("已由 {seat} 解除。"),
            format!("Stood down from seat {seat}."),
        );
        return sentence(&title, &text);
    }
    if let Some(other) = turned_into(board, incident) {
        let text = Text::new(
            format!("已按{}处理。", other.zh),
            format!("It is handled as “{}” now.", other.en),
        );
        return sentence(&title, &text);
    }
    if incident.closed.is_none() {
        let text = Text::new(
            "与您无关了，不用再跟进。",
            "Nothing for you to do any more.",
        );
        return sentence(&title, &text);
    }
    let clear = &incident.procedure.clear;
    let say = if told { &clear.say } else { &clear.was };
    match say {
        Some(say) if told => sentence(&title, &words.fill_both(say)),
        Some(say) => words.fill_both(say),
        None => sentence(&title, &Text::new("解除。", "All clear.")),
    }
}

/// What it turned out to be: the title of that procedure.
pub(super) fn turned_into(board: &Board, incident: &Incident) -> Option<Text> {
    let closed = incident.closed.as_ref()?;
    let Ending::Adopted(other) = &closed.why else {
        return None;
    };
    let other = board.state.incidents.get(*other);
    Some(other.map_or_else(Text::default, |other| other.procedure.title.clone()))
}

fn sentence(title: &Text, text: &Text) -> Text {
    Text::new(
        format!("{}。{}", title.zh, text.zh),
        format!("{}. {}", title.en, text.en),
    )
}
