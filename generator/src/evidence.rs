//! Evidence: how well each candidate speaks to the question.

use std::collections::{BTreeMap, BTreeSet};

use corpus::Passage;
use corpus::terms::Analyzer;

use crate::candidate::{Candidate, Shape};
use crate::error::{BoxError, Error};
use crate::question::{Question, Wants};

/// Turns sentences into vectors of unit length.
pub trait SentenceEncoder: Send + Sync {
    /// One vector for each text, in order.
    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, BoxError>;
}

/// What is known of a candidate.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Features {
    /// Cosine similarity of the question and the candidate under its heading.
    pub cosine: f32,
    /// Share of the question's terms, weighted by rarity, that the candidate holds.
    pub coverage: f32,
    /// The same of the candidate with its title, headings and neighbors.
    pub context_coverage: f32,
    /// Cosine similarity of the question and the passage, as retrieval found it; 0 where it did not look.
    pub passage_cosine: f32,
    /// Reciprocal of the passage's rank.
    pub rank: f32,
    /// Share of the names in the question that the passage, its title or headings hold; 1 where there are none.
    pub names: f32,
    /// 1 where a quantity is asked for and the candidate has one, or steps and the candidate has them.
    pub kind: f32,
}

/// A candidate with what is known of it.
#[derive(Clone, Debug)]
pub struct Scored {
    /// The candidate.
    pub candidate: Candidate,
    /// What is known of it.
    pub features: Features,
    /// The question's terms that it holds itself.
    pub terms: BTreeSet<String>,
    /// How well it speaks to the question; comparable within one question.
    pub score: f32,
}

/// Everything known about the passages of one question.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// Candidates, best first.
    pub scored: Vec<Scored>,
    /// Rarity of each of the question's terms among the passages.
    pub rarity: BTreeMap<String, f32>,
    /// Share of the question's terms, weighted by rarity, that any passage holds.
    pub known_terms: f32,
    /// Share of the names in the question that any passage holds; 1 where there are none.
    pub known_names: f32,
}

/// Candidates that are embedded at most: what shares least with the question is left out first.
const EMBEDDED: usize = 48;

/// Scores `candidates` against `question`.
pub fn weigh(
    question: &Question,
    passages: &[Passage],
    candidates: Vec<Candidate>,
    analyzer: &Analyzer,
    encoder: &dyn SentenceEncoder,
) -> Result<Evidence, Error> {
    let held: Vec<PassageTerms> = passages.iter().map(|passage| PassageTerms::of(passage, analyzer)).collect();
    let rarity = rarity(question, &held);
    let everywhere: BTreeSet<&String> = held.iter().flat_map(|terms| terms.all.iter()).collect();
    let share = |has: &dyn Fn(&str) -> bool| {
        let total: f32 = rarity.values().sum();
        let known: f32 = rarity.iter().filter(|(term, _)| has(term)).map(|(_, weight)| weight).sum();
        if total > 0.0 { known / total } else { 0.0 }
    };
    let names = |has: &dyn Fn(&str) -> bool| {
        let known = question.names.iter().filter(|name| has(name)).count();
        if question.names.is_empty() { 1.0 } else { known as f32 / question.names.len() as f32 }
    };
    let mut scored: Vec<Scored> = candidates
        .into_iter()
        .map(|candidate| {
            let own: BTreeSet<String> = analyzer.terms(&candidate.text).into_iter().map(|term| term.text).collect();
            let place = &held[candidate.passage];
            let passage = &passages[candidate.passage];
            let features = Features {
                cosine: 0.0,
                coverage: share(&|term| own.contains(term)),
                context_coverage: share(&|term| own.contains(term) || place.head.contains(term)),
                passage_cosine: passage.why.dense.unwrap_or(0.0),
                rank: 1.0 / passage.rank.max(1) as f32,
                names: names(&|name| place.all.contains(name)),
                kind: kind(question.wants, &candidate),
            };
            let terms = own.into_iter().filter(|term| rarity.contains_key(term)).collect();
            Scored { candidate, features, terms, score: 0.0 }
        })
        .collect();
    let promise = |s: &Scored| s.features.coverage + s.features.context_coverage + s.features.passage_cosine;
    scored.sort_by(|a, b| promise(b).total_cmp(&promise(a)));
    scored.truncate(EMBEDDED);
    embed(question, passages, &mut scored, encoder)?;
    for entry in &mut scored {
        entry.score = crate::gate::WEIGHTS.candidate(&entry.features);
    }
    scored.sort_by(|a, b| b.score.total_cmp(&a.score));
    let known_terms = share(&|term| everywhere.iter().any(|known| *known == term));
    let known_names = names(&|name| everywhere.iter().any(|known| *known == name));
    Ok(Evidence { scored, rarity, known_terms, known_names })
}

