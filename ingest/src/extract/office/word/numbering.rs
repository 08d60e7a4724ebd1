//! Numbers and bullets of lists.

use std::collections::HashMap;

use roxmltree::{Document, Node};

use crate::extract::office::package::{attribute, child};

/// What is in front of the items of each list and level.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    /// The abstract list of each list.
    lists: HashMap<String, String>,
    /// Formats of the levels of an abstract list that are numbered.
    numbered: HashMap<(String, String), Format>,
    /// How far each list has come.
    counts: HashMap<(String, String), usize>,
}

#[derive(Clone, Copy, Debug)]
enum Format {
    Decimal,
    Letter,
    Other,
}

impl Numbering {
    pub(super) fn read(document: &Document<'_>) -> Self {
        let mut numbering = Self::default();
        for node in document.descendants().filter(Node::is_element) {
            match node.tag_name().name() {
                "abstractNum" => numbering.levels(node),
                "num" => {
                    let list = child(node, "abstractNumId").and_then(|node| attribute(node, "val"));
                    if let Some((id, list)) = attribute(node, "numId").zip(list) {
                        numbering.lists.insert(id.to_owned(), list.to_owned());
                    }
                }
                _ => {}
            }
        }
        numbering
    }

    fn levels(&mut self, list: Node<'_, '_>) {
        let Some(id) = attribute(list, "abstractNumId") else { return };
        for level in list.children().filter(|node| node.tag_name().name() == "lvl") {
            let format = child(level, "numFmt").and_then(|format| attribute(format, "val"));
            let format = match format {
                Some("bullet" | "none") | None => continue,
                Some("decimal" | "decimalZero") => Format::Decimal,
                Some("lowerLetter" | "upperLetter") => Format::Letter,
                Some(_) => Format::Other,
            };
            if let Some(number) = attribute(level, "ilvl") {
                self.numbered.insert((id.to_owned(), number.to_owned()), format);
            }
        }
    }

    /// What is in front of the next item of a list.
    pub(super) fn marker(&mut self, list: &str, level: &str) -> String {
        let Some(kind) = self.lists.get(list) else { return "- ".to_owned() };
        let Some(format) = self.numbered.get(&(kind.clone(), level.to_owned())).copied() else {
            return "- ".to_owned();
        };
        // An item begins the lists below it anew.
        let deeper = |other: &str| other.parse::<u8>().ok() > level.parse::<u8>().ok();
        self.counts.retain(|(own, other), _| own != list || !deeper(other));
        let count = self.counts.entry((list.to_owned(), level.to_owned())).or_default();
        *count += 1;
        match format {
            Format::Letter if *count <= 26 => format!("{}. ", (b'a' + *count as u8 - 1) as char),
            Format::Decimal | Format::Letter | Format::Other => format!("{count}. "),
        }
    }
}
