//! From elements to blocks.

use corpus::{Block, BlockKind};
use quick_xml::events::BytesStart;

use super::super::super::fields::Fields;
use super::{DEEPEST, Role, XmlError, role};

/// Collects blocks while the reader goes through a file.
#[derive(Default)]
pub(super) struct Writer {
    pub(super) fields: Fields,
    pub(super) blocks: Vec<Block>,
    open: Vec<Role>,
    /// Number of open elements that are left out.
    skipped: usize,
    sections: u8,
    /// Items so far of each open list; none in bullets.
    lists: Vec<Option<usize>>,
    marker: Option<String>,
    label: Option<String>,
    text: String,
    rows: Vec<Vec<String>>,
}

impl Writer {
    pub(super) fn start(&mut self, tag: &BytesStart<'_>, empty: bool) -> Result<(), XmlError> {
        if self.open.len() >= DEEPEST {
            return Err(XmlError::Deep);
        }
        let name = tag.local_name();
        let name = str::from_utf8(name.as_ref()).unwrap_or_default();
        let attribute = |key: &str| {
            let value = tag.try_get_attribute(key).ok().flatten()?;
            Some(String::from_utf8_lossy(&value.value).into_owned())
        };
        let parent = self.open.last().copied().unwrap_or(Role::Section);
        let mut role = role(name, parent);
        if self.open.is_empty() && self.blocks.is_empty() && role != Role::Section {
            return Err(XmlError::Unknown(name.to_owned()));
        }
        // Mallard: other wordings of the title, for links and sorting.
        if role == Role::Title && attribute("type").is_some() {
            role = Role::Skip;
        }
        // Below the properties of a page only its title and revision are of use.
        if self.open.contains(&Role::Info)
            && role != Role::Title
            && !self.open.contains(&Role::Title)
            && name != "revision"
        {
            role = Role::Skip;
        }
        self.open.push(role);
        if self.skipped > 0 || role == Role::Skip {
            self.skipped += 1;
            return Ok(());
        }
        match role {
            Role::Section => {
                self.flush();
                self.sections = self.sections.saturating_add(1);
            }
            Role::Title | Role::Paragraph | Role::Code | Role::Table => self.flush_between(),
            Role::Bullets | Role::Numbers => {
                self.flush();
                self.lists.push((role == Role::Numbers).then_some(0));
            }
            Role::Item => {
                self.flush();
                self.marker = Some(self.next_marker());
            }
            Role::Admonition => {
                self.flush();
                self.label = Some(capitalized(&attribute("style").unwrap_or_else(|| name.to_owned())));
            }
            Role::Row => self.rows.push(Vec::new()),
            _ => {}
        }
        if let Role::Path(separator) = parent
            && !self.text.is_empty()
            && !self.text.ends_with(separator)
            && self.text.ends_with(|c: char| !c.is_whitespace())
        {
            self.text.push_str(separator);
        }
        if name == "revision" {
            for (key, field) in
                [("pkgversion", "version"), ("version", "version"), ("date", "updated"), ("status", "status")]
            {
                if let Some(value) = attribute(key) {
                    self.revise(field, &value);
                }
            }
        }
        // A link without text shows the title of its target, which is not at hand; its name comes close.
        if empty
            && matches!(name, "link" | "xref")
            && let Some(target) = attribute("xref").or_else(|| attribute("linkend"))
        {
            self.text.push_str(&target.replace(['-', '#', '_'], " "));
        }
        Ok(())
    }

    /// The last revision counts.
    fn revise(&mut self, field: &str, value: &str) {
        let mut later = Fields::default();
        later.set(field, value);
        self.fields.metadata.extend(later.metadata);
        self.fields.modified = self.fields.modified.max(later.modified);
    }

    pub(super) fn end(&mut self) {
        let Some(role) = self.open.pop() else { return };
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        match role {
            Role::Section => {
                self.flush();
                self.sections = self.sections.saturating_sub(1);
            }
            Role::Title => self.title(),
            Role::Paragraph => self.flush_between(),
            Role::Item => {
                self.flush();
                self.marker = None;
            }
            Role::Bullets | Role::Numbers => {
                self.flush();
                self.lists.pop();
            }
            Role::Admonition => {
                self.flush();
                self.label = None;
            }
            Role::Cell => {
                let cell = self.take();
                if let Some(row) = self.rows.last_mut() {
                    row.push(cell);
                }
            }
            Role::Table => {
                let rows = std::mem::take(&mut self.rows);
                let full = rows.iter().filter(|row| row.iter().any(|cell| !cell.is_empty()));
                let text = full.map(|row| row.join(" | ")).collect::<Vec<_>>().join("\n");
                self.push(BlockKind::Table, text);
            }
            Role::Code => {
                let code = std::mem::take(&mut self.text);
                self.push(BlockKind::Code, code.trim_matches('\n').trim_end().to_owned());
            }
            Role::Path(_) | Role::Row | Role::Info | Role::Skip | Role::Inline => {}
        }
    }

    fn title(&mut self) {
        let holder = self.open.iter().rev().find(|role| !matches!(role, Role::Inline | Role::Info)).copied();
        if holder == Some(Role::Section) {
            let text = self.take();
            if self.sections <= 1 {
                self.fields.set("title", &text);
            }
            self.push(BlockKind::Heading(self.sections.clamp(1, 6)), text);
        } else {
            self.flush();
        }
    }

    pub(super) fn text(&mut self, text: &str) {
        if self.skipped > 0 {
            return;
        }
        if self.open.last() == Some(&Role::Code) {
            self.text.push_str(text);
            return;
        }
        // White space between the steps of a path is not a part of it.
        if matches!(self.open.last(), Some(Role::Path(_))) && text.trim().is_empty() {
            return;
        }
        for (index, word) in text.split(|c: char| c.is_ascii_whitespace()).enumerate() {
            if index > 0 && !self.text.is_empty() && !self.text.ends_with(' ') {
                self.text.push(' ');
            }
            self.text.push_str(word);
        }
    }

    fn next_marker(&mut self) -> String {
        let indent = "  ".repeat(self.lists.len().saturating_sub(1).min(8));
        match self.lists.last_mut() {
            Some(Some(count)) => {
                *count += 1;
                format!("{indent}{count}. ")
            }
            _ => format!("{indent}- "),
        }
    }

    fn take(&mut self) -> String {
        std::mem::take(&mut self.text).trim().to_owned()
    }

    /// Ends a paragraph; within a table's cell it only ends a line.
    fn flush_between(&mut self) {
        if self.open.contains(&Role::Cell) {
            if !self.text.is_empty() && !self.text.ends_with(' ') {
                self.text.push(' ');
            }
        } else {
            self.flush();
        }
    }

    pub(super) fn flush(&mut self) {
        let mut text = self.take();
        if text.is_empty() {
            return;
        }
        if let Some(label) = self.label.take() {
            text = format!("{label}: {text}");
        }
        match self.marker.take() {
            Some(marker) => self.blocks.push(Block::new(BlockKind::ListItem, marker + &text)),
            None => self.push(BlockKind::Paragraph, text),
        }
    }

    fn push(&mut self, kind: BlockKind, text: String) {
        if !text.trim().is_empty() {
            self.blocks.push(Block::new(kind, text));
        }
    }
}

fn capitalized(word: &str) -> String {
    let word = word.split_whitespace().next().unwrap_or("note");
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
