//! Checking a sentence against the bytes that it cites.
//!
//! A quote is compared byte by byte. Everything else must agree with its evidence in every number, unit, code, name
//! and negation, and then be close enough to it in words and meaning, by weights fitted on claims that people judged.

use std::collections::BTreeSet;
use std::sync::Arc;

use corpus::Verdict;
use corpus::terms::Analyzer;

use crate::error::Error;
use crate::evidence::Vectors;
use crate::model::SentenceEncoder;
use crate::weights::{SUPPORT_FEATURES, WEIGHTS, sigmoid};

mod facts;

use facts::Facts;

/// Says whether evidence supports a sentence.
pub trait Checker: Send {
    /// The verdict on `sentence`, which rests on the texts in `evidence`, each a sentence or a few.
    fn check(&mut self, sentence: &str, evidence: &[&str]) -> Result<Verdict, Error>;
}

/// The verdict on a quote: it is supported if and only if it is the bytes that it cites.
pub fn quote(sentence: &str, bytes: Option<&str>) -> Verdict {
    let same = !sentence.is_empty() && bytes == Some(sentence);
    let problem = (!same).then(|| "the quote is not what the source says".to_owned());
    Verdict { supported: same, score: f32::from(u8::from(same)), quoted: same, problem }
}

features! {
    /// What support is judged by, where facts agree.
    SupportFeatures, SUPPORT_FEATURES {
        /// Share of the sentence's terms that its best evidence holds.
        contained,
        /// The same of the two best together.
        contained_near,
        /// The same of all evidence.
        contained_all,
        /// Highest cosine similarity of the sentence and an evidence sentence.
        cosine,
        /// Share of its numbers that the evidence has, with the same units; 1 where there are none.
        numbers,
        /// Share of its names that the evidence has; 1 where there are none.
        names,
        /// Whether sentence and best evidence differ in a negation, an opposite or a strict word such as "must".
        negated,
    }
}

/// Most evidence sentences that are compared by their vectors.
const COMPARED: usize = 8;
/// Share of the sentence's terms that the two best pieces of evidence must hold, whatever else speaks for it.
const CONTAINED: f32 = 0.6;
/// Most evidence texts that are looked at.
const LOOKED_AT: usize = 400;

/// Checks facts by exact agreement and the rest by calibrated similarity.
pub struct FactChecker {
    analyzer: Analyzer,
    encoder: Arc<dyn SentenceEncoder>,
    vectors: Vectors,
    /// Probability of support from which on a sentence is supported.
    threshold: f32,
}

impl FactChecker {
    /// A checker for English that compares meaning by `encoder`.
    pub fn new(encoder: Arc<dyn SentenceEncoder>) -> Self {
        Self {
            analyzer: Analyzer::new("en"),
            encoder,
            vectors: Vectors::default(),
            threshold: WEIGHTS.supported,
        }
    }

    /// The same with another threshold.
    #[must_use]
    pub fn with_threshold(self, threshold: f32) -> Self {
        Self { threshold, ..self }
    }

    /// What support is judged by, and the first fact in which sentence and evidence disagree.
    pub fn features(
        &mut self,
        sentence: &str,
        evidence: &[&str],
    ) -> Result<(SupportFeatures, Option<String>), Error> {
        let evidence = &evidence[..evidence.len().min(LOOKED_AT)];
        let said = self.terms(sentence);
        let held: Vec<BTreeSet<String>> = evidence.iter().map(|text| self.terms(text)).collect();
        let mut order: Vec<usize> = (0..evidence.len()).collect();
        order.sort_by(|a, b| share(&said, &held[*b]).total_cmp(&share(&said, &held[*a])).then(a.cmp(b)));
        let cosines = self.cosines(sentence, evidence, &order)?;
        // Among those that hold about as much, the nearest in meaning is what the sentence rests on.
        if let Some(best) = (0..cosines.len()).max_by(|a, b| {
            let value = |at: usize| share(&said, &held[order[at]]) + cosines[at];
            value(*a).total_cmp(&value(*b))
        }) {
            let best = order.remove(best);
            order.insert(0, best);
        }
        let union = |count: usize| -> BTreeSet<String> {
            order.iter().take(count).flat_map(|at| held[*at].iter().cloned()).collect()
        };
        let best = order.first().map_or("", |at| evidence[*at]);
        let near: Vec<&str> = order.iter().take(2).map(|at| evidence[*at]).collect();
        let claim = Facts::of(sentence);
        let all = Facts::of(&evidence.join("\n"));
        let turned = claim
            .turned_against(&Facts::of(&near.join("\n")))
            .or_else(|| claim.negated_against(&Facts::of(best)));
        let number = claim.number_missing_in(&all);
        let name = claim.name_missing_in(&all);
        let features = SupportFeatures {
            contained: share(&said, &union(1)),
            contained_near: share(&said, &union(2)),
            contained_all: share(&said, &union(order.len())),
            cosine: cosines.iter().copied().fold(0.0, f32::max),
            numbers: claim.numbers_in(&all),
            names: claim.names_in(&all),
            negated: f32::from(u8::from(turned.is_some())),
        };
        let missing = |what: String| format!("the source does not say {what:?}");
        Ok((features, number.map(missing).or_else(|| name.map(missing)).or(turned)))
    }

