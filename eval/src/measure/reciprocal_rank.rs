//! Reciprocal rank: one over the rank of the first relevant item (Voorhees, TREC-8, 1999).

/// Reciprocal of the best rank among `ranks` where that is at most `k`, else 0.
///
/// `None` is returned where nothing is relevant.
///
/// Worked example: relevant items at ranks 4 and 2 give 0.5.
pub fn reciprocal_rank(ranks: &[Option<usize>], k: usize) -> Option<f64> {
    if ranks.is_empty() {
        return None;
    }
    let best = ranks.iter().flatten().copied().filter(|rank| *rank <= k).min();
    Some(best.map_or(0.0, |rank| 1.0 / rank as f64))
}

#[cfg(test)]
mod tests {
    use super::reciprocal_rank;

    #[test]
    fn takes_the_best_rank_within_k() {
        assert_eq!(reciprocal_rank(&[Some(4), Some(2)], 10), Some(0.5));
        assert_eq!(reciprocal_rank(&[Some(11), None], 10), Some(0.0));
        assert_eq!(reciprocal_rank(&[], 10), None);
    }
}
