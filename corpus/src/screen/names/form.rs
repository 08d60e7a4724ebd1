//! What names look like, whatever the network says.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::super::kind::Kind;
use super::super::lexicon::{
    CALENDAR, COMMON, FIXED, GIVEN, GIVEN_TOO, SEEN_LOW, SURNAME, SURNAME_TOO, THING, TITLE,
};
use super::super::tokens::{Case, Gap, Token};
use super::Name;

/// Most words of a name.
const LONGEST: usize = 8;
/// Most words of an address.
const LONGEST_ADDRESS: usize = 24;

/// How sure the network has to be of a single word where its capital says something, and of what could as well be none.
const LIKELY: f32 = 0.6;
const CERTAIN: f32 = 0.88;

/// Labels of what is no person, as in `product: Osprey`.
const LABELS: [&str; 26] = [
    "app",
    "application",
    "area",
    "brand",
    "category",
    "channel",
    "component",
    "device",
    "edition",
    "environment",
    "family",
    "language",
    "line",
    "model",
    "module",
    "plan",
    "platform",
    "product",
    "products",
    "project",
    "series",
    "service",
    "software",
    "tag",
    "tags",
    "team",
];

/// Labels of people, behind which a word that nobody knows can be a name.
const PEOPLE: [&str; 36] = [
    "agent",
    "assignee",
    "attention",
    "attn",
    "author",
    "bcc",
    "beneficiary",
    "by",
    "caller",
    "cc",
    "client",
    "contact",
    "customer",
    "driver",
    "employee",
    "from",
    "guest",
    "holder",
    "manager",
    "name",
    "owner",
    "passenger",
    "patient",
    "recipient",
    "reporter",
    "requester",
    "sender",
    "signed",
    "student",
    "surname",
    "technician",
    "tenant",
    "to",
    "user",
    "visitor",
    "witness",
];

/// Leaves out what cannot be a name.
pub(super) fn sift(text: &str, tokens: &[Token], names: &mut Vec<Name>) {
    // A title says who is meant and stays.
    for name in names.iter_mut().filter(|name| name.kind == Kind::Person) {
        while name.from < name.to && tokens[name.from].is(TITLE) {
            name.from += 1;
        }
    }
    names.retain(|name| name.from < name.to);
    let cased = Cased::of(tokens);
    names.retain(|name| match name.kind {
        Kind::Person => person(name, text, tokens, cased),
        Kind::Address => address(name, tokens),
        _ => name.to - name.from <= LONGEST && tokens[name.from..name.to].iter().any(is_word),
    });
    agreed(text, tokens, names);
}

/// Leaves out people of whom no word is told at half of the places where it stands: names of products and plans look
/// like those of people at times, but not all the time.
fn agreed(text: &str, tokens: &[Token], names: &mut Vec<Name>) {
    let word = |at: usize| tokens[at].span().of(text).unwrap_or_default();
    // How often each word is told, and how often it stands there.
    let mut counts: HashMap<&str, (usize, usize)> = HashMap::new();
    for name in names.iter().filter(|name| name.kind == Kind::Person) {
        (name.from..name.to).for_each(|at| counts.entry(word(at)).or_default().0 += 1);
    }
    for at in 0..tokens.len() {
        if let Some((_, all)) = counts.get_mut(word(at)) {
            *all += 1;
        }
    }
    let agreed =
        |at: usize| is_word(&tokens[at]) && counts.get(word(at)).is_none_or(|(told, all)| told * 2 >= *all);
    names.retain(|name| name.kind != Kind::Person || (name.from..name.to).any(agreed));
}

/// What a text has besides capitalized words, where it has none of those.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cased {
    /// Words are capitalized, so names are.
    Both,
    Small,
    Upper,
}

impl Cased {
    fn of(tokens: &[Token]) -> Self {
        let count = |case: Case| tokens.iter().filter(|token| token.case == case && !token.is(FIXED)).count();
        let (capital, lower, upper) = (count(Case::Capital), count(Case::Lower), count(Case::Upper));
        match capital * 25 <= lower.max(upper) {
            true if lower >= upper => Self::Small,
            true => Self::Upper,
            false => Self::Both,
        }
    }
}

