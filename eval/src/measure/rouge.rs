//! ROUGE-L (Lin, ACL workshop 2004): F1 of the longest common subsequence of words.
//!
//! Words are lower-case runs of letters and digits, without stemming, as in Google's `rouge_score`; that drops what is
//! not ASCII, which is kept here.

use crate::golden::{longest_common_subsequence, words};

/// Longest text that is compared, in words: the time is the product of both lengths.
const LONGEST: usize = 2_000;

/// ROUGE-L of an answer and the best of its references; `None` where there are none.
///
/// Worked example: "the cat sat" and "the cat was here" share "the cat": precision 2/3, recall 2/4, F1 4/7.
pub fn rouge_l(said: &str, references: &[String]) -> Option<f64> {
    let cut = |text: &str| {
        let mut words = words(text);
        words.truncate(LONGEST);
        words
    };
    let said = cut(said);
    let one = |reference: &String| {
        let reference = cut(reference);
        let common = longest_common_subsequence(&said, &reference) as f64;
        let all = (said.len() + reference.len()) as f64;
        if common > 0.0 { 2.0 * common / all } else { 0.0 }
    };
    references.iter().map(one).max_by(f64::total_cmp)
}

#[cfg(test)]
mod tests {
    use super::rouge_l;

    #[test]
    fn follows_the_worked_example() {
        let value = rouge_l("The cat sat.", &["the cat was here".to_owned()]);
        assert_eq!(value, Some(4.0 / 7.0));
    }

    #[test]
    fn takes_the_best_reference_and_needs_one() {
        let references = ["no".to_owned(), "It lasts 36 months".to_owned()];
        assert_eq!(rouge_l("it lasts 36 months", &references), Some(1.0));
        assert_eq!(rouge_l("", &references), Some(0.0));
        assert_eq!(rouge_l("x", &[]), None);
    }
}
