//! Postal addresses: a house number and a street, with what follows of unit, town and postal code.

use std::sync::LazyLock;

use regex::Regex;

use super::kind::{Candidate, Kind, after, before, has_word};
use super::lexicon::FIXED;
use super::tokens::{Case, Gap, Token};
use crate::span::Span;

/// Words that follow a street's name in English, and hardly anything else.
const STREETS: &[&str] = &[
    "street",
    "avenue",
    "road",
    "lane",
    "boulevard",
    "terrace",
    "crescent",
    "ave",
    "blvd",
    "rd",
    "ln",
    "parkway",
    "pkwy",
    "highway",
    "hwy",
    "turnpike",
    "expressway",
    "freeway",
    "esplanade",
    "mews",
    "grove",
    "gardens",
    "broadway",
    "cres",
    "terr",
];

/// Words that follow a street's name but other words as well; they need a unit, a town or words before.
const STREETS_TOO: &[&str] = &[
    "st", "drive", "dr", "way", "place", "pl", "court", "ct", "square", "sq", "circle", "cir", "close",
    "trail", "trl", "row", "walk", "hill", "park", "plaza", "loop", "view", "gate", "green", "rise", "path",
    "alley", "quay", "wharf",
];

/// Endings of street names that are one word in German, Dutch and the Nordic languages.
const ENDINGS: &[&str] = &[
    "straße", "strasse", "str", "gasse", "allee", "platz", "damm", "ufer", "straat", "laan", "plein",
    "gracht", "kade", "steenweg", "gatan", "gata", "vägen", "gade", "vej", "veien", "vegen", "vegur", "katu",
    "tie",
];

/// Words that follow a street's name in other languages.
const AFTER: &[&str] = &[
    "utca", "u", "út", "útja", "tér", "tere", "körút", "tee", "tänav", "vej", "väg", "plads", "ulice",
    "ulica", "cesta", "caddesi", "sokak", "sokağı",
];

/// Words that a street's name follows in Romance and Slavic languages.
const BEFORE: &[&str] = &[
    "rue",
    "avenue",
    "boulevard",
    "allée",
    "chemin",
    "impasse",
    "quai",
    "route",
    "cours",
    "via",
    "viale",
    "piazza",
    "corso",
    "largo",
    "vicolo",
    "calle",
    "avenida",
    "avda",
    "plaza",
    "paseo",
    "carrer",
    "camino",
    "rua",
    "travessa",
    "praça",
    "estrada",
    "ulica",
    "ul",
    "aleja",
    "al",
    "bd",
    "av",
];

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
          | [,\s]{1,3} (?:[A-Z]{1,2}-)?[0-9]{4,5}(?:\s?[A-Z]{2}(?-u:\b))?\s\p{Lu}[\p{L}.'’-]+(?:[\s-]\p{Lu}[\p{L}.'’-]+){0,2}
          | [,\s]{1,3} [A-Z]{1,2}[0-9][0-9A-Z]?\s[0-9][A-Z]{2}(?-u:\b)
          | ,\s{1,2} \p{Lu}[\p{L}.'’-]+(?:\s\p{Lu}[\p{L}.'’-]+){0,2}, \s (?:[A-Z]{2}(?-u:\b)|\p{Lu}\p{L}+)
        )?
        ",
    )
});

/// A unit of a building after a street of any form. Anchored where the street ends.
static UNIT: LazyLock<Regex> = LazyLock::new(|| {
    compile(r"(?i)^\.?[,\s]{1,3}(?:apt|apartment|suite|ste|unit|flat)(?-u:\b)\.?\s?#?\s?[0-9]{1,4}(?-u:\b)")
});

static BOX: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r"(?x)(?-u:\b) (?: (?i:p\.?\s?o\.?\s?box|post\soffice\sbox|postfach|boîte\spostale|apartado\sde\scorreos|casella\spostale|postbus)\s\#?[0-9]{1,7}
        | (?:PSC|CMR|Unit)\s[0-9]{3,5},?\s(?i:box)\s[0-9]{1,5} )(?-u:\b)",
    )
});

#[expect(clippy::expect_used, reason = "the patterns are constants that tests compile")]
fn compile(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern compiles")
}

