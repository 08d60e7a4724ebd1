//! What the tokens of RTF say.

use std::collections::HashMap;

use corpus::{Block, BlockKind};
use encoding_rs::{Encoding, WINDOWS_1252};

use super::tokens::Token;
use crate::extract::ExtractError;
use crate::extract::fields::Fields;
use crate::extract::office::text::Blocks;

/// Where text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Goes {
    Body,
    /// A list item's number or bullet.
    Marker,
    Title,
    /// Names of styles.
    Styles,
    Nowhere,
}

/// What holds within a pair of braces.
#[derive(Clone, Copy, Debug)]
struct Group {
    goes: Goes,
    hidden: bool,
    /// Characters of a stand-in after each Unicode character.
    stand_in: usize,
}

/// Puts a document together.
pub(super) struct Reader {
    groups: Vec<Group>,
    now: Group,
    deepest: usize,
    encoding: &'static Encoding,
    /// Bytes in the code page that are not decoded yet.
    bytes: Vec<u8>,
    /// Bytes of a stand-in that are still to come.
    skipped: usize,
    /// The first half of a pair of UTF-16.
    half: Option<u16>,
    /// Whether `\*` was just read: a destination that older programs pass over.
    starred: bool,
    paragraph: String,
    marker: String,
    title: String,
    style_name: String,
    style: Option<i32>,
    headings: HashMap<i32, u8>,
    heading: Option<u8>,
    in_table: bool,
    row: Vec<String>,
    rows: Vec<Vec<String>>,
    blocks: Blocks,
}

impl Reader {
    pub(super) fn new(deepest: usize) -> Self {
        Self {
            groups: Vec::new(),
            now: Group { goes: Goes::Body, hidden: false, stand_in: 1 },
            deepest,
            encoding: WINDOWS_1252,
            bytes: Vec::new(),
            skipped: 0,
            half: None,
            starred: false,
            paragraph: String::new(),
            marker: String::new(),
            title: String::new(),
            style_name: String::new(),
            style: None,
            headings: HashMap::new(),
            heading: None,
            in_table: false,
            row: Vec::new(),
            rows: Vec::new(),
            blocks: Blocks::default(),
        }
    }

    /// Bytes of text so far.
    pub(super) fn len(&self) -> usize {
        self.blocks.len() + self.paragraph.len() + self.bytes.len()
    }

    pub(super) fn finish(mut self) -> (Fields, Vec<Block>) {
        self.end_paragraph();
        self.end_table();
        let mut fields = Fields::default();
        fields.set("title", &self.title);
        (fields, self.blocks.list)
    }

    pub(super) fn take(&mut self, token: Token<'_>) -> Result<(), ExtractError> {
        if let Token::Byte(byte) = token {
            if self.skipped > 0 {
                self.skipped -= 1;
            } else {
                self.bytes.push(byte);
            }
            return Ok(());
        }
        self.decode();
        let starred = std::mem::take(&mut self.starred);
        match token {
            Token::Open => {
                if self.groups.len() >= self.deepest {
                    return Err(ExtractError::too_large("nested groups", self.deepest));
                }
                self.skipped = 0;
                self.groups.push(self.now);
            }
            Token::Close => self.close(),
            Token::Symbol(symbol) => self.symbol(symbol),
            Token::Word(word, number) => self.word(word, number, starred),
            Token::Byte(_) => {}
        }
        Ok(())
    }

    fn close(&mut self) {
        if self.now.goes == Goes::Styles
            && let Some(style) = self.style.take()
        {
            if let Some(level) = level(&std::mem::take(&mut self.style_name)) {
                self.headings.insert(style, level);
            }
            self.style_name.clear();
        }
        self.skipped = 0;
        // One brace too many ends nothing.
        if let Some(before) = self.groups.pop() {
            self.now = before;
        }
    }

    fn symbol(&mut self, symbol: u8) {
        match symbol {
            b'*' => self.starred = true,
            b'~' => self.push(" "),
            b'_' => self.push("-"),
            b'\\' | b'{' | b'}' => self.push(char::from(symbol).encode_utf8(&mut [0; 4])),
            b'\n' | b'\r' => self.end_paragraph(),
            _ => {}
        }
    }

