//! Checking a sentence against the bytes that it cites.
//!
//! A quote is compared byte by byte. Everything else must agree with its evidence in every number, unit, date, code,
//! name, negation, bound and direction, where it can be told by rule, and then be close enough to it in words and meaning,
//! by weights fitted on claims that people judged.

use std::collections::BTreeSet;
use std::sync::Arc;

use corpus::Verdict;
use corpus::sentence::sentences;
use corpus::terms::Analyzer;
use models::Side;

use crate::error::Error;
use crate::evidence::Vectors;
use crate::lexicon::PERSONAL;
use crate::model::{PairReader, SentenceEncoder};
use crate::weights::{SUPPORT_FEATURES, WEIGHTS, sigmoid};

mod calendar;
mod entailed;
mod facts;
mod overlap;
mod polarity;
mod quantity;
mod roles;
mod rows;
mod words;

use entailed::entailed;
use facts::{Fact, Facts};
use overlap::{Alignment, Rarity, least_clause, pairs, share};
use words::Words;

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

/// The verdict on a text of several sentences against a context of any length: that on its least supported sentence.
/// At most 40 sentences are checked; a longer text is not supported.
pub fn check_text(checker: &mut dyn Checker, text: &str, context: &str) -> Result<Verdict, Error> {
    let evidence: Vec<&str> =
        sentences(context).iter().take(LOOKED_AT).filter_map(|span| span.of(context)).collect();
    let said = sentences(text);
    let mut worst: Option<Verdict> = None;
    for sentence in said.iter().take(MOST_CHECKED).filter_map(|span| span.of(text)) {
        let verdict = checker.check(sentence, &evidence)?;
        let worse = |worst: &Verdict| (verdict.supported, verdict.score) < (worst.supported, worst.score);
        if worst.as_ref().is_none_or(worse) {
            worst = Some(verdict);
        }
    }
    Ok(match worst {
        Some(verdict) if said.len() <= MOST_CHECKED => verdict,
        Some(verdict) => refused(verdict.score, "the text is too long to be checked".to_owned()),
        None => refused(0.0, NOTHING_SAID.to_owned()),
    })
}

features! {
    /// What support is judged by. Shares are of the sentence's, 0 to 1.
    SupportFeatures, SUPPORT_FEATURES {
        /// Terms that its best evidence holds.
        contained,
        /// The same of the two best together.
        contained_near,
        /// The same of all evidence.
        contained_all,
        /// As `contained`, rare terms weighing more.
        rare,
        /// As `contained_all`, rare terms weighing more.
        rare_all,
        /// Terms of the clause that one text holds least of.
        clause,
        /// Pairs of neighboring terms.
        pairs,
        /// Longest run of words that its best evidence has too.
        run,
        /// Highest cosine similarity of the sentence and evidence.
        cosine,
        /// The same of the clause that is least similar to any.
        clause_cosine,
        /// Numbers, dates and times that the evidence states; 1 where there are none.
        numbers,
        /// Names that the evidence has; 1 where there are none.
        names,
        /// How much better another text fits what is around a number, date or code than those that state it.
        strayed,
        /// Whether a word stands in the place of another one.
        replaced,
        /// Whether sentence and best evidence differ in a negation, an opposite, a strict word, a bound or a direction.
        negated,
        /// Whether a restriction is left out.
        unrestricted,
        /// Whether the source doubts and the sentence does not.
        certain,
        /// Whether it speaks of "I", "you" or "we" where the source does not.
        personal,
        /// Logarithm of its number of terms.
        length,
        /// How well the evidence supports it, as the pair reader has it: a logit within ±6; 0 where there is no reader.
        entailed,
        /// 1 where there is a pair reader.
        read,
    }
}

/// Most evidence texts that are compared by their vectors.
const COMPARED: usize = 6;
/// Most clauses that are.
const CLAUSES: usize = 4;
/// Share of the sentence's terms that the two best pieces of evidence must hold, whatever else speaks for it.
const CONTAINED: f32 = 0.6;
/// How much better another text may fit what is around a fact, and how well one that states it must fit it otherwise.
const STRAYED: f32 = 0.4;
const FITS: f32 = 0.34;
/// Most evidence texts that are looked at.
const LOOKED_AT: usize = 400;
/// Most bytes of one evidence text that are.
const TEXT_BYTES: usize = 4_000;
/// Most sentences of one text.
const MOST_CHECKED: usize = 40;
/// Most bytes of a sentence that is checked.
const SENTENCE_BYTES: usize = 4_000;

