//! HTML within Markdown.

use corpus::{Block, BlockKind};

use super::super::Limits;
use super::super::html::message;

/// What an inline tag means to the text: a line break, a space where words would otherwise run together, or nothing.
pub(super) fn inline(tag: &str, in_table: bool) -> &'static str {
    let name = tag.trim_start_matches(['<', '/']);
    let name: String =
        name.chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    match name.as_str() {
        "br" | "li" | "p" | "div" | "tr" if in_table => " ",
        "br" | "li" | "p" | "div" | "tr" => "\n",
        "td" | "th" => " ",
        _ => "",
    }
}

/// The blocks of a piece of HTML, which may lack its end: Markdown parts it at empty lines.
pub(super) fn blocks(fragment: &str) -> Vec<Block> {
    // What is nested too deep to be read as HTML stays as it is written, rather than be lost.
    message(fragment, &Limits::default())
        .unwrap_or_else(|_| vec![Block::new(BlockKind::Code, fragment.trim().to_owned())])
}
