//! What is written down: the entries, of which all state is a fold.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::incidents::backups::NewestBackup;
use crate::incidents::card::{CardKey, RingAnswer};
use crate::incidents::dialling::dial::{DialCause, DialOutcome};
use crate::incidents::discharge::Discharge;
use crate::incidents::input::{Leave, ReceiptStage};
use crate::incidents::message::{CallEnd, CallRequest, Message};
use crate::incidents::neighbours::AskedAround;
use crate::incidents::post::{Joining, OnDuty};
use crate::incidents::stood::StoodAlone;
use crate::incidents::windows::window::{By, Tally, Tested, Window, WindowId, Worse};
use crate::plan::{Procedure, Spread};
use crate::signals::{Level, Signal};
use crate::text::Text;

pub use crate::incidents::ending::{Case, Ending};
pub use crate::incidents::names::{IncidentId, OwedId, Recipient};
pub use crate::incidents::scope::Scope;

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Dense, from 1.
    pub seq: u64,
    pub at: Timestamp,
    /// Of the entry format.
    pub version: u16,
    /// What happened and why, as one would say it aloud.
    pub reason: Text,
    /// SHA-256 of the entry before, in hex; empty in the first.
    pub previous: String,
    pub event: Event,
}

impl Entry {
    /// The JSON that is kept and hashed: fields in the order of the type, no blanks.
    pub fn canonical_json(&self) -> String {
        serde_json::to_string(self).expect("the maps of an entry have strings for keys")
    }

    /// What the next entry carries as `previous`.
    pub fn hash(&self) -> String {
        entry_hash(&self.canonical_json())
    }
}

