//! How many words sentence and source share, and in which order.

use std::collections::{BTreeMap, BTreeSet};

use super::words::Words;
use crate::lexicon::synonyms;

/// Most words of a text that are aligned.
const ALIGNED: usize = 160;
/// Longest stretch that stands in the place of another, in words.
const LONGEST_REPLACED: usize = 3;

/// Weights of terms by how few of the source's texts hold them (Robertson and Spärck Jones, 1976).
pub(super) struct Rarity {
    texts: f32,
    counts: BTreeMap<String, f32>,
}

impl Rarity {
    pub(super) fn of(held: &[BTreeSet<String>], said: &BTreeSet<String>) -> Self {
        let mut counts = BTreeMap::new();
        for term in held.iter().flat_map(|terms| terms.intersection(said)) {
            *counts.entry(term.clone()).or_default() += 1.0;
        }
        Self { texts: held.len() as f32, counts }
    }

    fn weight(&self, term: &str) -> f32 {
        let count = self.counts.get(term).copied().unwrap_or(0.0);
        (1.0 + (self.texts + 1.0) / (count + 0.5)).ln()
    }

    /// Share of the weight of `said` that `held` has.
    pub(super) fn share(&self, said: &BTreeSet<String>, held: &BTreeSet<String>) -> f32 {
        let all: f32 = said.iter().map(|term| self.weight(term)).sum();
        let found: f32 = said.intersection(held).map(|term| self.weight(term)).sum();
        if all > 0.0 { found / all } else { 0.0 }
    }
}

/// Share of `said` that `held` has.
pub(super) fn share(said: &BTreeSet<String>, held: &BTreeSet<String>) -> f32 {
    if said.is_empty() { 0.0 } else { said.intersection(held).count() as f32 / said.len() as f32 }
}

/// Share of the pairs of neighboring terms that one of the texts has too; 1 where there are none.
pub(super) fn pairs(claim: &Words, texts: &[Words]) -> f32 {
    let of = |words: &Words| -> BTreeSet<(String, String)> {
        let terms: Vec<&str> = words.terms().collect();
        terms.windows(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned())).collect()
    };
    let said = of(claim);
    let held: BTreeSet<(String, String)> = texts.iter().flat_map(of).collect();
    if said.is_empty() { 1.0 } else { said.intersection(&held).count() as f32 / said.len() as f32 }
}

/// The least share of a clause's terms that one text holds.
pub(super) fn least_clause(claim: &Words, held: &[&BTreeSet<String>]) -> f32 {
    let clauses = (0..claim.clauses()).map(|clause| claim.clause(clause)).filter(|terms| !terms.is_empty());
    let best = |terms: BTreeSet<&str>| {
        let found = |held: &&BTreeSet<String>| terms.iter().filter(|term| held.contains(**term)).count();
        held.iter().map(found).max().unwrap_or(0) as f32 / terms.len() as f32
    };
    clauses.map(best).fold(1.0, f32::min)
}

/// Sentence and source laid side by side.
pub(super) struct Alignment {
    /// Places of the same words, in both texts.
    same: Vec<(usize, usize)>,
    /// Words of the sentence.
    length: usize,
}

