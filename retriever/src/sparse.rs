//! Sparse vectors: BM25 over the terms of a text.
//!
//! A chunk's vector holds, for each of its terms, the BM25 weight without the inverse document frequency
//! (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009); a question's vector
//! holds 1 for each of its terms, and less for those that only an earlier turn used. The search engine multiplies in the
//! inverse document frequency, which it knows.

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

/// A question's terms.
pub(crate) struct Question {
    /// In any of the languages that it is read in.
    pub(crate) vector: Sparse,
    /// In each of them, with the weight of each term.
    readings: Vec<BTreeMap<u32, f32>>,
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

    /// The terms of a text by number, in order.
    pub(crate) fn ids(&self, text: &str, language: &str) -> Vec<u32> {
        self.analyzer(language).terms(text).iter().map(|term| term_id(&term.text)).collect()
    }

    /// The vector of a chunk's text; `average` is the mean number of terms in a chunk.
    pub(crate) fn passage(&self, text: &str, language: &str, average: f32) -> Sparse {
        let ids = self.ids(text, language);
        let length = ids.len() as f32 / average.max(1.0);
        let mut counts = BTreeMap::<u32, f32>::new();
        for id in ids {
            *counts.entry(id).or_default() += 1.0;
        }
        let weigh = |count: f32| count * (K1 + 1.0) / (count + K1 * (1.0 - B + B * length));
        Sparse { weights: counts.values().copied().map(weigh).collect(), terms: counts.into_keys().collect() }
    }

    /// A question read in each of `languages`.
    #[cfg(test)]
    pub(crate) fn question<'l>(&self, text: &str, languages: impl Iterator<Item = &'l str>) -> Question {
        self.weighted(&[(text, 1.0)], languages)
    }

    /// Several texts, each with a weight above 0, as one question read in each of `languages`. A term weighs as much
    /// as the weightiest text that has it.
    pub(crate) fn weighted<'l>(
        &self,
        texts: &[(&str, f32)],
        languages: impl Iterator<Item = &'l str>,
    ) -> Question {
        let read = |language: &str| {
            let mut reading = BTreeMap::new();
            for (text, weight) in texts {
                raise(&mut reading, self.ids(text, language).into_iter().map(|id| (id, *weight)));
            }
            reading
        };
        let readings: Vec<BTreeMap<u32, f32>> = languages.map(read).collect();
        let mut terms = BTreeMap::new();
        for reading in &readings {
            raise(&mut terms, reading.iter().map(|(id, weight)| (*id, *weight)));
        }
        let vector =
            Sparse { weights: terms.values().copied().collect(), terms: terms.into_keys().collect() };
        Question { vector, readings }
    }
}

/// Gives each term the weight named for it, where it has no higher one.
fn raise(weights: &mut BTreeMap<u32, f32>, terms: impl Iterator<Item = (u32, f32)>) {
    for (id, weight) in terms {
        let known = weights.entry(id).or_default();
        *known = known.max(weight);
    }
}

/// In how many chunks each term is.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Frequencies {
    /// Number of chunks.
    chunks: u32,
    /// Number of terms in all of them, repetitions included.
    terms: u64,
    counts: HashMap<u32, u32>,
}

impl Frequencies {
    /// Counts the terms of a chunk's text.
    pub(crate) fn add(&mut self, weigher: &Weigher, text: &str, language: &str) {
        let ids = weigher.ids(text, language);
        self.chunks += 1;
        self.terms += ids.len() as u64;
        for id in ids.into_iter().collect::<BTreeSet<u32>>() {
            *self.counts.entry(id).or_default() += 1;
        }
    }

    /// Mean number of terms in a chunk.
    pub(crate) fn average(&self) -> f32 {
        self.terms as f32 / self.chunks.max(1) as f32
    }

    /// Highest score that any chunk could have for a question: each of its terms, repeated without end.
    ///
    /// Divided by it, BM25 scores say how much of a question is matched, and are comparable between questions.
    pub(crate) fn highest(&self, question: &Question) -> f32 {
        // Read in the wrong language a question has terms that no chunk has; the right reading is the lowest.
        let scores = question.readings.iter().filter(|terms| !terms.is_empty());
        scores.map(|terms| self.highest_of(terms)).fold(f32::INFINITY, f32::min)
    }

    fn highest_of(&self, terms: &BTreeMap<u32, f32>) -> f32 {
        terms.iter().map(|(term, weight)| weight * self.inverse(*term) * (K1 + 1.0)).sum()
    }

    /// How much a question's terms say: the sum of their inverse document frequencies, of which a term in a single
    /// chunk has nearly 1. Terms that no chunk has say nothing.
    pub(crate) fn substance(&self, question: &Question) -> f32 {
        let highest = ((self.chunks as f32 + 0.5) / 0.5 + 1.0).ln();
        let of = |terms: &BTreeMap<u32, f32>| -> f32 {
            let known = terms.iter().filter(|(term, _)| self.knows(**term));
            known.map(|(term, weight)| weight * self.inverse(*term) / highest).sum()
        };
        // Read in the wrong language a question has fewer terms that are known.
        question.readings.iter().map(of).fold(0.0, f32::max)
    }

