//! IP and MAC addresses.
//!
//! Left alone: addresses that name no one (private, loopback, link-local, multicast, unspecified),
//! network masks, well-known public resolvers, and four small numbers, which are a version.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::kind::{Candidate, Kind, before, has_word};
use super::numbers::Run;
use crate::span::Span;

/// Public resolvers that guides tell people to use.
const RESOLVERS: [Ipv4Addr; 8] = [
    Ipv4Addr::new(1, 1, 1, 1),
    Ipv4Addr::new(1, 0, 0, 1),
    Ipv4Addr::new(8, 8, 8, 8),
    Ipv4Addr::new(8, 8, 4, 4),
    Ipv4Addr::new(9, 9, 9, 9),
    Ipv4Addr::new(149, 112, 112, 112),
    Ipv4Addr::new(208, 67, 222, 222),
    Ipv4Addr::new(208, 67, 220, 220),
];

/// Longest text of an IPv6 address, in bytes.
const LONGEST: usize = 45;

/// IPv4 addresses in `run`.
pub(super) fn ipv4(run: &Run<'_>, found: &mut Vec<Candidate>) {
    let mut from = 0;
    while from + 4 <= run.groups.len() {
        if (from..from + 3).all(|index| run.separator(index) == ".") {
            let span = run.span(from, from + 4);
            let address = span.of(run.text).and_then(|text| text.parse::<Ipv4Addr>().ok());
            if address.is_some_and(|address| names_someone(address) && !is_version(run.text, span, address))
                && apart(run.text, span)
            {
                found.push(Candidate::proven(Kind::Ip, span));
            }
            from += 4;
        } else {
            from += 1;
        }
    }
}

fn names_someone(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || first == 0
        || first >= 240
        || (first == 100 && second & 0xc0 == 64)
        || RESOLVERS.contains(&address))
}

/// Whether four numbers are rather a version: all small, or named so.
fn is_version(text: &str, span: Span, address: Ipv4Addr) -> bool {
    let words = before(text, span.start, 20).to_lowercase();
    address.octets().iter().all(|octet| *octet < 32)
        || words.ends_with('v')
        || ["version", "versions", "release", "build", "firmware", "ver", "update", "patch"]
            .iter()
            .any(|word| has_word(&words, word))
}

/// Whether no letter, digit, dot or dash makes `span` a part of something longer. A port or a prefix length may follow.
fn apart(text: &str, span: Span) -> bool {
    let before = text[..span.start].chars().next_back();
    let mut after = text[span.end..].chars();
    let closed = match after.next() {
        Some('.' | '-') => !after.next().is_some_and(char::is_alphanumeric),
        Some(c) => !c.is_alphanumeric() && c != '_',
        None => true,
    };
    closed && !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'))
}

/// IPv6 and MAC addresses in `text`.
pub(super) fn colons(text: &str, found: &mut Vec<Candidate>) {
    let bytes = text.as_bytes();
    let part = |byte: u8| byte.is_ascii_hexdigit() || byte == b':' || byte == b'.';
    let mut at = 0;
    while let Some(next) = text[at..].find([':', '-']) {
        let mark = at + next;
        at = mark + 1;
        if bytes[mark] == b'-' {
            at = at.max(mac(text, mark.saturating_sub(2), found));
            continue;
        }
        let touches =
            |index: Option<&u8>| index.is_some_and(|byte| byte.is_ascii_hexdigit() || *byte == b':');
        if !touches(bytes.get(mark + 1)) && !touches(mark.checked_sub(1).and_then(|index| bytes.get(index))) {
            continue;
        }
        let start =
            mark - bytes[..mark].iter().rev().take(4).take_while(|byte| byte.is_ascii_hexdigit()).count();
        let length = bytes[start..].iter().take(LONGEST + 1).take_while(|byte| part(**byte)).count();
        let word = |c: char| c.is_alphanumeric() || c == '_';
        if text[..start].chars().next_back().is_some_and(|c| word(c) || c == '.' || c == ':') {
            continue;
        }
        let end = start + length;
        let written = text[start..end].trim_end_matches('.');
        let written = if written.ends_with("::") { written } else { written.trim_end_matches(':') };
        let span = Span::new(start, start + written.len());
        if length <= LONGEST && !text[end..].chars().next().is_some_and(word) {
            if written.parse::<Ipv6Addr>().is_ok_and(traceable) && written.len() >= 8 {
                found.push(Candidate::proven(Kind::Ip, span));
            } else {
                mac(text, start, found);
            }
        }
        at = at.max(end);
    }
}

