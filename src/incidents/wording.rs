//! The words of messages and cards: templates of the plan, filled in from what is known.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::incidents::asked;
use crate::incidents::board::Board;
use crate::incidents::duty;
use crate::incidents::foreseen;
use crate::incidents::incident::Incident;
use crate::incidents::kit;
use crate::incidents::queues::answering;
use crate::incidents::windows::ledger::Known;
use crate::incidents::windows::near::short_list;
use crate::plan::{Placeholder, fill};
use crate::signals::later;
use crate::site::Site;
use crate::text::{Language, Text};

pub(super) use crate::incidents::duration::lasted;

/// What a template may ask for, seen from one seat or from none.
pub(super) struct Words<'a> {
    pub(super) board: &'a Board,
    pub(super) incident: &'a Incident,
    pub(super) seat: Option<&'a str>,
    /// When the next news comes, where somebody promised it.
    pub(super) report_by: Option<Timestamp>,
}

impl<'a> Words<'a> {
    pub(super) fn new(board: &'a Board, incident: &'a Incident, seat: Option<&'a str>) -> Self {
        let after = incident
            .procedure
            .next_reminder(usize::try_from(incident.reminded).unwrap_or(usize::MAX));
        let after = after.filter(|_| incident.adopted_by.is_none());
        let report_by = after.map(|after| later(incident.reminded_at, after));
        Self {
            board,
            incident,
            seat,
            report_by,
        }
    }

    pub(super) fn fill(&self, template: &str, language: Language) -> String {
        fill(template, |placeholder| self.value(placeholder, language))
    }

    pub(super) fn fill_both(&self, template: &Text) -> Text {
        Text::new(
            self.fill(&template.zh, Language::Zh),
            self.fill(&template.en, Language::En),
        )
    }

