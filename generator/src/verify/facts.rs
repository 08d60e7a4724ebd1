//! What a sentence states that can be compared exactly.

use std::collections::BTreeSet;

use crate::lexicon::{OPPOSITES, is_negation, number_word, unit};
use crate::names::{Name, is_named, keys, names, split_amount};

/// Words that make a statement stricter than a source without them.
const STRICT: [&str; 14] = [
    "must",
    "always",
    "only",
    "never",
    "guaranteed",
    "guarantee",
    "required",
    "mandatory",
    "free",
    "unlimited",
    "all",
    "every",
    "immediately",
    "permanently",
];

/// The facts of a text.
pub(super) struct Facts {
    /// Numbers with the unit that follows, where one does.
    numbers: BTreeSet<(String, Option<&'static str>)>,
    names: Vec<Name>,
    keys: BTreeSet<String>,
    words: BTreeSet<String>,
    negated: bool,
}

impl Facts {
    pub(super) fn of(text: &str) -> Self {
        let words: BTreeSet<String> = crate::lexicon::words(text).into_iter().collect();
        Self {
            numbers: numbers(text),
            names: names(text),
            keys: keys(text),
            negated: words.iter().any(|word| is_negation(word)),
            words,
        }
    }

    fn has_number(&self, number: &str, unit: Option<&'static str>) -> bool {
        self.numbers.iter().any(|(other, other_unit)| {
            other == number && (unit.is_none() || other_unit.is_none() || unit == *other_unit)
        })
    }

    /// The first number that `source` lacks.
    pub(super) fn number_missing_in(&self, source: &Self) -> Option<String> {
        let missing = self.numbers.iter().find(|(number, unit)| !source.has_number(number, *unit))?;
        Some(missing.1.map_or_else(|| missing.0.clone(), |unit| format!("{} {unit}", missing.0)))
    }

    /// Share of the numbers that `source` has; 1 where there are none.
    pub(super) fn numbers_in(&self, source: &Self) -> f32 {
        let found = self.numbers.iter().filter(|(number, unit)| source.has_number(number, *unit)).count();
        if self.numbers.is_empty() { 1.0 } else { found as f32 / self.numbers.len() as f32 }
    }

    /// The first name that `source` lacks.
    pub(super) fn name_missing_in(&self, source: &Self) -> Option<String> {
        self.names.iter().find(|name| !is_named(name, &source.keys)).map(|name| name.written.clone())
    }

    /// Share of the names that `source` has; 1 where there are none.
    pub(super) fn names_in(&self, source: &Self) -> f32 {
        let found = self.names.iter().filter(|name| is_named(name, &source.keys)).count();
        if self.names.is_empty() { 1.0 } else { found as f32 / self.names.len() as f32 }
    }

    /// Why the sentence says the opposite of `source` or more than it.
    pub(super) fn turned_against(&self, source: &Self) -> Option<String> {
        let only_here = |word: &str| self.words.contains(word) && !source.words.contains(word);
        let only_there = |word: &str| !self.words.contains(word) && source.words.contains(word);
        for (one, other) in OPPOSITES {
            for (said, given) in [(one, other), (other, one)] {
                if only_here(said) && only_there(given) {
                    return Some(format!("the sentence says {said:?} where the source says {given:?}"));
                }
            }
        }
        STRICT
            .iter()
            .find(|word| only_here(word))
            .map(|word| format!("the sentence says {word:?} and the source does not"))
    }

    /// Why the sentence denies what `source` affirms, or the other way round.
    pub(super) fn negated_against(&self, source: &Self) -> Option<String> {
        (self.negated != source.negated).then(|| "sentence and source differ in a negation".to_owned())
    }
}

/// The numbers of a text in digits, with their units.
fn numbers(text: &str) -> BTreeSet<(String, Option<&'static str>)> {
    let mut numbers = BTreeSet::new();
    let separates =
        |c: char| c.is_whitespace() || matches!(c, ';' | '(' | ')' | '"' | '|' | '-' | '–' | '/' | '=');
    let mut tokens = text.split(separates).map(tidy).filter(|token| !token.is_empty()).peekable();
    while let Some(token) = tokens.next() {
        let following = tokens.peek().and_then(|next| unit(&next.to_lowercase()));
        let lower = token.to_lowercase();
        let currency =
            ["€", "$", "£"].iter().find_map(|sign| lower.strip_prefix(sign).map(|rest| (rest, unit(sign))));
        if let Some((amount, currency)) = currency {
            numbers.insert((plain(amount), currency));
        } else if let Some(word) = number_word(&lower) {
            // "One of them" counts nothing.
            if following.is_some() || !matches!(lower.as_str(), "one" | "once") {
                numbers.insert((word.to_owned(), following));
            }
        } else if lower.starts_with(|c: char| c.is_ascii_digit()) {
            match split_amount(&lower) {
                Some((number, unit)) => numbers.insert((plain(number), Some(unit))),
                None => numbers.insert((plain(&lower), following)),
            };
        }
    }
    numbers
}

fn tidy(token: &str) -> &str {
    token
        .trim_matches(|c: char| matches!(c, '.' | ',' | '!' | '?' | ':' | '\'' | '’' | '*' | '`' | '[' | ']'))
}

/// `1,000` as `1000`, `2.50` as `2.5`.
fn plain(number: &str) -> String {
    let number = number.replace(',', "");
    match number.split_once('.') {
        Some((whole, decimals)) if decimals.chars().all(|c| c.is_ascii_digit()) => {
            let decimals = decimals.trim_end_matches('0');
            if decimals.is_empty() { whole.to_owned() } else { format!("{whole}.{decimals}") }
        }
        _ => number,
    }
}

#[cfg(test)]
mod tests {
    use super::numbers;

    fn found(text: &str) -> Vec<String> {
        numbers(text).into_iter().map(|(number, unit)| format!("{number} {}", unit.unwrap_or("-"))).collect()
    }

    #[test]
    fn numbers_come_with_their_units() {
        assert_eq!(found("within 30 days, or a 30-day trial"), ["30 day"]);
        assert_eq!(found("1,000 files of 30GB for €2.50"), ["1000 -", "2.5 eur", "30 gb"]);
        assert_eq!(found("two hours at 85 % of them"), ["2 hour", "85 percent"]);
        assert_eq!(found("one of them"), Vec::<String>::new());
    }
}
