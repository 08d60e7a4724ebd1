//! The shipped weights of candidates, gate and support.
//!
//! `weights.json` is written by the example `calibrate`, which also says how good they are.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::evidence::{Features, GateFeatures};

/// Defines a record of numbers with their names, so that weights are kept by name.
macro_rules! features {
    ($(#[$meta:meta])* $name:ident, $names:ident { $($(#[$doc:meta])* $field:ident,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq)]
        pub struct $name { $($(#[$doc])* pub $field: f32,)* }
        impl $name {
            /// The numbers, in the order of their names.
            pub fn values(&self) -> [f32; $names.len()] { [$(self.$field,)*] }
        }
        const _: () = assert!([$(stringify!($field),)*].len() == $names.len());
        #[cfg(test)]
        impl $name {
            /// The fields' names, to be compared with those of the weights.
            pub(crate) const FIELDS: [&'static str; $names.len()] = [$(stringify!($field),)*];
        }
    };
}

/// Names of the numbers in [`Features`].
pub const CANDIDATE_FEATURES: [&str; 16] = [
    "cosine",
    "replies",
    "coverage",
    "context_coverage",
    "passage_coverage",
    "passage_cosine",
    "rank",
    "score",
    "names",
    "exact",
    "kind",
    "list",
    "asks",
    "brief",
    "opposed",
    "read",
];

/// Names of the numbers in [`GateFeatures`].
pub const GATE_FEATURES: [&str; 15] = [
    "cosine",
    "coverage",
    "context_coverage",
    "passage_coverage",
    "passage_cosine",
    "names",
    "exact",
    "kind",
    "margin",
    "highest",
    "known_terms",
    "length",
    "score",
    "negated",
    "read",
];

/// Names of the numbers in [`crate::verify::SupportFeatures`].
pub const SUPPORT_FEATURES: [&str; 21] = [
    "contained",
    "contained_near",
    "contained_all",
    "rare",
    "rare_all",
    "clause",
    "pairs",
    "run",
    "cosine",
    "clause_cosine",
    "numbers",
    "names",
    "strayed",
    "replaced",
    "negated",
    "unrestricted",
    "certain",
    "personal",
    "length",
    "entailed",
    "read",
];

/// The shipped weights.
#[expect(clippy::expect_used, reason = "the file is part of the program and read by every test")]
pub static WEIGHTS: LazyLock<Weights> = LazyLock::new(|| {
    serde_json::from_str(include_str!("weights.json")).expect("weights.json is well-formed")
});

/// Weights by feature name, and thresholds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// How the file was made and how good the weights are.
    pub made: String,
    /// For an encoder that was taught what help centers are asked, and a pair encoder that has read the best candidates.
    pub read: Judges,
    /// For the encoder alone.
    pub taught: Judges,
    /// For one as its makers trained it, whose cosines say less of whether a text answers.
    pub untaught: Judges,
    /// The gate where the question is in another language than the passage, which then has few of its words.
    pub crossing: Linear,
    /// Logit of the probability that evidence supports a sentence that is no quote.
    pub support: Linear,
    /// Probability of an answer below which nothing is said.
    pub answerable: f32,
    /// Probability of support below which a drafted sentence is dropped.
    pub supported: f32,
    /// The same where the pair encoder has a say.
    pub supported_by_pair: f32,
}

/// What judges evidence by an encoder's cosines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judges {
    /// Linear score of a candidate.
    pub candidate: Linear,
    /// Logit of the probability that the passages answer.
    pub gate: Linear,
}

/// How far an encoder can be trusted with a question and a passage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// It was taught, and the best candidates were read together with the question.
    Read,
    /// It was taught what help centers are asked.
    Taught,
    /// It is as its makers trained it.
    Untaught,
    /// The same, and the two are in different languages.
    Crossing,
}

/// A linear function.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Linear {
    /// Value where all features are 0.
    pub bias: f32,
    /// Weight of each feature; one that is not named weighs nothing.
    pub weights: BTreeMap<String, f32>,
}

impl Linear {
    /// The value of the function.
    pub fn value(&self, names: &[&str], values: &[f32]) -> f32 {
        let weighted =
            names.iter().zip(values).map(|(name, value)| self.weights.get(*name).unwrap_or(&0.0) * value);
        self.bias + weighted.sum::<f32>()
    }
}

impl Weights {
    /// How well a candidate speaks to the question.
    pub fn candidate(&self, features: &Features, trust: Trust) -> f32 {
        let judges = match trust {
            Trust::Read => &self.read,
            Trust::Taught => &self.taught,
            Trust::Untaught | Trust::Crossing => &self.untaught,
        };
        judges.candidate.value(&CANDIDATE_FEATURES, &features.values())
    }

    /// Logit of the probability that the passages answer the question.
    pub fn answerable_logit(&self, features: &GateFeatures, trust: Trust) -> f32 {
        let gate = match trust {
            Trust::Read => &self.read.gate,
            Trust::Taught => &self.taught.gate,
            Trust::Untaught => &self.untaught.gate,
            Trust::Crossing => &self.crossing,
        };
        gate.value(&GATE_FEATURES, &features.values())
    }
}

/// The logistic function.
pub(crate) fn sigmoid(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::SupportFeatures;

    #[test]
    fn names_are_those_of_the_fields() {
        assert_eq!(Features::FIELDS, CANDIDATE_FEATURES);
        assert_eq!(GateFeatures::FIELDS, GATE_FEATURES);
        assert_eq!(SupportFeatures::FIELDS, SUPPORT_FEATURES);
    }

    #[test]
    fn a_cosine_says_more_where_the_encoder_was_taught() {
        let rises = |trust: Trust| {
            let [low, high] = [0.2, 0.6].map(|near| {
                let features = GateFeatures { passage_cosine: near, margin: near, ..GateFeatures::default() };
                WEIGHTS.answerable_logit(&features, trust)
            });
            high - low
        };
        assert!(rises(Trust::Taught) > rises(Trust::Untaught));
        assert!(rises(Trust::Crossing) > rises(Trust::Untaught));
        let near = Features { cosine: 0.5, ..Features::default() };
        assert_ne!(WEIGHTS.candidate(&near, Trust::Taught), WEIGHTS.candidate(&near, Trust::Untaught));
    }

    #[test]
    fn every_weight_has_a_feature() {
        for (linear, names) in [
            (&WEIGHTS.read.candidate, CANDIDATE_FEATURES.as_slice()),
            (&WEIGHTS.read.gate, &GATE_FEATURES),
            (&WEIGHTS.taught.candidate, &CANDIDATE_FEATURES),
            (&WEIGHTS.taught.gate, &GATE_FEATURES),
            (&WEIGHTS.untaught.candidate, &CANDIDATE_FEATURES),
            (&WEIGHTS.untaught.gate, &GATE_FEATURES),
            (&WEIGHTS.crossing, &GATE_FEATURES),
            (&WEIGHTS.support, &SUPPORT_FEATURES),
        ] {
            assert!(linear.weights.keys().all(|name| names.contains(&name.as_str())), "{linear:?}");
        }
        for threshold in [WEIGHTS.answerable, WEIGHTS.supported, WEIGHTS.supported_by_pair] {
            assert!((0.0..1.0).contains(&threshold));
        }
    }
}
