//! Streets with their house numbers, as they are written in different countries.

use std::sync::LazyLock;

use regex::Regex;

use super::super::kind::after;
use super::super::lexicon::{CALENDAR, FIXED};
use super::super::tokens::{Case, Gap, Token};
use super::compile;

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

/// Those of [`ENDINGS`] that nothing but a street's name has.
const CLEAR_ENDINGS: &[&str] =
    &["straße", "strasse", "gasse", "allee", "straat", "gracht", "gatan", "vägen", "vegur", "veien", "katu"];

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

/// A unit of a building after a street of any form. Anchored where the street ends.
static UNIT: LazyLock<Regex> = LazyLock::new(|| {
    compile(r"(?i)^\.?[,\s]{1,3}(?:apt|apartment|suite|ste|unit|flat)(?-u:\b)\.?\s?#?\s?[0-9]{1,4}(?-u:\b)")
});

/// A postal code and a town. Anchored where the street ends.
static TOWN: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r"^,\s{1,2}(?:[A-Z]{1,2}-)?(?P<code>[0-9]{4,5}|[0-9]{3}\s[0-9]{2}|[0-9]{2}-[0-9]{3})\s\p{Lu}[\p{L}'’-]+",
    )
});

/// Most words of a street's name.
const LONGEST: usize = 5;

/// The tokens of a text, in which streets are looked for.
pub(super) struct Streets<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: &'a [Token],
}

