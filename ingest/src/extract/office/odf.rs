//! `OpenDocument` text and slides (ISO/IEC 26300).

use corpus::{Block, BlockKind};
use roxmltree::Node;

use super::package::{Package, attribute, bounded, parse};
use super::properties;
use super::text::Blocks;
use crate::extract::fields::Fields;
use crate::extract::{ExtractError, Limits};

const MAIN: &str = "content.xml";
/// Most times that a cell stands for several.
const REPEATED: usize = 64;
/// Longest text of such a cell, in bytes.
const LONG: usize = 256;

/// The blocks of a text document and what it says of itself.
pub(super) fn read_text(bytes: &[u8], limits: &Limits) -> Result<(Fields, Vec<Block>), ExtractError> {
    read(bytes, limits, |root, walker| walker.blocks(root, None))
}

/// The blocks of all slides. A slide is a page.
pub(super) fn read_slides(bytes: &[u8], limits: &Limits) -> Result<(Fields, Vec<Block>), ExtractError> {
    let pages = limits.pages;
    read(bytes, limits, |root, walker| {
        let slides = root.descendants().filter(|node| is(*node, "page")).take(pages);
        for (number, slide) in slides.enumerate() {
            walker.blocks.page = Some(number as u32 + 1);
            walker.blocks(slide, None);
        }
    })
}

fn read(
    bytes: &[u8],
    limits: &Limits,
    walk: impl FnOnce(Node<'_, '_>, &mut Walker),
) -> Result<(Fields, Vec<Block>), ExtractError> {
    let mut package = Package::open(bytes, limits)?;
    let fields = properties::read(&mut package, "meta.xml")?;
    let text = package.text(MAIN)?;
    let document = parse(MAIN, &text)?;
    bounded(&document, limits.depth)?;
    let mut walker = Walker::default();
    let root = document.root_element();
    let body = root.children().find(|node| is(*node, "body")).unwrap_or(root);
    walk(body, &mut walker);
    for note in std::mem::take(&mut walker.notes) {
        walker.blocks.push(BlockKind::Paragraph, &note);
    }
    if walker.blocks.len() > limits.document_bytes {
        return Err(ExtractError::too_large("bytes of text", limits.document_bytes));
    }
    Ok((fields, walker.blocks.list))
}

#[derive(Default)]
struct Walker {
    blocks: Blocks,
    /// Footnotes, told after the text.
    notes: Vec<String>,
}

impl Walker {
    /// The blocks below a node; `marker` is in front of the next paragraph.
    fn blocks(&mut self, node: Node<'_, '_>, mut marker: Option<String>) {
        for node in node.children().filter(Node::is_element) {
            match node.tag_name().name() {
                "h" => {
                    let level =
                        attribute(node, "outline-level").and_then(|level| level.parse().ok()).unwrap_or(1);
                    let text = self.text(node);
                    self.blocks.push(BlockKind::Heading(level.clamp(1, 6)), &text);
                }
                "p" => self.paragraph(node, marker.take()),
                "list" => self.list(node),
                "table" => {
                    let rows = self.rows(node);
                    self.blocks.table(&rows);
                }
                "frame" if attribute(node, "class") == Some("title") => {
                    let text = self.lines(node);
                    self.blocks.push(BlockKind::Heading(1), &text.join(" "));
                }
                name if is_left_out(name) => {}
                _ => self.blocks(node, marker.take()),
            }
        }
    }

    fn paragraph(&mut self, node: Node<'_, '_>, marker: Option<String>) {
        let text = self.text(node);
        match marker {
            Some(marker) => self.blocks.push(BlockKind::ListItem, &format!("{marker}{}", text.trim())),
            None => self.blocks.push(BlockKind::Paragraph, &text),
        }
        // Text boxes are in the paragraph that they are fixed to.
        for frame in topmost(node, &["text-box"]) {
            self.blocks(frame, None);
        }
    }

    fn list(&mut self, list: Node<'_, '_>) {
        for item in list.children().filter(|node| is(*node, "list-item") || is(*node, "list-header")) {
            self.blocks(item, Some("- ".to_owned()));
        }
    }

    fn rows(&mut self, table: Node<'_, '_>) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        let own = |row: &Node<'_, '_>| {
            is(*row, "table-row") && row.ancestors().find(|node| is(*node, "table")) == Some(table)
        };
        for row in table.descendants().filter(own) {
            let mut cells = Vec::new();
            for cell in
                row.children().filter(|node| is(*node, "table-cell") || is(*node, "covered-table-cell"))
            {
                let text = self.lines(cell).join("\n");
                let times = attribute(cell, "number-columns-repeated").and_then(|times| times.parse().ok());
                // What is long is no column of equal values.
                let most = if text.len() > LONG { 1 } else { REPEATED };
                let times = times.unwrap_or(1).min(most);
                cells.extend(std::iter::repeat_n(text, times));
            }
            rows.push(cells);
        }
        rows
    }

    /// The text of the paragraphs below a node, those of text boxes in them included, each once.
    fn lines(&mut self, node: Node<'_, '_>) -> Vec<String> {
        let mut lines = Vec::new();
        for paragraph in topmost(node, &["p", "h"]) {
            lines.push(self.text(paragraph));
            for frame in topmost(paragraph, &["text-box"]) {
                lines.extend(self.lines(frame));
            }
        }
        lines
    }

    /// The text of a paragraph; notes in it are put aside.
    fn text(&mut self, node: Node<'_, '_>) -> String {
        let mut text = String::new();
        self.inline(node, &mut text);
        text
    }

    fn inline(&mut self, node: Node<'_, '_>, text: &mut String) {
        for node in node.children() {
            if node.is_text() {
                // Line breaks in the file are spaces; those of the text are elements.
                text.push_str(&node.text().unwrap_or_default().replace(['\n', '\r'], " "));
                continue;
            }
            match node.tag_name().name() {
                "s" => text.push(' '),
                "tab" => text.push('\t'),
                "line-break" => text.push('\n'),
                "note" => {
                    let body = node.children().find(|node| is(*node, "note-body"));
                    let note = body.map(|body| self.lines(body).join("\n"));
                    self.notes.extend(note);
                }
                "text-box" => {}
                name if is_left_out(name) => {}
                _ => self.inline(node, text),
            }
        }
    }
}

fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name
}

/// The elements of these names below a node that are in no other of them; notes and what is left out are passed over.
fn topmost<'a, 't>(node: Node<'a, 't>, names: &[&str]) -> Vec<Node<'a, 't>> {
    let mut found = Vec::new();
    for child in node.children().filter(Node::is_element) {
        let name = child.tag_name().name();
        if names.contains(&name) {
            found.push(child);
        } else if name != "note" && !is_left_out(name) {
            found.extend(topmost(child, names));
        }
    }
    found
}

/// Comments, what was deleted or is hidden, contents and declarations.
fn is_left_out(name: &str) -> bool {
    matches!(
        name,
        "annotation"
            | "annotation-end"
            | "tracked-changes"
            | "hidden-text"
            | "hidden-paragraph"
            | "table-of-content"
            | "alphabetical-index"
            | "sequence-decls"
            | "forms"
            | "ruby-text"
            | "date-time"
            | "page-number"
            | "footer"
            | "header"
    )
}
