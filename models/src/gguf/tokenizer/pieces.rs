//! Byte pair encoding as in sentencepiece: pieces with scores, and bytes for what no piece spells.

use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Seek};

use serde_json::{Value as Json, json};

use super::{NORMAL, Parts, UNKNOWN, USER_DEFINED};
use crate::gguf::{Gguf, Value};
use crate::{Error, Result};

/// Stands for a space.
const SPACE: &str = "\u{2581}";
/// Pieces are whole words at most; all ways to cut one in two are tried.
const LONGEST: usize = 128;

/// The same as Transformers' converter makes.
pub(super) fn parts<R: Read + Seek>(
    gguf: &Gguf<R>,
    vocabulary: &BTreeMap<&str, usize>,
    tokens: &[String],
    kinds: &[i64],
) -> Result<Parts> {
    let scores = match gguf.value("tokenizer.ggml.scores") {
        Some(Value::Floats(scores)) if scores.len() == tokens.len() => scores,
        _ => return Err(Error::corrupt(gguf.path(), "its tokens do not have a score each")),
    };
    let prefix = gguf.value("tokenizer.ggml.add_space_prefix") != Some(&Value::Bool(false));
    let replace =
        |from: &str, to: &str| json!({"type": "Replace", "pattern": {"String": from}, "content": to});
    let mut normalizers = vec![replace(" ", SPACE)];
    let mut decoders = vec![replace(SPACE, " "), json!({"type": "ByteFallback"}), json!({"type": "Fuse"})];
    if prefix {
        normalizers.insert(0, json!({"type": "Prepend", "prepend": SPACE}));
        decoders.push(json!({"type": "Strip", "content": " ", "start": 1, "stop": 0}));
    }
    let model = json!({
        "type": "BPE",
        "dropout": null,
        "unk_token": kinds.iter().position(|kind| *kind == UNKNOWN).map(|id| &tokens[id]),
        "continuing_subword_prefix": null,
        "end_of_word_suffix": null,
        "fuse_unk": true,
        "byte_fallback": true,
        "ignore_merges": false,
        "vocab": vocabulary,
        "merges": merges(gguf, tokens, kinds, scores)?,
    });
    Ok(Parts {
        normalizer: json!({"type": "Sequence", "normalizers": normalizers}),
        pre_tokenizer: Json::Null,
        decoder: json!({"type": "Sequence", "decoders": decoders}),
        model,
        begins: true,
    })
}

/// All pairs of pieces that make a piece, that with the highest score first: sentencepiece joins whatever neighbors score
/// highest. Control tokens are no pieces, so that no text spells one.
fn merges<'a, R: Read + Seek>(
    gguf: &Gguf<R>,
    tokens: &'a [String],
    kinds: &[i64],
    scores: &[f64],
) -> Result<Vec<[&'a str; 2]>> {
    let is_piece = |id: usize| kinds.get(id).is_none_or(|kind| [NORMAL, USER_DEFINED].contains(kind));
    let pieces: HashMap<&str, usize> =
        (0..).zip(tokens).filter(|(id, _)| is_piece(*id)).map(|(id, piece)| (piece.as_str(), id)).collect();
    let mut merges = Vec::new();
    for (piece, id) in &pieces {
        if piece.len() > LONGEST {
            let reason = format!("a piece of its tokenizer has {} bytes", piece.len());
            return Err(Error::unsupported(gguf.path(), reason));
        }
        for (at, _) in piece.char_indices().skip(1) {
            let (left, right) = piece.split_at(at);
            if let (Some(first), Some(second)) = (pieces.get(left), pieces.get(right)) {
                merges.push((*id, *first, *second));
            }
        }
    }
    merges.sort_unstable_by(|a, b| scores[b.0].total_cmp(&scores[a.0]).then_with(|| a.cmp(b)));
    Ok(merges
        .into_iter()
        .map(|(_, first, second)| [tokens[first].as_str(), tokens[second].as_str()])
        .collect())
}
