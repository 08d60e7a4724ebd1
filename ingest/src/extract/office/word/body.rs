//! The text of a part.

use corpus::BlockKind;
use roxmltree::Node;

use super::numbering::Numbering;
use super::styles::{Style, Styles};
use crate::extract::office::package::{attribute, child};
use crate::extract::office::text::Blocks;

/// Most columns that one cell reaches over.
const WIDEST: usize = 64;

/// Reads parts one after the other; lists go on counting.
pub(super) struct Body {
    styles: Styles,
    numbering: Numbering,
}

impl Body {
    pub(super) fn new(styles: Styles, numbering: Numbering) -> Self {
        Self { styles, numbering }
    }

    /// The paragraphs and tables below `node`.
    pub(super) fn read(&mut self, node: Node<'_, '_>, blocks: &mut Blocks) {
        for node in node.children().filter(Node::is_element) {
            match node.tag_name().name() {
                "p" => self.paragraph(node, blocks),
                "tbl" => {
                    let rows = rows(node);
                    blocks.table(&rows);
                }
                "del" | "moveFrom" | "sectPr" | "Fallback" => {}
                // The lines that part notes from the text.
                "footnote" | "endnote" if attribute(node, "type").is_some() => {}
                _ => self.read(node, blocks),
            }
        }
    }

    fn paragraph(&mut self, node: Node<'_, '_>, blocks: &mut Blocks) {
        let mut text = String::new();
        let mut framed = Vec::new();
        runs(node, &mut text, &mut framed);
        let properties = child(node, "pPr");
        let style = properties
            .and_then(|properties| child(properties, "pStyle"))
            .and_then(|style| attribute(style, "val"))
            .and_then(|style| self.styles.get(style));
        let numbered = properties.and_then(|properties| child(properties, "numPr"));
        let outline = properties
            .and_then(|properties| child(properties, "outlineLvl"))
            .and_then(|level| attribute(level, "val")?.parse::<u8>().ok())
            .filter(|level| *level < 9);
        let marker = numbered.filter(|_| !text.trim().is_empty()).and_then(|numbered| self.marker(numbered));
        match (style, outline, marker) {
            (Some(Style::Contents), ..) => {}
            (Some(Style::Heading(level)), ..) => blocks.push(BlockKind::Heading(level), &text),
            (_, Some(level), _) => blocks.push(BlockKind::Heading((level + 1).min(6)), &text),
            (Some(Style::Code), ..) => code(&text, blocks),
            (_, _, Some(marker)) => item(&format!("{marker}{}", text.trim()), blocks),
            (Some(Style::List), ..) if !text.trim().is_empty() => item(&format!("- {}", text.trim()), blocks),
            _ => blocks.push(BlockKind::Paragraph, &text),
        }
        for frame in framed {
            self.read(frame, blocks);
        }
    }

    /// What is in front of an item; `None` where a style's numbers are taken away.
    fn marker(&mut self, numbered: Node<'_, '_>) -> Option<String> {
        let value = |name: &str| child(numbered, name).and_then(|node| attribute(node, "val"));
        let list = value("numId").filter(|list| *list != "0")?;
        Some(self.numbering.marker(list, value("ilvl").unwrap_or("0")))
    }
}

fn item(text: &str, blocks: &mut Blocks) {
    blocks.push(BlockKind::ListItem, text);
}

/// Lines of code that follow one another are one block.
fn code(text: &str, blocks: &mut Blocks) {
    match blocks.list.last_mut() {
        Some(last) if last.kind == BlockKind::Code => {
            last.text.push('\n');
            last.text.push_str(text.trim_end());
        }
        _ => blocks.push(BlockKind::Code, text),
    }
}

/// The visible text of a paragraph. Text boxes in it are put aside, as they hold paragraphs of their own.
fn runs<'a, 't>(node: Node<'a, 't>, text: &mut String, framed: &mut Vec<Node<'a, 't>>) {
    for node in node.children().filter(Node::is_element) {
        match node.tag_name().name() {
            "t" => text.push_str(node.text().unwrap_or_default()),
            "tab" | "ptab" => text.push('\t'),
            "br" | "cr" => text.push('\n'),
            "noBreakHyphen" => text.push('-'),
            "r" if is_hidden(node) => {}
            "txbxContent" => framed.push(node),
            // Changes that were taken back, field codes, comments, and what is there a second time for older programs.
            "del" | "moveFrom" | "delText" | "instrText" | "delInstrText" | "commentReference" | "pPr"
            | "rPr" | "Fallback" => {}
            // Of a formula the letters are kept.
            _ => runs(node, text, framed),
        }
    }
}

/// Whether a run is marked as hidden.
fn is_hidden(run: Node<'_, '_>) -> bool {
    let mark = child(run, "rPr").and_then(|properties| child(properties, "vanish"));
    mark.is_some_and(|mark| !matches!(attribute(mark, "val"), Some("0" | "false" | "off")))
}

/// The cells of a table, one in another as text of the outer one.
fn rows(table: Node<'_, '_>) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for row in table.descendants().filter(|node| node.tag_name().name() == "tr") {
        // Rows of tables in cells belong to their cell.
        let owner = row.ancestors().find(|node| node.tag_name().name() == "tbl");
        if owner == Some(table) && !is_deleted(row) {
            rows.push(cells(row));
        }
    }
    rows
}

fn is_deleted(row: Node<'_, '_>) -> bool {
    child(row, "trPr").is_some_and(|properties| child(properties, "del").is_some())
}

fn cells(row: Node<'_, '_>) -> Vec<String> {
    let owned = |cell: &Node<'_, '_>| {
        cell.tag_name().name() == "tc"
            && cell.ancestors().skip(1).find(|node| node.tag_name().name() == "tr") == Some(row)
    };
    let mut cells = Vec::new();
    for node in row.descendants().filter(owned) {
        cells.push(cell(node));
        // The columns that a cell reaches over stay empty, so that the next one is under its header.
        let span = child(node, "tcPr").and_then(|properties| child(properties, "gridSpan"));
        let span = span.and_then(|span| attribute(span, "val")?.parse().ok()).unwrap_or(1_usize);
        cells.extend(std::iter::repeat_n(String::new(), span.clamp(1, WIDEST) - 1));
    }
    cells
}

fn cell(cell: Node<'_, '_>) -> String {
    let mut lines = Vec::new();
    paragraphs(cell, &mut lines);
    lines.join("\n")
}

/// The text of the paragraphs below a node, those of text boxes in them included, each once.
fn paragraphs(node: Node<'_, '_>, lines: &mut Vec<String>) {
    for node in node.children().filter(Node::is_element) {
        match node.tag_name().name() {
            "p" => {
                let (mut text, mut framed) = (String::new(), Vec::new());
                runs(node, &mut text, &mut framed);
                lines.push(text);
                for frame in framed {
                    paragraphs(frame, lines);
                }
            }
            "del" | "moveFrom" | "Fallback" => {}
            _ => paragraphs(node, lines),
        }
    }
}
