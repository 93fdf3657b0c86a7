//! A small SNMP v2c agent: GET, GETNEXT and GETBULK over whatever it is given, and traps.
//!
//! Another community, another version or anything that cannot be read gets
//! silence, as from a real card. Encoding after RFC 3416 and X.690 (BER).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::Bound;

use tokio::net::UdpSocket;

/// What an object answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Integer(i64),
    Text(String),
    Oid(Vec<u64>),
    Gauge(u32),
    /// Hundredths of a second.
    Ticks(u32),
    Null,
}

/// The objects of an agent, in their order.
pub type Objects = BTreeMap<Vec<u64>, Value>;

const SEQUENCE: u8 = 0x30;
const RESPONSE: u8 = 0xA2;
const TRAP: u8 = 0xA7;
const NO_SUCH_OBJECT: u8 = 0x80;
const END_OF_MIB_VIEW: u8 = 0x82;
/// No more than this many objects in a bulk answer, so that it fits into a datagram.
const BULK: usize = 64;

/// Answers on `socket` for ever; `objects` are asked anew for each request, `None` is silence.
pub async fn serve(socket: UdpSocket, community: &str, objects: impl Fn() -> Option<Objects>) {
    let mut datagram = [0; 2048];
    loop {
        let Ok((length, from)) = socket.recv_from(&mut datagram).await else {
            continue;
        };
        let Some(objects) = objects() else { continue };
        if let Some(reply) = answer(&datagram[..length], community, &objects) {
            send(&socket, &reply, from).await;
        }
    }
}

/// A trap of this name, without any object of its own (RFC 3416, 4.2.6).
pub(super) fn trap(community: &str, uptime: u32, name: &[u64]) -> Vec<u8> {
    let bindings = [
        binding(&[1, 3, 6, 1, 2, 1, 1, 3, 0], &encode(&Value::Ticks(uptime))),
        binding(
            &[1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0],
            &encode(&Value::Oid(name.to_vec())),
        ),
    ];
    encode_message(community, TRAP, &[1], &bindings.concat())
}

async fn send(socket: &UdpSocket, reply: &[u8], to: SocketAddr) {
    // A datagram may be lost on any network.
    drop(socket.send_to(reply, to).await);
}

/// The answer to one datagram; `None` where a card would be silent.
fn answer(datagram: &[u8], community: &str, objects: &Objects) -> Option<Vec<u8>> {
    let mut outer = Reader(datagram);
    let mut message = Reader(outer.take(SEQUENCE)?);
    let version = integer(message.take(0x02)?)?;
    let asked = message.take(0x04)?;
    if version != 1 || asked != community.as_bytes() {
        return None;
    }
    let (kind, pdu) = message.next()?;
    let mut pdu = Reader(pdu);
    let request = pdu.take(0x02)?;
    let non_repeaters = integer(pdu.take(0x02)?)?;
    let repetitions = integer(pdu.take(0x02)?)?;
    let mut names = Vec::new();
    let mut bindings = Reader(pdu.take(SEQUENCE)?);
    while let Some((SEQUENCE, binding)) = bindings.next() {
        names.push(oid(Reader(binding).take(0x06)?)?);
    }
    let answered = match kind {
        0xA0 => names.iter().map(|name| get(objects, name)).collect(),
        0xA1 => names.iter().map(|name| next(objects, name)).collect(),
        0xA5 => bulk(objects, &names, non_repeaters, repetitions),
        _ => return None,
    };
    Some(encode_message(
        community,
        RESPONSE,
        request,
        &answered.concat(),
    ))
}

/// Of v2c, without an error.
fn encode_message(community: &str, kind: u8, request: &[u8], bindings: &[u8]) -> Vec<u8> {
    let pdu = [
        field(0x02, request),
        field(0x02, &[0]),
        field(0x02, &[0]),
        field(SEQUENCE, bindings),
    ];
    let message = [
        field(0x02, &[1]),
        field(0x04, community.as_bytes()),
        field(kind, &pdu.concat()),
    ];
    field(SEQUENCE, &message.concat())
}

fn get(objects: &Objects, name: &[u64]) -> Vec<u8> {
    let value = objects.get(name);
    binding(
        name,
        &value.map_or_else(|| field(NO_SUCH_OBJECT, &[]), encode),
    )
}

fn next(objects: &Objects, name: &[u64]) -> Vec<u8> {
    match after(objects, name) {
        Some((name, value)) => binding(name, &encode(value)),
        None => binding(name, &field(END_OF_MIB_VIEW, &[])),
    }
}

fn after<'a>(objects: &'a Objects, name: &[u64]) -> Option<(&'a Vec<u64>, &'a Value)> {
    objects
        .range::<[u64], _>((Bound::Excluded(name), Bound::Unbounded))
        .next()
}