/// Whether it is written as the name of a person is.
fn person(name: &Name, text: &str, tokens: &[Token], cased: Cased) -> bool {
    let own = &tokens[name.from..name.to];
    let digits = own.iter().any(|token| matches!(token.case, Case::Number | Case::Code));
    let common = |token: &Token| token.is(COMMON | SEEN_LOW | CALENDAR | THING) && !token.is(GIVEN | SURNAME);
    if own.len() > LONGEST || digits || own.iter().all(|token| common(token) || !is_word(token)) {
        return false;
    }
    if labeled(name, text, tokens) {
        return false;
    }
    // `Dark Khaki` is a color.
    if own.iter().any(common) && !own.iter().any(known_name) && name.sure < CERTAIN {
        return false;
    }
    if let [word] = own
        && (!certain(name, *word, tokens) || is_country(word.span().of(text).unwrap_or_default()))
    {
        return false;
    }
    let has = |case: Case| own.iter().any(|token| token.case == case);
    // `NAT-Typ`
    let shortened = |pair: &[Token]| {
        pair[0].case == Case::Upper && pair[1].gap == Gap::Hyphen && pair[1].case == Case::Capital
    };
    match cased {
        Cased::Both if own.windows(2).any(shortened) => false,
        // An abbreviation is no name where names are written otherwise, and neither is a word in small letters.
        Cased::Both => {
            let small = |token: &Token| token.case == Case::Lower && token.is(GIVEN | SURNAME);
            has(Case::Capital)
                || (own.len() > 1
                    && own.iter().all(|token| token.case == Case::Upper)
                    && (name.sure >= CERTAIN || own.iter().any(known_name)))
                || own.iter().any(|token| small(token) || caseless(text, *token))
        }
        Cased::Small => true,
        Cased::Upper => has(Case::Upper) || has(Case::Capital),
    }
}

/// Whether a label says that it is something else.
fn labeled(name: &Name, text: &str, tokens: &[Token]) -> bool {
    let Some(label) = name.from.checked_sub(1).map(|at| tokens[at].span()) else { return false };
    let between = text.get(label.end..tokens[name.from].span().start).unwrap_or_default();
    let written = label.of(text).unwrap_or_default().to_lowercase();
    let behind = text.get(tokens[name.to - 1].span().end..).unwrap_or_default().trim_start_matches(' ');
    let before = text.get(..label.start).unwrap_or_default().trim_end_matches([' ', '-', '*']);
    // One word on a line of its own.
    let one = matches!(&tokens[name.from..name.to], [word] if !known_name(word))
        && (behind.is_empty() || behind.starts_with('\n'))
        && (before.is_empty() || before.ends_with('\n'));
    matches!(between.trim_matches(' '), ":" | "=")
        && (LABELS.contains(&written.as_str()) || one && !PEOPLE.contains(&written.as_str()))
}

/// Whether one word alone can be a name: its capital says little where every word has one.
fn certain(name: &Name, word: Token, tokens: &[Token]) -> bool {
    let inside = word.gap == Gap::Space && name.from > 0 && tokens[name.from - 1].case == Case::Lower;
    name.sure >= if inside || known_name(&word) { LIKELY } else { CERTAIN }
}

fn known_name(token: &Token) -> bool {
    token.is(GIVEN | GIVEN_TOO | SURNAME | SURNAME_TOO)
}

fn is_country(word: &str) -> bool {
    static COUNTRIES: LazyLock<HashSet<&str>> =
        LazyLock::new(|| include_str!("../lexicon/countries.txt").split_whitespace().collect());
    COUNTRIES.contains(word.to_lowercase().as_str())
}

/// Whether it is written as an address is: a number with words.
fn address(name: &Name, tokens: &[Token]) -> bool {
    let own = &tokens[name.from..name.to];
    let number = own.iter().any(|token| matches!(token.case, Case::Number | Case::Code));
    // `SOUTH AFRICA 206` is a line of a table of contents.
    let upper = own.iter().all(|token| matches!(token.case, Case::Upper | Case::Number));
    (3..=LONGEST_ADDRESS).contains(&own.len()) && number && own.iter().any(is_word) && !upper
}

fn is_word(token: &Token) -> bool {
    matches!(token.case, Case::Capital | Case::Upper | Case::Lower | Case::Mixed)
}

/// Whether a word is of a script that has no capitals.
fn caseless(text: &str, token: Token) -> bool {
    let first = token.span().of(text).and_then(|written| written.chars().next());
    first.is_some_and(|c| c.is_alphabetic() && !c.is_lowercase() && !c.is_uppercase())
}
