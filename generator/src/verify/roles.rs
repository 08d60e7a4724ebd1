//! Who does what to whom, and what goes where, as far as the order of words tells.

use super::words::{Word, Words};

/// Most words between a word and those it joins.
const REACH: usize = 4;
/// Words between two things that are not the same the other way round.
const JOINTS: [&str; 12] = [
    "to", "before", "after", "than", "into", "over", "under", "above", "below", "replaces", "requires",
    "without",
];

/// Where sentence and source tell of the same two things in opposite order, what stands first in the sentence.
pub(super) fn swapped(claim: &Words, source: &Words) -> Option<String> {
    joints(claim).find_map(|joint| {
        let (left, right) = sides(claim, joint)?;
        let turned = joints(source)
            .filter(|at| source.0[*at].clause_word() == claim.0[joint].clause_word())
            .filter_map(|at| Some((at, sides(source, at)?)))
            .any(|(at, (source_left, source_right))| {
                left.term == source_right.term
                    && right.term == source_left.term
                    && is_passive(claim, joint) == is_passive(source, at)
            });
        // Where the source says it this way too, it says both.
        let straight =
            joints(source).filter_map(|at| sides(source, at)).any(|(source_left, source_right)| {
                left.term == source_left.term && right.term == source_right.term
            });
        (turned && !straight && left.term != right.term).then(|| left.lower.clone())
    })
}

impl Word {
    /// What a joint is compared by.
    fn clause_word(&self) -> &str {
        self.term.as_deref().unwrap_or(&self.lower)
    }
}

/// Places of words that may stand between two things.
fn joints(words: &Words) -> impl Iterator<Item = usize> {
    words
        .0
        .iter()
        .enumerate()
        .filter(|(_, word)| word.term.is_some() || JOINTS.contains(&word.lower.as_str()))
        .map(|(at, _)| at)
}

/// The nearest terms on both sides of the word at `at`, within its clause.
fn sides(words: &Words, at: usize) -> Option<(&Word, &Word)> {
    let clause = words.0[at].clause;
    let fits = |word: &&Word| word.term.is_some() && word.clause == clause;
    let left = words.0[at.saturating_sub(REACH)..at].iter().rev().find(fits)?;
    let right = words.0.get(at + 1..)?.iter().take(REACH).find(fits)?;
    Some((left, right))
}

/// Whether the word at `at` is something that is done to what stands before it.
fn is_passive(words: &Words, at: usize) -> bool {
    let is = |word: &str| matches!(word, "is" | "are" | "was" | "were" | "be" | "been" | "being" | "gets");
    let before = words.0[at.saturating_sub(2)..at].iter().any(|word| is(&word.lower));
    before && words.0.get(at + 1..).is_some_and(|rest| rest.iter().take(2).any(|word| word.lower == "by"))
}

#[cfg(test)]
mod tests {
    use corpus::terms::Analyzer;

    use super::*;

    fn turned(sentence: &str, source: &str) -> bool {
        let analyzer = Analyzer::new("en");
        swapped(&Words::of(sentence, &analyzer), &Words::of(source, &analyzer)).is_some()
    }

    #[test]
    fn directions_must_agree() {
        let source = "Move the file from the laptop to the server.";
        assert!(turned("Move the file from the server to the laptop.", source));
        assert!(!turned("Move the file from the laptop to the server.", source));
        assert!(turned("Pair it before charging.", "Charge it before pairing."));
    }

    #[test]
    fn who_does_what_must_agree() {
        assert!(turned("Kestrel bought Osprey.", "Osprey bought Kestrel in 2019."));
        assert!(!turned("Kestrel was bought by Osprey.", "Osprey bought Kestrel in 2019."));
        assert!(turned("Osprey was bought by Kestrel.", "Kestrel was bought by Osprey."));
        assert!(!turned("Kestrel and Osprey merged.", "Osprey and Kestrel merged."));
    }
}