const NOTHING_SAID: &str = "the sentence says nothing";

fn refused(score: f32, problem: String) -> Verdict {
    Verdict { supported: false, score, quoted: false, problem: Some(problem) }
}

/// Checks facts by exact agreement and the rest by calibrated similarity.
pub struct FactChecker {
    analyzer: Analyzer,
    encoder: Arc<dyn SentenceEncoder>,
    reader: Option<Arc<dyn PairReader>>,
    vectors: Vectors,
    /// Probability of support from which on a sentence is supported, where it is not as calibrated.
    threshold: Option<f32>,
}

/// The evidence for one sentence.
struct Held<'a> {
    texts: Vec<&'a str>,
    terms: Vec<BTreeSet<String>>,
    facts: Vec<Facts>,
    /// Indexes of texts, those that hold most of the sentence first.
    order: Vec<usize>,
}

impl Held<'_> {
    /// What the first `count` texts in order hold.
    fn union(&self, count: usize) -> BTreeSet<String> {
        self.order.iter().take(count).flat_map(|at| self.terms[*at].iter().cloned()).collect()
    }

    /// The first `count` texts in order, as one.
    fn near(&self, count: usize) -> String {
        self.order.iter().take(count).map(|at| self.texts[*at]).collect::<Vec<_>>().join("\n")
    }
}

impl FactChecker {
    /// A checker for English that compares meaning by `encoder`.
    pub fn new(encoder: Arc<dyn SentenceEncoder>) -> Self {
        Self {
            analyzer: Analyzer::new("en"),
            encoder,
            reader: None,
            vectors: Vectors::default(),
            threshold: None,
        }
    }

    /// The same with a model that reads claim and evidence together.
    #[must_use]
    pub fn with_reader(self, reader: Arc<dyn PairReader>) -> Self {
        Self { reader: Some(reader), ..self }
    }

    /// The same with another threshold.
    #[must_use]
    pub fn with_threshold(self, threshold: f32) -> Self {
        Self { threshold: Some(threshold), ..self }
    }

    /// Probability of support from which on a sentence is supported.
    pub fn threshold(&self) -> f32 {
        let calibrated = if self.reader.is_some() { WEIGHTS.supported_by_pair } else { WEIGHTS.supported };
        self.threshold.unwrap_or(calibrated)
    }

