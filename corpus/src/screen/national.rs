//! National identity, tax and social security numbers, passports and driving licenses.
//!
//! Numbers with check digits are taken where they check. Those without need their printed form or words around
//! that say what they are.

use std::sync::LazyLock;

use regex::Regex;

use super::kind::{Candidate, Kind, before, has_word};
use super::numbers::{Run, is_dashed, is_space, stands_alone};
use super::payment::luhn;
use crate::span::Span;

/// Numbers made of digits alone, in `run`.
pub(super) fn in_run(run: &Run<'_>, found: &mut Vec<Candidate>) {
    for from in 0..run.groups.len() {
        for to in from + 1..=run.groups.len().min(from + 8) {
            let count = run.count(from, to);
            if count > 15 {
                break;
            }
            if count < 9 {
                continue;
            }
            let span = run.span(from, to);
            if !stands_alone(run.text, span) {
                continue;
            }
            if let Some(kind) = digits_only(run, from, to) {
                found.push(Candidate::proven(kind, span));
                return;
            }
        }
    }
}

fn digits_only(run: &Run<'_>, from: usize, to: usize) -> Option<Kind> {
    let digits = run.digits(from, to);
    let lengths = run.lengths(from, to);
    let even = run.even(from, to);
    let separator = if to - from > 1 { run.separator(from) } else { "" };
    let said = |words: &[&str]| {
        let text = before(run.text, run.groups[from].start, 48).to_lowercase();
        words.iter().any(|word| has_word(&text, word))
    };
    let dashed = is_dashed(separator) && even;
    let spaced = is_space(separator) && even;
    match (lengths.as_slice(), digits.len()) {
        ([3, 2, 4], _) if dashed && ssn(&digits) => Some(Kind::Ssn),
        ([3, 2, 4] | [9], _) if said(&["ssn", "social security", "itin"]) => Some(Kind::Ssn),
        ([3, 3, 3], _) if (dashed || spaced) && luhn(&digits) && said(&["sin", "social insurance"]) => {
            Some(Kind::NationalId)
        }
        ([9] | [4, 2, 3], _) if eleven_test(&digits) && said(&["bsn", "burgerservicenummer"]) => {
            Some(Kind::NationalId)
        }
        ([9] | [3, 3, 3], _) if said(&["tfn", "tax file number", "nif", "nino", "tax id"]) => {
            Some(Kind::NationalId)
        }
        ([4, 4, 4], _) if (spaced || dashed) && verhoeff(&digits) => Some(Kind::NationalId),
        ([12], _) if verhoeff(&digits) && said(&["aadhaar", "aadhar", "uidai"]) => Some(Kind::NationalId),
        ([3, 3, 3, 2], _) if run.separator(from) == "." && cpf(&digits) => Some(Kind::NationalId),
        ([11], _) if cpf(&digits) && said(&["cpf"]) => Some(Kind::NationalId),
        ([2, 3, 3, 3], _) if spaced && tax_germany(&digits) => Some(Kind::NationalId),
        ([11], _)
            if tax_germany(&digits)
                && said(&[
                    "steuer",
                    "steuer-id",
                    "idnr",
                    "steuernummer",
                    "tax id",
                    "tin",
                    "steuerid",
                    "identifikationsnummer",
                ]) =>
        {
            Some(Kind::NationalId)
        }
        ([2, 2, 2, 3, 2], _) if belgium(&digits) => Some(Kind::NationalId),
        ([6 | 8, 4], _)
            if dashed && day(&digits[digits.len() - 10..]) && luhn(&digits[digits.len() - 10..]) =>
        {
            Some(Kind::NationalId)
        }
        ([6, 4], _) if dashed && said(&["cpr", "cpr-nummer"]) => Some(Kind::NationalId),
        ([11] | [6, 5], _) if norway(&digits) => Some(Kind::NationalId),
        ([11], _) if poland(&digits) && said(&["pesel"]) => Some(Kind::NationalId),
        (_, 15) if (spaced || to - from == 1) && france(&digits) => Some(Kind::NationalId),
        _ => None,
    }
}

