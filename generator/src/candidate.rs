//! Candidates: what an answer may say, with the exact bytes behind it.

use corpus::{Chunk, Passage, Span};

pub(crate) mod addressed;
mod piece;
pub(crate) mod table;

use addressed::is_addressed_to_an_assistant;
use piece::{Kind, Piece, pieces};

/// A stretch of a passage that can be said by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Index of the passage.
    pub passage: usize,
    /// Byte range in the document.
    pub span: Span,
    /// What is said: the bytes under the span, or a table row written out with its header.
    pub text: String,
    /// Whether `text` is the bytes under the span.
    pub quoted: bool,
    /// What kind of stretch it is.
    pub shape: Shape,
    /// What it stands under within the passage: a heading, a question or the sentence that leads a list in.
    pub head: Option<String>,
    /// Byte range of the sentence without which it says nothing: the one that leads its list in.
    pub lead: Option<Span>,
    /// Byte ranges said one after the other, for lists; empty for everything else.
    pub items: Vec<Span>,
    /// Whether it is a customer's own words, who asks rather than answers.
    pub asks: bool,
    /// Whether what it would tell has been masked. It is never said, but shows where the answer would stand.
    pub masked: bool,
    /// Position among the candidates of the passage.
    pub position: usize,
    /// What the customer said that it replies to.
    pub replies_to: Option<String>,
    /// Number of the stretch of the passage that it stands in: what one person says, or what stands under one heading.
    pub block: usize,
}

impl Candidate {
    /// Whether both are sentences of one stretch: of what one person says, or of what stands under one heading.
    pub(crate) fn is_in_stretch_of(&self, other: &Self) -> bool {
        self.passage == other.passage
            && self.block == other.block
            && self.shape == Shape::Sentence
            && other.shape == Shape::Sentence
    }
}

/// What kind of stretch a candidate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One sentence.
    Sentence,
    /// One item of a list.
    Item,
    /// A row of a table.
    Row,
    /// A list as a whole, with the sentence that leads it in.
    List,
}

/// Most candidates taken from one passage.
const PER_PASSAGE: usize = 64;
/// Most bytes of a passage that are looked at. Chunks are far shorter; anything else is no chunk of ours.
const LOOKED_AT: usize = 32 * 1024;
/// Longest list that is said as one, in bytes and in items.
const LIST_BYTES: usize = 2_000;
const LIST_ITEMS: usize = 14;
/// Most sentences between two items of one list.
const NOTES: usize = 2;
/// Longest sentence that is said, in bytes. What is longer is no sentence.
const SENTENCE_BYTES: usize = 900;

/// The candidates of all passages, in order.
pub fn candidates(passages: &[Passage]) -> Vec<Candidate> {
    passages.iter().enumerate().flat_map(|(index, passage)| of_passage(index, &passage.chunk)).collect()
}

fn of_passage(passage: usize, chunk: &Chunk) -> Vec<Candidate> {
    // A chunk whose text is not the bytes under its span cannot be cited.
    if chunk.span.len() != chunk.text.len() {
        return Vec::new();
    }
    let end = (0..=chunk.text.len().min(LOOKED_AT))
        .rev()
        .find(|end| chunk.text.is_char_boundary(*end))
        .unwrap_or(0);
    let text = &chunk.text[..end];
    let pieces = pieces(text, chunk);
    let mut collector = Collector { passage, chunk, text, found: Vec::new() };
    let mut at = 0;
    let mut header = None;
    while at < pieces.len() && collector.found.len() < PER_PASSAGE {
        let piece = &pieces[at];
        if piece.kind == Kind::Row {
            collector.row(piece, &mut header);
            at += 1;
            continue;
        }
        header = None;
        let leads = piece.kind == Kind::Text && piece.of(text).ends_with(':');
        let first = if leads { at + 1 } else { at };
        let run = run(&pieces, first);
        if run > 0 && (leads || run > 1) {
            collector.list(leads.then_some(piece), &pieces[first..first + run]);
            at = first + run;
        } else {
            collector.sentence(piece);
            at += 1;
        }
    }
    collector.found
}

