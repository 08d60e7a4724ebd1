//! Precision at k: the share of the first k that is relevant. Places that are not filled count as not relevant, as in
//! `trec_eval` (`P`).

/// `ranks[i]` is the rank, from 1, at which relevant item `i` was found, or `None` where it was not. `None` is returned
/// where nothing is relevant, or `k` is 0.
///
/// Worked example: relevant items at ranks 1 and 7 give a precision at 5 of 0.2.
pub fn precision(ranks: &[Option<usize>], k: usize) -> Option<f64> {
    if ranks.is_empty() || k == 0 {
        return None;
    }
    let found = ranks.iter().flatten().filter(|rank| **rank <= k).count();
    Some(found as f64 / k as f64)
}

#[cfg(test)]
mod tests {
    use super::precision;

    #[test]
    fn counts_against_all_k_places() {
        assert_eq!(precision(&[Some(1), Some(7)], 5), Some(0.2));
        assert_eq!(precision(&[Some(1)], 1), Some(1.0));
        assert_eq!(precision(&[None], 5), Some(0.0));
    }

    #[test]
    fn does_not_apply_without_relevant_items() {
        assert_eq!(precision(&[], 5), None);
        assert_eq!(precision(&[Some(1)], 0), None);
    }
}
