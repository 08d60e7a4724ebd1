//! What a comparison of this size can see at all.

use super::Clusters;

/// Standard error of the mean, robust to clusters (Liang and Zeger, Biometrika 1986). `None` for fewer than two clusters.
pub fn standard_error(values: &[Option<f64>], clusters: &Clusters) -> Option<f64> {
    let sums = clusters.sums(values);
    if sums.len() < 2 {
        return None;
    }
    let (sum, count) = sums.iter().fold((0.0, 0.0), |(s, c), (sum, count)| (s + sum, c + count));
    let mean = sum / count;
    let squares: f64 = sums.iter().map(|(sum, count)| (sum - mean * count).powi(2)).sum();
    let many = sums.len() as f64;
    Some((many / (many - 1.0) * squares).sqrt() / count)
}

/// The smallest true difference that a test at the 5 % level finds in 80 of 100 comparisons like this one (Bloom,
/// Evaluation Review 1995): 2.8 standard errors.
///
/// Worked example: 100 differences of which half are 0.1 and half -0.1 have a standard error of 0.01 and show 0.028.
pub fn detectable(differences: &[Option<f64>], clusters: &Clusters) -> Option<f64> {
    standard_error(differences, clusters).map(|error| (1.959_964 + 0.841_621) * error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_worked_example() {
        let differences: Vec<Option<f64>> =
            (0..100).map(|n| Some(if n % 2 == 0 { 0.1 } else { -0.1 })).collect();
        let alone = Clusters::numbered(&(0..100).collect::<Vec<_>>());
        let effect = detectable(&differences, &alone).unwrap();
        assert!((effect - 0.028).abs() < 0.0005, "{effect}");
    }

    #[test]
    fn clusters_that_move_together_show_less() {
        let differences: Vec<Option<f64>> = (0..100).map(|n| Some(if n < 50 { 0.1 } else { -0.1 })).collect();
        let of = |size: usize| {
            let groups: Vec<usize> = (0..100).map(|n| n / size).collect();
            detectable(&differences, &Clusters::numbered(&groups))
        };
        assert!(of(10).unwrap() > 2.0 * of(1).unwrap());
        assert_eq!(of(100), None);
    }
}
