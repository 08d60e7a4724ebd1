//! From lines to blocks: paragraphs, headings, lists, code.

use std::collections::BTreeMap;

use corpus::{Block, BlockKind};

use super::headings::Headings;
use super::layout::{Line, Piece};
use super::letters::Vocabulary;
use super::rows::{is_bullet, is_marker};
use super::tables::Cells;

/// Widest step between lines of a paragraph, for the usual step taken as 1.
const STEP: f64 = 1.3;

/// Most columns by which code is indented.
const INDENT: usize = 60;

/// The pieces of a page and its number.
pub(super) struct Page {
    pub(super) number: u32,
    pub(super) pieces: Vec<Piece>,
    /// Text that runs another way than the page, such as a label on its edge. It has no headings.
    pub(super) asides: Vec<Piece>,
}

impl Page {
    fn lines(&self) -> impl Iterator<Item = &Line> {
        self.pieces.iter().flat_map(|piece| match piece {
            Piece::Lines { lines, .. } => lines.as_slice(),
            Piece::Table(_) => &[],
        })
    }
}

/// The blocks of a document.
pub(super) fn blocks(pages: &[Page]) -> Vec<Block> {
    let mut vocabulary = Vocabulary::default();
    let mut sizes: BTreeMap<i64, usize> = BTreeMap::new();
    for line in pages.iter().flat_map(Page::lines) {
        vocabulary.learn(&line.text);
        *sizes.entry(half_points(line.size)).or_default() += line.text.len();
    }
    let body = sizes.iter().max_by_key(|(_, chars)| **chars).map_or(10.0, |(size, _)| *size as f64 / 2.0);
    let headings = Headings::of(pages.iter().flat_map(Page::lines), body);
    let mut composer = Composer {
        vocabulary,
        headings,
        plain: false,
        blocks: Vec::new(),
        page: 1,
        indents: Vec::new(),
        open: false,
    };
    for page in pages {
        composer.page = page.number;
        for (plain, pieces) in [(false, &page.pieces), (true, &page.asides)] {
            composer.plain = plain;
            for piece in pieces {
                match piece {
                    Piece::Lines { lines, left, right } => composer.lines(lines, *left, *right),
                    Piece::Table(cells) => composer.table(cells),
                }
            }
        }
    }
    composer.blocks
}

pub(super) fn half_points(size: f64) -> i64 {
    (size * 2.0).round() as i64
}

struct Composer {
    vocabulary: Vocabulary,
    headings: Headings,
    /// Whether headings are not looked for.
    plain: bool,
    blocks: Vec<Block>,
    page: u32,
    /// Where the markers of open lists stand.
    indents: Vec<f64>,
    /// Whether the last block may go on in the next column or on the next page.
    open: bool,
}

impl Composer {
    fn table(&mut self, cells: &Cells) {
        let rows: Vec<String> = cells
            .iter()
            .map(|row| {
                let cells: Vec<String> = row.iter().map(|cell| self.joined(cell.lines())).collect();
                cells.join(" | ").trim_end_matches([' ', '|']).to_owned()
            })
            .filter(|row| !row.is_empty())
            .collect();
        if !rows.is_empty() {
            self.push(BlockKind::Table, rows.join("\n"));
        }
    }

