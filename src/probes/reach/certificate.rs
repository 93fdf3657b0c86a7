//! When a certificate ends: of X.509 no more than this is read.
//!
//! `Certificate ::= SEQUENCE { tbs SEQUENCE { [0] version, serial, algorithm, issuer,
//! validity SEQUENCE { notBefore, notAfter }, .. }, .. }` (RFC 5280, 4.1).

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;

/// `notAfter`; `None` where this is no certificate.
pub(crate) fn not_after(der: &[u8]) -> Option<Timestamp> {
    let (certificate, _) = element(der, SEQUENCE)?;
    let (tbs, _) = element(certificate, SEQUENCE)?;
    let rest = element(tbs, VERSION).map_or(tbs, |(_, rest)| rest);
    let (_, rest) = element(rest, INTEGER)?;
    let (_, rest) = element(rest, SEQUENCE)?;
    let (_, rest) = element(rest, SEQUENCE)?;
    let (validity, _) = element(rest, SEQUENCE)?;
    let (_, not_after) = time(validity)?;
    time(not_after).map(|(time, _)| time)?
}

/// The content of the first element, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, rest) = der.split_first()?;
    let (length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(*length), rest),
        // The length stands in so many bytes; a certificate needs no more than three.
        0x81..=0x83 => {
            let (length, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            let length = length
                .iter()
                .fold(0, |sum, byte| (sum << 8) | usize::from(*byte));
            (length, rest)
        }
        _ => return None,
    };
    let content = rest.split_at_checked(length)?;
    (*found == tag).then_some(content)
}

/// The first time, absent where it is odd, and what follows it.
fn time(der: &[u8]) -> Option<(Option<Timestamp>, &[u8])> {
    let (text, rest, century) = if let Some((text, rest)) = element(der, UTC_TIME) {
        // Two digits of the year: from 1950 to 2049 (RFC 5280, 4.1.2.5.1).
        let century = if text.first()? < &b'5' { "20" } else { "19" };
        (text, rest, century)
    } else {
        let (text, rest) = element(der, GENERALIZED_TIME)?;
        (text, rest, "")
    };
    let text = format!("{century}{}", std::str::from_utf8(text).ok()?);
    let civil = DateTime::strptime("%Y%m%d%H%M%SZ", text);
    let time = civil.and_then(|civil| TimeZone::UTC.to_timestamp(civil));
    Some((time.ok(), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The end of a certificate made with such a `notAfter`.
    fn end(year: i32) -> Option<Timestamp> {
        let mut parameters = rcgen::CertificateParams::new(["crm.example".to_owned()]).unwrap();
        parameters.not_after = rcgen::date_time_ymd(year, 3, 4);
        let key = rcgen::KeyPair::generate().unwrap();
        not_after(parameters.self_signed(&key).unwrap().der())
    }

    #[test]
    fn the_end_is_read_in_both_its_forms() {
        for year in [1999, 2027, 2049, 2050, 4096] {
            let told = end(year).unwrap().to_string();
            assert_eq!(told, format!("{year}-03-04T00:00:00Z"));
        }
    }

    #[test]
    fn what_is_cut_or_odd_has_no_end_and_does_no_harm() {
        let key = rcgen::KeyPair::generate().unwrap();
        let parameters = rcgen::CertificateParams::new(["crm.example".to_owned()]).unwrap();
        let whole = parameters.self_signed(&key).unwrap().der().to_vec();
        assert!(not_after(&whole).is_some());
        for length in 0..whole.len() {
            assert_eq!(not_after(&whole[..length]), None, "{length}");
        }
        for place in 0..whole.len() {
            let mut odd = whole.clone();
            odd[place] ^= 0xff;
            not_after(&odd);
        }
    }
}
