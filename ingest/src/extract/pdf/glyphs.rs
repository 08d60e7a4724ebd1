//! What the names of glyphs and the codes of standard encodings stand for.

use std::collections::HashMap;

use lopdf::{Dictionary, Document, Object};

/// The text of the 256 codes of an encoding.
pub(super) type Table = Vec<Option<String>>;

/// Looks up glyph names and encodings, each once.
#[derive(Default)]
pub(super) struct Glyphs {
    names: HashMap<Vec<u8>, Option<String>>,
    encodings: HashMap<Vec<u8>, Table>,
    empty: Document,
}

impl Glyphs {
    /// The codes of `encoding`, such as `WinAnsiEncoding`.
    pub(super) fn encoding(&mut self, encoding: &[u8]) -> Table {
        if let Some(table) = self.encodings.get(encoding) {
            return table.clone();
        }
        let font = font(Object::Name(encoding.to_vec()));
        let table: Table = match font.get_font_encoding(&self.empty) {
            Ok(lopdf::Encoding::OneByteEncoding(_)) => {
                (0..=255_u8).map(|code| one(&font, &self.empty, code)).collect()
            }
            _ => vec![None; 256],
        };
        self.encodings.insert(encoding.to_vec(), table.clone());
        table
    }

    /// What a glyph's name stands for (Adobe Glyph List Specification, section 2).
    pub(super) fn text(&mut self, name: &[u8]) -> Option<String> {
        if let Some(text) = self.names.get(name) {
            return text.clone();
        }
        // A variant such as `a.sc` stands for the same; a ligature such as `f_i` for its parts.
        let stem = name.split(|byte| *byte == b'.').next().filter(|stem| !stem.is_empty())?;
        let mut text = Some(String::new());
        for part in stem.split(|byte| *byte == b'_').take(8) {
            text = text.zip(self.part(part)).map(|(text, part)| text + &part);
        }
        if self.names.len() < 50_000 {
            self.names.insert(name.to_vec(), text.clone());
        }
        text
    }

    fn part(&self, name: &[u8]) -> Option<String> {
        let entry = |entry: Vec<Object>| {
            let mut encoding = Dictionary::new();
            encoding.set("Differences", entry);
            font(Object::Dictionary(encoding))
        };
        let font = entry(vec![Object::Integer(0), Object::Name(name.to_vec())]);
        if let Ok(lopdf::Encoding::Differences(_)) = font.get_font_encoding(&self.empty)
            && let Some(text) = one(&font, &self.empty, 0)
        {
            return Some(text);
        }
        let hex = |digits: &[u8]| u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
        if let Some(digits) =
            name.strip_prefix(b"uni").filter(|digits| digits.len() >= 4 && digits.len() % 4 == 0)
        {
            let units: Option<Vec<u16>> =
                digits.chunks(4).map(|unit| hex(unit).map(|unit| unit as u16)).collect();
            return String::from_utf16(&units?).ok();
        }
        let digits = name.strip_prefix(b"u").filter(|digits| (4..=6).contains(&digits.len()))?;
        char::from_u32(hex(digits)?).map(String::from)
    }
}

fn font(encoding: Object) -> Dictionary {
    let mut font = Dictionary::new();
    font.set("Type", "Font");
    font.set("Encoding", encoding);
    font
}

fn one(font: &Dictionary, document: &Document, code: u8) -> Option<String> {
    let text = font.get_font_encoding(document).ok()?.bytes_to_string(&[code]).ok()?;
    (!text.is_empty() && !text.chars().any(|c| c.is_control() || c == '\u{fffd}')).then_some(text)
}

/// The codes of the font Symbol, which has an encoding of its own, as far as manuals use them.
pub(super) fn symbol() -> Table {
    let mut table = vec![None; 256];
    let mut set = |first: usize, texts: &str| {
        for (offset, c) in texts.chars().enumerate() {
            if let Some(slot) = table.get_mut(first + offset)
                && c != '\u{0}'
            {
                *slot = Some(c.to_string());
            }
        }
    };
    set(0x20, " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_");
    set(0x61, "αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼");
    set(0xA1, "ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…");
    set(0xD0, "∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊");
    table
}

/// The codes of the font `ZapfDingbats` that stand in lists and forms.
pub(super) fn dingbats() -> Table {
    let mut table = vec![None; 256];
    let known = [
        (0x20, " "),
        (0x33, "✓"),
        (0x34, "✔"),
        (0x35, "✕"),
        (0x36, "✖"),
        (0x37, "✗"),
        (0x38, "✘"),
        (0x48, "★"),
        (0x6C, "●"),
        (0x6D, "❍"),
        (0x6E, "■"),
        (0x6F, "❏"),
        (0x71, "❑"),
        (0x73, "▲"),
        (0x74, "▼"),
        (0x75, "◆"),
        (0xD5, "→"),
        (0xD8, "➢"),
        (0xE4, "➤"),
    ];
    for (code, text) in known {
        if let Some(slot) = table.get_mut(code) {
            *slot = Some(text.to_owned());
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_for_text() {
        let mut glyphs = Glyphs::default();
        for (name, text) in [
            ("A", Some("A")),
            ("adieresis", Some("ä")),
            ("fi", Some("ﬁ")),
            ("f_f_i", Some("ffi")),
            ("uni00410042", Some("AB")),
            ("u1F600", Some("😀")),
            ("a.sc", Some("a")),
            ("g17", None),
            (".notdef", None),
        ] {
            assert_eq!(glyphs.text(name.as_bytes()).as_deref(), text, "{name}");
            assert_eq!(glyphs.text(name.as_bytes()).as_deref(), text, "{name} again");
        }
    }

    #[test]
    fn encodings_are_known() {
        let mut glyphs = Glyphs::default();
        assert_eq!(glyphs.encoding(b"WinAnsiEncoding")[0x80].as_deref(), Some("€"));
        assert_eq!(glyphs.encoding(b"MacRomanEncoding")[0x80].as_deref(), Some("Ä"));
        assert_eq!(glyphs.encoding(b"StandardEncoding")[0x27].as_deref(), Some("’"));
        assert_eq!(glyphs.encoding(b"Nonsense"), vec![None; 256]);
        assert_eq!(symbol()[0xB7].as_deref(), Some("•"));
        assert_eq!(symbol()[0x61].as_deref(), Some("α"));
        assert_eq!(symbol()[0xD2].as_deref(), Some("®"));
    }
}