/// Numbers that hold letters, passports and licenses, in `text`.
pub(super) fn in_text(text: &str, found: &mut Vec<Candidate>) {
    for matched in LETTERED.find_iter(text) {
        let span = Span::from(matched.range());
        let compact: String = matched
            .as_str()
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_uppercase())
            .collect();
        if stands_alone(text, span) && lettered(&compact, matched.as_str(), before(text, span.start, 48)) {
            found.push(Candidate::proven(Kind::NationalId, span));
        }
    }
    for parts in DOCUMENTS.captures_iter(text) {
        let kind = if parts.name("passport").is_some() { Kind::Passport } else { Kind::License };
        if let Some(number) = parts.name("number")
            && number.as_str().bytes().filter(u8::is_ascii_digit).count() >= 4
        {
            found.push(Candidate::likely(kind, number.range().into()));
        }
    }
}

static LETTERED: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r"(?x)
        (?-u:\b)(?: [0-9]{8}-?[A-Za-z]                                                       # Spain, DNI
        | [XYZxyz]-?[0-9]{7}-?[A-Za-z]                                                 # Spain, NIE
        | [A-Za-z]{2}\ ?[0-9]{2}\ ?[0-9]{2}\ ?[0-9]{2}\ ?[A-Da-d]                      # United Kingdom
        | [A-Za-z]{6}[0-9]{2}[A-EHLMPRSTa-ehlmprst][0-9]{2}[A-Za-z][0-9]{3}[A-Za-z]    # Italy
        | [0-9]{6}[-+A][0-9]{3}[0-9A-Y]                                                # Finland
        | [A-Z]{3}[ABCFGHLJPT][A-Z][0-9]{4}[A-Z]                                       # India, PAN
        )(?-u:\b)",
    )
});

