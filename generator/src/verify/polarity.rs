//! Whether sentence and source mean the same way: negations, opposites, strict words, conditions and doubts.

use std::collections::BTreeSet;

use super::words::Words;
use crate::lexicon::{DOUBTS, EXCLUSIVE, OPPOSITES, RESTRICTIONS, STRICT, is_negation};

/// Most terms that one negation denies.
const DENIES: usize = 4;
/// Most words of a condition.
const CONDITION: usize = 8;
/// Share of a condition's terms that a sentence must repeat.
const REPEATED: f32 = 0.34;

/// Phrases with a negation that deny nothing.
const NO_DENIALS: [&str; 9] = [
    "no more than",
    "no less than",
    "no later than",
    "no fewer than",
    "not more than",
    "not less than",
    "not only",
    "no matter",
    "not just",
];

/// The terms that each negation denies, nearest first.
fn denials(words: &Words) -> Vec<Vec<&str>> {
    let negates = |at: &usize| {
        let lower = words.0[*at].lower.as_str();
        is_negation(lower) && lower != "unless" && !NO_DENIALS.iter().any(|phrase| words.is_at(*at, phrase))
    };
    (0..words.0.len())
        .filter(negates)
        .map(|at| {
            let clause = words.0[at].clause;
            let behind = words.0[at + 1..].iter().take_while(|word| word.clause == clause);
            behind.filter_map(|word| word.term.as_deref()).take(DENIES).collect()
        })
        .collect()
}

/// Why the sentence denies what `source` affirms, or the other way round.
pub(super) fn negated(claim: &Words, source: &Words) -> Option<String> {
    let (said, given) = (denials(claim), denials(source));
    let shares =
        |a: &[&str], b: &[&str]| a.is_empty() || b.is_empty() || a.iter().any(|term| b.contains(term));
    for denied in &said {
        let opposite = || {
            OPPOSITES.iter().any(|(a, b)| {
                let stands = |one: &str, other: &str| source.has(one) && !claim.has(one) && claim.has(other);
                stands(a, b) || stands(b, a)
            })
        };
        if !given.iter().any(|other| shares(denied, other)) && !opposite() {
            let what = denied.first().copied().unwrap_or_default();
            return Some(if what.is_empty() {
                "the sentence denies something, the source does not".to_owned()
            } else {
                format!("the sentence denies something about {:?}, the source does not", spelled(claim, what))
            });
        }
    }
    let affirmed =
        |term: &&str| claim.terms().any(|other| other == *term) && !said.iter().any(|s| s.contains(term));
    let overlooked = |denied: &&Vec<&str>| {
        let nearest: Vec<&str> = denied.iter().take(2).copied().collect();
        !nearest.is_empty() && nearest.iter().all(affirmed) && !said.iter().any(|other| shares(other, denied))
    };
    given.iter().find(overlooked).map(|denied| {
        format!("the source denies something about {:?}, the sentence does not", spelled(source, denied[0]))
    })
}

/// A term as it was written.
fn spelled<'a>(words: &'a Words, term: &'a str) -> &'a str {
    words.0.iter().find(|word| word.term.as_deref() == Some(term)).map_or(term, |word| word.lower.as_str())
}

/// Where the sentence has a word whose opposite the source has: both.
pub(super) fn opposed(claim: &Words, source: &Words) -> Option<(String, String)> {
    let only = |here: &Words, there: &Words, word: &str| here.has(word) && !there.has(word);
    let turned = |said: &str, given: &str| only(claim, source, said) && only(source, claim, given);
    let pair = |said: &str, given: &str| Some((said.to_owned(), given.to_owned()));
    for (one, other) in OPPOSITES {
        for (said, given) in [(one, other), (other, one)] {
            if turned(said, given) {
                return pair(said, given);
            }
        }
    }
    for group in EXCLUSIVE {
        let said = group.split(' ').find(|word| only(claim, source, word));
        let given = group.split(' ').find(|word| only(source, claim, word));
        if let (Some(said), Some(given)) = (said, given) {
            return pair(said, given);
        }
    }
    // `locked` and `unlocked`.
    for (here, there, claims) in [(claim, source, true), (source, claim, false)] {
        for word in here.0.iter().map(|word| word.lower.as_str()) {
            let base = ["un", "non"].iter().find_map(|prefix| word.strip_prefix(prefix));
            if let Some(base) =
                base.filter(|base| base.len() > 3 && only(here, there, word) && only(there, here, base))
            {
                return if claims { pair(word, base) } else { pair(base, word) };
            }
        }
    }
    None
}

