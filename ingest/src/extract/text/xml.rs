//! Documentation in XML: Mallard, `DocBook` and DITA, as far as they say the same things by other names.

mod writer;

use corpus::Block;
use quick_xml::Reader;
use quick_xml::events::Event;

use super::super::error::ExtractError;
use super::super::fields::Fields;
use writer::Writer;

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

#[cfg(test)]
mod tests;
