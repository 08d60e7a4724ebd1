//! Screening: the only way from extracted text to a document.
//!
//! Recognizers find identifiers ([`Finding`]), pseudonyms such as `[PERSON_1]` take their place, and a last
//! scan over the result rejects the document where an identifier is left. Masking masked text changes nothing.
//!
//! What is left alone on purpose: private, loopback and multicast IP addresses, network masks and
//! well-known public resolvers; the addresses, numbers and names in [`Policy::allow`]; card numbers, account
//! numbers and the like that fail their check digits.
//!
//! ```
//! use corpus::screen::{Policy, Screener};
//!
//! let screener = Screener::new(Policy::default())?;
//! let masked = screener.mask("Hi Anna, write to anna@example.com");
//! assert_eq!(masked.text, "Hi [PERSON_1], write to [EMAIL_1]");
//! # Ok::<(), corpus::screen::PolicyError>(())
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::document::{Document, DocumentId, DocumentRecord};
use crate::extracted::Extracted;
use crate::span::Span;

mod address;
mod assemble;
mod birth;
mod clean;
mod email;
mod finder;
mod key;
mod kind;
mod lexicon;
mod mask;
pub mod names;
mod national;
mod network;
mod numbers;
mod payment;
mod person;
mod phone;
mod pseudonym;
mod residual;
mod secret;
mod tokens;

use finder::Finder;
pub use key::{Key, KeyError};
use residual::Canaries;

/// Largest text of one document, in bytes. What is larger is rejected.
pub const LARGEST_TEXT: usize = 64 << 20;

/// What the screener looks for beyond its built-in recognizers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// What is never masked: names of products and companies, and the house's own addresses and telephone
    /// numbers (`help@example.com`, `@example.com` for a whole domain, `+1 800 555 0199`).
    pub allow: Vec<String>,
    /// Words that must never be published; a document that still holds one after masking is rejected.
    pub canaries: Vec<String>,
    /// Regular expressions for identifiers of the house, by kind: `customer_number = 'C-\d{6}'`.
    pub patterns: BTreeMap<String, String>,
    /// Two-letter country codes whose telephone formats are recognized without a leading `+`.
    pub phone_regions: Vec<String>,
    /// Kinds that are left as they are; only `person`, `address` and `birth_date` can be, for collections about
    /// public figures.
    pub keep: Vec<String>,
    /// Whether what belongs to a desk and not to a person is left as it is: mailboxes such as `support@` and `sales@`,
    /// freephone and shared-cost numbers.
    pub keep_desks: bool,
    /// What is masked as well. Places and organizations identify few people and are what many documents are about, so
    /// they are left as they are where nothing else is said.
    pub also: Vec<Also>,
    /// What tells names.
    pub names: Telling,
}

/// What is masked where the policy says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Also {
    /// Towns, countries and other places.
    Place,
    /// Companies and other organizations.
    Organization,
}

/// What tells names of people, places and organizations, and addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Telling {
    /// Rules, lexicons and a small network ([`names`]).
    #[default]
    Network,
    /// Rules and lexicons only; they tell no places and organizations.
    Rules,
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
    /// The text is longer than [`LARGEST_TEXT`].
    #[error("the text has {bytes} bytes, more than the {LARGEST_TEXT} allowed; split the document")]
    TooLarge {
        /// Length of the text.
        bytes: usize,
    },
    /// An identifier was found after masking. The identifier itself is not repeated here.
    #[error("a {kind} is left after masking, in block {block}")]
    Residual {
        /// What it is.
        kind: String,
        /// The block, counted from 0.
        block: usize,
    },
    /// An identifier was found after masking outside the text. The identifier itself is not repeated here.
    #[error("a {kind} is left after masking, in the {field}")]
    ResidualField {
        /// What it is.
        kind: String,
        /// Where: `title`, `location`, `id`, `source` or `metadata`.
        field: &'static str,
    },
}

/// An identifier that is left after masking, for the eyes of somebody who may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Residue {
    /// What it is.
    pub kind: String,
    /// Where: `text`, `title`, `location`, `id`, `source` or `metadata`.
    pub field: &'static str,
    /// The identifier.
    pub found: String,
    /// The masked text before it.
    pub before: String,
    /// The masked text after it.
    pub after: String,
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

/// Whether a word is known not to identify anybody.
pub type Public<'a> = &'a dyn Fn(&str) -> bool;

/// No word is known to be public.
const NOTHING: Public<'static> = &|_| false;

/// Finds and masks identifiers. Cheap to share between threads; making one is not cheap.
pub struct Screener {
    finder: Finder,
    canaries: Canaries,
}

impl Screener {
    /// A screener for `policy`.
    #[expect(clippy::needless_pass_by_value, reason = "a screener is made once, with a policy of its own")]
    pub fn new(policy: Policy) -> Result<Self, PolicyError> {
        let canaries = Canaries::new(&policy.canaries);
        Ok(Self { finder: Finder::new(&policy)?, canaries })
    }

    /// The same with pseudonyms made from `key`: one identifier has the same one in all documents, such as
    /// `[PERSON_482910337716]`.
    ///
    /// It is made of the kind and the identifier without its spelling, so that a given name alone stands for everybody of that
    /// name in documents that give no full name.
    #[must_use]
    pub fn keyed(mut self, key: Key) -> Self {
        self.finder.key = Some(key);
        self
    }

    /// Masks the identifiers in `extracted` and makes a document of it, unless one is left.
    ///
    /// Pseudonyms are stable within the document: one person is `[PERSON_1]` throughout, in the text, the title,
    /// the location and the metadata alike, in order of first appearance.
    pub fn screen(&self, extracted: Extracted) -> Result<Document, Rejected> {
        let record = assemble::record(&self.finder, extracted)?;
        residual::check(&self.finder, &self.canaries, &record)?;
        Ok(Document::screened(record))
    }

    /// What keeps `extracted` out, with the words around it, for a person who may see the item itself; empty where
    /// [`Screener::screen`] lets it through.
    pub fn review(&self, extracted: Extracted) -> Result<Vec<Residue>, Rejected> {
        let record = assemble::record(&self.finder, extracted)?;
        Ok(residual::review(&self.finder, &self.canaries, &record))
    }

    /// Scans a stored document again, for identifiers and canaries of a policy that is newer than it.
    pub fn check(&self, record: &DocumentRecord) -> Result<(), Rejected> {
        residual::check(&self.finder, &self.canaries, record)
    }

    /// Masks the identifiers in a piece of text, such as a question.
    ///
    /// Invisible and control characters are left out of the result; the findings' spans are those of `text` itself.
    pub fn mask(&self, text: &str) -> Masked {
        self.mask_beside(text, NOTHING)
    }

    /// The same beside documents that are masked already: words that these hold openly are `public`, such as the names of
    /// products, and make no name that only the network tells. What rules and lexicons know is masked all the same.
    pub fn mask_beside(&self, text: &str, public: Public<'_>) -> Masked {
        mask::question(&self.finder, text, public)
    }

    /// The id that the document made from an item with this id will have: the same one, or a hash of it where it
    /// holds an identifier.
    pub fn document_id(&self, id: &DocumentId) -> DocumentId {
        assemble::document_id(&self.finder, id)
    }
}

#[cfg(test)]
mod tests;
