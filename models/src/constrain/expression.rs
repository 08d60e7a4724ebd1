//! Regular expressions over bytes, and automata that read them.

use std::ops::RangeInclusive;

/// A set of byte strings.
#[derive(Clone, Debug)]
pub(super) enum Expression {
    /// These bytes.
    Text(Vec<u8>),
    /// One byte of a range.
    Byte(RangeInclusive<u8>),
    /// One after the other.
    Sequence(Vec<Expression>),
    /// One of them.
    AnyOf(Vec<Expression>),
    /// At least and at most this often, with a text in between.
    Repeat(Box<Expression>, &'static str, usize, Option<usize>),
    /// One after the other, with a text in between; those that are not required may be left out.
    List(Vec<(Expression, bool)>, &'static str),
}

impl Expression {
    pub(super) fn text(text: impl Into<Vec<u8>>) -> Self {
        Self::Text(text.into())
    }

    /// One byte of those in `bytes`.
    pub(super) fn one_of(bytes: &[u8]) -> Self {
        Self::AnyOf(bytes.iter().map(|byte| Self::Byte(*byte..=*byte)).collect())
    }

    pub(super) fn digit() -> Self {
        Self::Byte(b'0'..=b'9')
    }

    pub(super) fn repeat(self, least: usize, most: impl Into<Option<usize>>) -> Self {
        self.separated("", least, most)
    }

    pub(super) fn separated(
        self,
        separator: &'static str,
        least: usize,
        most: impl Into<Option<usize>>,
    ) -> Self {
        Self::Repeat(Box::new(self), separator, least, most.into())
    }

    pub(super) fn optional(self) -> Self {
        self.repeat(0, 1)
    }

    /// A character of two to four bytes, in the ranges of RFC 3629, section 4.
    pub(super) fn beyond_ascii() -> Self {
        let tail = || Self::Byte(0x80..=0xbf);
        let two = |first: u8, second: RangeInclusive<u8>| {
            Self::Sequence(vec![Self::Byte(first..=first), Self::Byte(second)])
        };
        // What comes before the last two bytes, and before the last one.
        let before_two = Self::AnyOf(vec![
            Self::Byte(0xe1..=0xec),
            Self::Byte(0xee..=0xef),
            two(0xf0, 0x90..=0xbf),
            Self::Sequence(vec![Self::Byte(0xf1..=0xf3), tail()]),
            two(0xf4, 0x80..=0x8f),
        ]);
        let before_one = Self::AnyOf(vec![
            Self::Byte(0xc2..=0xdf),
            two(0xe0, 0xa0..=0xbf),
            Self::Sequence(vec![before_two, tail()]),
            two(0xed, 0x80..=0x9f),
        ]);
        Self::Sequence(vec![before_one, tail()])
    }
}

/// An automaton that may be in several states at once (Thompson, "Regular Expression Search Algorithm", 1968).
#[derive(Debug, Default)]
pub(super) struct Nfa {
    /// From each state, where bytes of a range lead.
    pub(super) moves: Vec<Vec<(RangeInclusive<u8>, u32)>>,
    /// From each state, where one is too without reading a byte.
    pub(super) free: Vec<Vec<u32>>,
}

/// The expression has more states than [`Nfa::MOST`].
#[derive(Debug)]
pub(super) struct TooLarge;

impl Nfa {
    /// Most states.
    pub(super) const MOST: usize = 1 << 17;

    /// One more state.
    pub(super) fn state(&mut self) -> Result<u32, TooLarge> {
        if self.moves.len() >= Self::MOST {
            return Err(TooLarge);
        }
        self.moves.push(Vec::new());
        self.free.push(Vec::new());
        Ok(self.moves.len() as u32 - 1)
    }

    /// Makes `range` lead from one state to another.
    pub(super) fn byte(&mut self, from: u32, range: RangeInclusive<u8>, to: u32) {
        self.moves[from as usize].push((range, to));
    }

    /// Makes whoever is in `from` be in `to` too.
    pub(super) fn join(&mut self, from: u32, to: u32) {
        self.free[from as usize].push(to);
    }

    /// Reads `expression` from `from` on and returns the state after it.
    pub(super) fn read(&mut self, expression: &Expression, from: u32) -> Result<u32, TooLarge> {
        match expression {
            Expression::Text(text) => text.iter().try_fold(from, |from, byte| {
                let to = self.state()?;
                self.byte(from, *byte..=*byte, to);
                Ok(to)
            }),
            Expression::Byte(range) => {
                let to = self.state()?;
                self.byte(from, range.clone(), to);
                Ok(to)
            }
            Expression::Sequence(parts) => parts.iter().try_fold(from, |from, part| self.read(part, from)),
            Expression::AnyOf(parts) => {
                let to = self.state()?;
                for part in parts {
                    let end = self.read(part, from)?;
                    self.join(end, to);
                }
                Ok(to)
            }
            Expression::Repeat(part, separator, least, most) => {
                self.repeat(part, separator, *least, *most, from)
            }
            Expression::List(parts, separator) => self.list(parts, separator, from),
        }
    }

    fn repeat(
        &mut self,
        part: &Expression,
        separator: &str,
        least: usize,
        most: Option<usize>,
        from: u32,
    ) -> Result<u32, TooLarge> {
        let separator = Expression::text(separator);
        let to = self.state()?;
        if least == 0 {
            self.join(from, to);
        }
        let mut at = from;
        // Without a limit, the last part is the one that is read again.
        for count in 1..=most.unwrap_or(least.max(1)) {
            let begin = if count == 1 { at } else { self.read(&separator, at)? };
            let again = self.state()?;
            self.join(begin, again);
            at = self.read(part, again)?;
            if count >= least {
                self.join(at, to);
            }
            if most.is_none() && count == least.max(1) {
                let next = self.read(&separator, at)?;
                self.join(next, again);
            }
        }
        Ok(to)
    }

    fn list(&mut self, parts: &[(Expression, bool)], separator: &str, from: u32) -> Result<u32, TooLarge> {
        let separator = Expression::text(separator);
        // Where one is while nothing has been read, and where after something has.
        let (mut none, mut some) = (Some(from), None);
        for (part, required) in parts {
            let begin = self.state()?;
            if let Some(none) = none {
                self.join(none, begin);
            }
            let behind = self.state()?;
            if let Some(some) = some {
                let next = self.read(&separator, some)?;
                self.join(next, begin);
                if !required {
                    self.join(some, behind);
                }
            }
            let end = self.read(part, begin)?;
            self.join(end, behind);
            some = Some(behind);
            none = none.filter(|_| !required);
        }
        let to = self.state()?;
        none.into_iter().chain(some).for_each(|state| self.join(state, to));
        Ok(to)
    }
}