/// How many of the pieces from `from` on make up one list. Text between two numbered items belongs to it.
fn run(pieces: &[Piece], from: usize) -> usize {
    let mut last = 0;
    let mut length = 0;
    for (at, piece) in pieces[from.min(pieces.len())..].iter().enumerate() {
        match piece.kind {
            // A list that begins anew is another one.
            Kind::Item(Some(number)) if number <= last && last > 0 => break,
            Kind::Item(Some(number)) if at > length && number != last + 1 => break,
            Kind::Item(None) if at > length => break,
            Kind::Item(number) => {
                last = number.unwrap_or(last);
                length = at + 1;
            }
            Kind::Text if last > 0 && at + 1 - length <= NOTES => {}
            _ => break,
        }
    }
    length
}

struct Collector<'a> {
    passage: usize,
    chunk: &'a Chunk,
    text: &'a str,
    found: Vec<Candidate>,
}

impl<'a> Collector<'a> {
    fn push(
        &mut self,
        span: Span,
        text: String,
        quoted: bool,
        shape: Shape,
        piece: &Piece,
    ) -> &mut Candidate {
        let position = self.found.len();
        let masked = piece::is_masked(&text);
        self.found.push(Candidate {
            passage: self.passage,
            span: span.shifted(self.chunk.span.start),
            text,
            quoted,
            shape,
            head: piece.head.clone(),
            lead: None,
            items: Vec::new(),
            asks: piece.asks,
            masked,
            position,
            replies_to: piece.replies_to.clone(),
            block: piece.block,
        });
        &mut self.found[position]
    }

    /// Whether it tells an assistant what to write, and no reader what to do.
    fn is_planted(&self, text: &str) -> bool {
        let heads = self.chunk.headings.iter().map(String::as_str);
        let around: Vec<&str> = heads.chain([self.chunk.title.as_str(), self.text]).collect();
        is_addressed_to_an_assistant(text, &around)
    }

    fn row(&mut self, piece: &Piece, header: &mut Option<Option<Vec<&'a str>>>) {
        let text = self.text;
        let line = piece.of(text);
        let cells = table::cells(line);
        match header {
            None if cells.len() > 1 && (piece.span.start > 0 || table::names_columns(&cells)) => {
                *header = Some(Some(cells));
            }
            Some(Some(names)) if names.len() == cells.len() => {
                self.push(piece.span, table::written_out(names, &cells), false, Shape::Row, piece);
            }
            _ => {
                // The table began in another chunk.
                header.get_or_insert(None);
                self.push(piece.span, line.to_owned(), true, Shape::Row, piece);
            }
        }
    }

    fn list(&mut self, lead: Option<&Piece>, items: &[Piece]) {
        let start = lead.map_or(items[0].span.start, |lead| lead.span.start);
        let fitting =
            items.iter().take(LIST_ITEMS).take_while(|item| item.span.end - start <= LIST_BYTES).count();
        let offset = self.chunk.span.start;
        let planted = lead.into_iter().chain(items).any(|piece| self.is_planted(piece.of(self.text)));
        // A list cut short would pass for the whole.
        if fitting == items.len() && !items.is_empty() && !planted {
            let whole = Span::new(start, items[fitting - 1].span.end);
            let spans = lead.into_iter().chain(items).map(|piece| piece.span.shifted(offset)).collect();
            let text = whole.of(self.text).unwrap_or_default().to_owned();
            let candidate = self.push(whole, text, true, Shape::List, lead.unwrap_or(&items[0]));
            candidate.items = spans;
        }
        for item in items {
            if self.found.len() >= PER_PASSAGE {
                break;
            }
            let bare = piece::without_marker(item.of(self.text));
            if bare.len() > SENTENCE_BYTES || bare.is_empty() || self.is_planted(bare) {
                continue;
            }
            if item.kind == Kind::Text {
                self.sentence(item);
                continue;
            }
            let span = Span::new(item.span.end - bare.len(), item.span.end);
            let candidate = self.push(span, bare.to_owned(), true, Shape::Item, item);
            candidate.lead = lead.map(|lead| lead.span.shifted(offset));
        }
    }

    fn sentence(&mut self, piece: &Piece) {
        let text = piece.of(self.text);
        let bare = piece::without_marker(text);
        let sayable = bare.len() <= SENTENCE_BYTES && piece::says_something(bare);
        if piece.kind == Kind::Head || !sayable || self.is_planted(bare) {
            return;
        }
        let span = Span::new(piece.span.end - bare.len(), piece.span.end);
        self.push(span, bare.to_owned(), true, Shape::Sentence, piece);
    }
}

#[cfg(test)]
mod tests;
