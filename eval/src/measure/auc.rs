//! Area under the receiver operating characteristic (Fawcett, Pattern Recognition Letters, 2006).

/// How often an item that is right scores higher than one that is wrong, ties counting half.
///
/// `sorted` holds score and whether it is right, lowest score first; `weights` says how often each item counts, as
/// when some are drawn more than once. `None` is returned where one side has none.
///
/// Worked example: right items at 0.2 and 0.9 and wrong ones at 0.1 and 0.5 give 3 of 4 pairs, 0.75.
pub fn auc(sorted: &[(f64, bool)], weights: &[u32]) -> Option<f64> {
    let (mut wrong_below, mut right, mut pairs) = (0.0, 0.0, 0.0);
    let mut at = 0;
    while at < sorted.len() {
        let end = (at..sorted.len()).find(|end| sorted[*end].0 > sorted[at].0).unwrap_or(sorted.len());
        let count = |label: bool| -> f64 {
            (at..end)
                .filter(|i| sorted[*i].1 == label)
                .map(|i| f64::from(weights.get(i).copied().unwrap_or(1)))
                .sum()
        };
        let (here, against) = (count(true), count(false));
        pairs += here * (wrong_below + against / 2.0);
        right += here;
        wrong_below += against;
        at = end.max(at + 1);
    }
    (right > 0.0 && wrong_below > 0.0).then(|| pairs / (right * wrong_below))
}

#[cfg(test)]
mod tests {
    use super::auc;

    #[test]
    fn counts_the_pairs_that_are_in_order() {
        assert_eq!(auc(&[(0.1, false), (0.2, true), (0.5, false), (0.9, true)], &[]), Some(0.75));
        assert_eq!(auc(&[(0.5, false), (0.5, true)], &[]), Some(0.5));
        assert_eq!(auc(&[(0.1, true), (0.5, false)], &[]), Some(0.0));
    }

    #[test]
    fn an_item_that_counts_twice_is_as_good_as_two() {
        let twice = auc(&[(0.1, false), (0.2, true), (0.5, false)], &[1, 2, 1]);
        assert_eq!(twice, auc(&[(0.1, false), (0.2, true), (0.2, true), (0.5, false)], &[]));
        assert_eq!(auc(&[(0.1, false), (0.2, true)], &[0, 1]), None);
    }

    #[test]
    fn does_not_apply_where_one_side_is_missing() {
        assert_eq!(auc(&[], &[]), None);
        assert_eq!(auc(&[(0.1, true)], &[]), None);
    }
}
