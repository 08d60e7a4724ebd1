//! The order in which a page is read.

use super::columns;
use super::rows::{Row, rows, text};
use super::tables::{self, Cells};
use super::words::{Bar, Word};

/// Deepest nesting of regions.
const DEEPEST: usize = 12;

/// A line of text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) x0: f64,
    pub(super) x1: f64,
    pub(super) y: f64,
    pub(super) size: f64,
    pub(super) bold: bool,
    pub(super) mono: bool,
    /// First word, which may be a list marker.
    pub(super) first: String,
    /// Whether it is an entry of a table of contents: dots lead from it to a page number.
    pub(super) entry: bool,
}

/// What a page holds, in the order in which it is read.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    /// Lines of one column, between its edges.
    Lines {
        lines: Vec<Line>,
        left: f64,
        right: f64,
    },
    Table(Cells),
}

/// The pieces of a page.
pub(super) fn pieces(words: Vec<Word>, bars: &[Bar]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    region(words, bars, 0, &mut pieces);
    pieces
}

fn region(words: Vec<Word>, bars: &[Bar], depth: usize, pieces: &mut Vec<Piece>) {
    let mut all = rows(words);
    if depth < DEEPEST
        && let Some(cut) = columns::find(&all, bars)
    {
        let below = all.split_off(cut.last + 1);
        let middle = all.split_off(cut.first);
        let (left, right): (Vec<Word>, Vec<Word>) = words_of(middle).partition(|word| word.x0 < cut.x);
        region(words_of(all).collect(), bars, depth + 1, pieces);
        region(left, bars, depth + 1, pieces);
        region(right, bars, depth + 1, pieces);
        region(words_of(below).collect(), bars, depth + 1, pieces);
        return;
    }
    flow(&all, bars, pieces);
}

fn words_of(rows: Vec<Row>) -> impl Iterator<Item = Word> {
    rows.into_iter().flat_map(|row| row.words)
}

/// Rows one below the other: tables, and lines between them.
fn flow(rows: &[Row], bars: &[Bar], pieces: &mut Vec<Piece>) {
    let left = rows.iter().map(Row::x0).fold(f64::MAX, f64::min);
    let right = rows.iter().map(Row::x1).fold(f64::MIN, f64::max);
    let mut lines: Vec<Line> = Vec::new();
    let flush = |lines: &mut Vec<Line>, pieces: &mut Vec<Piece>| {
        if !lines.is_empty() {
            pieces.push(Piece::Lines { lines: std::mem::take(lines), left, right });
        }
    };
    let mut at = 0;
    while let Some(row) = rows.get(at) {
        if let Some((cells, length)) = tables::at_start(rows.get(at..).unwrap_or_default(), bars) {
            flush(&mut lines, pieces);
            pieces.push(Piece::Table(cells));
            at += length;
            continue;
        }
        let stretches = row.stretches(bars);
        // A number before a heading or after an entry of contents belongs to its line.
        let numbered = match stretches.as_slice() {
            [first, last] => is_number(first) || is_number(last),
            _ => false,
        };
        if numbered {
            lines.extend(line(&row.words));
        } else {
            lines.extend(stretches.into_iter().filter_map(line));
        }
        at += 1;
    }
    flush(&mut lines, pieces);
}

/// Whether words are the number of a section or a page.
fn is_number(words: &[Word]) -> bool {
    let [word] = words else { return false };
    word.text.len() <= 12
        && word.text.starts_with(|c: char| c.is_ascii_digit())
        && word.text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

fn line(words: &[Word]) -> Option<Line> {
    let first = words.first()?;
    let chars: usize = words.iter().map(Word::chars).sum();
    let most = |is: fn(&Word) -> bool| {
        words.iter().filter(|word| is(word)).map(Word::chars).sum::<usize>() * 10 > chars * 8
    };
    Some(Line {
        text: text(words),
        x0: first.x0,
        x1: words.iter().map(|word| word.x1).fold(f64::MIN, f64::max),
        y: words.iter().map(|word| word.y).fold(f64::MIN, f64::max),
        size: words.iter().map(|word| word.size).fold(0.0, f64::max),
        bold: most(|word| word.bold),
        mono: most(|word| word.mono),
        first: first.text.split(' ').next().unwrap_or_default().to_owned(),
        entry: words.iter().filter(|word| word.text == ".").count() >= 4
            || words.iter().any(|word| word.text.contains("....")),
    })
}
