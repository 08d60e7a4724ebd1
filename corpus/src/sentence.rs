//! Sentences and the spans that they occupy.
//!
//! Rules, not a model: the same text gives the same sentences everywhere, in time linear in its length.

use crate::span::Span;

mod lines;
mod stops;

/// The sentences of `text`, as byte spans in order, white space trimmed.
///
/// Line breaks between blocks, list items and table rows end a sentence; abbreviations, decimal numbers,
/// versions, addresses and ellipses do not. A single line break within running text is a wrapped line.
/// Every character that is not white space lies in exactly one sentence.
pub fn sentences(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    for piece in lines::pieces(text) {
        match trimmed(text, piece.span) {
            Some(span) if piece.whole => spans.push(span),
            Some(span) => stops::split(text, span, &mut spans),
            None => {}
        }
    }
    spans
}

/// The span without the white space at its ends; `None` where nothing else is in it.
fn trimmed(text: &str, span: Span) -> Option<Span> {
    let written = span.of(text)?;
    let start = span.start + (written.len() - written.trim_start().len());
    let end = start + written.trim().len();
    (start < end).then_some(Span::new(start, end))
}

#[cfg(test)]
mod tests;
