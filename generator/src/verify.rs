//! Checking a sentence against the bytes that it cites.

use std::collections::BTreeSet;

use corpus::Verdict;
use corpus::terms::Analyzer;

/// Says whether evidence supports a sentence.
pub trait Checker {
    /// The verdict on `sentence`, which cites `evidence`. `quoted` claims that it is the evidence, word for word.
    fn check(&self, sentence: &str, evidence: &str, quoted: bool) -> Verdict;
}

/// Checks by exact agreement: a quote must be the bytes that it cites; anything else may use no number, code, name,
/// unit or negation that the evidence lacks, and hardly any other word.
pub struct ExactChecker {
    analyzer: Analyzer,
}

/// Share of a sentence's words that its evidence must hold.
const CONTAINED: f32 = 0.9;
const NEGATIONS: [&str; 12] =
    ["not", "no", "never", "without", "cannot", "can't", "don't", "doesn't", "won't", "isn't", "aren't", "nor"];

impl Default for ExactChecker {
    fn default() -> Self {
        Self { analyzer: Analyzer::new("en") }
    }
}

impl Checker for ExactChecker {
    fn check(&self, sentence: &str, evidence: &str, quoted: bool) -> Verdict {
        if quoted {
            let same = !sentence.is_empty() && sentence == evidence;
            let problem = (!same).then(|| "the quote is not what the source says".to_owned());
            return Verdict { supported: same, score: f32::from(u8::from(same)), quoted: same, problem };
        }
        let verdict = |score: f32, problem: Option<String>| Verdict {
            supported: problem.is_none(),
            score,
            quoted: false,
            problem,
        };
        let (said, given) = (words(sentence), words(evidence));
        if let Some(token) = said.iter().find(|word| word.contains(|c: char| c.is_ascii_digit()) && !given.contains(*word))
        {
            return verdict(0.0, Some(format!("the source does not say {token:?}")));
        }
        let negated = |words: &BTreeSet<String>| NEGATIONS.iter().filter(|n| words.contains(**n)).count();
        if (negated(&said) == 0) != (negated(&given) == 0) {
            return verdict(0.0, Some("sentence and source differ in a negation".to_owned()));
        }
        let terms = |text: &str| -> BTreeSet<String> {
            self.analyzer.terms(text).into_iter().map(|term| term.text).collect()
        };
        let (said, given) = (terms(sentence), terms(evidence));
        if said.is_empty() {
            return verdict(0.0, Some("the sentence says nothing".to_owned()));
        }
        let contained = said.intersection(&given).count() as f32 / said.len() as f32;
        if contained < CONTAINED {
            return verdict(contained, Some("the sentence goes beyond its source".to_owned()));
        }
        verdict(contained, None)
    }
}

/// Lower-case words with the marks that belong to numbers, codes and contractions.
fn words(text: &str) -> BTreeSet<String> {
    text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '"' | '|' | ':'))
        .map(|word| word.trim_matches(|c: char| matches!(c, '.' | '!' | '?' | '\'' | '’')).to_lowercase())
        .filter(|word| !word.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Checker as _, ExactChecker};

    fn supported(sentence: &str, evidence: &str) -> bool {
        ExactChecker::default().check(sentence, evidence, false).supported
    }

    #[test]
    fn a_quote_is_the_bytes_or_nothing() {
        let checker = ExactChecker::default();
        assert!(checker.check("It takes 5 days.", "It takes 5 days.", true).supported);
        assert!(!checker.check("It takes 6 days.", "It takes 5 days.", true).supported);
        assert!(!checker.check("", "", true).supported);
    }

    #[test]
    fn numbers_codes_and_negations_must_agree() {
        let evidence = "Refunds reach the card within 5 days and cannot be sped up.";
        assert!(supported("Refunds cannot be sped up and reach the card within 5 days.", evidence));
        assert!(!supported("Refunds cannot be sped up and reach the card within 7 days.", evidence));
        assert!(!supported("Refunds reach the card within 5 days.", evidence));
        assert!(!supported("Error E-1043 means the disk is full.", "Error E-1042 means the disk is full."));
    }

    #[test]
    fn what_goes_beyond_the_source_is_not_supported() {
        assert!(!supported("Refunds reach the bank account by courier.", "Refunds reach the card within 5 days."));
    }

    #[test]
    fn a_row_written_out_is_supported_by_the_row_and_its_header() {
        assert!(supported("Code: E-1042; Meaning: disk full", "Code | Meaning\nE-1042 | disk full"));
    }
}
