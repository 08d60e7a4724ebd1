//! Office Open XML slides (`.pptx`), as of ECMA-376 part 1, chapter 19.

use corpus::{Block, BlockKind};
use roxmltree::Node;

use super::package::{Package, attribute, bounded, child, parse, target};
use super::properties;
use super::text::Blocks;
use crate::extract::fields::Fields;
use crate::extract::{ExtractError, Limits};

const MAIN: &str = "ppt/presentation.xml";

/// The blocks of all slides, in order, and what the presentation says of itself. A slide is a page.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<(Fields, Vec<Block>), ExtractError> {
    let mut package = Package::open(bytes, limits)?;
    let fields = properties::read(&mut package, "docProps/core.xml")?;
    let main = package.text(MAIN)?;
    let main = parse(MAIN, &main)?;
    let relations = relations(&mut package, MAIN)?;
    let ids = main.descendants().filter(|node| node.tag_name().name() == "sldId");
    // An id of its own beside that of the relation.
    let named = |node: Node<'_, '_>| {
        let mut relation = node.attributes().filter(|attribute| attribute.name() == "id");
        relation
            .find(|attribute| attribute.namespace().is_some())
            .map(|attribute| attribute.value().to_owned())
    };
    let mut blocks = Blocks::default();
    for (number, id) in ids.enumerate().take(limits.pages) {
        let Some(path) = named(id).and_then(|id| find(&relations, |relation| relation.id == id)) else {
            continue;
        };
        blocks.page = Some(number as u32 + 1);
        slide(&mut package, &path, limits, &mut blocks)?;
        if blocks.len() > limits.document_bytes {
            return Err(ExtractError::too_large("bytes of text", limits.document_bytes));
        }
    }
    Ok((fields, blocks.list))
}

struct Relation {
    id: String,
    kind: String,
    target: String,
}

/// What a part refers to.
fn relations(package: &mut Package<'_>, part: &str) -> Result<Vec<Relation>, ExtractError> {
    let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
    let name = format!("{folder}/_rels/{file}.rels");
    let Some(text) = package.optional(&name)? else { return Ok(Vec::new()) };
    let document = parse(&name, &text)?;
    let relation = |node: Node<'_, '_>| {
        // What lies outside is none of ours.
        if attribute(node, "TargetMode") == Some("External") {
            return None;
        }
        Some(Relation {
            id: attribute(node, "Id")?.to_owned(),
            kind: attribute(node, "Type")?.to_owned(),
            target: target(part, attribute(node, "Target")?),
        })
    };
    Ok(document.descendants().filter_map(relation).collect())
}

fn find(relations: &[Relation], wanted: impl Fn(&Relation) -> bool) -> Option<String> {
    relations.iter().find(|relation| wanted(relation)).map(|relation| relation.target.clone())
}

/// A slide with its notes.
fn slide(
    package: &mut Package<'_>,
    path: &str,
    limits: &Limits,
    blocks: &mut Blocks,
) -> Result<(), ExtractError> {
    let Some(text) = package.optional(path)? else { return Ok(()) };
    let document = parse(path, &text)?;
    bounded(&document, limits.depth)?;
    if attribute(document.root_element(), "show") == Some("0") {
        return Ok(());
    }
    shapes(document.root_element(), blocks);
    let notes = find(&relations(package, path)?, |relation| relation.kind.ends_with("/notesSlide"));
    if let Some(path) = notes
        && let Some(text) = package.optional(&path)?
    {
        let document = parse(&path, &text)?;
        bounded(&document, limits.depth)?;
        notes_of(document.root_element(), blocks);
    }
    Ok(())
}

fn shapes(node: Node<'_, '_>, blocks: &mut Blocks) {
    for node in node.children().filter(Node::is_element) {
        match node.tag_name().name() {
            "sp" => match placeholder(node) {
                Some("title" | "ctrTitle") => blocks.push(BlockKind::Heading(1), &paragraphs(node).join(" ")),
                Some("dt" | "ftr" | "hdr" | "sldNum") => {}
                _ => shape(node, blocks),
            },
            "tbl" => {
                let rows = node.descendants().filter(|node| node.tag_name().name() == "tr");
                let rows: Vec<Vec<String>> = rows
                    .map(|row| {
                        let cells = row.children().filter(|node| node.tag_name().name() == "tc");
                        cells.map(|cell| paragraphs(cell).join("\n")).collect()
                    })
                    .collect();
                blocks.table(&rows);
            }
            "Fallback" => {}
            _ => shapes(node, blocks),
        }
    }
}

/// The kind of placeholder that a shape stands in.
fn placeholder<'a>(shape: Node<'a, '_>) -> Option<&'a str> {
    let holder = shape.descendants().find(|node| node.tag_name().name() == "ph")?;
    Some(attribute(holder, "type").unwrap_or("body"))
}

/// Several paragraphs in the body of a slide are its points.
fn shape(shape: Node<'_, '_>, blocks: &mut Blocks) {
    let lines: Vec<String> = paragraphs(shape).into_iter().filter(|line| !line.trim().is_empty()).collect();
    let points = lines.len() > 1 && placeholder(shape).is_some();
    for line in lines {
        if points {
            blocks.push(BlockKind::ListItem, &format!("- {}", line.trim()));
        } else {
            blocks.push(BlockKind::Paragraph, &line);
        }
    }
}

fn notes_of(node: Node<'_, '_>, blocks: &mut Blocks) {
    for shape in node.descendants().filter(|node| node.tag_name().name() == "sp") {
        if placeholder(shape) == Some("body") {
            for line in paragraphs(shape) {
                blocks.push(BlockKind::Paragraph, &line);
            }
        }
    }
}

/// The paragraphs below a node.
fn paragraphs(node: Node<'_, '_>) -> Vec<String> {
    let paragraphs = node.descendants().filter(|node| node.tag_name().name() == "p");
    paragraphs.map(paragraph).collect()
}

fn paragraph(node: Node<'_, '_>) -> String {
    let mut text = String::new();
    for node in node.descendants().filter(Node::is_element) {
        match node.tag_name().name() {
            "t" if child(node, "t").is_none() => text.push_str(node.text().unwrap_or_default()),
            "br" => text.push('\n'),
            "tab" => text.push('\t'),
            _ => {}
        }
    }
    text
}
