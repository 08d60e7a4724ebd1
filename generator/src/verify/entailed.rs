//! What a model says that reads a claim together with its evidence.

use crate::error::Error;
use crate::model::{CERTAIN, PairReader, judged};

/// Words of evidence that are read at once.
const WORDS: usize = 150;
/// Places of the evidence that are read.
const PLACES: usize = 2;

/// How well `evidence`, texts in reading order, supports `claim` around those of them that hold most of it, which come
/// first in `order`: the best logit.
pub(super) fn entailed(
    reader: &dyn PairReader,
    claim: &str,
    evidence: &[&str],
    order: &[usize],
) -> Result<f32, Error> {
    let mut windows: Vec<std::ops::Range<usize>> = Vec::new();
    for at in order {
        if windows.len() < PLACES && !windows.iter().any(|window| window.contains(at)) {
            windows.push(around(evidence, *at));
        }
    }
    let texts: Vec<String> = windows.into_iter().map(|window| evidence[window].join(" ")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let logits = judged(reader.support(claim, &texts), texts.len())?;
    Ok(logits.into_iter().reduce(f32::max).unwrap_or(-CERTAIN))
}

/// The text at `at` with its neighbors on both sides, as many as fit.
fn around(evidence: &[&str], at: usize) -> std::ops::Range<usize> {
    let length = |at: usize| evidence[at].split_whitespace().count();
    let (mut start, mut end) = (at, at + 1);
    let mut used = length(at);
    loop {
        let before = start.checked_sub(1).map(length).filter(|length| used + length <= WORDS);
        if let Some(length) = before {
            start -= 1;
            used += length;
        }
        let after = (end < evidence.len()).then(|| length(end)).filter(|length| used + length <= WORDS);
        if let Some(length) = after {
            end += 1;
            used += length;
        }
        if before.is_none() && after.is_none() {
            return start..end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BoxError;

    /// Judges evidence by its number of words, less ten.
    struct Counts;

    impl PairReader for Counts {
        fn answers(&self, question: &str, texts: &[&str]) -> Result<Vec<f32>, BoxError> {
            self.support(question, texts)
        }

        fn support(&self, _: &str, evidence: &[&str]) -> Result<Vec<f32>, BoxError> {
            Ok(evidence.iter().map(|text| text.split(' ').count() as f32 - 10.0).collect())
        }
    }

    /// Judges nothing.
    struct Mute;

    impl PairReader for Mute {
        fn answers(&self, question: &str, texts: &[&str]) -> Result<Vec<f32>, BoxError> {
            self.support(question, texts)
        }

        fn support(&self, _: &str, _: &[&str]) -> Result<Vec<f32>, BoxError> {
            Ok(vec![f32::NAN])
        }
    }

    #[test]
    fn the_best_place_counts_within_bounds() {
        assert_eq!(entailed(&Counts, "claim", &["one two", "three four five six"], &[1, 0]).unwrap(), -4.0);
        let long = "word ".repeat(140);
        let texts = [long.trim(), "one two three", long.trim(), "three four"];
        assert_eq!(entailed(&Counts, "claim", &texts, &[1, 3]).unwrap(), CERTAIN);
        assert_eq!(entailed(&Counts, "claim", &[], &[]).unwrap(), -CERTAIN);
        assert!(matches!(entailed(&Mute, "claim", &["one"], &[0]), Err(Error::Reader(_))));
    }

    #[test]
    fn a_place_is_a_text_with_as_many_neighbors_as_fit() {
        let forty = "word ".repeat(40);
        let texts = vec![forty.trim(); 9];
        assert_eq!(around(&texts, 4), 3..6);
        assert_eq!(around(&texts, 0), 0..3);
        assert_eq!(around(&texts, 8), 6..9);
        let long = "word ".repeat(400);
        assert_eq!(around(&["one", long.trim(), "two"], 1), 1..2);
    }
}
