//! Percentiles by nearest rank: the smallest value that at least this share of all do not exceed.

/// The percentile of `sorted` values, lowest first; `weights[i]` says how often the `i`th counts, and nothing where it is
/// shorter. `None` for none.
///
/// Worked example: of 10, 20, 30 and 40 the median is 20, and 95 of 100 do not exceed 40.
pub fn percentile(sorted: &[f64], weights: Option<&[u32]>, share: f64) -> Option<f64> {
    let weight =
        |place: usize| weights.map_or(1.0, |weights| f64::from(weights.get(place).copied().unwrap_or(0)));
    let all: f64 = (0..sorted.len()).map(weight).sum();
    let wanted = (all * share).ceil().max(1.0);
    let mut sum = 0.0;
    sorted.iter().enumerate().find_map(|(place, value)| {
        sum += weight(place);
        (sum >= wanted).then_some(*value)
    })
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn follows_the_worked_example() {
        let values = [10.0, 20.0, 30.0, 40.0];
        assert_eq!(percentile(&values, None, 0.5), Some(20.0));
        assert_eq!(percentile(&values, None, 0.95), Some(40.0));
        assert_eq!(percentile(&values, Some(&[0, 0, 5, 1]), 0.5), Some(30.0));
    }

    #[test]
    fn does_not_apply_to_nothing() {
        assert_eq!(percentile(&[], None, 0.5), None);
        assert_eq!(percentile(&[1.0], Some(&[0]), 0.5), None);
    }
}
