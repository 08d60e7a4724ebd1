//! Fonts: from the bytes of a string to text and widths.

use std::collections::HashMap;

use encoding_rs::Encoding;
use lopdf::{Dictionary, Document, Object};

use super::cmap::CMap;
use super::glyphs::{self, Glyphs, Table};
use super::metrics::Family;
use super::objects::{Matrix, as_number, content, dictionary, get, name, number, numbers, resolve};

/// Largest character map and font program that is looked at, in bytes.
const MAP: usize = 8 << 20;
const PROGRAM: usize = 16 << 20;

/// Most widths of a font.
const MOST_WIDTHS: usize = 70_000;

/// A font as far as its text matters.
#[derive(Debug)]
pub(super) struct Font {
    codes: Codes,
    map: Option<CMap>,
    /// Whether codes are said to be those of Unicode.
    identity: bool,
    table: Table,
    widths: HashMap<u32, f64>,
    /// Width of codes without one, in text space.
    width: f64,
    /// Where widths are not given, those of this family serve.
    family: Family,
    given: bool,
    pub(super) bold: bool,
    pub(super) mono: bool,
}

/// How strings fall into codes.
#[derive(Debug)]
enum Codes {
    One,
    Two,
    /// Two bytes that are UTF-16 themselves.
    Unicode,
    Mapped(CMap),
    /// A national encoding, such as Shift JIS.
    National(&'static Encoding),
}

/// A code of a string.
#[derive(Debug)]
pub(super) struct Code<'a> {
    pub(super) value: u32,
    pub(super) bytes: &'a [u8],
}

impl Font {
    /// The font of a font dictionary.
    pub(super) fn of(document: &Document, font: &Dictionary, glyphs: &mut Glyphs) -> Self {
        let subtype = name(document, font, b"Subtype").unwrap_or_default();
        let composite = subtype == b"Type0";
        let descendant = get(document, font, b"DescendantFonts")
            .and_then(|fonts| fonts.as_array().ok())
            .and_then(|fonts| resolve(document, fonts.first()?)?.as_dict().ok());
        let inner = descendant.filter(|_| composite).unwrap_or(font);
        let descriptor = dictionary(document, inner, b"FontDescriptor");
        let base = name(document, font, b"BaseFont").map(String::from_utf8_lossy).unwrap_or_default();
        let family = Family::of(&base);
        let flags = descriptor.and_then(|d| number(document, d, b"Flags")).unwrap_or(0.0) as i64;
        let lower = base.to_ascii_lowercase();
        let map = get(document, font, b"ToUnicode")
            .and_then(|map| map.as_stream().ok())
            .and_then(|map| content(document, map, MAP))
            .map(|map| CMap::parse(&map));
        let mut made = Self {
            codes: if composite { codes(document, font) } else { Codes::One },
            map,
            identity: name(document, font, b"ToUnicode").is_some_and(|map| map.starts_with(b"Identity")),
            table: Vec::new(),
            widths: HashMap::new(),
            width: 1.0,
            family,
            given: true,
            bold: flags & (1 << 18) != 0
                || ["bold", "black", "heavy", "demi", "-medi", "cmbx", "cmssbx", "sfbx", "ecbx"]
                    .iter()
                    .any(|word| lower.contains(word)),
            mono: flags & 1 != 0 || family == Family::Mono,
        };
        if composite {
            made.wide_widths(document, inner);
        } else {
            made.table = table(document, font, descriptor, family, flags, glyphs);
            made.widths(document, font, descriptor, subtype == b"Type3");
        }
        made
    }

    /// A font for strings that are shown without one.
    pub(super) fn fallback(glyphs: &mut Glyphs) -> Self {
        Self {
            codes: Codes::One,
            map: None,
            identity: false,
            table: glyphs.encoding(b"WinAnsiEncoding"),
            widths: HashMap::new(),
            width: 0.5,
            family: Family::Sans,
            given: false,
            bold: false,
            mono: false,
        }
    }

