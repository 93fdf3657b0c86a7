//! Rule: what no channel could deliver, a person is asked to tell by phone.
//!
//! Who is asked sees a card of its own: which channel is dead, whom to ring, and
//! two buttons, "told" and "no answer: next". It stands under the role `call ROLE`.

use jiff::SignedDuration;

use crate::incidents::board::{Board, Moment};
use crate::incidents::card::{Act, Card, CardButton, CardKey, Phase};
use crate::incidents::dialling::callees;
use crate::incidents::dialling::dial::DialCause;
use crate::incidents::dialling::rule::{self, Next};
use crate::incidents::dialling::saying;
use crate::incidents::entry::Event;
use crate::incidents::incident::Incident;
use crate::incidents::input::{Command, Refused};
use crate::incidents::message::CallRequest;
use crate::incidents::needless::{needless, undelivered_since};
use crate::incidents::post::PHONE;
use crate::incidents::progress::{Call, CallState, RoleTold, call_of, called};
use crate::incidents::reaching;
use crate::incidents::wording::Words;
use crate::plan::{RAISER, neutral_title};
use crate::signals::later;
use crate::text::{Language, Text};

/// A message that did not arrive for so long is told by phone.
const UNDELIVERED: SignedDuration = SignedDuration::from_secs(20);

impl Incident {
    pub(super) fn end_call(&mut self, role: &str, state: CallState) {
        if let Some(call) = self.calls.get_mut(role) {
            call.state = state;
        }
    }

    /// Whether somebody of that role was rung up and knows.
    pub(super) fn was_rung(&self, role: &str) -> bool {
        let call = self.calls.get(role);
        call.is_some_and(|call| call.state == CallState::Told && call.rings(role))
    }
}

/// Rule: calls begin, go to the next, and end.
pub(super) fn calls(board: &Board, moment: &Moment) -> Vec<Event> {
    for incident in board.state.open_incidents() {
        for (role, told) in &incident.roles {
            if called(role).is_some()
                || role.starts_with(PHONE)
                || [RAISER, "staff"].contains(&role.as_str())
            {
                continue;
            }
            if let Some(event) = call(board, incident, role, told, moment) {
                return vec![event];
            }
        }
    }
    Vec::new()
}

fn call(
    board: &Board,
    incident: &Incident,
    role: &str,
    told: &RoleTold,
    moment: &Moment,
) -> Option<Event> {
    let known = incident.calls.get(role);
    let needless = needless(board, incident, role, told);
    if let Some(open) = known.filter(|call| call.is_open()) {
        if let Some(why) = needless {
            return Some(Event::CallEnded {
                incident: incident.id,
                role: role.to_owned(),
                why,
            });
        }
        return (open.state == CallState::NoAnswer)
            .then(|| ask(board, incident, role, told, open.request.turn + 1));
    }
    let rung = known.is_some_and(|call| {
        call.state == CallState::Told && told.stages.is_subset(&call.request.stages)
    });
    if rung || needless.is_some() {
        return None;
    }
    let since = undelivered_since(board, incident, role)?;
    if !moment.reached(later(since, UNDELIVERED)) {
        return None;
    }
    match rule::next(board, incident, role, DialCause::Undelivered, moment) {
        Next::Dial(event) => Some(*event),
        Next::Wait | Next::Told => None,
        Next::Person => Some(ask(board, incident, role, told, 0)),
    }
}

fn ask(board: &Board, incident: &Incident, role: &str, told: &RoleTold, turn: u32) -> Event {
    let callees = callees::of(board, role);
    let count = callees.len().max(1);
    let callee = callees.get(usize::try_from(turn).unwrap_or(0) % count);
    Event::CallAsked {
        incident: incident.id,
        role: role.to_owned(),
        call: CallRequest {
            channel: callees::dead_channel(board, incident, role),
            callee: callee.cloned(),
            turn,
            stages: told.stages.clone(),
        },
        seats: reaching::of(board, &incident.procedure, asked_for(role)).seats,
    }
}

/// Who is asked to ring a role.
fn asked_for(role: &str) -> &'static str {
    if role == "lead" { "it" } else { "lead" }
}

/// Somebody of the role was reached.
pub(super) fn told(
    incident: &Incident,
    command: &Command,
    role: &str,
) -> Result<Vec<Event>, Refused> {
    answered(incident, command, role, Call::is_open, true)
}

/// Nobody answered the phone; a press for a turn that is over says nothing new.
pub(super) fn no_answer(
    incident: &Incident,
    command: &Command,
    role: &str,
    turn: u32,
) -> Result<Vec<Event>, Refused> {
    let open = |call: &Call| call.is_open() && call.request.turn == turn;
    answered(incident, command, role, open, false)
}

fn answered(
    incident: &Incident,
    command: &Command,
    role: &str,
    is_open: impl Fn(&Call) -> bool,
    reached: bool,
) -> Result<Vec<Event>, Refused> {
    let card = incident.roles.get(&call_of(role));
    if !card.is_some_and(|card| card.seats.contains(&command.seat)) {
        return Err(Refused::NotYours {
            seat: command.seat.clone(),
            why: format!("it was not asked to ring `{role}`"),
        });
    }
    if !incident.calls.get(role).is_some_and(is_open) {
        return Ok(Vec::new());
    }
    Ok(vec![Event::CallAnswered {
        incident: incident.id,
        role: role.to_owned(),
        reached,
        seat: command.seat.clone(),
        command: command.id.clone(),
    }])
}