    #[expect(
        clippy::too_many_lines,
        reason = "one arm a placeholder, in the order of the enum"
    )]
    fn value(&self, placeholder: &Placeholder, language: Language) -> Option<String> {
        let site = &self.board.centre.site;
        let incident = self.incident;
        if let Some(left) = kit::left_open(incident, placeholder, language) {
            return Some(left);
        }
        let say = |text: &Text| text.in_language(language).to_owned();
        match placeholder {
            Placeholder::Where => Some(say(&incident.scope.place)),
            Placeholder::What => Some(say(&incident.procedure.title)),
            Placeholder::Kind => {
                let kind = incident.kind.as_ref()?;
                incident.procedure.kinds.get(kind).map(say)
            }
            Placeholder::Since => Some(clock_time(site, incident.onset)),
            Placeholder::Ended => Some(clock_time(site, self.ended()?)),
            Placeholder::Lasted => Some(lasted(
                self.ended()?.duration_since(incident.onset),
                language,
            )),
            Placeholder::Lead => Some(self.lead(language)),
            Placeholder::Dark => positive(self.dark()),
            Placeholder::Standby => few(&self.standby(), language),
            Placeholder::Move => match self.dark() {
                0 => None,
                dark => positive(self.standby().len().min(dark)),
            },
            Placeholder::Ups => site
                .ups
                .get(site.ups_of_seat(self.seat?)?)
                .map(|ups| say(&ups.name)),
            Placeholder::FinishBy => self.finish_by().map(|at| about(site, at, language)),
            Placeholder::FinishList => self.finish_list(language),
            Placeholder::ReportBy => self.report_by.map(|at| clock_time(site, at)),
            Placeholder::OnBattery => positive(self.on_battery()),
            Placeholder::Told => {
                let told = foreseen::to_phone(incident);
                let names = told
                    .iter()
                    .filter_map(|role| self.board.centre.plan.roles.get(role))
                    .map(say);
                list(names, language)
            }
            Placeholder::Network => Some(self.network(language)),
            Placeholder::Number => incident.case_number.clone(),
            Placeholder::Seat => self.seat_concerned().cloned(),
            Placeholder::Spare => self.spare(),
            Placeholder::People => positive(self.people()),
            Placeholder::Silent => positive(incident.ever_out.len()),
            Placeholder::Sensors => {
                let sensors = incident.ever_out.iter();
                let names = sensors.filter_map(|id| site.sensors.get(id));
                first_of(names.map(|it| say(&it.name)).collect(), language)
            }
            Placeholder::Endurance => {
                let now = self.ended().unwrap_or(incident.onset);
                let words = self.board.endurance_words(&incident.opened_over, now)?;
                Some(say(&words))
            }
            Placeholder::Begin => Some(clock_time(site, self.window()?.window.begin)),
            Placeholder::Until => Some(clock_time(site, self.window()?.window.end)),
            Placeholder::Day => {
                let day = site.date_of(self.window()?.window.begin);
                Some(match language {
                    Language::Zh => format!("{}月{}日", day.month(), day.day()),
                    Language::En => day.strftime("%-d %b").to_string(),
                })
            }
            Placeholder::Short => {
                let known = self.window()?;
                let short = short_list(self.board, known, |ups, lasts| {
                    let name = site.ups.get(ups).map(|ups| say(&ups.name));
                    let (name, lasts) = (name.unwrap_or_default(), lasted(lasts, language));
                    match language {
                        Language::Zh => format!("{name}约{lasts}"),
                        Language::En => format!("{name} about {lasts}"),
                    }
                });
                list(short, language)
            }
            Placeholder::Queue | Placeholder::Staffing | Placeholder::Left => {
                Some(say(&answering::words(self.board, incident, placeholder)?))
            }
            Placeholder::Address => site.address.as_ref().map(say),
            Placeholder::Assembly => self.assembly().map(say),
            Placeholder::Answer(ask) => {
                let value = &incident.answers.get(ask)?.value;
                Some(say(&asked::spoken(
                    site,
                    incident.procedure.ask.get(ask)?,
                    value,
                )))
            }
            Placeholder::Phone(name) => {
                let contact = site.contacts.get(name)?;
                let phone = duty::phone(self.board, name).unwrap_or(&contact.phone);
                Some(phone.clone())
            }
            Placeholder::Due(step) => {
                foreseen::due(site, incident, step).map(|at| clock_time(site, at))
            }
            Placeholder::Begins(stage) => {
                foreseen::begin(incident, stage).map(|at| clock_time(site, at))
            }
        }
    }

    /// The window that it is over.
    fn window(&self) -> Option<&'a Known> {
        self.board.window_of(&self.incident.opened_over)
    }

    /// The seat that it is about, or from which it was raised.
    fn seat_concerned(&self) -> Option<&'a String> {
        let incident = self.incident;
        let site = &self.board.centre.site;
        if site.seats.contains_key(&incident.scope.of) {
            return Some(&incident.scope.of);
        }
        incident.raised_by.as_ref()
    }

    /// A spare seat that is not at fault itself, in the same zone if there is one.
    fn spare(&self) -> Option<String> {
        let site = &self.board.centre.site;
        let zone = site
            .seats
            .get(self.seat_concerned()?)
            .map(|seat| &seat.zone);
        let at_fault = |id: &String| {
            let mut open = self.board.state.open_incidents();
            open.any(|open| &open.scope.of == id)
        };
        let spares = site.seats.iter();
        spares
            .filter(|(id, seat)| seat.spare && !at_fault(id))
            .min_by_key(|(_, seat)| Some(&seat.zone) != zone)
            .map(|(id, _)| id.clone())
    }

    /// Seats of the scope with somebody at them, as far as their clients tell.
    fn people(&self) -> usize {
        let seats = self.incident.scope.seats.iter();
        seats.filter(|seat| self.board.live.connected(seat)).count()
    }

    fn assembly(&self) -> Option<&'a Text> {
        let zones = &self.board.centre.site.zones;
        let own = zones.get(&self.incident.scope.of);
        own.or(zones.values().next())?.assembly.as_ref()
    }

    /// When the causes became good.
    fn ended(&self) -> Option<Timestamp> {
        let closed = self.incident.closed.as_ref().map(|closed| closed.at);
        self.incident.gate_since.or(closed)
    }

    /// Who is on duty as lead, or the name of the role.
    fn lead(&self, language: Language) -> String {
        let centre = &self.board.centre;
        let duty = centre
            .site
            .roles
            .get("lead")
            .and_then(|role| role.duty.as_ref())
            .and_then(|duty| centre.site.contacts.get(duty))
            .map(|contact| &contact.name);
        duty.or(centre.plan.roles.get("lead"))
            .map(|name| name.in_language(language).to_owned())
            .unwrap_or_default()
    }

    /// Seats of the scope that have no supply: not on a UPS, and not known to live.
    fn dark(&self) -> usize {
        if self.incident.out.is_empty() {
            return 0;
        }
        let site = &self.board.centre.site;
        self.seats_of_dead_circuits()
            .filter(|id| {
                let seat = &site.seats[id.as_str()];
                let spoke = self.board.live.seats.get(id.as_str()).is_some_and(|live| {
                    live.connected_since.is_some()
                        && live.seen_at > later(self.incident.onset, SignedDuration::from_secs(20))
                });
                !seat.laptop && site.ups_of_seat(id).is_none() && !spoke
            })
            .count()
    }

    /// Seats of the scope whose circuit has a UPS that is out.
    fn seats_of_dead_circuits(&self) -> impl Iterator<Item = &'a String> {
        let site = &self.board.centre.site;
        let dead: BTreeSet<&str> = self
            .incident
            .out
            .iter()
            .filter_map(|ups| site.circuit_of(ups))
            .collect();
        self.incident.scope.seats.iter().filter(move |id| {
            site.seats
                .get(id.as_str())
                .and_then(|seat| site.circuit_of(&seat.fed_by))
                .is_some_and(|circuit| dead.contains(circuit))
        })
    }

    /// Seats of the scope on a UPS.
    fn standby(&self) -> Vec<String> {
        let site = &self.board.centre.site;
        let seats = self.incident.scope.seats.iter();
        seats
            .filter(|id| site.ups_of_seat(id).is_some() && !site.seats[id.as_str()].public)
            .cloned()
            .collect()
    }

    fn on_battery(&self) -> usize {
        if self.incident.out.is_empty() {
            return 0;
        }
        let site = &self.board.centre.site;
        let seats = self.incident.scope.seats.iter();
        seats
            .filter(|id| {
                site.ups_of_seat(id)
                    .is_some_and(|ups| self.incident.out.contains(ups))
            })
            .count()
    }

    /// Of this seat's own UPS, else the earliest.
    fn finish_by(&self) -> Option<Timestamp> {
        let own = self
            .seat
            .and_then(|seat| self.board.centre.site.ups_of_seat(seat))
            .and_then(|ups| self.incident.finish_by.get(ups));
        own.or(self.incident.finish_by.values().min()).copied()
    }

    fn finish_list(&self, language: Language) -> Option<String> {
        let site = &self.board.centre.site;
        let mut times: Vec<_> = self.incident.finish_by.iter().collect();
        times.sort_by_key(|(_, at)| **at);
        let items = times.into_iter().take(2).filter_map(|(ups, at)| {
            let name = site.ups.get(ups)?.name.in_language(language);
            let at = about(site, *at, language);
            Some(match language {
                Language::Zh => format!("{name} {at}"),
                Language::En => format!("{name} to {at}"),
            })
        });
        join(&items.collect::<Vec<_>>(), language, "，")
    }

    /// Devices that the seats of the scope go by.
    fn network(&self, language: Language) -> String {
        let site = &self.board.centre.site;
        let seats = self.incident.scope.seats.iter();
        let devices: BTreeSet<&String> = seats.flat_map(|id| site.network_of_seat(id)).collect();
        let names = devices
            .into_iter()
            .filter_map(|id| site.devices.get(id))
            .take(2)
            .map(|device| device.name.in_language(language).to_owned());
        list(names, language).unwrap_or_else(|| match language {
            Language::Zh => "网络设备".to_owned(),
            Language::En => "switch and phone system".to_owned(),
        })
    }
}