    fn terms(&self, text: &str) -> BTreeSet<String> {
        self.analyzer.terms(text).into_iter().map(|term| term.text).collect()
    }

    /// Cosine similarities of the sentence and the first few of the evidence in `order`.
    fn cosines(&mut self, sentence: &str, evidence: &[&str], order: &[usize]) -> Result<Vec<f32>, Error> {
        let mut texts = vec![sentence.to_owned()];
        texts.extend(order.iter().take(COMPARED).map(|at| evidence[*at].to_owned()));
        let vectors = self.vectors.of(&texts, self.encoder.as_ref())?;
        let Some((claim, rest)) = vectors.split_first() else { return Ok(Vec::new()) };
        Ok(rest.iter().map(|vector| claim.iter().zip(vector.iter()).map(|(a, b)| a * b).sum()).collect())
    }
}

impl Checker for FactChecker {
    fn check(&mut self, sentence: &str, evidence: &[&str]) -> Result<Verdict, Error> {
        let refused = |score: f32, problem: &str| Verdict {
            supported: false,
            score,
            quoted: false,
            problem: Some(problem.to_owned()),
        };
        if evidence.is_empty() {
            return Ok(refused(0.0, "the sentence cites nothing"));
        }
        if self.terms(sentence).is_empty() {
            return Ok(refused(0.0, "the sentence says nothing"));
        }
        let (features, problem) = self.features(sentence, evidence)?;
        let score = sigmoid(WEIGHTS.support.value(&SUPPORT_FEATURES, &features.values()));
        if let Some(problem) = problem {
            return Ok(refused(score.min(0.5), &problem));
        }
        if score < self.threshold || features.contained_near < CONTAINED {
            return Ok(refused(score, "the sentence goes beyond its source"));
        }
        Ok(Verdict { supported: true, score, quoted: false, problem: None })
    }
}

/// Share of `said` that `held` has.
fn share(said: &BTreeSet<String>, held: &BTreeSet<String>) -> f32 {
    if said.is_empty() { 0.0 } else { said.intersection(held).count() as f32 / said.len() as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::WordBag;

    fn supported(sentence: &str, evidence: &str) -> bool {
        let mut checker = FactChecker::new(Arc::new(WordBag)).with_threshold(0.5);
        checker.check(sentence, &[evidence]).expect("a verdict").supported
    }

    #[test]
    fn a_quote_is_the_bytes_or_nothing() {
        assert!(quote("It takes 5 days.", Some("It takes 5 days.")).supported);
        assert!(!quote("It takes 6 days.", Some("It takes 5 days.")).supported);
        assert!(!quote("", Some("")).supported);
        assert!(!quote("It takes 5 days.", None).quoted);
    }

    #[test]
    fn numbers_units_codes_and_negations_must_agree() {
        let evidence = "Refunds reach the card within 5 days and cannot be sped up.";
        assert!(supported("Refunds cannot be sped up and reach the card within 5 days.", evidence));
        assert!(supported("Refunds cannot be sped up and reach the card within five days.", evidence));
        assert!(!supported("Refunds cannot be sped up and reach the card within 7 days.", evidence));
        assert!(!supported("Refunds cannot be sped up and reach the card within 5 weeks.", evidence));
        assert!(!supported("Refunds reach the card within 5 days and can be sped up.", evidence));
        assert!(!supported("Error E-1043 means the disk is full.", "Error E-1042 means the disk is full."));
        assert!(!supported("Ask the Osprey team for a refund.", "Ask the Kestrel team for a refund."));
    }

    #[test]
    fn opposites_and_strict_words_must_agree() {
        assert!(!supported(
            "Switch the light off before the reset.",
            "Switch the light on before the reset."
        ));
        assert!(!supported("Returns must be sent in the box.", "Returns can be sent in the box."));
        assert!(!supported("Returns are free in the box.", "Returns are sent in the box."));
    }

    #[test]
    fn what_goes_beyond_the_source_is_not_supported() {
        assert!(!supported(
            "Refunds reach the bank account by courier.",
            "Refunds reach the card within 5 days."
        ));
        assert!(!supported("of the", "of the"));
        let mut checker = FactChecker::new(Arc::new(WordBag));
        assert!(!checker.check("Refunds take 5 days.", &[]).expect("a verdict").supported);
    }

    #[test]
    fn a_row_written_out_is_supported_by_the_row_and_its_header() {
        assert!(supported("Code: E-1042; Meaning: disk full", "Code | Meaning\nE-1042 | disk full"));
    }
}
