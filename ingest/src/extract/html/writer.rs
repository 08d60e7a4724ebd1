//! From the tree to blocks.

use std::collections::HashSet;

use corpus::{Block, BlockKind};
use ego_tree::{NodeId, NodeRef};
use scraper::Node;
use scraper::node::Element;

use super::parse::name;
use super::table::{self, Table};
use super::walk::{Step, walk};

/// Longest heading in bytes; a longer one is a paragraph set large.
const LONGEST_HEADING: usize = 300;

/// Longest alternative text of a picture in bytes.
const LONGEST_ALT: usize = 300;

/// A line break that the page asks for, as opposed to one in its source.
const BREAK: char = '\u{2028}';

/// The blocks under `root` without what is left out, or `None` where they hold more than `limit` bytes.
pub(super) fn write(root: NodeRef<'_, Node>, left_out: &HashSet<NodeId>, limit: usize) -> Option<Vec<Block>> {
    let mut writer = Writer { limit, ..Writer::default() };
    walk(root, |step| match step {
        Step::Enter(node) => !left_out.contains(&node.id()) && !writer.is_full() && writer.enter(node),
        Step::Leave(node) => {
            writer.leave(node);
            true
        }
    });
    writer.flush();
    (!writer.is_full()).then_some(writer.blocks)
}

#[derive(Default)]
struct Writer {
    blocks: Vec<Block>,
    /// Text of the block in the making.
    text: String,
    /// Next number of each open list, outermost first; none for bullets.
    lists: Vec<Option<u64>>,
    /// Marker that the next text of a list item begins with.
    marker: Option<String>,
    /// Terms whose definition comes next.
    terms: Vec<String>,
    heading: Option<u8>,
    code: usize,
    table: Option<Table>,
    /// Tables within the table that is collected.
    inner: usize,
    written: usize,
    limit: usize,
}

impl Writer {
    fn is_full(&self) -> bool {
        self.written + self.text.len() > self.limit
    }

    /// Takes a node and says whether to go into it.
    fn enter(&mut self, node: NodeRef<'_, Node>) -> bool {
        match node.value() {
            Node::Text(text) => {
                self.text.push_str(text);
                return false;
            }
            Node::Element(element) => self.open(node, element),
            Node::Document | Node::Fragment => {}
            _ => return false,
        }
        true
    }

