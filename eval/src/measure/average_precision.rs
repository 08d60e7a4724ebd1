//! Average precision; its mean over questions is MAP (Buckley and Voorhees, SIGIR 2000; `trec_eval`'s `map`).

/// The mean, over the relevant items, of the precision at the rank of each; 0 for those not found. `None` is returned
/// where nothing is relevant.
///
/// Worked example: of two relevant items found at ranks 1 and 3, (1/1 + 2/3) / 2 = 0.833.
pub fn average_precision(ranks: &[Option<usize>]) -> Option<f64> {
    let mut found: Vec<usize> = ranks.iter().flatten().copied().filter(|rank| *rank > 0).collect();
    found.sort_unstable();
    let sum: f64 = (1u32..).zip(found).map(|(so_far, rank)| f64::from(so_far) / rank as f64).sum();
    (!ranks.is_empty()).then(|| sum / ranks.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::average_precision;

    #[test]
    fn follows_the_worked_example() {
        let value = average_precision(&[Some(3), Some(1)]).expect("there are relevant items");
        assert!((value - 5.0 / 6.0).abs() < 1e-12, "{value}");
    }

    #[test]
    fn what_is_not_found_counts_nothing() {
        assert_eq!(average_precision(&[Some(1), None]), Some(0.5));
        assert_eq!(average_precision(&[None]), Some(0.0));
        assert_eq!(average_precision(&[]), None);
    }
}
