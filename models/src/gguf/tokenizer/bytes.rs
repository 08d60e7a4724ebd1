//! Byte-level byte pair encoding, as GPT-2 began it.

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use serde_json::{Value as Json, json};

use super::{Parts, texts};
use crate::gguf::Gguf;
use crate::{Error, Result};

pub(super) fn parts<R: Read + Seek>(gguf: &Gguf<R>, vocabulary: &BTreeMap<&str, usize>) -> Result<Parts> {
    let merges = texts(gguf, "tokenizer.ggml.merges")?;
    let pre = gguf.text("tokenizer.ggml.pre")?.unwrap_or("default");
    let Some(split) = Split::of(pre) else {
        return Err(Error::unsupported(gguf.path(), format!("its tokenizer splits text as {pre:?} does")));
    };
    let model = json!({
        "type": "BPE",
        "dropout": null,
        "unk_token": null,
        "continuing_subword_prefix": null,
        "end_of_word_suffix": null,
        "fuse_unk": false,
        "byte_fallback": false,
        "ignore_merges": split == Split::Llama3(true),
        "vocab": vocabulary,
        "merges": pairs(gguf, merges, vocabulary)?,
    });
    Ok(Parts {
        normalizer: split.normalizer(),
        pre_tokenizer: split.pre_tokenizer(),
        decoder: byte_level(false),
        model,
        begins: split == Split::Llama3(true),
    })
}

/// How text is split before merges are applied; the names are those of `tokenizer.ggml.pre`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Split {
    Gpt2,
    /// Digits one by one, then as GPT-2 does. Without the first step one text in twenty is encoded differently
    /// from how the model was trained.
    SmolLm,
    Qwen2,
    /// Whether a word that is a token is one whatever the merges say.
    Llama3(bool),
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
            "default" | "gpt-2" | "phi-2" | "mpt" | "olmo" | "jais" => Some(Self::Gpt2),
            "smollm" | "starcoder" | "refact" | "command-r" => Some(Self::SmolLm),
            "qwen2" | "deepseek-r1-qwen" => Some(Self::Qwen2),
            "llama-bpe" | "llama3" | "llama-v3" | "falcon3" => Some(Self::Llama3(true)),
            "smaug-bpe" | "dbrx" => Some(Self::Llama3(false)),
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
            Self::Llama3(_) => [pattern(modern_pattern(r"\p{N}{1,3}")), byte_level(false)],
        };
        json!({"type": "Sequence", "pretokenizers": steps})
    }
}

fn byte_level(use_regex: bool) -> Json {
    json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": use_regex})
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
