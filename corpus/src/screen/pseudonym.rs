//! Which pseudonym stands for which identifier.

use std::collections::HashMap;

use super::finder::Finder;
use super::key::DIGITS;
use super::kind::{Candidate, Kind};
use super::lexicon::{PARTICLE, TITLE, roles};

/// What takes the place of each of `found`, which are in order of place in `text`.
///
/// Identifiers that differ in case, spaces or punctuation only have the same pseudonym; a given name or a surname alone
/// has that of the full name. Numbers start after those of the pseudonyms that `text` has already.
pub(super) fn assign(finder: &Finder, text: &str, found: &[Candidate]) -> Vec<String> {
    let mut next: HashMap<String, usize> = HashMap::new();
    for pseudonym in finder.pseudonyms(text) {
        let highest = next.entry(pseudonym.label.to_owned()).or_default();
        *highest = pseudonym.number.max(*highest);
    }
    let people = People::of(text, found);
    let mut numbers: HashMap<(String, String), usize> = HashMap::new();
    found
        .iter()
        .enumerate()
        .map(|(index, candidate)| {
            let label = finder.label(candidate.kind);
            let written = candidate.span.of(text).unwrap_or_default();
            let key =
                if candidate.kind == Kind::Person { people.key(index) } else { key(candidate.kind, written) };
            if let Some(keyed) = &finder.key {
                return format!("[{label}_{:0width$}]", keyed.number(&label, &key), width = DIGITS);
            }
            let number = *numbers.entry((label.clone(), key)).or_insert_with(|| {
                let highest = next.entry(label.clone()).or_default();
                *highest += 1;
                *highest
            });
            format!("[{label}_{number}]")
        })
        .collect()
}

/// What is the same for two ways to write one identifier.
fn key(kind: Kind, written: &str) -> String {
    match kind {
        Kind::Secret => written.to_owned(),
        // 1.23.4.5 is not 12.3.4.5.
        Kind::Ip => written.to_lowercase(),
        Kind::Email => {
            let lower = written.to_lowercase();
            lower
                .replace("(at)", "@")
                .replace("[at]", "@")
                .replace("(dot)", ".")
                .replace("[dot]", ".")
                .replace(' ', "")
        }
        Kind::Phone => {
            // A number with and without its country code is one number.
            let digits: String = written.chars().filter(char::is_ascii_digit).collect();
            digits[digits.len().saturating_sub(9)..].to_owned()
        }
        _ => written.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect(),
    }
}

/// The people of a text.
struct People {
    /// Key of the person that each finding names; empty for other findings.
    keys: Vec<String>,
}

impl People {
    fn of(text: &str, found: &[Candidate]) -> Self {
        let names: Vec<Vec<String>> = found
            .iter()
            .map(|candidate| {
                if candidate.kind == Kind::Person {
                    parts(candidate.span.of(text).unwrap_or_default())
                } else {
                    Vec::new()
                }
            })
            .collect();
        // Full names in order of place, by each of their parts.
        let mut full: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, name) in names.iter().enumerate().filter(|(_, name)| name.len() > 1) {
            for part in [name.first(), name.last()].into_iter().flatten() {
                full.entry(part).or_default().push(index);
            }
        }
        let keys = names
            .iter()
            .enumerate()
            .map(|(index, name)| match name.as_slice() {
                [] => String::new(),
                [single] => match full.get(single.as_str()) {
                    Some(places) => whole(&names[nearest(places, index)]),
                    None => single.clone(),
                },
                [first, .., last] if first.chars().count() == 1 => {
                    // `A. Kowalski` is the one Kowalski whose name starts so.
                    let same = full.get(last.as_str()).and_then(|places| {
                        places.iter().find(|place| {
                            names[**place][0].chars().count() > 1
                                && names[**place][0].starts_with(first.as_str())
                        })
                    });
                    whole(&names[same.copied().unwrap_or(index)])
                }
                _ => whole(name),
            })
            .collect();
        Self { keys }
    }

    fn key(&self, index: usize) -> String {
        self.keys[index].clone()
    }
}

/// The full name nearest before `index`, else the first.
fn nearest(places: &[usize], index: usize) -> usize {
    places[places.partition_point(|place| *place < index).saturating_sub(1)]
}

/// First and last part: middle names come and go.
fn whole(name: &[String]) -> String {
    match name {
        [first, .., last] => format!("{first} {last}"),
        _ => name.concat(),
    }
}

/// The parts of a name in lower case, given name first, without titles and particles.
fn parts(name: &str) -> Vec<String> {
    let swapped = name.split_once(", ").map(|(surname, given)| format!("{given} {surname}"));
    let lower = swapped.as_deref().unwrap_or(name).to_lowercase();
    let words: Vec<String> = lower
        .split(|c: char| !c.is_alphabetic() && !matches!(c, '\'' | '’'))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    let kept: Vec<String> = words
        .iter()
        .enumerate()
        .filter(
            |(at, word)| {
                if *at == 0 { roles(word) & TITLE == 0 } else { roles(word) & (PARTICLE | TITLE) == 0 }
            },
        )
        .map(|(_, word)| word.clone())
        .collect();
    if kept.is_empty() { words } else { kept }
}
