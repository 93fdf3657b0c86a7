//! One datagram that may be a trap, read as far as telling what it is.

use snmp2::{MessageType, Pdu, v3};

/// The flag of a v3 message whose sender waits for a report: of an inform, never of a trap (RFC 3412, 6.4).
pub(super) const REPORTABLE: u8 = 4;

/// What one datagram was.
pub(super) enum Heard {
    Trap,
    /// With the answer that ends it.
    Inform(Vec<u8>),
    V3Inform,
    Refused,
    Unreadable,
}

/// A trap or inform of v1 or v2c.
pub(super) fn in_clear(datagram: &[u8]) -> Heard {
    let Ok(mut pdu) = Pdu::from_bytes(datagram) else {
        return Heard::Unreadable;
    };
    match pdu.message_type {
        MessageType::Trap | MessageType::TrapV1 => Heard::Trap,
        MessageType::InformRequest => {
            pdu.message_type = MessageType::Response;
            pdu.to_bytes().map_or(Heard::Unreadable, Heard::Inform)
        }
        _ => Heard::Unreadable,
    }
}

/// Whether this engine of the user signed the trap. `security` is pristine: the
/// library takes time and boots from a datagram before it has verified it.
pub(super) fn verified(security: &v3::Security, datagram: &[u8]) -> Heard {
    let mut security = security.clone();
    // It asks for another attempt after taking boots from what is not signed.
    for _ in 0..2 {
        // The library blanks the signature where it stands.
        let datagram = datagram.to_vec();
        match Pdu::from_bytes_with_security(&datagram, Some(&mut security)) {
            Ok(pdu) if pdu.message_type == MessageType::Trap => return Heard::Trap,
            Ok(_) => return Heard::Unreadable,
            Err(snmp2::Error::AuthUpdated) => {}
            Err(_) => return Heard::Refused,
        }
    }
    Heard::Refused
}

/// What of a message is readable by anyone.
pub(super) enum Header<'a> {
    /// v1 or v2c.
    Community,
    V3 {
        flags: u8,
        engine: &'a [u8],
    },
}

impl<'a> Header<'a> {
    pub(super) fn read(datagram: &'a [u8]) -> Option<Self> {
        let mut message = inside(datagram, snmp2::asn1::TYPE_SEQUENCE)?;
        match message.read_asn_integer().ok()? {
            0 | 1 => Some(Self::Community),
            3 => {
                let global = message.read_raw(snmp2::asn1::TYPE_SEQUENCE).ok()?;
                let mut global = snmp2::AsnReader::from_bytes(global);
                global.read_asn_integer().ok()?;
                global.read_asn_integer().ok()?;
                let flags = *global.read_asn_octetstring().ok()?.first()?;
                let parameters = message.read_asn_octetstring().ok()?;
                let mut parameters = inside(parameters, snmp2::asn1::TYPE_SEQUENCE)?;
                let engine = parameters.read_asn_octetstring().ok()?;
                Some(Self::V3 { flags, engine })
            }
            _ => None,
        }
    }
}

fn inside(bytes: &[u8], tag: u8) -> Option<snmp2::AsnReader<'_>> {
    let content = snmp2::AsnReader::from_bytes(bytes).read_raw(tag).ok()?;
    Some(snmp2::AsnReader::from_bytes(content))
}
