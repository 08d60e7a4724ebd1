//! Sentences that say nearly the same and yet not the same: another number, or the opposite.
//!
//! Rules, not a model: they find the contradictions that hurt most in a knowledge base (a price, a deadline, a limit
//! that was changed in one place only; "can" here and "cannot" there), and say nothing about all others.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::sentence::sentences;
use crate::span::Span;
use crate::terms::Analyzer;

/// Shortest sentence that is compared, in terms beside numbers: shorter ones are alike by chance.
const SHORTEST: usize = 4;
/// Least share of terms that two sentences have in common (Jaccard).
const ALIKE: f64 = 0.75;
/// Most sentences of one text that are compared.
const MOST: usize = 200;

/// Two sentences that cannot both hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// The sentence in the one text.
    pub left: Span,
    /// The sentence in the other text.
    pub right: Span,
    /// In what they differ.
    pub kind: ConflictKind,
}

/// In what two sentences differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictKind {
    /// One number.
    Number,
    /// One says yes where the other says no.
    Negation,
}

/// A sentence as it is compared.
struct Claim {
    span: Span,
    words: BTreeSet<String>,
    numbers: Vec<String>,
    negated: bool,
}

/// The conflicts between two texts in the language `analyzer` is for, in order of place.
///
/// ```
/// use corpus::conflict::{ConflictKind, conflicts};
/// use corpus::terms::Analyzer;
///
/// let found = conflicts(
///     &Analyzer::new("en"),
///     "Refunds are paid within 14 days of the return.",
///     "Refunds are paid within 30 days of the return.",
/// );
/// assert_eq!(found[0].kind, ConflictKind::Number);
/// ```
pub fn conflicts(analyzer: &Analyzer, left: &str, right: &str) -> Vec<Conflict> {
    let (left, right) = (claims(analyzer, left), claims(analyzer, right));
    let mut found = Vec::new();
    for one in &left {
        // What is also said word for word contradicts nothing.
        if right.iter().any(|other| same(one, other)) {
            continue;
        }
        let conflict = right.iter().find_map(|other| Some((other, kind(one, other)?)));
        if let Some((other, kind)) = conflict {
            found.push(Conflict { left: one.span, right: other.span, kind });
        }
    }
    found
}

fn claims(analyzer: &Analyzer, text: &str) -> Vec<Claim> {
    let spans = sentences(text).into_iter().take(MOST);
    let claims = spans.filter_map(|span| {
        let sentence = span.of(text)?;
        let (mut words, mut numbers) = (BTreeSet::new(), Vec::new());
        for term in analyzer.terms(sentence) {
            if term.text.starts_with(|c: char| c.is_ascii_digit()) {
                numbers.push(term.text);
            } else {
                words.insert(term.text);
            }
        }
        (words.len() >= SHORTEST).then(|| Claim { span, words, numbers, negated: is_negated(sentence) })
    });
    claims.collect()
}

fn same(one: &Claim, other: &Claim) -> bool {
    one.words == other.words && one.numbers == other.numbers && one.negated == other.negated
}

fn kind(one: &Claim, other: &Claim) -> Option<ConflictKind> {
    let common = one.words.intersection(&other.words).count() as f64;
    let all = one.words.union(&other.words).count() as f64;
    if common / all < ALIKE {
        return None;
    }
    let differ = one.numbers.iter().zip(&other.numbers).filter(|(a, b)| a != b).count();
    let as_many = one.numbers.len() == other.numbers.len();
    match (one.negated == other.negated, as_many, differ) {
        (true, true, 1) => Some(ConflictKind::Number),
        (false, true, 0) => Some(ConflictKind::Negation),
        _ => None,
    }
}

/// Words that turn a sentence around, an odd number of them.
fn is_negated(sentence: &str) -> bool {
    const NOT: [&str; 14] = [
        "not", "no", "never", "cannot", "without", "nicht", "kein", "keine", "keinen", "nie", "ne", "jamais",
        "nunca", "non",
    ];
    let lower = sentence.to_lowercase();
    let count = lower
        .split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’')
        .filter(|word| NOT.contains(word) || word.ends_with("n't") || word.ends_with("n’t"))
        .count();
    count % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(left: &str, right: &str) -> Vec<ConflictKind> {
        conflicts(&Analyzer::new("en"), left, right).into_iter().map(|conflict| conflict.kind).collect()
    }

    #[test]
    fn another_number_or_the_opposite_is_a_conflict() {
        let price = "The restore drive costs 79 euros, courier included.";
        assert_eq!(kinds(price, &price.replace("79", "89")), [ConflictKind::Number]);
        let can = "You can export your photos from the old account.";
        assert_eq!(kinds(can, &can.replace("can", "cannot")), [ConflictKind::Negation]);
        assert_eq!(
            kinds(can, "You can't export your photos from the old account."),
            [ConflictKind::Negation]
        );
    }

    #[test]
    fn what_is_the_same_or_about_something_else_is_none() {
        let price = "The restore drive costs 79 euros, courier included.";
        assert!(kinds(price, price).is_empty());
        assert!(
            kinds(price, &format!("{price} The restore drive costs 89 euros, courier included.")).is_empty()
        );
        assert!(kinds(price, "The backup plan costs 89 euros a year, tax included.").is_empty());
        // Two numbers apart is another statement, and so is a short one.
        assert!(
            kinds(
                "Hold the reset button 10 seconds, then wait 20.",
                "Hold the reset button 5 seconds, then wait 40."
            )
            .is_empty()
        );
        assert!(kinds("Step 1: Save.", "Step 2: Save.").is_empty());
    }

    #[test]
    fn spans_are_those_of_the_sentences() {
        let left = "Intro words first. Refunds are paid within 14 days of the return.";
        let right = "Refunds are paid within 30 days of the return.";
        let found = conflicts(&Analyzer::new("en"), left, right);
        assert_eq!(found[0].left.of(left), Some("Refunds are paid within 14 days of the return."));
        assert_eq!(found[0].right.of(right), Some(right));
    }
}
