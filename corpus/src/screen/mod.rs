//! Screening: the only way from extracted text to a document.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::document::Document;
use crate::extracted::Extracted;
use crate::span::Span;

/// What the screener looks for beyond its built-in recognizers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Names of products and companies that are never masked.
    pub allow: Vec<String>,
    /// Words that must never be published; a document that still holds one after masking is rejected.
    pub canaries: Vec<String>,
    /// Regular expressions for identifiers of the house, by kind: `customer_number = 'C-\d{6}'`.
    pub patterns: BTreeMap<String, String>,
    /// Two-letter country codes whose telephone formats are recognized without a leading `+`.
    pub phone_regions: Vec<String>,
}

/// One identifier that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What it is: `email`, `phone`, `card`, `iban`, `person`, `address` and so on.
    pub kind: String,
    /// Where it stood in the text before masking.
    pub span: Span,
    /// What stands there now, such as `[PERSON_3]`.
    pub replacement: String,
}

/// Text with its identifiers masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Masked {
    /// The text with replacements in place.
    pub text: String,
    /// What was replaced, in order.
    pub findings: Vec<Finding>,
}

/// Why a document was not let through.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Rejected {
    /// Nothing is left to index.
    #[error("no text")]
    Empty,
    /// An identifier was found after masking. The identifier itself is not repeated here.
    #[error("a {kind} is left after masking, in block {block}")]
    Residual {
        /// What it is.
        kind: String,
        /// The block, counted from 0.
        block: usize,
    },
}

/// A policy that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("screening pattern {kind:?} is not a regular expression")]
pub struct PolicyError {
    /// Name of the pattern.
    pub kind: String,
    /// What is wrong with it.
    #[source]
    pub source: regex::Error,
}

/// Finds and masks identifiers. Cheap to share between threads; making one is not cheap.
pub struct Screener {
    policy: Policy,
}

impl Screener {
    /// A screener for `policy`.
    pub fn new(policy: Policy) -> Result<Self, PolicyError> {
        Ok(Self { policy })
    }

    /// Masks the identifiers in `extracted` and makes a document of it, unless one is left.
    ///
    /// Pseudonyms are stable within the document: one person is `[PERSON_1]` throughout.
    pub fn screen(&self, extracted: Extracted) -> Result<Document, Rejected> {
        let _ = (&self.policy, extracted);
        Err(Rejected::Empty)
    }

    /// Masks the identifiers in a piece of text, such as a question.
    pub fn mask(&self, text: &str) -> Masked {
        Masked { text: text.to_owned(), findings: Vec::new() }
    }
}
