//! SNMP v2c: asks one device, matched by object identifier.
//!
//! A session that has missed one reply reads every later one as an answer to
//! the wrong question, so after any error it is dropped and the next request
//! opens a new one, from another port and with another request id. What a
//! reply lacks is asked for again, singly: one odd value hides those behind it.

use std::fmt;
use std::time::Duration;

use snmp2::{AsyncSession, Pdu};

use crate::ups::{Value, Values};

/// How many objects one request asks for; small cards refuse long ones.
const OBJECTS_A_REQUEST: usize = 12;
/// Rows of a column that are read: phases or alarms, never more.
const MOST_ROWS: usize = 32;
/// Request ids start within `1..2^30`, and a session is left long before they wrap.
const REQUEST_IDS: u32 = 1 << 30;

/// How a device is asked by SNMP v2c. The community is a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Settings {
    pub host: String,
    pub port: u16,
    pub community: String,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Settings");
        shown.field("host", &self.host).field("port", &self.port);
        shown.finish_non_exhaustive()
    }
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
        }
    }

    /// Asks for scalars and puts what is told into `values`; an object that the
    /// device does not have is left out. After an error, which is silence, what
    /// was told before it stands.
    pub async fn scalars(&mut self, oids: &[&[u64]], values: &mut Values) -> Result<(), Error> {
        for oids in oids.chunks(OBJECTS_A_REQUEST) {
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
            Ok(_) => Ok(()),
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
        // Taken, and put back only where all went well: cancellation and errors drop it.
        let mut session = match self.session.take() {
            Some(session) => session,
            None => self.open().await?,
        };
        let asking = exchange(&mut session.0, question);
        let answer = tokio::time::timeout(self.timeout, asking)
            .await
            .map_err(|_| Error::Silence(self.timeout))?
            .map_err(Error::Garbage)?;
        self.session = Some(session);
        Ok(answer)
    }

    async fn open(&self) -> Result<Session, Error> {
        let no_way = |source| Error::NoWay {
            host: self.settings.host.clone(),
            source,
        };
        let random = getrandom::u32().map_err(|_| Error::NoRandom)? % (REQUEST_IDS - 1) + 1;
        let first_id = i32::try_from(random).unwrap_or(1);
        let place = (self.settings.host.as_str(), self.settings.port);
        let opening = AsyncSession::new_v2c(place, self.settings.community.as_bytes(), first_id);
        let session = tokio::time::timeout(self.timeout, opening)
            .await
            .map_err(|_| Error::Silence(self.timeout))?
            .map_err(no_way)?;
        Ok(Session(session))
    }
}

async fn exchange(
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
        .filter_map(|(oid, value)| Some((oid.iter()?.collect(), decode(value))))
        .collect();
    Answer {
        error_status: pdu.error_status,
        varbinds,
    }
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
        Raw::ObjectIdentifier(oid) => oid
            .iter()
            .map_or(Value::Null, |arcs| Value::Oid(arcs.collect())),
        _ => Value::Null,
    })
}
