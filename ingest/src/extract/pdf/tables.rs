//! Tables: rows of words that stand in columns.

use super::rows::{Row, text};
use super::words::{Bar, Word};

/// Widest step from a row to the next of the same table, for the font's size taken as 1.
const STEP: f64 = 3.5;

/// Widest step between lines of one cell.
const LINE: f64 = 1.45;

/// Narrowest separator between columns, for the font's size taken as 1.
const NARROWEST: f64 = 0.35;

/// A table: rows of cells; the lines of a cell are parted by a line break.
pub(super) type Cells = Vec<Vec<String>>;

/// A table that begins at the first of `rows`, and how many rows it takes.
pub(super) fn at_start(rows: &[Row], bars: &[Bar]) -> Option<(Cells, usize)> {
    let first = rows.first()?;
    let mut separators = gaps(first, bars);
    if separators.is_empty() {
        return None;
    }
    let mut length = 1;
    let mut full = 1;
    for pair in rows.windows(2) {
        let [before, row] = pair else { break };
        let size = row.size.max(before.size);
        let step = row.y - before.y;
        let ruled = is_ruled(bars, before, row);
        if step > size * STEP && !ruled {
            break;
        }
        let stretches = row.stretches(bars).len();
        let left: Vec<_> =
            separators.iter().filter_map(|gap| narrowed(row, *gap, size * NARROWEST)).collect();
        let kept = left.len() == separators.len();
        // A row across all columns ends the table, a row across some is part of it.
        if left.is_empty()
            || (stretches < 2 && !kept)
            || (stretches < 2 && step > size * LINE * 1.3 && !ruled)
        {
            break;
        }
        separators = left;
        length += 1;
        full += usize::from(stretches >= 2);
    }
    // Rows that only continue the last are part of it, text below the table in its first column is not.
    let mut rows = rows.get(..length)?;
    while let [above @ .., before, last] = rows
        && last.stretches(bars).len() < 2
        && !is_ruled(bars, before, last)
        && (column(&separators, last.x0()) == 0 || last.y - before.y > last.size * LINE)
    {
        rows = rows.get(..=above.len())?;
    }
    // A few lines with a wide gap are no table; lines drawn around them, or more columns, say that they are.
    let walled = rows.windows(2).any(|pair| is_ruled(bars, &pair[0], &pair[1]));
    let few = full < 3 && separators.len() < 2 && !walled;
    if full < 2 || rows.len() < 2 || few || full * 3 < rows.len() || is_contents(rows) {
        return None;
    }
    let lines: Vec<Line> = rows.iter().map(|row| Line::of(row, &separators)).collect();
    let cells = if let Some(groups) = by_bars(&lines, rows, bars) { groups } else { by_gaps(&lines) };
    // One row that fell into two stretches is a line with a wide gap.
    (cells.len() >= 2).then_some((cells, rows.len()))
}

/// Whether rows are a table of contents: most end in a page number after dots.
fn is_contents(rows: &[Row]) -> bool {
    let dots = |row: &&Row| {
        row.words.iter().filter(|word| word.text.contains("...") || word.text == ".").count() > 0
    };
    rows.iter().filter(dots).count() * 3 > rows.len()
}

/// A row's words by column.
struct Line {
    cells: Vec<String>,
    y: f64,
    size: f64,
}

impl Line {
    fn of(row: &Row, separators: &[(f64, f64)]) -> Self {
        let mut cells: Vec<Vec<Word>> = vec![Vec::new(); separators.len() + 1];
        for word in &row.words {
            if let Some(cell) = cells.get_mut(column(separators, f64::midpoint(word.x0, word.x1))) {
                cell.push(word.clone());
            }
        }
        Self { cells: cells.iter().map(|words| text(words)).collect(), y: row.y, size: row.size }
    }

    fn filled(&self) -> usize {
        self.cells.iter().filter(|cell| !cell.is_empty()).count()
    }
}

fn column(separators: &[(f64, f64)], x: f64) -> usize {
    separators.iter().filter(|(from, to)| f64::midpoint(*from, *to) < x).count()
}

/// The gaps between the stretches of a row.
fn gaps(row: &Row, bars: &[Bar]) -> Vec<(f64, f64)> {
    let stretches = row.stretches(bars);
    stretches
        .windows(2)
        .filter_map(|pair| {
            let from = pair[0].iter().map(|word| word.x1).fold(f64::MIN, f64::max);
            let to = pair[1].first()?.x0;
            Some((from.min(to), to))
        })
        .collect()
}

