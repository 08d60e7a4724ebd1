//! Postal addresses: a house number and a street, with what follows of unit, town and postal code.

use std::sync::LazyLock;

use regex::Regex;

use super::kind::{Candidate, Kind, after, before, has_word};
use super::lexicon::FIXED;
use super::tokens::Token;
use crate::span::Span;

mod street;

use street::Streets;

/// Words before an address that say that it is one.
const SAID: &[&str] = &[
    "address",
    "addresses",
    "live",
    "lives",
    "living",
    "ship",
    "deliver",
    "delivered",
    "located",
    "reside",
    "resides",
    "residing",
    "moved",
    "mail",
    "adresse",
    "anschrift",
    "wohnhaft",
    "dirección",
    "direccion",
    "indirizzo",
    "adres",
    "endereço",
    "home",
    "street",
    "send",
    "at",
];

/// What follows the street: a unit, then a town with a region and a postal code. Anchored where the street ends.
static TAIL: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r"(?x)^
        (?: \.? [,\s]{1,3} (?i:apt|apartment|suite|ste|unit|floor|fl|flat|room|rm|no|nr|\#)(?-u:\b)\.?\s?\#?\s?[0-9A-Za-z-]{1,6}(?-u:\b) )?
        (?: [,\s]{1,3} [0-9]{1,3}(?:st|nd|rd|th)\s(?i:floor) )?
        (?P<town>
            \.? [,\s]{1,3} (?: \p{Lu}[\p{L}.'’-]+[,\s]{1,3} ){1,4}
            (?: [A-Z]{2}[\s,]{1,2} )?
            (?: [0-9]{5}(?:-[0-9]{4})? | [A-Z]{1,2}[0-9][0-9A-Z]?\s?[0-9][A-Z]{2} | [A-Z][0-9][A-Z]\s?[0-9][A-Z][0-9] )(?-u:\b)
          | [,\s]{1,3} (?:[A-Z]{1,2}-)?(?:[0-9]{4,5}|[0-9]{3}\s[0-9]{2}|[0-9]{2}-[0-9]{3})(?:\s?[A-Z]{2}(?-u:\b))?\s\p{Lu}[\p{L}'’-]+(?:[\ -]\p{Lu}[\p{L}'’-]+){0,2}
          | [,\s]{1,3} [A-Z]{1,2}[0-9][0-9A-Z]?\s[0-9][A-Z]{2}(?-u:\b)
          | ,\s{1,2} \p{Lu}[\p{L}'’-]+(?:\s\p{Lu}[\p{L}'’-]+){0,2}, \s (?:[A-Z]{2}(?-u:\b)|\p{Lu}\p{L}+)
        )?
        ",
    )
});

static BOX: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r"(?x)(?-u:\b) (?: (?i:p\.?\s?o\.?\s?box|post\soffice\sbox|postfach|boîte\spostale|apartado\sde\scorreos|casella\spostale|postbus)\s\#?[0-9]{1,7}
        | (?:PSC|CMR|Unit)\s[0-9]{3,5},?\s(?i:box)\s[0-9]{1,5} )(?-u:\b)",
    )
});

/// What [`LINES`] and [`POSTCODE`] cannot do without: few texts hold it, and it is found much faster.
static UNIT: LazyLock<Regex> = LazyLock::new(|| compile(r"(?i)(?:apt|apartment|suite|ste|flat)\.? ?#?[0-9]"));
static CODE: LazyLock<Regex> =
    LazyLock::new(|| compile(r"(?i)(?:zip|code|plz|zahl)(?: is| ist| now)?[: ]{1,3}[0-9]{4}"));

/// An address over several lines, told by the line with its unit: the street before it begins with a number, a town and a
/// country may follow, the last with a postal code. Lines may be quoted.
static LINES: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r"(?mx)^[>?|*\ \t]*
        (?P<address> [0-9]{1,5}[A-Za-z]?\ [^\n.:;]{3,60} \n
            [>?|*\ \t]* (?i:apt|apartment|suite|ste|flat)\.?\ ?\#?[0-9][0-9A-Za-z-]{0,5}
            (?: ,?\s*\n[>?|*\ \t]* \p{L}[\p{L}\ '’-]{1,40}
                (?: ,?\s*\n[>?|*\ \t]* [\p{L}\ '’,-]{0,40} [0-9]{4,6}(?:-[0-9]{4})? )? )? ) [\ \t]*$",
    )
});

/// A postal code that somebody calls theirs.
static POSTCODE: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r"(?ix)(?-u:\b)(?:my|our|his|her|their|meine|unsere)\ (?:new\ )?(?:zip(?:\ ?code)?|postal\ code|post\ ?code|plz|postleitzahl)
        (?:\ (?:is|ist|now))?[:\ ]{1,3}(?P<code>[0-9]{4,5}(?:-[0-9]{4})?)(?-u:\b)",
    )
});

