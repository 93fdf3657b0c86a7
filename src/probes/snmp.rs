//! SNMP v1, v2c and v3: asks one device, matched by object identifier.
//!
//! A session that has missed one reply reads every later one as an answer to
//! the wrong question, so after any error it is dropped and the next request
//! opens a new one, from another port and with another request id. What a
//! reply lacks is asked for again, singly: one odd value hides those behind it.
//! In v1 one object that is not there spoils all; it is remembered, and not asked for.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use snmp2::{AsyncSession, Pdu};

use crate::probes::access::Access;
use crate::ups::{Value, Values};

/// Where an agent listens unless somebody says otherwise.
pub const PORT: u16 = 161;
/// How many objects one request asks for; small cards refuse long ones.
const OBJECTS_A_REQUEST: usize = 12;
/// Rows of a column that are read: phases or alarms, never more.
const MOST_ROWS: usize = 32;
/// Error status of v1 where an object is not there (RFC 1157).
const NO_SUCH_NAME: u32 = 2;
/// Request ids start within `1..2^30`, and a session is left long before they wrap.
const REQUEST_IDS: u32 = 1 << 30;

/// How a device is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub host: String,
    pub port: u16,
    pub access: Access,
}

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no answer within {0:?}")]
    Silence(Duration),
    #[error("no way to {host}")]
    NoWay {
        host: String,
        #[source]
        source: std::io::Error,
    },
    #[error("the answer is no answer to the question")]
    Garbage(#[source] snmp2::Error),
    /// The protocol does not let the three be told apart.
    #[error(
        "it refuses the user: its name, its password or its protocol of authentication is wrong"
    )]
    UserRefused(#[source] snmp2::Error),
    #[error(
        "it answers in the clear, but not what is encrypted: the password or the protocol of privacy is wrong"
    )]
    NotDecrypted,
    /// It announces longer messages than the library takes.
    #[error(
        "it announces messages of more than 65,507 bytes, which we cannot use with SNMP v3: set a smaller limit on it, or ask it by v2c"
    )]
    LongMessages,
    /// RFC 3414 (2.3) has an engine count its boots from 1 on; the library takes no other.
    #[error(
        "its SNMP v3 engine counts no boots, so that nothing it signs can be believed: restart it, or ask it by v2c"
    )]
    NoBoots,
    #[error("the system gives no random number for the request id")]
    NoRandom,
}

impl Error {
    /// Whether asking on is of use: the device lives, though this answer is of none.
    fn is_of_one_request(&self) -> bool {
        matches!(self, Error::Garbage(error) if !matches!(error, snmp2::Error::Send | snmp2::Error::Receive))
    }
}

/// One device that is asked, over as many sessions as it takes.
#[derive(Debug)]
pub struct Client {
    settings: Settings,
    /// In real time, of each request.
    timeout: Duration,
    session: Option<Session>,
    /// What a device of v1 does not have.
    absent: BTreeSet<Vec<u64>>,
    /// The key of privacy is lengthened in the other way from now on.
    other_extension: bool,
    /// It has answered a v3 request: what it does not answer is not for its privacy.
    understood: bool,
}

struct Session(AsyncSession);

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session")
    }
}

enum Question<'a> {
    Get(&'a [&'a [u64]]),
    Next(&'a [u64]),
}

struct Answer {
    error_status: u32,
    varbinds: Vec<(Vec<u64>, Option<Value>)>,
}

impl Client {
    pub fn new(settings: Settings, timeout: Duration) -> Self {
        Self {
            settings,
            timeout,
            session: None,
            absent: BTreeSet::new(),
            other_extension: false,
            understood: false,
        }
    }

    /// It may be another device now: what the last one did not have is asked for again.
    pub fn forget(&mut self) {
        self.absent.clear();
    }