    fn widths(
        &mut self,
        document: &Document,
        font: &Dictionary,
        descriptor: Option<&Dictionary>,
        type3: bool,
    ) {
        let scale = if type3 {
            numbers(document, font, b"FontMatrix")
                .and_then(|matrix| Matrix::of(&matrix))
                .map_or(0.001, |matrix| matrix.0[0].abs())
        } else {
            0.001
        };
        self.width = descriptor.and_then(|d| number(document, d, b"MissingWidth")).unwrap_or(0.0) * scale;
        let first = number(document, font, b"FirstChar").unwrap_or(0.0) as u32;
        let widths = get(document, font, b"Widths").and_then(|widths| widths.as_array().ok());
        self.given = widths.is_some();
        for (offset, width) in widths.into_iter().flatten().take(256).enumerate() {
            if let Some(width) = resolve(document, width).and_then(as_number) {
                self.widths.insert(first.saturating_add(offset as u32), width * scale);
            }
        }
    }

    /// Widths by character id: `id [width …]` or `first last width` (ISO 32000-1, 9.7.4.3).
    fn wide_widths(&mut self, document: &Document, font: &Dictionary) {
        self.width = number(document, font, b"DW").unwrap_or(1_000.0) / 1_000.0;
        let Some(items) = get(document, font, b"W").and_then(|items| items.as_array().ok()) else { return };
        let mut items = items.iter().filter_map(|item| resolve(document, item));
        while let (Some(first), Some(next)) = (items.next().and_then(as_number), items.next()) {
            let first = first as u32;
            if let Object::Array(widths) = next {
                for (offset, width) in widths.iter().enumerate() {
                    if let Some(width) = resolve(document, width).and_then(as_number) {
                        self.widths.insert(first.saturating_add(offset as u32), width / 1_000.0);
                    }
                }
            } else if let (Some(last), Some(width)) = (as_number(next), items.next().and_then(as_number)) {
                for id in (first..=last as u32).take(MOST_WIDTHS) {
                    self.widths.insert(id, width / 1_000.0);
                }
            }
            if self.widths.len() > MOST_WIDTHS {
                return;
            }
        }
    }

    /// The next code of a string that is not empty.
    pub(super) fn next<'a>(&self, bytes: &'a [u8]) -> Option<(Code<'a>, &'a [u8])> {
        let first = *bytes.first()?;
        let length = match &self.codes {
            Codes::One => 1,
            Codes::Two | Codes::Unicode => 2,
            Codes::Mapped(map) => map.next(bytes).1,
            Codes::National(encoding) => {
                let single =
                    first < 0x81 || (*encoding == encoding_rs::SHIFT_JIS && (0xA0..0xE0).contains(&first));
                if single { 1 } else { 2 }
            }
        };
        let (code, rest) = bytes.split_at_checked(length).unwrap_or((bytes, &[]));
        let value = code.iter().fold(0, |value, byte| value << 8 | u32::from(*byte));
        Some((Code { value, bytes: code }, rest))
    }

    /// The text of a code; `None` where nothing tells it.
    pub(super) fn text(&self, code: &Code<'_>) -> Option<String> {
        if let Some(text) = self.map.as_ref().and_then(|map| map.text(code.value)) {
            return Some(text);
        }
        if self.identity {
            return char::from_u32(code.value).filter(|c| !c.is_control()).map(String::from);
        }
        match &self.codes {
            Codes::One => self.table.get(code.value as usize)?.clone(),
            Codes::Unicode => char::from_u32(code.value).filter(|c| !c.is_control()).map(String::from),
            Codes::National(encoding) => {
                let (text, malformed) = encoding.decode_without_bom_handling(code.bytes);
                (!malformed).then(|| text.into_owned())
            }
            Codes::Two | Codes::Mapped(_) => None,
        }
    }

    /// How far a code moves on, for a font of size 1.
    pub(super) fn width(&self, code: &Code<'_>, text: Option<&str>) -> f64 {
        let id = match &self.codes {
            Codes::Mapped(map) => map.id(code.value),
            _ => code.value,
        };
        if let Some(width) = self.widths.get(&id) {
            return *width;
        }
        match &self.codes {
            Codes::National(_) if code.bytes.len() == 1 => self.width / 2.0,
            Codes::One if !self.given => text
                .and_then(|text| text.chars().next())
                .map_or(0.5, |c| self.family.width(c, self.bold) / 1_000.0),
            _ => self.width,
        }
    }
}