/// `15:02`, in the site's zone.
pub(super) fn clock_time(site: &Site, at: Timestamp) -> String {
    let zone = TimeZone::get(&site.time_zone).unwrap_or(TimeZone::UTC);
    let at = zone.to_datetime(at);
    format!("{:02}:{:02}", at.hour(), at.minute())
}

fn about(site: &Site, at: Timestamp, language: Language) -> String {
    let at = clock_time(site, at);
    match language {
        Language::Zh => format!("约{at}"),
        Language::En => format!("about {at}"),
    }
}

fn positive(count: usize) -> Option<String> {
    (count > 0).then(|| count.to_string())
}

/// The first two, and of how many: a line has no room for more.
fn few(items: &[String], language: Language) -> Option<String> {
    let first = list(items.iter().take(2).cloned(), language)?;
    let count = items.len();
    Some(match language {
        _ if count <= 2 => first,
        Language::Zh => format!("{first}等{count}席"),
        Language::En => format!("{first} (of {count})"),
    })
}

/// The first, and of how many.
fn first_of(items: Vec<String>, language: Language) -> Option<String> {
    let count = items.len();
    let first = items.into_iter().next()?;
    Some(match language {
        _ if count == 1 => first,
        Language::Zh => format!("{first}等{count}处"),
        Language::En => format!("{first} (of {count})"),
    })
}

fn list(items: impl IntoIterator<Item = String>, language: Language) -> Option<String> {
    join(&items.into_iter().collect::<Vec<_>>(), language, "、")
}

fn join(items: &[String], language: Language, zh: &str) -> Option<String> {
    let separator = match language {
        Language::Zh => zh,
        Language::En => ", ",
    };
    (!items.is_empty()).then(|| items.join(separator))
}