fn bulk(
    objects: &Objects,
    names: &[Vec<u64>],
    non_repeaters: i64,
    repetitions: i64,
) -> Vec<Vec<u8>> {
    let once = usize::try_from(non_repeaters).unwrap_or(0).min(names.len());
    let mut answered: Vec<Vec<u8>> = names[..once]
        .iter()
        .map(|name| next(objects, name))
        .collect();
    let mut cursors: Vec<Vec<u64>> = names[once..].to_vec();
    for _ in 0..usize::try_from(repetitions).unwrap_or(0) {
        for cursor in &mut cursors {
            if answered.len() >= BULK {
                return answered;
            }
            answered.push(next(objects, cursor));
            if let Some((name, _)) = after(objects, cursor) {
                cursor.clone_from(name);
            }
        }
    }
    answered
}

fn binding(name: &[u64], value: &[u8]) -> Vec<u8> {
    field(
        SEQUENCE,
        &[field(0x06, &encode_oid(name)), value.to_vec()].concat(),
    )
}

fn encode(value: &Value) -> Vec<u8> {
    match value {
        Value::Integer(number) => field(0x02, &encode_integer(*number)),
        Value::Text(text) => field(0x04, text.as_bytes()),
        Value::Oid(oid) => field(0x06, &encode_oid(oid)),
        Value::Gauge(number) => field(0x42, &encode_integer(i64::from(*number))),
        Value::Ticks(number) => field(0x43, &encode_integer(i64::from(*number))),
        Value::Null => field(0x05, &[]),
    }
}

/// Two's complement, the shortest that holds it.
fn encode_integer(number: i64) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    let mut start = 0;
    while start < 7 {
        let redundant = (bytes[start] == 0 && bytes[start + 1] < 0x80)
            || (bytes[start] == 0xFF && bytes[start + 1] >= 0x80);
        if !redundant {
            break;
        }
        start += 1;
    }
    bytes[start..].to_vec()
}

fn encode_oid(oid: &[u64]) -> Vec<u8> {
    let (first, rest) = match oid {
        [a, b, rest @ ..] => (a * 40 + b, rest),
        _ => (0, [].as_slice()),
    };
    let mut bytes = Vec::new();
    for arc in std::iter::once(&first).chain(rest) {
        let mut digits = vec![u8::try_from(arc & 0x7F).unwrap_or(0)];
        let mut left = arc >> 7;
        while left > 0 {
            digits.push(u8::try_from(left & 0x7F).unwrap_or(0) | 0x80);
            left >>= 7;
        }
        bytes.extend(digits.iter().rev());
    }
    bytes
}

fn field(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    let length = content.len();
    if let Ok(short @ 0..0x80) = u8::try_from(length) {
        bytes.push(short);
    } else {
        let long = length.to_be_bytes();
        let start = long.iter().position(|byte| *byte != 0).unwrap_or(7);
        bytes.push(0x80 | u8::try_from(long.len() - start).unwrap_or(8));
        bytes.extend(&long[start..]);
    }
    bytes.extend(content);
    bytes
}

/// Reads one field after the other; anything malformed ends it.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&length, mut rest) = rest.split_first()?;
        let length = if length < 0x80 {
            usize::from(length)
        } else {
            let digits = rest.get(..usize::from(length & 0x7F))?;
            if digits.len() > 3 {
                return None;
            }
            rest = &rest[digits.len()..];
            digits
                .iter()
                .fold(0, |length, digit| length << 8 | usize::from(*digit))
        };
        let content = rest.get(..length)?;
        self.0 = &rest[length..];
        Some((tag, content))
    }

    fn take(&mut self, wanted: u8) -> Option<&'a [u8]> {
        let (tag, content) = self.next()?;
        (tag == wanted).then_some(content)
    }
}

fn integer(content: &[u8]) -> Option<i64> {
    let (&first, _) = content.split_first()?;
    if content.len() > 8 {
        return None;
    }
    let sign = if first >= 0x80 { -1 } else { 0 };
    Some(
        content
            .iter()
            .fold(sign, |number, byte| number << 8 | i64::from(*byte)),
    )
}

fn oid(content: &[u8]) -> Option<Vec<u64>> {
    let mut arcs = Vec::new();
    let mut arc: u64 = 0;
    for byte in content {
        arc = arc.checked_mul(128)? | u64::from(byte & 0x7F);
        if byte & 0x80 == 0 {
            if arcs.is_empty() {
                arcs.push((arc / 40).min(2));
                arc -= arcs[0] * 40;
            }
            arcs.push(arc);
            arc = 0;
        }
    }
    Some(arcs)
}
