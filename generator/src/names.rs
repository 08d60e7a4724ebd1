//! Names of single things: codes, versions, models and products.
//!
//! What is said of one error code, version or product is not said of another, however alike the sentences are.

use std::collections::BTreeSet;

use crate::lexicon::{is_calendar, unit};

/// A name in a question, in its normalized spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// As it was written.
    pub written: String,
    /// Normalized spelling, as in [`keys`].
    pub key: String,
    /// Whether it is a code, a version or a model number, which nothing else can stand for. Other names are words
    /// with a capital letter.
    pub exact: bool,
    /// Whether it is the customer's own thing, as in "my Xbox": an answer need not speak of it.
    pub owned: bool,
}

/// The normalized spellings of everything in `text` that a [`Name`] may be matched with: each word in lower case
/// without hyphens and underscores; each word that a number follows, joined with it (`windows11`); and versions with
/// all that they are a part of (`v3.2.1`, `v3.2`, `v3`).
pub fn keys(text: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let mut before: Option<String> = None;
    for token in tokens(text) {
        let key = normalized(token);
        let singular = key.strip_suffix("'s").map(str::to_owned);
        let numeric = key.starts_with(|c: char| c.is_ascii_digit());
        if let Some(before) =
            before.filter(|before| numeric && !before.ends_with(|c: char| c.is_ascii_digit()))
        {
            keys.insert(format!("{before}{key}"));
            if is_version_word(&before) || key.contains('.') {
                keys.extend(prefixes(&key));
            }
        } else if let Some(number) = version_number(&key) {
            keys.extend(prefixes(number));
        } else if key.contains('.') && numeric {
            keys.extend(prefixes(&key));
        }
        // `W-1` and `mac/pc` are also their halves.
        if token.contains('/') {
            keys.extend(token.split('/').map(normalized).filter(|half| !half.is_empty()));
        }
        keys.extend(singular);
        keys.insert(key.clone());
        before = Some(key);
    }
    keys
}

/// The names in a question, in order, each once.
pub fn names(question: &str) -> Vec<Name> {
    let mut names: Vec<Name> = Vec::new();
    let mut before: Option<(&str, bool)> = None;
    let mut add = |written: &str, key: String, exact: bool, owned: bool| {
        if !names.iter().any(|name| name.key == key) {
            names.push(Name { written: written.to_owned(), key, exact, owned });
        }
    };
    let mut tokens = tokens(question).peekable();
    while let Some(token) = tokens.next() {
        let first = opens_sentence(question, token);
        let key = normalized(token);
        let letters = token.chars().any(char::is_alphabetic);
        let digits = token.chars().any(|c| c.is_ascii_digit());
        let capital = token.chars().next().is_some_and(char::is_uppercase);
        let acronym = token.chars().filter(|c| c.is_uppercase()).count() > 1;
        let next_unit = tokens.peek().is_some_and(|next| unit(&next.to_lowercase()).is_some());
        let amount = digits && split_amount(&key).is_some();
        let owned = before.is_some_and(|(word, _)| matches!(word.to_lowercase().as_str(), "my" | "our"));
        match before {
            // `version 3`, `Windows 11`, `firmware 2.9`: the number belongs to the word before it.
            Some((word, named)) if digits && !letters && !next_unit => {
                let word_key = normalized(word);
                if is_version_word(&word_key) || (key.contains('.') && key.matches('.').count() > 1) {
                    add(token, format!("v{}", key.trim_end_matches(".x")), true, false);
                } else if named || is_numbered(&word_key) {
                    add(&format!("{word} {token}"), format!("{word_key}{key}"), true, false);
                }
            }
            _ if digits && letters && !amount && !is_ordinal(&key) => {
                let key = version_number(&key).map_or(key.clone(), |number| {
                    let number = number.trim_end_matches(".x");
                    format!("v{number}")
                });
                add(token, key, true, owned);
            }
            _ if letters
                && !amount
                && ((capital && !first) || acronym)
                && !is_pronoun(token)
                && (!is_kind(&key) || before.is_some_and(|(_, named)| named))
                && !is_calendar(&key) =>
            {
                add(token, key.strip_suffix("'s").map_or(key.clone(), str::to_owned), false, owned);
            }
            _ => {}
        }
        before = Some((token, capital && !first || acronym));
    }
    names
}

/// Whether `keys` hold the name. The plural and the possessive count.
pub fn is_named(name: &Name, keys: &BTreeSet<String>) -> bool {
    keys.contains(&name.key)
        || keys.contains(&format!("{}s", name.key))
        || (!name.exact && name.key.strip_suffix('s').is_some_and(|singular| keys.contains(singular)))
        // `2.x` names all of version 2: what is asked of 2 and of 2.9 may stand there.
        || (name.exact
            && version_number(&name.key).is_some_and(|number| {
                prefixes(number).iter().any(|prefix| keys.contains(&format!("{prefix}.x")))
            }))
}

fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| {
        c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '"' | '|' | '>' | '<' | '“' | '”')
    })
    .map(|token| {
        token.trim_matches(|c: char| {
            matches!(c, '.' | '!' | '?' | ':' | '\'' | '’' | '*' | '`' | '[' | ']' | '{' | '}')
        })
    })
    .filter(|token| token.chars().any(char::is_alphanumeric))
}

fn normalized(token: &str) -> String {
    token
        .chars()
        .filter(|c| !matches!(c, '-' | '_' | '‑'))
        .flat_map(char::to_lowercase)
        .map(|c| if c == '’' { '\'' } else { c })
        .collect()
}

