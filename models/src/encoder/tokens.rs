//! Text to token ids, and fast counting for chunk sizes.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use tokenizers::models::ModelWrapper;
use tokenizers::normalizers::NormalizerWrapper;
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::{EncodeInput, Tokenizer};

use crate::{Error, Result};

/// A tokenizer file is some hundred kilobytes; multilingual ones reach 17 MB.
const MAX_TOKENIZER_BYTES: u64 = 64 << 20;

/// Words that are counted once; enough for the vocabulary of a knowledge base, and about 4 MB.
const CACHED_WORDS: usize = 1 << 16;

/// Longer words are rare and would fill the cache with identifiers and addresses.
const CACHED_WORD_BYTES: usize = 32;

/// Loads `tokenizer.json` without truncation and padding, which shipped files set to arbitrary lengths, and
/// with marks such as `[SEP]` in a text taken as text.
pub(crate) fn load(file: &Path) -> Result<Tokenizer> {
    let metadata = std::fs::metadata(file).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Error::ModelMissing { path: file.to_owned() },
        _ => Error::Io { path: file.to_owned(), source: error },
    })?;
    if metadata.len() > MAX_TOKENIZER_BYTES {
        return Err(Error::corrupt(file, "too large for a tokenizer"));
    }
    let mut tokenizer = Tokenizer::from_file(file).map_err(Error::Tokenizer)?;
    tokenizer.with_truncation(None).map_err(Error::Tokenizer)?;
    tokenizer.with_padding(None);
    tokenizer.set_encode_special_tokens(true);
    // A vocabulary without a token for the unknown fails on the first rare character: better now than then.
    tokenizer.encode_fast("\u{10fffd}", true).map_err(Error::Tokenizer)?;
    Ok(tokenizer)
}

/// Counts the tokens of texts as an encoder sees them, without special tokens.
///
/// A clone shares the tokenizer and has its own cache, so give each thread one.
#[derive(Debug)]
pub struct TokenCounter {
    tokenizer: Arc<Tokenizer>,
    /// Whether a text's count is the sum of its words' counts.
    by_word: bool,
    words: Mutex<HashMap<Box<str>, u32>>,
}

impl Clone for TokenCounter {
    fn clone(&self) -> Self {
        Self { tokenizer: Arc::clone(&self.tokenizer), by_word: self.by_word, words: Mutex::default() }
    }
}

impl TokenCounter {
    /// Reads the tokenizer of a compiled model's folder.
    pub fn open(folder: &Path) -> Result<Self> {
        Ok(Self::new(Arc::new(load(&folder.join("tokenizer.json"))?)))
    }

    pub(super) fn new(tokenizer: Arc<Tokenizer>) -> Self {
        let by_word = splits_at_blanks(&tokenizer);
        Self { tokenizer, by_word, words: Mutex::default() }
    }

    /// The number of tokens in `text`.
    pub fn count(&self, text: &str) -> usize {
        if !self.by_word {
            return self.count_whole(text);
        }
        let mut words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        text.split([' ', '\n', '\t', '\r'])
            .filter(|word| !word.is_empty())
            .map(|word| match words.get(word) {
                Some(&count) => count as usize,
                None => {
                    let count = self.count_whole(word);
                    if word.len() <= CACHED_WORD_BYTES && words.len() < CACHED_WORDS {
                        words.insert(word.into(), count as u32);
                    }
                    count
                }
            })
            .sum()
    }

    fn count_whole(&self, text: &str) -> usize {
        // Should tokenizing fail, the number of bytes is never too low.
        self.tokenizer
            .encode_fast(EncodeInput::from(text), false)
            .map_or(text.len(), |encoding| encoding.get_ids().len())
    }
}

