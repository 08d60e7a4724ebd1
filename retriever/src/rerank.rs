//! Reranking: a model that reads question and passage together has a say in the order of the best candidates.
//!
//! What it says is added to the fused score rather than put in its place: it was trained to say what the search does
//! not know yet. Time is bounded: candidates that the budget does not reach keep their order behind the others.

mod window;

use std::sync::Arc;
use std::time::{Duration, Instant};

use corpus::Chunk;
use models::PairEncoder;

use crate::Error;
use crate::search::Candidate;
use window::window;

/// Candidates that are reranked, at most: as many passages as a question is searched for.
pub(crate) const DEPTH: usize = 20;
/// Candidates between two looks at the clock.
const BATCH: usize = 4;
/// Words of a candidate that are read, where most of the question's words are.
const WORDS: usize = 60;

/// Judges passages by reading them together with the question.
pub trait Reranker: Send + Sync {
    /// How relevant each passage is to `question`, in order: a logit, of which only differences count.
    fn relevance(&self, question: &str, passages: &[&str]) -> Result<Vec<f32>, Error>;

    /// How much relevance a fused score of 1 outweighs.
    fn fused(&self) -> f32;
}

impl Reranker for PairEncoder {
    fn relevance(&self, question: &str, passages: &[&str]) -> Result<Vec<f32>, Error> {
        let pairs: Vec<(&str, &str)> = passages.iter().map(|passage| (question, *passage)).collect();
        let scores = self.score(&pairs).map_err(|source| Error::Rerank { source: source.into() })?;
        Ok(scores.into_iter().map(|score| score.relevance).collect())
    }

    fn fused(&self) -> f32 {
        self.info().fused
    }
}

/// A reranker and how long it may take for one question.
#[derive(Clone)]
pub struct Rerank {
    model: Arc<dyn Reranker>,
    budget: Duration,
}

impl Rerank {
    /// Reranks by `model`. No batch is begun once `budget` has passed; the first one always is.
    pub fn new(model: Arc<dyn Reranker>, budget: Duration) -> Self {
        Self { model, budget }
    }

    /// Puts the best of `candidates`, which are in the order of their fused scores, into a new order. `chunks` are the
    /// first of them with their chunks.
    pub(crate) fn order(
        &self,
        question: &str,
        candidates: &mut [Candidate],
        chunks: &[(Chunk, Candidate)],
    ) -> Result<(), Error> {
        let began = Instant::now();
        self.order_while(question, candidates, chunks, &mut || began.elapsed() < self.budget)
    }

    fn order_while(
        &self,
        question: &str,
        candidates: &mut [Candidate],
        chunks: &[(Chunk, Candidate)],
        in_time: &mut dyn FnMut() -> bool,
    ) -> Result<(), Error> {
        let mut reached = 0;
        for (number, batch) in chunks.chunks(BATCH).enumerate() {
            if number > 0 && !in_time() {
                break;
            }
            let texts: Vec<String> = batch.iter().map(|(chunk, _)| shown(question, chunk)).collect();
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let relevance = self.model.relevance(question, &texts)?;
            if relevance.len() != batch.len() || relevance.iter().any(|value| !value.is_finite()) {
                return Err(Error::Rerank { source: "it does not judge every passage by a number".into() });
            }
            for ((_, judged), relevance) in batch.iter().zip(relevance) {
                // Candidates whose chunk is not there any more are between those that are judged.
                let rest = candidates.get_mut(reached..).unwrap_or_default();
                let Some(at) = rest.iter().position(|candidate| candidate.id == judged.id) else { continue };
                rest[..=at].rotate_right(1);
                rest[0].why.rerank = Some(relevance);
                rest[0].score += relevance / self.model.fused();
                reached += 1;
            }
        }
        let (judged, rest) = candidates.split_at_mut(reached);
        crate::search::sort(judged);
        let Some(lowest) = judged.last().map(|candidate| candidate.score) else { return Ok(()) };
        for candidate in rest {
            candidate.score = candidate.score.min(lowest);
        }
        Ok(())
    }
}

/// What of a chunk is read: its title, its innermost heading, and the part that has most of the question's words.
fn shown(question: &str, chunk: &Chunk) -> String {
    let mut parts = vec![chunk.title.as_str()];
    parts.extend(chunk.headings.last().map(String::as_str).filter(|heading| *heading != chunk.title));
    let part = window(question, &chunk.text, WORDS);
    parts.push(&part);
    parts.retain(|part| !part.is_empty());
    parts.join(". ")
}

#[cfg(test)]
mod tests {
    use corpus::{ChunkId, Why};

    use super::*;
    use crate::testing::{chunks, document};