/// How a composite font's strings fall into codes.
fn codes(document: &Document, font: &Dictionary) -> Codes {
    let named = match get(document, font, b"Encoding") {
        Some(Object::Stream(stream)) => {
            return content(document, stream, MAP)
                .map(|map| CMap::parse(&map))
                .filter(CMap::has_spaces)
                .map_or(Codes::Two, Codes::Mapped);
        }
        Some(Object::Name(name)) => String::from_utf8_lossy(name),
        _ => return Codes::Two,
    };
    let has = |word: &str| named.contains(word);
    if has("UCS2") || has("UTF16") {
        Codes::Unicode
    } else if has("RKSJ") {
        Codes::National(encoding_rs::SHIFT_JIS)
    } else if has("GBK") || has("GB-EUC") || has("GBpc") {
        Codes::National(encoding_rs::GBK)
    } else if has("B5") || has("HKscs") {
        Codes::National(encoding_rs::BIG5)
    } else if has("KSC") {
        Codes::National(encoding_rs::EUC_KR)
    } else if named == "EUC-H" || named == "EUC-V" {
        Codes::National(encoding_rs::EUC_JP)
    } else {
        Codes::Two
    }
}

/// The text of a simple font's codes: its base encoding and the differences to it.
fn table(
    document: &Document,
    font: &Dictionary,
    descriptor: Option<&Dictionary>,
    family: Family,
    flags: i64,
    glyphs: &mut Glyphs,
) -> Table {
    let encoding = get(document, font, b"Encoding");
    let details = encoding.and_then(|encoding| encoding.as_dict().ok());
    let base = encoding
        .and_then(|encoding| encoding.as_name().ok())
        .or_else(|| details.and_then(|details| name(document, details, b"BaseEncoding")));
    let embedded = descriptor
        .is_some_and(|d| [&b"FontFile"[..], b"FontFile2", b"FontFile3"].iter().any(|key| d.has(key)));
    let mut table = match base {
        Some(base) => glyphs.encoding(base),
        None if family == Family::Symbol => glyphs::symbol(),
        None if family == Family::Dingbats => glyphs::dingbats(),
        None => {
            let own = descriptor.and_then(|descriptor| built_in(document, descriptor, glyphs));
            // The codes of a symbolic TrueType font are most often those of Windows.
            let symbolic = embedded && flags & 4 != 0;
            own.unwrap_or_else(|| {
                glyphs.encoding(if symbolic { b"WinAnsiEncoding" } else { b"StandardEncoding" })
            })
        }
    };
    table.resize(256, None);
    let differences = details.and_then(|details| get(document, details, b"Differences")?.as_array().ok());
    let mut code = 0_usize;
    for item in differences.into_iter().flatten().take(2_000) {
        match resolve(document, item) {
            Some(Object::Integer(first)) => code = usize::try_from(*first).unwrap_or(0),
            Some(Object::Name(name)) => {
                if let Some(slot) = table.get_mut(code) {
                    *slot = glyphs.text(name);
                }
                code += 1;
            }
            _ => {}
        }
    }
    table
}

/// The encoding in a Type 1 font program: lines of the form `dup 65 /A put` in its clear part.
fn built_in(document: &Document, descriptor: &Dictionary, glyphs: &mut Glyphs) -> Option<Table> {
    let stream = get(document, descriptor, b"FontFile")?.as_stream().ok()?;
    let program = content(document, stream, PROGRAM)?;
    let end = program.windows(5).position(|window| window == b"eexec").unwrap_or(program.len());
    let clear = String::from_utf8_lossy(program.get(..end)?);
    let start = clear.find("/Encoding")?;
    let mut words = clear.get(start..)?.split_ascii_whitespace();
    let mut table: Table = vec![None; 256];
    let mut any = false;
    while let Some(word) = words.next() {
        match word {
            "StandardEncoding" if !any => return Some(glyphs.encoding(b"StandardEncoding")),
            "dup" => {
                let entry = words.next()?;
                // Some write `65/A`.
                let (code, name) = match entry.split_once('/') {
                    Some(parts) => parts,
                    None => (entry, words.next()?.trim_start_matches('/')),
                };
                if let Ok(code) = code.parse::<usize>()
                    && let Some(slot) = table.get_mut(code)
                {
                    *slot = glyphs.text(name.as_bytes());
                    any = true;
                }
            }
            "def" if any => break,
            _ => {}
        }
    }
    any.then_some(table)
}
