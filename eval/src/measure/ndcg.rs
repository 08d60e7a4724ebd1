//! Normalized discounted cumulative gain (Järvelin and Kekäläinen, TOIS 2002), log2 discount.

/// nDCG at `k` as `trec_eval` has it (`ndcg_cut`): the gain of a document is its grade.
///
/// `gains[i]` is the grade at rank `i + 1`, `ideal` the grades of all relevant documents, highest first. `None` is
/// returned where nothing is relevant.
///
/// Worked example: grades 0 and 2 at ranks 1 and 2, and one more document of grade 1 that is not found, give
/// (2 / log2 3) / (2 + 1 / log2 3) = 0.4796.
pub fn graded(gains: &[u32], ideal: &[u32], k: usize) -> Option<f64> {
    let sum = |gains: &[u32]| -> f64 {
        let places = gains.iter().take(k).enumerate();
        places.map(|(place, gain)| f64::from(*gain) / ((place + 2) as f64).log2()).sum()
    };
    let best = sum(ideal);
    (best > 0.0).then(|| sum(gains) / best)
}

/// nDCG at `k` of relevant items found at `ranks` (from 1; `None` for not found), each with gain 1.
///
/// Worked example: one of two relevant items at rank 1 and none else within k gives 1 / (1 + 1/log2 3) = 0.613.
pub fn ndcg(ranks: &[Option<usize>], k: usize) -> Option<f64> {
    // Two pieces of evidence in one passage are one gain: a ranking holds each passage once.
    let mut gains = vec![0; k.min(ranks.iter().flatten().copied().max().unwrap_or(0))];
    for rank in ranks.iter().flatten() {
        if let Some(gain) = rank.checked_sub(1).and_then(|place| gains.get_mut(place)) {
            *gain = 1;
        }
    }
    graded(&gains, &vec![1; ranks.len()], k)
}

#[cfg(test)]
mod tests {
    use super::{graded, ndcg};

    #[test]
    fn follows_the_worked_examples() {
        let value = ndcg(&[Some(1), None], 10).expect("there are relevant items");
        assert!((value - 0.6131).abs() < 1e-4, "{value}");
        let value = graded(&[0, 2], &[2, 1], 10).expect("there are relevant items");
        assert!((value - 0.4796).abs() < 1e-4, "{value}");
    }

    #[test]
    fn is_one_for_a_perfect_ranking_and_zero_for_a_miss() {
        assert_eq!(ndcg(&[Some(2), Some(1)], 10), Some(1.0));
        assert_eq!(ndcg(&[Some(11)], 10), Some(0.0));
        assert_eq!(ndcg(&[], 10), None);
        assert_eq!(graded(&[0, 0], &[], 10), None);
    }

    #[test]
    fn evidence_in_one_passage_is_one_gain() {
        assert_eq!(ndcg(&[Some(1), Some(1)], 10), ndcg(&[Some(1), None], 10));
    }
}
