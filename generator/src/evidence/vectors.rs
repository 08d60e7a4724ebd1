//! Vectors of texts that were embedded before.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use models::Side;

use crate::error::Error;
use crate::model::SentenceEncoder;

/// Texts whose vectors are kept. At 384 numbers this is about 6 MB.
const KEPT: usize = 4_096;

/// Keeps vectors, since a conversation stays with the same passages.
#[derive(Default)]
pub struct Vectors {
    known: HashMap<(Side, String), Arc<[f32]>>,
}

impl Vectors {
    /// The vectors of `texts`, in order.
    pub fn of(
        &mut self,
        texts: &[(Side, String)],
        encoder: &dyn SentenceEncoder,
    ) -> Result<Vec<Arc<[f32]>>, Error> {
        let mut new: BTreeSet<(Side, &str)> = BTreeSet::new();
        new.extend(texts.iter().filter(|text| !self.known.contains_key(*text)).map(borrowed));
        if self.known.len() + new.len() > KEPT {
            self.known.clear();
            new.extend(texts.iter().map(borrowed));
        }
        let new: Vec<(Side, &str)> = new.into_iter().collect();
        if !new.is_empty() {
            let vectors = encoder.embed(&new).map_err(Error::Encoder)?;
            if vectors.len() != new.len() {
                return Err(Error::Vectors { found: vectors.len(), wanted: new.len() });
            }
            let owned = new.into_iter().map(|(side, text)| (side, text.to_owned()));
            self.known.extend(owned.zip(vectors.into_iter().map(Arc::from)));
        }
        let missing = || Error::Vectors { found: 0, wanted: texts.len() };
        texts.iter().map(|text| self.known.get(text).cloned().ok_or_else(missing)).collect()
    }
}

fn borrowed((side, text): &(Side, String)) -> (Side, &str) {
    (*side, text.as_str())
}

/// The mean of several vectors, of length 1 where they do not cancel out.
pub(super) fn mean(vectors: &[Arc<[f32]>]) -> Vec<f32> {
    let mut mean = vec![0.0; vectors.first().map_or(0, |vector| vector.len())];
    for vector in vectors {
        mean.iter_mut().zip(vector.iter()).for_each(|(sum, value)| *sum += value);
    }
    let length = mean.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length > f32::EPSILON {
        mean.iter_mut().for_each(|value| *value /= length);
    }
    mean
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::BoxError;

    struct Counting(AtomicUsize);

    impl SentenceEncoder for Counting {
        fn embed(&self, texts: &[(Side, &str)]) -> Result<Vec<Vec<f32>>, BoxError> {
            self.0.fetch_add(texts.len(), Ordering::Relaxed);
            Ok(texts.iter().map(|(_, text)| vec![text.len() as f32]).collect())
        }
    }

    #[test]
    fn a_mean_has_length_one_unless_nothing_is_left() {
        let of =
            |vectors: &[[f32; 2]]| mean(&vectors.iter().map(|v| Arc::from(v.as_slice())).collect::<Vec<_>>());
        assert_eq!(of(&[[3.0, 4.0]]), [0.6, 0.8]);
        assert_eq!(of(&[[1.0, 0.0], [0.0, 1.0]]), [0.5f32.sqrt(); 2]);
        assert_eq!(of(&[[1.0, 0.0], [-1.0, 0.0]]), [0.0; 2]);
        assert!(mean(&[]).is_empty());
    }

    #[test]
    fn nothing_is_embedded_twice_and_the_store_is_bounded() {
        let encoder = Counting(AtomicUsize::new(0));
        let mut vectors = Vectors::default();
        let text = |text: &str| (Side::Passage, text.to_owned());
        let texts = [text("a"), text("bb"), text("a")];
        let found = vectors.of(&texts, &encoder).expect("vectors");
        assert_eq!(found.iter().map(|vector| vector[0]).collect::<Vec<_>>(), [1.0, 2.0, 1.0]);
        vectors.of(&texts, &encoder).expect("vectors");
        assert_eq!(encoder.0.load(Ordering::Relaxed), 2);
        vectors.of(&[(Side::Question, "a".to_owned())], &encoder).expect("vectors");
        assert_eq!(encoder.0.load(Ordering::Relaxed), 3, "a question has a vector of its own");
        for round in 0..3 {
            let many: Vec<_> = (0..2_000).map(|at| text(&format!("{round} {at}"))).collect();
            assert_eq!(vectors.of(&many, &encoder).expect("vectors").len(), 2_000);
        }
        assert!(vectors.known.len() <= KEPT);
    }
}
