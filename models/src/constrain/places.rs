//! Where excerpts stand.

use std::collections::HashSet;
use std::ops::Range;

use super::Excerpts;
use super::excerpts::Reading;

/// Most bytes that are read in search of the excerpts of a text.
const READ: usize = 1 << 22;

/// Where an excerpt stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Index of the passage.
    pub passage: usize,
    /// Bytes in the passage.
    pub range: Range<usize>,
    /// Bytes in the text that was written.
    pub written: Range<usize>,
}

impl Excerpts {
    /// The excerpts that make up `text`, in order; `None` if it is not made up of any. Of several ways to read it,
    /// the one with longer excerpts first, and of equal passages the first.
    pub fn places(&self, text: &str) -> Option<Vec<Place>> {
        let text = text.as_bytes();
        // The ways to go on after each excerpt that was chosen, the best last.
        let mut open: Vec<Vec<Way>> = vec![self.ways(text, 0, 0, 0)];
        let mut chosen: Vec<Place> = Vec::new();
        let mut seen = HashSet::new();
        let mut read = 0;
        while let Some(ways) = open.last_mut() {
            let Some(way) = ways.pop() else {
                open.pop();
                chosen.pop();
                continue;
            };
            let behind = way.behind;
            chosen.push(way.place);
            let count = chosen.len() as u16;
            if behind == text.len() {
                return Some(chosen);
            }
            read += behind;
            if read > READ {
                return None;
            }
            if text[behind] == self.joining.separator && seen.insert((behind, way.used, count)) {
                open.push(self.ways(text, behind + 1, way.used, count));
            } else {
                chosen.pop();
            }
        }
        None
    }

    /// The excerpts that `text` can have from `at` on, the longest last.
    fn ways(&self, text: &[u8], at: usize, used: u64, before: u16) -> Vec<Way> {
        let mut found = Vec::new();
        let mut reading = self.begin(used, before);
        for (end, byte) in (at + 1..).zip(&text[at.min(text.len())..]) {
            let Some(next) = reading.and_then(|reading| self.narrowed(&reading, *byte)) else { break };
            found.extend(self.way(text, at..end, &next));
            reading = Some(next);
        }
        found
    }

    /// The excerpt that has been read, if it may end here.
    fn way(&self, text: &[u8], written: Range<usize>, reading: &Reading) -> Option<Way> {
        let number = number_at(&text[written.end..]).filter(|_| self.joining.numbered);
        let in_number = |at: u32| number.is_none_or(|(number, _)| self.passage_of(at) + 1 == number);
        if self.joining.numbered && number.is_none() {
            return None;
        }
        let place = self.ending(reading).filter(|place| in_number(place.at)).min_by_key(|place| place.at)?;
        let passage = self.passage_of(place.at);
        let start = (place.at - self.passages[passage]) as usize;
        Some(Way {
            behind: written.end + number.map_or(0, |(_, length)| length),
            used: self.used_after(reading),
            place: Place { passage, range: start..start + written.len(), written },
        })
    }
}

/// One way to go on.
struct Way {
    place: Place,
    /// Where the excerpt with its number ends.
    behind: usize,
    used: u64,
}

/// The number in ` [12]` at the beginning of `text`, and the length of all that.
fn number_at(text: &[u8]) -> Option<(usize, usize)> {
    let digits = text.strip_prefix(b" [")?;
    let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = std::str::from_utf8(&digits[..count]).ok()?.parse().ok()?;
    (digits.get(count) == Some(&b']') && digits[0] != b'0').then_some((number, count + 3))
}
