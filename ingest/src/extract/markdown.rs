//! Markdown: `CommonMark` with tables, footnotes, task lists and front matter, and the dialects of site generators.

mod front;
mod html;
mod prepare;
mod writer;

use corpus::Block;
use pulldown_cmark::{Options, Parser};

use super::fields::Fields;

/// What is read beyond `CommonMark`.
fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
        | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS
        | Options::ENABLE_GFM
}

/// The blocks of a page and what its front matter says.
pub(super) fn read(text: &str) -> (Fields, Vec<Block>) {
    let text = prepare::prepare(text);
    let mut writer = writer::Writer::default();
    for event in Parser::new_ext(&text, options()) {
        writer.event(event);
    }
    writer.finish()
}

/// The text of a fragment of HTML, such as the body of a message.
pub(super) fn html_blocks(fragment: &str) -> Vec<Block> {
    html::blocks(fragment)
}

#[cfg(test)]
mod tests;
