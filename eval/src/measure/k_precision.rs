//! K-precision: how much of an answer is from its passages (Adlakha et al., TACL 2024). Words are those of `SQuAD`.

use super::overlap::{shared, words};

/// The share of the words said that the passages hold, with repetitions. `None` where nothing is said.
///
/// Worked example: "it lasts 36 long months" against "The guarantee: it lasts 36 months." is 4/5.
pub fn k_precision(said: &str, passages: &str) -> Option<f64> {
    let said = words(said);
    (!said.is_empty()).then(|| shared(&said, &words(passages)) as f64 / said.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::k_precision;

    #[test]
    fn follows_the_worked_example() {
        let value = k_precision("it lasts 36 long months", "The guarantee: it lasts 36 months.");
        assert_eq!(value, Some(0.8));
        assert_eq!(k_precision("months months", "36 months"), Some(0.5));
        assert_eq!((k_precision("the", "x"), k_precision("x", "")), (None, Some(0.0)));
    }
}
