//! What is shown: each seat's cards in force, and the outbox.

use jiff::{SignedDuration, Timestamp};

use crate::incidents::adoption::part;
use crate::incidents::board::Board;
use crate::incidents::card::{Act, Card, CardButton, CardClock, CardKey, Phase};
use crate::incidents::entry::Ending;
use crate::incidents::incident::Incident;
use crate::incidents::neighbours;
use crate::incidents::owing::over_at;
use crate::incidents::post::PHONE;
use crate::incidents::progress::{RoleTold, called};
use crate::incidents::queues::ringing::list_of;
use crate::incidents::queues::rule;
use crate::incidents::saying::turned_into;
use crate::incidents::steps::clock;
use crate::incidents::telling::{MISSED, card_text, stands_since};
use crate::incidents::unseen::phone_text;
use crate::incidents::view::Due;
use crate::incidents::wording::Words;
use crate::plan::{
    Button, CardText, Class, Does, RAISER, Severity, When, neutral_line, neutral_title,
};
use crate::signals::later;
use crate::site::Site;
use crate::text::{Language, Text};

/// A last form that was shown stays on the screen for so long.
const LINGERS: SignedDuration = SignedDuration::from_mins(10);
/// What does not fit goes behind "More".
const MOST_LINES: usize = 2;

impl Board {
    /// When a card leaves a screen by itself: the Board is to be asked again then.
    pub fn next_fading(&self) -> Option<Timestamp> {
        self.rendered.next_fading()
    }

    pub(super) fn card(
        &self,
        incident: &Incident,
        role: &str,
        told: &RoleTold,
        seat: &str,
        language: Language,
    ) -> Option<Card> {
        if let Some(list) = list_of(role) {
            return self.ring_card(incident, list, seat, language);
        }
        if neighbours::is_card_role(role) {
            return self.neighbour_card(incident, seat, language);
        }
        if let Some(called) = called(role) {
            return self.call_card(incident, called, seat, language);
        }
        let over = over_at(incident, told.stood_down_at).is_some();
        let mut asked_since = None;
        let text = if over {
            self.last_form(incident, role, told, seat)?
        } else if let Some(text) = phone_text(self, role) {
            // What is adopted asks nobody to phone.
            Some(text).filter(|_| incident.adopted_by.is_none())?
        } else if let Some((stage, text)) = card_text(self, incident, role, seat) {
            if let When::Signal(kind) = &stage.when {
                asked_since = stands_since(self, incident, *kind);
            }
            asked_since = asked_since.max(rule::asked_since(self, incident));
            text.clone()
        } else {
            let asks = incident.adopted_by.is_some() && role == RAISER;
            asks.then(part::answer)?
        };
        let procedure = &incident.procedure;
        let words = Words::new(self, incident, Some(seat));
        let say = |text: &Text| words.fill(text.in_language(language), language);
        let headline = say(&procedure.headline());
        let may_read = role == RAISER || role.starts_with(PHONE) || procedure.is_visible_to(role);
        let text = if may_read { text } else { veiled(text) };
        // Not for the eyes of whoever passes by.
        let seen = self.centre.site.seats.get(seat).is_some_and(|s| s.public);
        let public = seen || procedure.is_sensitive() && may_read;
        // A register is headed by its number, which tells nobody anything.
        let numbered = procedure.class == Class::Desk && !seen && may_read;
        let title = match &text.title {
            _ if numbered => headline.clone(),
            _ if public || !may_read => say(&neutral_title()),
            Some(title) => say(title),
            None => headline.clone(),
        };
        let part = part::line(self, incident, role).filter(|_| may_read);
        let mut lines: Vec<String> = part
            .iter()
            .chain(&text.lines)
            .map(say)
            .filter(|line| !line.is_empty())
            .collect();
        // Details only behind a tap where the public can see the screen.
        let most = if public { 0 } else { MOST_LINES };
        let more_lines = lines.split_off(lines.len().min(most));
        let mut more = more_lines;
        if public && !numbered {
            more.insert(0, headline);
        }
        more.extend(text.more.iter().map(say).filter(|line| !line.is_empty()));
        let buttons = text.buttons.iter();
        let measured = |does: &Does| matches!(does, Does::Answer(reply) if rule::is_measured(self, incident, &reply.ask));
        let buttons = buttons
            .filter(|known| !measured(&known.does))
            .filter_map(|known| button(incident, seat, known, over, asked_since, &say))
            .collect();
        Some(Card {
            key: CardKey {
                incident: incident.id,
                role: role.to_owned(),
            },
            revision: 0,
            phase: if over { Phase::Over } else { Phase::Open },
            severity: incident.severity(),
            title,
            lines,
            buttons,
            more,
            clocks: if over || !may_read {
                Vec::new()
            } else {
                clocks(&self.centre.site, incident, role, &say)
            },
            since: incident.onset,
            acknowledged: incident.acknowledged.contains(seat),
            quiet: procedure.class == Class::Desk
                && incident.severity() == Severity::Info
                && !told.stages.iter().any(|stage| stage.starts_with(MISSED)),
            procedure: if may_read {
                procedure.id.clone()
            } else {
                String::new()
            },
        })
    }

