//! What is missing: questions that were refused or rated badly, grouped by their words, most wanted first, each with a draft
//! of the article that would answer them.

use std::collections::{BTreeMap, HashMap};

use corpus::Passage;
use corpus::terms::Analyzer;
use serde::Serialize;

use crate::record::Record;

mod draft;

/// Cosine of the weighted words from which on two questions belong together.
const ALIKE: f64 = 0.4;
/// Passages kept of each question.
const NEAREST: usize = 3;

/// Questions that were not answered well.
#[derive(Default)]
pub struct Board {
    wanted: Vec<Wanted>,
}

struct Wanted {
    question: Asked,
    terms: Vec<String>,
    refused: bool,
    nearest: Vec<Near>,
}

/// A question that was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// Its record.
    pub id: String,
    /// What was asked.
    pub text: String,
}

/// A passage near the questions, which does not answer them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Near {
    /// Title of its document.
    pub title: String,
    /// Where a person finds it.
    pub location: String,
    /// Headings above it.
    pub headings: Vec<String>,
    /// What it says.
    pub text: String,
}

/// Questions that want the same.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Gap {
    /// The question that is most like all of them.
    pub title: String,
    /// How often they were asked.
    pub demand: usize,
    /// How many of them were refused.
    pub refused: usize,
    /// How many answers were rated badly.
    pub rated_badly: usize,
    /// The questions, the one most like all of them in front, each text once.
    pub questions: Vec<Asked>,
    /// The passages that were found most often.
    pub nearest: Vec<Near>,
}

impl Board {
    /// Takes a question in, where it was refused or its answer rated badly.
    pub fn add(&mut self, record: &Record) {
        let rating = record.judgement.as_ref().and_then(|judgement| judgement.rating);
        let refused = record.refused();
        if !refused && rating.is_none_or(|rating| rating >= 0.5) {
            return;
        }
        // A refusal that is known to be right is no gap: nothing is to be written about it.
        if refused && rating.is_some_and(|rating| rating >= 0.5) {
            return;
        }
        let answer = record.answer();
        let language = answer.passages.first().and_then(|passage| passage.chunk.language.as_deref());
        let analyzer = Analyzer::new(language.unwrap_or("en"));
        let mut terms: Vec<String> =
            analyzer.terms(&answer.question).into_iter().map(|term| term.text).collect();
        terms.sort_unstable();
        terms.dedup();
        self.wanted.push(Wanted {
            question: Asked { id: record.record.id.clone(), text: answer.question.clone() },
            terms,
            refused,
            nearest: answer.passages.iter().take(NEAREST).map(near).collect(),
        });
    }

    /// The gaps, most wanted first, at most so many.
    pub fn gaps(&self, most: usize) -> Vec<Gap> {
        let vectors = self.vectors();
        let groups = group(&vectors);
        let mut gaps: Vec<Gap> = groups.iter().map(|members| self.gap(members, &vectors)).collect();
        gaps.sort_by(|a, b| b.demand.cmp(&a.demand).then_with(|| a.title.cmp(&b.title)));
        gaps.truncate(most);
        gaps
    }

    /// The words of each question with their weights, rare ones weighing more, of length 1.
    fn vectors(&self) -> Vec<Vec<(&str, f64)>> {
        let mut holders = HashMap::<&str, f64>::new();
        for term in self.wanted.iter().flat_map(|wanted| &wanted.terms) {
            *holders.entry(term).or_default() += 1.0;
        }
        let all = self.wanted.len() as f64;
        let mut vectors = Vec::new();
        for wanted in &self.wanted {
            let terms = wanted.terms.iter().map(String::as_str);
            let weighted =
                terms.map(|term| (term, (1.0 + all / holders.get(term).copied().unwrap_or(1.0)).ln()));
            let mut vector: Vec<(&str, f64)> = weighted.collect();
            let length = vector.iter().map(|(_, weight)| weight * weight).sum::<f64>().sqrt();
            vector.iter_mut().for_each(|(_, weight)| *weight /= length.max(f64::MIN_POSITIVE));
            vectors.push(vector);
        }
        vectors
    }

    fn gap(&self, members: &[usize], vectors: &[Vec<(&str, f64)>]) -> Gap {
        let mut center = HashMap::<&str, f64>::new();
        for (term, weight) in members.iter().flat_map(|place| &vectors[*place]) {
            *center.entry(term).or_default() += weight;
        }
        let near = |place: usize| -> f64 {
            vectors[place]
                .iter()
                .map(|(term, weight)| weight * center.get(term).copied().unwrap_or(0.0))
                .sum()
        };
        let mut order: Vec<usize> = members.to_vec();
        order.sort_by(|a, b| near(*b).total_cmp(&near(*a)).then(a.cmp(b)));
        let mut questions: Vec<Asked> = Vec::new();
        for question in order.iter().map(|place| &self.wanted[*place].question) {
            let text = question.text.to_lowercase();
            if !questions.iter().any(|known| known.text.to_lowercase() == text) {
                questions.push(question.clone());
            }
        }
        let mut found = BTreeMap::<&str, (usize, &Near)>::new();
        for passage in members.iter().flat_map(|place| &self.wanted[*place].nearest) {
            found.entry(&passage.text).or_insert((0, passage)).0 += 1;
        }
        let mut nearest: Vec<(usize, &Near)> = found.into_values().collect();
        nearest.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        let refused = members.iter().filter(|place| self.wanted[**place].refused).count();
        Gap {
            title: questions.first().map(|question| question.text.clone()).unwrap_or_default(),
            demand: members.len(),
            refused,
            rated_badly: members.len() - refused,
            questions,
            nearest: nearest.into_iter().take(NEAREST).map(|(_, passage)| passage.clone()).collect(),
        }
    }
}

