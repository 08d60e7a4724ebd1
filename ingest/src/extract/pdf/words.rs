//! From glyphs to words, in the frame of a reader: `x` to the right, `y` downward, for text in each direction.

use super::canvas::{Canvas, Glyph, Rule};
use super::letters::{is_right_to_left, put_over, tidy};

/// Widest gap within a word, and furthest step back for kerning, for a font of size 1.
const WIDEST_GAP: f64 = 0.12;
const STEP_BACK: f64 = 0.5;

/// A glyph this far into the one before is set over it, as accents are.
const OVERLAP: f64 = 0.15;

/// Furthest apart that a glyph is shown twice.
const DOUBLE: f64 = 0.1;

/// Furthest that glyphs of a word are above or below each other, for a font of size 1.
const LEVEL: f64 = 0.12;

/// A word where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Word {
    pub(super) x0: f64,
    pub(super) x1: f64,
    /// Its base line.
    pub(super) y: f64,
    pub(super) size: f64,
    pub(super) text: String,
    pub(super) bold: bool,
    pub(super) mono: bool,
    /// Whether a space was shown before it.
    pub(super) spaced: bool,
}

impl Word {
    pub(super) fn chars(&self) -> usize {
        self.text.chars().count()
    }
}

/// A line along an axis in the frame of a reader.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bar {
    pub(super) vertical: bool,
    /// Where it is across its direction.
    pub(super) at: f64,
    pub(super) from: f64,
    pub(super) to: f64,
}

/// A page's place: its visible box and how it is turned, in quarter turns clockwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) bottom: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) turns: u8,
}

impl Frame {
    /// Width and height as shown.
    pub(super) fn extent(&self) -> (f64, f64) {
        let (width, height) = (self.right - self.left, self.top - self.bottom);
        if self.turns.is_multiple_of(2) { (width, height) } else { (height, width) }
    }

    fn show(&self, (x, y): (f64, f64)) -> (f64, f64) {
        match self.turns % 4 {
            0 => (x - self.left, self.top - y),
            1 => (y - self.bottom, x - self.left),
            2 => (self.right - x, y - self.bottom),
            _ => (self.top - y, self.right - x),
        }
    }
}

/// Directions that text runs in: rightward, upward, downward, leftward.
pub(super) const DIRECTIONS: usize = 4;

/// A page turned so that text of one direction runs to the right.
#[derive(Clone, Debug, Default)]
pub(super) struct Sheet {
    pub(super) words: Vec<Word>,
    pub(super) bars: Vec<Bar>,
    /// Width and height.
    pub(super) extent: (f64, f64),
}

fn turn(direction: usize, (x, y): (f64, f64), (width, height): (f64, f64)) -> (f64, f64) {
    match direction {
        0 => (x, y),
        1 => (height - y, x),
        2 => (y, width - x),
        _ => (width - x, height - y),
    }
}

/// The words of a page, by direction. Text that runs askew is decoration and left out.
pub(super) fn sheets(canvas: &Canvas, frame: &Frame) -> [Sheet; DIRECTIONS] {
    let (width, height) = frame.extent();
    let mut sheets: [Sheet; DIRECTIONS] = Default::default();
    let mut makers: [Maker; DIRECTIONS] = Default::default();
    let inside = |(x, y): (f64, f64)| x > -2.0 && y > -2.0 && x < width + 2.0 && y < height + 2.0;
    // Boxes that show nothing are wrong.
    let clip = canvas.glyphs.iter().any(|glyph| inside(frame.show((glyph.x, glyph.y))));
    for glyph in &canvas.glyphs {
        let start = frame.show((glyph.x, glyph.y));
        if clip && !inside(start) {
            continue;
        }
        let end = frame.show((glyph.x + glyph.advance.0, glyph.y + glyph.advance.1));
        let Some(direction) = direction((end.0 - start.0, end.1 - start.1)) else { continue };
        let (start, end) = (turn(direction, start, (width, height)), turn(direction, end, (width, height)));
        if let (Some(maker), Some(sheet)) = (makers.get_mut(direction), sheets.get_mut(direction)) {
            maker.glyph(canvas, glyph, start, end.0, &mut sheet.words);
        }
    }
    for (direction, (maker, sheet)) in makers.iter_mut().zip(&mut sheets).enumerate() {
        maker.finish(&mut sheet.words);
        sheet.extent = if direction % 3 == 0 { (width, height) } else { (height, width) };
        if !sheet.words.is_empty() {
            sheet.bars = canvas.rules.iter().filter_map(|rule| bar(rule, frame, direction)).collect();
        }
    }
    sheets
}

