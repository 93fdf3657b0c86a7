//! Percent-encoding, of texts within a target (RFC 3986, 2.1).

/// `None` where a `%` is not followed by two hexadecimal digits, or it is no UTF-8.
pub(super) fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte != b'%' {
            bytes.push(*byte);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        rest = after;
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let digits = std::str::from_utf8(digits).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// Encodes what would end a text, what `also` holds, and what one does not see.
pub(super) fn encode(text: &str, also: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for character in text.chars() {
        let odd = character.is_control() || character.is_whitespace();
        if !odd && !"%&#".contains(character) && !also.contains(character) {
            encoded.push(character);
            continue;
        }
        for byte in character.encode_utf8(&mut [0; 4]).bytes() {
            let digit = |value: u8| char::from(b"0123456789ABCDEF"[usize::from(value)]);
            encoded.extend(['%', digit(byte >> 4), digit(byte & 0x0f)]);
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded_to_the_same() {
        for text in ["", "正常", "a&b#c%d e:f", "\u{3000}\n"] {
            let encoded = encode(text, ":");
            assert!(!encoded.contains(['&', '#', ' ', ':', '\n']), "{encoded}");
            assert_eq!(decode(&encoded).as_deref(), Some(text));
        }
        for odd in ["%", "%4", "%+1", "%zz", "%ff"] {
            assert_eq!(decode(odd), None, "{odd}");
        }
    }
}
