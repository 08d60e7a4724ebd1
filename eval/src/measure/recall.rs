//! Recall at k: the share of the relevant items that stand among the first k.

/// `ranks[i]` is the rank, from 1, at which relevant item `i` was found, or `None` where it was not.
///
/// `None` is returned where nothing is relevant: the measure does not apply.
///
/// Worked example: two relevant items at ranks 1 and 7 give a recall at 5 of 0.5.
pub fn recall(ranks: &[Option<usize>], k: usize) -> Option<f64> {
    if ranks.is_empty() {
        return None;
    }
    let found = ranks.iter().flatten().filter(|rank| **rank <= k).count();
    Some(found as f64 / ranks.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::recall;

    #[test]
    fn counts_only_what_stands_among_the_first_k() {
        assert_eq!(recall(&[Some(1), Some(7)], 5), Some(0.5));
        assert_eq!(recall(&[Some(5), None], 5), Some(0.5));
        assert_eq!(recall(&[Some(6)], 5), Some(0.0));
    }

    #[test]
    fn does_not_apply_without_relevant_items() {
        assert_eq!(recall(&[], 5), None);
    }
}
