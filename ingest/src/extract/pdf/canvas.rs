//! What a page shows, as far as layout needs it.

use super::objects::Matrix;

/// Most glyphs of a page, and most lines drawn on it.
pub(super) const MOST_GLYPHS: usize = 500_000;
const MOST_RULES: usize = 20_000;

/// Thickest rectangle that is a line, in points.
const THIN: f64 = 3.0;

/// A glyph where it is shown. Coordinates are points from the page's lower left corner, as in the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glyph {
    pub(super) x: f64,
    pub(super) y: f64,
    /// From its origin to the next.
    pub(super) advance: (f64, f64),
    /// Height of the font.
    pub(super) size: f64,
    /// Its text in [`Canvas::text`].
    pub(super) text: (u32, u32),
    pub(super) bold: bool,
    pub(super) mono: bool,
}

/// A straight line along an axis, such as the border of a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rule {
    pub(super) from: (f64, f64),
    pub(super) to: (f64, f64),
}

/// The glyphs and lines of a page.
#[derive(Debug, Default)]
pub(super) struct Canvas {
    pub(super) glyphs: Vec<Glyph>,
    pub(super) text: String,
    pub(super) rules: Vec<Rule>,
    /// Area covered by pictures in square points; where they overlap it counts twice.
    pub(super) pictures: f64,
    /// Glyphs of which nothing tells what they show.
    pub(super) unknown: usize,
}

impl Canvas {
    pub(super) fn push(&mut self, mut glyph: Glyph, text: &str) {
        let start = self.text.len() as u32;
        self.text.push_str(text);
        glyph.text = (start, self.text.len() as u32);
        self.glyphs.push(glyph);
    }

    pub(super) fn text_of(&self, glyph: &Glyph) -> &str {
        self.text.get(glyph.text.0 as usize..glyph.text.1 as usize).unwrap_or_default()
    }

    pub(super) fn is_full(&self) -> bool {
        self.glyphs.len() >= MOST_GLYPHS
    }

    fn rule(&mut self, from: (f64, f64), to: (f64, f64)) {
        let (dx, dy) = ((from.0 - to.0).abs(), (from.1 - to.1).abs());
        if self.rules.len() < MOST_RULES && (dx < 1.0 || dy < 1.0) && dx + dy > 4.0 {
            self.rules.push(Rule { from, to });
        }
    }
}

/// A path in the making (ISO 32000-1, 8.5).
#[derive(Debug, Default)]
pub(super) struct Path {
    at: (f64, f64),
    lines: Vec<((f64, f64), (f64, f64))>,
    boxes: Vec<[(f64, f64); 2]>,
}

impl Path {
    pub(super) fn move_to(&mut self, point: (f64, f64)) {
        self.at = point;
    }

    pub(super) fn line_to(&mut self, point: (f64, f64)) {
        if self.lines.len() < MOST_RULES {
            self.lines.push((self.at, point));
        }
        self.at = point;
    }

    pub(super) fn rectangle(&mut self, matrix: Matrix, x: f64, y: f64, width: f64, height: f64) {
        if self.boxes.len() < MOST_RULES {
            self.boxes.push([matrix.apply(x, y), matrix.apply(x + width, y + height)]);
        }
    }

    pub(super) fn stroke(&self, canvas: &mut Canvas) {
        for (from, to) in &self.lines {
            canvas.rule(*from, *to);
        }
        for [a, b] in &self.boxes {
            let corners = [*a, (b.0, a.1), *b, (a.0, b.1), *a];
            for pair in corners.windows(2) {
                canvas.rule(pair[0], pair[1]);
            }
        }
    }

    /// A filled box that is thin is a line too.
    pub(super) fn fill(&self, canvas: &mut Canvas) {
        for [a, b] in &self.boxes {
            let (width, height) = ((a.0 - b.0).abs(), (a.1 - b.1).abs());
            if height < THIN && width > height {
                canvas.rule((a.0, f64::midpoint(a.1, b.1)), (b.0, f64::midpoint(a.1, b.1)));
            } else if width < THIN && height > width {
                canvas.rule((f64::midpoint(a.0, b.0), a.1), (f64::midpoint(a.0, b.0), b.1));
            }
        }
    }
}
