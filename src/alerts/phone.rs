//! Rings somebody up through an Asterisk, plays a prompt, and hears whether a key is pressed.
//!
//! What an Asterisk says at once, that the call was queued, means nothing: it says so
//! of a busy line, of a wrong number and of no trunk alike. What became of the call
//! comes as an event; that somebody has heard it comes as another, from the dialplan
//! ([`DIALPLAN`]), when a key is pressed. Answered without a key is a voice mail, or a
//! pocket: ring the next one up.
//!
//! The user of AMI needs `read = call,user` and `write = originate`, no more
//! ([`MANAGER`]). Facts are from recordings of Asterisk 22.

use std::time::Duration;

use tokio::time::timeout;

use crate::acd::NoReading;
use crate::probes::ami::{self, Events, Message, Session, Trouble, Unsendable, check};
use crate::site::digits;
use crate::text::Text;

/// What is pasted into `extensions.conf`: it plays the prompt three times, takes a 1
/// for an acknowledgement, and says so.
pub const DIALPLAN: &str = include_str!("../../config/asterisk/extensions.conf");
/// What is pasted into `manager.conf`.
pub const MANAGER: &str = include_str!("../../config/asterisk/manager.conf");

/// The place of the number in what is rung.
pub const NUMBER: &str = "{number}";

/// How the dialplan calls its event.
const EVENT: &str = "PhoneAlert";

/// Police, fire brigade, ambulance and traffic police in China, and what is dialled for
/// them elsewhere: a person rings there, and says what happened.
const EMERGENCY: [&str; 7] = ["110", "112", "119", "120", "122", "911", "999"];

/// Real time beyond the ringing until an Asterisk says what became of a call.
const WORD: Duration = Duration::from_secs(10);

/// How calls are made.
#[derive(Clone, Debug)]
pub struct Settings {
    pub ami: ami::Settings,
    /// What is rung, with `{number}` in the place of the number: `PJSIP/{number}@trunk`.
    pub channel: String,
    /// Where the call goes when it is answered: the context of [`DIALPLAN`].
    pub context: String,
    /// What the callee sees: `callwatch <8000>`.
    pub caller_id: String,
    /// The sound file of the PBX that is played, without its suffix.
    pub prompt: String,
    /// How long it may ring, in real time.
    pub ring: Duration,
    /// How long whoever answered has to press the key, in real time.
    pub key: Duration,
    /// Numbers that are never rung, beside the usual ones of emergencies.
    pub never: Vec<String>,
}

impl Settings {
    /// What is usual, in the context of [`DIALPLAN`].
    pub fn new(ami: ami::Settings, channel: &str) -> Self {
        Self {
            ami,
            channel: channel.to_owned(),
            context: "callwatch-alert".to_owned(),
            caller_id: "callwatch".to_owned(),
            prompt: "callwatch-alert".to_owned(),
            ring: Duration::from_secs(30),
            key: Duration::from_secs(60),
            never: Vec::new(),
        }
    }
}

/// What is dialled for a number as people write it; `channel` and `never` as in [`Settings`].
pub fn dialled(channel: &str, never: &[String], number: &str) -> Result<String, Why> {
    let number = digits(number);
    let dialled = |c: char| c.is_ascii_digit() || "+*#".contains(c);
    if number.is_empty() || !number.chars().all(dialled) {
        return Err(Why::BadNumber);
    }
    // With what stands before it, to get a line: 1 before 19 is one as well.
    let before = channel.split(NUMBER).next().unwrap_or_default();
    let before = before.rsplit(|c: char| !c.is_ascii_digit()).next();
    let whole = format!("{}{number}", before.unwrap_or_default());
    let is_never = |number: &str| {
        let mut never = never.iter();
        EMERGENCY.contains(&number) || never.any(|never| digits(never) == number)
    };
    if is_never(&number) || is_never(&whole) {
        return Err(Why::Emergency);
    }
    Ok(number)
}

/// What became of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Somebody answered and pressed the key.
    Acknowledged,
    /// Answered, and no key: a voice mail or a pocket. Nobody has been told.
    AnsweredNoKey,
    /// It rang, and nobody answered.
    NoAnswer,
    /// Engaged. Not every line tells that apart from [`Why::NeverRang`].
    Busy,
    Failed(Why),
}

/// Why a call could not be made, or what became of it is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// It holds something else than digits and `+*#`.
    BadNumber,
    /// It is a number for emergencies, which a machine does not ring.
    Emergency,
    /// The settings hold what cannot be sent.
    Unsendable(Unsendable),
    /// The Asterisk does not serve us.
    Acd(NoReading),
    /// The Asterisk will not make the call, in its own words.
    Refused(String),
    /// It failed before it rang: the number, the trunk, or on some lines an engaged one.
    NeverRang,
    /// The network had no way for it.
    Congestion,
    /// The other side ended it while it rang.
    HungUp,
    /// Nothing was heard of it any more.
    NoWord,
}

