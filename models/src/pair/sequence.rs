//! Two texts as one sequence of tokens.

use tokenizers::Tokenizer;

use crate::{Error, Result};

/// Bytes of a text that are looked at: more than the most tokens can stand for, and a bound on time.
const MAX_BYTES: usize = 1 << 14;

/// `[CLS] first [SEP] second [SEP]`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sequence {
    pub(super) ids: Vec<u32>,
    /// Where the second text begins.
    pub(super) second: usize,
}

impl Sequence {
    /// Cuts the first text after `max_first` tokens and the second so that all is `max_tokens` long at most.
    pub(super) fn of(
        tokenizer: &Tokenizer,
        first: &str,
        second: &str,
        max_first: usize,
        max_tokens: usize,
    ) -> Result<Self> {
        let encode = |text: &str| {
            let end = text.floor_char_boundary(MAX_BYTES);
            tokenizer.encode_fast(text.get(..end).unwrap_or(text), true).map_err(Error::Tokenizer)
        };
        let (one, two) = (encode(first)?, encode(second)?);
        let (one, two) = (one.get_ids(), two.get_ids());
        let (&[start, .., end], [_, two @ .., _]) = (one, two) else {
            return Err(Error::Tokenizer("it puts no special tokens at both ends".into()));
        };
        let mut ids = vec![start];
        ids.extend(one[1..one.len() - 1].iter().take(max_first));
        ids.push(end);
        let second = ids.len();
        ids.extend(two.iter().take(max_tokens.saturating_sub(second + 1)));
        ids.push(end);
        Ok(Self { ids, second })
    }
}

/// One batch, each list `rows × width`, row by row. What fills a row is masked and of the second text's type.
pub(super) struct Padded {
    pub(super) ids: Vec<i64>,
    pub(super) mask: Vec<i64>,
    pub(super) types: Vec<i64>,
    pub(super) rows: usize,
    pub(super) width: usize,
}

impl Padded {
    pub(super) fn of(sequences: &[Sequence], batch: &[usize]) -> Self {
        let width = batch.iter().map(|&index| sequences[index].ids.len()).max().unwrap_or(0);
        let (mut ids, mut mask, mut types) = (Vec::new(), Vec::new(), Vec::new());
        for &index in batch {
            let Sequence { ids: row, second } = &sequences[index];
            ids.extend(row.iter().map(|&id| i64::from(id)));
            mask.resize(mask.len() + row.len(), 1);
            types.resize(types.len() + second, 0);
            ids.resize(ids.len() + width - row.len(), 0);
            mask.resize(ids.len(), 0);
            types.resize(ids.len(), 1);
        }
        Self { ids, mask, types, rows: batch.len(), width }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoder::tokens::tests::small;

    fn tokenizer() -> Tokenizer {
        let mut tokenizer: Tokenizer = small().to_string().parse().unwrap();
        tokenizer.with_truncation(None).unwrap();
        tokenizer.with_padding(None);
        tokenizer
    }

    fn sequence(first: &str, second: &str, max_first: usize, max_tokens: usize) -> (Vec<u32>, usize) {
        let found = Sequence::of(&tokenizer(), first, second, max_first, max_tokens).unwrap();
        (found.ids, found.second)
    }

    #[test]
    fn two_texts_stand_between_special_tokens() {
        assert_eq!(sequence("reset", "your password", 8, 32), (vec![2, 4, 3, 5, 6, 7, 3], 3));
        assert_eq!(sequence("", "", 8, 32), (vec![2, 3, 3], 2));
    }

    #[test]
    fn the_first_text_is_cut_to_its_share_and_the_second_to_what_is_left() {
        assert_eq!(sequence("reset your a", "your password a", 2, 7), (vec![2, 4, 5, 3, 5, 6, 3], 4));
        let (ids, _) = sequence(&"a ".repeat(1 << 20), &"a ".repeat(1 << 20), 8, 16);
        assert_eq!(ids.len(), 16);
    }

    #[test]
    fn rows_are_filled_to_the_longest_of_their_batch() {
        let rows =
            [Sequence { ids: vec![2, 4, 3, 5, 3], second: 3 }, Sequence { ids: vec![2, 3, 3], second: 2 }];
        let padded = Padded::of(&rows, &[1, 0]);
        assert_eq!((padded.rows, padded.width), (2, 5));
        assert_eq!(padded.ids, [2, 3, 3, 0, 0, 2, 4, 3, 5, 3]);
        assert_eq!(padded.mask, [1, 1, 1, 0, 0, 1, 1, 1, 1, 1]);
        assert_eq!(padded.types, [0, 0, 1, 1, 1, 0, 0, 0, 1, 1]);
    }
}
