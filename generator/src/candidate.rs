//! Candidates: what an answer may quote, with its exact bytes.

use corpus::sentence::sentences;
use corpus::{Passage, Span};

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
    /// Position among the candidates of the passage.
    pub position: usize,
}

/// What kind of stretch a candidate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One sentence.
    Sentence,
    /// A row of a table.
    Row,
    /// A sentence that ends with a colon and the list under it.
    List,
}

/// Most candidates taken from one passage.
const PER_PASSAGE: usize = 64;
/// Longest list that is said as one, in bytes and in items.
const LIST_BYTES: usize = 1_200;
const LIST_ITEMS: usize = 14;
/// Longest sentence that is said, in bytes. What is longer is no sentence.
const SENTENCE_BYTES: usize = 900;

/// The candidates of all passages, in order.
pub fn candidates(passages: &[Passage]) -> Vec<Candidate> {
    passages.iter().enumerate().flat_map(|(index, passage)| of_passage(index, passage)).collect()
}

fn of_passage(index: usize, passage: &Passage) -> Vec<Candidate> {
    let text = &passage.chunk.text;
    let spans: Vec<Span> = sentences(text).into_iter().filter(|span| !span.is_empty()).collect();
    let mut found: Vec<Candidate> = Vec::new();
    // `Some(None)` inside a table whose header is not known.
    let mut header: Option<Option<Vec<&str>>> = None;
    let mut at = 0;
    while at < spans.len() && found.len() < PER_PASSAGE {
        let span = spans[at];
        let Some(piece) = span.of(text) else { break };
        let mut push = |span: Span, text: String, quoted: bool, shape: Shape| {
            let position = found.len();
            let span = span.shifted(passage.chunk.span.start);
            found.push(Candidate { passage: index, span, text, quoted, shape, position });
        };
        if let Some(cells) = cells(piece) {
            match &header {
                None if names_columns(&cells) => header = Some(Some(cells)),
                Some(Some(names)) if names.len() == cells.len() => {
                    push(span, written_out(names, &cells), false, Shape::Row);
                }
                _ => {
                    header.get_or_insert(None);
                    push(span, piece.to_owned(), true, Shape::Row);
                }
            }
            at += 1;
            continue;
        }
        header = None;
        let items = if piece.ends_with(':') { list_after(text, &spans, at) } else { 0 };
        if items > 0 {
            let whole = Span::new(span.start, spans[at + items].end);
            if let Some(list) = whole.of(text) {
                push(whole, list.to_owned(), true, Shape::List);
            }
            // Its items can be said alone too: one of many may be all that is asked for.
        } else if is_sayable(piece, passage) {
            let trimmed = without_marker(piece);
            let start = span.end - trimmed.len();
            push(Span::new(start, span.end), trimmed.to_owned(), true, Shape::Sentence);
        }
        at += 1;
    }
    found
}

/// How many of the sentences after `at` are items of the list that it introduces.
fn list_after(text: &str, spans: &[Span], at: usize) -> usize {
    let mut items = 0;
    for span in spans.iter().skip(at + 1).take(LIST_ITEMS * 2) {
        let line_start = text[..span.start].rfind('\n').map_or(0, |newline| newline + 1);
        // A later sentence of an item stands on the item's line; a wrapped one is indented.
        let line = &text[line_start..span.end];
        let item = has_marker(line) || line.starts_with([' ', '\t']);
        if !item || span.end - spans[at].start > LIST_BYTES {
            break;
        }
        items += 1;
    }
    items
}

/// Whether a line begins with a list marker: `-`, `*`, `•`, `1.`, `1)`, `a)`.
fn has_marker(line: &str) -> bool {
    without_marker(line).len() < line.trim_start().len()
}

/// `line` behind its list marker.
fn without_marker(line: &str) -> &str {
    let line = line.trim_start();
    for bullet in ["- ", "* ", "• ", "– ", "+ "] {
        if let Some(rest) = line.strip_prefix(bullet) {
            return rest.trim_start();
        }
    }
    let digits = line.chars().take_while(char::is_ascii_digit).count();
    let label = if digits > 0 { digits } else { usize::from(line.starts_with(|c: char| c.is_ascii_lowercase())) };
    if (1..=3).contains(&label)
        && let Some(rest) = line[label..].strip_prefix(['.', ')'])
        && rest.starts_with(' ')
    {
        return rest.trim_start();
    }
    line
}

/// Whether a stretch says something: neither a heading nor a question, link label or scrap.
fn is_sayable(piece: &str, passage: &Passage) -> bool {
    let words = piece.split_whitespace().count();
    let heading = piece == passage.chunk.title || passage.chunk.headings.iter().any(|heading| heading == piece);
    !heading && words >= 3 && piece.len() <= SENTENCE_BYTES && !piece.ends_with('?') && !piece.ends_with(':')
}

/// The cells of a table row, or `None` where the line is none.
fn cells(line: &str) -> Option<Vec<&str>> {
    line.contains(" | ").then(|| line.trim_matches('|').split('|').map(str::trim).collect())
}

/// Whether a table's first row in a passage is its header. A passage may begin in the middle of a table.
fn names_columns(cells: &[&str]) -> bool {
    cells.iter().all(|cell| cell.len() <= 40 && !cell.contains(|c: char| c.is_ascii_digit()))
}

/// `Column: cell; Column: cell`, empty cells left out.
fn written_out(header: &[&str], cells: &[&str]) -> String {
    let parts: Vec<String> = header
        .iter()
        .zip(cells)
        .filter(|(_, cell)| !cell.is_empty())
        .map(|(name, cell)| if name.is_empty() { (*cell).to_owned() } else { format!("{name}: {cell}") })
        .collect();
    parts.join("; ")
}