    /// What support is judged by, and the first fact in which sentence and evidence disagree.
    pub fn features(
        &mut self,
        sentence: &str,
        evidence: &[&str],
    ) -> Result<(SupportFeatures, Option<String>), Error> {
        let said = self.terms(sentence);
        let mut held = self.held(&said, evidence);
        let claim = Words::of(sentence, &self.analyzer);
        let (cosine, clause_cosine) = self.cosines(sentence, &claim, &said, &mut held)?;
        let best = Words::of(&held.near(1), &self.analyzer);
        let near = Words::of(&held.near(2), &self.analyzer);
        let (first, all) = (held.union(1), held.union(held.order.len()));
        let rarity = Rarity::of(&held.terms, &said);
        let alignment = Alignment::of(&claim, &best);
        let replaced = alignment.replaced(&claim, &best, &all);
        let read: Vec<Words> =
            held.order.iter().take(COMPARED).map(|at| Words::of(held.texts[*at], &self.analyzer)).collect();
        let kept: Vec<&BTreeSet<String>> =
            held.order.iter().take(COMPARED).map(|at| &held.terms[*at]).collect();
        let facts = judge(&Fact::all(sentence), &claim, &held);
        let turned = facts
            .turned
            .or_else(|| {
                roles::swapped(&claim, &near)
                    .map(|word| format!("the source says it of {word:?} the other way round"))
            })
            .or_else(|| polarity::opposed(&claim, &near).map(|(said, given)| instead(&said, &given)))
            .or_else(|| {
                polarity::stricter(&claim, &near)
                    .map(|word| format!("the sentence says {word:?} and the source does not"))
            })
            .or_else(|| polarity::negated(&claim, &best))
            .or_else(|| {
                let rows = rows::rows(&held.texts, &|text| Words::of(text, &self.analyzer));
                let mixed = rows::are_mixed(&claim.terms().collect(), &rows);
                mixed.then(|| "the source says this of another entry of its list".to_owned())
            });
        let unrestricted = polarity::unrestricted(&claim, &best);
        let one = |yes: bool| f32::from(u8::from(yes));
        let features = SupportFeatures {
            contained: share(&said, &first),
            contained_near: share(&said, &held.union(2)),
            contained_all: share(&said, &all),
            rare: rarity.share(&said, &first),
            rare_all: rarity.share(&said, &all),
            clause: least_clause(&claim, &kept),
            pairs: pairs(&claim, &read),
            run: alignment.longest_run(),
            cosine,
            clause_cosine,
            numbers: facts.numbers,
            names: facts.names,
            strayed: facts.strayed,
            replaced: one(!replaced.is_empty()),
            negated: one(turned.is_some()),
            unrestricted: one(unrestricted.is_some()),
            certain: one(polarity::certain(&claim, &best)),
            personal: one(PERSONAL.split(' ').any(|word| claim.has(word) && !near.has(word))),
            length: (said.len().max(1) as f32).ln(),
            entailed: self
                .reader
                .as_deref()
                .map_or(Ok(0.0), |reader| entailed(reader, sentence, &held.texts, &held.order))?,
            read: one(self.reader.is_some()),
        };
        let problem = facts
            .missing
            .map(|what| format!("the source does not say {what:?}"))
            .or(turned)
            .or_else(|| facts.elsewhere.map(|what| format!("the source says {what:?} of something else")))
            .or_else(|| unrestricted.map(|phrase| format!("the source restricts this: {phrase:?} …")));
        Ok((features, problem))
    }

    fn terms(&self, text: &str) -> BTreeSet<String> {
        self.analyzer.terms(text).into_iter().map(|term| term.text).collect()
    }

    fn held<'a>(&self, said: &BTreeSet<String>, evidence: &[&'a str]) -> Held<'a> {
        let texts: Vec<&str> = evidence.iter().take(LOOKED_AT).map(|text| cut(text, TEXT_BYTES)).collect();
        let terms: Vec<BTreeSet<String>> = texts.iter().map(|text| self.terms(text)).collect();
        let facts = texts.iter().map(|text| Facts::of(text)).collect();
        let shares: Vec<f32> = terms.iter().map(|terms| share(said, terms)).collect();
        let mut order: Vec<usize> = (0..texts.len()).collect();
        order.sort_by(|a, b| shares[*b].total_cmp(&shares[*a]).then(a.cmp(b)));
        Held { texts, terms, facts, order }
    }

    /// Highest cosine similarity of the sentence and one of the first few texts, and the same of its least similar
    /// clause. Moves to the front of the order what the sentence rests on: among the texts that hold about as much of
    /// it, the nearest in meaning.
    fn cosines(
        &mut self,
        sentence: &str,
        claim: &Words,
        said: &BTreeSet<String>,
        held: &mut Held<'_>,
    ) -> Result<(f32, f32), Error> {
        let mut texts = vec![sentence.to_owned()];
        texts.extend(clauses(sentence, claim));
        let claims = texts.len();
        texts.extend(held.order.iter().take(COMPARED).map(|at| held.texts[*at].to_owned()));
        let texts: Vec<(Side, String)> = texts.into_iter().map(|text| (Side::Passage, text)).collect();
        let vectors = self.vectors.of(&texts, self.encoder.as_ref())?;
        let (claims, texts) = vectors.split_at(claims);
        let cosine = |a: &[f32], b: &[f32]| -> f32 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
        let similar =
            |claim: &Arc<[f32]>| -> Vec<f32> { texts.iter().map(|text| cosine(claim, text)).collect() };
        let highest = |cosines: Vec<f32>| cosines.into_iter().fold(0.0, f32::max);
        let cosines = similar(&claims[0]);
        let value = |at: usize| share(said, &held.terms[held.order[at]]) + cosines[at];
        if let Some(best) = (0..cosines.len()).max_by(|a, b| value(*a).total_cmp(&value(*b))) {
            let best = held.order.remove(best);
            held.order.insert(0, best);
        }
        let least = claims[1..].iter().map(|clause| highest(similar(clause))).reduce(f32::min);
        let cosine = highest(cosines);
        Ok((cosine, least.unwrap_or(cosine)))
    }
}

