//! What a model's files say of it.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde_json::Value;

use super::REEXPORT;
use crate::decoder::text::Text;
use crate::{Error, Result};

/// No such file is larger; `tokenizer_config.json` lists thousands of tokens at times.
const MAX_BYTES: u64 = 16 << 20;
/// Tokens that a model of unknown context is taken to be trained for.
const CONTEXT: usize = 2048;
/// Tokens that end a turn in the common chat formats; models that say only what ends a text write them.
const TURN_ENDS: [&str; 5] = ["<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<|end|>", "<|endofturn|>"];

/// The JSON files beside a graph; those that are missing are null.
#[derive(Debug, Default)]
pub(super) struct About {
    model: Value,
    generation: Value,
    tokenizer: Value,
    special: Value,
    template: Option<String>,
    pub(super) genai: Option<Value>,
}

impl About {
    pub(super) fn read(root: &Path) -> Result<Self> {
        let json = |name: &str| -> Result<Value> { Ok(json(&root.join(name))?.unwrap_or_default()) };
        let tokenizer: Value = json("tokenizer_config.json")?;
        let template = match text(&root.join("chat_template.jinja"))? {
            Some(template) => Some(template),
            None => template(&tokenizer["chat_template"])
                .or(template(&json("chat_template.json")?["chat_template"])),
        };
        Ok(Self {
            model: json("config.json")?,
            generation: json("generation_config.json")?,
            special: json("special_tokens_map.json")?,
            genai: self::json(&root.join("genai_config.json"))?,
            tokenizer,
            template,
        })
    }

    /// Fails for models that are more than a decoder of text.
    pub(super) fn check(&self, path: &Path) -> Result<()> {
        let genai = self.genai.as_ref().map_or(&Value::Null, |genai| &genai["model"]);
        let refused = |reason: &str| {
            Err(Error::export(
                path,
                reason,
                "choose a model that continues text, such as one of the Llama or Qwen families",
            ))
        };
        if self.model["is_encoder_decoder"] == true || !genai["encoder"].is_null() {
            return refused("it consists of an encoder and a decoder");
        }
        if !genai["decoder"]["pipeline"].is_null() {
            return refused("it is split into a pipeline of several graphs");
        }
        if !genai["decoder"]["sliding_window"].is_null() {
            return refused("its cache slides over a window");
        }
        Ok(())
    }

    pub(super) fn chat_template(&self) -> Option<&str> {
        self.template.as_deref()
    }

    /// Tokens that it was trained for.
    pub(super) fn context(&self) -> usize {
        let genai = self.genai.as_ref().and_then(|genai| genai["model"]["context_length"].as_u64());
        let names = ["max_position_embeddings", "n_positions", "max_sequence_length", "n_ctx", "seq_length"];
        let model = || names.iter().find_map(|name| self.config(name).as_u64());
        // Where it is not known, this file has a number beyond all bounds.
        let tokenizer = || self.tokenizer["model_max_length"].as_u64().filter(|length| *length < 1 << 30);
        genai.or_else(model).or_else(tokenizer).map_or(CONTEXT, |length| length as usize).max(1)
    }

    /// Heads of the cache.
    pub(super) fn kv_heads(&self) -> Option<usize> {
        let names = ["num_key_value_heads", "num_attention_heads", "n_head"];
        names.iter().find_map(|name| self.size(name))
    }

    /// Size of a head.
    pub(super) fn head_size(&self) -> Option<usize> {
        let computed = || Some(self.size("hidden_size")? / self.size("num_attention_heads")?.max(1));
        self.size("head_dim").or_else(|| self.size("head_size")).or_else(computed)
    }

    /// Layers that it says it has.
    pub(super) fn layers(&self) -> Option<usize> {
        self.size("num_hidden_layers").or_else(|| self.size("n_layer"))
    }

    fn size(&self, name: &str) -> Option<usize> {
        let genai = self.genai.as_ref().and_then(|genai| genai["model"]["decoder"][name].as_u64());
        genai
            .or_else(|| self.config(name).as_u64())
            .map(|size| size as usize)
            .filter(|size| (1..=1 << 20).contains(size))
    }

