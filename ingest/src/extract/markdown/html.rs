//! HTML within Markdown.

use corpus::{Block, BlockKind};
use scraper::{Html, Node};

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

/// The text of a block of HTML, which may lack its end: Markdown parts it at empty lines.
pub(super) fn blocks(fragment: &str) -> Vec<Block> {
    let mut lines = vec![String::new()];
    let html = Html::parse_fragment(fragment);
    for node in html.tree.root().descendants() {
        match node.value() {
            Node::Text(text) if !node.parent().is_some_and(|parent| is_hidden(parent.value())) => {
                if let Some(line) = lines.last_mut() {
                    line.push_str(text);
                }
            }
            Node::Element(element) if !INLINE.contains(&element.name()) => lines.push(String::new()),
            _ => {}
        }
    }
    lines
        .iter()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .map(|line| Block::new(BlockKind::Paragraph, line))
        .collect()
}

const INLINE: [&str; 14] =
    ["a", "b", "i", "em", "strong", "span", "code", "kbd", "sup", "sub", "small", "u", "mark", "font"];

fn is_hidden(node: &Node) -> bool {
    node.as_element().is_some_and(|element| matches!(element.name(), "script" | "style" | "template"))
}
