//! A message of DNS: one question out, the records of its answer in (RFC 1035, 4).

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::probes::reach::record::Record;

const HEAD: usize = 12;
const IN: u16 = 1;
/// Recursion is desired; the server may be a resolver.
const RECURSION_DESIRED: u16 = 0x0100;
const RESPONSE: u16 = 0x8000;
const TRUNCATED: u16 = 0x0200;
const RCODE: u16 = 0x000f;
/// Above a label's length: the rest of the name stands elsewhere.
const POINTER: u8 = 0xc0;
/// A name has no more labels, nor leads to more places.
const MOST_STEPS: usize = 128;
/// Records that are read, and told.
const MOST_RECORDS: usize = 32;

/// What a server answers.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) code: u8,
    /// It had more to say than a datagram takes.
    pub(super) truncated: bool,
    /// Those of the type that was asked for.
    pub(super) records: Vec<String>,
}

/// The question as it is sent. The name's labels are at most 63 bytes long.
pub(super) fn question(id: u16, name: &str, record: Record) -> Vec<u8> {
    let mut message = Vec::with_capacity(HEAD + name.len() + 6);
    for word in [id, RECURSION_DESIRED, 1, 0, 0, 0] {
        message.extend(word.to_be_bytes());
    }
    for label in name.split('.') {
        // A target's labels have been measured; a longer one would be no name.
        message.push(u8::try_from(label.len()).unwrap_or(0));
        message.extend(label.as_bytes());
    }
    message.push(0);
    message.extend(record.number().to_be_bytes());
    message.extend(IN.to_be_bytes());
    message
}

/// Reads what answers `question`. `None` for whatever does not.
pub(super) fn read(message: &[u8], question: &[u8], record: Record) -> Option<Reply> {
    let flags = word(message, 2)?;
    let of_it = message.get(..2)? == question.get(..2)? && flags & RESPONSE != 0;
    let code = u8::try_from(flags & RCODE).ok()?;
    let asked = question.get(HEAD..)?;
    let behind = HEAD + asked.len();
    let echoed = message.get(HEAD..behind);
    // A server that understands nothing may not repeat the question.
    let silent_refusal = code != 0 && word(message, 4)? == 0;
    if !of_it
        || !(silent_refusal || echoed.is_some_and(|echoed| echoed.eq_ignore_ascii_case(asked)))
    {
        return None;
    }
    let mut reply = Reply {
        code,
        truncated: flags & TRUNCATED != 0,
        records: Vec::new(),
    };
    if code != 0 {
        return Some(reply);
    }
    let mut place = behind;
    for _ in 0..usize::from(word(message, 6)?).min(MOST_RECORDS) {
        let read = read_record(message, place, record);
        let Some((told, next)) = read else {
            // What a truncated one lacks is no fault of its server.
            return reply.truncated.then_some(reply);
        };
        reply.records.extend(told);
        place = next;
    }
    Some(reply)
}

/// A record, told where it is of the type, and where the next one begins.
fn read_record(message: &[u8], place: usize, record: Record) -> Option<(Option<String>, usize)> {
    let (_, place) = name(message, place)?;
    let number = word(message, place)?;
    // Class and time to live stand between.
    let length = usize::from(word(message, place + 8)?);
    let data = place + 10;
    let end = data + length;
    message.get(data..end)?;
    if number != record.number() {
        return Some((None, end));
    }
    Some((Some(told(message, data, end, record)?), end))
}

fn told(message: &[u8], data: usize, end: usize, record: Record) -> Option<String> {
    let bytes = message.get(data..end)?;
    let named = |place| name(message, place).map(|(name, _)| name);
    Some(match record {
        Record::A => Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?).to_string(),
        Record::Aaaa => Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?).to_string(),
        Record::Cname | Record::Ns | Record::Ptr => named(data)?,
        Record::Mx => format!("{} {}", word(message, data)?, named(data + 2)?),
        Record::Srv => {
            let words = [0, 2, 4].map(|place| word(message, data + place));
            let [priority, weight, port] = words;
            format!("{} {} {} {}", priority?, weight?, port?, named(data + 6)?)
        }
        Record::Txt => texts(bytes)?,
    })
}

/// Character strings, each behind its length.
fn texts(mut bytes: &[u8]) -> Option<String> {
    let mut told = String::new();
    while let Some((length, rest)) = bytes.split_first() {
        let (text, rest) = rest.split_at_checked(usize::from(*length))?;
        told.push_str(&shown(text));
        bytes = rest;
    }
    Some(told)
}

fn shown(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    text.chars()
        .map(|c| if c.is_control() { '?' } else { c })
        .collect()
}