fn near(passage: &Passage) -> Near {
    let chunk = &passage.chunk;
    Near {
        title: if chunk.title.is_empty() { chunk.document.0.clone() } else { chunk.title.clone() },
        location: chunk.location.clone(),
        headings: chunk.headings.clone(),
        text: chunk.text.clone(),
    }
}

/// A group while it grows: the sum of its vectors, by the places in `words`, and the square of its length.
#[derive(Default)]
struct Group {
    members: Vec<usize>,
    square: f64,
}

/// Groups of vectors that are alike: each joins the group whose sum it is most like, or begins one. Only groups that share
/// a word are looked at.
fn group(vectors: &[Vec<(&str, f64)>]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Group> = Vec::new();
    let mut words = HashMap::<&str, HashMap<usize, f64>>::new();
    for (place, vector) in vectors.iter().enumerate() {
        let mut products = HashMap::<usize, f64>::new();
        for (term, weight) in vector {
            for (group, sum) in words.get(term).into_iter().flatten() {
                *products.entry(*group).or_default() += weight * sum;
            }
        }
        let like = |(group, product): (&usize, &f64)| (*group, product / groups[*group].square.sqrt());
        let best = products.iter().map(like).max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
        let chosen = best.filter(|(_, cosine)| *cosine >= ALIKE).map_or(groups.len(), |(group, _)| group);
        if chosen == groups.len() {
            groups.push(Group::default());
        }
        let group = &mut groups[chosen];
        group.members.push(place);
        group.square += 2.0 * products.get(&chosen).copied().unwrap_or(0.0) + 1.0;
        for (term, weight) in vector {
            *words.entry(term).or_default().entry(chosen).or_default() += weight;
        }
    }
    groups.into_iter().map(|group| group.members).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::Judgement;
    use crate::testing::record;

    fn board(questions: &[(&str, bool, Option<f64>)]) -> Board {
        let mut board = Board::default();
        for (n, (question, refused, rating)) in questions.iter().enumerate() {
            let mut record = record(&format!("q{n}"), if *refused { &[] } else { &["It lasts."] });
            record.record.answer.question = (*question).to_owned();
            record.judgement = Some(Judgement { rating: *rating, ..Judgement::default() });
            board.add(&record);
        }
        board
    }

    #[test]
    fn questions_that_want_the_same_are_one_gap() {
        let board = board(&[
            ("Can I pay by bank transfer?", true, None),
            ("Is paying by bank transfer possible?", true, None),
            ("bank transfer payment", false, Some(0.0)),
            ("Does the lamp dim?", true, None),
            ("How do I dim lamps", true, None),
            ("How long is the guarantee?", false, Some(1.0)),
            ("What is the meaning of life?", true, Some(1.0)),
            ("Why does the router hum?", true, None),
        ]);
        let gaps = board.gaps(10);
        assert_eq!(gaps.iter().map(|gap| gap.demand).collect::<Vec<_>>(), [3, 2, 1]);
        assert_eq!((gaps[0].refused, gaps[0].rated_badly, gaps[0].questions.len()), (2, 1, 3));
        assert!(gaps[0].questions.iter().all(|question| question.text.contains("bank transfer")), "{gaps:?}");
        assert_eq!(board.gaps(1).len(), 1);
    }

    #[test]
    fn the_same_question_is_told_once_and_counted() {
        let gaps = board(&[("Does it dim?", true, None), ("does it dim?", true, None)]).gaps(10);
        assert_eq!((gaps[0].demand, gaps[0].questions.len()), (2, 1));
        assert!(Board::default().gaps(10).is_empty());
    }

    #[test]
    fn questions_without_a_word_harm_nothing() {
        assert_eq!(board(&[("???", true, None), ("", true, None)]).gaps(10).len(), 2);
    }

    #[test]
    fn many_questions_are_grouped_in_time() {
        let questions: Vec<String> =
            (0..5_000).map(|n| format!("problem {} with device {}", n % 700, n % 50)).collect();
        let all: Vec<(&str, bool, Option<f64>)> =
            questions.iter().map(|text| (text.as_str(), true, None)).collect();
        let gaps = board(&all).gaps(10_000);
        assert_eq!(gaps.iter().map(|gap| gap.demand).sum::<usize>(), 5_000);
    }
}
