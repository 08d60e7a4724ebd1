//! Fusion: one ranking from the dense and the sparse one.

use std::collections::HashMap;

use corpus::{ChunkId, Why};

use crate::index::Hit;

/// Share of the dense ranking in the score.
const DENSE: f32 = 0.5;

/// A chunk with its fused score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Candidate {
    pub(crate) id: ChunkId,
    pub(crate) score: f32,
    pub(crate) why: Why,
}

/// Fuses two rankings, each best first. The result is best first; equal scores are in the order of ids.
pub(crate) fn fuse(dense: &[Hit], sparse: &[Hit]) -> Vec<Candidate> {
    let mut candidates = HashMap::<ChunkId, Candidate>::new();
    for (hits, share, is_dense) in [(dense, DENSE, true), (sparse, 1.0 - DENSE, false)] {
        let scale = Scale::of(hits);
        for (rank, hit) in (1..).zip(hits) {
            let candidate =
                candidates.entry(hit.id).or_insert(Candidate { id: hit.id, score: 0.0, why: Why::default() });
            candidate.score += share * scale.apply(hit.score);
            let (score, place) = if is_dense {
                (&mut candidate.why.dense, &mut candidate.why.dense_rank)
            } else {
                (&mut candidate.why.sparse, &mut candidate.why.sparse_rank)
            };
            (*score, *place) = (Some(hit.score), Some(rank));
        }
    }
    let mut candidates: Vec<Candidate> = candidates.into_values().collect();
    sort(&mut candidates);
    candidates
}

/// Best first; equal scores in the order of ids, so that the same question has the same answer.
pub(crate) fn sort(candidates: &mut [Candidate]) {
    candidates.sort_by(|one, other| other.score.total_cmp(&one.score).then(one.id.cmp(&other.id)));
}

/// Maps the scores of a ranking to 0 to 1.
struct Scale {
    least: f32,
    range: f32,
}

impl Scale {
    fn of(hits: &[Hit]) -> Self {
        let least = hits.iter().map(|hit| hit.score).fold(f32::INFINITY, f32::min);
        let most = hits.iter().map(|hit| hit.score).fold(f32::NEG_INFINITY, f32::max);
        Self { least, range: most - least }
    }

    fn apply(&self, score: f32) -> f32 {
        if self.range > 0.0 { (score - self.least) / self.range } else { 1.0 }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn hits(hits: &[(u128, f32)]) -> Vec<Hit> {
        hits.iter().map(|(id, score)| Hit { id: ChunkId(Uuid::from_u128(*id)), score: *score }).collect()
    }

    fn order(candidates: &[Candidate]) -> Vec<u128> {
        candidates.iter().map(|candidate| candidate.id.0.as_u128()).collect()
    }

    #[test]
    fn what_both_find_comes_first_and_says_why() {
        let fused = fuse(&hits(&[(1, 0.9), (2, 0.8), (3, 0.1)]), &hits(&[(2, 12.0), (4, 7.0), (5, 1.0)]));
        assert_eq!(fused[0].id.0.as_u128(), 2);
        assert_eq!(fused[0].why.dense_rank, Some(2));
        assert_eq!(fused[0].why.sparse, Some(12.0));
        let only_sparse = fused.iter().find(|candidate| candidate.id.0.as_u128() == 5).expect("there");
        assert_eq!((only_sparse.why.dense, only_sparse.why.sparse_rank), (None, Some(3)));
        assert!(fused.iter().all(|candidate| (0.0..=1.0).contains(&candidate.score)));
    }

    #[test]
    fn ties_are_in_the_order_of_ids() {
        let fused = fuse(&hits(&[(9, 0.5), (3, 0.5), (7, 0.5)]), &[]);
        assert_eq!(order(&fused), [3, 7, 9]);
    }

    #[test]
    fn one_ranking_alone_keeps_its_order() {
        let ranking = hits(&[(5, 0.9), (1, 0.7), (4, 0.2)]);
        assert_eq!(order(&fuse(&ranking, &[])), [5, 1, 4]);
        assert_eq!(order(&fuse(&[], &ranking)), [5, 1, 4]);
        assert!(fuse(&[], &[]).is_empty());
    }
}