/// The addresses in `text`, whose tokens are given.
pub(super) fn find(text: &str, tokens: &[Token], found: &mut Vec<Candidate>) {
    let mut at = 0;
    while at < tokens.len() {
        let street = (!tokens[at].is(FIXED)).then(|| street(text, tokens, at)).flatten();
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
    if text.bytes().any(|byte| byte == b'B' || byte == b'b') {
        for matched in BOX.find_iter(text) {
            let tail = TAIL.find(after(text, matched.end(), 160)).map_or(0, |tail| tail.end());
            found.push(Candidate::likely(Kind::Address, Span::new(matched.start(), matched.end() + tail)));
        }
    }
}

/// The end of the street that starts at token `at`, and whether its form alone makes it one.
fn street(text: &str, tokens: &[Token], at: usize) -> Option<(usize, bool)> {
    let word = |at: usize| {
        tokens.get(at).and_then(|token| token.span().of(text)).map(str::to_lowercase).unwrap_or_default()
    };
    let joined = |at: usize| {
        tokens.get(at).is_some_and(|token| matches!(token.gap, Gap::Space | Gap::Stop | Gap::Hyphen))
    };
    let name = |at: usize| tokens.get(at).is_some_and(|token| token.capitalized() && !token.is(FIXED));
    let house = |at: usize| {
        tokens.get(at).is_some_and(|token| {
            let written = token.span().of(text).unwrap_or_default();
            let digits = written.bytes().take_while(u8::is_ascii_digit).count();
            let alone =
                !text[..token.span().start].ends_with(['$', '€', '£', '#', '.', '-', '/', '+', '=', '_']);
            alone && (1..=5).contains(&digits) && written.len() <= digits + 1 && !token.is(FIXED)
        })
    };
    if house(at) && tokens[at].case != Case::Capital {
        // `12 rue de la Paix`
        if joined(at + 1) || tokens.get(at + 1).is_some_and(|token| token.gap == Gap::Comma) {
            let kind = word(at + 1);
            if BEFORE.contains(&kind.as_str()) {
                let lower = |at: usize| {
                    tokens.get(at).is_some_and(|token| {
                        token.gap == Gap::Space
                            && matches!(
                                word(at).as_str(),
                                "de" | "du" | "des" | "la" | "le" | "les" | "della" | "di" | "del"
                            )
                    })
                };
                let mut to = at + 2;
                while lower(to) && to < at + 5 {
                    to += 1;
                }
                let first = to;
                while to < first + 4 && joined(to) && name(to) {
                    to += 1;
                }
                let apostrophe = tokens.get(to).is_some_and(|token| {
                    joined(to)
                        && token.span().of(text).is_some_and(|word| {
                            word.starts_with("d'")
                                || word.starts_with("l'")
                                || word.starts_with("d’")
                                || word.starts_with("l’")
                        })
                });
                if to > first || apostrophe {
                    return Some((
                        to + usize::from(apostrophe),
                        tokens[at + 1].case == Case::Lower || to > first,
                    ));
                }
            }
        }
        // `12 Main Street`
        let mut to = at + 1;
        while to < at + 6 && joined(to) && (name(to) || tokens[to].case == Case::Code) {
            let kind = word(to);
            if to > at + 1 && STREETS.contains(&kind.as_str()) {
                return Some((directed(text, tokens, to + 1), true));
            }
            if to > at + 1
                && STREETS_TOO.contains(&kind.as_str())
                && !(joined(to + 1) && name(to + 1) && !directs(&word(to + 1)) && !unit(&word(to + 1)))
            {
                return Some((directed(text, tokens, to + 1), false));
            }
            if ENDINGS.iter().any(|ending| kind.len() > ending.len() + 2 && kind.ends_with(ending))
                || (to > at + 1 && AFTER.contains(&kind.as_str()))
            {
                let number = usize::from(joined(to + 1) && house(to + 1));
                return Some((to + 1 + number, number > 0));
            }
            to += 1;
        }
        // `12 Oak Hollow 5, Apt. 7`: the unit says what the words do not.
        let numbered = to + usize::from(to > at + 1 && joined(to) && house(to));
        let unit = to > at + 1
            && tokens.get(numbered - 1).is_some_and(|token| UNIT.is_match(after(text, token.span().end, 32)));
        return unit.then_some((numbered, true));
    }
    if !name(at) {
        return None;
    }
    // `Hauptstraße 5`, `Calle Mayor 12`
    let first = word(at);
    let compound = ENDINGS.iter().any(|ending| first.len() > ending.len() + 2 && first.ends_with(ending))
        || (matches!(first.as_str(), "straße" | "strasse" | "weg" | "platz" | "allee" | "ring")
            && at > 0
            && name(at - 1)
            && joined(at));
    if compound && joined(at + 1) && house(at + 1) {
        let sure = [
            "straße", "strasse", "gasse", "allee", "straat", "gracht", "gatan", "vägen", "vegur", "veien",
            "katu",
        ]
        .iter()
        .any(|ending| first.ends_with(ending));
        return Some((at + 2, sure));
    }
    if BEFORE.contains(&first.as_str()) {
        let mut to = at + 1;
        while to < at + 6
            && joined(to)
            && (name(to)
                || matches!(
                    word(to).as_str(),
                    "de" | "la" | "del" | "della" | "di" | "los" | "las" | "da" | "do" | "dos"
                ))
        {
            to += 1;
        }
        let number =
            tokens.get(to).is_some_and(|token| matches!(token.gap, Gap::Space | Gap::Comma)) && house(to);
        if to > at + 1 && number {
            return Some((to + 1, true));
        }
    }
    None
}

fn directs(word: &str) -> bool {
    matches!(word, "n" | "s" | "e" | "w" | "ne" | "nw" | "se" | "sw" | "north" | "south" | "east" | "west")
}

fn unit(word: &str) -> bool {
    matches!(word, "apt" | "apartment" | "suite" | "ste" | "unit" | "floor" | "flat" | "room")
}

/// The end of the street with a direction such as `NW` after its kind.
fn directed(text: &str, tokens: &[Token], to: usize) -> usize {
    let direction = tokens.get(to).is_some_and(|token| {
        matches!(token.gap, Gap::Space | Gap::Stop)
            && token.capitalized()
            && token.span().of(text).is_some_and(|word| directs(&word.to_lowercase()))
    });
    to + usize::from(direction)
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
        ] {
            let text = format!("Our office is here: {address}.");
            let first = found(&text).first().copied().unwrap_or_default();
            assert!(address.starts_with(first) && first.len() + 14 > address.len(), "{address}: {first:?}");
        }
        assert_eq!(found("I live at 42 Oak Drive."), ["42 Oak Drive"]);
    }

    #[test]
    fn no_addresses() {
        for text in [
            "10 Google Drive files",
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
        ] {
            assert_eq!(found(text), Vec::<&str>::new(), "{text}");
        }
    }
}
