//! Kinds of identifiers and candidates for them.

use crate::span::Span;

/// What an identifier is. The order is that of precedence: where two overlap, the smaller stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Secret,
    /// An identifier of the house, by its place among the policy's patterns.
    House(usize),
    Email,
    Iban,
    Card,
    Ssn,
    NationalId,
    Passport,
    License,
    Phone,
    Ip,
    Mac,
    BirthDate,
    Address,
    Person,
    Place,
    Organization,
}

/// The built-in kinds.
pub(super) const BUILT_IN: [Kind; 16] = [
    Kind::Secret,
    Kind::Email,
    Kind::Iban,
    Kind::Card,
    Kind::Ssn,
    Kind::NationalId,
    Kind::Passport,
    Kind::License,
    Kind::Phone,
    Kind::Ip,
    Kind::Mac,
    Kind::BirthDate,
    Kind::Address,
    Kind::Person,
    Kind::Place,
    Kind::Organization,
];

impl Kind {
    /// The name as reported and, in upper case, as shown in pseudonyms. Empty for [`Kind::House`].
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::House(_) => "",
            Self::Email => "email",
            Self::Iban => "iban",
            Self::Card => "card",
            Self::Ssn => "ssn",
            Self::NationalId => "national_id",
            Self::Passport => "passport",
            Self::License => "license",
            Self::Phone => "phone",
            Self::Ip => "ip",
            Self::Mac => "mac",
            Self::BirthDate => "birth_date",
            Self::Address => "address",
            Self::Person => "person",
            Self::Place => "place",
            Self::Organization => "organization",
        }
    }
}

/// What may be an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) kind: Kind,
    pub(super) span: Span,
    /// Whether its own form proves it, by check digits or an unmistakable prefix; otherwise the words around do.
    pub(super) proven: bool,
}

impl Candidate {
    pub(super) const fn proven(kind: Kind, span: Span) -> Self {
        Self { kind, span, proven: true }
    }

    pub(super) const fn likely(kind: Kind, span: Span) -> Self {
        Self { kind, span, proven: false }
    }
}

/// Keeps the candidates that overlap none of higher precedence, in order of place.
pub(super) fn resolve(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    candidates
        .sort_unstable_by_key(|found| (found.kind, std::cmp::Reverse(found.span.len()), found.span.start));
    let mut kept: std::collections::BTreeMap<usize, Candidate> = std::collections::BTreeMap::new();
    for found in candidates {
        if found.span.is_empty() {
            continue;
        }
        // Kept ones do not overlap, so only the last that starts before this one's end can reach into it.
        let before = kept.range(..found.span.end).next_back();
        if before.is_none_or(|(_, other)| !other.span.overlaps(found.span)) {
            kept.insert(found.span.start, found);
        }
    }
    kept.into_values().collect()
}

/// At most `reach` bytes of `text` that end at `at`.
pub(super) fn before(text: &str, at: usize, reach: usize) -> &str {
    let from = (at.saturating_sub(reach)..=at).find(|from| text.is_char_boundary(*from)).unwrap_or(at);
    &text[from..at]
}

/// At most `reach` bytes of `text` that start at `at`.
pub(super) fn after(text: &str, at: usize, reach: usize) -> &str {
    let to = (at..=text.len().min(at + reach)).rev().find(|to| text.is_char_boundary(*to)).unwrap_or(at);
    &text[at..to]
}

/// Whether `needle`, in lower case, stands in `text` as a word.
pub(super) fn has_word(text: &str, needle: &str) -> bool {
    last_word(text, needle).is_some()
}

/// Where `needle`, in lower case, last stands in lower-case `text` as a word.
pub(super) fn last_word(text: &str, needle: &str) -> Option<usize> {
    text.rmatch_indices(needle).map(|(at, _)| at).find(|at| {
        let alone = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        let inner = |c: char| c.is_alphanumeric();
        (!needle.starts_with(inner) || alone(text[..*at].chars().next_back()))
            && (!needle.ends_with(inner) || alone(text[*at + needle.len()..].chars().next()))
    })
}
