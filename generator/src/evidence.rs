//! Evidence: how well each candidate speaks to the question.

use std::collections::BTreeSet;

use corpus::Passage;
use corpus::terms::Analyzer;
use models::Side;

use crate::candidate::{Candidate, Shape, candidates};
use crate::error::Error;
use crate::language::{Language, Tongue};
use crate::lexicon::{CONTRASTS, is_negation, words};
use crate::model::{PairReader, SentenceEncoder};
use crate::names::{Name, is_named, keys, names};
use crate::question::{Question, Wants};
use crate::select::continues;
use crate::weights::{Trust, WEIGHTS};

mod features;
mod reading;
mod spelling;
mod standing;
mod vectors;

pub use features::{Features, GateFeatures};
pub use standing::{Standing, standings};
pub use vectors::Vectors;

/// Candidates that are compared by their vectors at most; what shares least with the question is left out first.
const EMBEDDED: usize = 40;

/// The passages of one question with everything that does not depend on which part of it is looked at.
pub struct Material<'a> {
    /// The passages.
    pub passages: &'a [Passage],
    /// What may be said.
    pub candidates: Vec<Candidate>,
    /// How current each passage is.
    pub standings: Vec<Standing>,
    held: Vec<Held>,
    /// Terms of each candidate, and the same with those of what it stands under.
    own: Vec<BTreeSet<String>>,
    placed: Vec<BTreeSet<String>>,
    /// What the passages are in, where that is known.
    languages: Vec<Option<Language>>,
}

/// What a passage holds.
struct Held {
    /// Terms of title, headings and properties.
    head: BTreeSet<String>,
    /// Terms of everything.
    all: BTreeSet<String>,
    /// What names are matched with, of everything.
    keys: BTreeSet<String>,
}

impl<'a> Material<'a> {
    /// Takes `passages` apart.
    pub fn new(passages: &'a [Passage], tongue: &Tongue) -> Self {
        let analyzer = tongue.analyzer();
        let candidates = candidates(passages);
        let held: Vec<Held> = passages
            .iter()
            .enumerate()
            .map(|(at, passage)| {
                let mut held = Held::of(passage, analyzer);
                // Written out, the cell `6` of the column `Exit code` is exit code 6.
                for row in candidates.iter().filter(|row| row.passage == at && !row.quoted) {
                    held.keys.extend(keys(&row.text));
                }
                held
            })
            .collect();
        let own: Vec<BTreeSet<String>> = candidates.iter().map(|c| terms(&c.text, analyzer)).collect();
        let mut placed: Vec<BTreeSet<String>> = candidates
            .iter()
            .zip(&own)
            .map(|(candidate, own)| {
                let mut placed = own.clone();
                placed.extend(held[candidate.passage].head.iter().cloned());
                placed.extend(candidate.head.iter().flat_map(|head| terms(head, analyzer)));
                placed
            })
            .collect();
        for index in 1..candidates.len() {
            if leans_on_the_one_before(&candidates, index) {
                let before = own[index - 1].clone();
                placed[index].extend(before);
            }
        }
        let languages = passages.iter().map(Language::of_passage).collect();
        Self { passages, candidates, standings: standings(passages), held, own, placed, languages }
    }