    fn open(&mut self, node: NodeRef<'_, Node>, element: &Element) {
        let Some(tag) = name(&node) else { return };
        match tag {
            "br" => self.text.push(match (&self.table, self.code) {
                (Some(_), _) => ' ',
                (None, 0) => BREAK,
                (None, _) => '\n',
            }),
            "img" => {
                if let Some(alt) = element.attr("alt").map(str::trim).filter(|alt| is_telling(alt)) {
                    self.text.extend([" ", alt, " "]);
                }
            }
            "pre" => {
                self.boundary();
                self.code += 1;
            }
            _ if self.code > 0 => self.line_of_code(tag),
            "table" => self.open_table(node),
            "tr" | "td" | "th" if self.table.is_some() && self.inner == 0 => self.open_cell(tag, element),
            _ if self.table.is_some() => self.boundary_of(tag),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.flush();
                self.heading = tag.get(1..).and_then(|level| level.parse().ok());
            }
            "ul" | "ol" | "menu" => {
                self.flush();
                let first = element.attr("start").and_then(|start| start.trim().parse().ok()).unwrap_or(1);
                self.lists.push((tag == "ol").then_some(first));
            }
            "li" => {
                self.flush();
                self.marker = Some(self.next_marker());
            }
            _ => self.boundary_of(tag),
        }
    }

    fn leave(&mut self, node: NodeRef<'_, Node>) {
        let Some(tag) = name(&node) else { return };
        match tag {
            "pre" => {
                self.code = self.code.saturating_sub(1);
                if self.code == 0 && self.table.is_none() {
                    let text = std::mem::take(&mut self.text);
                    self.push(BlockKind::Code, text.trim_matches('\n').trim_end());
                }
            }
            _ if self.code > 0 => self.line_of_code(tag),
            "table" if self.inner > 0 => self.inner -= 1,
            "table" => {
                if let Some(table) = self.table.take() {
                    self.text.clear();
                    self.push(BlockKind::Table, &table.finish());
                } else {
                    self.flush();
                }
            }
            "td" | "th" | "tr" | "caption" if self.table.is_some() && self.inner == 0 => {
                let text = std::mem::take(&mut self.text);
                let text = squeeze(&text, ' ');
                if let Some(table) = &mut self.table {
                    match tag {
                        "tr" => table.end_row(),
                        "caption" => {
                            if !text.is_empty() {
                                self.push(BlockKind::Paragraph, &text);
                            }
                        }
                        _ => table.end_cell(text),
                    }
                }
            }
            _ if self.table.is_some() => self.boundary_of(tag),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.flush();
                self.heading = None;
            }
            "ul" | "ol" | "menu" => {
                self.flush();
                self.lists.pop();
            }
            "li" => {
                self.flush();
                self.marker = None;
            }
            "dt" => {
                let text = squeeze(&std::mem::take(&mut self.text), ' ');
                if !text.is_empty() {
                    self.terms.push(text);
                }
            }
            "dl" => {
                self.flush();
                for term in std::mem::take(&mut self.terms) {
                    self.push(BlockKind::Paragraph, &term);
                }
            }
            _ => self.boundary_of(tag),
        }
    }

    fn open_table(&mut self, node: NodeRef<'_, Node>) {
        if self.table.is_some() {
            self.inner += 1;
            self.text.push(' ');
            return;
        }
        self.flush();
        if table::is_data(node) {
            self.table = Some(Table::default());
        }
    }

    fn open_cell(&mut self, tag: &str, element: &Element) {
        self.text.clear();
        let Some(table) = &mut self.table else { return };
        let span = |name| element.attr(name).and_then(|span| span.trim().parse().ok()).unwrap_or(1_usize);
        if tag == "tr" {
            table.begin_row();
        } else {
            table.begin_cell(span("colspan"), span("rowspan"));
        }
    }

    /// Lines of code are sometimes elements of their own.
    fn line_of_code(&mut self, tag: &str) {
        if matches!(tag, "div" | "li" | "p" | "tr") && !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    fn boundary_of(&mut self, tag: &str) {
        if !is_inline(tag) {
            self.boundary();
        }
    }

    /// The end of a block, or in a cell the end of a word.
    fn boundary(&mut self) {
        if self.table.is_some() {
            self.text.push(' ');
        } else if self.code == 0 {
            self.flush();
        }
    }

    fn next_marker(&mut self) -> String {
        let indent = "  ".repeat(self.lists.len().saturating_sub(1).min(8));
        match self.lists.last_mut() {
            Some(Some(number)) => {
                let marker = format!("{indent}{number}. ");
                *number = number.saturating_add(1);
                marker
            }
            _ => format!("{indent}- "),
        }
    }

    /// Ends the block in the making.
    fn flush(&mut self) {
        let text = squeeze(&std::mem::take(&mut self.text), '\n');
        if text.is_empty() {
            return;
        }
        if let Some(level) = self.heading {
            let text = text.replace('\n', " ");
            let text = text.trim_end_matches(['¶', '#', '§']).trim_end();
            let kind =
                if text.len() > LONGEST_HEADING { BlockKind::Paragraph } else { BlockKind::Heading(level) };
            self.push(kind, text);
        } else if !self.terms.is_empty() {
            let terms = std::mem::take(&mut self.terms).join(", ");
            self.push(BlockKind::ListItem, &format!("- {}: {text}", terms.trim_end_matches(':')));
        } else if let Some(marker) = self.marker.take() {
            self.push(BlockKind::ListItem, &format!("{marker}{text}"));
        } else {
            self.push(BlockKind::Paragraph, &text);
        }
    }

    fn push(&mut self, kind: BlockKind, text: &str) {
        if !text.trim().is_empty() {
            self.written += text.len();
            self.blocks.push(Block::new(kind, text));
        }
    }
}

/// Text with white space as a reader sees it, its lines parted by `line`.
fn squeeze(text: &str, line: char) -> String {
    let mut out = String::with_capacity(text.len());
    for part in text.split(BREAK).map(str::split_whitespace) {
        let start = out.len();
        for word in part {
            if out.len() > start {
                out.push(' ');
            } else if start > 0 {
                out.push(line);
            }
            out.push_str(word);
        }
    }
    out
}

/// Whether a picture's alternative text is more than the name of a file or a kind.
fn is_telling(alt: &str) -> bool {
    let lower = alt.to_lowercase();
    alt.len() <= LONGEST_ALT
        && alt.chars().filter(|c| c.is_alphabetic()).count() >= 3
        && ![".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp"].iter().any(|end| lower.ends_with(end))
        && !["image", "icon", "logo", "img", "photo", "picture", "screenshot", "spacer", "avatar"]
            .contains(&lower.as_str())
}

fn is_inline(tag: &str) -> bool {
    matches!(
        tag,
        "a" | "abbr"
            | "br"
            | "acronym"
            | "bdi"
            | "bdo"
            | "button"
            | "cite"
            | "code"
            | "data"
            | "del"
            | "dfn"
            | "ins"
            | "kbd"
            | "label"
            | "mark"
            | "meter"
            | "output"
            | "picture"
            | "progress"
            | "q"
            | "ruby"
            | "rt"
            | "rp"
            | "samp"
            | "slot"
            | "span"
            | "sub"
            | "sup"
            | "time"
            | "var"
            | "img"
            | "input"
            | "source"
    )
}