fn is_version_word(word: &str) -> bool {
    matches!(word, "version" | "v" | "ver" | "release" | "firmware" | "build" | "api")
}

/// Whether an abbreviation stands for a kind of thing, as `PC` does, and for no single one.
fn is_kind(word: &str) -> bool {
    const KINDS: &str = "ac app cd cpu dvd eta faq gps hdd id ip isp it lan led nas ok os pc pcs pdf pin qr ram sms ssd tv tvs url \
        usb vpn wan wifi wlan www";
    KINDS.split_whitespace().any(|kind| kind == word)
}

/// Words whose number names one of many.
fn is_numbered(word: &str) -> bool {
    matches!(
        word,
        "error"
            | "code"
            | "model"
            | "type"
            | "port"
            | "article"
            | "section"
            | "form"
            | "ticket"
            | "level"
            | "gen"
            | "generation"
            | "severity"
            | "priority"
            | "tier"
            | "stage"
            | "step"
            | "zone"
            | "slot"
            | "bay"
    )
}

/// `3.2` of `v3.2`.
fn version_number(key: &str) -> Option<&str> {
    let number = key.strip_prefix('v')?;
    (number.starts_with(|c: char| c.is_ascii_digit())
        && number.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'x')))
    .then_some(number)
}

/// `v3.2.1`, `v3.2` and `v3` of `3.2.1`.
fn prefixes(number: &str) -> Vec<String> {
    let parts: Vec<&str> = number.split('.').collect();
    (1..=parts.len()).map(|count| format!("v{}", parts[..count].join("."))).collect()
}

/// A number with its unit in one word, such as `30gb` or `5%`.
pub(crate) fn split_amount(key: &str) -> Option<(&str, &'static str)> {
    let middle = key.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ','))?;
    let (number, rest) = key.split_at(middle);
    if number.is_empty() {
        return None;
    }
    unit(rest).map(|unit| (number, unit)).or_else(|| matches!(rest, "am" | "pm").then_some((number, "clock")))
}

fn is_ordinal(key: &str) -> bool {
    ["st", "nd", "rd", "th", "x", "g"].iter().any(|ending| {
        key.strip_suffix(ending)
            .is_some_and(|number| !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()))
    })
}

fn is_pronoun(token: &str) -> bool {
    token == "I"
        || token.starts_with("I'")
        || token.starts_with("I’")
        || matches!(token, "OK" | "FAQ" | "PM" | "AM")
}

/// Whether `token`, a part of `text`, begins a sentence, where a capital letter says nothing.
fn opens_sentence(text: &str, token: &str) -> bool {
    let at = token.as_ptr() as usize - text.as_ptr() as usize;
    text.get(..at).is_none_or(|before| {
        before
            .trim_end()
            .chars()
            .next_back()
            .is_none_or(|c| matches!(c, '.' | '!' | '?' | ':' | '"' | '(' | '\n'))
    })
}

#[cfg(test)]
mod tests {
    use super::{is_named, keys, names};

    fn found(question: &str) -> Vec<(String, bool)> {
        names(question).into_iter().map(|name| (name.key, name.exact)).collect()
    }

    fn all_named(question: &str, text: &str) -> bool {
        names(question).iter().all(|name| is_named(name, &keys(text)))
    }

    #[test]
    fn codes_versions_and_products_are_names() {
        assert_eq!(found("What does error E-1042 mean?"), [("e1042".into(), true)]);
        assert_eq!(
            found("Does it run on Windows 11?"),
            [("windows".into(), false), ("windows11".into(), true)]
        );
        assert_eq!(found("What is new in version 3?"), [("v3".into(), true)]);
        assert_eq!(
            found("How do I reset the Kestrel X200?"),
            [("kestrel".into(), false), ("x200".into(), true)]
        );
        assert_eq!(found("How do I reset it? Please help me."), []);
    }

    #[test]
    fn amounts_are_no_names() {
        assert_eq!(found("Can I return it after 45 days?"), []);
        assert_eq!(found("Is a 30GB file too large at 5pm?"), []);
        assert_eq!(found("How many of the 3 lights blink?"), []);
    }

    #[test]
    fn abbreviations_of_kinds_are_no_names() {
        assert_eq!(found("Can my PC reach the NAS by VPN?"), []);
        assert_eq!(
            found("Is there a client for Android TV?"),
            [("android".into(), false), ("tv".into(), false)]
        );
        assert_eq!(found("Does it have PoE?"), [("poe".into(), false)]);
    }

    #[test]
    fn a_code_is_matched_whole() {
        assert!(all_named("What is E-1042?", "See E1042."));
        assert!(all_named("What is e1042?", "See E-1042."));
        assert!(!all_named("What is E-104?", "See E-1042."));
        assert!(!all_named("What is W-303?", "W-302 | Configuration damaged"));
    }

    #[test]
    fn a_version_holds_its_parts() {
        assert!(all_named("What changed in version 3?", "Firmware 3.4 adds profiles."));
        assert!(all_named("How do I reset it with firmware 2.x?", "Reset your router (firmware 2.x)"));
        assert!(all_named("How do I reset it with firmware 2.9?", "Reset your router (firmware 2.x)"));
        assert!(!all_named("How do I reset it with firmware 3.4?", "Reset your router (firmware 2.x)"));
        assert!(all_named("Does API v1 have webhooks?", "Barn API limits (v1)"));
        assert!(!all_named("Does API v1 have webhooks?", "Barn API limits (v2)"));
        assert!(!all_named("What changed in version 3.5?", "Firmware 3.4 adds profiles."));
    }
}
