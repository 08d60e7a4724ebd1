//! Payment cards and bank accounts.

use super::kind::{Candidate, Kind, before, has_word};
use super::numbers::{Run, is_dashed, is_space, parted};
use crate::span::Span;

/// Words before a number that say it is a card's.
const CARD_WORDS: [&str; 13] = [
    "card",
    "cards",
    "cc",
    "credit",
    "debit",
    "visa",
    "mastercard",
    "maestro",
    "amex",
    "karte",
    "carte",
    "tarjeta",
    "carta",
];

/// Card numbers in `run`: 13 to 19 digits that pass the Luhn check and start like an issuer's, or fewer and others
/// where words say that they are a card's.
pub(super) fn cards(run: &Run<'_>, found: &mut Vec<Candidate>) {
    let groups = run.groups.len();
    let mut from = 0;
    while from < groups {
        let mut digits = String::new();
        let mut matched = None;
        for to in from + 1..=groups {
            let part = run.groups[to - 1].of(run.text).unwrap_or_default();
            if digits.len() + part.len() > 19 {
                break;
            }
            digits.push_str(part);
            if digits.len() >= 12 && is_card(run, from, to, &digits) {
                matched = Some(to);
            }
        }
        match matched {
            Some(to) => {
                found.push(Candidate::proven(Kind::Card, run.span(from, to)));
                from = to;
            }
            None => from += 1,
        }
    }
}

fn is_card(run: &Run<'_>, from: usize, to: usize, digits: &str) -> bool {
    let joined = (from..to - 1).all(|index| {
        let separator = run.separator(index);
        is_space(separator) || is_dashed(separator)
    });
    let span = run.span(from, to);
    if !joined || !luhn(digits) || digits.bytes().all(|byte| byte == digits.as_bytes()[0]) {
        return false;
    }
    // A number among more digits is no card's unless its groups are those that cards are printed in.
    let printed = matches!(
        run.lengths(from, to).as_slice(),
        [_] | [4, 6, 4 | 5] | [4, 4, 4, 1 | 4] | [4, 4, 4, 4, 3] | [8, 8] | [6, 13]
    );
    let whole = from == 0 && to == run.groups.len();
    let alone =
        parted(run.text, span, char::is_alphanumeric) || (printed && from + 1 < to && loose(run.text, span));
    alone
        && (printed || (whole && run.even(from, to)))
        && (issued(digits)
            || (said(run.text, span) && (digits.len() > 12 || maestro(digits) || said_last(run.text, span))))
}

/// Whether no letter or digit touches `span`.
fn loose(text: &str, span: Span) -> bool {
    let touches = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    !touches(text[..span.start].chars().next_back()) && !touches(text[span.end..].chars().next())
}

fn said(text: &str, span: Span) -> bool {
    let words = before(text, span.start, 40).to_lowercase();
    CARD_WORDS.iter().any(|word| has_word(&words, word))
}

/// Whether nothing stands between such a word and `span`.
fn said_last(text: &str, span: Span) -> bool {
    let words = before(text, span.start, 24).trim_end_matches(|c: char| !c.is_alphanumeric());
    let word = words.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    CARD_WORDS.iter().any(|other| other.eq_ignore_ascii_case(word))
}