static DOCUMENTS: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r"(?xi)
        (?-u:\b)(?: (?P<passport> passport | reisepass | passeport | pasaporte | passaporto | paspoort )
        | driver'?s?\ licen[cs]e | driving\ licen[cs]e | driver\ licen[cs]e | führerschein | permis\ de\ conduire )
        (?:[\ -]?(?:no|nr|number|num|id|nummer|numéro|número|\#)(?-u:\b)\.?)?
        (?:\ (?:is|was|ist|es|est|:))?
        \s*[:\#=]?\s*
        (?P<number> [A-Z0-9][A-Z0-9-]{4,18}[A-Z0-9] )(?-u:\b)",
    )
});

#[expect(clippy::expect_used, reason = "the patterns are constants that tests compile")]
fn compile(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern compiles")
}

fn lettered(id: &str, written: &str, words: &str) -> bool {
    let bytes = id.as_bytes();
    let said = |names: &[&str]| {
        let words = words.to_lowercase();
        names.iter().any(|name| has_word(&words, name))
    };
    match (bytes[0].is_ascii_digit(), id.len()) {
        (true, 9) => spain(&id[..8], bytes[8]),
        (true, 10) => finland(id, written),
        (false, 9) if matches!(bytes[0], b'X' | b'Y' | b'Z') && bytes[1].is_ascii_digit() => {
            spain(&format!("{}{}", bytes[0] - b'X', &id[1..8]), bytes[8])
        }
        (false, 9) => {
            britain(id)
                && (written.contains(' ') || said(&["ni", "nino", "national insurance", "insurance number"]))
        }
        (false, 10) => said(&["pan", "income tax", "tax"]),
        (false, 16) => italy(bytes),
        _ => false,
    }
}

/// A United States social security number that can have been given out.
fn ssn(digits: &str) -> bool {
    let (area, group, serial) = (&digits[..3], &digits[3..5], &digits[5..]);
    area != "000" && area != "666" && group != "00" && serial != "0000" && digits != "123456789"
}

/// The weighted sum that Dutch numbers pass.
fn eleven_test(digits: &str) -> bool {
    let sum: i32 = digits
        .bytes()
        .zip([9, 8, 7, 6, 5, 4, 3, 2, -1])
        .map(|(byte, weight)| i32::from(byte - b'0') * weight)
        .sum();
    sum % 11 == 0
}

/// The two check digits of Brazil's CPF.
fn cpf(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    let check = |length: usize| {
        let sum: u32 =
            (0..length).map(|at| u32::from(bytes[at] - b'0') * (length as u32 + 1 - at as u32)).sum();
        u32::from(bytes[length] - b'0') == sum * 10 % 11 % 10
    };
    bytes.iter().any(|byte| *byte != bytes[0]) && check(9) && check(10)
}

/// Germany's tax number: ISO 7064 MOD 11,10, and exactly one digit comes twice or three times in the first ten.
fn tax_germany(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    let mut counts = [0_u8; 10];
    for byte in &bytes[..10] {
        counts[usize::from(byte - b'0')] += 1;
    }
    let repeated = counts.iter().filter(|count| **count > 1).count();
    let mut product = 10;
    for byte in &bytes[..10] {
        let sum = (u32::from(byte - b'0') + product) % 10;
        product = if sum == 0 { 10 } else { sum } * 2 % 11;
    }
    bytes[0] != b'0'
        && repeated == 1
        && counts.iter().all(|count| *count <= 3)
        && (11 - product) % 10 == u32::from(bytes[10] - b'0')
}

fn belgium(digits: &str) -> bool {
    let check = digits[9..].parse::<u64>().ok();
    let old = digits[..9].parse::<u64>().ok().map(|number| 97 - number % 97);
    let new = format!("2{}", &digits[..9]).parse::<u64>().ok().map(|number| 97 - number % 97);
    check == old || check == new
}

fn norway(digits: &str) -> bool {
    let sum = |weights: &[u32]| -> u32 {
        digits.bytes().zip(weights).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum()
    };
    day(&format!("{}{}{}", &digits[4..6], &digits[2..4], &digits[..2]))
        && sum(&[3, 7, 6, 1, 8, 9, 4, 5, 2, 1]).is_multiple_of(11)
        && sum(&[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
}

fn poland(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .zip([1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1])
        .map(|(byte, weight)| u32::from(byte - b'0') * weight)
        .sum();
    sum.is_multiple_of(10)
}

/// France's NIR: sex, year, month and a key.
fn france(digits: &str) -> bool {
    let key = digits[13..].parse::<u64>().ok();
    let number = digits[..13].parse::<u64>().ok();
    matches!(digits.as_bytes()[0], b'1' | b'2')
        && digits[3..5].parse().is_ok_and(|month: u8| matches!(month, 1..=12 | 20..=42 | 50..))
        && number.map(|number| 97 - number % 97) == key
}

/// Spain's DNI and NIE: the letter follows from the number.
fn spain(number: &str, letter: u8) -> bool {
    number.parse::<usize>().is_ok_and(|number| b"TRWAGMYFPDXBNJZSQVHLCKE"[number % 23] == letter)
}

fn britain(id: &str) -> bool {
    let bytes = id.as_bytes();
    let bars = |byte: u8| b"DFIQUV".contains(&byte);
    !bars(bytes[0])
        && !bars(bytes[1])
        && bytes[1] != b'O'
        && !matches!(&id[..2], "BG" | "GB" | "KN" | "NK" | "NT" | "TN" | "ZZ")
        && bytes[2..8].iter().all(u8::is_ascii_digit)
}

/// Italy's codice fiscale: the last letter follows from the others.
fn italy(bytes: &[u8]) -> bool {
    const ODD: [u32; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let sum: u32 = bytes[..15]
        .iter()
        .enumerate()
        .map(|(index, byte)| {
            let value = if byte.is_ascii_digit() { byte - b'0' } else { byte - b'A' };
            if index % 2 == 0 { ODD[usize::from(value)] } else { u32::from(value) }
        })
        .sum();
    sum % 26 == u32::from(bytes[15] - b'A')
}

fn finland(id: &str, written: &str) -> bool {
    let (Some(head), Some(tail)) = (written.get(..6), written.get(7..10)) else { return false };
    let date = id.get(4..6).is_some() && day(&format!("{}{}{}", &head[4..6], &head[2..4], &head[..2]));
    let check = written.as_bytes().get(10).copied();
    let number = format!("{head}{tail}").parse::<usize>().ok();
    date && number.map(|number| b"0123456789ABCDEFHJKLMNPRSTUVWXY"[number % 31]) == check
}

/// Whether six digits or more start with a year, a month and a day.
fn day(digits: &str) -> bool {
    let month = digits[2..4].parse::<u8>().unwrap_or(0);
    let day = digits[4..6].parse::<u8>().unwrap_or(0);
    // Numbers given to foreigners add 40 (Norway) or 60 (Sweden) to the day.
    matches!(month, 1..=12) && matches!(day, 1..=31 | 41..=91)
}

/// The check of India's Aadhaar: Verhoeff's dihedral group.
fn verhoeff(digits: &str) -> bool {
    const TURN: [usize; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let multiply = |a: usize, b: usize| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => (a + b - 5) % 5 + 5,
        (false, true) => (a - 5 + 5 - b) % 5 + 5,
        (false, false) => (a + 5 - b) % 5,
    };
    let check = digits.bytes().rev().enumerate().fold(0, |check, (index, byte)| {
        let digit = (0..index % 8).fold(usize::from(byte - b'0'), |digit, _| TURN[digit]);
        multiply(check, digit)
    });
    check == 0 && digits.as_bytes()[0] >= b'2'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::numbers::runs;

    fn found(text: &str) -> Vec<(&'static str, &str)> {
        let mut found = Vec::new();
        for run in runs(text) {
            in_run(&run, &mut found);
        }
        in_text(text, &mut found);
        found.into_iter().map(|found| (found.kind.name(), found.span.of(text).unwrap())).collect()
    }

    #[test]
    fn numbers_with_check_digits() {
        for id in [
            "12345678Z",
            "X1234567L",
            "2 55 08 14 168 025 38",
            "255081416802538",
            "RSSMRA85T10A562S",
            "529.982.247-25",
            "131052-308T",
            "85.07.30-033.28",
            "811218-9876",
            "2341 2341 2346",
        ] {
            assert_eq!(found(id), [("national_id", id)], "{id}");
        }
        for id in [
            "12345678A",
            "X1234567A",
            "255081416802539",
            "RSSMRA85T10A562T",
            "529.982.247-26",
            "131052-308U",
            "811218-9877",
            "2341 2341 2347",
        ] {
            assert_eq!(found(id), [], "{id}");
        }
    }

    #[test]
    fn numbers_that_words_name() {
        assert_eq!(found("SSN 536-90-4399"), [("ssn", "536-90-4399")]);
        assert_eq!(found("536-90-4399"), [("ssn", "536-90-4399")]);
        assert_eq!(found("my social security number is 536904399"), [("ssn", "536904399")]);
        assert_eq!(found("536904399"), []);
        assert_eq!(found("NI number AB123456C"), [("national_id", "AB123456C")]);
        assert_eq!(found("AB 12 34 56 C"), [("national_id", "AB 12 34 56 C")]);
        assert_eq!(found("part AB123456C"), []);
        assert_eq!(found("Steuer-ID: 86095742719"), [("national_id", "86095742719")]);
        assert_eq!(found("86 095 742 719"), [("national_id", "86 095 742 719")]);
        assert_eq!(found("order 86095742719"), []);
        assert_eq!(found("passport no. X12345678"), [("passport", "X12345678")]);
        assert_eq!(found("Her driver's license is F162823540116"), [("license", "F162823540116")]);
        assert_eq!(found("a passport photo"), []);
    }

    #[test]
    fn other_numbers() {
        for text in [
            "000-12-3456",
            "123-45-67890",
            "A-123-45-6789",
            "2024-01-15 10:30",
            "ISO 3166-1",
            "1234-5678-9012",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
