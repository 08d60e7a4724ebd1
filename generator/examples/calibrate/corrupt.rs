//! Sentences that are wrong by one thing, made by rule from right ones.

use std::collections::BTreeSet;

/// Verbs after which "not" turns a sentence around.
const VERBS: [&str; 12] =
    ["is", "are", "was", "were", "can", "will", "has", "have", "does", "do", "should", "must"];

/// Variants of `sentence` that `passage` does not support. `other` is a sentence of the same passage, whose end is put in
/// the place of its own.
pub(crate) fn corrupted(sentence: &str, passage: &str, other: Option<&str>) -> Vec<String> {
    let words: Vec<&str> = sentence.split(' ').collect();
    let mut variants = Vec::new();
    variants.extend(other_number(&words));
    variants.extend(negation(&words));
    variants.extend(other_word(&words, passage));
    variants.extend(other.and_then(|other| spliced(&words, other)));
    variants.retain(|variant| variant != sentence && !passage.contains(variant.as_str()));
    variants
}

fn with(words: &[&str], at: usize, word: &str) -> String {
    let mut changed = words.to_vec();
    changed[at] = word;
    changed.join(" ")
}

fn other_number(words: &[&str]) -> Option<String> {
    let at = words.iter().position(|word| word.bytes().any(|byte| byte.is_ascii_digit()))?;
    let word: String = words[at]
        .chars()
        .map(|c| c.to_digit(10).and_then(|digit| char::from_digit((digit + 3) % 10, 10)).unwrap_or(c))
        .collect();
    Some(with(words, at, &word))
}

fn negation(words: &[&str]) -> Option<String> {
    if let Some(at) = words.iter().position(|word| *word == "not") {
        let mut changed = words.to_vec();
        changed.remove(at);
        return Some(changed.join(" "));
    }
    let at = words.iter().position(|word| VERBS.contains(word))?;
    Some(with(words, at, &format!("{} not", words[at])))
}

/// The longest word in the middle, replaced by one of the passage that looks like it.
fn other_word(words: &[&str], passage: &str) -> Option<String> {
    let plain = |word: &str| word.len() > 3 && word.chars().all(char::is_alphabetic);
    let at = (1..words.len()).filter(|at| plain(words[*at])).max_by_key(|at| words[*at].len())?;
    let capital = |word: &str| word.starts_with(char::is_uppercase);
    let ending = |word: &str| word.chars().rev().take(2).collect::<String>();
    let said: BTreeSet<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let other = passage.split_whitespace().find(|word| {
        plain(word)
            && capital(word) == capital(words[at])
            && (capital(word) || ending(word) == ending(words[at]))
            && !said.contains(&word.to_lowercase())
    })?;
    Some(with(words, at, other))
}

/// The first half of a sentence with the second half of another.
fn spliced(words: &[&str], other: &str) -> Option<String> {
    let other: Vec<&str> = other.split(' ').collect();
    (words.len() >= 8 && other.len() >= 8).then(|| {
        let halves = words[..words.len() / 2].iter().chain(&other[other.len() / 2..]);
        halves.copied().collect::<Vec<_>>().join(" ")
    })
}
