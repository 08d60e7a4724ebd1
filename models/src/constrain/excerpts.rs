//! Copying: every sentence is a part of a given passage.

use std::ops::Range;

use super::{ByteSet, Constraint};
use crate::{Error, Result};

/// Longest excerpt in bytes.
const LONGEST: usize = 4096;
/// Most bytes of all passages.
const MOST_BYTES: usize = 1 << 26;
/// Most passages of which each is copied from once.
const MOST_ONCE: usize = 64;
/// Ways to read a text that are followed at once. What only a further one reads cannot be written.
const READINGS: usize = 4;
/// Excerpts that begin alike of which the nearest end is looked for.
const MEASURED: usize = 4096;

/// Where excerpts of a passage may begin and end.
#[derive(Clone, Copy, Debug)]
pub enum Cuts<'a> {
    /// At the beginning and at the end of the passage.
    Whole,
    /// At the beginnings and at the ends of these byte ranges, such as sentences. An excerpt may go on over several.
    At(&'a [Range<usize>]),
    /// Where words begin and end; what is between white space is a word.
    Words,
}

/// How excerpts make up a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joining {
    /// The byte between two excerpts.
    pub separator: u8,
    /// Whether the number of its passage follows each excerpt, as in `It takes 5 days. [2]`; the first has number 1.
    pub numbered: bool,
    /// Whether a passage is copied from once at most, and not again in a passage with the same words.
    pub once: bool,
    /// Most excerpts.
    pub most: u16,
}

impl Default for Joining {
    fn default() -> Self {
        Self { separator: b' ', numbered: false, once: false, most: u16::MAX }
    }
}

/// Texts of excerpts from passages.
///
/// A suffix automaton (Blumer et al., "The Smallest Automaton Recognizing the Subwords of a Text", 1985) reads the
/// parts of a text as well, but its states do not tell where a part began, and it takes some 60 bytes for each byte of
/// the text. Excerpts begin at few places. So those places are sorted by what follows them, as in a sparse suffix
/// array (Kärkkäinen and Ukkonen, "Sparse Suffix Trees", 1996): a state is a range of places and how far one is, every
/// step narrows the range by bisection, and the range that is left says where the excerpt stands. That takes 8 bytes
/// for each place and a bit for each byte.
#[derive(Clone, Debug)]
pub struct Excerpts {
    /// All passages, one after the other.
    pub(super) text: Vec<u8>,
    /// Where passages begin, and where the last one ends.
    pub(super) passages: Vec<u32>,
    /// Places where an excerpt may begin, in the order of what follows.
    pub(super) places: Vec<Begin>,
    /// For every position, whether an excerpt may end there.
    ends: Vec<u64>,
    /// By first byte, where its places begin.
    firsts: Vec<u32>,
    pub(super) joining: Joining,
}

/// A place where an excerpt may begin, and the last one where it may end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Begin {
    pub(super) at: u32,
    pub(super) last: u32,
}

/// One way to read what has been written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Reading {
    /// Places that the current excerpt may begin at: a range of those sorted.
    pub(super) low: u32,
    pub(super) high: u32,
    /// Bytes of it that were read.
    pub(super) depth: u32,
    part: Part,
    /// The number so far.
    number: u32,
    /// Passages that have been copied from, where each is once.
    pub(super) used: u64,
    /// Excerpts before this one.
    before: u16,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum Part {
    #[default]
    Excerpt,
    /// After the space before a number.
    Space,
    Number,
    /// After the bracket behind a number.
    Numbered,
}

/// All ways to read what has been written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Readings {
    all: [Reading; READINGS],
    count: u8,
}

impl Readings {
    fn push(&mut self, reading: Reading) {
        if let Some(free) = self.all.get_mut(usize::from(self.count)) {
            *free = reading;
            self.count += 1;
        }
    }

    fn iter(&self) -> impl Iterator<Item = &Reading> {
        self.all.iter().take(usize::from(self.count))
    }
}

