//! Office Open XML text (`.docx`), as of ECMA-376 part 1, chapter 17.

mod body;
mod numbering;
mod styles;

use corpus::Block;

use super::package::{Package, attribute, bounded, parse, target};
use super::properties;
use super::text::Blocks;
use crate::extract::fields::Fields;
use crate::extract::{ExtractError, Limits};
use body::Body;
use numbering::Numbering;
use styles::Styles;

/// What the main part is called where no relation says so.
const MAIN: &str = "word/document.xml";

/// The blocks of a document and what it says of itself.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<(Fields, Vec<Block>), ExtractError> {
    let mut package = Package::open(bytes, limits)?;
    let fields = properties::read(&mut package, "docProps/core.xml")?;
    let main = main_part(&mut package)?;
    let beside = |name: &str| target(&main, name);
    let styles = match package.optional(&beside("styles.xml"))? {
        Some(text) => Styles::read(&parse("styles.xml", &text)?),
        None => Styles::default(),
    };
    let numbering = match package.optional(&beside("numbering.xml"))? {
        Some(text) => Numbering::read(&parse("numbering.xml", &text)?),
        None => Numbering::default(),
    };
    let mut body = Body::new(styles, numbering);
    let mut blocks = Blocks::default();
    for (part, required) in
        [(main.clone(), true), (beside("footnotes.xml"), false), (beside("endnotes.xml"), false)]
    {
        let text = if required { Some(package.text(&part)?) } else { package.optional(&part)? };
        let Some(text) = text else { continue };
        let document = parse(&part, &text)?;
        bounded(&document, limits.depth)?;
        body.read(document.root_element(), &mut blocks);
        if blocks.len() > limits.document_bytes {
            return Err(ExtractError::too_large("bytes of text", limits.document_bytes));
        }
    }
    Ok((fields, blocks.list))
}

/// The part with the text, as the package names it.
fn main_part(package: &mut Package<'_>) -> Result<String, ExtractError> {
    let Some(text) = package.optional("_rels/.rels")? else { return Ok(MAIN.to_owned()) };
    let document = parse("_rels/.rels", &text)?;
    let main = document
        .descendants()
        .find(|node| attribute(*node, "Type").is_some_and(|kind| kind.ends_with("/officeDocument")));
    Ok(main.and_then(|node| attribute(node, "Target")).map_or(MAIN.to_owned(), |href| target("", href)))
}