    /// Asks for scalars and puts what is told into `values`; an object that the
    /// device does not have is left out. After an error, which is silence, what
    /// was told before it stands.
    pub async fn scalars(&mut self, oids: &[&[u64]], values: &mut Values) -> Result<(), Error> {
        let known: Vec<&[u64]> = oids
            .iter()
            .filter(|oid| !self.absent.contains(**oid))
            .copied()
            .collect();
        for oids in known.chunks(OBJECTS_A_REQUEST) {
            let mut missing = oids.to_vec();
            match self.ask(&Question::Get(oids)).await {
                Ok(answer) if answer.error_status == 0 => {
                    for (oid, value) in answer.varbinds {
                        let before = missing.len();
                        missing.retain(|asked| *asked != oid);
                        if let (true, Some(value)) = (missing.len() < before, value) {
                            values.insert(oid, value);
                        }
                    }
                }
                // Too big, or one object that spoils the others.
                Ok(_) => {}
                Err(error) if error.is_of_one_request() => {}
                Err(error) => return Err(error),
            }
            for oid in missing {
                self.single(oid, values).await?;
            }
        }
        Ok(())
    }

    async fn single(&mut self, oid: &[u64], values: &mut Values) -> Result<(), Error> {
        match self.ask(&Question::Get(&[oid])).await {
            Ok(answer) if answer.error_status == 0 => {
                let told = answer.varbinds.into_iter().find(|(name, _)| name == oid);
                if let Some((name, Some(value))) = told {
                    values.insert(name, value);
                }
                Ok(())
            }
            Ok(answer) => {
                if answer.error_status == NO_SUCH_NAME {
                    self.absent.insert(oid.to_vec());
                }
                Ok(())
            }
            Err(error) if error.is_of_one_request() => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Walks a column, whatever its indices look like.
    pub async fn column(&mut self, column: &[u64]) -> Result<Values, Error> {
        let mut values = Values::new();
        let mut last = column.to_vec();
        for _ in 0..MOST_ROWS {
            let answer = self.ask(&Question::Next(&last)).await?;
            let next = answer.varbinds.into_iter().next();
            match (answer.error_status, next) {
                (0, Some((oid, Some(value)))) if oid.starts_with(column) && oid > last => {
                    last.clone_from(&oid);
                    values.insert(oid, value);
                }
                _ => break,
            }
        }
        Ok(values)
    }

    async fn ask(&mut self, question: &Question<'_>) -> Result<Answer, Error> {
        let kept = self.session.is_some();
        match self.ask_once(question).await {
            // An engine that has restarted, or was asked nothing for minutes, wants to
            // be met anew.
            Err(Error::UserRefused(_)) if kept => self.ask_once(question).await,
            asked => asked,
        }
    }

    async fn ask_once(&mut self, question: &Question<'_>) -> Result<Answer, Error> {
        // Taken, and put back only where all went well: cancellation and errors drop it.
        let mut session = match self.session.take() {
            Some(session) => session,
            None => self.open().await?,
        };
        let timeout = self.timeout;
        let asking = exchange(&mut session.0, question);
        let answer = match tokio::time::timeout(timeout, asking).await {
            Ok(answer) => answer.map_err(refusal)?,
            Err(_) => return Err(self.silence()),
        };
        self.understood = true;
        self.session = Some(session);
        Ok(answer)
    }

    /// What the silence of a device that could be met means.
    fn silence(&mut self) -> Error {
        match &self.settings.access {
            Access::V3(user) if user.is_private() && !self.understood => {
                // The next session tries the other way, where there are two.
                self.other_extension = user.lengthens_key() && !self.other_extension;
                Error::NotDecrypted
            }
            _ => Error::Silence(self.timeout),
        }
    }

    async fn open(&self) -> Result<Session, Error> {
        let no_way = |source| Error::NoWay {
            host: self.settings.host.clone(),
            source,
        };
        let random = getrandom::u32().map_err(|_| Error::NoRandom)? % (REQUEST_IDS - 1) + 1;
        let id = i32::try_from(random).unwrap_or(1);
        let place = (self.settings.host.as_str(), self.settings.port);
        let opening = async {
            let mut session = match &self.settings.access {
                Access::V1 { community } => {
                    AsyncSession::new_v1(place, community.as_bytes(), id).await
                }
                Access::V2c { community } => {
                    AsyncSession::new_v2c(place, community.as_bytes(), id).await
                }
                Access::V3(user) => {
                    let security = user.security(self.other_extension);
                    AsyncSession::new_v3(place, id, security).await
                }
            }
            .map_err(no_way)?;
            // Meets the engine of v3; does nothing else.
            session.init().await.map_err(|error| match error {
                snmp2::Error::BufferOverflow => Error::LongMessages,
                error => refusal(error),
            })?;
            Ok(Session(session))
        };
        tokio::time::timeout(self.timeout, opening)
            .await
            .map_err(|_| Error::Silence(self.timeout))?
    }
}

fn refusal(error: snmp2::Error) -> Error {
    match error {
        snmp2::Error::AuthFailure(snmp2::v3::AuthErrorKind::EngineBootsNotProvided) => {
            Error::NoBoots
        }
        error @ (snmp2::Error::AuthFailure(_) | snmp2::Error::AuthUpdated) => {
            Error::UserRefused(error)
        }
        error => Error::Garbage(error),
    }
}

async fn exchange(
    session: &mut AsyncSession,
    question: &Question<'_>,
) -> Result<Answer, snmp2::Error> {
    match exchange_once(session, question).await {
        // The engine's clock was learned from the reply; the question stands.
        Err(snmp2::Error::AuthUpdated) => exchange_once(session, question).await,
        exchanged => exchanged,
    }
}

async fn exchange_once(
    session: &mut AsyncSession,
    question: &Question<'_>,
) -> Result<Answer, snmp2::Error> {
    match question {
        Question::Get(oids) => {
            let oids: Vec<snmp2::Oid<'static>> = oids
                .iter()
                .map(|oid| encode(oid))
                .collect::<Result<_, _>>()?;
            let oids: Vec<&snmp2::Oid<'_>> = oids.iter().collect();
            Ok(read(session.get_many(&oids).await?))
        }
        Question::Next(oid) => Ok(read(session.getnext(&encode(oid)?).await?)),
    }
}

fn encode(oid: &[u64]) -> Result<snmp2::Oid<'static>, snmp2::Error> {
    snmp2::Oid::from(oid).map_err(|_| snmp2::Error::ValueOutOfRange)
}

fn read(pdu: Pdu<'_>) -> Answer {
    let varbinds = pdu
        .varbinds
        .filter_map(|(oid, value)| Some((arcs(&oid)?, decode(value))))
        .collect();
    Answer {
        error_status: pdu.error_status,
        varbinds,
    }
}

fn arcs(oid: &snmp2::Oid<'_>) -> Option<Vec<u64>> {
    // There are no more of them than bytes, but for the two in the first.
    let mut arcs = Vec::with_capacity(oid.as_bytes().len() + 1);
    arcs.extend(oid.iter()?);
    Some(arcs)
}

/// `None` where the device does not have the object.
fn decode(value: snmp2::Value<'_>) -> Option<Value> {
    use snmp2::Value as Raw;
    Some(match value {
        Raw::NoSuchObject | Raw::NoSuchInstance | Raw::EndOfMibView => return None,
        Raw::Integer(number) => Value::Integer(number),
        Raw::Counter32(number) | Raw::Unsigned32(number) | Raw::Timeticks(number) => {
            Value::Integer(number.into())
        }
        Raw::Counter64(number) => i64::try_from(number).map_or(Value::Null, Value::Integer),
        Raw::OctetString(text) => Value::Text(text.to_vec()),
        Raw::ObjectIdentifier(oid) => arcs(&oid).map_or(Value::Null, Value::Oid),
        _ => Value::Null,
    })
}