    fn config(&self, name: &str) -> &Value {
        let inner = &self.model["text_config"][name];
        if inner.is_null() { &self.model[name] } else { inner }
    }

    /// Text and id of the token that begins a text, if one does.
    pub(super) fn begin(&self, text: &Text) -> (String, Option<u32>) {
        let name = self.token("bos_token");
        let listed = self.ids("bos_token_id").first().copied();
        let id = name.as_deref().and_then(|name| text.control(name)).or(listed);
        let name = name.or_else(|| id.and_then(|id| text.name(id)).map(str::to_owned)).unwrap_or_default();
        // The tokenizer knows best; it may put it there although the files above say nothing.
        let wanted = self.tokenizer["add_bos_token"] == true;
        let begin = text.begin().filter(|found| Some(*found) == id || !self.ends(text).contains(found));
        (name, begin.or(id.filter(|_| wanted)))
    }

    /// Text of the token that ends a text.
    pub(super) fn end_text(&self, text: &Text) -> String {
        let named = || self.ends(text).first().and_then(|id| text.name(*id)).map(str::to_owned);
        self.token("eos_token").or_else(named).unwrap_or_default()
    }

    /// Tokens that end a text or a turn.
    pub(super) fn ends(&self, text: &Text) -> Vec<u32> {
        let mut ends = self.ids("eos_token_id");
        ends.extend(self.token("eos_token").and_then(|name| text.control(&name)));
        let template = self.template.as_deref().unwrap_or_default();
        let turns = TURN_ENDS.iter().filter(|name| template.contains(**name));
        ends.extend(turns.filter_map(|name| text.control(name)));
        ends.sort_unstable();
        ends.dedup();
        ends
    }

    /// A number, or all of a list, in whichever files have it.
    fn ids(&self, name: &str) -> Vec<u32> {
        let genai = self.genai.as_ref().map_or(&Value::Null, |genai| &genai["model"][name]);
        let all = [&self.generation[name], genai, self.config(name)];
        let one = |value: &Value| value.as_u64().and_then(|id| u32::try_from(id).ok());
        let list = |value: &Value| match value {
            Value::Array(values) => values.iter().filter_map(one).collect(),
            value => Vec::from_iter(one(value)),
        };
        all.into_iter().flat_map(list).collect()
    }

    fn token(&self, name: &str) -> Option<String> {
        [&self.tokenizer[name], &self.special[name]].into_iter().find_map(|token| {
            let content = if token.is_object() { &token["content"] } else { token };
            content.as_str().filter(|content| !content.is_empty()).map(str::to_owned)
        })
    }
}

/// Fails for models of which nothing says where their texts end.
pub(super) fn some_end(path: &Path, ends: &[u32]) -> Result<()> {
    if ends.is_empty() {
        return Err(Error::export(
            path,
            "no file says which token ends a text",
            "write its `eos_token_id` into generation_config.json",
        ));
    }
    Ok(())
}

/// A template, or the default one of several.
fn template(value: &Value) -> Option<String> {
    match value {
        Value::String(template) => Some(template.clone()),
        Value::Array(named) => {
            let default = named.iter().find(|named| named["name"] == "default").or(named.first())?;
            default["template"].as_str().map(str::to_owned)
        }
        _ => None,
    }
}

fn json(path: &Path) -> Result<Option<Value>> {
    let parse = |text: String| {
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        serde_json::from_str(text)
            .map_err(|error| Error::export(path, format!("it is damaged: {error}"), REEXPORT))
    };
    text(path)?.map(parse).transpose()
}

/// The text of a small file, nothing where there is none.
fn text(path: &Path) -> Result<Option<String>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io(path)(error)),
    };
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(Error::io(path))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Error::export(path, format!("it has more than {} MB", MAX_BYTES >> 20), REEXPORT));
    }
    String::from_utf8(bytes).map(Some).map_err(|_| Error::export(path, "it is not UTF-8", REEXPORT))
}