impl Streets<'_> {
    /// The end of the street that starts at token `at`, and whether its form alone makes it one.
    pub(super) fn at(&self, at: usize) -> Option<(usize, bool)> {
        if self.house(at) {
            return self.number_then_kind(at).or_else(|| self.number_then_name(at));
        }
        if !self.name(at) {
            return None;
        }
        self.compound(at).or_else(|| self.kind_then_name(at)).or_else(|| self.before_town(at))
    }

    /// `12 rue de la Paix`
    fn number_then_kind(&self, at: usize) -> Option<(usize, bool)> {
        let parted = self.tokens.get(at + 1).is_some_and(|token| token.gap == Gap::Comma);
        if !(parted || self.joined(at + 1)) || !BEFORE.contains(&self.word(at + 1).as_str()) {
            return None;
        }
        let small = |at: usize| {
            let small = matches!(
                self.word(at).as_str(),
                "de" | "du"
                    | "des"
                    | "la"
                    | "le"
                    | "les"
                    | "della"
                    | "delle"
                    | "dei"
                    | "degli"
                    | "di"
                    | "del"
            );
            small && self.tokens.get(at).is_some_and(|token| token.gap == Gap::Space)
        };
        let mut to = at + 2;
        while to < at + LONGEST && small(to) {
            to += 1;
        }
        let first = to;
        while to < first + 4 && self.joined(to) && self.name(to) {
            to += 1;
        }
        let elided = self.joined(to)
            && ["d'", "l'", "d’", "l’"].iter().any(|article| self.word(to).starts_with(article));
        (to > first || elided)
            .then(|| (to + usize::from(elided), to > first || self.tokens[at + 1].case == Case::Lower))
    }

    /// `12 Main Street`, `12 Ditscheinergasse`, `12 Kossuth utca 5`
    fn number_then_name(&self, at: usize) -> Option<(usize, bool)> {
        let mut to = at + 1;
        while to <= at + LONGEST && self.joined(to) && (self.name(to) || self.tokens[to].case == Case::Code) {
            let kind = self.word(to);
            let kind = kind.as_str();
            let named = to > at + 1;
            if named && STREETS.contains(&kind) {
                return Some((self.directed(to + 1), true));
            }
            let goes_on = self.joined(to + 1)
                && self.name(to + 1)
                && !is_direction(&self.word(to + 1))
                && !is_unit(&self.word(to + 1));
            if named && STREETS_TOO.contains(&kind) && !goes_on {
                return Some((self.directed(to + 1), false));
            }
            if ends(kind, ENDINGS) || (named && AFTER.contains(&kind)) {
                let number = usize::from(self.joined(to + 1) && self.house(to + 1));
                return Some((to + 1 + number, number > 0));
            }
            to += 1;
        }
        if to == at + 1 {
            return None;
        }
        // `12 Oak Hollow 5, Apt. 7`: the unit says what the words do not.
        let to = to + usize::from(self.joined(to) && self.house(to));
        let rest = after(self.text, self.tokens[to - 1].span().end, 32);
        UNIT.is_match(rest).then_some((to, true))
    }

    /// `Hauptstraße 5`, `Berliner Allee 12`
    fn compound(&self, at: usize) -> Option<(usize, bool)> {
        let first = self.word(at);
        let two = matches!(first.as_str(), "straße" | "strasse" | "weg" | "platz" | "allee" | "ring");
        let compound = ends(&first, ENDINGS) || (two && at > 0 && self.name(at - 1) && self.joined(at));
        (compound && self.joined(at + 1) && self.house(at + 1)).then(|| (at + 2, ends(&first, CLEAR_ENDINGS)))
    }

    /// `Calle Mayor 12`
    fn kind_then_name(&self, at: usize) -> Option<(usize, bool)> {
        if !BEFORE.contains(&self.word(at).as_str()) {
            return None;
        }
        let small = |at: usize| {
            matches!(
                self.word(at).as_str(),
                "de" | "la"
                    | "del"
                    | "della"
                    | "delle"
                    | "dei"
                    | "degli"
                    | "di"
                    | "los"
                    | "las"
                    | "da"
                    | "do"
                    | "dos"
            )
        };
        let mut to = at + 1;
        while to <= at + LONGEST && self.joined(to) && (self.name(to) || small(to)) {
            to += 1;
        }
        let parted = self.tokens.get(to).is_some_and(|token| matches!(token.gap, Gap::Space | Gap::Comma));
        (to > at + 1 && parted && self.house(to)).then_some((to + 1, true))
    }

    /// `Am Sägewerk 5, 6020 Innsbruck`: the postal code and the town say what the words do not.
    fn before_town(&self, at: usize) -> Option<(usize, bool)> {
        let mut to = at + 1;
        let small = |at: usize| {
            matches!(self.word(at).as_str(), "der" | "den" | "dem" | "de" | "het" | "pod" | "nad" | "na")
        };
        while to < at + LONGEST && self.joined(to) && (self.name(to) || small(to)) {
            to += 1;
        }
        if !self.joined(to) || !self.house(to) || self.tokens[at..to].iter().any(|token| token.is(CALENDAR)) {
            return None;
        }
        // `1208/74`
        let part = self.tokens.get(to + 1).is_some_and(|token| {
            token.case == Case::Number
                && self.text.get(self.tokens[to].span().end..token.span().start) == Some("/")
        });
        let to = to + usize::from(part);
        let rest = after(self.text, self.tokens[to].span().end, 48);
        let code = TOWN.captures(rest)?.name("code")?.as_str();
        let year = code.len() == 4 && (code.starts_with("19") || code.starts_with("20"));
        (!year).then_some((to + 1, true))
    }

    /// The end of a street with a direction such as `NW` after its kind.
    fn directed(&self, to: usize) -> usize {
        let direction = self.tokens.get(to).is_some_and(|token| {
            matches!(token.gap, Gap::Space | Gap::Stop) && token.capitalized() && is_direction(&self.word(to))
        });
        to + usize::from(direction)
    }

    /// The word in lower case.
    fn word(&self, at: usize) -> String {
        self.tokens
            .get(at)
            .and_then(|token| token.span().of(self.text))
            .map(str::to_lowercase)
            .unwrap_or_default()
    }

    fn joined(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| matches!(token.gap, Gap::Space | Gap::Stop | Gap::Hyphen))
    }

    fn name(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.capitalized() && !token.is(FIXED))
    }

    /// Whether the token is a house number: `12`, `221B`.
    fn house(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| {
            let written = token.span().of(self.text).unwrap_or_default();
            let digits = written.bytes().take_while(u8::is_ascii_digit).count();
            let alone = !self.text[..token.span().start]
                .ends_with(['$', '€', '£', '#', '.', '-', '/', '+', '=', '_']);
            alone && (1..=5).contains(&digits) && written.len() <= digits + 1 && !token.is(FIXED)
        })
    }
}

/// Whether `word` is a name that ends with one of `endings`.
fn ends(word: &str, endings: &[&str]) -> bool {
    endings.iter().any(|ending| word.len() > ending.len() + 2 && word.ends_with(ending))
}

fn is_direction(word: &str) -> bool {
    matches!(word, "n" | "s" | "e" | "w" | "ne" | "nw" | "se" | "sw" | "north" | "south" | "east" | "west")
}

fn is_unit(word: &str) -> bool {
    matches!(word, "apt" | "apartment" | "suite" | "ste" | "unit" | "floor" | "flat" | "room")
}
