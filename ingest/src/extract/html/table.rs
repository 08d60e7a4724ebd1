//! Tables: which are data, and their rows.

use ego_tree::NodeRef;
use scraper::Node;

use super::parse::name;
use super::walk::{Step, walk};

/// Most columns that a cell may span.
const WIDEST: usize = 100;

/// Most rows that a cell may span.
const TALLEST: usize = 1_000;

/// A table in the making. Cells that span rows are repeated in each, as a row must be understood by itself.
#[derive(Default)]
pub(super) struct Table {
    rows: Vec<Vec<String>>,
    row: Vec<String>,
    /// For each column the rows that a cell from above still covers, and its text.
    above: Vec<Option<(usize, String)>>,
    span: (usize, usize),
}

impl Table {
    pub(super) fn begin_row(&mut self) {
        self.end_row();
        self.fill();
    }

    pub(super) fn begin_cell(&mut self, columns: usize, rows: usize) {
        self.span = (columns.clamp(1, WIDEST), rows.clamp(1, TALLEST));
    }

    pub(super) fn end_cell(&mut self, text: String) {
        let (columns, rows) = std::mem::replace(&mut self.span, (1, 1));
        if rows > 1 {
            let column = self.row.len();
            if self.above.len() <= column && column < WIDEST {
                self.above.resize(column + 1, None);
            }
            if let Some(slot) = self.above.get_mut(column) {
                *slot = Some((rows - 1, text.clone()));
            }
        }
        self.row.push(text);
        for _ in 1..columns {
            if self.row.len() < WIDEST {
                self.row.push(String::new());
            }
        }
        self.fill();
    }

    pub(super) fn end_row(&mut self) {
        let row = std::mem::take(&mut self.row);
        if row.iter().any(|cell| !cell.is_empty()) {
            self.rows.push(row);
        }
    }

    /// Takes over cells from above that come next in the row.
    fn fill(&mut self) {
        while let Some(slot) = self.above.get_mut(self.row.len()) {
            let Some((left, text)) = slot else { return };
            // A cell that starts in this row does not cover it again.
            let text = text.clone();
            *left -= 1;
            if *left == 0 {
                *slot = None;
            }
            self.row.push(text);
        }
    }

    /// A line for each row, its cells parted by ` | `. A column that is empty throughout is left out.
    pub(super) fn finish(mut self) -> String {
        self.end_row();
        let width = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let full: Vec<bool> = (0..width)
            .map(|column| self.rows.iter().any(|row| row.get(column).is_some_and(|cell| !cell.is_empty())))
            .collect();
        let lines: Vec<String> = self
            .rows
            .iter()
            .map(|row| {
                let cells: Vec<&str> =
                    row.iter().zip(&full).filter(|(_, full)| **full).map(|(cell, _)| cell.as_str()).collect();
                cells.join(" | ").trim_end_matches([' ', '|']).to_owned()
            })
            .collect();
        lines.join("\n")
    }
}

/// Whether a table holds data, as opposed to laying out a page.
pub(super) fn is_data(node: NodeRef<'_, Node>) -> bool {
    let role = node.value().as_element().and_then(|element| element.attr("role"));
    if matches!(role, Some("presentation" | "none")) {
        return false;
    }
    let (mut rows, mut cells, mut nested, mut headed, mut blocks, mut longest) = (0, 0, 0, false, 0, 0);
    let mut length = 0;
    let mut depth = 0_usize;
    walk(node, |step| {
        match step {
            Step::Enter(inner) => {
                let text = inner.value().as_text().map_or(0, |text| text.trim().len());
                length += text;
                match name(&inner) {
                    Some("table") => {
                        depth += 1;
                        nested += usize::from(depth > 1);
                    }
                    Some("tr") if depth == 1 => rows += 1,
                    Some("td" | "th") if depth == 1 => {
                        headed |= name(&inner) == Some("th");
                        cells += 1;
                        length = 0;
                    }
                    Some("h1" | "h2" | "h3" | "h4" | "pre" | "form" | "article" | "section") => blocks += 1,
                    _ => {}
                }
            }
            Step::Leave(inner) => match name(&inner) {
                Some("table") => depth = depth.saturating_sub(1),
                Some("td" | "th") if depth == 1 => longest = longest.max(length),
                _ => {}
            },
        }
        true
    });
    if rows == 0 || cells <= rows {
        return false;
    }
    headed || (nested == 0 && blocks == 0 && rows > 1 && longest < 1_500)
}
