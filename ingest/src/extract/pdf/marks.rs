//! Marked content: what is no text of the page, and what glyphs really say (ISO 32000-1, 14.6 and 14.9.4).

use std::borrow::Cow;

use lopdf::{Dictionary, Document, Object};

use super::lexer::Operand;
use super::objects::{dictionary, get, name};

/// Deepest nesting that is told apart.
const DEEPEST: usize = 256;

/// Longest replacement in bytes.
const LONGEST: usize = 4_096;

#[derive(Debug, Default)]
struct Mark {
    /// A running head or foot, by the word of the program that wrote the page.
    running: bool,
    /// What the glyphs say, until the first of them is shown.
    says: Option<Option<String>>,
}

/// The marks that are open.
#[derive(Debug, Default)]
pub(super) struct Marks {
    open: Vec<Mark>,
    /// Marks opened beyond [`DEEPEST`].
    beyond: usize,
}

impl Marks {
    pub(super) fn begin(
        &mut self,
        document: &Document,
        operands: &[Operand],
        resources: Option<&Dictionary>,
    ) {
        if self.open.len() >= DEEPEST {
            self.beyond += 1;
            return;
        }
        let tag = operands.first().and_then(Operand::name).unwrap_or_default();
        let mut mark = Mark::default();
        match operands.get(1) {
            Some(inline @ Operand::Dictionary(_)) => {
                let named = |key: &[u8]| inline.entry(key).and_then(Operand::name);
                mark.running = tag == b"Artifact" && is_running(named(b"Type"), named(b"Subtype"));
                mark.says =
                    inline.entry(b"ActualText").and_then(Operand::text).map(|text| Some(decode(text)));
            }
            Some(Operand::Name(key)) => {
                let properties = resources
                    .and_then(|resources| dictionary(document, resources, b"Properties"))
                    .and_then(|properties| dictionary(document, properties, key));
                if let Some(properties) = properties {
                    let named = |key: &[u8]| name(document, properties, key);
                    mark.running = tag == b"Artifact" && is_running(named(b"Type"), named(b"Subtype"));
                    mark.says = get(document, properties, b"ActualText").and_then(|text| {
                        if let Object::String(text, _) = text { Some(Some(decode(text))) } else { None }
                    });
                }
            }
            _ => {}
        }
        self.open.push(mark);
    }

    pub(super) fn end(&mut self) {
        if self.beyond > 0 {
            self.beyond -= 1;
        } else {
            self.open.pop();
        }
    }

    /// What to take for a glyph that shows `text`; `None` where it is left out.
    pub(super) fn replace<'t>(&mut self, text: Option<&'t str>) -> Option<Option<Cow<'t, str>>> {
        if self.open.iter().any(|mark| mark.running) {
            return None;
        }
        // The outermost replacement holds for all that is in it: its first glyph says it, the others take room.
        match self.open.iter_mut().find_map(|mark| mark.says.as_mut()) {
            Some(says) => Some(Some(Cow::Owned(says.take().unwrap_or_default()))),
            None => Some(text.map(Cow::Borrowed)),
        }
    }
}

fn is_running(kind: Option<&[u8]>, subtype: Option<&[u8]>) -> bool {
    kind == Some(b"Pagination") || matches!(subtype, Some(b"Header" | b"Footer" | b"Watermark"))
}

/// A text string: UTF-16 or UTF-8 by its mark, else one byte a character.
pub(super) fn decode(bytes: &[u8]) -> String {
    let bytes = bytes.get(..LONGEST).unwrap_or(bytes);
    if let Some(rest) = bytes.strip_prefix(b"\xFE\xFF") {
        let units: Vec<u16> =
            rest.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
        return String::from_utf16_lossy(&units);
    }
    if let Some(rest) = bytes.strip_prefix(b"\xFF\xFE") {
        let units: Vec<u16> =
            rest.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        return String::from_utf16_lossy(&units);
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}