    /// Scores the candidates against one question, those that are best by their vectors once more after `reader` has read them.
    pub fn weigh(
        &self,
        question: &Question,
        vectors: &mut Vectors,
        encoder: &dyn SentenceEncoder,
        reader: Option<&dyn PairReader>,
    ) -> Result<Evidence, Error> {
        let known: BTreeSet<String> = self.held.iter().flat_map(|held| held.all.iter().cloned()).collect();
        let keys: Vec<&BTreeSet<String>> = self.held.iter().map(|held| &held.keys).collect();
        let mut question = spelling::corrected(question, &known, &keys);
        if question.language.capitalizes_nouns() {
            question.names.extend(self.products(&question));
        }
        let question = &question;
        let rarity = self.rarity(question);
        let share = |terms: &BTreeSet<String>| covered(question, &rarity, terms);
        let named: Vec<(f32, f32)> = self.held.iter().map(|held| named(question, &held.keys)).collect();
        let within: Vec<f32> = self.held.iter().map(|held| share(&held.all)).collect();
        let names_exactly = question.names.iter().any(|name| name.exact);
        let mut scored: Vec<Scored> = (0..self.candidates.len())
            .map(|index| {
                let candidate = &self.candidates[index];
                let passage = &self.passages[candidate.passage];
                let (names, exact) = named[candidate.passage];
                let own =
                    if exact > 0.0 && names_exactly { self.named_in_place(index, question) } else { exact };
                let features = Features {
                    cosine: 0.0,
                    replies: 0.0,
                    coverage: share(&self.own[index]),
                    context_coverage: share(&self.placed[index]),
                    passage_coverage: within[candidate.passage],
                    passage_cosine: passage.why.dense.unwrap_or(0.0),
                    rank: 1.0 / passage.rank.max(1) as f32,
                    score: passage.score,
                    names,
                    exact: 0.5 * (exact + own),
                    kind: self.kind(index, question),
                    list: f32::from(u8::from(candidate.shape == Shape::List)),
                    asks: f32::from(u8::from(candidate.asks)),
                    brief: f32::from(u8::from(candidate.text.len() < 30)),
                    opposed: f32::from(u8::from(self.is_opposed(index, question))),
                    read: 0.0,
                };
                Scored {
                    index,
                    features,
                    score: 0.0,
                    trust: self.trust(candidate.passage, question, encoder),
                    gains: self.gains(index, question, &rarity),
                    all_exact: exact >= 1.0,
                }
            })
            .collect();
        let promise = |s: &Scored| {
            let f = &s.features;
            f.coverage + f.context_coverage + f.passage_cosine + 0.5 * f.rank + f.names
        };
        scored.sort_by(|a, b| promise(b).total_cmp(&promise(a)));
        scored.truncate(EMBEDDED);
        self.compare(question, &mut scored, vectors, encoder)?;
        rank(&mut scored);
        if let Some(reader) = reader {
            self.read(question, &mut scored, reader)?;
            rank(&mut scored);
        }
        let unheard_of =
            |name: &Name| !name.owned && !self.held.iter().any(|held| is_named(name, &held.keys));
        Ok(Evidence { known_terms: share(&known), unheard_of: question.names.iter().any(unheard_of), scored })
    }

    /// The words of the question that passages have as a property, or in the name of a folder that they are in. Where nouns
    /// have capital letters, these alone are known to be names.
    fn products(&self, question: &Question) -> Vec<Name> {
        let known: BTreeSet<String> = self.passages.iter().flat_map(about).collect();
        let is_new = |name: &Name| !name.exact && !question.names.contains(name) && is_named(name, &known);
        names(&question.asked).into_iter().filter(is_new).collect()
    }

    /// Share of the question's exact names that the candidate holds itself, or what it stands under.
    fn named_in_place(&self, index: usize, question: &Question) -> f32 {
        let candidate = &self.candidates[index];
        let chunk = &self.passages[candidate.passage].chunk;
        let mut keys = keys(&candidate.text);
        for head in
            chunk.headings.iter().chain(&candidate.head).chain([&chunk.title]).chain(chunk.metadata.values())
        {
            keys.extend(self::keys(head));
        }
        named(question, &keys).1
    }

    /// How well the candidate is of the kind that is asked for.
    fn kind(&self, index: usize, question: &Question) -> f32 {
        let candidate = &self.candidates[index];
        let counts = |at: &usize| question.concepts[*at].within(&self.placed[index]) > 0.0;
        if question.wants == Wants::Meaning
            && candidate.shape == Shape::Row
            && names_code(question, candidate)
        {
            1.0
        } else if !question.counted.is_empty() && !question.counted.iter().any(counts) {
            0.0
        } else {
            let language = self.languages[candidate.passage].unwrap_or(question.language);
            question.fit(&candidate.text, candidate.shape == Shape::List, language)
        }
    }

    /// Whether the candidate, or its innermost heading, has the opposite of a word of the question and not that word.
    fn is_opposed(&self, index: usize, question: &Question) -> bool {
        let candidate = &self.candidates[index];
        let heading = self.passages[candidate.passage].chunk.headings.last();
        let mut held = words(&candidate.text);
        held.extend(heading.into_iter().chain(&candidate.head).flat_map(|head| words(head)));
        let asked = words(&question.asked);
        let has = |words: &[String], word: &str| words.iter().any(|other| other == word);
        let against = |word: &str, opposite: &str| {
            has(&asked, word) && !has(&asked, opposite) && has(&held, opposite) && !has(&held, word)
        };
        CONTRASTS.iter().any(|(one, other)| against(one, other) || against(other, one))
    }

    /// What each of the question's concepts adds to the whole, for those that the candidate speaks of.
    fn gains(&self, index: usize, question: &Question, rarity: &[f32]) -> Vec<(usize, f32)> {
        let total: f32 = rarity.iter().sum();
        (0..question.concepts.len())
            .filter_map(|at| {
                let within = question.concepts[at].within(&self.placed[index]);
                (within > 0.0 && total > 0.0).then(|| (at, within * rarity[at] / total))
            })
            .collect()
    }

