//! What documents say of themselves.

use super::package::{Package, parse};
use crate::extract::ExtractError;
use crate::extract::fields::Fields;

/// Reads Dublin Core properties, as in `docProps/core.xml`, `meta.xml` and the package of an e-book. Broken ones are none.
pub(super) fn read(package: &mut Package<'_>, part: &str) -> Result<Fields, ExtractError> {
    let mut fields = Fields::default();
    let Some(text) = package.optional(part)? else { return Ok(fields) };
    if let Ok(document) = parse(part, &text) {
        for node in document.descendants().filter(roxmltree::Node::is_element) {
            let Some(value) = node.text() else { continue };
            match node.tag_name().name() {
                "title" if !is_default(value) => fields.set("title", value),
                "modified" => fields.set("modified", value),
                "date" | "created" | "creation-date" => fields.set("created", value),
                "language" => fields.set("lang", value),
                "category" => fields.set("category", value),
                "keywords" | "keyword" | "subject" => fields.set("tags", value),
                _ => {}
            }
        }
    }
    Ok(fields)
}

/// Titles that programs give by themselves say nothing.
fn is_default(title: &str) -> bool {
    let lower = title.trim().to_lowercase();
    ["powerpoint presentation", "microsoft word", "untitled", "document", "slide 1", "presentation"]
        .iter()
        .any(|word| lower == *word)
        || lower.starts_with("microsoft word - ")
}
