//! Tables: columns as wide as what stands in them, narrower where the screen is.

use std::ops::Range;

use super::document::{DocumentRow, Piece};
use crate::text::{width, wrap};
use crate::theme::Role;

/// What parts the cells of a row, as extraction writes it.
const BETWEEN: &str = " | ";
/// What is drawn there.
const RULE: &str = " │ ";
/// Columns below which a cell cannot be read.
const NARROWEST: usize = 6;

/// The rows of a table that begins at byte `start` of its document. Where the cells do not fit side by side, its lines
/// are wrapped as they are.
pub(super) fn rows(text: &str, start: usize, columns: usize) -> Vec<DocumentRow> {
    let lines: Vec<Vec<Range<usize>>> = lines(text);
    let count = lines.iter().map(Vec::len).max().unwrap_or(0);
    let rules = count.saturating_sub(1) * RULE.chars().count();
    let room = columns.saturating_sub(rules);
    if count < 2 || room < count * NARROWEST {
        let shown = |row: Range<usize>| vec![Piece::shown(start + row.start..start + row.end, Role::Text)];
        return wrap(text, columns).into_iter().map(shown).collect();
    }
    let mut widths = vec![1; count];
    for line in &lines {
        for (cell, widest) in line.iter().zip(&mut widths) {
            *widest = width(&text[cell.clone()]).max(*widest);
        }
    }
    shrink(&mut widths, room);
    let mut rows = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let role = if index == 0 { Role::Strong } else { Role::Text };
        let wrapped = |column: usize| match line.get(column) {
            Some(cell) => wrap(&text[cell.clone()], widths[column])
                .into_iter()
                .map(|row| cell.start + row.start..cell.start + row.end)
                .collect(),
            None => Vec::new(),
        };
        let cells: Vec<Vec<Range<usize>>> = (0..count).map(wrapped).collect();
        for level in 0..cells.iter().map(Vec::len).max().unwrap_or(0) {
            let mut row: DocumentRow = Vec::new();
            for (column, cell) in cells.iter().enumerate() {
                if column > 0 {
                    row.push(Piece::drawn(RULE, Role::Border));
                }
                let bytes = cell.get(level).map_or(0..0, |bytes| start + bytes.start..start + bytes.end);
                row.push(Piece { bytes, drawn: "", columns: widths[column], role });
            }
            rows.push(row);
        }
    }
    rows
}

/// The cells of each line, as byte ranges.
fn lines(text: &str) -> Vec<Vec<Range<usize>>> {
    let mut lines = Vec::new();
    let mut offset = 0;
    for line in text.split('\n') {
        let mut at = offset;
        let mut cells = Vec::new();
        for cell in line.split(BETWEEN) {
            cells.push(at..at + cell.len());
            at += cell.len() + BETWEEN.len();
        }
        lines.push(cells);
        offset += line.len() + 1;
    }
    lines
}

/// Takes from the widest until all fit into `room`, in steps that do not depend on how wide they are.
fn shrink(widths: &mut [usize], room: usize) {
    let fits = |most: usize| widths.iter().map(|width| (*width).min(most)).sum::<usize>() <= room;
    let (mut low, mut high) = (1, widths.iter().copied().max().unwrap_or(1));
    while low < high {
        let middle = (low + high).div_ceil(2);
        if fits(middle) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    for width in widths {
        *width = (*width).min(low);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TABLE: &str =
        "Model | Returns | Note\nHub N4 | 30 days | Keep the box and the receipt\nLamp | 14 days |";

    #[test]
    fn cells_keep_their_bytes() {
        let rows = rows(TABLE, 100, 60);
        let cell = &rows[1][2];
        assert_eq!(&TABLE[cell.bytes.start - 100..cell.bytes.end - 100], "30 days");
        assert_eq!(rows.len(), 3);
    }

    #[test]
    fn narrow_tables_wrap_their_cells_and_very_narrow_ones_their_lines() {
        assert!(rows(TABLE, 0, 40).len() > 3);
        assert!(rows(TABLE, 0, 20).iter().all(|row| row.len() == 1));
    }

    proptest! {
        #[test]
        fn rows_fit(text in "([a-z漢😀 ]{0,12}( \\| )?){0,8}(\n([a-z ]{0,30}( \\| )?){0,4}){0,4}", columns in 8usize..60) {
            for row in rows(&text, 0, columns) {
                let used: usize = row
                    .iter()
                    .map(|piece| width(piece.drawn).max(piece.columns).max(width(&text[piece.bytes.clone()])))
                    .sum();
                prop_assert!(used <= columns, "{used} > {columns}: {row:?}");
            }
        }
    }
}