    /// Inverse document frequency of the question's concepts among the passages (Robertson and Spärck Jones), times
    /// their weight in the question. What no passage holds is rarest.
    fn rarity(&self, question: &Question) -> Vec<f32> {
        let all = self.held.len() as f32;
        question
            .concepts
            .iter()
            .map(|concept| {
                let with = self.held.iter().filter(|held| concept.within(&held.all) > 0.0).count() as f32;
                concept.weight * (1.5 + (all - with + 0.5) / (with + 0.5)).ln()
            })
            .collect()
    }

    fn compare(
        &self,
        question: &Question,
        scored: &mut [Scored],
        vectors: &mut Vectors,
        encoder: &dyn SentenceEncoder,
    ) -> Result<(), Error> {
        let mut texts: Vec<(Side, String)> = vec![(Side::Question, question.text.clone())];
        texts.extend(question.written.clone().map(|written| (Side::Question, written)));
        let asked = texts.len();
        texts.extend(scored.iter().map(|entry| (Side::Passage, self.in_place(entry.index))));
        let replies_to = |entry: &Scored| self.candidates[entry.index].replies_to.clone();
        texts.extend(scored.iter().filter_map(replies_to).map(|text| (Side::Passage, text)));
        let found = vectors.of(&texts, encoder)?;
        let Some((asked, rest)) = found.split_at_checked(asked) else { return Ok(()) };
        let asked = vectors::mean(asked);
        let near = |vector: &[f32]| -> f32 { asked.iter().zip(vector).map(|(a, b)| a * b).sum() };
        let mut threads = rest[scored.len()..].iter();
        for (entry, vector) in scored.iter_mut().zip(rest) {
            entry.features.cosine = near(vector);
            if self.candidates[entry.index].replies_to.is_some()
                && let Some(thread) = threads.next()
            {
                entry.features.replies = (near(thread) - entry.features.cosine).max(0.0);
            }
        }
        Ok(())
    }

    /// Whether a passage is known to be in another language than the question.
    fn is_foreign(&self, passage: usize, question: &Question) -> bool {
        self.languages[passage].is_some_and(|own| own != question.language)
    }

    /// How far cosines of `encoder` between `question` and a passage can be trusted.
    fn trust(&self, passage: usize, question: &Question, encoder: &dyn SentenceEncoder) -> Trust {
        if self.is_foreign(passage, question) && encoder.is_multilingual() {
            Trust::Crossing
        } else if encoder.is_taught() {
            Trust::Taught
        } else {
            Trust::Untaught
        }
    }

    /// A candidate as it is embedded: under its title and innermost heading, which say what "it" is. The whole path
    /// would drown the sentence.
    fn in_place(&self, index: usize) -> String {
        self.below(index, None)
    }

    /// The same, with `asked` as its innermost heading.
    fn below(&self, index: usize, asked: Option<&str>) -> String {
        let candidate = &self.candidates[index];
        let chunk = &self.passages[candidate.passage].chunk;
        let mut text = chunk.title.clone();
        let heads = chunk.headings.last().into_iter().chain(&candidate.head).map(String::as_str).chain(asked);
        for head in heads.filter(|head| *head != chunk.title) {
            text.push_str(", ");
            text.push_str(head);
        }
        text.push_str(": ");
        if leans_on_the_one_before(&self.candidates, index) {
            text.push_str(&self.candidates[index - 1].text);
            text.push(' ');
        }
        text.push_str(&candidate.text);
        text
    }
}

impl Held {
    fn of(passage: &Passage, analyzer: &Analyzer) -> Self {
        let chunk = &passage.chunk;
        let heads =
            chunk.headings.iter().chain(chunk.metadata.values()).chain([&chunk.title, &chunk.location]);
        let mut head = BTreeSet::new();
        let mut keys = BTreeSet::new();
        for text in heads {
            head.extend(terms(text, analyzer));
            keys.extend(self::keys(text));
        }
        // A folder or file is often named after the product, which its pages then do not repeat.
        for path in [&chunk.source, &chunk.location] {
            keys.extend(self::keys(&path.replace(|c: char| !c.is_alphanumeric() && c != '.', " ")));
        }
        // `version: 3.x` in the properties is a version by its name.
        for (name, value) in &chunk.metadata {
            keys.extend(self::keys(&format!("{name} {value}")));
        }
        let mut all = head.clone();
        all.extend(terms(&chunk.text, analyzer));
        keys.extend(self::keys(&chunk.text));
        Self { head, all, keys }
    }
}

