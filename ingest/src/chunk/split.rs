//! Splitting what is too long for one chunk.

use corpus::{BlockKind, BlockSpan, Span};
use text_splitter::{ChunkCapacity, ChunkConfig, ChunkSizer as _, TextSplitter};

use super::counter::Counter;
use super::section::Group;

/// Bytes given to the splitter at a time; its cost grows with the square of that.
const PIECE: usize = 128 * 1024;

/// Splits groups into chunks of at most `limit` tokens, about `desired` each where one must be split.
pub(super) struct Splitter<'a, 'c> {
    pub(super) text: &'a str,
    pub(super) counter: &'a Counter<'c>,
    pub(super) desired: usize,
    pub(super) limit: usize,
}

/// A chunk in the making.
#[derive(Default)]
struct Open {
    span: Option<Span>,
    tokens: usize,
    /// Whether it holds more than headings.
    body: bool,
}

impl Splitter<'_, '_> {
    /// Appends the spans of the chunks of `group`, whose blocks are `blocks`.
    pub(super) fn split(&self, group: &Group, blocks: &[BlockSpan], spans: &mut Vec<Span>) {
        if group.tokens <= self.limit {
            return self.close(&Open { span: Some(group.span), ..Open::default() }, spans);
        }
        // Chunks of equal length, rather than full ones and a small rest.
        let even = group.tokens.div_ceil(group.tokens.div_ceil(self.desired).max(1));
        let mut open = Open::default();
        for block in blocks {
            let tokens = self.tokens(block.span);
            let over = open.tokens + tokens > self.limit;
            let full = open.body && (open.tokens >= even || (over && open.tokens >= self.desired / 3));
            // Headings that leave no room for what they introduce.
            let crowded = over && open.tokens > self.limit * 3 / 4;
            if full || crowded {
                self.close(&std::mem::take(&mut open), spans);
            }
            if open.tokens + tokens <= self.limit {
                open.extend(block.span, tokens, !matches!(block.kind, BlockKind::Heading(_)));
                continue;
            }
            for part in self.parts(block.span, self.limit - open.tokens) {
                let tokens = self.tokens(part);
                if open.body && (open.tokens >= even || open.tokens + tokens > self.limit) {
                    self.close(&std::mem::take(&mut open), spans);
                }
                open.extend(part, tokens, true);
            }
        }
        self.last(&open, group, spans);
    }

    /// Closes the last chunk of a group; a small rest goes with the one before.
    fn last(&self, open: &Open, group: &Group, spans: &mut Vec<Span>) {
        let before = spans.last_mut().filter(|before| before.start >= group.span.start);
        if let (Some(rest), Some(before)) = (open.span, before)
            && open.tokens < self.desired / 4
        {
            let joined =
                Span::new(before.start, trimmed(self.text, rest).map_or(before.end, |rest| rest.end));
            if self.tokens(joined) <= self.limit && self.fits(joined) {
                *before = joined;
                return;
            }
        }
        self.close(open, spans);
    }

    fn close(&self, open: &Open, spans: &mut Vec<Span>) {
        let Some(span) = open.span.and_then(|span| trimmed(self.text, span)) else { return };
        self.measured(span, self.limit, spans);
    }

    /// Appends `span`, split further where the sum over words turns out to be too low.
    fn measured(&self, span: Span, room: usize, spans: &mut Vec<Span>) {
        if room < 2 || self.fits(span) {
            spans.push(span);
            return;
        }
        for part in self.parts(span, room / 2) {
            self.measured(part, room / 2, spans);
        }
    }

    /// Splits `span` into even parts of at most `room` tokens.
    fn parts(&self, span: Span, room: usize) -> Vec<Span> {
        let mut parts = Vec::new();
        for piece in pieces(self.text, span) {
            let tokens = self.tokens(piece);
            let even = tokens.div_ceil(tokens.div_ceil(self.desired.min(room)).max(1)).max(1);
            let capacity =
                ChunkCapacity::new(even).with_max(room.max(even)).unwrap_or(ChunkCapacity::new(even));
            let splitter = TextSplitter::new(ChunkConfig::new(capacity).with_sizer(self.counter));
            let body = piece.of(self.text).unwrap_or_default();
            parts.extend(
                splitter
                    .chunk_indices(body)
                    .map(|(start, part)| Span::new(start, start + part.len()).shifted(piece.start)),
            );
        }
        parts
    }

    fn fits(&self, span: Span) -> bool {
        self.counter.exact(span.of(self.text).unwrap_or_default()) <= self.limit + self.counter.specials()
    }

    fn tokens(&self, span: Span) -> usize {
        self.counter.size(span.of(self.text).unwrap_or_default())
    }
}

impl Open {
    fn extend(&mut self, span: Span, tokens: usize, body: bool) {
        self.span = Some(Span::new(self.span.map_or(span.start, |open| open.start), span.end));
        self.tokens += tokens;
        self.body |= body;
    }
}

/// `span` without white space at its ends, or `None` where nothing else is in it.
fn trimmed(text: &str, span: Span) -> Option<Span> {
    let body = span.of(text)?;
    let start = span.start + (body.len() - body.trim_start().len());
    let span = Span::new(start, start + body.trim().len());
    (!span.is_empty()).then_some(span)
}

/// Cuts `span` into pieces of at most [`PIECE`] bytes, after a line or a word where there is one.
fn pieces(text: &str, mut span: Span) -> Vec<Span> {
    let mut pieces = Vec::new();
    while span.len() > PIECE {
        let mut end = span.start + PIECE;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let body = Span::new(span.start, end).of(text).unwrap_or_default();
        let at = body.rfind('\n').or_else(|| body.rfind(' ')).map_or(body.len(), |at| at + 1);
        pieces.push(Span::new(span.start, span.start + at));
        span.start += at;
    }
    pieces.push(span);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_huge_block_is_cut_after_lines() {
        let text = "a line\n".repeat(40_000);
        let pieces = pieces(&text, Span::new(0, text.len()));
        assert!(pieces.len() > 1 && pieces.iter().all(|piece| piece.len() <= PIECE));
        assert!(pieces.iter().all(|piece| piece.of(&text).is_some_and(|piece| piece.ends_with('\n'))));
        assert_eq!(pieces.iter().map(|piece| piece.len()).sum::<usize>(), text.len());
    }

    #[test]
    fn characters_are_not_cut() {
        let text = "ä".repeat(PIECE);
        let pieces = pieces(&text, Span::new(0, text.len()));
        assert!(pieces.iter().all(|piece| piece.of(&text).is_some()));
    }

    #[test]
    fn white_space_is_no_chunk() {
        assert_eq!(trimmed(" a ", Span::new(0, 3)), Some(Span::new(1, 2)));
        assert_eq!(trimmed(" \n", Span::new(0, 2)), None);
    }
}
