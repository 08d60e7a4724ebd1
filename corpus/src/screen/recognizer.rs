//! Where a model joins in that knows names which no lexicon holds.

use crate::span::Span;

/// What a recognized name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NameKind {
    /// A person.
    Person,
    /// A town, a country or another place.
    Place,
    /// A company or another organization.
    Organization,
}

/// Finds names by more than rules and lexicons, such as a token classifier. What it finds is masked beside what these find;
/// the policy's allow-list holds for it too.
///
/// It is called again on text that is masked already, and should find nothing in pseudonyms.
pub trait Recognizer: Send + Sync {
    /// The names in `text`, as byte spans, in any order. Spans that are none of `text` are passed over.
    fn names(&self, text: &str) -> Vec<(NameKind, Span)>;
}
