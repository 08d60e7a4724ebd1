//! Documentation in XML: Mallard, DocBook and DITA, as far as they say the same things by other names.

use corpus::{Block, BlockKind};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::super::error::ExtractError;
use super::super::fields::Fields;

/// Deepest nesting that is followed.
const DEEPEST: usize = 200;

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum XmlError {
    /// Not XML, or broken.
    #[error("broken XML at byte {at}: {problem}")]
    Broken {
        /// Offset of the problem.
        at: u64,
        /// What is wrong.
        problem: String,
    },
    /// Nested without end.
    #[error("nested more than {DEEPEST} elements deep")]
    Deep,
    /// Not documentation.
    #[error("XML with root element <{0}>, which is not a known kind of documentation")]
    Unknown(String),
}

impl From<XmlError> for ExtractError {
    fn from(error: XmlError) -> Self {
        match error {
            XmlError::Unknown(_) => Self::Unsupported { what: error.to_string() },
            XmlError::Deep => Self::too_large("nested elements", DEEPEST),
            XmlError::Broken { .. } => Self::malformed(error),
        }
    }
}

/// What an element does to the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Section,
    Title,
    Paragraph,
    Bullets,
    Numbers,
    Item,
    Admonition,
    Table,
    Row,
    Cell,
    Code,
    /// Children are parted by this.
    Path(&'static str),
    /// What a page says of itself; only its title is text.
    Info,
    /// Left out with all that is in it.
    Skip,
    Inline,
}

fn role(name: &str, parent: Role) -> Role {
    match name {
        "page" | "section" | "article" | "book" | "chapter" | "part" | "appendix" | "sect1" | "sect2"
        | "sect3" | "sect4" | "sect5" | "refentry" | "refsect1" | "refsect2" | "topic" | "concept"
        | "task" | "reference" | "glossary" | "preface" | "simplesect" => Role::Section,
        "title" | "refname" => Role::Title,
        "p" | "para" | "simpara" | "formalpara" | "cmd" | "shortdesc" | "term" | "dt" | "refpurpose" => {
            Role::Paragraph
        }
        "list" | "itemizedlist" | "simplelist" | "variablelist" | "ul" | "terms" | "tree" | "substeps"
        | "steps-unordered" => Role::Bullets,
        "steps" | "orderedlist" | "procedure" | "ol" => Role::Numbers,
        "item" | "listitem" | "member" | "step" | "substep" | "li" | "varlistentry" => Role::Item,
        "note" | "tip" | "warning" | "caution" | "important" => Role::Admonition,
        "table" | "informaltable" | "simpletable" => Role::Table,
        "tr" | "row" | "strow" | "sthead" => Role::Row,
        "td" | "th" | "entry" | "stentry" => Role::Cell,
        "screen" | "programlisting" | "literallayout" | "synopsis" | "codeblock" | "listing" => Role::Code,
        "code" if !matches!(parent, Role::Paragraph | Role::Title | Role::Inline | Role::Cell) => Role::Code,
        "guiseq" | "menuchoice" | "menucascade" => Role::Path(" > "),
        "keyseq" | "keycombo" => Role::Path("+"),
        "info" | "articleinfo" | "bookinfo" | "chapterinfo" | "sectioninfo" | "refentryinfo" => Role::Info,
        "credit" | "author" | "authorgroup" | "editor" | "desc" | "legalnotice" | "license" | "copyright"
        | "comment" | "remark" | "indexterm" | "media" | "mediaobject" | "inlinemediaobject" | "image"
        | "links" | "abstract" | "keywordset" | "revhistory" | "prolog" | "index" | "toc" | "years"
        | "include" => Role::Skip,
        _ => Role::Inline,
    }
}