/// What a row's words leave of a separator, if it is wide enough.
fn narrowed(row: &Row, gap: (f64, f64), narrowest: f64) -> Option<(f64, f64)> {
    let narrowest = narrowest.min(gap.1 - gap.0);
    let mut best: Option<(f64, f64)> = None;
    let mut from = gap.0;
    for word in row.words.iter().filter(|word| word.x1 > gap.0 && word.x0 < gap.1) {
        if word.x0 - from >= narrowest && best.is_none_or(|(a, b)| word.x0 - from > b - a) {
            best = Some((from, word.x0));
        }
        from = from.max(word.x1);
    }
    if gap.1 - from >= narrowest && best.is_none_or(|(a, b)| gap.1 - from > b - a) {
        best = Some((from, gap.1));
    }
    best
}

/// Whether a vertical line goes on from one row to the next.
fn is_ruled(bars: &[Bar], above: &Row, below: &Row) -> bool {
    let spans = |bar: &&Bar| bar.from < above.y + 1.0 && bar.to > below.y - below.size * 0.5;
    let near =
        |bar: &&Bar| bar.at > above.x0().min(below.x0()) - 40.0 && bar.at < above.x1().max(below.x1()) + 40.0;
    bars.iter().filter(|bar| bar.vertical).filter(spans).filter(near).count() >= 2
}

/// Rows parted by the lines drawn between them, where those are drawn throughout.
fn by_bars(lines: &[Line], rows: &[Row], bars: &[Bar]) -> Option<Cells> {
    let (left, right) =
        rows.iter().fold((f64::MAX, f64::MIN), |(a, b), row| (a.min(row.x0()), b.max(row.x1())));
    let (top, bottom) = (rows.first()?.y, rows.last()?.y);
    let mut heights: Vec<f64> = bars
        .iter()
        .filter(|bar| !bar.vertical && bar.at > top && bar.at < bottom)
        .filter(|bar| bar.from < left + (right - left) * 0.5 && bar.to > left + (right - left) * 0.2)
        .map(|bar| bar.at)
        .collect();
    heights.sort_by(f64::total_cmp);
    heights.dedup_by(|a, b| (*a - *b).abs() < 2.0);
    let mut groups: Vec<Vec<&Line>> = vec![Vec::new(); heights.len() + 1];
    for line in lines {
        let group = heights.iter().filter(|height| **height < line.y).count();
        groups.get_mut(group)?.push(line);
    }
    groups.retain(|group| !group.is_empty());
    // Lines under the heading only do not part the rows below it.
    let crowded = groups
        .iter()
        .filter(|group| group.iter().filter(|line| line.filled() * 2 > line.cells.len()).count() > 2)
        .count();
    if groups.len() < 2 || crowded * 3 > groups.len() {
        return None;
    }
    Some(groups.into_iter().map(|group| group.into_iter().fold(Vec::new(), merge)).collect())
}

/// Rows told by the space between them: a line that leaves cells empty goes on with the row above it, where the step
/// is no wider than between the lines of a cell.
fn by_gaps(lines: &[Line]) -> Cells {
    let steps: Vec<f64> = lines.windows(2).map(|pair| pair[1].y - pair[0].y).collect();
    let mut sorted = steps.clone();
    sorted.sort_by(f64::total_cmp);
    let least = sorted.first().copied().unwrap_or(0.0);
    let even = sorted.last().is_some_and(|most| *most < least * 1.2);
    let mut cells: Cells = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let step = at.checked_sub(1).and_then(|at| steps.get(at)).copied().unwrap_or(f64::MAX);
        let close = step <= (least * 1.2).min(line.size * LINE);
        let first_empty = line.cells.first().is_none_or(String::is_empty);
        let goes_on = close && (first_empty || !even);
        match cells.pop() {
            Some(row) if goes_on => cells.push(merge(row, line)),
            before => {
                cells.extend(before);
                cells.push(line.cells.clone());
            }
        }
    }
    cells
}

fn merge(mut row: Vec<String>, line: &Line) -> Vec<String> {
    row.resize(line.cells.len().max(row.len()), String::new());
    for (cell, more) in row.iter_mut().zip(&line.cells) {
        if !cell.is_empty() && !more.is_empty() {
            cell.push('\n');
        }
        cell.push_str(more);
    }
    row
}
