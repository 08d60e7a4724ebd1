//! Text to tokens and back.

use std::path::Path;

use tokenizers::Tokenizer;
use tokenizers::decoders::DecoderWrapper;

use crate::{Error, Result};

/// Name of the tokenizer in a model's folder.
pub(crate) const TOKENIZER: &str = "tokenizer.json";

/// A byte-level tokenizer.
#[derive(Debug)]
pub(super) struct Text {
    tokenizer: Tokenizer,
    /// The bytes of every token; nothing for control tokens.
    pieces: Vec<Box<[u8]>>,
    /// Control tokens such as `<|im_end|>`, the longest first.
    controls: Vec<(String, u32)>,
}

impl Text {
    pub(super) fn open(folder: &Path) -> Result<Self> {
        let path = folder.join(TOKENIZER);
        if !path.is_file() {
            return Err(Error::ModelMissing { path });
        }
        let mut tokenizer = Tokenizer::from_file(&path).map_err(Error::Tokenizer)?;
        if !matches!(tokenizer.get_decoder(), Some(DecoderWrapper::ByteLevel(_))) {
            return Err(Error::unsupported(path, "a tokenizer that is not byte-level"));
        }
        tokenizer.with_truncation(None).map_err(Error::Tokenizer)?;
        tokenizer.with_padding(None);
        // What looks like a control token in a text is text.
        tokenizer.set_encode_special_tokens(true);
        let mut controls: Vec<(String, u32)> = tokenizer
            .get_added_tokens_decoder()
            .into_iter()
            .filter(|(_, token)| token.special && !token.content.is_empty())
            .map(|(id, token)| (token.content, id))
            .collect();
        controls.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        let pieces = pieces(&tokenizer, &controls);
        Ok(Self { tokenizer, pieces, controls })
    }

    pub(super) fn encode(&self, text: &str) -> Result<Vec<u32>> {
        let encoding = self.tokenizer.encode_fast(text, false).map_err(Error::Tokenizer)?;
        Ok(encoding.get_ids().to_vec())
    }

    /// The bytes of a token, which need not be whole characters; none for control tokens and unknown ids.
    pub(super) fn piece(&self, token: u32) -> &[u8] {
        self.pieces.get(token as usize).map_or(&[], |piece| piece)
    }

    pub(super) fn decode(&self, tokens: &[u32]) -> String {
        let bytes: Vec<u8> = tokens.iter().flat_map(|token| self.piece(*token)).copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Control tokens, the longest first.
    pub(super) fn controls(&self) -> &[(String, u32)] {
        &self.controls
    }
}

fn pieces(tokenizer: &Tokenizer, controls: &[(String, u32)]) -> Vec<Box<[u8]>> {
    let bytes = byte_of_char();
    let vocabulary = tokenizer.get_vocab(true);
    let size = vocabulary.values().max().map_or(0, |id| *id as usize + 1);
    let mut pieces = vec![Box::<[u8]>::default(); size];
    let added = tokenizer.get_added_tokens_decoder();
    for (token, id) in vocabulary {
        pieces[id as usize] = if added.contains_key(&id) {
            // Added tokens are plain text, unlike all others.
            token.into_bytes().into()
        } else {
            let piece = token.chars().flat_map(|char| match bytes.get(char as usize).copied().flatten() {
                Some(byte) => vec![byte],
                None => char.to_string().into_bytes(),
            });
            piece.collect()
        };
    }
    for (_, id) in controls {
        pieces[*id as usize] = Box::default();
    }
    pieces
}

/// Which byte a character of a byte-level vocabulary means, by its code point: GPT-2 writes printable bytes as
/// themselves and moves the others, in order, behind U+0100.
fn byte_of_char() -> [Option<u8>; 0x144] {
    let mut table = [None; 0x144];
    let mut moved = 0x100;
    for byte in 0..=255u8 {
        if matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff) {
            table[usize::from(byte)] = Some(byte);
        } else {
            table[moved] = Some(byte);
            moved += 1;
        }
    }
    table
}

/// Turns pieces into text, holding back bytes that do not yet make a character.
#[derive(Debug, Default)]
pub(super) struct Utf8Stream {
    pending: Vec<u8>,
    text: String,
}

impl Utf8Stream {
    /// Adds a piece and returns the text that is certain now, which may be empty. Bytes that cannot become a
    /// character are replaced.
    pub(super) fn push(&mut self, piece: &[u8]) -> &str {
        self.pending.extend_from_slice(piece);
        self.text.clear();
        let mut done = 0;
        for chunk in self.pending.utf8_chunks() {
            self.text.push_str(chunk.valid());
            done += chunk.valid().len();
            let invalid = chunk.invalid();
            let may_continue = done + invalid.len() == self.pending.len()
                && std::str::from_utf8(invalid).is_err_and(|error| error.error_len().is_none());
            if !invalid.is_empty() && !may_continue {
                self.text.push(char::REPLACEMENT_CHARACTER);
                done += invalid.len();
            }
        }
        self.pending.drain(..done);
        &self.text
    }

    /// What is left at the end: nothing, or the replacement of an unfinished character.
    pub(super) fn finish(&mut self) -> &str {
        let left = !self.pending.is_empty();
        self.pending.clear();
        if left { "\u{fffd}" } else { "" }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_byte_has_one_character() {
        let table = byte_of_char();
        let mut bytes: Vec<u8> = table.iter().flatten().copied().collect();
        bytes.sort_unstable();
        assert_eq!(bytes, (0..=255).collect::<Vec<u8>>());
        assert_eq!(table['Ġ' as usize], Some(b' '));
        assert_eq!(table['Ċ' as usize], Some(b'\n'));
        assert_eq!(table['A' as usize], Some(b'A'));
    }

    #[test]
    fn unfinished_characters_are_held_back() {
        let mut stream = Utf8Stream::default();
        assert_eq!(stream.push(b"a\xe2"), "a");
        assert_eq!(stream.push(b"\x82"), "");
        assert_eq!(stream.push(b"\xac!"), "€!");
        assert_eq!(stream.push(b"\xff"), "\u{fffd}");
        assert_eq!(stream.push(b"\xf0\x9f"), "");
        assert_eq!(stream.finish(), "\u{fffd}");
        assert_eq!(stream.finish(), "");
    }

    proptest! {
        #[test]
        fn streaming_equals_decoding_at_once(
            bytes in prop::collection::vec(any::<u8>(), 0..40),
            text in any::<String>(),
            cuts in prop::collection::vec(1usize..5, 1..10),
        ) {
            for bytes in [bytes, text.into_bytes()] {
                let (mut stream, mut found, mut rest) = (Utf8Stream::default(), String::new(), bytes.as_slice());
                for cut in cuts.iter().cycle() {
                    if rest.is_empty() {
                        break;
                    }
                    let (piece, after) = rest.split_at((*cut).min(rest.len()));
                    found.push_str(stream.push(piece));
                    rest = after;
                }
                found.push_str(stream.finish());
                prop_assert_eq!(found, String::from_utf8_lossy(&bytes).into_owned());
            }
        }
    }
}
