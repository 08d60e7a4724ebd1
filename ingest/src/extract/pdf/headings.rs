//! Headings: lines set larger than the text, or bold where the text is not.

use std::collections::BTreeMap;

use super::compose::half_points;
use super::layout::Line;

/// Smallest heading, for the size of the text taken as 1.
const LARGER: f64 = 1.1;

/// Longest heading in characters, and the most lines that it has.
const LONGEST: usize = 200;
const MOST_LINES: usize = 4;

/// Longest bold line that is a heading, in characters.
const LONGEST_BOLD: usize = 100;

/// Share of a document above which bold is its usual face.
const USUAL: f64 = 0.4;

/// Share of a document above which it is set in capitals.
const CAPITALS: f64 = 0.2;

/// The levels of a document's headings.
#[derive(Debug)]
pub(super) struct Headings {
    body: f64,
    /// Sizes in half points, largest first.
    sizes: Vec<i64>,
    /// Whether bold lines of the text's size are headings.
    bold: bool,
    /// Whether lines in capitals are.
    capitals: bool,
}

impl Headings {
    /// Learns from all lines what stands out. `body` is the size of the text.
    pub(super) fn of<'l>(lines: impl Iterator<Item = &'l Line>, body: f64) -> Self {
        let mut sizes: BTreeMap<i64, usize> = BTreeMap::new();
        let (mut bold, mut capitals, mut all) = (0, 0, 0);
        for line in lines {
            all += line.text.len();
            bold += if line.bold { line.text.len() } else { 0 };
            capitals += if is_shouted(&line.text) { line.text.len() } else { 0 };
            if line.size > body * LARGER && is_text(&line.text) {
                *sizes.entry(half_points(line.size)).or_default() += 1;
            }
        }
        let mut sizes: Vec<i64> = sizes.into_keys().rev().collect();
        // Sizes half a point apart are one.
        sizes.dedup_by(|smaller, larger| *larger - *smaller <= 1);
        Self {
            body,
            sizes,
            bold: (bold as f64) < all as f64 * USUAL,
            capitals: (capitals as f64) < all as f64 * CAPITALS,
        }
    }

    /// The level of a line that stands out, from 1.
    pub(super) fn level(&self, line: &Line) -> Option<u8> {
        if line.mono || !is_text(&line.text) {
            return None;
        }
        let size = half_points(line.size);
        if line.size > self.body * LARGER {
            let rank = self.sizes.iter().take_while(|larger| **larger > size + 1).count();
            return Some((rank as u8 + 1).min(6));
        }
        let small = line.size < self.body * 0.95;
        let long = line.text.chars().count() > LONGEST_BOLD;
        if small || long || line.entry || line.text.ends_with(['.', ',', ';']) {
            return None;
        }
        let below = (self.sizes.len() as u8).saturating_add(1).min(6);
        if let Some(depth) = section(&line.text) {
            return Some((below + depth).saturating_sub(2).clamp(1, 6));
        }
        ((self.bold && line.bold) || (self.capitals && is_shouted(&line.text))).then_some(below)
    }

    /// Whether lines that stand out are a heading, as opposed to a paragraph set large.
    pub(super) fn is_heading(&self, text: &str, lines: usize) -> bool {
        lines <= MOST_LINES && text.chars().count() <= LONGEST
    }
}

/// The depth of a section's number of two parts at least, such as `2.1 Scope`.
fn section(line: &str) -> Option<u8> {
    let (number, title) = line.split_once(' ')?;
    let number = number.strip_suffix('.').unwrap_or(number);
    let parts: Vec<&str> = number.split('.').collect();
    let numbered = parts.len() >= 2
        && parts.iter().all(|part| (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()));
    let titled = title.trim_start().starts_with(char::is_uppercase) && title.split_whitespace().count() <= 12;
    // A number at the end is a page in a table of contents.
    (numbered && titled && !title.ends_with(|c: char| c.is_ascii_digit() || c == ':'))
        .then_some(parts.len() as u8)
}

/// Whether a line is in capitals and more than an abbreviation.
fn is_shouted(line: &str) -> bool {
    let letters = line.chars().filter(|c| c.is_alphabetic()).count();
    letters >= 6
        && letters * 10 > line.chars().filter(|c| !c.is_whitespace()).count() * 7
        && line.chars().all(|c| !c.is_lowercase())
        && line.chars().any(char::is_uppercase)
}

fn is_text(line: &str) -> bool {
    line.chars().filter(|c| c.is_alphabetic()).count() >= 2
}