impl Board {
    /// The card that asks to ring a role, while it asks.
    pub(super) fn call_card(
        &self,
        incident: &Incident,
        role: &str,
        seat: &str,
        language: Language,
    ) -> Option<Card> {
        let call = incident.calls.get(role).filter(|call| call.is_open())?;
        if incident.closed.is_some() {
            return None;
        }
        let words = Words::new(self, incident, Some(seat));
        let say = |text: &Text| words.fill(text.in_language(language), language);
        let pick = |text: Text| text.in_language(language).to_owned();
        let public = self.centre.site.seats.get(seat).is_some_and(|s| s.public);
        let hidden = public || !incident.procedure.is_visible_to(asked_for(role));
        let who = self.centre.plan.roles.get(role);
        let who = who.cloned().unwrap_or_else(|| Text::same(role));
        let what = if incident.procedure.is_sensitive() || hidden {
            // Whoever passes by may read it; the one who rings knows more.
            Text::new("请回电", "please ring back")
        } else {
            Text::new("说{what}{since}起", "{what} since {since}")
        };
        let whom = match &call.request.callee {
            Some(callee) => Text::new(
                format!("{} {}：{}", callee.name.zh, callee.phone, what.zh),
                format!("{} {}: {}", callee.name.en, callee.phone, what.en),
            ),
            None => Text::new(
                format!("没有{}的电话，想办法告诉", who.zh),
                format!("No number of the {}: find a way to tell", who.en),
            ),
        };
        let how = Text::new(
            "打通按“已告知”，没人接按“下一个”",
            "Reached: “Told”. No answer: “Next”",
        );
        let lines = [say(&whom), pick(how)];
        let dead = Text::new(
            format!("{}发不出 · 请打电话", call.request.channel.zh),
            format!("{} is dead: please phone", call.request.channel.en),
        );
        let for_whom = Text::new(
            format!("没送到：{}", who.zh),
            format!("Not delivered to the {}", who.en),
        );
        let mut more = vec![pick(for_whom)];
        if !hidden && !incident.procedure.is_sensitive() {
            more.push(say(&incident.procedure.headline()));
        }
        more.extend(saying::in_vain(incident, role).into_iter().map(pick));
        let (lines, more) = if public {
            (Vec::new(), lines.into_iter().chain(more).collect())
        } else {
            (lines.to_vec(), more)
        };
        let button = |zh, en, act| CardButton {
            say: pick(Text::new(zh, en)),
            act,
            done: false,
        };
        let told = Act::Told {
            incident: incident.id,
            role: role.to_owned(),
        };
        let next = Act::NoAnswer {
            incident: incident.id,
            role: role.to_owned(),
            turn: call.request.turn,
        };
        Some(Card {
            key: CardKey {
                incident: incident.id,
                role: call_of(role),
            },
            revision: 0,
            phase: Phase::Open,
            severity: incident.severity(),
            title: if public {
                say(&neutral_title())
            } else {
                pick(dead)
            },
            lines,
            buttons: vec![
                button("已告知", "Told", told),
                button("下一个", "Next", next),
            ],
            more,
            clocks: Vec::new(),
            since: incident.onset,
            acknowledged: false,
            quiet: false,
            procedure: String::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::incidents::board::{Centre, Timing};
    use crate::incidents::card::{Act, Card};
    use crate::incidents::entry::Event;
    use crate::incidents::input::{Input, Outcome, Refused};
    use crate::incidents::stories::{Story, site};
    use crate::plan;
    use crate::site::{Channel, Contact};
    use crate::text::{Language, Text};

    fn begin() -> Story {
        let mut site = site(false);
        for (id, phone) in [("manager", "1001"), ("operations", "1002"), ("it", "1003")] {
            let contact = Contact {
                name: Text::same(id),
                phone: phone.to_owned(),
            };
            site.contacts.insert(id.to_owned(), contact);
        }
        let name = Text::new("钉钉", "DingTalk");
        site.channels.insert(
            "boss".to_owned(),
            Channel {
                name,
                ..Channel::default()
            },
        );
        let text = plan::pack("call-center").unwrap();
        let plan = plan::parse("call-center.toml", text).unwrap();
        let timing = Timing::default();
        Story::of(Arc::new(Centre { site, plan, timing }))
    }

    /// A mains loss of which everybody at a seat knows; `boss` takes nothing.
    fn cut() -> Story {
        let mut story = begin();
        story.cut();
        story.until(40);
        story.settle_debts();
        story.until(75);
        assert!(story.told("manager"));
        story
    }

    fn call(story: &mut Story, seat: &str, language: Language) -> Option<Arc<Card>> {
        let screens = story.board.screens(super::super::stories::at(story.now));
        let mut cards = screens[seat].in_language(language).iter();
        cards
            .rfind(|card| super::called(&card.key.role).is_some())
            .cloned()
    }

    fn press(story: &mut Story, button: usize) {
        let card = call(story, "C-01", Language::Zh).expect("the lead is asked");
        let act = card.buttons[button].act.clone();
        story.act("C-01", act).unwrap();
    }

    #[test]
    fn what_is_undelivered_for_twenty_seconds_becomes_the_leads_card_with_name_and_number() {
        let mut story = cut();
        assert!(call(&mut story, "C-01", Language::Zh).is_none());
        story.until(95);
        let card = call(&mut story, "C-01", Language::Zh).expect("the lead is asked");
        assert_eq!(card.title, "钉钉发不出 · 请打电话");
        assert!(
            card.lines[0].starts_with("manager 1001：说停电"),
            "{card:?}"
        );
        let card = call(&mut story, "C-01", Language::En).expect("in English too");
        assert_eq!(card.title, "DingTalk is dead: please phone");
        assert!(card.lines[0].starts_with("manager 1001: Power out since "));
        assert!(call(&mut story, "C-02", Language::Zh).is_none());
        assert_eq!(story.board.state(), &story.replayed());
    }

    #[test]
    fn no_answer_asks_for_the_next_and_after_the_last_for_the_first_again() {
        let mut story = cut();
        story.until(95);
        for number in ["1002", "1001"] {
            press(&mut story, 1);
            let card = call(&mut story, "C-01", Language::Zh).expect("the next is asked for");
            assert!(card.lines[0].contains(number), "{card:?}");
        }
        assert_eq!(story.board.state(), &story.replayed());
    }

    #[test]
    fn a_second_press_of_next_on_the_same_card_skips_nobody() {
        let mut story = cut();
        story.until(95);
        let card = call(&mut story, "C-01", Language::Zh).unwrap();
        let act = card.buttons[1].act.clone();
        story.act("C-01", act.clone()).unwrap();
        story.act("C-01", act).unwrap();
        let card = call(&mut story, "C-01", Language::Zh).unwrap();
        assert!(card.lines[0].contains("1002"), "{card:?}");
    }

    #[test]
    fn told_is_told_and_takes_the_card_away_until_there_is_something_new() {
        let mut story = cut();
        story.until(95);
        press(&mut story, 0);
        assert!(call(&mut story, "C-01", Language::Zh).is_none());
        story.until(200);
        assert!(call(&mut story, "C-01", Language::Zh).is_none());
        // Now it is the own circuit: the manager is to hear that too.
        story.answer("C-01", "lights", "on");
        story.until(230);
        assert!(call(&mut story, "C-01", Language::Zh).is_some());
        press(&mut story, 0);
        assert!(story.has(|event| matches!(event,
            Event::Ticked { step, seat: None, .. } if step == "phone-manager")));
    }

    #[test]
    fn who_was_rung_in_the_roles_stead_is_no_evidence_that_the_role_knows() {
        let mut story = cut();
        story.answer("C-01", "lights", "on");
        story.until(95);
        press(&mut story, 1);
        press(&mut story, 0);
        let reason = &story.entries.iter().rev().find_map(|entry| {
            let answered = matches!(entry.event, Event::CallAnswered { .. });
            answered.then(|| entry.reason.en.clone())
        });
        assert_eq!(reason.as_deref(), Some("C-01 has phoned operations"));
        story.until(130);
        assert!(!story.has(|event| matches!(event,
            Event::Ticked { step, seat: None, .. } if step == "phone-manager")));
        assert_eq!(story.board.state(), &story.replayed());
    }

    #[test]
    fn a_message_that_arrives_after_all_takes_the_card_away() {
        let mut story = cut();
        story.until(95);
        story.settle_debts();
        assert!(call(&mut story, "C-01", Language::Zh).is_none());
        assert!(story.has(|event| matches!(event, Event::CallEnded { .. })));
    }

    #[test]
    fn a_channel_that_gave_up_is_phoned_for_just_the_same() {
        let mut story = cut();
        let due = story.board.outbox();
        for due in due.into_iter().filter(|due| due.channel == "boss") {
            let outcome = Outcome::GaveUp("refused".to_owned());
            let owed = due.owed;
            story.take(Input::Delivery { owed, outcome }).unwrap();
        }
        story.until(95);
        assert!(call(&mut story, "C-01", Language::Zh).is_some());
    }

    #[test]
    fn nobody_is_asked_to_phone_once_the_supply_is_back() {
        let mut story = cut();
        story.restore();
        story.until(130);
        assert!(call(&mut story, "C-01", Language::Zh).is_none());
        assert!(!story.has(|event| matches!(event,
            Event::CallAsked { role, .. } if role == "manager")));
    }

    #[test]
    fn only_a_seat_that_was_asked_says_that_it_told() {
        let mut story = cut();
        story.until(95);
        let incident = story.incident();
        let role = "manager".to_owned();
        let refused = story.act("C-02", Act::Told { incident, role });
        assert!(matches!(refused, Err(Refused::NotYours { .. })));
    }
}
