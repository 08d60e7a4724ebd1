//! How an encoder wants the texts of questions and passages, and what its vectors have in common.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The languages that an encoder knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Languages {
    /// English alone.
    #[default]
    English,
    /// About a hundred: a question in one finds passages in another.
    Many,
}

impl Languages {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English only",
            Self::Many => "many languages",
        }
    }
}

impl fmt::Display for Languages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::English => "english",
            Self::Many => "many",
        })
    }
}

/// What a text is in a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// What is asked.
    Question,
    /// What may answer it, and every text that is compared with its like.
    Passage,
}

/// How texts of one side become vectors.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Way {
    /// What is put before them.
    pub(crate) prefix: String,
    /// The mean of many vectors, of the encoder's dimension, which is taken off; empty where nothing is.
    pub(crate) mean: Vec<f32>,
}

/// How an encoder reads texts.
///
/// Encoders that were trained at a low temperature, as E5 was (Wang et al., 2022), have vectors that all point nearly the
/// same way: unlike texts have a cosine of 0.8. Without their mean they are told apart more surely, and
/// on the scale of other encoders (Mu and Viswanath, "All-but-the-Top", 2018).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// What it can read.
    pub languages: Languages,
    pub(crate) question: Way,
    pub(crate) passage: Way,
}

impl Reading {
    /// How the multilingual encoder that is set up reads. The means are those of `models/examples/mean_vectors.rs`.
    pub(crate) fn multilingual() -> serde_json::Result<Self> {
        serde_json::from_str(include_str!("multilingual.json"))
    }

    pub(super) fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn way(&self, side: Side) -> &Way {
        match side {
            Side::Question => &self.question,
            Side::Passage => &self.passage,
        }
    }

    /// Whether vectors of `dimension` numbers can be read so.
    pub(crate) fn suits(&self, dimension: usize) -> bool {
        [&self.question, &self.passage].iter().all(|way| {
            (way.mean.is_empty() || way.mean.len() == dimension)
                && way.mean.iter().all(|value| value.is_finite())
        })
    }
}

impl Way {
    /// Takes the mean off a vector and makes it of unit length again, unless nothing is left.
    pub(crate) fn center(&self, vector: &mut [f32]) {
        if self.mean.is_empty() {
            return;
        }
        vector.iter_mut().zip(&self.mean).for_each(|(value, mean)| *value -= mean);
        let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
        if length > f32::EPSILON {
            vector.iter_mut().for_each(|value| *value /= length);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_is_taken_off_and_the_length_is_one_again() {
        let way = Way { prefix: String::new(), mean: vec![0.6, 0.0] };
        let mut vector = [0.6, 0.8];
        way.center(&mut vector);
        assert_eq!(vector, [0.0, 1.0]);
        let mut nothing = [0.6, 0.0];
        way.center(&mut nothing);
        assert_eq!(nothing, [0.0, 0.0]);
        let mut untouched = [0.6, 0.8];
        Way::default().center(&mut untouched);
        assert_eq!(untouched, [0.6, 0.8]);
    }

    #[test]
    fn the_multilingual_encoder_has_a_way_for_each_side() {
        let reading = Reading::multilingual().unwrap();
        assert_eq!(reading.languages, Languages::Many);
        assert_eq!(
            (reading.question.prefix.as_str(), reading.passage.prefix.as_str()),
            ("query: ", "passage: ")
        );
        assert!(reading.suits(384) && !reading.suits(385));
        assert!(Reading::default().suits(7) && Reading::default().is_plain());
    }
}
