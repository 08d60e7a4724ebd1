//! Columns: where a page's text runs side by side and is read one column after the other.
//!
//! A gutter is a vertical stripe that no word of several rows crosses. Tables have gutters too; they are told apart
//! by what is on both sides: lines of prose that end anywhere, or cells that begin at the same heights.

use super::rows::Row;
use super::words::{Bar, Word};

/// Narrowest gutter, for the usual font size taken as 1.
const NARROWEST: f64 = 0.8;

/// Fewest rows with text on each side.
const FEWEST: usize = 3;

/// Most rows of a region that is looked at.
const MOST_ROWS: usize = 800;

/// Fewest characters that half of the lines of prose have.
const PROSE: usize = 17;

/// Rows `first..=last` fall into two columns at `x`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cut {
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) x: f64,
}

#[derive(Clone, Copy, Debug)]
struct Gutter {
    first: usize,
    last: usize,
    from: f64,
    to: f64,
    left: usize,
    right: usize,
    both: usize,
}

/// The best gutter between columns.
pub(super) fn find(rows: &[Row], bars: &[Bar]) -> Option<Cut> {
    if rows.len() < FEWEST || rows.len() > MOST_ROWS {
        return None;
    }
    let unit = usual_size(rows);
    let mut found: Vec<Gutter> = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        for pair in row.words.windows(2) {
            let (from, to) = (pair[0].x1, pair[1].x0);
            let known = found.iter().any(|gutter| {
                (gutter.first..=gutter.last).contains(&at)
                    && from <= gutter.from + 1.0
                    && to >= gutter.to - 1.0
            });
            if to - from >= NARROWEST * unit && !known {
                found.push(extend(rows, at, (from, to), NARROWEST * unit));
            }
        }
    }
    found.retain(|gutter| gutter.left >= FEWEST && gutter.right >= FEWEST);
    found.sort_by(|a, b| {
        let rank = |gutter: &Gutter| (gutter.left.min(gutter.right), (gutter.to - gutter.from) as i64);
        rank(b).cmp(&rank(a))
    });
    found.truncate(8);
    found.iter().map(|gutter| trim(rows, *gutter, unit)).find(|gutter| is_columns(rows, bars, gutter)).map(
        |gutter| Cut { first: gutter.first, last: gutter.last, x: f64::midpoint(gutter.from, gutter.to) },
    )
}

fn usual_size(rows: &[Row]) -> f64 {
    let mut sizes: Vec<f64> = rows.iter().map(|row| row.size).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.get(sizes.len() / 2).copied().unwrap_or(10.0).max(1.0)
}

/// Follows a gap upward and downward as far as no word crosses it.
fn extend(rows: &[Row], at: usize, gap: (f64, f64), narrowest: f64) -> Gutter {
    let mut gutter = Gutter { first: at, last: at, from: gap.0, to: gap.1, left: 0, right: 0, both: 0 };
    for below in at + 1..rows.len() {
        match rows.get(below).and_then(|row| free(row, (gutter.from, gutter.to))) {
            Some((from, to)) if to - from >= narrowest => {
                (gutter.from, gutter.to, gutter.last) = (from, to, below);
            }
            _ => break,
        }
    }
    for above in (0..at).rev() {
        match rows.get(above).and_then(|row| free(row, (gutter.from, gutter.to))) {
            Some((from, to)) if to - from >= narrowest => {
                (gutter.from, gutter.to, gutter.first) = (from, to, above);
            }
            _ => break,
        }
    }
    count(rows, gutter)
}

fn count(rows: &[Row], mut gutter: Gutter) -> Gutter {
    (gutter.left, gutter.right, gutter.both) = (0, 0, 0);
    for row in rows.get(gutter.first..=gutter.last).unwrap_or_default() {
        let (left, right) = sides(row, &gutter);
        gutter.left += usize::from(left);
        gutter.right += usize::from(right);
        gutter.both += usize::from(left && right);
    }
    gutter
}

fn sides(row: &Row, gutter: &Gutter) -> (bool, bool) {
    let middle = f64::midpoint(gutter.from, gutter.to);
    (row.words.iter().any(|word| word.x0 < middle), row.words.iter().any(|word| word.x0 >= middle))
}

/// The widest part of `gap` that no word of a row covers.
fn free(row: &Row, gap: (f64, f64)) -> Option<(f64, f64)> {
    let mut best: Option<(f64, f64)> = None;
    let mut from = gap.0;
    let mut take = |from: f64, to: f64| {
        if to > from && best.is_none_or(|(a, b)| to - from > b - a) {
            best = Some((from, to));
        }
    };
    for word in row.words.iter().filter(|word| word.x1 > gap.0 && word.x0 < gap.1) {
        take(from, word.x0);
        from = from.max(word.x1);
    }
    take(from, gap.1);
    best
}

