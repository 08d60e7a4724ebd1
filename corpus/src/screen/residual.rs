//! The last scan: what must not be published and was not masked.

use aho_corasick::AhoCorasick;
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfkc_quick};

use super::finder::Finder;
use super::{Rejected, Residue};
use crate::document::DocumentRecord;
use crate::span::Span;

/// Words that must never be published, found however they are spelled: case, spaces, dashes and markup do not matter.
pub(super) struct Canaries {
    /// Letters and digits of the canaries, in lower case.
    squeezed: Option<AhoCorasick>,
    /// Whether each is made of digits; such a one is found within longer numbers too.
    digits: Vec<bool>,
    /// Canaries without letters or digits.
    signs: Vec<String>,
}

impl Canaries {
    pub(super) fn new(canaries: &[String]) -> Self {
        let squeezed: Vec<String> =
            canaries.iter().map(|canary| squeeze(canary).text).filter(|canary| !canary.is_empty()).collect();
        let signs =
            canaries.iter().filter(|canary| squeeze(canary).text.is_empty() && !canary.trim().is_empty());
        Self {
            digits: squeezed.iter().map(|canary| canary.chars().all(char::is_numeric)).collect(),
            signs: signs.map(|canary| canary.trim().to_owned()).collect(),
            squeezed: AhoCorasick::new(&squeezed).ok().filter(|_| !squeezed.is_empty()),
        }
    }

    /// Where in `text` a canary starts, in bytes.
    fn find(&self, text: &str) -> Option<usize> {
        if let Some(at) = self.signs.iter().find_map(|sign| text.find(sign.as_str())) {
            return Some(at);
        }
        let canaries = self.squeezed.as_ref()?;
        let squeezed = squeeze(text);
        canaries
            .find_overlapping_iter(&squeezed.text)
            .find(|found| {
                let whole = squeezed.starts_word(found.start())
                    && (found.end() == squeezed.text.len() || squeezed.starts_word(found.end()));
                whole || self.digits[found.pattern().as_usize()]
            })
            .map(|found| squeezed.given(found.start()))
    }
}

/// The letters and digits of a text in compatibility form and lower case.
struct Squeezed {
    text: String,
    /// Where words start: offsets in `text` and in the text as given.
    words: Vec<(usize, usize)>,
}

impl Squeezed {
    fn starts_word(&self, at: usize) -> bool {
        self.words.binary_search_by_key(&at, |(start, _)| *start).is_ok()
    }

    fn given(&self, at: usize) -> usize {
        self.words[self.words.partition_point(|(start, _)| *start <= at).saturating_sub(1)].1
    }
}

fn squeeze(text: &str) -> Squeezed {
    let mut squeezed = Squeezed { text: String::with_capacity(text.len()), words: Vec::new() };
    let mut inside = false;
    for (at, given) in text.char_indices() {
        if given.is_ascii() {
            if given.is_ascii_alphanumeric() {
                if !inside {
                    squeezed.words.push((squeezed.text.len(), at));
                }
                squeezed.text.push(given.to_ascii_lowercase());
            }
            inside = given.is_ascii_alphanumeric();
            continue;
        }
        for c in std::iter::once(given).nfkc().flat_map(char::to_lowercase) {
            if c.is_alphanumeric() {
                if !inside {
                    squeezed.words.push((squeezed.text.len(), at));
                }
                squeezed.text.push(c);
            }
            inside = c.is_alphanumeric();
        }
    }
    squeezed
}

/// Rejects a record in which an identifier or a canary is left.
pub(super) fn check(finder: &Finder, canaries: &Canaries, record: &DocumentRecord) -> Result<(), Rejected> {
    if let Some(at) = canaries.find(&record.text) {
        let block = record.blocks.partition_point(|block| block.span.end <= at);
        return Err(Rejected::Residual { kind: "canary".to_owned(), block });
    }
    for (block, place) in record.blocks.iter().enumerate() {
        if let Some(kind) = left(finder, place.span.of(&record.text).unwrap_or_default()) {
            return Err(Rejected::Residual { kind, block });
        }
    }
    let metadata = record
        .metadata
        .iter()
        .flat_map(|(key, value)| [("metadata", key.as_str()), ("metadata", value.as_str())]);
    let fields = [
        ("title", record.title.as_str()),
        ("location", record.location.as_str()),
        ("id", record.id.0.as_str()),
    ];
    for (field, text) in fields.into_iter().chain(metadata) {
        if let Some(kind) = left(finder, text) {
            return Err(Rejected::ResidualField { kind, field });
        }
        if canaries.find(text).is_some() {
            return Err(Rejected::ResidualField { kind: "canary".to_owned(), field });
        }
    }
    if canaries.find(&record.source).is_some() {
        return Err(Rejected::ResidualField { kind: "canary".to_owned(), field: "source" });
    }
    Ok(())
}

/// The kind of an identifier that is left in `text`, as it stands or in its compatibility form.
fn left(finder: &Finder, text: &str) -> Option<String> {
    let first = |text: &str| finder.proven(text).into_iter().next();
    let found = first(text).or_else(|| compatible(text).and_then(|text| first(&text)))?;
    Some(finder.name(found.kind).to_owned())
}

/// The compatibility form of `text`, where it is another: mathematical and circled digits read as digits.
fn compatible(text: &str) -> Option<String> {
    let same = text.is_ascii() || is_nfkc_quick(text.chars()) == IsNormalized::Yes;
    (!same).then(|| text.nfkc().collect())
}

/// Characters of context on each side.
const CONTEXT: usize = 60;

/// All that is left in a record, in the order of [`check`].
pub(super) fn review(finder: &Finder, canaries: &Canaries, record: &DocumentRecord) -> Vec<Residue> {
    let blocks = record.blocks.iter().filter_map(|block| Some(("text", block.span.of(&record.text)?)));
    let metadata = record.metadata.iter().flat_map(|(key, value)| [("metadata", key), ("metadata", value)]);
    let fields = [("title", &record.title), ("location", &record.location), ("id", &record.id.0)];
    let rest = fields.into_iter().chain(metadata).map(|(field, text)| (field, text.as_str()));
    let mut residues = Vec::new();
    for (field, text) in blocks.chain(rest) {
        let normal = if finder.proven(text).is_empty() { compatible(text) } else { None };
        let text = normal.as_deref().unwrap_or(text);
        for found in finder.proven(text) {
            residues.push(residue(finder.name(found.kind), field, text, found.span));
        }
        if let Some(at) = canaries.find(text) {
            let end = text[at..].find(char::is_whitespace).map_or(text.len(), |length| at + length);
            residues.push(residue("canary", field, text, Span::new(at, end)));
        }
    }
    if canaries.find(&record.source).is_some() {
        residues.push(residue("canary", "source", &record.source, Span::new(0, record.source.len())));
    }
    residues
}

fn residue(kind: &str, field: &'static str, text: &str, span: Span) -> Residue {
    let before =
        text[..span.start].char_indices().rev().take(CONTEXT).last().map_or(span.start, |(at, _)| at);
    Residue {
        kind: kind.to_owned(),
        field,
        found: span.of(text).unwrap_or_default().to_owned(),
        before: text[before..span.start].to_owned(),
        after: text[span.end..].chars().take(CONTEXT).collect(),
    }
}