/// The name that begins at a place, and what follows it there.
fn name(message: &[u8], begin: usize) -> Option<(String, usize)> {
    let mut labels = Vec::new();
    let (mut place, mut behind) = (begin, None);
    for _ in 0..MOST_STEPS {
        let length = *message.get(place)?;
        if length & POINTER == POINTER {
            behind = behind.or(Some(place + 2));
            place = usize::from(word(message, place)? & 0x3fff);
            continue;
        }
        if length == 0 {
            let name = if labels.is_empty() {
                ".".to_owned()
            } else {
                labels.join(".")
            };
            return Some((name, behind.unwrap_or(place + 1)));
        }
        let end = place + 1 + usize::from(length);
        labels.push(shown(message.get(place + 1..end)?));
        place = end;
    }
    None
}

fn word(message: &[u8], place: usize) -> Option<u16> {
    let bytes = message.get(place..place.checked_add(2)?)?;
    Some(u16::from_be_bytes([bytes[0], bytes[1]]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: u16 = 0x1234;

    /// The answer to a question, with records whose owner is a pointer to its name.
    fn answer(question: &[u8], flags: u16, records: &[(u16, Vec<u8>)]) -> Vec<u8> {
        let mut message = question.to_vec();
        message[2..4].copy_from_slice(&(RESPONSE | flags).to_be_bytes());
        message[6..8].copy_from_slice(&u16::try_from(records.len()).unwrap().to_be_bytes());
        for (number, data) in records {
            message.extend([0xc0, 12]);
            message.extend(number.to_be_bytes());
            message.extend([0, 1, 0, 0, 0, 60]);
            message.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
            message.extend(data);
        }
        message
    }

    fn told(record: Record, records: &[(u16, Vec<u8>)]) -> Vec<String> {
        let question = question(ID, "crm.example", record);
        let message = answer(&question, 0, records);
        read(&message, &question, record).unwrap().records
    }

    #[test]
    fn a_question_is_written_as_the_protocol_has_it() {
        let head = [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        let rest = b"\x03crm\x07example\x00\x00\x1c\x00\x01";
        assert_eq!(
            question(ID, "crm.example", Record::Aaaa),
            [&head[..], rest].concat()
        );
    }

    #[test]
    fn records_are_told_as_one_writes_them() {
        let alias = (5, b"\x03www\xc0\x0c".to_vec());
        let address = (1, vec![192, 0, 2, 1]);
        assert_eq!(
            told(Record::A, &[alias.clone(), address.clone()]),
            ["192.0.2.1"]
        );
        assert_eq!(told(Record::Cname, &[alias, address]), ["www.crm.example"]);
        let mail = (15, b"\x00\x0a\x02mx\xc0\x0c".to_vec());
        assert_eq!(told(Record::Mx, &[mail]), ["10 mx.crm.example"]);
        let service = (33, b"\x00\x01\x00\x02\x13\xc4\x03pbx\x00".to_vec());
        assert_eq!(told(Record::Srv, &[service]), ["1 2 5060 pbx"]);
        let text = (16, b"\x03v=1\x02 \x07".to_vec());
        assert_eq!(told(Record::Txt, &[text]), ["v=1 ?"]);
        let v6 = (28, Ipv6Addr::LOCALHOST.octets().to_vec());
        assert_eq!(told(Record::Aaaa, &[v6]), ["::1"]);
        assert_eq!(told(Record::A, &[]), [""; 0]);
    }

    #[test]
    fn what_answers_another_question_is_no_answer() {
        let asked = question(ID, "crm.example", Record::A);
        let read = |message: &[u8]| read(message, &asked, Record::A);
        let other = question(ID, "crn.example", Record::A);
        assert_eq!(read(&answer(&other, 0, &[])), None);
        let later = question(ID + 1, "crm.example", Record::A);
        assert_eq!(read(&answer(&later, 0, &[])), None);
        assert_eq!(read(&asked), None, "a question is no answer");
        let loud = question(ID, "CRM.Example", Record::A);
        assert!(read(&answer(&loud, 0, &[])).is_some());
        let nxdomain = read(&answer(&asked, 3, &[])).unwrap();
        assert_eq!(nxdomain.code, 3);
        let refused = [0x12, 0x34, 0x80, 5, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(read(&refused).unwrap().code, 5);
    }

    #[test]
    fn what_is_cut_or_leads_in_a_circle_is_no_answer() {
        let asked = question(ID, "crm.example", Record::Cname);
        let read = |message: &[u8]| read(message, &asked, Record::Cname);
        let whole = answer(&asked, 0, &[(5, b"\x03www\xc0\x0c".to_vec())]);
        assert!(read(&whole).is_some());
        for length in 0..whole.len() {
            assert_eq!(read(&whole[..length]), None, "{length}");
        }
        let at = u8::try_from(whole.len() - 2).unwrap();
        let mut circle = whole.clone();
        let end = circle.len();
        circle[end - 1] = at;
        assert_eq!(read(&circle), None);
        let short = answer(&asked, TRUNCATED, &[(5, b"\x03www\xc0\x0c".to_vec())]);
        let cut = read(&short[..short.len() - 1]).unwrap();
        assert!(cut.truncated && cut.records.is_empty());
    }
}