    /// The text of a card that is over: of the stage that stood the role down,
    /// of the procedure's end, or "was, is over" where no other was ever shown.
    fn last_form(
        &self,
        incident: &Incident,
        role: &str,
        told: &RoleTold,
        seat: &str,
    ) -> Option<CardText> {
        if told.stood_down.is_some() && incident.closed.is_none() {
            return card_text(self, incident, role, seat).map(|(_, text)| text.clone());
        }
        let on_ups = self.centre.site.ups_of_seat(seat).is_some();
        let in_scope = incident.scope.seats.contains(seat);
        let clear = &incident.procedure.clear;
        let mut text = clear
            .card
            .iter()
            .find(|text| text.is_for(role, on_ups, in_scope))?
            .clone();
        let stood_down = incident
            .closed
            .as_ref()
            .is_some_and(|closed| matches!(closed.why, Ending::StoodDown(_)));
        if let Some(other) = turned_into(self, incident) {
            text.title = Some(Text::new(
                format!("已按{}处理 · {{where}}", other.zh),
                format!("Now: {} · {{where}}", other.en),
            ));
            text.lines = vec![Text::new(
                format!("照{}的卡片做", other.zh),
                format!("Follow the card “{}”", other.en),
            )];
        } else if stood_down && incident.gate_since.is_none() {
            // Nobody measured that it is over: the card must not say so.
            text.title = Some(Text::new(
                "{what}解除 · {where}",
                "{what}: stood down · {where}",
            ));
            text.lines = vec![Text::new(
                "{lead}已解除，照常工作",
                "Stood down; work as usual",
            )];
        } else if let (false, Some(was)) = (told.shown.contains_key(seat), &clear.was) {
            text.more.insert(0, was.clone());
        }
        Some(text)
    }

    /// What channels are still owed, in order.
    pub fn outbox(&self) -> Vec<Due> {
        let debts = self.state.debts.iter();
        debts
            .filter(|(_, debt)| debt.held.is_none())
            .map(|(owed, debt)| Due {
                owed: *owed,
                incident: debt.incident,
                channel: debt.channel.clone(),
                message: debt.message.clone(),
                at: debt.since,
                webhook_id: format!("callwatch_{owed}_{}", &debt.hash[..16]),
                not_recorded: false,
                digest: debt.digest,
            })
            .collect()
    }
}

/// When the next card of an incident leaves its screens by itself.
pub(super) fn fades_at(incident: &Incident, now: Timestamp) -> Option<Timestamp> {
    let roles = incident.roles.values();
    roles
        .filter_map(|told| over_at(incident, told.stood_down_at))
        .map(|over| later(over, LINGERS))
        .filter(|at| *at > now)
        .min()
}

/// A card is in force while its role is told; its last form until it was shown, and a while longer.
pub(super) fn in_force(incident: &Incident, told: &RoleTold, seat: &str, now: Timestamp) -> bool {
    let Some(over) = over_at(incident, told.stood_down_at) else {
        return true;
    };
    if told.lapsed.contains(seat) || told.elsewhere.contains(seat) {
        return false;
    }
    !told.shown_over.contains(seat) || later(over, LINGERS) > now
}

fn button(
    incident: &Incident,
    seat: &str,
    button: &Button,
    over: bool,
    asked_since: Option<Timestamp>,
    say: &impl Fn(&Text) -> String,
) -> Option<CardButton> {
    let id = incident.id;
    let (act, done) = match &button.does {
        Does::Ack => (
            Act::Acknowledge { incident: id },
            incident.acknowledged.contains(seat),
        ),
        _ if over => return None,
        Does::Close => (Act::Close { incident: id }, false),
        Does::StandDown => (Act::StandDown { incident: id }, false),
        Does::Tick(step) => {
            let (known, _) = incident
                .steps_under_way()
                .find(|(known, _)| &known.id == step)?;
            let run = incident.step(step);
            let done = if known.each {
                run.each.contains(seat)
            } else {
                run.done_at.is_some()
            };
            let step = step.clone();
            (Act::Tick { incident: id, step }, done)
        }
        Does::Answer(condition) => {
            let given = incident.answers.get(&condition.ask);
            let act = Act::Answer {
                incident: id,
                ask: condition.ask.clone(),
                value: condition.is.clone(),
            };
            // What was answered before the signal turned is asked anew.
            let answered = given
                .is_some_and(|given| given.value == condition.is && Some(given.at) >= asked_since);
            (act, answered)
        }
    };
    Some(CardButton {
        say: say(&button.say),
        act,
        done,
    })
}

/// A card for those who are told that there is something, and not what.
fn veiled(text: CardText) -> CardText {
    CardText {
        lines: vec![neutral_line()],
        more: Vec::new(),
        buttons: text
            .buttons
            .into_iter()
            .filter(|button| button.does == Does::Ack)
            .collect(),
        ..text
    }
}

/// The steps of this role that run against a clock, the nearest first.
fn clocks(
    site: &Site,
    incident: &Incident,
    role: &str,
    say: &impl Fn(&Text) -> String,
) -> Vec<CardClock> {
    let mut clocks: Vec<CardClock> = incident
        .steps_under_way()
        .filter(|(step, _)| step.who == role)
        .filter_map(|(step, stage)| {
            let run = incident.step(&step.id);
            let open = run.done_at.is_none() && !run.missed;
            open.then_some(CardClock {
                step: step.id.clone(),
                say: say(&step.say),
                deadline: clock(site, incident, step, stage)?.1,
                reminded: run.reminded,
            })
        })
        .collect();
    clocks.sort_by_key(|clock| clock.deadline);
    clocks
}