fn traceable(address: Ipv6Addr) -> bool {
    let [first, ..] = address.segments();
    let local = first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfe80;
    let mapped = address.to_ipv4_mapped().is_some_and(|address| !names_someone(address));
    !(address.is_loopback() || address.is_unspecified() || address.is_multicast() || local || mapped)
}

/// Adds the MAC address that starts at `start` and returns its end, or `start`.
fn mac(text: &str, start: usize, found: &mut Vec<Candidate>) -> usize {
    let Some(written) = text.get(start..start + 17) else { return start };
    let bytes = written.as_bytes();
    let pairs = bytes.chunks(3).all(|pair| {
        pair[..2].iter().all(u8::is_ascii_hexdigit) && pair.get(2).is_none_or(|mark| *mark == bytes[2])
    });
    let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || matches!(c, '-' | ':' | '_'));
    let alone = !word(text[..start].chars().next_back()) && !word(text[start + 17..].chars().next());
    // Broadcast, all zeros and the like name no device.
    let device = bytes.chunks(3).any(|pair| pair[..2] != bytes[..2]);
    if !pairs || !matches!(bytes[2], b':' | b'-') || !alone || !device {
        return start;
    }
    found.push(Candidate::proven(Kind::Mac, Span::new(start, start + 17)));
    start + 17
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::numbers::runs;

    fn found(text: &str) -> Vec<(&'static str, &str)> {
        let mut found = Vec::new();
        for run in runs(text) {
            ipv4(&run, &mut found);
        }
        colons(text, &mut found);
        found.into_iter().map(|found| (found.kind.name(), found.span.of(text).unwrap())).collect()
    }

    #[test]
    fn addresses() {
        for ip in ["36.160.14.148", "6e40:4041:c617:e898:c11:40d2:c669:2eb4", "2a00:1450:4001:81b::200e"] {
            assert_eq!(found(&format!("from {ip}.")), [("ip", ip)]);
        }
        assert_eq!(found("http://93.184.216.34:8080/x"), [("ip", "93.184.216.34")]);
        assert_eq!(found("route 93.184.216.0/24"), [("ip", "93.184.216.0")]);
        assert_eq!(found("MAC 00:1A:2B:3C:4D:5E"), [("mac", "00:1A:2B:3C:4D:5E")]);
        assert_eq!(found("00-1a-2b-3c-4d-5e,"), [("mac", "00-1a-2b-3c-4d-5e")]);
    }

    #[test]
    fn left_alone() {
        for text in [
            "127.0.0.1",
            "0.0.0.0",
            "192.168.1.10",
            "10.1.2.3",
            "172.16.0.9",
            "255.255.255.0",
            "169.254.1.1",
            "224.0.0.1",
            "8.8.8.8",
            "100.64.0.1",
            "version 93.184.216.34",
            "1.2.3.4",
            "10.0.19041.1",
            "256.1.1.1",
            "93.184.216.34.5",
            "v93.184.216.34",
            "::1",
            "fe80::1ff:fe23:4567:890a",
            "ff02::1",
            "10:30:00",
            "12:34:56:78",
            "std::vec::Vec",
            "a:b",
            "key: value",
            "ff:ff:ff:ff:ff:ff",
            "00:00:00:00:00:00",
            "550e8400-e29b-41d4-a716-446655440000",
            "01-02-03",
            "sha256:9f86d081884c7d659a2feaa0c55ad015",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn long_rows_of_colons() {
        assert_eq!(found(&"a:".repeat(100_000)), []);
        assert_eq!(found(&"::".repeat(100_000)), []);
        assert_eq!(found(&"aa-".repeat(100_000)), []);
    }
}
