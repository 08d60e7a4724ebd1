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

/// The levels of a document's headings.
#[derive(Debug)]
pub(super) struct Headings {
    body: f64,
    /// Sizes in half points, largest first.
    sizes: Vec<i64>,
    /// Whether bold lines of the text's size are headings.
    bold: bool,
}

impl Headings {
    /// Learns from all lines what stands out. `body` is the size of the text.
    pub(super) fn of<'l>(lines: impl Iterator<Item = &'l Line>, body: f64) -> Self {
        let mut sizes: BTreeMap<i64, usize> = BTreeMap::new();
        let (mut bold, mut all) = (0, 0);
        for line in lines {
            all += line.text.len();
            bold += if line.bold { line.text.len() } else { 0 };
            if line.size > body * LARGER && is_text(&line.text) {
                *sizes.entry(half_points(line.size)).or_default() += 1;
            }
        }
        let mut sizes: Vec<i64> = sizes.into_keys().rev().collect();
        // Sizes half a point apart are one.
        sizes.dedup_by(|smaller, larger| *larger - *smaller <= 1);
        Self { body, sizes, bold: (bold as f64) < all as f64 * USUAL }
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
        let bold = self.bold
            && line.bold
            && line.size > self.body * 0.95
            && line.text.chars().count() <= LONGEST_BOLD;
        (bold && !line.text.ends_with(['.', ',', ';']))
            .then(|| (self.sizes.len() as u8).saturating_add(1).min(6))
    }

    /// Whether lines that stand out are a heading, as opposed to a paragraph set large.
    pub(super) fn is_heading(&self, text: &str, lines: usize) -> bool {
        lines <= MOST_LINES && text.chars().count() <= LONGEST
    }
}

fn is_text(line: &str) -> bool {
    line.chars().filter(|c| c.is_alphabetic()).count() >= 2
}
