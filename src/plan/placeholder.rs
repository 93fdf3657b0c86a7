//! What a text may leave open: a closed list.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// What stands in braces in a text and is filled in when it is shown. All
/// times are clock times of the site, as `15:02`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Placeholder {
    /// The place, as people call it.
    Where,
    /// The procedure's title.
    What,
    /// The kind that it turned out to be.
    Kind,
    /// The onset.
    Since,
    /// When the causes became good.
    Ended,
    /// From onset to end, with its unit.
    Lasted,
    /// Who is on duty in the role `lead`; where nobody is known, the name of the role.
    Lead,
    /// How many seats are dark.
    Dark,
    /// Seats on a UPS to move to.
    Standby,
    /// How many people to move.
    Move,
    /// The name of the seat's own UPS.
    Ups,
    /// When the seat's own UPS will be empty, else the earliest of the scope; brings its own "about".
    FinishBy,
    /// When the UPSs of the scope will be empty, with their names, the earliest two.
    FinishList,
    /// When the next news comes.
    ReportBy,
    /// How many seats are answering on battery.
    OnBattery,
    /// Who has been told, save those whom the recovery tells by itself: whom a person tells the end.
    Told,
    /// The devices of the scope that the seats' network goes by; where none is
    /// known, what such devices are called.
    Network,
    /// The case number.
    Number,
    /// The seat that it is about, or from which it was raised.
    Seat,
    /// A spare seat to move to, near where it happened.
    Spare,
    /// How many seats of the scope are connected: people to count.
    People,
    /// How many things fell silent together.
    Silent,
    /// The sensor that it is about; of several the first, and how many.
    Sensors,
    /// How long what it is about lasts without mains now, and because of what.
    Endurance,
    /// When what was announced begins,
    Begin,
    /// ends,
    Until,
    /// and on which day it begins.
    Day,
    /// UPSs that are known to last shorter than what was announced, the shortest two; brings
    /// its own "about".
    Short,
    /// How many callers wait, the longest of them, and how many are on line.
    Queue,
    /// How many more agents are needed, and when the backlog is gone then; or what is
    /// known instead. A sentence.
    Staffing,
    /// How many are left, how many calls they answer as promised, and how many of those that
    /// come. A sentence.
    Left,
    /// The address of the site.
    Address,
    /// Where the people of the scope gather outside.
    Assembly,
    /// What was answered, written `answer.ASK`.
    Answer(String),
    /// The number of a contact of the site, written `phone.NAME`.
    Phone(String),
    /// By when a step must be done, written `due.STEP`.
    Due(String),
    /// When a stage began, or will begin unless it is over before, written `begins.STAGE`.
    Begins(String),
}

impl Placeholder {
    /// All that have a name of their own. [`Placeholder::Phone`], [`Placeholder::Answer`],
    /// [`Placeholder::Due`] and [`Placeholder::Begins`] come beside them, once a contact, ask,
    /// step and stage.
    pub const ALL: [Placeholder; 33] = [
        Placeholder::Where,
        Placeholder::What,
        Placeholder::Kind,
        Placeholder::Since,
        Placeholder::Ended,
        Placeholder::Lasted,
        Placeholder::Lead,
        Placeholder::Dark,
        Placeholder::Standby,
        Placeholder::Move,
        Placeholder::Ups,
        Placeholder::FinishBy,
        Placeholder::FinishList,
        Placeholder::ReportBy,
        Placeholder::OnBattery,
        Placeholder::Told,
        Placeholder::Network,
        Placeholder::Number,
        Placeholder::Seat,
        Placeholder::Spare,
        Placeholder::People,
        Placeholder::Silent,
        Placeholder::Sensors,
        Placeholder::Endurance,
        Placeholder::Begin,
        Placeholder::Until,
        Placeholder::Day,
        Placeholder::Short,
        Placeholder::Queue,
        Placeholder::Staffing,
        Placeholder::Left,
        Placeholder::Address,
        Placeholder::Assembly,
    ];

    pub fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Placeholder::Where => "where",
            Placeholder::What => "what",
            Placeholder::Kind => "kind",
            Placeholder::Since => "since",
            Placeholder::Ended => "ended",
            Placeholder::Lasted => "lasted",
            Placeholder::Lead => "lead",
            Placeholder::Dark => "dark",
            Placeholder::Standby => "standby",
            Placeholder::Move => "move",
            Placeholder::Ups => "ups",
            Placeholder::FinishBy => "finish_by",
            Placeholder::FinishList => "finish_list",
            Placeholder::ReportBy => "report_by",
            Placeholder::OnBattery => "on_battery",
            Placeholder::Told => "told",
            Placeholder::Network => "network",
            Placeholder::Number => "number",
            Placeholder::Seat => "seat",
            Placeholder::Spare => "spare",
            Placeholder::People => "people",
            Placeholder::Silent => "silent",
            Placeholder::Sensors => "sensors",
            Placeholder::Endurance => "endurance",
            Placeholder::Begin => "begin",
            Placeholder::Until => "until",
            Placeholder::Day => "day",
            Placeholder::Short => "short",
            Placeholder::Queue => "queue",
            Placeholder::Staffing => "staffing",
            Placeholder::Left => "left",
            Placeholder::Address => "address",
            Placeholder::Assembly => "assembly",
            Placeholder::Answer(ask) => return Cow::Owned(format!("answer.{ask}")),
            Placeholder::Phone(contact) => return Cow::Owned(format!("phone.{contact}")),
            Placeholder::Due(step) => return Cow::Owned(format!("due.{step}")),
            Placeholder::Begins(stage) => return Cow::Owned(format!("begins.{stage}")),
        })
    }
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

/// No placeholder has this name.
#[derive(Debug, thiserror::Error)]
#[error("no placeholder is called `{0}`")]
pub struct UnknownPlaceholder(String);

impl FromStr for Placeholder {
    type Err = UnknownPlaceholder;

    fn from_str(name: &str) -> Result<Self, UnknownPlaceholder> {
        if let Some((family, of)) = name.split_once('.').filter(|(_, of)| !of.is_empty()) {
            let of = of.to_owned();
            return match family {
                "phone" => Ok(Placeholder::Phone(of)),
                "answer" => Ok(Placeholder::Answer(of)),
                "due" => Ok(Placeholder::Due(of)),
                "begins" => Ok(Placeholder::Begins(of)),
                _ => Err(UnknownPlaceholder(name.to_owned())),
            };
        }
        Placeholder::ALL
            .into_iter()
            .find(|placeholder| placeholder.name() == name)
            .ok_or_else(|| UnknownPlaceholder(name.to_owned()))
    }
}