    fn word(&mut self, word: &str, number: Option<i32>, starred: bool) {
        match word {
            "fonttbl" | "colortbl" | "pict" | "object" | "header" | "headerl" | "headerr" | "headerf"
            | "footer" | "footerl" | "footerr" | "footerf" | "annotation" | "atnid" | "atnauthor"
            | "fldinst" | "listtable" | "listoverridetable" | "rsidtbl" | "revtbl" | "filetbl"
            | "themedata" | "datastore" | "xe" | "tc" | "nonshppict" | "upr" | "bkmkstart" | "bkmkend"
            | "info" => self.now.goes = Goes::Nowhere,
            "stylesheet" => self.now.goes = Goes::Styles,
            "title" => self.now.goes = Goes::Title,
            "listtext" | "pntext" if self.now.goes == Goes::Body => self.now.goes = Goes::Marker,
            _ if starred => self.now.goes = Goes::Nowhere,
            "ansicpg" => {
                let label = number.map(|number| format!("windows-{number}")).unwrap_or_default();
                self.encoding =
                    page(number).or_else(|| Encoding::for_label(label.as_bytes())).unwrap_or(WINDOWS_1252);
            }
            "mac" => self.encoding = encoding_rs::MACINTOSH,
            "uc" => {
                self.now.stand_in =
                    number.and_then(|number| usize::try_from(number).ok()).unwrap_or(1).min(16)
            }
            "u" => self.unicode(number),
            "v" | "deleted" => self.now.hidden = number != Some(0),
            "plain" => self.now.hidden = false,
            "s" if self.now.goes == Goes::Styles => self.style = number,
            "s" => self.heading = number.and_then(|number| self.headings.get(&number).copied()),
            "outlinelevel" if self.now.goes == Goes::Body => {
                self.heading = number.and_then(|level| u8::try_from(level).ok()).filter(|level| *level < 9);
                self.heading = self.heading.map(|level| (level + 1).min(6));
            }
            "pard" => {
                self.heading = None;
                self.in_table = false;
            }
            "intbl" => self.in_table = true,
            "par" | "sect" | "page" => self.end_paragraph(),
            "cell" | "nestcell" => self.row.push(std::mem::take(&mut self.paragraph)),
            "row" => self.rows.push(std::mem::take(&mut self.row)),
            "line" => self.push("\n"),
            "tab" => self.push("\t"),
            "emdash" => self.push("—"),
            "endash" => self.push("–"),
            "lquote" => self.push("‘"),
            "rquote" => self.push("’"),
            "ldblquote" => self.push("“"),
            "rdblquote" => self.push("”"),
            "bullet" => self.push("•"),
            "emspace" | "enspace" | "qmspace" => self.push(" "),
            _ => {}
        }
    }

    /// A character by its number in UTF-16, given as a signed one; a stand-in for older programs follows.
    fn unicode(&mut self, number: Option<i32>) {
        let Some(unit) = number.map(|number| number as u16) else { return };
        let pair: Vec<u16> = self.half.take().into_iter().chain([unit]).collect();
        match String::from_utf16(&pair) {
            Ok(text) => self.push(&text),
            Err(_) if (0xd800..0xdc00).contains(&unit) => self.half = Some(unit),
            Err(_) => {}
        }
        self.skipped = self.now.stand_in;
    }

    fn decode(&mut self) {
        if self.bytes.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.bytes);
        let text = self.encoding.decode_without_bom_handling(&bytes).0.into_owned();
        self.push(&text);
    }

    fn push(&mut self, text: &str) {
        if self.now.hidden {
            return;
        }
        match self.now.goes {
            Goes::Body => {
                if !self.in_table && !self.rows.is_empty() {
                    self.end_table();
                }
                self.paragraph.push_str(text);
            }
            Goes::Marker => self.marker.push_str(text),
            Goes::Title => self.title.push_str(text),
            Goes::Styles => self.style_name.push_str(text),
            Goes::Nowhere => {}
        }
    }

    fn end_paragraph(&mut self) {
        self.decode();
        if self.now.goes != Goes::Body {
            return;
        }
        if self.in_table {
            self.paragraph.push('\n');
            return;
        }
        self.end_table();
        let text = std::mem::take(&mut self.paragraph);
        let marker = std::mem::take(&mut self.marker);
        match (self.heading, marker.trim()) {
            (Some(level), _) => self.blocks.push(BlockKind::Heading(level), &text),
            (None, "") => self.blocks.push(BlockKind::Paragraph, &text),
            (None, marker) => {
                let marker = if marker.starts_with(|c: char| c.is_alphanumeric()) { marker } else { "-" };
                self.blocks.push(BlockKind::ListItem, &format!("{marker} {}", text.trim()));
            }
        }
    }

    fn end_table(&mut self) {
        if !self.row.is_empty() {
            self.rows.push(std::mem::take(&mut self.row));
        }
        let rows = std::mem::take(&mut self.rows);
        self.blocks.table(&rows);
    }
}

/// The level of a heading by its style's name.
fn level(name: &str) -> Option<u8> {
    let name = name.trim().trim_end_matches(';').to_lowercase();
    match name.strip_prefix("heading ").and_then(|level| level.parse::<u8>().ok()) {
        Some(level) => Some(level.clamp(1, 6)),
        None => (name == "title").then_some(1),
    }
}

/// Code pages that have no name of the form `windows-125x`.
fn page(number: Option<i32>) -> Option<&'static Encoding> {
    match number? {
        932 => Some(encoding_rs::SHIFT_JIS),
        936 => Some(encoding_rs::GBK),
        949 => Some(encoding_rs::EUC_KR),
        950 => Some(encoding_rs::BIG5),
        10000 => Some(encoding_rs::MACINTOSH),
        65001 => Some(encoding_rs::UTF_8),
        _ => None,
    }
}
