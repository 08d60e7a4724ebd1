//! Blocks in the making.

use corpus::{Block, BlockKind};

/// Most columns of a table.
const COLUMNS: usize = 256;

/// Collects blocks; white space is made single and what is empty is left out.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    pub(super) list: Vec<Block>,
    pub(super) page: Option<u32>,
    /// Bytes of text so far.
    bytes: usize,
}

impl Blocks {
    pub(super) fn push(&mut self, kind: BlockKind, text: &str) {
        let text = if kind == BlockKind::Code { text.trim_end().to_owned() } else { tidy(text) };
        let text = if matches!(kind, BlockKind::Heading(_)) { text.replace('\n', " ") } else { text };
        if !text.trim().is_empty() {
            self.bytes += text.len();
            self.list.push(Block { kind, text, page: self.page });
        }
    }

    /// A table with the header first. One of a single cell is a frame around text.
    pub(super) fn table(&mut self, rows: &[Vec<String>]) {
        let rows: Vec<&Vec<String>> =
            rows.iter().filter(|row| row.iter().any(|cell| !cell.trim().is_empty())).collect();
        match rows.as_slice() {
            [] => {}
            [only] if only.iter().filter(|cell| !cell.trim().is_empty()).count() == 1 => {
                for cell in *only {
                    self.push(BlockKind::Paragraph, cell);
                }
            }
            rows => {
                let lines: Vec<String> = rows.iter().map(|row| line(row)).collect();
                self.bytes += lines.iter().map(String::len).sum::<usize>();
                self.list.push(Block { kind: BlockKind::Table, text: lines.join("\n"), page: self.page });
            }
        }
    }

    /// Bytes so far.
    pub(super) fn len(&self) -> usize {
        self.bytes
    }
}

/// Cells in one line, empty ones at the end left out.
pub(super) fn line(row: &[String]) -> String {
    let cells: Vec<String> = row.iter().take(COLUMNS).map(|cell| tidy(cell).replace('\n', " ")).collect();
    let used = cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
    cells[..used].join(" | ")
}

/// White space made single, line breaks kept.
pub(super) fn tidy(text: &str) -> String {
    let lines = text.split('\n').map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}
