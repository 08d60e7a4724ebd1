//! Counting tokens fast enough to size chunks with.

use std::cell::RefCell;
use std::collections::HashMap;

use text_splitter::ChunkSizer;

/// Words remembered at a time. Documentation of one product has some ten thousand; the bound is against foreign
/// bytes, not for tuning.
const CACHED: usize = 65_536;

/// Longest word, in bytes, that is counted by the tokenizer. A longer one is not a word but encoded bytes, and
/// tokenizing it again for every prefix takes quadratic time.
const LONGEST: usize = 256;

/// Counts the tokens of text by summing cached counts of its words.
///
/// For tokenizers that part text at white space first (the BERT family) the sum is exact; for others it is an
/// estimate, so a finished chunk is measured once more with [`Counter::exact`].
pub(crate) struct Counter<'a> {
    count: &'a dyn Fn(&str) -> usize,
    specials: usize,
    words: RefCell<HashMap<Box<str>, usize>>,
}

impl<'a> Counter<'a> {
    /// A counter over a tokenizer's `count`, which may include special tokens.
    pub(crate) fn new(count: &'a dyn Fn(&str) -> usize) -> Self {
        Self { count, specials: count(""), words: RefCell::default() }
    }

    /// Tokens that the tokenizer adds to any text.
    pub(crate) fn specials(&self) -> usize {
        self.specials
    }

    /// Tokens of `text` as the model sees it, special ones included.
    pub(crate) fn exact(&self, text: &str) -> usize {
        (self.count)(text)
    }

    fn word(&self, word: &str) -> usize {
        if word.len() > LONGEST {
            let ascii = word.bytes().filter(u8::is_ascii).count();
            return ascii.div_ceil(4) + word.chars().filter(|c| !c.is_ascii()).count();
        }
        if let Some(&count) = self.words.borrow().get(word) {
            return count;
        }
        let count = (self.count)(word).saturating_sub(self.specials);
        let mut words = self.words.borrow_mut();
        if words.len() >= CACHED {
            words.clear();
        }
        words.insert(word.into(), count);
        count
    }
}

impl ChunkSizer for Counter<'_> {
    /// Tokens of `text` without special ones.
    fn size(&self, text: &str) -> usize {
        text.split_whitespace().map(|word| self.word(word)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn special_tokens_count_once() {
        let count = |text: &str| 2 + text.split_whitespace().count();
        let counter = Counter::new(&count);
        assert_eq!((counter.specials(), counter.size("a b c"), counter.exact("a b c")), (2, 3, 5));
    }

    #[test]
    fn a_word_is_tokenized_once() {
        let calls = Cell::new(0);
        let count = |_: &str| {
            calls.set(calls.get() + 1);
            1
        };
        let counter = Counter::new(&count);
        let before = calls.get();
        counter.size("a a a b");
        assert_eq!(calls.get() - before, 2);
    }

    #[test]
    fn encoded_bytes_are_estimated() {
        let count = |text: &str| usize::from(!text.is_empty());
        let counter = Counter::new(&count);
        assert_eq!(counter.size(&"x".repeat(4_000)), 1_000);
    }
}