/// A word that makes the sentence stricter than the source.
pub(super) fn stricter(claim: &Words, source: &Words) -> Option<&'static str> {
    STRICT.iter().find_map(|(triggers, others)| {
        let counts = |at: usize| at == 0 || !matches!(claim.0[at - 1].lower.as_str(), "not" | "at");
        let stands = |word: &str| (0..claim.0.len()).any(|at| claim.0[at].lower == word && counts(at));
        let trigger = triggers.split(' ').find(|word| stands(word))?;
        let have_to = |at: usize| source.is_at(at, "have to") || source.is_at(at, "has to");
        let held = (trigger == "must" || trigger == "required") && (0..source.0.len()).any(have_to);
        let held = held || triggers.split(' ').chain(others.split(' ')).any(|word| source.has(word));
        (!held).then_some(trigger)
    })
}

/// The restriction of the source that the sentence leaves out, such as `only for`.
pub(super) fn unrestricted(claim: &Words, source: &Words) -> Option<&'static str> {
    RESTRICTIONS.into_iter().find(|phrase| {
        let length = phrase.split(' ').count();
        (0..source.0.len()).filter(|at| source.is_at(*at, phrase)).any(|at| {
            let condition: BTreeSet<&str> = source
                .0
                .get(at + length..)
                .unwrap_or_default()
                .iter()
                .take(CONDITION)
                .filter_map(|word| word.term.as_deref())
                .collect();
            let repeated = claim.terms().filter(|term| condition.contains(term)).count();
            !condition.is_empty() && (repeated as f32) < REPEATED * condition.len() as f32
        })
    })
}

/// Whether the source doubts and the sentence does not.
pub(super) fn certain(claim: &Words, source: &Words) -> bool {
    let doubts = |words: &Words| DOUBTS.split(' ').any(|word| words.has(word));
    doubts(source) && !doubts(claim)
}

#[cfg(test)]
mod tests {
    use corpus::terms::Analyzer;

    use super::*;

    fn of(text: &str) -> Words {
        Words::of(text, &Analyzer::new("en"))
    }

    #[test]
    fn negations_count_where_they_stand() {
        let source = of("Refunds reach the card within 5 days and cannot be sped up.");
        let turned = |claim: &str| negated(&of(claim), &source).is_some();
        assert!(!turned("Refunds cannot be sped up.") && !turned("Refunds reach the card within 5 days."));
        assert!(turned("Refunds can be sped up.") && turned("Refunds do not reach the card."));
        let limit = of("Send no more than 5 files.");
        assert!(negated(&of("Send up to 5 files."), &limit).is_none());
        assert!(negated(&of("The light is not enabled."), &of("The light is disabled.")).is_none());
    }

    #[test]
    fn opposites_exclude_each_other() {
        let turned = |claim: &str, source: &str| opposed(&of(claim), &of(source)).is_some();
        assert!(turned("Switch it off before use.", "Switch it on before use."));
        assert!(turned("A red light means ready.", "A green light means ready."));
        assert!(turned("The door is unlocked.", "The door is locked."));
        assert!(turned("It is billed monthly.", "It is billed yearly."));
        assert!(!turned("The door is locked.", "The door is locked, the gate unlocked."));
        assert!(!turned("Repeat it until it rings.", "Repeat it till it rings."));
    }

    #[test]
    fn strict_words_need_their_like() {
        let strict = |claim: &str, source: &str| stricter(&of(claim), &of(source)).is_some();
        assert!(
            strict("Returns must be sent.", "Returns can be sent.")
                && strict("Every file is kept.", "Files are kept.")
        );
        assert!(!strict("Returns must be sent.", "Returns are required to be sent."));
        assert!(!strict("Every file is kept.", "All files are kept."));
        assert!(
            !strict("Returns must be sent.", "Returns have to be sent.")
                && !strict("Not only that.", "Both.")
        );
    }

    #[test]
    fn restrictions_must_be_kept() {
        let free = |claim: &str, source: &str| unrestricted(&of(claim), &of(source)).is_some();
        let source = "Returns are accepted only for unopened boxes.";
        assert!(free("Returns are accepted.", source));
        assert!(!free("Returns are accepted for unopened boxes.", source));
        assert!(free("The alarm stops.", "The alarm stops unless the battery is empty."));
        assert!(!free("The alarm stops.", "The alarm stops at once."));
    }

    #[test]
    fn doubts_must_be_kept() {
        assert!(certain(&of("It takes a day."), &of("It may take a day.")));
        assert!(!certain(&of("It might take a day."), &of("It may take a day.")));
    }
}
