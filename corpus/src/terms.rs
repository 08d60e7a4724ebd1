//! Terms: the words that lexical search and word overlap count.
//!
//! Words are lower-cased, stop words are left out and the rest is stemmed (Snowball). Codes such as
//! `0x80070005`, `E-1042`, `v2.3.1` or `--no-cache` are kept whole beside their parts.

use rust_stemmers::{Algorithm, Stemmer};

use crate::span::Span;

/// One term and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Normalized form: lower case, stemmed, or the whole code.
    pub text: String,
    /// Where it stands in the text.
    pub span: Span,
}

/// Turns text of one language into terms.
pub struct Analyzer {
    stemmer: Option<Stemmer>,
    stop_words: &'static [&'static str],
}

impl Analyzer {
    /// The analyzer for a language by its ISO 639-1 code; an unknown one is neither stemmed nor stopped.
    pub fn new(language: &str) -> Self {
        match language {
            "en" => Self { stemmer: Some(Stemmer::create(Algorithm::English)), stop_words: &[] },
            _ => Self { stemmer: None, stop_words: &[] },
        }
    }

    /// The terms of `text` in order, stop words left out.
    pub fn terms(&self, text: &str) -> Vec<Term> {
        use unicode_segmentation::UnicodeSegmentation as _;
        text.unicode_word_indices()
            .map(|(at, word)| (Span::new(at, at + word.len()), word.to_lowercase()))
            .filter(|(_, word)| !self.stop_words.contains(&word.as_str()))
            .map(|(span, word)| Term {
                span,
                text: self.stemmer.as_ref().map_or_else(|| word.clone(), |s| s.stem(&word).into_owned()),
            })
            .collect()
    }
}
