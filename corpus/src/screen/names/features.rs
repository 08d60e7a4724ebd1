//! What the tagger reads of a word: rows of one table, most of them hashed (Weinberger et al., 2009, "Feature Hashing for
//! Large Scale Multitask Learning").

use std::hash::Hasher as _;

use super::super::lexicon::{Fnv, Roles};
use super::super::tokens::{Case, Token};

/// Rows that one word has at most.
pub const WIDTH: usize = 24;
/// Rows of the table.
pub const ROWS: usize = 1 << 15;
/// Rows before the hashed ones: none, how a word is written, what the lexicons know of it.
const NAMED: u64 = 32;
/// The first of the rows for what the lexicons know.
const ROLES: u16 = 8;
/// Most characters of what stands between two words that are told apart.
const LONGEST_GAP: usize = 6;
/// Most pieces of three letters of a word.
const PIECES: usize = 8;

/// The rows of token `at`, those that it has not as 0.
pub(super) fn rows(text: &str, tokens: &[Token], at: usize) -> [u16; WIDTH] {
    let token = tokens[at];
    let mut rows = Rows { rows: [0; WIDTH], count: 0 };
    rows.push(1 + token.case as u16);
    for bit in 0..Roles::BITS as u16 {
        if token.roles >> bit & 1 == 1 && rows.count < WIDTH - PIECES - 6 {
            rows.push(ROLES + bit);
        }
    }
    let written = token.span().of(text).unwrap_or_default();
    let digits = matches!(token.case, Case::Number | Case::Code);
    let lower: Vec<char> = written
        .chars()
        .flat_map(char::to_lowercase)
        .map(|c| if digits && c.is_numeric() { '0' } else { c })
        .collect();
    rows.hash(1, lower.iter().copied());
    rows.hash(2, lower.iter().copied().take(3));
    rows.hash(3, lower[lower.len().saturating_sub(2)..].iter().copied());
    rows.hash(4, lower[lower.len().saturating_sub(4)..].iter().copied());
    rows.hash(5, shape(written));
    let before = at.checked_sub(1).map_or(0, |before| tokens[before].span().end);
    rows.hash(6, gap(text.get(before..token.span().start).unwrap_or_default()));
    let edged: Vec<char> = std::iter::once('^').chain(lower).chain(['$']).collect();
    let pieces = edged.windows(3);
    // Of a long word its beginning and its end.
    let skipped = pieces.len().saturating_sub(PIECES);
    for (place, piece) in pieces.enumerate() {
        if place < PIECES - 3 || place >= PIECES - 3 + skipped {
            rows.hash(7, piece.iter().copied());
        }
    }
    rows.rows
}

struct Rows {
    rows: [u16; WIDTH],
    count: usize,
}

impl Rows {
    fn push(&mut self, row: u16) {
        if let Some(place) = self.rows.get_mut(self.count) {
            *place = row;
            self.count += 1;
        }
    }

    fn hash(&mut self, kind: u8, chars: impl Iterator<Item = char>) {
        let mut hasher = Fnv::default();
        hasher.write(&[kind]);
        let mut bytes = [0; 4];
        for c in chars {
            hasher.write(c.encode_utf8(&mut bytes).as_bytes());
        }
        // The last bits of FNV-1a are its weakest; folded, all count.
        let hash = hasher.finish();
        let hash = hash ^ hash >> 32;
        self.push((NAMED + hash % (ROWS as u64 - NAMED)) as u16);
    }
}

/// How a word is written: kinds of characters, at most three of a kind in a row.
fn shape(written: &str) -> impl Iterator<Item = char> {
    let kinds = written.chars().map(|c| match c {
        c if c.is_uppercase() => 'X',
        c if c.is_lowercase() => 'x',
        c if c.is_numeric() => '0',
        c if c.is_alphabetic() => 'o',
        c => c,
    });
    let mut last = ('\0', 0);
    kinds.filter(move |kind| {
        last = if *kind == last.0 { (*kind, last.1 + 1) } else { (*kind, 1) };
        last.1 <= 3
    })
}

/// What stands between two words: its first characters, spaces and line breaks at most two in a row.
fn gap(between: &str) -> impl Iterator<Item = char> {
    let mut last = ('\0', 0);
    between
        .chars()
        .map(|c| if c != '\n' && c.is_whitespace() { ' ' } else { c })
        .filter(move |c| {
            last = if *c == last.0 { (*c, last.1 + 1) } else { (*c, 1) };
            last.1 <= if c.is_whitespace() { 2 } else { 1 }
        })
        .take(LONGEST_GAP)
}
