//! Zip files of XML, with bounds.

use std::io::{Cursor, Read as _};

use roxmltree::{Document, Node, ParsingOptions};
use zip::ZipArchive;
use zip::result::ZipError;

use super::Office;
use crate::extract::{ExtractError, Limits};

/// Most members of a file.
const MEMBERS: usize = 20_000;
/// Most elements and texts of one XML part.
const NODES: u32 = 4_000_000;
/// Most bytes that a file may unpack to, for each byte of it, beyond the first megabytes: text packs to a tenth, tables of
/// equal cells to a hundredth.
const RATIO: u64 = 200;
const FREE: u64 = 32 << 20;

/// A zip file that is read by exact member names.
pub(super) struct Package<'b> {
    zip: ZipArchive<Cursor<&'b [u8]>>,
    /// Bytes that may still be unpacked.
    left: u64,
}

impl<'b> Package<'b> {
    pub(super) fn open(bytes: &'b [u8], limits: &Limits) -> Result<Self, ExtractError> {
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
        if zip.len() > MEMBERS {
            return Err(ExtractError::too_large("parts", MEMBERS));
        }
        let most = FREE.saturating_add(RATIO.saturating_mul(bytes.len() as u64));
        Ok(Self { zip, left: most.min(limits.file_bytes.saturating_mul(4)) })
    }

    pub(super) fn holds(&self, name: &str) -> bool {
        self.zip.index_for_name(name).is_some()
    }

    /// Unpacks everything once, so that what unpacks to too much is refused before a library is given the file.
    pub(super) fn check(mut self) -> Result<(), ExtractError> {
        let names: Vec<String> = self.zip.file_names().flatten().map(std::borrow::Cow::into_owned).collect();
        names.iter().try_for_each(|name| self.member(name).map(drop))
    }

    /// A member's bytes; `None` where there is none of that name.
    pub(super) fn member(&mut self, name: &str) -> Result<Option<Vec<u8>>, ExtractError> {
        let member = match self.zip.by_name(name.trim_start_matches('/')) {
            Ok(member) => member,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(error) => return Err(broken(error)),
        };
        let mut bytes = Vec::new();
        let read = member.take(self.left + 1).read_to_end(&mut bytes);
        read.map_err(|error| ExtractError::malformed(format!("part {name:?} cannot be unpacked: {error}")))?;
        let length = bytes.len() as u64;
        if length > self.left {
            return Err(ExtractError::too_large("MiB when unpacked", (self.left >> 20) as usize));
        }
        self.left -= length;
        Ok(Some(bytes))
    }

    /// A member that has to be there, as text.
    pub(super) fn text(&mut self, name: &str) -> Result<String, ExtractError> {
        let bytes = self.member(name)?;
        decode(bytes.ok_or_else(|| ExtractError::malformed(format!("part {name:?} is missing")))?)
    }

    /// The same where it may be missing.
    pub(super) fn optional(&mut self, name: &str) -> Result<Option<String>, ExtractError> {
        self.member(name)?.map(decode).transpose()
    }
}

/// XML parts are UTF-8 or, rarely, UTF-16 with a mark.
fn decode(bytes: Vec<u8>) -> Result<String, ExtractError> {
    let text = crate::extract::text::charset::decode(&bytes);
    text.map(std::borrow::Cow::into_owned).ok_or_else(|| ExtractError::malformed("a part is not text"))
}

/// Parses a part. A document type, with which entities come, is refused by the parser.
pub(super) fn parse<'t>(name: &str, text: &'t str) -> Result<Document<'t>, ExtractError> {
    let options = ParsingOptions { nodes_limit: NODES, ..ParsingOptions::default() };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    Document::parse_with_options(text, options)
        .map_err(|error| ExtractError::malformed(format!("part {name:?}: {error}")))
}

/// An attribute by its local name, whatever its namespace.
pub(super) fn attribute<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.attributes().find(|attribute| attribute.name() == name).map(|attribute| attribute.value())
}

/// The first child element of a local name.
pub(super) fn child<'a, 't>(node: Node<'a, 't>, name: &str) -> Option<Node<'a, 't>> {
    node.children().find(|child| child.is_element() && child.tag_name().name() == name)
}

/// Fails where elements are nested deeper than `depth`, so that what walks them may recurse.
pub(super) fn bounded(document: &Document<'_>, depth: usize) -> Result<(), ExtractError> {
    let mut level = 0_usize;
    let mut node = document.root();
    loop {
        if let Some(child) = node.first_child() {
            node = child;
            level += 1;
            if level > depth {
                return Err(ExtractError::too_large("nested elements", depth));
            }
            continue;
        }
        while node.next_sibling().is_none() {
            match node.parent() {
                Some(parent) => node = parent,
                None => return Ok(()),
            }
            level -= 1;
        }
        if let Some(next) = node.next_sibling() {
            node = next;
        }
    }
}

/// The target of `href`, which a part at `base` names: a path from the root of the package.
pub(super) fn target(base: &str, href: &str) -> String {
    let href = href.split('#').next().unwrap_or_default();
    if let Some(absolute) = href.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut parts: Vec<&str> = base.split('/').collect();
    parts.pop();
    for part in href.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// What a zip file or an older office file turns out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Content {
    Document(Office),
    Encrypted,
}

/// What the parts in `bytes` say that it is; `None` for any other archive.
pub(in super::super) fn content(bytes: &[u8]) -> Option<Content> {
    if bytes.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        return compound(bytes);
    }
    let mut zip = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut mimetype = String::new();
    if let Ok(member) = zip.by_name("mimetype") {
        // Longer ones are none.
        member.take(200).read_to_string(&mut mimetype).ok()?;
    }
    let office = match mimetype.trim() {
        "application/epub+zip" => Office::Book,
        kind if kind.starts_with("application/vnd.oasis.opendocument.text") => Office::OdfText,
        kind if kind.starts_with("application/vnd.oasis.opendocument.presentation") => Office::OdfSlides,
        kind if kind.starts_with("application/vnd.oasis.opendocument.spreadsheet") => Office::Sheet,
        _ if zip.index_for_name("[Content_Types].xml").is_none() => return None,
        _ => {
            let names = zip.file_names().flatten();
            let mut folders = names.filter_map(|name| Some(name.split_once('/')?.0.to_owned()));
            folders.find_map(|folder| match folder.as_str() {
                "word" => Some(Office::Word),
                "ppt" => Some(Office::Slides),
                "xl" => Some(Office::Sheet),
                _ => None,
            })?
        }
    };
    let odf = matches!(office, Office::OdfText | Office::OdfSlides);
    let encrypted = odf
        && zip.by_name("META-INF/manifest.xml").is_ok_and(|member| {
            let mut manifest = String::new();
            member.take(1 << 20).read_to_string(&mut manifest).is_ok() && manifest.contains("encryption-data")
        });
    Some(if encrypted { Content::Encrypted } else { Content::Document(office) })
}

/// Names of the streams of compound files, in UTF-16.
fn compound(bytes: &[u8]) -> Option<Content> {
    let has = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        bytes.windows(wide.len()).any(|window| window == wide)
    };
    if has("EncryptedPackage") {
        return Some(Content::Encrypted);
    }
    has("Workbook").then_some(Content::Document(Office::Sheet))
}

fn broken(error: ZipError) -> ExtractError {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => ExtractError::Encrypted,
        error => ExtractError::malformed(format!("a broken zip file: {error}")),
    }
}