impl Excerpts {
    /// Excerpts of `passages`, each with where it may be cut.
    ///
    /// # Errors
    /// [`Error::Constraint`] for passages that are too large, for more than 64 where each is used once, and for cuts
    /// that are not between characters of their passage.
    pub fn new(passages: &[(&str, Cuts<'_>)], joining: Joining) -> Result<Self> {
        if joining.once && passages.len() > MOST_ONCE {
            return Err(Error::Constraint(format!(
                "more than {MOST_ONCE} passages of which each is used once"
            )));
        }
        if passages.iter().map(|(text, _)| text.len()).sum::<usize>() > MOST_BYTES {
            return Err(Error::Constraint(format!("more than {MOST_BYTES} bytes of passages")));
        }
        let mut excerpts = Self {
            text: Vec::new(),
            passages: vec![0],
            places: Vec::new(),
            ends: Vec::new(),
            firsts: Vec::new(),
            joining,
        };
        let mut begins = Vec::new();
        for (text, cuts) in passages {
            let offset = excerpts.text.len();
            excerpts.text.extend_from_slice(text.as_bytes());
            excerpts.passages.push(excerpts.text.len() as u32);
            excerpts.ends.resize(excerpts.text.len() / 64 + 1, 0);
            for range in ranges(text, cuts)? {
                begins.push(offset + range.start);
                let end = offset + range.end;
                excerpts.ends[end / 64] |= 1 << (end % 64);
            }
        }
        begins.sort_unstable();
        begins.dedup();
        let limit = |at: usize| {
            let passage = excerpts.passages.partition_point(|begin| *begin as usize <= at);
            excerpts.passages.get(passage).map_or(at, |end| *end as usize).min(at + LONGEST)
        };
        let mut places: Vec<Begin> = begins
            .into_iter()
            .filter_map(|at| {
                let last = (at + 1..=limit(at)).rev().find(|end| excerpts.is_end(*end))?;
                Some(Begin { at: at as u32, last: last as u32 })
            })
            .collect();
        places.sort_unstable_by(|a, b| {
            excerpts.following(*a).cmp(excerpts.following(*b)).then(a.at.cmp(&b.at))
        });
        excerpts.firsts = (0..=256)
            .map(|byte| {
                places.partition_point(|place| usize::from(excerpts.text[place.at as usize]) < byte) as u32
            })
            .collect();
        excerpts.places = places;
        Ok(excerpts)
    }

    /// The longest excerpt from a place.
    fn following(&self, place: Begin) -> &[u8] {
        &self.text[place.at as usize..place.last as usize]
    }

    fn is_end(&self, at: usize) -> bool {
        self.ends.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    /// The first end from `at` on.
    fn end_from(&self, at: usize) -> Option<usize> {
        let mut word = at / 64;
        let mut bits = self.ends.get(word)? & (u64::MAX << (at % 64));
        while bits == 0 {
            word += 1;
            bits = *self.ends.get(word)?;
        }
        Some(word * 64 + bits.trailing_zeros() as usize)
    }

    /// The passage that holds a position.
    pub(super) fn passage_of(&self, at: u32) -> usize {
        self.passages.partition_point(|begin| *begin <= at).saturating_sub(1)
    }

    fn is_used(&self, used: u64, place: Begin) -> bool {
        self.joining.once && used >> self.passage_of(place.at) & 1 == 1
    }

    /// Places that the excerpt may begin at.
    fn places_of(&self, reading: &Reading) -> impl Iterator<Item = Begin> + use<'_> {
        let used = reading.used;
        let places = &self.places[reading.low as usize..reading.high as usize];
        places.iter().copied().filter(move |place| !self.is_used(used, *place))
    }

    /// Those of them from which the excerpt may end here.
    pub(super) fn ending<'a>(&'a self, reading: &Reading) -> impl Iterator<Item = Begin> + use<'a> {
        let depth = reading.depth;
        self.places_of(reading)
            .filter(move |place| depth > 0 && self.is_end(place.at as usize + depth as usize))
    }

    /// The byte of an excerpt from `place` behind the first `depth` ones.
    fn byte(&self, place: Begin, depth: u32) -> Option<u8> {
        let at = place.at + depth;
        (at < place.last).then(|| self.text[at as usize])
    }

    /// Goes on with the excerpt.
    pub(super) fn narrowed(&self, reading: &Reading, byte: u8) -> Option<Reading> {
        let Reading { low, high, depth, .. } = *reading;
        let (from, to) = if depth == 0 {
            (self.firsts[usize::from(byte)], self.firsts[usize::from(byte) + 1])
        } else {
            let places = &self.places[low as usize..high as usize];
            let from = places.partition_point(|place| self.byte(*place, depth) < Some(byte));
            let to = from + places[from..].partition_point(|place| self.byte(*place, depth) == Some(byte));
            (low + from as u32, low + to as u32)
        };
        let next = Reading { low: from, high: to, depth: depth + 1, ..*reading };
        self.places_of(&next).next().map(|_| next)
    }

    /// Before the next excerpt.
    pub(super) fn begin(&self, used: u64, before: u16) -> Option<Reading> {
        let high = self.places.len() as u32;
        let reading = Reading { high, used, before, ..Reading::default() };
        (before < self.joining.most && self.places_of(&reading).next().is_some()).then_some(reading)
    }

    /// Behind the separator after an excerpt that is complete.
    fn after(&self, reading: &Reading) -> Option<Reading> {
        self.begin(self.used_after(reading), reading.before + 1)
    }

    /// The passages that have been used when the excerpt ends here.
    pub(super) fn used_after(&self, reading: &Reading) -> u64 {
        if !self.joining.once {
            return 0;
        }
        self.ending(reading).fold(reading.used, |used, place| used | 1 << self.passage_of(place.at))
    }