impl Outcome {
    /// Whether somebody has been told.
    pub fn has_told(&self) -> bool {
        *self == Outcome::Acknowledged
    }

    /// What people call it.
    pub fn words(&self) -> Text {
        let (zh, en) = match self {
            Outcome::Acknowledged => ("接了，已按键确认", "answered, key pressed"),
            Outcome::AnsweredNoKey => (
                "接了，没按键，可能是语音信箱",
                "answered without a key, maybe by a voice mail",
            ),
            Outcome::NoAnswer => ("没人接", "no answer"),
            Outcome::Busy => ("占线", "engaged"),
            Outcome::Failed(why) => return why.words(),
        };
        Text::new(zh, en)
    }
}

impl Why {
    fn words(&self) -> Text {
        let (zh, en) = match self {
            Why::BadNumber => (
                "没打：号码里只能有数字和 + * #",
                "not rung: a number holds digits and + * # only",
            ),
            Why::Emergency => (
                "没打：这是紧急电话，机器不打",
                "not rung: a number for emergencies is rung by a person",
            ),
            Why::Unsendable(what) => {
                return Text::new(
                    format!("没打：配置有误（{what}）"),
                    format!("not rung: {what}"),
                );
            }
            Why::Acd(no_reading) => {
                let words = no_reading.words();
                return Text::new(
                    format!("没打：{}", words.zh),
                    format!("not rung: {}", words.en),
                );
            }
            Why::Refused(said) => {
                return Text::new(
                    format!("话务平台不让打：{said}"),
                    format!("the ACD will not ring: {said}"),
                );
            }
            Why::NeverRang => (
                "没打通：没有响铃，看号码和中继；也可能占线",
                "it never rang: check the number and the trunk; it may be engaged",
            ),
            Why::Congestion => ("没打通：线路拥塞", "it failed: the network is congested"),
            Why::HungUp => ("没打通：对方挂断", "it failed: hung up while it rang"),
            Why::NoWord => (
                "打了，没有下文：看这个用户有没有 read = call,user",
                "rung, and nothing more was heard: give its user read = call,user",
            ),
        };
        Text::new(zh, en)
    }
}

impl From<Trouble> for Outcome {
    fn from(trouble: Trouble) -> Self {
        Outcome::Failed(Why::Acd(trouble.why))
    }
}

/// Rings this number up, once. `alert` is the attempt's own: a key that is pressed late,
/// by somebody who was rung before, is no answer to another attempt.
///
/// Ends by itself, after the time to connect, to ring and to press the key.
pub async fn ring(settings: &Settings, number: &str, alert: &str) -> Outcome {
    match attempt(settings, number, alert).await {
        Ok(outcome) | Err(outcome) => outcome,
    }
}

/// Whether a PBX takes this for what the callee sees.
pub fn check_caller_id(caller_id: &str) -> Result<(), Unsendable> {
    check("the caller id", "CallerID", caller_id)
}

async fn attempt(settings: &Settings, number: &str, alert: &str) -> Result<Outcome, Outcome> {
    let number = dialled(&settings.channel, &settings.never, number).map_err(Outcome::Failed)?;
    // Variables stand with commas between and are filled in by the dialplan.
    for (what, value) in [("the prompt", &*settings.prompt), ("the alert", alert)] {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
        if value.is_empty() || !value.chars().all(plain) {
            return Err(unsendable(Unsendable::Control(what)));
        }
    }
    check_caller_id(&settings.caller_id).map_err(unsendable)?;
    let mut session = Session::open(&settings.ami, Events::Calls).await?;
    let (id, request) = session.request("Originate");
    let milliseconds = settings.ring.as_millis().to_string();
    let fields = [
        ("Channel", settings.channel.replace(NUMBER, &number)),
        ("Context", settings.context.clone()),
        ("Exten", "s".to_owned()),
        ("Priority", "1".to_owned()),
        ("CallerID", settings.caller_id.clone()),
        ("Timeout", milliseconds),
        ("Variable", format!("PROMPT={}", settings.prompt)),
        ("Variable", format!("ALERT_ID={alert}")),
        // Without it nothing else on this connection is served until it is answered.
        ("Async", "true".to_owned()),
    ];
    let request = fields
        .iter()
        .try_fold(request, |request, (key, value)| request.with(key, value))
        .map_err(unsendable)?;
    let told = session.ask(&id, request).await?;
    if !told.is("Response", "Success") {
        let said = told.get("Message").unwrap_or_default();
        return Err(Outcome::Failed(Why::Refused(said.to_owned())));
    }
    let mut call = Call {
        id,
        alert: alert.to_owned(),
        channel: None,
    };
    let rung = settings.ring.saturating_add(WORD);
    let Ok(rung) = timeout(rung, call.follow(&mut session, false)).await else {
        return Err(Outcome::Failed(Why::NoWord));
    };
    // It may be ringing, though we do not hear of it.
    match rung {
        Ok(Some(outcome)) => return Ok(outcome),
        Ok(None) => {}
        Err(_) => return Err(Outcome::Failed(Why::NoWord)),
    }
    match timeout(settings.key, call.follow(&mut session, true)).await {
        Ok(Ok(Some(outcome))) => Ok(outcome),
        // It was answered: whatever becomes of the connection, no key was heard.
        Ok(Ok(None) | Err(_)) | Err(_) => Ok(Outcome::AnsweredNoKey),
    }
}