impl Checker for FactChecker {
    fn check(&mut self, sentence: &str, evidence: &[&str]) -> Result<Verdict, Error> {
        if evidence.is_empty() {
            return Ok(refused(0.0, "the sentence cites nothing".to_owned()));
        }
        if sentence.len() > SENTENCE_BYTES {
            return Ok(refused(0.0, "the sentence is too long to be checked".to_owned()));
        }
        if self.terms(sentence).is_empty() {
            return Ok(refused(0.0, NOTHING_SAID.to_owned()));
        }
        let (features, problem) = self.features(sentence, evidence)?;
        let score = sigmoid(WEIGHTS.support.value(&SUPPORT_FEATURES, &features.values()));
        if let Some(problem) = problem {
            return Ok(refused(score.min(0.5), problem));
        }
        if score < self.threshold() || features.contained_near < CONTAINED {
            return Ok(refused(score, "the sentence goes beyond its source".to_owned()));
        }
        Ok(Verdict { supported: true, score, quoted: false, problem: None })
    }
}

/// What became of a sentence's facts.
struct Judgement {
    numbers: f32,
    names: f32,
    strayed: f32,
    /// The first that the evidence lacks.
    missing: Option<String>,
    /// The first that the evidence states of something else.
    elsewhere: Option<String>,
    /// Why an amount is meant another way.
    turned: Option<String>,
}

fn judge(facts: &[Fact], claim: &Words, held: &Held<'_>) -> Judgement {
    let is_held = |fact: &Fact| held.facts.iter().any(|source| fact.is_in(source));
    let found = |names: bool| {
        let of_kind: Vec<&Fact> = facts.iter().filter(|fact| fact.is_name() == names).collect();
        let found = of_kind.iter().filter(|fact| is_held(fact)).count();
        if of_kind.is_empty() { 1.0 } else { found as f32 / of_kind.len() as f32 }
    };
    let texts: Vec<(&BTreeSet<String>, &Facts)> = held.terms.iter().zip(&held.facts).collect();
    let strayed: Vec<(&Fact, (f32, f32))> = facts
        .iter()
        .filter(|fact| fact.is_bound() && is_held(fact))
        .map(|fact| (fact, fact.strayed(claim, &texts)))
        .collect();
    let near: Vec<&Facts> = held.order.iter().take(2).map(|at| &held.facts[*at]).collect();
    Judgement {
        numbers: found(false),
        names: found(true),
        strayed: strayed.iter().map(|(_, (gap, _))| *gap).fold(0.0, f32::max),
        missing: facts.iter().find(|fact| !is_held(fact)).map(Fact::told),
        elsewhere: strayed
            .iter()
            .find(|(_, (gap, fit))| *gap >= STRAYED && *fit < FITS)
            .map(|(fact, _)| fact.told()),
        turned: facts.iter().find_map(|fact| {
            near.iter().find(|source| fact.is_in(source)).and_then(|source| fact.turned_in(source))
        }),
    }
}

fn instead(said: &str, given: &str) -> String {
    format!("the sentence says {said:?} where the source says {given:?}")
}

/// The first clauses of a sentence, where it has several.
fn clauses(sentence: &str, claim: &Words) -> Vec<String> {
    if claim.clauses() < 2 {
        return Vec::new();
    }
    (0..claim.clauses().min(CLAUSES))
        .filter_map(|clause| {
            let mut words = claim.0.iter().filter(|word| word.clause == clause);
            let first = words.next()?;
            let last = words.next_back().unwrap_or(first);
            sentence.get(first.at..last.at + last.lower.len()).map(str::to_owned)
        })
        .collect()
}

/// The first `most` bytes of `text` or a few less.
fn cut(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests;
