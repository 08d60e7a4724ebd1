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
