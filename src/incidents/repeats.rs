//! Which commands an entry carries out: a repeat of one gets the first outcome.

use crate::incidents::entry::Event;

pub(super) fn commands_of(event: &Event) -> Vec<&str> {
    if let Event::StoodAlone(stood) = event {
        let acts = stood.acts.iter().map(|late| late.command.as_str());
        return [stood.command.as_str()].into_iter().chain(acts).collect();
    }
    command_of(event).into_iter().collect()
}

fn command_of(event: &Event) -> Option<&str> {
    match event {
        Event::AskedAround(asked) => asked.command(),
        Event::Acknowledged { command, .. }
        | Event::Answered { command, .. }
        | Event::Substituted { command, .. }
        | Event::CallAnswered { command, .. }
        | Event::Rang { command, .. } => Some(command),
        Event::Ticked { command, .. }
        | Event::Closed { command, .. }
        | Event::SubstituteEnded { command, .. }
        | Event::Opened { command, .. } => command.as_deref(),
        Event::WindowSet { by, .. } | Event::WindowChanged { by, .. } => Some(&by.command),
        Event::WindowEnded { by, .. } => by.as_ref().map(|by| by.command.as_str()),
        _ => None,
    }
}
