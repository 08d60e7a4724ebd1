//! The document in the source pane: where one is in it, and what is looked for.

use std::ops::Range;

use corpus::{BlockKind, Citation, DocumentId, DocumentRecord, Span};

use crate::backend::BackendError;
use crate::text::find_all;

/// Longest stretch that is laid out at once, in bytes: what a frame costs does not depend on the length of a block.
const SEGMENT: usize = 4096;
/// Matches that are kept.
const MATCHES: usize = 10_000;

/// A stretch of a document that is laid out by itself: a block, or a part of a long one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its bytes.
    pub span: Span,
    /// What it is.
    pub kind: BlockKind,
    /// Whether it begins its block.
    pub first: bool,
}

/// A row of a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The segment.
    pub segment: usize,
    /// The row in it.
    pub row: usize,
}

/// What is looked for in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// As typed.
    pub text: String,
    /// Where it stands, in order.
    pub matches: Vec<Range<usize>>,
    /// The match that was gone to last.
    pub at: usize,
}

/// The document in the source pane.
#[derive(Clone, Debug)]
pub struct Source {
    /// Which.
    pub id: DocumentId,
    /// The citation that led there.
    pub citation: Citation,
    /// The document, once it came.
    pub document: Option<Box<DocumentRecord>>,
    /// Why it did not.
    pub error: Option<String>,
    /// Its text in stretches that are laid out one by one.
    pub segments: Vec<Segment>,
    /// The row at the top, as it was drawn last.
    pub top: Place,
    /// Rows that are still to be moved down from there.
    pub moved: isize,
    /// The byte that is to be brought into sight.
    pub reveal: Option<usize>,
    /// What is looked for.
    pub search: Option<Search>,
}

impl Source {
    pub(super) fn new(citation: Citation) -> Self {
        Self {
            id: citation.document.clone(),
            reveal: Some(citation.span.start),
            citation,
            document: None,
            error: None,
            segments: Vec::new(),
            top: Place::default(),
            moved: 0,
            search: None,
        }
    }

    /// Another citation of the same version of the same document needs no fetching.
    pub(super) fn is_of(&self, citation: &Citation) -> bool {
        self.document.is_some() && self.id == citation.document && self.citation.digest == citation.digest
    }

    pub(super) fn show(&mut self, citation: Citation) {
        self.reveal = Some(citation.span.start);
        self.moved = 0;
        self.citation = citation;
    }

    /// Only the version that was cited is shown as cited.
    pub(super) fn came(&mut self, result: Result<Option<Box<DocumentRecord>>, BackendError>) {
        match result {
            Ok(Some(document)) if document.digest == self.citation.digest => {
                self.segments = segments(&document);
                self.document = Some(document);
            }
            Ok(Some(_)) => self.error = Some("the document has changed since it was cited".into()),
            Ok(None) => self.error = Some("the document is no longer in the index".into()),
            Err(error) => self.error = Some(error.message),
        }
    }

    /// Looks for `text` from what is in sight on; says what came of it.
    pub(super) fn find(&mut self, text: &str) -> String {
        let Some(document) = &self.document else { return "no document is open".into() };
        let matches = find_all(&document.text, text, MATCHES);
        let from = self.segments.get(self.top.segment).map_or(0, |segment| segment.span.start);
        let at = matches.iter().position(|found| found.start >= from).unwrap_or(0);
        self.search = Some(Search { text: text.to_owned(), matches, at });
        self.reveal_match()
    }

    /// Goes `by` matches on, around the end.
    pub(super) fn find_on(&mut self, by: isize) -> String {
        if let Some(search) = self.search.as_mut().filter(|search| !search.matches.is_empty()) {
            search.at = (search.at as isize + by).rem_euclid(search.matches.len() as isize) as usize;
        }
        self.reveal_match()
    }

    fn reveal_match(&mut self) -> String {
        let Some(search) = &self.search else { return "nothing is looked for".into() };
        match search.matches.get(search.at) {
            Some(found) => {
                self.reveal = Some(found.start);
                self.moved = 0;
                format!("match {} of {}", search.at + 1, search.matches.len())
            }
            None => format!("{:?} is not in this document", search.text),
        }
    }

    /// The segment that holds byte `at`, or the one before it.
    pub fn segment_of(&self, at: usize) -> usize {
        self.segments.partition_point(|segment| segment.span.start <= at).saturating_sub(1)
    }
}

/// The document's blocks in stretches of bounded length, cut at line ends where there are any.
fn segments(document: &DocumentRecord) -> Vec<Segment> {
    let text = &document.text;
    let all = (Span::new(0, text.len()), BlockKind::Paragraph);
    let blocks = document.blocks.iter().map(|block| (block.span, block.kind));
    let mut known: Vec<(Span, BlockKind)> = blocks.filter(|(span, _)| span.of(text).is_some()).collect();
    if known.is_empty() {
        known.push(all);
    }
    let mut segments = Vec::new();
    for (span, kind) in known {
        let mut start = span.start;
        while start < span.end {
            let end =
                if span.end - start <= SEGMENT { span.end } else { cut_before(text, start, start + SEGMENT) };
            segments.push(Segment { span: Span::new(start, end), kind, first: start == span.start });
            start = end;
        }
    }
    segments
}

/// The last place before `end` where a stretch that begins at `start` may end: behind a line, else behind a space, else
/// between two characters.
fn cut_before(text: &str, start: usize, end: usize) -> usize {
    let end = (start + 1..=end).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    let stretch = text.get(start..end).unwrap_or_default();
    let cut = stretch.rfind('\n').or_else(|| stretch.rfind(' ')).map(|at| start + at + 1);
    cut.filter(|cut| *cut > start).unwrap_or(end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn stretches_end_where_lines_end() {
        assert_eq!(cut_before("ab\ncd ef", 0, 7), 3);
        assert_eq!(cut_before("ab cd ef", 0, 7), 6);
        assert_eq!(cut_before("abcdefgh", 0, 7), 7);
        assert_eq!(cut_before("漢字", 0, 4), 3);
        assert_eq!(cut_before("漢字", 0, 2), 6);
    }

    proptest! {
        #[test]
        fn stretches_go_on(text in "[a漢 \n]{1,60}", length in 1usize..9) {
            let mut start = 0;
            while text.len() - start > length {
                let end = cut_before(&text, start, start + length);
                prop_assert!(end > start && text.is_char_boundary(end));
                start = end;
            }
        }
    }
}
