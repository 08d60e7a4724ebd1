//! Text to tokens and back.

mod controls;
mod pieces;
mod prefix;
mod stream;
#[cfg(test)]
mod tests;

use std::path::Path;

use tokenizers::{AddedToken, Tokenizer};

use self::controls::Controls;
use self::prefix::{Place, Prefix};
use crate::chat::Marked;
use crate::{Error, Result};

pub(super) use self::stream::Utf8Stream;

/// Name of the tokenizer in a model's folder.
pub(crate) const TOKENIZER: &str = "tokenizer.json";

/// A tokenizer whose tokens are known byte by byte: byte-level ones, and those in the manner of `SentencePiece`.
#[derive(Debug)]
pub(super) struct Text {
    tokenizer: Tokenizer,
    prefix: Prefix,
    /// The bytes of every token; nothing for control tokens.
    pieces: Vec<Box<[u8]>>,
    controls: Controls,
    /// What the tokenizer itself puts before every text.
    begin: Option<u32>,
}

impl Text {
    pub(super) fn open(folder: &Path) -> Result<Self> {
        let path = folder.join(TOKENIZER);
        if !path.is_file() {
            return Err(Error::ModelMissing { path });
        }
        let mut tokenizer = Tokenizer::from_file(&path).map_err(Error::Tokenizer)?;
        let pieces = pieces::of(&tokenizer).map_err(|reason| Error::unsupported(&path, reason))?;
        tokenizer.with_truncation(None).map_err(Error::Tokenizer)?;
        tokenizer.with_padding(None);
        let begin = tokenizer.encode_fast("", true).map_err(Error::Tokenizer)?.get_ids().first().copied();
        let controls = Controls::of(&tokenizer);
        // What looks like a control token in a text is text.
        let special: Vec<AddedToken> =
            controls.iter().map(|control| control.token.clone().special(true)).collect();
        tokenizer.add_special_tokens(special).map_err(Error::Tokenizer)?;
        tokenizer.set_encode_special_tokens(true);
        let prefix = Prefix::take(&mut tokenizer)?;
        Ok(Self { tokenizer, prefix, pieces, controls, begin })
    }

    /// Tokens of a text from its beginning, in which control tokens are ordinary text.
    pub(super) fn encode(&self, text: &str) -> Result<Vec<u32>> {
        self.encode_at(text, Place::Start)
    }

    fn encode_at(&self, text: &str, place: Place) -> Result<Vec<u32>> {
        let text = self.prefix.apply(text, place);
        let encoding = self.tokenizer.encode_fast(text, false).map_err(Error::Tokenizer)?;
        Ok(encoding.get_ids().to_vec())
    }

    /// Tokens of a conversation, in which the control tokens of its format count and those in what was said do not.
    pub(super) fn encode_marked(&self, marked: &Marked) -> Result<Vec<u32>> {
        let (mut tokens, mut rest, mut place) = (Vec::new(), marked.text(), Place::Start);
        // Text between two control tokens is encoded as one, as in training.
        while let Some((before, control, after)) = self.controls.split(rest) {
            tokens.append(&mut self.encode_at(&marked.plain(before), place)?);
            tokens.push(control);
            (rest, place) = (after, Place::AfterControl);
        }
        tokens.append(&mut self.encode_at(&marked.plain(rest), place)?);
        Ok(tokens)
    }

    /// The bytes of a token, which need not be whole characters; none for control tokens and unknown ids.
    pub(super) fn piece(&self, token: u32) -> &[u8] {
        self.pieces.get(token as usize).map_or(&[], |piece| piece)
    }

    pub(super) fn decode(&self, tokens: &[u32]) -> String {
        let bytes: Vec<u8> = tokens.iter().flat_map(|token| self.piece(*token)).copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The control token of that name.
    pub(super) fn control(&self, name: &str) -> Option<u32> {
        self.controls.iter().find(|control| control.token.content == name).map(|control| control.id)
    }

    /// The name of a control token.
    pub(super) fn name(&self, token: u32) -> Option<&str> {
        self.controls.iter().find(|control| control.id == token).map(|control| control.token.content.as_str())
    }

    /// What the tokenizer itself puts before every text.
    pub(super) fn begin(&self) -> Option<u32> {
        self.begin
    }
}