/// SHA-256 of an entry's canonical JSON, in lower-case hex.
pub fn entry_hash(json: &str) -> String {
    format!("{:x}", Sha256::digest(json))
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The daemon begins to watch; values and ages start anew.
    Started,
    /// Another configuration is in force from now on.
    Reconfigured {
        /// SHA-256 of all that is judged by, in lower-case hex.
        digest: String,
        /// As `seat C-01`.
        came: BTreeSet<String>,
        went: BTreeSet<String>,
    },
    /// The wall clock jumped; every deadline jumped with it.
    ClockStepped {
        by: SignedDuration,
    },
    /// A signal changed its level.
    Turned {
        signal: Signal,
        from: Level,
        to: Level,
        since: Timestamp,
        /// What it said, for the record.
        value: Text,
    },
    /// A signal turned too often: its turns are not written until it is calm.
    Unstable {
        signal: Signal,
        turns: u32,
    },
    /// A UPS fed its load from its battery for long enough to show how long it lasts.
    Discharged {
        ups: String,
        discharge: Discharge,
    },
    /// What IT is to see to, at its hour of the day; no lines: nothing.
    Digested {
        /// It could not be said at its hour.
        late: bool,
        lines: Vec<Text>,
    },
    Opened {
        procedure: Arc<Procedure>,
        scope: Scope,
        onset: Timestamp,
        /// The feed has a generator, which looks like mains to a UPS.
        generator: bool,
        /// The seat that raised it, where a person did.
        raised_by: Option<String>,
        command: Option<String>,
        /// Its number, where the procedure counts its cases.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        case: Option<Case>,
        /// The incident whose step started it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        started_by: Option<IncidentId>,
    },
    /// It turned out to be of another kind; the stages of the other kind end.
    KindSettled {
        incident: IncidentId,
        kind: String,
        /// How its witnesses lie; absent where an answer settled it.
        spread: Option<Spread>,
        scope: Scope,
    },
    /// What a person raised is seen by callwatch too.
    Confirmed {
        incident: IncidentId,
    },
    /// It concerns more than before.
    Widened {
        incident: IncidentId,
        scope: Scope,
    },
    /// More or fewer UPSs of the scope are out.
    OutChanged {
        incident: IncidentId,
        out: BTreeSet<String>,
    },
    StageBegan {
        incident: IncidentId,
        stage: String,
        /// From where its deadlines count.
        begin: Timestamp,
    },
    /// A role is told from now on: these seats show its card.
    RoleTold {
        incident: IncidentId,
        role: String,
        stage: String,
        seats: BTreeSet<String>,
        channels: BTreeSet<String>,
    },
    /// A role need not know any more.
    RoleStoodDown {
        incident: IncidentId,
        role: String,
    },
    /// When a UPS will be empty, rounded down to 5 min; absent where nobody knows.
    FinishBy {
        incident: IncidentId,
        ups: String,
        finish_by: Option<Timestamp>,
    },
    Owed {
        incident: IncidentId,
        recipient: Recipient,
        role: String,
        /// The stage that it tells of; absent in a reminder and at the end.
        stage: Option<String>,
        message: Message,
        /// It waits at least until then; absent: it goes at once.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        held: Option<Timestamp>,
    },
    Delivered {
        owed: OwedId,
    },
    Lapsed {
        owed: OwedId,
        why: Text,
    },
    Superseded {
        owed: OwedId,
        by: OwedId,
    },
    /// One entry a card, stage and second, with all its seats.
    Receipts {
        card: CardKey,
        revision: u32,
        stage: ReceiptStage,
        seats: BTreeSet<String>,
    },
    Acknowledged {
        incident: IncidentId,
        seat: String,
        command: String,
    },
    Ticked {
        incident: IncidentId,
        step: String,
        /// The seat that ticked; absent where evidence did.
        seat: Option<String>,
        command: Option<String>,
        /// When it was done, where that is told late.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
    },
    Answered {
        incident: IncidentId,
        ask: String,
        value: String,
        seat: String,
        command: String,
    },
    /// No channel of a role takes what it is owed: these seats are asked to ring it up.
    CallAsked {
        incident: IncidentId,
        role: String,
        call: CallRequest,
        seats: BTreeSet<String>,
    },
    CallAnswered {
        incident: IncidentId,
        role: String,
        /// Whether somebody answered, and knows.
        reached: bool,
        seat: String,
        command: String,
    },
    /// Nobody needs to ring any more.
    CallEnded {
        incident: IncidentId,
        role: String,
        why: CallEnd,
    },
    /// callwatch rings somebody up: a call is owed until it has ended.
    Dialled {
        incident: IncidentId,
        /// Who is to hear of it; whoever is rung may stand in for them.
        role: String,
        cause: DialCause,
        call: CallRequest,
    },
    DialEnded {
        incident: IncidentId,
        dial: OwedId,
        outcome: DialOutcome,
        /// The outcome, said aloud.
        words: Text,
    },
    /// These seats are asked to ring up the people of a list.
    RingAsked {
        incident: IncidentId,
        list: String,
        seats: BTreeSet<String>,
    },
    /// Somebody of a list was rung up.
    Rang {
        incident: IncidentId,
        list: String,
        name: Text,
        phone: String,
        answer: RingAnswer,
        seat: String,
        command: String,
    },
    /// A seat's debt of an incident ends unseen; by name, in the record.
    SeatsLapsed {
        card: CardKey,
        seats: BTreeSet<String>,
        why: Text,
    },
    /// 80 % of a clock has passed.
    StepReminded {
        incident: IncidentId,
        step: String,
    },
    StepDone {
        incident: IncidentId,
        step: String,
        /// How late; absent where it was in time.
        late: Option<SignedDuration>,
    },
    StepMissed {
        incident: IncidentId,
        step: String,
        deadline: Timestamp,
    },
    /// Told again that it is still open.
    Reminded {
        incident: IncidentId,
        count: u32,
    },
    /// The causes are good: the count of the gate begins.
    GateBegan {
        incident: IncidentId,
        since: Timestamp,
    },
    /// They are not good any more: the count starts anew.
    GateBroken {
        incident: IncidentId,
    },
    /// It is part of a wider incident: its clocks stop.
    Adopted {
        incident: IncidentId,
        by: IncidentId,
    },
    /// It is part of no other any more, and still bad: its clocks begin now.
    Freed {
        incident: IncidentId,
    },
    Closed {
        incident: IncidentId,
        why: Ending,
        command: Option<String>,
    },
    /// Somebody works there, from a time to a time.
    WindowSet {
        window: Window,
        by: By,
    },
    WindowChanged {
        window: WindowId,
        to: Window,
        by: By,
    },
    /// A UPS is worse off than its window expects: all of it is told from now on.
    WindowBroken {
        window: WindowId,
        ups: String,
        worse: Worse,
    },
    WindowEnded {
        window: WindowId,
        tally: Tally,
        /// Of a test of the generator that had begun.
        #[serde(default)]
        tested: Option<Tested>,
        /// Absent where its time had come.
        by: Option<By>,
    },
    /// Others have a role by the roster, from now on.
    DutyChanged {
        role: String,
        on: OnDuty,
    },
    /// A seat stands in for a role, for a while.
    Substituted {
        role: String,
        seat: String,
        /// The seat that said so.
        by: String,
        command: String,
    },
    SubstituteEnded {
        role: String,
        /// The seat that said so; absent where the time or the shift is over.
        by: Option<String>,
        command: Option<String>,
    },
    /// More seats and channels are told what a role was told before.
    Joined {
        incident: IncidentId,
        role: String,
        seats: BTreeSet<String>,
        channels: BTreeSet<String>,
        why: Joining,
    },
    /// It does not wait for the morning: whoever is on call is told.
    Woken {
        incident: IncidentId,
        why: Text,
        /// What waited and goes now.
        owed: BTreeSet<OwedId>,
    },
    /// What was held back goes out, together.
    Released {
        owed: BTreeSet<OwedId>,
    },
    /// A seat took leave: the silence that follows is no fault.
    SeatLeft {
        seat: String,
        why: Leave,
    },
    /// It speaks again.
    SeatBack {
        seat: String,
    },
    /// A newer copy of a backup is known, or the newest is gone.
    BackedUp {
        backup: String,
        newest: NewestBackup,
    },
    /// It had no daemon for a while, and judged by itself.
    StoodAlone(StoodAlone),
    AskedAround(AskedAround),
}