/// Scores the candidates by what is known of them and puts the best first.
fn rank(scored: &mut [Scored]) {
    for entry in &mut *scored {
        entry.score = WEIGHTS.candidate(&entry.features, entry.trust);
    }
    scored.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.index.cmp(&b.index)));
}

/// Whether a sentence says "it" of what the sentence before it, in the same stretch, speaks of.
fn leans_on_the_one_before(candidates: &[Candidate], index: usize) -> bool {
    let Some((before, candidate)) =
        index.checked_sub(1).and_then(|at| candidates.get(at)).zip(candidates.get(index))
    else {
        return false;
    };
    candidate.is_in_stretch_of(before) && continues(&candidate.text)
}

/// Whether the row of a table is that of a code in the question: tables of codes say what they mean.
fn names_code(question: &Question, row: &Candidate) -> bool {
    let first = row.text.split(['|', ';', '\t']).next().unwrap_or_default();
    let keys = keys(first);
    question.names.iter().any(|name| name.exact && is_named(name, &keys))
}

fn terms(text: &str, analyzer: &Analyzer) -> BTreeSet<String> {
    analyzer.terms(text).into_iter().map(|term| term.text).collect()
}

/// Share of the question's concepts, weighted by rarity, that `terms` stand for.
fn covered(question: &Question, rarity: &[f32], terms: &BTreeSet<String>) -> f32 {
    let total: f32 = rarity.iter().sum();
    let found: f32 =
        question.concepts.iter().zip(rarity).map(|(concept, rarity)| concept.within(terms) * rarity).sum();
    if total > 0.0 { found / total } else { 0.0 }
}

/// What names are matched with, of what is known of a passage's whole document: its properties and the folders that it is in.
fn about(passage: &Passage) -> BTreeSet<String> {
    let folders = passage.chunk.location.rsplit_once('/').map_or("", |(folders, _)| folders);
    passage.chunk.metadata.values().map(String::as_str).chain(folders.split('/')).flat_map(keys).collect()
}

/// Share of the question's names, and of its exact names, that `keys` hold; 1 where there are none.
fn named(question: &Question, keys: &BTreeSet<String>) -> (f32, f32) {
    // What the customer has need not be named, unless nothing else is.
    let foreign = question.names.iter().any(|name| !name.owned);
    let share = |exact: bool| {
        let (mut all, mut found) = (0.0, 0.0);
        let counts = |name: &&Name| if exact { name.exact } else { !foreign || !name.owned };
        for name in question.names.iter().filter(counts) {
            all += 1.0;
            found += f32::from(u8::from(is_named(name, keys)));
        }
        if all > 0.0 { found / all } else { 1.0 }
    };
    (share(false), share(true))
}

/// A candidate with what is known of it.
#[derive(Clone, Debug)]
pub struct Scored {
    /// Index among the candidates.
    pub index: usize,
    /// What is known of it.
    pub features: Features,
    /// How well it speaks to the question; comparable within one question.
    pub score: f32,
    /// How far its cosines can be trusted.
    pub trust: Trust,
    /// Whether its passage holds every code, version and model of the question.
    pub all_exact: bool,
    /// Numbers of the question's concepts that it speaks of, with their share of the question.
    pub gains: Vec<(usize, f32)>,
}

/// Everything known about the passages of one question.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// Candidates, best first.
    pub scored: Vec<Scored>,
    /// Share of the question's concepts, weighted by rarity, that any passage holds.
    pub known_terms: f32,
    /// Whether one of the names in the question is in no passage.
    pub unheard_of: bool,
}

impl Evidence {
    /// What the gate decides by, when `best` is what would be said first.
    pub fn gate(&self, best: &Scored, question: &Question, said: &str) -> GateFeatures {
        let f = &best.features;
        let cosines = self.scored.iter().map(|entry| entry.features.nearness());
        let mean = cosines.clone().sum::<f32>() / self.scored.len().max(1) as f32;
        let negated = |text: &str| crate::lexicon::words(text).iter().any(|word| is_negation(word));
        GateFeatures {
            cosine: f.nearness(),
            coverage: f.coverage,
            context_coverage: f.context_coverage,
            passage_coverage: f.passage_coverage,
            passage_cosine: f.passage_cosine,
            names: f.names,
            exact: f.exact,
            kind: f.kind,
            margin: f.nearness() - mean,
            highest: cosines.fold(0.0, f32::max),
            known_terms: self.known_terms,
            length: (question.concepts.len() as f32).ln_1p(),
            score: f.score,
            negated: f32::from(u8::from(negated(&question.text) != negated(said))),
            read: f.read,
        }
    }
}
