//! Rebuilding `tokenizer.json`, the chat template and the tokens that end a text from metadata.

mod bytes;
mod pieces;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek};

use serde_json::{Value as Json, json};

use super::{Gguf, Value};
use crate::{Error, Result};

/// Names under which models know the end of a text or of a turn.
const ENDS: [&str; 8] = [
    "<|endoftext|>",
    "<|im_end|>",
    "<|end_of_text|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|end|>",
    "<end_of_turn>",
    "</s>",
];

/// `tokenizer.ggml.token_type` of ordinary tokens.
const NORMAL: i64 = 1;
/// `tokenizer.ggml.token_type` of the token that stands for what has none.
const UNKNOWN: i64 = 2;
/// `tokenizer.ggml.token_type` of control tokens such as `<|im_end|>`.
const CONTROL: i64 = 3;
/// `tokenizer.ggml.token_type` of tokens that someone added to the vocabulary.
const USER_DEFINED: i64 = 4;

/// What kinds of tokenizers differ in: fields of `tokenizer.json`, and whether texts have a beginning unless the file
/// says so.
struct Parts {
    normalizer: Json,
    pre_tokenizer: Json,
    decoder: Json,
    model: Json,
    begins: bool,
}

/// What a model knows about text.
#[derive(Clone, Debug)]
pub(crate) struct TextModel {
    /// A whole `tokenizer.json`.
    pub(crate) tokenizer: Vec<u8>,
    /// Number of tokens.
    pub(crate) vocabulary: usize,
    /// Begins every text, if the model wants that.
    pub(crate) begin: Option<u32>,
    /// Any of these ends a text or a turn.
    pub(crate) ends: Vec<u32>,
    /// What `bos_token` and `eos_token` mean in the chat template.
    pub(crate) begin_text: String,
    pub(crate) end_text: String,
    /// Jinja source.
    pub(crate) chat_template: Option<String>,
}

impl TextModel {
    /// Reads the tokenizer out of `gguf`.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for kinds of tokenizers and ways to split text that are not known, [`Error::Corrupt`]
    /// for vocabularies that contradict themselves.
    pub(crate) fn read<R: Read + Seek>(gguf: &Gguf<R>) -> Result<Self> {
        let tokens = texts(gguf, "tokenizer.ggml.tokens")?;
        let kinds = match gguf.value("tokenizer.ggml.token_type") {
            Some(Value::Integers(kinds)) if kinds.len() == tokens.len() => kinds.as_slice(),
            None => &[],
            Some(_) => return Err(Error::corrupt(gguf.path(), "its token types do not fit its tokens")),
        };
        let vocabulary = vocabulary(gguf, tokens)?;
        let parts = match gguf.need("tokenizer.ggml.model", gguf.text("tokenizer.ggml.model")?)? {
            "gpt2" => bytes::parts(gguf, &vocabulary)?,
            "llama" => pieces::parts(gguf, &vocabulary, tokens, kinds)?,
            other => {
                let reason = format!("its tokenizer is of the kind {other:?}");
                return Err(Error::unsupported(gguf.path(), reason));
            }
        };
        let tokenizer = json!({
            "version": "1.0",
            "truncation": null,
            "padding": null,
            "added_tokens": added(tokens, kinds),
            "normalizer": parts.normalizer,
            "pre_tokenizer": parts.pre_tokenizer,
            "post_processor": null,
            "decoder": parts.decoder,
            "model": parts.model,
        });
        let id = |key: &str| match gguf.size(key)? {
            Some(id) if id < tokens.len() => Ok(Some(id as u32)),
            Some(id) => Err(Error::corrupt(gguf.path(), format!("`{key}` is {id}, not a token"))),
            None => Ok(None),
        };
        let begin = id("tokenizer.ggml.bos_token_id")?;
        let end = id("tokenizer.ggml.eos_token_id")?;
        let mut ends: BTreeSet<u32> =
            ENDS.iter().filter_map(|name| vocabulary.get(name)).map(|id| *id as u32).collect();
        ends.extend(end);
        ends.extend(id("tokenizer.ggml.eot_token_id")?);
        let text = |id: Option<u32>| id.map_or_else(String::new, |id| tokens[id as usize].clone());
        let begins = match gguf.value("tokenizer.ggml.add_bos_token") {
            Some(value) => *value == Value::Bool(true),
            None => parts.begins,
        };
        Ok(Self {
            tokenizer: serde_json::to_vec(&tokenizer).map_err(|error| Error::Tokenizer(error.into()))?,
            vocabulary: tokens.len(),
            begin: begin.filter(|_| begins),
            ends: ends.into_iter().collect(),
            begin_text: text(begin),
            end_text: text(end),
            chat_template: gguf.text("tokenizer.chat_template")?.map(str::to_owned),
        })
    }
}

fn texts<'a, R: Read + Seek>(gguf: &'a Gguf<R>, key: &str) -> Result<&'a [String]> {
    match gguf.value(key) {
        Some(Value::Texts(texts)) => Ok(texts),
        _ => Err(Error::corrupt(gguf.path(), format!("`{key}` is missing or not a list of texts"))),
    }
}

fn vocabulary<'a, R: Read + Seek>(gguf: &Gguf<R>, tokens: &'a [String]) -> Result<BTreeMap<&'a str, usize>> {
    let mut vocabulary = BTreeMap::new();
    for (id, token) in tokens.iter().enumerate() {
        if vocabulary.insert(token.as_str(), id).is_some() {
            return Err(Error::corrupt(gguf.path(), format!("the token {token:?} exists twice")));
        }
    }
    Ok(vocabulary)
}

fn added(tokens: &[String], kinds: &[i64]) -> Json {
    tokens
        .iter()
        .zip(kinds)
        .enumerate()
        .filter(|(_, (_, kind))| [UNKNOWN, CONTROL, USER_DEFINED].contains(kind))
        .map(|(id, (token, kind))| {
            json!({
                "id": id,
                "content": token,
                "single_word": false,
                "lstrip": false,
                "rstrip": false,
                "normalized": false,
                "special": *kind != USER_DEFINED,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests;
