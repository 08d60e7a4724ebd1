//! Character maps: from the bytes of a string to codes, character ids and text (ISO 32000-1, 9.7.5 and 9.10.3).

use std::collections::HashMap;

use super::lexer::{Lexer, Operand};

/// Most entries of a map.
const MOST: usize = 300_000;

/// Longest text that one code stands for, in UTF-16 units.
const LONGEST: usize = 32;

/// A character map.
#[derive(Debug, Default)]
pub(super) struct CMap {
    /// Length in bytes and range of codes.
    spaces: Vec<(usize, u32, u32)>,
    texts: HashMap<u32, String>,
    /// First and last code, and the text of the first.
    text_ranges: Vec<(u32, u32, Vec<u16>)>,
    /// First and last code, and the id of the first.
    id_ranges: Vec<(u32, u32, u32)>,
}

impl CMap {
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let mut map = Self::default();
        let mut lexer = Lexer::new(bytes);
        let mut operands = Vec::new();
        let mut entries = 0;
        while let Some(operator) = lexer.next(&mut operands) {
            entries += operands.len();
            if entries > MOST {
                break;
            }
            match operator {
                b"endcodespacerange" => {
                    for pair in operands.chunks_exact(2) {
                        if let (Some(low), Some(high)) = (pair[0].text(), pair[1].text()) {
                            map.spaces.push((low.len().clamp(1, 4), code(low), code(high)));
                        }
                    }
                }
                b"endbfchar" => {
                    for pair in operands.chunks_exact(2) {
                        if let (Some(from), Some(to)) = (pair[0].text(), pair[1].text()) {
                            map.texts.insert(code(from), text(&units(to)));
                        }
                    }
                }
                b"endbfrange" => operands.chunks_exact(3).for_each(|range| map.range(range)),
                b"endcidrange" => {
                    for range in operands.chunks_exact(3) {
                        if let (Some(low), Some(high), Some(id)) =
                            (range[0].text(), range[1].text(), range[2].number())
                        {
                            map.id_ranges.push((code(low), code(high), id as u32));
                        }
                    }
                }
                b"endcidchar" => {
                    for pair in operands.chunks_exact(2) {
                        if let (Some(from), Some(id)) = (pair[0].text(), pair[1].number()) {
                            map.id_ranges.push((code(from), code(from), id as u32));
                        }
                    }
                }
                _ => {}
            }
        }
        map.text_ranges.sort_by_key(|range| range.0);
        map.id_ranges.sort_by_key(|range| range.0);
        map
    }

    fn range(&mut self, range: &[Operand]) {
        let [low, high, to] = range else { return };
        let (Some(low), Some(high)) = (low.text(), high.text()) else { return };
        let (low, high) = (code(low), code(high));
        match to {
            Operand::Text(to) => self.text_ranges.push((low, high, units(to))),
            Operand::Array(items) => {
                for (offset, item) in items.iter().enumerate() {
                    if let Some(item) = item.text() {
                        self.texts.insert(low.saturating_add(offset as u32), text(&units(item)));
                    }
                }
            }
            _ => {}
        }
    }

    /// The text that `code` stands for; `None` where the map says nothing of use.
    pub(super) fn text(&self, code: u32) -> Option<String> {
        if let Some(text) = self.texts.get(&code) {
            return useful(text.clone());
        }
        let before = self.text_ranges.partition_point(|range| range.0 <= code);
        // Ranges may overlap; one that begins a little earlier may hold the code.
        self.text_ranges.get(..before)?.iter().rev().take(8).find(|(_, high, _)| code <= *high).and_then(
            |(low, _, units)| {
                let mut units = units.clone();
                let last = units.last_mut()?;
                *last = last.wrapping_add((code - low) as u16);
                useful(text(&units))
            },
        )
    }

    /// The character id of `code`.
    pub(super) fn id(&self, code: u32) -> u32 {
        let before = self.id_ranges.partition_point(|range| range.0 <= code);
        let range = before.checked_sub(1).and_then(|at| self.id_ranges.get(at));
        range.filter(|(_, high, _)| code <= *high).map_or(code, |(low, _, id)| id.saturating_add(code - low))
    }

    /// The next code of a string and its length in bytes.
    pub(super) fn next(&self, bytes: &[u8]) -> (u32, usize) {
        for length in 1..=4.min(bytes.len()) {
            let value = code(bytes.get(..length).unwrap_or_default());
            let fits = |(long, low, high): &(usize, u32, u32)| {
                // Each byte has a range of its own.
                *long == length
                    && (0..length).all(|at| {
                        let byte = |value: u32| (value >> (8 * at)) as u8;
                        (byte(*low)..=byte(*high)).contains(&byte(value))
                    })
            };
            if self.spaces.iter().any(fits) {
                return (value, length);
            }
        }
        let length = self.spaces.iter().map(|space| space.0).min().unwrap_or(2).min(bytes.len()).max(1);
        (code(bytes.get(..length).unwrap_or_default()), length)
    }

    pub(super) fn has_spaces(&self) -> bool {
        !self.spaces.is_empty()
    }
}

fn code(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).fold(0, |code, byte| code << 8 | u32::from(*byte))
}

fn units(bytes: &[u8]) -> Vec<u16> {
    match bytes {
        [one] => vec![u16::from(*one)],
        _ => bytes.chunks_exact(2).take(LONGEST).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect(),
    }
}

fn text(units: &[u16]) -> String {
    String::from_utf16_lossy(units)
}

/// Some maps name no character for a code, or one that cannot be shown.
fn useful(text: String) -> Option<String> {
    let shows = |c: char| c != '\u{fffd}' && c != '\0' && (!c.is_control() || c.is_whitespace());
    (!text.is_empty() && text.chars().all(shows)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAP: &[u8] = b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap
        1 begincodespacerange <00> <7F> endcodespacerange 1 begincodespacerange <8140> <9FFC> endcodespacerange
        2 beginbfchar <01> <00660069> <02> <FFFD> endbfchar
        2 beginbfrange <20> <7E> <0020> <8140> <8142> [<0041> <0042> <D83DDE00>] endbfrange
        1 begincidrange <20> <7e> 1 endcidrange endcmap";

    #[test]
    fn codes_become_text() {
        let map = CMap::parse(MAP);
        let texts: Vec<_> = [1, 2, 0x41, 0x8142, 0x9000].into_iter().map(|code| map.text(code)).collect();
        let expected = [Some("fi"), None, Some("A"), Some("😀"), None].map(|text| text.map(str::to_owned));
        assert_eq!(texts, expected);
        assert_eq!(map.id(0x41), 0x22);
    }

    #[test]
    fn codes_have_the_length_of_their_space() {
        let map = CMap::parse(MAP);
        assert_eq!(map.next(b"A\x81\x40"), (0x41, 1));
        assert_eq!(map.next(b"\x81\x40A"), (0x8140, 2));
        // Outside of every space: the shortest length, and never nothing.
        assert_eq!(map.next(b"\xFF"), (0xFF, 1));
        assert_eq!(CMap::default().next(b"\x01\x02\x03"), (0x102, 2));
    }
}
