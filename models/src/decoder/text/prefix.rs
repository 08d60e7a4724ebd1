//! The space that `SentencePiece` puts before a text.

use std::borrow::Cow;

use serde_json::Value;
use tokenizers::pre_tokenizers::metaspace::PrependScheme;
use tokenizers::{NormalizerWrapper, PreTokenizerWrapper, Tokenizer};

use crate::{Error, Result};

/// Where in a text something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// At its beginning.
    Start,
    /// After a control token.
    AfterControl,
}

/// What a tokenizer puts before a text. It would do so before everything that it is given, as it cannot know what came
/// before that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Prefix {
    /// Nothing.
    Nothing,
    /// This, before all that stands between control tokens.
    Always(String),
    /// This, unless a space is there: before the text only, or also after each control token.
    Unless { mark: char, after_controls: bool },
}

impl Prefix {
    /// Takes this step out of `tokenizer`.
    pub(super) fn take(tokenizer: &mut Tokenizer) -> Result<Self> {
        let broken = |error: serde_json::Error| Error::Tokenizer(error.into());
        if let Some(PreTokenizerWrapper::Metaspace(metaspace)) = tokenizer.get_pre_tokenizer() {
            let (mut metaspace, scheme) = (metaspace.clone(), metaspace.prepend_scheme);
            metaspace.set_prepend_scheme(PrependScheme::Never);
            let mark = metaspace.get_replacement();
            tokenizer.with_pre_tokenizer(Some(metaspace));
            return Ok(match scheme {
                PrependScheme::Never => Self::Nothing,
                PrependScheme::First => Self::Unless { mark, after_controls: false },
                PrependScheme::Always => Self::Unless { mark, after_controls: true },
            });
        }
        let Some(normalizer) = tokenizer.get_normalizer() else { return Ok(Self::Nothing) };
        let mut normalizer = serde_json::to_value(normalizer).map_err(broken)?;
        let mut found = None;
        let mut is_prefix = |step: &Value| {
            let prefix = step["prepend"].as_str().filter(|_| step["type"] == "Prepend");
            found = found.take().or(prefix.map(str::to_owned));
            prefix.is_some()
        };
        let left: Option<NormalizerWrapper> = if is_prefix(&normalizer) {
            None
        } else {
            if let Value::Array(steps) = &mut normalizer["normalizers"] {
                steps.retain(|step| !is_prefix(step));
            }
            Some(serde_json::from_value(normalizer).map_err(broken)?)
        };
        let Some(prefix) = found else { return Ok(Self::Nothing) };
        tokenizer.with_normalizer(left).map_err(Error::Tokenizer)?;
        Ok(Self::Always(prefix))
    }

    /// `text` as it is to be encoded at `place`.
    pub(super) fn apply<'a>(&self, text: &'a str, place: Place) -> Cow<'a, str> {
        match self {
            _ if text.is_empty() => Cow::Borrowed(text),
            Self::Nothing => Cow::Borrowed(text),
            Self::Always(prefix) => Cow::Owned(format!("{prefix}{text}")),
            Self::Unless { mark, after_controls } => {
                let wanted = *after_controls || place == Place::Start;
                if wanted && !text.starts_with([' ', *mark]) {
                    Cow::Owned(format!("{mark}{text}"))
                } else {
                    Cow::Borrowed(text)
                }
            }
        }
    }
}