fn bar(rule: &Rule, frame: &Frame, direction: usize) -> Option<Bar> {
    let extent = frame.extent();
    let [a, b] = [rule.from, rule.to].map(|point| turn(direction, frame.show(point), extent));
    let vertical = (a.0 - b.0).abs() < (a.1 - b.1).abs();
    let (at, from, to) = if vertical { (a.0, a.1, b.1) } else { (a.1, a.0, b.0) };
    at.is_finite().then(|| Bar { vertical, at, from: from.min(to), to: from.max(to) })
}

/// The direction that a step goes in; glyphs without width count as rightward.
fn direction((dx, dy): (f64, f64)) -> Option<usize> {
    if dx.abs() < 1e-6 && dy.abs() < 1e-6 {
        return Some(0);
    }
    if dy.abs() < dx.abs() * 0.1 {
        return Some(if dx > 0.0 { 0 } else { 3 });
    }
    if dx.abs() < dy.abs() * 0.1 {
        return Some(if dy < 0.0 { 1 } else { 2 });
    }
    None
}

/// Puts glyphs together that follow each other.
#[derive(Default)]
struct Maker {
    word: Option<Word>,
    /// Whether the word's glyphs were shown from right to left.
    leftward: bool,
    spaced: bool,
    /// Where the last glyph began, and where its text begins in the word.
    last: (f64, usize),
}

impl Maker {
    fn glyph(&mut self, canvas: &Canvas, glyph: &Glyph, (x, y): (f64, f64), end: f64, words: &mut Vec<Word>) {
        let text = canvas.text_of(glyph);
        if text.chars().all(|c| c.is_whitespace() || c == '\u{a0}') && !text.is_empty() {
            self.finish(words);
            self.spaced = true;
            return;
        }
        let end = end.max(x);
        if let Some(word) = &mut self.word {
            let size = word.size.max(glyph.size);
            let level = (y - word.y).abs() < size * LEVEL
                && glyph.size > word.size * 0.5
                && glyph.size < word.size * 2.0;
            let gap = x - word.x1;
            let same = word.text.get(self.last.1..) == Some(text);
            if level && same && (x - self.last.0).abs() < size * DOUBLE {
                // Shown twice to look bold.
                word.x1 = word.x1.max(end);
                return;
            }
            if level && gap < size * WIDEST_GAP && gap > -size * STEP_BACK {
                self.last = (x, word.text.len());
                if gap < -size * OVERLAP {
                    put_over(&mut word.text, text);
                } else {
                    word.text.push_str(text);
                }
                word.x1 = word.x1.max(end);
                return;
            }
            let right_to_left = text.chars().any(is_right_to_left);
            let gap = word.x0 - end;
            if level && right_to_left && gap < size * WIDEST_GAP && gap > -size * STEP_BACK {
                word.text.push_str(text);
                word.x0 = word.x0.min(x);
                self.leftward = true;
                return;
            }
            self.finish(words);
        }
        self.last = (x, 0);
        self.word = Some(Word {
            x0: x,
            x1: end,
            y,
            size: glyph.size,
            text: text.to_owned(),
            bold: glyph.bold,
            mono: glyph.mono,
            spaced: std::mem::take(&mut self.spaced),
        });
    }

    fn finish(&mut self, words: &mut Vec<Word>) {
        let leftward = std::mem::take(&mut self.leftward);
        let Some(mut word) = self.word.take() else { return };
        let strong = word.text.chars().filter(|c| is_right_to_left(*c)).count();
        // Shown from left to right, such a word was stored backward.
        if strong > 1 && !leftward {
            word.text = word.text.chars().rev().collect();
        }
        word.text = tidy(&word.text);
        if !word.text.trim().is_empty() {
            words.push(word);
        }
    }
}