/// The blocks of a page of documentation and what it says of itself.
pub(in super::super) fn read(text: &str) -> Result<(Fields, Vec<Block>), XmlError> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    let mut writer = Writer::default();
    loop {
        let event = reader
            .read_event()
            .map_err(|error| XmlError::Broken { at: reader.error_position(), problem: error.to_string() })?;
        match event {
            Event::Start(tag) => writer.start(&tag, false)?,
            Event::Empty(tag) => {
                writer.start(&tag, true)?;
                writer.end();
            }
            Event::End(_) => writer.end(),
            Event::Text(text) => writer.text(&text.decode().unwrap_or_default()),
            Event::CData(text) => writer.text(&text.decode().unwrap_or_default()),
            Event::GeneralRef(entity) => {
                let name = entity.decode().unwrap_or_default();
                match entity.resolve_char_ref() {
                    Ok(Some(c)) => writer.text(c.encode_utf8(&mut [0; 4])),
                    _ if name == "nbsp" => writer.text(" "),
                    // Entities of the document's own are not expanded; their names usually speak.
                    _ => writer.text(quick_xml::escape::resolve_predefined_entity(&name).unwrap_or(&name)),
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    writer.flush();
    Ok((writer.fields, writer.blocks))
}

#[derive(Default)]
struct Writer {
    fields: Fields,
    blocks: Vec<Block>,
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
    fn start(&mut self, tag: &BytesStart<'_>, empty: bool) -> Result<(), XmlError> {
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

    fn end(&mut self) {
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

    fn text(&mut self, text: &str) {
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

    fn flush(&mut self) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(xml: &str) -> Vec<(BlockKind, String)> {
        let (_, blocks) = read(xml).expect("documentation");
        blocks.into_iter().map(|block| (block.kind, block.text)).collect()
    }

    #[test]
    fn a_mallard_page_is_read() {
        let xml = r#"<page xmlns="http://projectmallard.org/1.0/" id="x"><info>
            <revision pkgversion="3.8" date="2013-03-13" status="candidate"/>
            <revision pkgversion="3.18" date="2015-09-28" status="final"/>
            <credit type="author"><name>Nobody</name><email>nobody@example.com</email></credit>
            <title type="sort">Sorted</title><desc>Not shown.</desc><tags>not shown</tags></info>
            <title>Wake the <em>mouse</em></title>
            <p>Open <guiseq><gui>Settings</gui> <gui>Power</gui></guiseq>
              or press <keyseq><key>Ctrl</key><key>C</key></keyseq>.</p>
            <section id="s"><title>Steps</title>
            <steps><item><p>One &amp; only.</p></item><item><p>Two.</p>
              <list><item><p>Deeper</p></item></list></item></steps>
            <note style="warning"><p>Mind the gap.</p></note>
            <screen>$ <input>ls</input>
  done</screen></section></page>"#;
        let (fields, _) = read(xml).expect("documentation");
        assert_eq!(fields.title.as_deref(), Some("Wake the mouse"));
        assert_eq!(fields.metadata.get("version").map(String::as_str), Some("3.18"));
        assert_eq!(fields.metadata.get("status").map(String::as_str), Some("final"));
        assert_eq!(fields.modified.map(|time| time.to_string()).as_deref(), Some("2015-09-28T00:00:00Z"));
        let expected = [
            (BlockKind::Heading(1), "Wake the mouse"),
            (BlockKind::Paragraph, "Open Settings > Power or press Ctrl+C."),
            (BlockKind::Heading(2), "Steps"),
            (BlockKind::ListItem, "1. One & only."),
            (BlockKind::ListItem, "2. Two."),
            (BlockKind::ListItem, "  - Deeper"),
            (BlockKind::Paragraph, "Warning: Mind the gap."),
            (BlockKind::Code, "$ ls\n  done"),
        ];
        assert_eq!(texts(xml), expected.map(|(kind, text)| (kind, text.to_owned())));
    }

    #[test]
    fn a_docbook_table_has_a_line_for_each_row() {
        let xml = "<article><info><title>T</title></info><table><tr><th><para>A</para></th><th>B</th></tr>\
                   <tr><td><para>1</para><para>2</para></td><td>3</td></tr></table></article>";
        assert_eq!(texts(xml).last(), Some(&(BlockKind::Table, "A | B\n1 2 | 3".to_owned())));
    }

    #[test]
    fn what_is_not_documentation_is_refused() {
        assert!(matches!(read("<svg><path/></svg>"), Err(XmlError::Unknown(name)) if name == "svg"));
        assert!(matches!(read("<page><p>a & b <"), Err(XmlError::Broken { .. })));
        assert!(matches!(read(&"<page>".repeat(300)), Err(XmlError::Deep)));
    }

    #[test]
    fn entities_are_not_expanded() {
        let bomb =
            "<!DOCTYPE page [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><page><p>x &b; y</p></page>";
        assert_eq!(texts(bomb), [(BlockKind::Paragraph, "x b y".to_owned())]);
    }
}