/// The check of ISO/IEC 7812: every second digit doubled, the sum a multiple of ten.
pub(super) fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(index, byte)| {
            let digit = u32::from(byte - b'0');
            if index % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Whether a number starts like those of the one network that has twelve digits.
fn maestro(digits: &str) -> bool {
    matches!(digits[..2].parse::<u32>(), Ok(50 | 56..=69))
}

/// Whether a number starts like one of the card networks' and has a length of theirs.
fn issued(digits: &str) -> bool {
    let head = |length: usize| digits[..length].parse::<u32>().unwrap_or(0);
    match digits.len() {
        13 => head(1) == 4,
        14 => matches!(head(3), 300..=305 | 309) || matches!(head(2), 36 | 38 | 39),
        15 => matches!(head(2), 34 | 37) || matches!(head(4), 1800 | 2131),
        16..=19 => {
            head(1) == 4
                || matches!(head(2), 50..=65 | 67)
                || matches!(head(4), 2200..=2204 | 2221..=2720 | 3528..=3589 | 6759..=6763)
                || matches!(head(2), 30 | 36 | 38)
        }
        _ => false,
    }
}

/// Lengths of account numbers by country, from the IBAN registry (ISO 13616).
const LENGTHS: [(&str, usize); 82] = [
    ("AD", 24),
    ("AE", 23),
    ("AL", 28),
    ("AT", 20),
    ("AZ", 28),
    ("BA", 20),
    ("BE", 16),
    ("BG", 22),
    ("BH", 22),
    ("BI", 27),
    ("BR", 29),
    ("BY", 28),
    ("CH", 21),
    ("CR", 22),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DJ", 27),
    ("DK", 18),
    ("DO", 28),
    ("EE", 20),
    ("EG", 29),
    ("ES", 24),
    ("FI", 18),
    ("FK", 18),
    ("FO", 18),
    ("FR", 27),
    ("GB", 22),
    ("GE", 22),
    ("GI", 23),
    ("GL", 18),
    ("GR", 27),
    ("GT", 28),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IQ", 23),
    ("IS", 26),
    ("IT", 27),
    ("JO", 30),
    ("KW", 30),
    ("KZ", 20),
    ("LB", 28),
    ("LC", 32),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("LY", 25),
    ("MC", 27),
    ("MD", 24),
    ("ME", 22),
    ("MK", 19),
    ("MN", 20),
    ("MR", 27),
    ("MT", 31),
    ("MU", 30),
    ("NI", 28),
    ("NL", 18),
    ("NO", 15),
    ("OM", 23),
    ("PK", 24),
    ("PL", 28),
    ("PS", 29),
    ("PT", 25),
    ("QA", 29),
    ("RO", 24),
    ("RS", 22),
    ("RU", 33),
    ("SA", 24),
    ("SC", 31),
    ("SD", 18),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("SO", 23),
    ("ST", 25),
    ("SV", 28),
    ("TR", 26),
    ("UA", 29),
];

/// The account number whose check digits start at `at`, where the two letters before and the rest make one.
pub(super) fn iban(text: &str, at: usize) -> Option<Candidate> {
    let start = at.checked_sub(2)?;
    let country = text.get(start..at)?.to_ascii_uppercase();
    if text[..start].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let length = LENGTHS.iter().find(|(code, _)| **code == country)?.1;
    let mut compact = String::with_capacity(length);
    let mut end = start;
    let mut group = 0;
    for (offset, c) in text[start..].char_indices() {
        if c.is_ascii_alphanumeric() {
            compact.push(c.to_ascii_uppercase());
            end = start + offset + 1;
            group += 1;
            if compact.len() == length {
                break;
            }
        } else {
            // Dashes part groups of four only: other codes have them elsewhere.
            let parts = matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '.') || (c == '-' && group == 4);
            if group == 0 || !parts {
                break;
            }
            group = 0;
        }
    }
    let mut rest = text[end..].chars();
    let next = rest.next();
    let touched = match next {
        Some('-') => rest.next().is_some_and(char::is_alphanumeric),
        next => next.is_some_and(|c| c.is_alphanumeric() || c == '_'),
    };
    (compact.len() == length && !touched && checks(&compact))
        .then(|| Candidate::proven(Kind::Iban, Span::new(start, end)))
}

/// The check of ISO 7064, MOD 97-10.
fn checks(iban: &str) -> bool {
    let remainder = iban[4..].bytes().chain(iban[..4].bytes()).fold(0_u32, |remainder, byte| {
        if byte.is_ascii_digit() {
            (remainder * 10 + u32::from(byte - b'0')) % 97
        } else {
            (remainder * 100 + u32::from(byte - b'A') + 10) % 97
        }
    });
    remainder == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::numbers::runs;

    fn found(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        for run in runs(text) {
            cards(&run, &mut found);
            found.extend(iban(text, run.groups[0].start));
        }
        found.into_iter().map(|found| found.span.of(text).unwrap()).collect()
    }

    #[test]
    fn card_numbers() {
        for card in [
            "4111111111111111",
            "4111 1111 1111 1111",
            "4111-1111-1111-1111",
            "5555555555554444",
            "378282246310005",
            "3782 822463 10005",
            "6011111111111117",
            "30569309025904",
            "3530111333300000",
            "180016070420458",
            "4111 1111\n1111 1111",
            "4111\u{a0}1111\u{a0}1111\u{a0}1111",
            "4222222222222",
            "2223003122003222",
        ] {
            assert_eq!(found(card), [card]);
            assert_eq!(found(&format!("paid with {card}, thanks")), [card]);
        }
        assert_eq!(found("4111 1111 1111 1111 12/26 123"), ["4111 1111 1111 1111"]);
        assert_eq!(found("my card is 9999999999999995"), ["9999999999999995"]);
    }

    #[test]
    fn no_card_numbers() {
        for text in [
            "4111111111111112",
            "1700000000000",
            "order 1234567890123456",
            "9780306406157",
            "ISBN 978-0-306-40615-7",
            "A4111111111111111",
            "4111111111111111F",
            "0.4111111111111111",
            "0000000000000000",
            "9999999999999995",
            "20240101 20240102",
            "550e8400-e29b-41d4-a716-446655440000",
            "41111111111111110000000",
        ] {
            assert_eq!(found(text), Vec::<&str>::new(), "{text}");
        }
    }

    #[test]
    fn account_numbers() {
        for iban in [
            "DE89370400440532013000",
            "DE89 3704 0044 0532 0130 00",
            "GB82 WEST 1234 5698 7654 32",
            "FR1420041010050500013M02606",
            "NL91ABNA0417164300",
            "gb82west12345698765432",
            "NO93 8601 1117 947",
        ] {
            assert_eq!(found(iban), [iban]);
        }
        for text in [
            "DE89370400440532013001",
            "XX89370400440532013000",
            "ADE89370400440532013000",
            "DE8937040044053201300",
            "ba7d2d26-29d6-9ad6-211d-000000000000",
        ] {
            assert_eq!(found(text), Vec::<&str>::new(), "{text}");
        }
    }
}