    /// Whether the number of a passage that the excerpt stands in begins with `digits`, or is that.
    fn is_number(&self, reading: &Reading, digits: u32, whole: bool) -> bool {
        self.ending(reading).any(|place| {
            let mut number = self.passage_of(place.at) as u32 + 1;
            while !whole && number > digits {
                number /= 10;
            }
            number == digits
        })
    }

    /// Adds what a reading becomes with one more byte.
    fn read(&self, reading: &Reading, byte: u8, next: &mut Readings) {
        let part = |part: Part, number: u32| Reading { part, number, ..*reading };
        match reading.part {
            Part::Excerpt => {
                self.narrowed(reading, byte).into_iter().for_each(|reading| next.push(reading));
                let follows = if self.joining.numbered { b' ' } else { self.joining.separator };
                if byte == follows && self.ending(reading).next().is_some() {
                    let after =
                        if self.joining.numbered { Some(part(Part::Space, 0)) } else { self.after(reading) };
                    after.into_iter().for_each(|reading| next.push(reading));
                }
            }
            Part::Space if byte == b'[' => next.push(part(Part::Number, 0)),
            Part::Number if byte.is_ascii_digit() => {
                let digits = reading.number * 10 + u32::from(byte - b'0');
                if digits > 0 && self.is_number(reading, digits, false) {
                    next.push(part(Part::Number, digits));
                }
            }
            Part::Number if byte == b']' && self.is_number(reading, reading.number, true) => {
                next.push(part(Part::Numbered, reading.number));
            }
            Part::Numbered if byte == self.joining.separator => {
                self.after(reading).into_iter().for_each(|reading| next.push(reading));
            }
            _ => {}
        }
    }
}

impl Constraint for Excerpts {
    type State = Readings;

    fn start(&self) -> Readings {
        let mut readings = Readings::default();
        self.begin(0, 0).into_iter().for_each(|reading| readings.push(reading));
        readings
    }

    fn step(&self, readings: &Readings, byte: u8) -> Option<Readings> {
        let mut next = Readings::default();
        readings.iter().for_each(|reading| self.read(reading, byte, &mut next));
        (next.count > 0).then_some(next)
    }

    fn accepts(&self, readings: &Readings) -> bool {
        readings.iter().any(|reading| match reading.part {
            Part::Excerpt => !self.joining.numbered && self.ending(reading).next().is_some(),
            Part::Numbered => true,
            _ => false,
        })
    }

    fn closing(&self, readings: &Readings) -> usize {
        let left = |reading: &Reading| match reading.part {
            Part::Excerpt => {
                // Among very many, there is one near enough.
                let places = self.places_of(reading).take(MEASURED + 1);
                let depth = reading.depth as usize;
                let ends = places.enumerate().map(|(count, place)| {
                    let at = place.at as usize + depth;
                    let end =
                        if count < MEASURED { self.end_from(at.max(place.at as usize + 1)) } else { None };
                    end.unwrap_or(at) - at
                });
                ends.min().unwrap_or(0) + if self.joining.numbered { " [1]".len() } else { 0 }
            }
            Part::Space => "[1]".len(),
            Part::Number => "]".len(),
            Part::Numbered => 0,
        };
        readings.iter().map(left).min().unwrap_or(0)
    }

    fn allowed(&self, readings: &Readings) -> ByteSet {
        let mut bytes = ByteSet::default();
        for reading in readings.iter() {
            // What follows an excerpt.
            let mut tried: Vec<u8> = match reading.part {
                Part::Excerpt => vec![b' ', self.joining.separator],
                Part::Space => vec![b'['],
                Part::Number => (b'0'..=b'9').chain([b']']).collect(),
                Part::Numbered => vec![self.joining.separator],
            };
            let (mut low, high) = (reading.low as usize, reading.high as usize);
            while reading.part == Part::Excerpt && low < high {
                let byte = self.byte(self.places[low], reading.depth);
                tried.extend(byte);
                low +=
                    self.places[low..high].partition_point(|place| self.byte(*place, reading.depth) <= byte);
            }
            for byte in tried {
                let mut next = Readings::default();
                self.read(reading, byte, &mut next);
                if next.count > 0 {
                    bytes.insert(byte);
                }
            }
        }
        bytes
    }
}

/// The byte ranges of `text` at whose ends it may be cut.
fn ranges(text: &str, cuts: &Cuts<'_>) -> Result<Vec<Range<usize>>> {
    Ok(match cuts {
        Cuts::Whole => std::iter::once(0..text.len()).collect(),
        Cuts::At(ranges) => {
            if let Some(range) = ranges.iter().find(|range| text.get((*range).clone()).is_none()) {
                return Err(Error::Constraint(format!("the bytes {range:?} are no part of a passage")));
            }
            ranges.to_vec()
        }
        Cuts::Words => text
            .split_whitespace()
            .map(|word| {
                let start = word.as_ptr() as usize - text.as_ptr() as usize;
                start..start + word.len()
            })
            .collect(),
    })
}
