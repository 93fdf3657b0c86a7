//! What the Board is told.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::acd;
use crate::incidents::backups::BackupSight;
use crate::incidents::card::{Act, CardKey};
use crate::incidents::dialling::dial::DialReport;
use crate::incidents::entry::OwedId;
use crate::incidents::stood::AloneReport;
use crate::incidents::windows::refusal::WindowRefused;
use crate::sensors;
use crate::signals::{Kind, Sight, Signal};
use crate::text::Text;
use crate::ups;

/// One thing that the Board is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The daemon has replayed its entries and begins to watch.
    Started,
    /// A poll of a UPS ended, well or not.
    Ups {
        ups: String,
        reading: ups::Reading,
    },
    /// What an eye saw of signals that are no UPS's; all of it is taken, or none.
    Sights(Vec<Sight>),
    /// A service showed its certificate, which is good until then.
    Certificate {
        service: String,
        until: Timestamp,
    },
    /// The certificate that the daemon itself shows is good until then.
    OwnCertificate {
        until: Timestamp,
    },
    /// Somebody looked for a backup, or its job reported.
    Backup {
        backup: String,
        sight: BackupSight,
    },
    /// A sensor answered.
    Sensor {
        sensor: String,
        reading: sensors::Reading,
    },
    /// A seat's client came, spoke or went.
    Seat {
        seat: String,
        presence: Presence,
    },
    /// What a seat's PC sees of its own supply.
    OwnPower {
        seat: String,
        power: ups::OwnPower,
    },
    /// What a seat met while it had no daemon.
    Alone {
        seat: String,
        report: AloneReport,
    },
    /// What an ACD told, or why it told nothing that can be believed.
    Acd {
        acd: String,
        reading: Result<acd::Reading, acd::NoReading>,
    },
    Command(Command),
    Receipt(Receipt),
    /// What became of a message to a channel.
    Delivery {
        owed: OwedId,
        outcome: Outcome,
    },
    /// What became of a call that callwatch made.
    Dial(DialReport),
    /// The log is not written, or not copied, and why; or is again.
    Kept {
        kind: Kind,
        fault: Option<String>,
    },
    /// The wall clock jumped by more than two seconds.
    ClockStepped {
        by: SignedDuration,
    },
    /// A deadline of the Board's own has passed.
    Tick,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It is connected and speaks.
    Alive,
    /// It said goodbye: a closed page, a program that was stopped.
    Goodbye,
    /// The PC itself goes down, and all its clients with it.
    Left(Leave),
    /// Its connection broke or fell silent.
    Silent,
}

impl Presence {
    /// What a goodbye makes of a seat.
    pub fn after(goodbye: Option<Leave>) -> Self {
        match goodbye {
            None | Some(Leave::Stopped) => Presence::Goodbye,
            Some(why) => Presence::Left(why),
        }
    }
}

/// Why a seat's client says goodbye.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Leave {
    /// The program alone was stopped.
    Stopped,
    Shutdown,
    Sleep,
}

/// What a person does. `id` is of the caller's making: a repeat gets the first outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    pub id: String,
    /// The seat from which it was done.
    pub seat: String,
    pub act: Act,
}

/// How far a card has come at one or more seats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub seats: BTreeSet<String>,
    pub card: CardKey,
    pub revision: u32,
    pub stage: ReceiptStage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReceiptStage {
    /// The client has it, but could not show it within 10 s.
    NotShown,
    Received,
    /// The notification server answered and the session is not locked, or the page is visible.
    Shown,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Delivered,
    /// It will never be delivered; why reads aloud.
    GaveUp(String),
}

/// Why the Board would not do it; reads aloud, and says the mend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("no incident {0} is open")]
    NoSuchIncident(u64),
    #[error("seat `{0}` is not in the site")]
    NoSuchSeat(String),
    #[error("signal `{0}` is of nothing in the site")]
    NoSuchSignal(Signal),
    #[error("service `{0}` is not in the site")]
    NoSuchService(String),
    #[error("backup `{0}` is not in the site")]
    NoSuchBackup(String),
    #[error("UPS `{0}` is not in the site")]
    NoSuchUps(String),
    #[error("sensor `{0}` is not in the site")]
    NoSuchSensor(String),
    #[error("nothing is owed under {0} any more")]
    NothingOwed(u64),
    #[error("incident {incident} has no step `{step}` under way")]
    NoSuchStep { incident: u64, step: String },
    #[error("procedure `{procedure}` asks nothing called `{ask}` that may be answered `{value}`")]
    NoSuchAnswer {
        procedure: String,
        ask: String,
        value: String,
    },
    #[error("the plan has no procedure `{0}` that a person raises")]
    NoSuchProcedure(String),
    #[error("the site has no role `{0}`")]
    NoSuchRole(String),
    #[error("procedure `{procedure}` cannot be raised over `{of}`: the site has no such place")]
    NoSuchPlace { procedure: String, of: String },
    #[error("procedure `{procedure}` asks `{ask}` first: answer it")]
    Unanswered { procedure: String, ask: String },
    #[error("seat `{seat}` may not do this: {why}")]
    NotYours { seat: String, why: String },
    #[error(transparent)]
    Window(#[from] WindowRefused),
}

impl Refused {
    /// What a person at a seat is told.
    pub fn words(&self) -> Text {
        match self {
            Refused::NoSuchIncident(_) => Text::new("这件事已经解除", "this is over already"),
            Refused::NoSuchStep { .. } => {
                Text::new("这一步现在不用做", "this step is not under way any more")
            }
            Refused::NotYours { .. } => {
                Text::new("这一步不归本席", "this is not for this seat to do")
            }
            Refused::NoSuchAnswer { .. } | Refused::NoSuchProcedure(_) => {
                Text::new("预案里没有这一项", "the plan does not know this")
            }
            Refused::Window(refused) => refused.words(),
            Refused::Unanswered { .. } => {
                Text::new("还有没答的，请答完再发", "something is not answered yet")
            }
            Refused::NoSuchPlace { .. }
            | Refused::NoSuchRole(_)
            | Refused::NoSuchSeat(_)
            | Refused::NoSuchSignal(_)
            | Refused::NoSuchService(_)
            | Refused::NoSuchBackup(_)
            | Refused::NoSuchUps(_)
            | Refused::NoSuchSensor(_)
            | Refused::NothingOwed(_) => {
                Text::new("配置里没有这一项", "the configuration does not know this")
            }
        }
    }
}
