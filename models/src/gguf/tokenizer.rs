//! Rebuilding `tokenizer.json`, the chat template and the tokens that end a text from metadata.

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

/// `tokenizer.ggml.token_type` of control tokens such as `<|im_end|>`.
const CONTROL: i64 = 3;
/// `tokenizer.ggml.token_type` of tokens that someone added to the vocabulary.
const USER_DEFINED: i64 = 4;

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
    /// [`Error::Unsupported`] for anything but byte-level BPE with a known pre-tokenizer, [`Error::Corrupt`] for
    /// vocabularies that contradict themselves.
    pub(crate) fn read<R: Read + Seek>(gguf: &Gguf<R>) -> Result<Self> {
        let unsupported = |reason: String| Error::unsupported(gguf.path(), reason);
        let model = gguf.need("tokenizer.ggml.model", gguf.text("tokenizer.ggml.model")?)?;
        if model != "gpt2" {
            return Err(unsupported(format!("its tokenizer is of the kind {model:?}")));
        }
        let tokens = texts(gguf, "tokenizer.ggml.tokens")?;
        let merges = texts(gguf, "tokenizer.ggml.merges")?;
        let kinds = match gguf.value("tokenizer.ggml.token_type") {
            Some(Value::Integers(kinds)) if kinds.len() == tokens.len() => kinds.as_slice(),
            None => &[],
            Some(_) => return Err(Error::corrupt(gguf.path(), "its token types do not fit its tokens")),
        };
        let pre = gguf.text("tokenizer.ggml.pre")?.unwrap_or("default");
        let Some(split) = Split::of(pre) else {
            return Err(unsupported(format!("its tokenizer splits text as {pre:?} does")));
        };
        let vocabulary = vocabulary(gguf, tokens)?;
        let added = added(tokens, kinds);
        let tokenizer = json!({
            "version": "1.0",
            "truncation": null,
            "padding": null,
            "added_tokens": added,
            "normalizer": split.normalizer(),
            "pre_tokenizer": split.pre_tokenizer(),
            "post_processor": null,
            "decoder": byte_level(false),
            "model": {
                "type": "BPE",
                "dropout": null,
                "unk_token": null,
                "continuing_subword_prefix": null,
                "end_of_word_suffix": null,
                "fuse_unk": false,
                "byte_fallback": false,
                "ignore_merges": split == Split::Llama3,
                "vocab": vocabulary,
                "merges": pairs(gguf, merges, &vocabulary)?,
            },
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
        let wants_begin = gguf.value("tokenizer.ggml.add_bos_token") == Some(&Value::Bool(true));
        Ok(Self {
            tokenizer: serde_json::to_vec(&tokenizer).map_err(|error| Error::Tokenizer(error.into()))?,
            vocabulary: tokens.len(),
            begin: begin.filter(|_| wants_begin),
            ends: ends.into_iter().collect(),
            begin_text: text(begin),
            end_text: text(end),
            chat_template: gguf.text("tokenizer.chat_template")?.map(str::to_owned),
        })
    }
}

/// How text is split before merges are applied; the names are those of `tokenizer.ggml.pre`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Split {
    Gpt2,
    /// Digits one by one, then as GPT-2 does. Without the first step one text in twenty is encoded differently
    /// from how the model was trained.
    SmolLm,
    Qwen2,
    Llama3,
}

/// From the published `tokenizer.json` of Qwen2 and Llama 3; they differ in how many digits go together.
fn modern_pattern(digits: &str) -> String {
    format!(
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|{digits}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    )
}

impl Split {
    fn of(name: &str) -> Option<Self> {
        match name {
            "default" | "gpt-2" => Some(Self::Gpt2),
            "smollm" => Some(Self::SmolLm),
            "qwen2" => Some(Self::Qwen2),
            "llama-bpe" | "llama3" | "llama-v3" => Some(Self::Llama3),
            _ => None,
        }
    }

    fn normalizer(self) -> Json {
        if self == Self::Qwen2 { json!({"type": "NFC"}) } else { Json::Null }
    }

    fn pre_tokenizer(self) -> Json {
        let pattern = |pattern: String| json!({"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": false});
        let steps = match self {
            Self::Gpt2 => return byte_level(true),
            Self::SmolLm => [json!({"type": "Digits", "individual_digits": true}), byte_level(true)],
            Self::Qwen2 => [pattern(modern_pattern(r"\p{N}")), byte_level(false)],
            Self::Llama3 => [pattern(modern_pattern(r"\p{N}{1,3}")), byte_level(false)],
        };
        json!({"type": "Sequence", "pretokenizers": steps})
    }
}

fn byte_level(use_regex: bool) -> Json {
    json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": use_regex})
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

/// Merges as pairs; what they name and make must be tokens.
fn pairs<'a, R: Read + Seek>(
    gguf: &Gguf<R>,
    merges: &'a [String],
    vocabulary: &BTreeMap<&str, usize>,
) -> Result<Vec<[&'a str; 2]>> {
    merges
        .iter()
        .map(|merge| match merge.split_once(' ') {
            Some((left, right))
                if vocabulary.contains_key(left)
                    && vocabulary.contains_key(right)
                    && vocabulary.contains_key(format!("{left}{right}").as_str()) =>
            {
                Ok([left, right])
            }
            _ => Err(Error::corrupt(gguf.path(), format!("the merge {merge:?} is not of tokens"))),
        })
        .collect()
}

fn added(tokens: &[String], kinds: &[i64]) -> Vec<Json> {
    tokens
        .iter()
        .zip(kinds)
        .enumerate()
        .filter(|(_, (_, kind))| [CONTROL, USER_DEFINED].contains(kind))
        .map(|(id, (token, kind))| {
            json!({
                "id": id,
                "content": token,
                "single_word": false,
                "lstrip": false,
                "rstrip": false,
                "normalized": false,
                "special": *kind == CONTROL,
            })
        })
        .collect()
}
