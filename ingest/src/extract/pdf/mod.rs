//! PDF: text in the order in which a page is read.
//!
//! A PDF says where each glyph stands, not what belongs together. The stages: [`interpret`] places glyphs, [`words`]
//! joins them, [`layout`] finds columns and tables, [`compose`] makes paragraphs, headings and lists. What repeats
//! on every page is left out by [`running`].

mod canvas;
mod cmap;
mod columns;
mod compose;
mod font;
mod glyphs;
mod headings;
mod interpret;
mod layout;
mod letters;
mod lexer;
mod marks;
mod metrics;
mod objects;
mod open;
mod page;
mod rows;
mod running;
mod tables;
mod words;

use std::time::{Duration, Instant};

use super::{Draft, ExtractError, ExtractOptions};
use compose::Page;
use interpret::{Fonts, Interpreter, Stop};
use words::{DIRECTIONS, Sheet};

/// Share of a page that pictures cover when it is a scan.
const COVERED: f64 = 0.5;

/// Most characters on a page whose text is a stamp on a scan.
const STAMP: usize = 40;

/// The document of a PDF.
pub(super) fn read(bytes: &[u8], options: &ExtractOptions) -> Result<Draft, ExtractError> {
    let limits = &options.limits;
    let deadline = Instant::now() + Duration::from_secs(limits.seconds);
    let document = open::open(bytes, &options.pdf_passwords)?;
    let ids = page::ids(&document, limits.pages.saturating_add(1));
    if ids.len() > limits.pages {
        return Err(ExtractError::too_large("pages", limits.pages));
    }
    let mut fonts = Fonts::default();
    let mut sheets: [Vec<Sheet>; DIRECTIONS] = Default::default();
    let mut seen = Seen::default();
    for (number, id) in (1_u32..).zip(&ids) {
        let Ok(dictionary) = document.get_dictionary(*id) else {
            seen.broken.push(number);
            sheets.iter_mut().for_each(|sheets| sheets.push(Sheet::default()));
            continue;
        };
        let frame = page::frame(&document, dictionary);
        let interpreter = Interpreter::new(&document, &mut fonts, deadline);
        let (canvas, result) = page::draw(&document, dictionary, interpreter);
        match result {
            Err(Stop::Late) => return Err(ExtractError::TimedOut { seconds: limits.seconds }),
            Err(Stop::Much) => seen.broken.push(number),
            Ok(()) => {}
        }
        let (width, height) = frame.extent();
        seen.page(number, &canvas, width * height);
        if seen.bytes > limits.document_bytes {
            return Err(ExtractError::too_large("bytes of text", limits.document_bytes));
        }
        for (sheets, sheet) in sheets.iter_mut().zip(words::sheets(&canvas, &frame)) {
            sheets.push(sheet);
        }
    }
    seen.check(ids.len())?;
    if let Some(upright) = sheets.first_mut() {
        running::remove(upright);
    }
    let mut pages: Vec<Page> =
        (1..).take(ids.len()).map(|number| Page { number, pieces: Vec::new(), asides: Vec::new() }).collect();
    let main = main_directions(&sheets);
    for (direction, sheets) in sheets.into_iter().enumerate() {
        for ((page, sheet), main) in pages.iter_mut().zip(sheets).zip(&main) {
            if Instant::now() > deadline {
                return Err(ExtractError::TimedOut { seconds: limits.seconds });
            }
            let pieces = layout::pieces(sheet.words, &sheet.bars);
            if direction == *main { page.pieces = pieces } else { page.asides.extend(pieces) }
        }
    }
    let mut fields = open::fields(&document);
    seen.tell(&mut fields.metadata);
    Ok(Draft { fields, blocks: compose::blocks(&pages), ..Draft::default() })
}

/// The direction that most of each page's text runs in.
fn main_directions(sheets: &[Vec<Sheet>; DIRECTIONS]) -> Vec<usize> {
    let pages = sheets.first().map_or(0, Vec::len);
    let words = |direction: &usize, page: usize| {
        sheets.get(*direction).and_then(|sheets| sheets.get(page)).map_or(0, |sheet| sheet.words.len())
    };
    // Of equals the first wins, which is upright text.
    (0..pages)
        .map(|page| (0..DIRECTIONS).rev().max_by_key(|direction| words(direction, page)).unwrap_or(0))
        .collect()
}

/// What was found on the pages.
#[derive(Default)]
struct Seen {
    bytes: usize,
    glyphs: usize,
    unknown: usize,
    /// Pages that show pictures and next to no text.
    scans: Vec<u32>,
    /// Pages that were not read, or not to their end.
    broken: Vec<u32>,
}

impl Seen {
    fn page(&mut self, number: u32, canvas: &canvas::Canvas, area: f64) {
        let solid = canvas.text.chars().filter(|c| !c.is_whitespace()).count();
        self.bytes += canvas.text.len();
        self.glyphs += solid;
        self.unknown += canvas.unknown;
        if solid <= STAMP && canvas.unknown <= STAMP && canvas.pictures > area * COVERED {
            self.scans.push(number);
        }
    }

    /// Whether there is text to speak of.
    fn check(&self, pages: usize) -> Result<(), ExtractError> {
        if pages == 0 {
            return Err(ExtractError::malformed("no pages"));
        }
        if self.unknown > self.glyphs {
            return Err(ExtractError::Unmapped);
        }
        if self.scans.len() * 10 >= pages * 9 {
            return Err(ExtractError::Scan);
        }
        if self.glyphs == 0 {
            return Err(match () {
                () if !self.broken.is_empty() => ExtractError::malformed("no page can be read"),
                () if !self.scans.is_empty() => ExtractError::Scan,
                () => ExtractError::Empty,
            });
        }
        Ok(())
    }

    /// Pages without text are told, as what they hold will not be found.
    fn tell(&self, metadata: &mut std::collections::BTreeMap<String, String>) {
        for (name, pages) in [("pages_scanned", &self.scans), ("pages_unread", &self.broken)] {
            if !pages.is_empty() {
                let list: Vec<String> = pages.iter().take(50).map(u32::to_string).collect();
                metadata.insert(name.to_owned(), list.join(","));
            }
        }
    }
}

#[cfg(test)]
mod tests;