#[expect(clippy::expect_used, reason = "the patterns are constants that tests compile")]
fn compile(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern compiles")
}

/// The addresses in `text`, whose tokens are given.
pub(super) fn find(text: &str, tokens: &[Token], found: &mut Vec<Candidate>) {
    let streets = Streets { text, tokens };
    let mut at = 0;
    while at < tokens.len() {
        let street = (!tokens[at].is(FIXED)).then(|| streets.at(at)).flatten();
        match street {
            Some((to, sure)) => {
                let street = Span::new(tokens[at].span().start, tokens[to - 1].span().end);
                let tail = TAIL.captures(after(text, street.end, 160));
                let length = tail
                    .as_ref()
                    .and_then(|parts| parts.get(0))
                    .map_or(0, |whole| whole.as_str().trim_end_matches('.').len());
                let town = tail.is_some_and(|parts| parts.name("town").is_some());
                if sure || town || length > 0 || said(text, street.start) {
                    found
                        .push(Candidate::likely(Kind::Address, Span::new(street.start, street.end + length)));
                    at = to;
                    continue;
                }
                at += 1;
            }
            None => at += 1,
        }
    }
    for (sign, pattern, name) in [(&*UNIT, &*LINES, "address"), (&*CODE, &*POSTCODE, "code")] {
        if !sign.is_match(text) {
            continue;
        }
        for parts in pattern.captures_iter(text) {
            found.extend(parts.name(name).map(|part| Candidate::likely(Kind::Address, part.range().into())));
        }
    }
    if text.bytes().any(|byte| byte == b'B' || byte == b'b') {
        for matched in BOX.find_iter(text) {
            let tail = TAIL.find(after(text, matched.end(), 160)).map_or(0, |tail| tail.end());
            found.push(Candidate::likely(Kind::Address, Span::new(matched.start(), matched.end() + tail)));
        }
    }
}

fn said(text: &str, start: usize) -> bool {
    let words = before(text, start, 32).to_lowercase();
    SAID.iter().any(|word| has_word(&words, word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::tokens::tokens;

    fn found(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        find(text, &tokens(text, &[]), &mut found);
        found.into_iter().map(|found| found.span.of(text).unwrap()).collect()
    }

    #[test]
    fn addresses() {
        for address in [
            "221B Baker Street",
            "1600 Pennsylvania Avenue NW, Washington, DC 20500",
            "350 Fifth Avenue, Suite 3300, New York, NY 10118",
            "90 Whitchurch Road",
            "742 Evergreen Terrace, Springfield",
            "10 Downing Street, London SW1A 2AA",
            "Hauptstraße 5, 10115 Berlin",
            "12 rue de la Paix, 75002 Paris",
            "Calle Mayor 12, 28013 Madrid",
            "Via Roma 10, 00184 Roma",
            "P.O. Box 1234",
            "Postfach 1234",
            "42 Oak Drive, Apt 7, Austin, TX 78701",
            "Via dei Tigli 19, 20131 Milano",
            "Am Sägewerk 5, 6020 Innsbruck",
            "Korunní 1208/74, 101 00 Praha",
            "12 Oak Hollow 5, Suite 7",
        ] {
            let text = format!("Our office is here: {address}.");
            let first = found(&text).first().copied().unwrap_or_default();
            assert!(address.starts_with(first) && first.len() + 14 > address.len(), "{address}: {first:?}");
        }
        let lines = "18 15 Millicent Drive\n>Suite 459\n>WANG WAUK\n>Latvia 04731";
        assert_eq!(found(&format!(">Jo Sample\n>{lines}\nBye")), [lines]);
        assert_eq!(found("Thanks. My zip code is 35649."), ["35649"]);
        assert_eq!(found("I live at 42 Oak Drive."), ["42 Oak Drive"]);
        assert_eq!(
            found("It is Lindenlaan 31, 3817 GK Amersfoort. My house"),
            ["Lindenlaan 31, 3817 GK Amersfoort"]
        );
    }

    #[test]
    fn no_addresses() {
        for text in [
            "10 Google Drive files",
            "1 Connect the cable.\nSuite 7 has two windows",
            "Enter a zip code: 12345",
            "256 GB Hard Drive",
            "Drive 5",
            "Step 3 Way",
            "version 2 Street",
            "Route 66",
            "2 Hard Drive Bays",
            "Section 5 Court",
            "the Main Street",
            "Via 2 steps",
            "Platz 1",
            "in 2019 Park",
            "Open 24 hours",
            "Windows 10 Place",
            "May 5, 2024 Meeting",
            "Update 12, 2023 Edition",
        ] {
            assert_eq!(found(text), Vec::<&str>::new(), "{text}");
        }
    }
}