/// The terms of a passage.
struct PassageTerms {
    /// Of title, headings and properties.
    head: BTreeSet<String>,
    /// Of everything.
    all: BTreeSet<String>,
}

impl PassageTerms {
    fn of(passage: &Passage, analyzer: &Analyzer) -> Self {
        let chunk = &passage.chunk;
        let mut head: BTreeSet<String> = BTreeSet::new();
        let texts = chunk.headings.iter().chain(chunk.metadata.values()).chain([&chunk.title, &chunk.location]);
        for text in texts {
            head.extend(analyzer.terms(text).into_iter().map(|term| term.text));
        }
        let mut all = head.clone();
        all.extend(analyzer.terms(&chunk.text).into_iter().map(|term| term.text));
        Self { head, all }
    }
}

/// Inverse document frequency of the question's terms among the passages (Robertson and Spärck Jones), times the
/// term's weight in the question. A term that no passage holds is the rarest.
fn rarity(question: &Question, held: &[PassageTerms]) -> BTreeMap<String, f32> {
    let all = held.len() as f32;
    question
        .terms
        .iter()
        .map(|(term, weight)| {
            let with = held.iter().filter(|terms| terms.all.contains(term)).count() as f32;
            (term.clone(), weight * (1.0 + (all - with + 0.5) / (with + 0.5)).ln())
        })
        .collect()
}

fn kind(wants: Wants, candidate: &Candidate) -> f32 {
    let text = &candidate.text;
    let has = match wants {
        Wants::Quantity => text.contains(|c: char| c.is_ascii_digit()) || NUMBER_WORDS.iter().any(|w| text.contains(w)),
        Wants::Procedure => candidate.shape == Shape::List || IMPERATIVES.iter().any(|w| begins(text, w)),
        Wants::Anything => false,
    };
    f32::from(u8::from(has))
}

const NUMBER_WORDS: [&str; 10] =
    ["one ", "two ", "three ", "four ", "five ", "six ", "seven ", "ten ", "free of charge", "unlimited"];
const IMPERATIVES: [&str; 28] = [
    "open", "go to", "press", "hold", "select", "choose", "click", "tap", "run", "enter", "type", "sign in", "log in",
    "install", "remove", "unplug", "plug", "turn", "switch", "set", "use", "to ", "download", "connect", "reset",
    "update", "restart", "contact",
];

fn begins(text: &str, opening: &str) -> bool {
    text.get(..opening.len()).is_some_and(|start| start.eq_ignore_ascii_case(opening))
}

fn embed(
    question: &Question,
    passages: &[Passage],
    scored: &mut [Scored],
    encoder: &dyn SentenceEncoder,
) -> Result<(), Error> {
    let placed: Vec<String> = scored
        .iter()
        .map(|entry| {
            let chunk = &passages[entry.candidate.passage].chunk;
            // The innermost heading says what "it" is; the whole path would drown the sentence.
            let head = chunk.headings.last().unwrap_or(&chunk.title);
            let head = if *head == chunk.title { head.clone() } else { format!("{}, {head}", chunk.title) };
            format!("{head}: {}", entry.candidate.text)
        })
        .collect();
    let texts: Vec<&str> = std::iter::once(question.text.as_str()).chain(placed.iter().map(String::as_str)).collect();
    let vectors = encoder.embed(&texts).map_err(Error::Encoder)?;
    if vectors.len() != texts.len() {
        return Err(Error::Vectors { found: vectors.len(), wanted: texts.len() });
    }
    let (asked, rest) = vectors.split_first().ok_or(Error::Vectors { found: 0, wanted: texts.len() })?;
    for (entry, vector) in scored.iter_mut().zip(rest) {
        entry.features.cosine = asked.iter().zip(vector).map(|(a, b)| a * b).sum();
    }
    Ok(())
}