/// True for BERT's own kind of tokenizer, which works on single characters up to the split into words, and for the one of
/// our multilingual encoder: a blank always splits.
fn splits_at_blanks(tokenizer: &Tokenizer) -> bool {
    let kind = (tokenizer.get_normalizer(), tokenizer.get_pre_tokenizer(), tokenizer.get_model());
    let splits = match kind {
        (
            Some(NormalizerWrapper::BertNormalizer(_)),
            Some(PreTokenizerWrapper::BertPreTokenizer(_)),
            ModelWrapper::WordPiece(_),
        ) => true,
        // Compatible characters are composed, but never with a blank.
        (
            Some(NormalizerWrapper::Sequence(steps)),
            Some(PreTokenizerWrapper::Sequence(parts)),
            ModelWrapper::Unigram(_),
        ) => {
            matches!(
                steps.as_ref(),
                [NormalizerWrapper::Replace(_), NormalizerWrapper::Replace(_), NormalizerWrapper::NFKC(_)]
            ) && matches!(
                parts.as_ref(),
                [PreTokenizerWrapper::WhitespaceSplit(_), PreTokenizerWrapper::Metaspace(_)]
            )
        }
        _ => false,
    };
    splits
        && tokenizer
            .get_added_tokens_decoder()
            .values()
            .all(|token| token.special && !token.content.contains(char::is_whitespace))
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A BERT tokenizer with a small vocabulary that truncates and pads to four tokens, as shipped files do.
    pub(crate) fn small() -> serde_json::Value {
        let words = [
            "[PAD]", "[UNK]", "[CLS]", "[SEP]", "reset", "your", "pass", "##word", "a", "##b", ".", "e", "[",
        ];
        let vocabulary: serde_json::Map<_, _> =
            words.iter().enumerate().map(|(id, word)| ((*word).to_owned(), id.into())).collect();
        let special = |id: usize| {
            serde_json::json!({"id": id, "content": words[id], "special": true, "single_word": false,
                "lstrip": false, "rstrip": false, "normalized": false})
        };
        serde_json::json!({
            "version": "1.0",
            "truncation": {"max_length": 4, "strategy": "LongestFirst", "stride": 0},
            "padding": {"strategy": {"Fixed": 4}, "direction": "Right", "pad_to_multiple_of": null,
                "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"},
            "added_tokens": [special(0), special(1), special(2), special(3)],
            "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                "strip_accents": null, "lowercase": true},
            "pre_tokenizer": {"type": "BertPreTokenizer"},
            "post_processor": {"type": "TemplateProcessing",
                "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                    {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
                "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]},
                    "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}},
            "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
            "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                "max_input_chars_per_word": 100, "vocab": vocabulary},
        })
    }

    fn counter() -> TokenCounter {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("tokenizer.json"), small().to_string()).unwrap();
        TokenCounter::open(folder.path()).unwrap()
    }

    #[test]
    fn truncation_and_padding_of_the_file_are_ignored() {
        let counter = counter();
        assert!(counter.by_word);
        assert_eq!(counter.count(""), 0);
        assert_eq!(counter.count("reset"), 1);
        assert_eq!(counter.count("Reset your  password.\nReset your password."), 10);
    }

    #[test]
    fn marks_in_a_text_are_text() {
        // "[", "sep" and "]" rather than the one special token.
        assert_eq!(counter().count("[SEP]"), 3);
    }

    #[test]
    fn a_missing_or_broken_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(TokenCounter::open(folder.path()), Err(Error::ModelMissing { .. })));
        std::fs::write(folder.path().join("tokenizer.json"), "{").unwrap();
        assert!(matches!(TokenCounter::open(folder.path()), Err(Error::Tokenizer(_))));
    }

    proptest! {
        #[test]
        fn counting_by_words_is_exact(text in r"(\PC|[ \t\r\n\x00-\x1f\x7f-\xa0\u{2000}-\u{200f}\u{2028}\u{3000}é́ß中İ.ab]){0,60}") {
            let counter = counter();
            prop_assert_eq!(counter.count(&text), counter.count_whole(&text));
            prop_assert_eq!(counter.count(&text), counter.count_whole(&text), "with a warm cache");
        }
    }
}
