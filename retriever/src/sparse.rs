//! Sparse vectors: BM25 over the terms of a text.
//!
//! A chunk's vector holds, for each of its terms, the BM25 weight without the inverse document frequency
//! (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009); a question's vector
//! holds 1 for each of its terms. The search engine multiplies in the inverse document frequency, which it knows.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use corpus::terms::{Analyzer, term_id};

/// Version of the sparse vectors; raised when terms, their numbers or their weights change.
pub const ANALYZER: u32 = 1;

/// How fast repeating a term stops to matter.
const K1: f32 = 1.2;
/// How much of a chunk's length counts against it.
const B: f32 = 0.75;

/// A sparse vector: term numbers, strictly ascending, and their weights.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sparse {
    pub(crate) terms: Vec<u32>,
    pub(crate) weights: Vec<f32>,
}

impl Sparse {
    pub(crate) fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }
}

/// Makes sparse vectors, with one analyzer for each language that it meets.
#[derive(Default)]
pub(crate) struct Weigher {
    analyzers: Mutex<HashMap<String, Arc<Analyzer>>>,
}

impl Weigher {
    fn analyzer(&self, language: &str) -> Arc<Analyzer> {
        let mut analyzers = self.analyzers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(analyzer) = analyzers.get(language) {
            return Arc::clone(analyzer);
        }
        let analyzer = Arc::new(Analyzer::new(language));
        analyzers.insert(language.to_owned(), Arc::clone(&analyzer));
        analyzer
    }

    /// Number of terms in `text`.
    pub(crate) fn length(&self, text: &str, language: &str) -> usize {
        self.analyzer(language).terms(text).len()
    }

    /// The vector of a chunk's text; `average` is the mean [`Weigher::length`] of a chunk.
    pub(crate) fn passage(&self, text: &str, language: &str, average: f32) -> Sparse {
        let terms = self.analyzer(language).terms(text);
        let length = terms.len() as f32 / average.max(1.0);
        let mut counts = BTreeMap::<u32, f32>::new();
        for term in terms {
            *counts.entry(term_id(&term.text)).or_default() += 1.0;
        }
        let weigh = |count: f32| count * (K1 + 1.0) / (count + K1 * (1.0 - B + B * length));
        Sparse { weights: counts.values().copied().map(weigh).collect(), terms: counts.into_keys().collect() }
    }

    /// The vector of a question in any of `languages`.
    pub(crate) fn question<'l>(&self, text: &str, languages: impl Iterator<Item = &'l str>) -> Sparse {
        let mut terms = BTreeSet::new();
        for language in languages {
            terms.extend(self.analyzer(language).terms(text).iter().map(|term| term_id(&term.text)));
        }
        Sparse { weights: vec![1.0; terms.len()], terms: terms.into_iter().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_follow_bm25() {
        let weigher = Weigher::default();
        let vector = weigher.passage("refund refund invoice", "en", 3.0);
        let weight = |term: &str| {
            let at = vector.terms.binary_search(&term_id(term)).expect("the term is there");
            vector.weights[at]
        };
        // The length is the mean, so b drops out: tf * 2.2 / (tf + 1.2).
        assert!((weight("refund") - 2.0 * 2.2 / 3.2).abs() < 1e-6);
        assert!((weight("invoic") - 1.0).abs() < 1e-6);
        let longer = weigher.passage("refund refund invoice again and again with more words here", "en", 3.0);
        let at = longer.terms.binary_search(&term_id("invoic")).expect("the term is there");
        assert!(longer.weights[at] < 1.0, "longer chunks weigh less");
    }

    #[test]
    fn questions_hold_each_term_once_in_every_language() {
        let weigher = Weigher::default();
        let english = weigher.question("refunds refunds", ["en"].into_iter());
        assert_eq!(english.terms, [term_id("refund")]);
        assert_eq!(english.weights, [1.0]);
        let both = weigher.question("Rechnungen", ["en", "de"].into_iter());
        assert!(both.terms.contains(&term_id("rechnung")));
        assert!(both.terms.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