    /// Whether any chunk has a term.
    pub(crate) fn knows(&self, term: u32) -> bool {
        self.counts.contains_key(&term)
    }

    /// Chunks that have a term.
    pub(crate) fn chunks_with(&self, term: u32) -> usize {
        self.counts.get(&term).map_or(0, |count| *count as usize)
    }

    /// Inverse document frequency, by the search engine's formula.
    pub(crate) fn inverse(&self, term: u32) -> f32 {
        let (all, count) = (self.chunks as f32, self.counts.get(&term).copied().unwrap_or(0) as f32);
        ((all - count + 0.5) / (count + 0.5) + 1.0).ln()
    }

    /// All as bytes: chunks, terms, then term number and count by term number, little-endian.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(12 + 8 * self.counts.len());
        bytes.extend(self.chunks.to_le_bytes());
        bytes.extend(self.terms.to_le_bytes());
        for (term, count) in self.counts.iter().collect::<BTreeMap<_, _>>() {
            bytes.extend(term.to_le_bytes());
            bytes.extend(count.to_le_bytes());
        }
        bytes
    }

    /// The reverse of [`Frequencies::to_bytes`]; `None` where the bytes end too soon.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (chunks, rest) = bytes.split_first_chunk::<4>()?;
        let (terms, rest) = rest.split_first_chunk::<8>()?;
        let (pairs, []) = rest.as_chunks::<8>() else { return None };
        let number = |bytes: &[u8]| bytes.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte));
        let counts = pairs.iter().map(|pair| (number(&pair[..4]), number(&pair[4..]))).collect();
        Some(Self { chunks: u32::from_le_bytes(*chunks), terms: u64::from_le_bytes(*terms), counts })
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
        let english = weigher.question("refunds refunds", ["en"].into_iter()).vector;
        assert_eq!(english.terms, [term_id("refund")]);
        assert_eq!(english.weights, [1.0]);
        let both = weigher.question("Rechnungen", ["en", "de"].into_iter()).vector;
        assert!(both.terms.contains(&term_id("rechnung")));
        assert!(both.terms.windows(2).all(|pair| pair[0] < pair[1]));
    }

    fn counted(texts: &[&str]) -> Frequencies {
        let mut frequencies = Frequencies::default();
        for text in texts {
            frequencies.add(&Weigher::default(), text, "en");
        }
        frequencies
    }

    #[test]
    fn rare_terms_weigh_more_and_the_right_language_decides() {
        let frequencies = counted(&["refund invoice", "refund letter refund", "refund stamp"]);
        assert!((frequencies.average() - 7.0 / 3.0).abs() < 1e-6);
        let weigher = Weigher::default();
        let highest = |text: &str, languages: &[&str]| {
            frequencies.highest(&weigher.question(text, languages.iter().copied()))
        };
        assert!(highest("refunds", &["en"]) < highest("stamps", &["en"]));
        assert!(
            (highest("the stamps of invoices", &["en", "de"]) - highest("the stamps of invoices", &["en"]))
                .abs()
                < 1e-6
        );
        assert!(highest("the", &["en"]).is_infinite(), "nothing can be matched");
    }

    #[test]
    fn a_term_weighs_as_the_weightiest_text_that_has_it() {
        let weigher = Weigher::default();
        let texts = [("refund", 1.0), ("refund invoice", 0.5), ("invoice stamp", 0.25)];
        let question = weigher.weighted(&texts, ["en"].into_iter());
        let weight = |term: &str| {
            let at = question.vector.terms.binary_search(&term_id(term)).expect("the term is there");
            question.vector.weights[at]
        };
        assert_eq!([weight("refund"), weight("invoic"), weight("stamp")], [1.0, 0.5, 0.25]);
        let frequencies = counted(&["refund invoice", "stamp"]);
        let highest = |text: &str| frequencies.highest(&weigher.question(text, ["en"].into_iter()));
        let sum = highest("refund") + 0.5 * highest("invoice") + 0.25 * highest("stamp");
        assert!((frequencies.highest(&question) - sum).abs() < 1e-6);
    }

    #[test]
    fn rare_terms_say_much_and_unknown_ones_nothing() {
        let frequencies = counted(&["refund invoice", "refund letter", "refund stamp"]);
        let substance =
            |text: &str| frequencies.substance(&Weigher::default().question(text, ["en", "de"].into_iter()));
        assert_eq!([substance(""), substance("and that?"), substance("zeppelins")], [0.0; 3]);
        assert!(substance("refunds") > 0.0 && substance("refunds") < substance("stamps"));
        assert!(substance("stamps") < 1.0 && substance("stamps of letters") > substance("stamps"));
    }

    #[test]
    fn frequencies_come_back_from_bytes() {
        let frequencies = counted(&["refund invoice", "refund letter"]);
        let bytes = frequencies.to_bytes();
        for cut in [0, 5, 11, bytes.len() - 1] {
            assert_eq!(Frequencies::from_bytes(&bytes[..cut]), None, "cut at {cut}");
        }
        assert_eq!(Frequencies::from_bytes(&bytes), Some(frequencies));
    }
}