fn unsendable(what: Unsendable) -> Outcome {
    Outcome::Failed(Why::Unsendable(what))
}

/// A call that is under way.
#[derive(Debug)]
struct Call {
    id: String,
    alert: String,
    /// Its `Uniqueid`, once it is answered.
    channel: Option<String>,
}

impl Call {
    /// Until it is answered, which is `None`, or over.
    async fn follow(
        &mut self,
        session: &mut Session,
        answered: bool,
    ) -> Result<Option<Outcome>, Trouble> {
        loop {
            let event = session.news().await?;
            if let Some(outcome) = self.judge(&event) {
                return Ok(Some(outcome));
            }
            if !answered && self.channel.is_some() {
                return Ok(None);
            }
        }
    }

    /// What this event makes of the call; nothing where it goes on, or is another one.
    fn judge(&mut self, event: &Message) -> Option<Outcome> {
        match event.get("Event")? {
            "OriginateResponse" if event.get("ActionID") == Some(&self.id) => {
                if event.is("Response", "Success") {
                    self.channel = Some(event.get("Uniqueid").unwrap_or_default().to_owned());
                    return None;
                }
                Some(match event.get("Reason") {
                    Some("1") => Outcome::Failed(Why::HungUp),
                    Some("3") => Outcome::NoAnswer,
                    Some("5") => Outcome::Busy,
                    Some("8") => Outcome::Failed(Why::Congestion),
                    _ => Outcome::Failed(Why::NeverRang),
                })
            }
            "UserEvent" => {
                let ours = event.is("UserEvent", EVENT)
                    && event.get("AlertID") == Some(&self.alert)
                    && event.get("Ack") == Some("1");
                ours.then_some(Outcome::Acknowledged)
            }
            "Hangup" => {
                let channel = self.channel.as_deref().filter(|it| !it.is_empty())?;
                (event.get("Uniqueid") == Some(channel)).then_some(Outcome::AnsweredNoKey)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pasted_into_the_pbx_is_what_is_listened_to() {
        let said = format!("UserEvent({EVENT},AlertID: ${{ALERT_ID}},Ack: 1)");
        assert!(DIALPLAN.contains(&said), "{DIALPLAN}");
        let secret = ami::Secret::new("s").unwrap();
        let ami = ami::Settings::new("pbx", ami::PORT, "callwatch", secret).unwrap();
        let settings = Settings::new(ami, "PJSIP/{number}@trunk");
        assert!(DIALPLAN.contains(&format!("[{}]", settings.context)));
        assert!(DIALPLAN.contains("${PROMPT}"));
        assert!(MANAGER.contains("read = call,user\n"));
        assert!(MANAGER.contains("write = originate\n"));
    }

    #[test]
    fn a_number_for_emergencies_is_never_dialled_however_it_is_written() {
        let never = ["555-1".to_owned()];
        let dialled = |number: &str| dialled("PJSIP/1{number}@trunk", &never, number);
        for odd in ["119", "1 1 9", "(110)", "5551", "19"] {
            assert_eq!(dialled(odd), Err(Why::Emergency), "{odd}");
        }
        assert_eq!(dialled("8119").as_deref(), Ok("8119"));
        assert_eq!(dialled("138 0000-1234").as_deref(), Ok("13800001234"));
        assert_eq!(dialled("ext. 12"), Err(Why::BadNumber));
    }

    #[test]
    fn each_outcome_is_said_and_one_alone_has_told_somebody() {
        let outcomes = [
            Outcome::AnsweredNoKey,
            Outcome::NoAnswer,
            Outcome::Busy,
            Outcome::Failed(Why::NeverRang),
            Outcome::Failed(Why::NoWord),
        ];
        for outcome in outcomes {
            assert!(!outcome.has_told(), "{outcome:?}");
            assert!(!outcome.words().zh.is_empty());
        }
        assert!(Outcome::Acknowledged.has_told());
    }
}