impl Alignment {
    /// By the longest common subsequence of words (Hirschberg, 1975).
    pub(super) fn of(claim: &Words, source: &Words) -> Self {
        let claimed = &claim.0[..claim.0.len().min(ALIGNED)];
        let given = &source.0[..source.0.len().min(ALIGNED)];
        let width = given.len() + 1;
        let mut longest = vec![0u16; (claimed.len() + 1) * width];
        let same = |i: usize, j: usize| match (&claimed[i].term, &given[j].term) {
            (Some(a), Some(b)) => a == b,
            _ => claimed[i].lower == given[j].lower,
        };
        for i in (0..claimed.len()).rev() {
            for j in (0..given.len()).rev() {
                longest[i * width + j] = if same(i, j) {
                    longest[(i + 1) * width + j + 1] + 1
                } else {
                    longest[(i + 1) * width + j].max(longest[i * width + j + 1])
                };
            }
        }
        let mut pairs = Vec::new();
        let (mut i, mut j) = (0, 0);
        while i < claimed.len() && j < given.len() {
            if same(i, j) {
                pairs.push((i, j));
                (i, j) = (i + 1, j + 1);
            } else if longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
                i += 1;
            } else {
                j += 1;
            }
        }
        Self { same: pairs, length: claimed.len() }
    }

    /// The longest run of words that stand together in both, as a share of the sentence.
    pub(super) fn longest_run(&self) -> f32 {
        let (mut longest, mut run) = (0, 0);
        let mut before = None;
        for (i, j) in &self.same {
            run = if before == Some((i.wrapping_sub(1), j.wrapping_sub(1))) { run + 1 } else { 1 };
            longest = longest.max(run);
            before = Some((*i, *j));
        }
        if self.length == 0 { 0.0 } else { longest as f32 / self.length as f32 }
    }

    /// Words of the sentence that stand, between the same neighbors, in the place of others of the source, and those.
    /// `held` says which terms the source has anywhere.
    pub(super) fn replaced<'a>(
        &self,
        claim: &'a Words,
        source: &'a Words,
        held: &BTreeSet<String>,
    ) -> Vec<(&'a str, &'a str)> {
        let ends = |words: &Words| words.0.len().min(ALIGNED);
        let mut found = Vec::new();
        let mut places = self.same.clone();
        places.push((ends(claim), ends(source)));
        for pair in places.windows(2) {
            let (said, given) = (pair[0].0 + 1..pair[1].0, pair[0].1 + 1..pair[1].1);
            let short = |length: usize| (1..=LONGEST_REPLACED).contains(&length);
            if !short(said.len()) || !short(given.len()) {
                continue;
            }
            let new =
                |word: &&super::words::Word| word.term.as_ref().is_some_and(|term| !held.contains(term));
            let other = source.0[given.clone()].iter().find(|word| word.term.is_some());
            let Some(other) = other else { continue };
            let known = |word: &&super::words::Word| {
                synonyms(&word.lower)
                    .any(|synonym| source.0[given.clone()].iter().any(|it| it.lower == synonym))
            };
            if let Some(word) = claim.0[said].iter().filter(new).find(|word| !known(word)) {
                found.push((word.lower.as_str(), other.lower.as_str()));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use corpus::terms::Analyzer;

    use super::*;

    fn of(text: &str) -> Words {
        Words::of(text, &Analyzer::new("en"))
    }

    fn terms(words: &Words) -> BTreeSet<String> {
        words.terms().map(str::to_owned).collect()
    }

    #[test]
    fn rare_terms_weigh_more() {
        let texts = ["refund card", "refund bank", "refund cash"].map(|text| terms(&of(text)));
        let said = terms(&of("refund cash voucher"));
        let rarity = Rarity::of(&texts, &said);
        assert!(rarity.share(&said, &texts[2]) < share(&said, &texts[2]));
        assert_eq!(rarity.share(&terms(&of("refund")), &texts[0]), 1.0);
        assert_eq!(rarity.share(&BTreeSet::new(), &texts[0]), 0.0);
    }

    #[test]
    fn a_clause_must_stand_in_one_text() {
        let texts = ["Refunds take five days.", "Returns cost nothing."].map(|text| terms(&of(text)));
        let held: Vec<&BTreeSet<String>> = texts.iter().collect();
        assert_eq!(least_clause(&of("Refunds take five days, and returns cost nothing."), &held), 1.0);
        assert!(least_clause(&of("Returns take five days."), &held) < 1.0);
    }

    #[test]
    fn words_in_the_place_of_others_are_found() {
        let source = of("Open the settings, choose Sharing and press the green button.");
        let replaced = |claim: &str| {
            let claim = of(claim);
            let found = Alignment::of(&claim, &source).replaced(&claim, &source, &terms(&source));
            found.iter().map(|(a, b)| format!("{a} {b}")).collect::<Vec<_>>()
        };
        assert_eq!(
            replaced("Open the settings, choose Billing and press the green button."),
            ["billing sharing"]
        );
        assert_eq!(replaced("Open the settings and press the green button."), Vec::<String>::new());
        assert_eq!(replaced("Open the settings, choose Sharing and press the button."), Vec::<String>::new());
    }

    #[test]
    fn runs_are_of_neighbors() {
        let source = of("Hold the button until the light blinks.");
        assert_eq!(Alignment::of(&of("Hold the button until the light blinks"), &source).longest_run(), 1.0);
        assert_eq!(Alignment::of(&of("Hold it until blinks"), &source).longest_run(), 0.25);
        assert_eq!(Alignment::of(&of(""), &source).longest_run(), 0.0);
        assert_eq!(pairs(&of("light blinks"), &[source]), 1.0);
    }
}