    fn joined<'t>(&self, mut lines: impl Iterator<Item = &'t str>) -> String {
        let mut text = lines.next().unwrap_or_default().to_owned();
        for line in lines {
            self.vocabulary.join(&mut text, line);
        }
        text
    }

    fn level(&self, line: &Line) -> Option<u8> {
        if self.plain { None } else { self.headings.level(line) }
    }

    fn push(&mut self, kind: BlockKind, text: String) {
        self.blocks.push(Block::new(kind, text).on_page(self.page));
        self.open = false;
    }

    fn lines(&mut self, lines: &[Line], left: f64, right: f64) {
        let step = usual_step(lines);
        let mut start = 0;
        for at in 1..=lines.len() {
            let ends = match (lines.get(at - 1), lines.get(at)) {
                (Some(before), Some(line)) => {
                    let first = lines.get(start).unwrap_or(before);
                    self.parts(first, before, line, step, left, right)
                }
                _ => true,
            };
            if ends {
                self.block(lines.get(start..at).unwrap_or_default(), start == 0, left, right);
                start = at;
            }
        }
    }

    /// Whether a block ends between two lines. `first` is the block's first.
    fn parts(&self, first: &Line, before: &Line, line: &Line, step: f64, left: f64, right: f64) -> bool {
        let size = before.size.max(line.size);
        let gap = line.y - before.y;
        let usual = if step > 0.0 { step.clamp(size * 0.9, size * 2.0) } else { size * 1.25 };
        // Beside or above: another column or a note.
        if gap < size * 0.3 || gap > usual.max(size * 1.2) * STEP {
            return true;
        }
        if (before.mono && line.mono) || (before.entry && line.entry) {
            return false;
        }
        if before.entry != line.entry {
            return true;
        }
        let kinds = [before, line].map(|line| self.level(line));
        if kinds[0] != kinds[1]
            || before.mono != line.mono
            || half_points(before.size).abs_diff(half_points(line.size)) > 1
        {
            return true;
        }
        if is_item(line) {
            return true;
        }
        if kinds[0].is_some() {
            return false;
        }
        let width = right - left;
        let ended = before.text.ends_with(['.', '!', '?', ':', ';']);
        let short = before.x1 < right - width * 0.2;
        if is_item(first) {
            return line.x0 < first.x0 - size * 0.5 || (ended && short && line.x0 <= first.x0 + size * 0.3);
        }
        let indented = line.x0 > before.x0 + size * 0.8 && before.x0 < left + size * 0.8;
        if short { ended } else { indented }
    }

    fn block(&mut self, lines: &[Line], begins: bool, left: f64, right: f64) {
        let Some(first) = lines.first() else { return };
        if !first.entry && lines.iter().all(|line| line.mono) && (lines.len() > 1 || !is_item(first)) {
            self.code(lines);
            return;
        }
        if first.entry {
            let entries: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
            self.push(BlockKind::Paragraph, entries.join("\n"));
            return;
        }
        if let Some(level) = self.level(first) {
            let text = self.joined(lines.iter().map(|line| line.text.as_str()));
            if self.headings.is_heading(&text, lines.len()) {
                self.indents.clear();
                self.push(BlockKind::Heading(level), text);
                return;
            }
        }
        let text = self.paragraph(lines, left, right);
        if is_item(first) {
            let item = self.item(first, &text);
            self.push(BlockKind::ListItem, item);
        } else {
            self.text(text, begins);
        }
        // A line that is full or ends with no stop may go on elsewhere.
        self.open =
            lines.last().is_some_and(|last| !last.text.ends_with(['.', '!', '?', ':', ';', '…', '"', '”']));
    }

    /// A paragraph, or what is left of one that began in the column before.
    fn text(&mut self, text: String, begins: bool) {
        let goes_on = text.chars().next().is_some_and(char::is_lowercase);
        if begins
            && goes_on
            && self.open
            && let Some(last) = self.blocks.last_mut()
            && matches!(last.kind, BlockKind::Paragraph | BlockKind::ListItem)
        {
            self.vocabulary.join(&mut last.text, &text);
            return;
        }
        self.indents.clear();
        self.push(BlockKind::Paragraph, text);
    }

    /// Lines joined; those that end early on purpose, as in addresses, keep their break.
    fn paragraph(&self, lines: &[Line], left: f64, right: f64) -> String {
        let mut text = String::new();
        let mut before: Option<&Line> = None;
        for line in lines {
            if let Some(before) = before {
                let full = before.x1 > right - (right - left) * 0.35;
                let begins = line.text.chars().next().is_some_and(|c| c.is_uppercase() || c.is_ascii_digit());
                if !full && begins && !before.text.ends_with(['-', ',', '\u{ad}']) {
                    text.push('\n');
                    text.push_str(&line.text);
                } else {
                    self.vocabulary.join(&mut text, &line.text);
                }
            } else {
                text.push_str(&line.text);
            }
            before = Some(line);
        }
        text
    }

    /// A list item with its marker, indented by its depth.
    fn item(&mut self, first: &Line, text: &str) -> String {
        while self.indents.last().is_some_and(|x| *x > first.x0 + first.size * 0.6) {
            self.indents.pop();
        }
        if self.indents.last().is_none_or(|x| *x < first.x0 - first.size * 0.6) {
            self.indents.push(first.x0);
        }
        let indent = "  ".repeat(self.indents.len().saturating_sub(1).min(8));
        let rest = text.strip_prefix(first.first.as_str()).unwrap_or(text).trim_start();
        if is_bullet(&first.first) {
            format!("{indent}- {rest}")
        } else {
            format!("{indent}{} {rest}", first.first)
        }
    }

    /// Code keeps its lines and how they are indented.
    fn code(&mut self, lines: &[Line]) {
        let left = lines.iter().map(|line| line.x0).fold(f64::MAX, f64::min);
        let mut text = String::new();
        for line in lines {
            let width = (line.x1 - line.x0) / line.text.chars().count().max(1) as f64;
            let columns = if width > 0.1 { ((line.x0 - left) / width).round() as usize } else { 0 };
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&" ".repeat(columns.min(INDENT)));
            text.push_str(&line.text);
        }
        self.push(BlockKind::Code, text);
    }
}

fn is_item(line: &Line) -> bool {
    is_marker(&line.first) && line.text.len() > line.first.len()
}

/// The usual step between lines: of all steps the one in the lower middle.
fn usual_step(lines: &[Line]) -> f64 {
    let mut steps: Vec<f64> =
        lines.windows(2).map(|pair| pair[1].y - pair[0].y).filter(|step| *step > 1.0).collect();
    steps.sort_by(f64::total_cmp);
    steps.get(steps.len() / 3).copied().unwrap_or(0.0)
}
