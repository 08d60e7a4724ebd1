//! Putting pseudonyms in the place of identifiers.

use super::clean::Clean;
use super::finder::Finder;
use super::kind::{Candidate, resolve};
use super::pseudonym::assign;
use super::{Finding, Masked, Public};
use crate::span::Span;

/// Most times that masked text is looked at again. Words around an identifier can change what they mean once it is
/// masked, so one look may not find all; two are enough for nearly every text.
const ROUNDS: usize = 8;

/// An identifier and what takes its place.
pub(super) struct Replaced {
    pub(super) candidate: Candidate,
    pub(super) replacement: String,
}

/// The identifiers in `text`, in order, such that nothing is found in the text with them replaced.
pub(super) fn replaced(finder: &Finder, text: &str, public: Public<'_>) -> Vec<Replaced> {
    let mut all: Vec<Candidate> = Vec::new();
    let mut replaced: Vec<Replaced> = Vec::new();
    for _ in 0..ROUNDS {
        let masked =
            if all.is_empty() { None } else { Some(apply(text, Span::new(0, text.len()), &replaced)) };
        let found = finder.find(masked.as_deref().unwrap_or(text), public);
        if found.is_empty() {
            break;
        }
        // Back to places in `text`: what is found overlaps no pseudonym, so it moves by whole replacements.
        let mut moved = 0_isize;
        let mut done = replaced.iter().peekable();
        for candidate in found {
            let here = |moved: isize, at: usize| at.saturating_add_signed(moved);
            while let Some(earlier) =
                done.next_if(|earlier| earlier.candidate.span.start < here(moved, candidate.span.start))
            {
                moved += earlier.candidate.span.len() as isize - earlier.replacement.len() as isize;
            }
            let span = Span::new(here(moved, candidate.span.start), here(moved, candidate.span.end));
            all.push(Candidate { span, ..candidate });
        }
        all = resolve(all);
        let replacements = assign(finder, text, &all);
        replaced = all
            .iter()
            .zip(replacements)
            .map(|(candidate, replacement)| Replaced { candidate: *candidate, replacement })
            .collect();
    }
    replaced
}

/// The part of `text` under `span` with its identifiers replaced; one that reaches across an end counts on both sides.
pub(super) fn apply(text: &str, span: Span, replaced: &[Replaced]) -> String {
    let mut masked = String::with_capacity(span.len());
    let mut at = span.start;
    let first = replaced.partition_point(|replaced| replaced.candidate.span.end <= span.start);
    for one in replaced[first..].iter().take_while(|one| one.candidate.span.start < span.end) {
        masked.push_str(text.get(at..one.candidate.span.start.max(at)).unwrap_or_default());
        masked.push_str(&one.replacement);
        at = one.candidate.span.end.min(span.end);
    }
    masked.push_str(text.get(at..span.end).unwrap_or_default());
    masked
}

/// Masks a piece of text that is no document.
pub(super) fn question(finder: &Finder, text: &str, public: Public<'_>) -> Masked {
    let clean = Clean::of(text);
    let replaced = replaced(finder, &clean.text, public);
    let masked = apply(&clean.text, Span::new(0, clean.text.len()), &replaced);
    let findings = replaced
        .into_iter()
        .map(|one| Finding {
            kind: finder.name(one.candidate.kind).to_owned(),
            span: clean.given(one.candidate.span),
            replacement: one.replacement,
        })
        .collect();
    Masked { text: masked, findings }
}
