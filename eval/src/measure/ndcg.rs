//! Normalized discounted cumulative gain (Järvelin and Kekäläinen, TOIS 2002), binary gains, log2 discount.

/// nDCG at `k` of relevant items found at `ranks` (from 1; `None` for not found), each with gain 1.
///
/// `None` is returned where nothing is relevant.
///
/// Worked example: one of two relevant items at rank 1 and none else within k gives 1 / (1 + 1/log2 3) = 0.613.
pub fn ndcg(ranks: &[Option<usize>], k: usize) -> Option<f64> {
    if ranks.is_empty() {
        return None;
    }
    let discount = |rank: usize| 1.0 / ((rank + 1) as f64).log2();
    let mut found: Vec<usize> = ranks.iter().flatten().copied().filter(|rank| *rank <= k).collect();
    // Two pieces of evidence in one passage are one gain: a ranking holds each passage once.
    found.sort_unstable();
    found.dedup();
    let gain: f64 = found.into_iter().map(discount).sum();
    let ideal: f64 = (1..=ranks.len().min(k)).map(discount).sum();
    Some(gain / ideal)
}

#[cfg(test)]
mod tests {
    use super::ndcg;

    #[test]
    fn follows_the_worked_example() {
        let value = ndcg(&[Some(1), None], 10).expect("there are relevant items");
        assert!((value - 0.6131).abs() < 1e-4, "{value}");
    }

    #[test]
    fn is_one_for_a_perfect_ranking_and_zero_for_a_miss() {
        assert_eq!(ndcg(&[Some(2), Some(1)], 10), Some(1.0));
        assert_eq!(ndcg(&[Some(11)], 10), Some(0.0));
        assert_eq!(ndcg(&[], 10), None);
    }
}
