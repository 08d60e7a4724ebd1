//! What is missing: questions that were refused or rated badly, grouped by what they want, most wanted first, each with a
//! draft of the article that would answer them.

use std::collections::BTreeMap;

use corpus::Passage;
use corpus::terms::Analyzer;
use serde::Serialize;

use crate::record::Record;

mod draft;
mod group;

use group::{Features, Sum, Vector, group, vectors};

/// Passages shown of each question.
const NEAREST: usize = 3;

/// Questions that were not answered well.
#[derive(Default)]
pub struct Board {
    wanted: Vec<Wanted>,
}

struct Wanted {
    question: Asked,
    features: Features,
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
        let mut words: Vec<String> =
            analyzer.terms(&answer.question).into_iter().map(|term| term.text).collect();
        words.sort_unstable();
        words.dedup();
        let place = |passage: &Passage| (passage.chunk.document.0.clone(), passage.chunk.ordinal);
        let passages = answer.passages.iter().map(place).collect();
        self.wanted.push(Wanted {
            question: Asked { id: record.record.id.clone(), text: answer.question.clone() },
            features: Features { words, passages },
            refused,
            nearest: answer.passages.iter().take(NEAREST).map(near).collect(),
        });
    }

    /// The gaps, most wanted first, at most so many.
    pub fn gaps(&self, most: usize) -> Vec<Gap> {
        let features: Vec<&Features> = self.wanted.iter().map(|wanted| &wanted.features).collect();
        let vectors = vectors(&features);
        let groups = group(&vectors);
        let mut gaps: Vec<Gap> = groups.iter().map(|members| self.gap(members, &vectors)).collect();
        gaps.sort_by(|a, b| b.demand.cmp(&a.demand).then_with(|| a.title.cmp(&b.title)));
        gaps.truncate(most);
        gaps
    }

    fn gap(&self, members: &[usize], vectors: &[Vector<'_>]) -> Gap {
        let center = Sum::of(members.iter().map(|place| &vectors[*place]));
        let near = |place: usize| center.product(&vectors[place]);
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
