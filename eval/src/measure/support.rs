//! Whether a text bears out a claim, by what can be counted: without a model, and without asking the checker whose
//! verdicts are in the records.
//!
//! It is a rule, not a judge: the words of the claim must be in the text, its numbers and codes all of them, and it may
//! deny only what the text denies. A paraphrase in other words fails; a claim that turns around who does what passes.

use std::collections::HashSet;

use super::overlap::words;

/// Share of a claim's words that a text must hold.
pub const COVERAGE: f64 = 0.8;

/// Words that carry no content by themselves.
const SMALL: [&str; 48] = [
    "and", "or", "of", "to", "in", "on", "at", "for", "by", "with", "from", "as", "is", "are", "was", "were",
    "be", "been", "it", "its", "this", "that", "these", "those", "you", "your", "we", "our", "they", "their",
    "can", "will", "if", "so", "then", "there", "has", "have", "had", "do", "does", "der", "die", "das",
    "und", "ist", "sie", "ein",
];

/// Words that deny, without apostrophes, as normal words have none.
const DENIALS: [&str; 22] = [
    "not", "no", "never", "none", "nothing", "cannot", "cant", "dont", "doesnt", "didnt", "isnt", "arent",
    "wasnt", "wont", "without", "neither", "nor", "nicht", "kein", "keine", "nie", "ohne",
];

/// A text to hold claims against.
#[derive(Clone, Debug, Default)]
pub struct Premise {
    words: HashSet<String>,
}

impl Premise {
    /// Of all `texts` together.
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self { words: texts.into_iter().flat_map(words).collect() }
    }

    /// Whether it bears out a claim; see [`bear_out`].
    pub fn bears_out(&self, claim: &str) -> bool {
        bear_out(&[self], claim)
    }
}

/// Whether several texts together bear out a claim. One without a word is borne out by nothing.
///
/// Worked example: "The guarantee lasts 36 months." is borne out by "The guarantee for the hub lasts 36 months", not by "The
/// guarantee lasts 24 months" nor by "The guarantee lasts months".
pub fn bear_out(premises: &[&Premise], claim: &str) -> bool {
    let holds = |word: &String| premises.iter().any(|premise| premise.words.contains(word));
    let all = words(claim);
    let exact = |word: &&String| word.chars().any(|c| c.is_ascii_digit()) || DENIALS.contains(&word.as_str());
    if all.is_empty() || !all.iter().filter(exact).all(holds) {
        return false;
    }
    let content: HashSet<&String> = all.iter().filter(|word| !SMALL.contains(&word.as_str())).collect();
    let held = content.iter().filter(|word| holds(word)).count();
    held as f64 >= COVERAGE * content.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bears_out(text: &str, claim: &str) -> bool {
        Premise::of([text]).bears_out(claim)
    }

    #[test]
    fn follows_the_worked_example() {
        let claim = "The guarantee lasts 36 months.";
        assert!(bears_out("The guarantee for the hub lasts 36 months", claim));
        assert!(!bears_out("The guarantee lasts 24 months", claim));
        assert!(!bears_out("The guarantee lasts months", claim));
    }

    #[test]
    fn denials_must_be_there_and_words_mostly() {
        assert!(!bears_out("You can return opened boxes within a year", "You cannot return opened boxes"));
        assert!(!bears_out("The hub is white", "The courier delivers on Saturday"));
        assert!(bears_out("Press the red button twice to restart", "press button twice to restart it"));
        assert!(!bears_out("anything", "") && !bears_out("", "word"));
    }

    #[test]
    fn several_texts_count_as_one() {
        let (one, other) = (Premise::of(["The hub lasts"]), Premise::of(["36 months"]));
        assert!(bear_out(&[&one, &other], "The hub lasts 36 months"));
        assert!(!one.bears_out("The hub lasts 36 months") && !bear_out(&[], "The hub"));
    }
}