    /// Judges a passage by the number that is its last word.
    struct Numbers;

    impl Reranker for Numbers {
        fn relevance(&self, _: &str, passages: &[&str]) -> Result<Vec<f32>, Error> {
            Ok(passages.iter().map(|text| text.rsplit(' ').next().unwrap().parse().unwrap()).collect())
        }

        fn fused(&self) -> f32 {
            10.0
        }
    }

    /// Says nothing of the last passage.
    struct Short;

    impl Reranker for Short {
        fn relevance(&self, _: &str, passages: &[&str]) -> Result<Vec<f32>, Error> {
            Ok(vec![0.0; passages.len() - 1])
        }

        fn fused(&self) -> f32 {
            1.0
        }
    }

    /// Candidates with fused scores 0.9, 0.8 and so on whose chunks say `numbers`.
    fn found(numbers: &[f32]) -> Vec<(Chunk, Candidate)> {
        let texts: Vec<String> =
            numbers.iter().enumerate().map(|(at, number)| format!("entry {at} {number}")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let chunks = chunks(&document("numbers", "Numbers", &texts));
        assert_eq!(chunks.len(), numbers.len());
        (0..)
            .zip(chunks)
            .map(|(at, chunk)| {
                let score = 0.9 - 0.1 * at as f32;
                let candidate = Candidate { id: chunk.id, score, why: Why::default() };
                (chunk, candidate)
            })
            .collect()
    }

    fn order(numbers: &[f32], looks: usize) -> Vec<(usize, f32, Option<f32>)> {
        let found = found(numbers);
        let mut candidates: Vec<Candidate> = found.iter().map(|(_, candidate)| *candidate).collect();
        let mut left = looks;
        let mut in_time = || {
            left = left.saturating_sub(1);
            left > 0
        };
        let rerank = Rerank::new(Arc::new(Numbers), Duration::ZERO);
        rerank.order_while("which?", &mut candidates, &found, &mut in_time).unwrap();
        let place = |id: ChunkId| found.iter().position(|(chunk, _)| chunk.id == id).unwrap();
        candidates.iter().map(|found| (place(found.id), found.score, found.why.rerank)).collect()
    }

    #[test]
    fn relevance_is_added_to_the_fused_score() {
        let ranked = order(&[0.0, 3.0, -2.0], 9);
        assert_eq!(ranked.iter().map(|(place, ..)| *place).collect::<Vec<_>>(), [1, 0, 2]);
        assert!((ranked[0].1 - 1.1).abs() < 1e-6 && ranked[0].2 == Some(3.0), "{ranked:?}");
        assert!((ranked[2].1 - 0.5).abs() < 1e-6 && ranked[2].2 == Some(-2.0), "{ranked:?}");
    }

    #[test]
    fn what_the_budget_does_not_reach_keeps_its_order_behind() {
        let ranked = order(&[-20.0, 0.0, 0.0, 0.0, 50.0, 60.0], 1);
        assert_eq!(ranked.iter().map(|(place, ..)| *place).collect::<Vec<_>>(), [1, 2, 3, 0, 4, 5]);
        assert!(ranked.windows(2).all(|pair| pair[0].1 >= pair[1].1), "{ranked:?}");
        assert_eq!((ranked[4].2, ranked[5].2), (None, None));
        let ranked = order(&[-20.0, 0.0, 0.0, 0.0, 50.0, 60.0], 9);
        assert_eq!(ranked[0].0, 5);
    }

    #[test]
    fn a_candidate_without_its_chunk_stays_behind_those_that_are_judged() {
        let found = found(&[0.0, 0.0, 0.0]);
        let mut candidates: Vec<Candidate> = found.iter().map(|(_, candidate)| *candidate).collect();
        let rerank = Rerank::new(Arc::new(Numbers), Duration::ZERO);
        rerank.order("which?", &mut candidates, &found[1..]).unwrap();
        let ids: Vec<ChunkId> = candidates.iter().map(|candidate| candidate.id).collect();
        assert_eq!(ids, [found[1].0.id, found[2].0.id, found[0].0.id]);
    }

    #[test]
    fn a_model_that_breaks_its_contract_is_an_error() {
        let found = found(&[0.0, 0.0]);
        let mut candidates: Vec<Candidate> = found.iter().map(|(_, candidate)| *candidate).collect();
        let rerank = Rerank::new(Arc::new(Short), Duration::MAX);
        let error = rerank.order("which?", &mut candidates, &found).unwrap_err();
        assert!(matches!(error, Error::Rerank { .. }), "{error}");
        assert!(Rerank::new(Arc::new(Numbers), Duration::ZERO).order("which?", &mut [], &[]).is_ok());
    }
}
