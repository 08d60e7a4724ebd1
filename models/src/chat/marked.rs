//! Text in which what people said can be told from a template's own words.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use minijinja::{Error, ErrorKind};

/// Characters that stand for what was said, each for one: the private-use planes, which no template has.
const MARKS: [RangeInclusive<char>; 2] = ['\u{f_0000}'..='\u{f_fffd}', '\u{10_0000}'..='\u{10_fffd}'];
/// Characters on the first of these planes.
const PLANE: usize = 0xfffe;

/// Replaces every character of what is said by a mark of its own.
///
/// White space stays, so that a template may trim and split, and so do quotation marks and backslashes, so that it may
/// quote; the length stays too. No control token consists of these alone, so none can be made of what is said, whatever
/// a template cuts out of it.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    said: Vec<char>,
}

impl Marks {
    /// `text` in marks.
    ///
    /// # Errors
    /// If the conversation has more characters than there are marks, 131,068.
    pub(super) fn mark(&mut self, text: &str) -> Result<String, Error> {
        text.chars()
            .map(|char| {
                if is_open(char) {
                    return Ok(char);
                }
                self.said.push(char);
                mark(self.said.len() - 1).ok_or_else(|| {
                    let reason = format!("a conversation of more than {} characters", self.said.len() - 1);
                    Error::new(ErrorKind::InvalidOperation, reason)
                })
            })
            .collect()
    }

    /// What was rendered with the marked texts.
    pub(super) fn rendered(self, text: String) -> Marked {
        Marked { text, said: self.said }
    }
}

/// A rendered conversation.
#[derive(Debug)]
pub(crate) struct Marked {
    text: String,
    said: Vec<char>,
}

impl Marked {
    /// The conversation in which what was said is in marks: control tokens that are found here are the template's.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// A part of [`Marked::text`] as it was said.
    pub(crate) fn plain<'a>(&self, part: &'a str) -> Cow<'a, str> {
        if !part.chars().any(|char| index(char).is_some()) {
            return Cow::Borrowed(part);
        }
        let plain = |char| index(char).and_then(|index| self.said.get(index)).copied().unwrap_or(char);
        part.chars().map(plain).collect()
    }
}

/// Whether a character is left as it is.
fn is_open(char: char) -> bool {
    char.is_whitespace() || char.is_ascii_control() || matches!(char, '"' | '\\')
}

fn mark(index: usize) -> Option<char> {
    let start = *MARKS[index / PLANE % MARKS.len()].start() as usize;
    char::from_u32((start + index % PLANE) as u32).filter(|_| index < MARKS.len() * PLANE)
}

fn index(char: char) -> Option<usize> {
    let plane = MARKS.iter().position(|marks| marks.contains(&char))?;
    Some(plane * PLANE + (char as usize - *MARKS[plane].start() as usize))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn there_are_as_many_marks_as_are_told() {
        let last = MARKS.len() * PLANE - 1;
        for at in [0, 1, PLANE - 1, PLANE, last] {
            assert_eq!(index(mark(at).unwrap()), Some(at));
        }
        assert_eq!(mark(last), Some('\u{10_fffd}'));
        assert_eq!(mark(last + 1), None);
        assert_eq!(index('a'), None);
        let mut marks = Marks::default();
        marks.mark(&"x".repeat(last + 1)).unwrap();
        assert!(marks.mark("one more").unwrap_err().to_string().contains("131068"));
    }

    proptest! {
        #[test]
        fn what_was_said_comes_back(first in any::<String>(), second in any::<String>()) {
            let mut marks = Marks::default();
            let text = marks.mark(&first).unwrap() + "<|end|>" + &marks.mark(&second).unwrap();
            prop_assert_eq!(text.chars().count(), first.chars().count() + 7 + second.chars().count());
            prop_assert!(!text.replacen("<|end|>", "", 1).contains(|char: char| char.is_alphanumeric() || char == '<'));
            let marked = marks.rendered(text);
            prop_assert_eq!(marked.plain(marked.text()).into_owned(), format!("{first}<|end|>{second}"));
        }
    }
}