/// Leaves out rows at the ends that have text on one side only and stand apart, such as a title above the columns.
fn trim(rows: &[Row], mut gutter: Gutter, unit: f64) -> Gutter {
    let gap =
        |a: usize, b: usize| rows.get(b).zip(rows.get(a)).map_or(0.0, |(below, above)| below.y - above.y);
    let alone = |at: usize| rows.get(at).is_some_and(|row| sides(row, &gutter) != (true, true));
    let large = |at: usize| rows.get(at).is_some_and(|row| row.size > unit * 1.15);
    let (mut first, mut last) = (gutter.first, gutter.last);
    // A title stands apart from what is below it, with at most a few rows.
    for at in (gutter.first..gutter.last.min(gutter.first + 6)).rev() {
        if alone(at) && (large(at) || gap(at, at + 1) > unit * 2.2) && (gutter.first..=at).all(alone) {
            first = at + 1;
            break;
        }
    }
    for at in (first + 1)..=last {
        if gap(at - 1, at) > unit * 2.5 && (at..=last).all(alone) {
            last = at - 1;
            break;
        }
    }
    (gutter.first, gutter.last) = (first, last);
    count(rows, gutter)
}

fn is_columns(rows: &[Row], bars: &[Bar], gutter: &Gutter) -> bool {
    if gutter.left < FEWEST || gutter.right < FEWEST {
        return false;
    }
    let rows = rows.get(gutter.first..=gutter.last).unwrap_or_default();
    let middle = f64::midpoint(gutter.from, gutter.to);
    let (top, bottom) = (rows.first().map_or(0.0, |row| row.y), rows.last().map_or(0.0, |row| row.y));
    let crossing = bars
        .iter()
        .filter(|bar| {
            !bar.vertical && bar.from < gutter.from && bar.to > gutter.to && bar.at > top && bar.at < bottom
        })
        .count();
    if crossing >= 2 {
        return false;
    }
    let left = Side::of(rows, |x| x < middle);
    let right = Side::of(rows, |x| x >= middle);
    if left.is_prose() && right.is_prose() {
        return !left.begins_with(&right);
    }
    // The cells of a row stand on one base line to a fraction of a point, columns only by chance.
    let uneven =
        rows.iter().filter(|row| offset(row, middle).is_some_and(|offset| offset > row.size * 0.05)).count();
    if uneven >= FEWEST && uneven * 2 >= gutter.both && left.chars > 60 && right.chars > 60 {
        return true;
    }
    // Lines at heights of their own belong to columns of their own, if there is enough of them.
    let apart = gutter.both * 10 < gutter.left.min(gutter.right) * 3;
    apart && left.chars > 60 && right.chars > 60
}

/// How far apart the base lines on both sides of a row are.
fn offset(row: &Row, middle: f64) -> Option<f64> {
    let (left, right): (Vec<_>, Vec<_>) = row.words.iter().partition(|word| word.x0 < middle);
    // Raised and lowered words tell nothing: the lowest of a usual size is on the base line.
    let line = |words: &[&Word]| {
        let size = words.iter().map(|word| word.size).fold(0.0, f64::max);
        words.iter().filter(|word| word.size > size * 0.9).map(|word| word.y).reduce(f64::max)
    };
    Some((line(&left)? - line(&right)?).abs())
}

/// One side of a gutter.
struct Side {
    /// Characters of each stretch of words.
    stretches: Vec<usize>,
    chars: usize,
    heights: Vec<f64>,
}

impl Side {
    fn of(rows: &[Row], inside: impl Fn(f64) -> bool) -> Self {
        let mut side = Self { stretches: Vec::new(), chars: 0, heights: Vec::new() };
        for row in rows {
            let words: Vec<_> = row.words.iter().filter(|word| inside(word.x0)).cloned().collect();
            if words.is_empty() {
                continue;
            }
            let part = Row { words, y: row.y, size: row.size };
            for stretch in part.stretches(&[]) {
                let chars: usize = stretch.iter().map(|word| word.chars() + 1).sum();
                side.stretches.push(chars);
                side.chars += chars;
            }
            side.heights.push(row.y);
        }
        side.stretches.sort_unstable();
        side
    }

    fn is_prose(&self) -> bool {
        self.stretches.get(self.stretches.len() / 2).is_some_and(|chars| *chars >= PROSE)
    }

    /// Heights at which a paragraph or cell begins, after a gap.
    fn beginnings(&self) -> Vec<f64> {
        let mut steps: Vec<f64> = self.heights.windows(2).map(|pair| pair[1] - pair[0]).collect();
        steps.sort_by(f64::total_cmp);
        let usual = steps.get(steps.len() / 4).copied().unwrap_or(0.0);
        self.heights.windows(2).filter(|pair| pair[1] - pair[0] > usual * 1.3).map(|pair| pair[1]).collect()
    }

    /// Whether most of what begins here begins beside something that begins in `other`: then these are the cells of
    /// rows.
    fn begins_with(&self, other: &Self) -> bool {
        let (mine, others) = (self.beginnings(), other.beginnings());
        let together = mine.iter().filter(|y| others.iter().any(|other| (*y - other).abs() < 2.0)).count();
        together >= 3 && together * 10 >= mine.len().max(others.len()) * 7
    }
}
