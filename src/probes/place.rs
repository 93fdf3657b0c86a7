//! Where a device is, as people write it.

/// `host`, `host:port`, `[v6]`, `[v6]:port` or a bare v6 address; `None` where it is none of these.
pub fn read_place(text: &str, default_port: u16) -> Option<(String, u16)> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']')?;
            let port = match rest {
                "" => None,
                rest => Some(rest.strip_prefix(':')?),
            };
            (host, port)
        }
        // Two colons without brackets are an address of version 6 alone.
        None => match text.split_once(':') {
            Some((host, port)) if !port.contains(':') => (host, Some(port)),
            _ => (text, None),
        },
    };
    let port = port.map_or(Some(default_port), |port| port.parse().ok())?;
    (!host.is_empty()).then(|| (host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_with_and_without_a_port() {
        let place = |text| read_place(text, 161).unwrap();
        assert_eq!(place("ups.example"), ("ups.example".to_owned(), 161));
        assert_eq!(place("10.0.0.5:1161"), ("10.0.0.5".to_owned(), 1161));
        assert_eq!(place("[::1]:1161"), ("::1".to_owned(), 1161));
        assert_eq!(place("[::1]"), ("::1".to_owned(), 161));
        assert_eq!(place("fe80::1"), ("fe80::1".to_owned(), 161));
        for odd in ["host:many", "[::1", "[::1]x", ":161", ""] {
            assert_eq!(read_place(odd, 161), None, "{odd}");
        }
    }
}
