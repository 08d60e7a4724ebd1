//! E-books (EPUB 2 and 3).

use std::collections::HashMap;

use corpus::Block;

use super::package::{Package, attribute, parse, target};
use super::properties;
use crate::extract::fields::Fields;
use crate::extract::html;
use crate::extract::{ExtractError, Limits};

const CONTAINER: &str = "META-INF/container.xml";

/// The blocks of all chapters in the order of reading, and what the book says of itself.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<(Fields, Vec<Block>), ExtractError> {
    let mut package = Package::open(bytes, limits)?;
    let container = package.text(CONTAINER)?;
    let container = parse(CONTAINER, &container)?;
    let root = container.descendants().find_map(|node| attribute(node, "full-path"));
    let root = root.ok_or_else(|| ExtractError::malformed("it names no book"))?.to_owned();
    let fields = properties::read(&mut package, &root)?;
    let text = package.text(&root)?;
    let about = parse(&root, &text)?;
    let files: HashMap<&str, &str> = about
        .descendants()
        .filter(|node| node.tag_name().name() == "item")
        .filter(|node| attribute(*node, "properties").is_none_or(|properties| !properties.contains("nav")))
        .filter_map(|node| attribute(node, "id").zip(attribute(node, "href")))
        .collect();
    let chapters = about.descendants().filter(|node| node.tag_name().name() == "itemref");
    let mut blocks: Vec<Block> = Vec::new();
    for file in chapters.filter_map(|node| files.get(attribute(node, "idref")?)).take(limits.pages) {
        let path = target(&root, &file.replace("%20", " "));
        let Some(bytes) = package.member(&path)? else { continue };
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        blocks.extend(html::read(&bytes, limits)?.1);
        if blocks.iter().map(|block| block.text.len()).sum::<usize>() > limits.document_bytes {
            return Err(ExtractError::too_large("bytes of text", limits.document_bytes));
        }
    }
    Ok((fields, blocks))
}
