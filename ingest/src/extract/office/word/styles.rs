//! What the styles of a document mean.

use std::collections::HashMap;

use roxmltree::Document;

use crate::extract::office::package::{attribute, child};

/// What a style makes of a paragraph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Heading(u8),
    List,
    Code,
    /// A table of contents: the headings once more.
    Contents,
}

/// The styles that mean something, by id.
#[derive(Debug, Default)]
pub(super) struct Styles {
    named: HashMap<String, Style>,
}

impl Styles {
    pub(super) fn read(document: &Document<'_>) -> Self {
        let mut named = HashMap::new();
        let mut based = HashMap::new();
        for style in document.descendants().filter(|node| node.tag_name().name() == "style") {
            let Some(id) = attribute(style, "styleId") else { continue };
            let value = |name: &str| child(style, name).and_then(|node| attribute(node, "val"));
            let outline = child(style, "pPr")
                .and_then(|properties| child(properties, "outlineLvl"))
                .and_then(|level| attribute(level, "val"))
                .and_then(|level| level.parse::<u8>().ok())
                .filter(|level| *level < 9);
            let meaning = value("name").and_then(by_name);
            if let Some(style) = meaning.or(outline.map(|level| Style::Heading((level + 1).min(6)))) {
                named.insert(id.to_owned(), style);
            } else if let Some(parent) = value("basedOn") {
                based.insert(id.to_owned(), parent.to_owned());
            }
        }
        // A style of one's own is mostly made from a known one; chains are short, and may be circles.
        for id in based.keys() {
            let mut at = id;
            for _ in 0..8 {
                let Some(parent) = based.get(at) else { break };
                at = parent;
            }
            if let Some(style) = named.get(at).copied() {
                named.insert(id.clone(), style);
            }
        }
        Self { named }
    }

    pub(super) fn get(&self, id: &str) -> Option<Style> {
        // Without a part for styles, ids are mostly names.
        self.named.get(id).copied().or_else(|| by_name(id))
    }
}

fn by_name(name: &str) -> Option<Style> {
    let lower: String = name.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    if let Some(level) = lower.strip_prefix("heading").and_then(|level| level.parse::<u8>().ok()) {
        return Some(Style::Heading(level.clamp(1, 6)));
    }
    match lower.as_str() {
        "title" => Some(Style::Heading(1)),
        "subtitle" => Some(Style::Heading(2)),
        _ if lower.starts_with("toc") => Some(Style::Contents),
        _ if lower.starts_with("list") => Some(Style::List),
        _ if ["code", "htmlpreformatted", "sourcecode", "plaintext", "macrotext", "verbatim"]
            .iter()
            .any(|code| lower.contains(code)) =>
        {
            Some(Style::Code)
        }
        _ => None,
    }
}
