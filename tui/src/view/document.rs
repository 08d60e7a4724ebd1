//! A document laid out: rows of a segment, each piece of which knows the bytes that it shows.

use std::ops::Range;

use corpus::BlockKind;

use super::table;
use crate::session::{Place, Segment, Source};
use crate::text::{chop, wrap};
use crate::theme::Role;

/// A stretch of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// The bytes of the document that it shows; empty for what is only drawn.
    pub(super) bytes: Range<usize>,
    /// What is drawn instead of bytes.
    pub(super) drawn: &'static str,
    /// Columns that it is filled up to with spaces.
    pub(super) columns: usize,
    pub(super) role: Role,
}

impl Piece {
    pub(super) fn shown(bytes: Range<usize>, role: Role) -> Self {
        Self { bytes, drawn: "", columns: 0, role }
    }

    pub(super) fn drawn(drawn: &'static str, role: Role) -> Self {
        Self { bytes: 0..0, drawn, columns: 0, role }
    }
}

pub(super) type DocumentRow = Vec<Piece>;

/// The rows of one segment in `columns` columns, an empty one before each block but the first.
pub(super) fn rows(text: &str, segment: &Segment, columns: usize, gap: bool) -> Vec<DocumentRow> {
    let Some(part) = segment.span.of(text) else { return Vec::new() };
    let start = segment.span.start;
    let plain = |rows: Vec<Range<usize>>, role: Role, indent: &'static str| -> Vec<DocumentRow> {
        let shown = |(index, row): (usize, Range<usize>)| {
            let piece = Piece::shown(start + row.start..start + row.end, role);
            if index > 0 && !indent.is_empty() {
                vec![Piece::drawn(indent, role), piece]
            } else {
                vec![piece]
            }
        };
        rows.into_iter().enumerate().map(shown).collect()
    };
    // What a stretch of a longer block ends with is the break that the next one begins behind.
    let part = part.strip_suffix('\n').unwrap_or(part);
    let mut rows = match segment.kind {
        BlockKind::Heading(_) => plain(wrap(part, columns), Role::Strong, ""),
        BlockKind::Code => plain(chop(part, columns), Role::Code, ""),
        BlockKind::ListItem => plain(hanging(part, columns), Role::Text, "  "),
        BlockKind::Table => table::rows(part, start, columns),
        BlockKind::Paragraph | BlockKind::Message => plain(wrap(part, columns), Role::Text, ""),
    };
    if gap && segment.first {
        rows.insert(0, Vec::new());
    }
    rows
}

/// Rows of which all but the first leave two columns for an indent.
fn hanging(text: &str, columns: usize) -> Vec<Range<usize>> {
    let narrow = columns.saturating_sub(2).max(1);
    let mut rows = wrap(text, narrow);
    // The first row has no indent, and seldom is two columns wider worth another way of breaking lines.
    if rows.is_empty() {
        rows.push(0..0);
    }
    rows
}

/// Finds rows in a source by their places. Every step lays out one segment at most.
pub(super) struct Walk<'a> {
    text: &'a str,
    source: &'a Source,
    columns: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(text: &'a str, source: &'a Source, columns: usize) -> Self {
        Self { text, source, columns }
    }

    pub(super) fn rows(&self, segment: usize) -> Vec<DocumentRow> {
        self.source
            .segments
            .get(segment)
            .map_or(Vec::new(), |found| rows(self.text, found, self.columns, segment > 0))
    }

    /// The row that shows byte `at`.
    pub(super) fn place_of(&self, at: usize) -> Place {
        let segment = self.source.segment_of(at);
        let rows = self.rows(segment);
        let holds = |row: &DocumentRow| {
            row.iter().any(|piece| piece.bytes.end > at || (piece.bytes.end == at && piece.bytes.start == at))
        };
        let row = rows.iter().position(holds).unwrap_or(rows.len().saturating_sub(1));
        Place { segment, row }
    }

    /// The place `by` rows further down, as far as there are rows.
    pub(super) fn moved(&self, from: Place, by: isize) -> Place {
        let mut place = from;
        let last = self.source.segments.len().saturating_sub(1);
        if place.segment > last {
            place = Place { segment: last, row: 0 };
        }
        let mut left = by.unsigned_abs();
        if by < 0 {
            while left > place.row {
                if place.segment == 0 {
                    return Place::default();
                }
                left -= place.row + 1;
                place.segment -= 1;
                place.row = self.rows(place.segment).len().saturating_sub(1);
            }
            place.row -= left;
            return place;
        }
        loop {
            let end = self.rows(place.segment).len().saturating_sub(1);
            if place.row + left <= end || place.segment == last {
                place.row = (place.row + left).min(end);
                return place;
            }
            left -= (end + 1).saturating_sub(place.row).min(left);
            place = Place { segment: place.segment + 1, row: 0 };
        }
    }

    /// The last place that may be at the top of a pane of `height` rows.
    pub(super) fn lowest(&self, height: usize) -> Place {
        let last = self.source.segments.len().saturating_sub(1);
        let end = Place { segment: last, row: self.rows(last).len().saturating_sub(1) };
        self.moved(end, -(height.saturating_sub(1) as isize))
    }
}

#[cfg(test)]
mod tests {
    use corpus::Span;

    use super::*;

    fn segment(text: &str, kind: BlockKind) -> Segment {
        Segment { span: Span::new(0, text.len()), kind, first: true }
    }

    fn shown(text: &str, kind: BlockKind, columns: usize) -> Vec<String> {
        let row = |row: &DocumentRow| {
            row.iter().map(|piece| format!("{}{}", piece.drawn, &text[piece.bytes.clone()])).collect()
        };
        rows(text, &segment(text, kind), columns, false).iter().map(row).collect()
    }

    #[test]
    fn code_keeps_its_lines_and_items_hang() {
        assert_eq!(shown("let a;\n  b", BlockKind::Code, 20), ["let a;", "  b"]);
        assert_eq!(shown("- one two three", BlockKind::ListItem, 9), ["- one", "  two", "  three"]);
        assert_eq!(shown("one two", BlockKind::Paragraph, 4), ["one", "two"]);
    }
}
