//! Control tokens such as `<|im_end|>`.

use tokenizers::{AddedToken, Tokenizer};

/// A control token.
#[derive(Debug)]
pub(super) struct Control {
    pub(super) token: AddedToken,
    pub(super) id: u32,
}

/// All of a tokenizer, the longest first.
#[derive(Debug)]
pub(super) struct Controls {
    all: Vec<Control>,
    /// Bytes that one begins with.
    first: Box<[bool; 256]>,
}

impl Controls {
    /// Those of `tokenizer`: its special tokens, and others whose looks say that they mean more than text, such as
    /// `<think>`.
    pub(super) fn of(tokenizer: &Tokenizer) -> Self {
        let mut all: Vec<Control> = tokenizer
            .get_added_tokens_decoder()
            .into_iter()
            .filter(|(_, token)| !token.content.trim().is_empty() && (token.special || looks(&token.content)))
            .map(|(id, token)| Control { token, id })
            .collect();
        let order = |control: &Control| (std::cmp::Reverse(control.token.content.len()), control.id);
        all.sort_by_key(order);
        let mut first = Box::new([false; 256]);
        for byte in all.iter().filter_map(|control| control.token.content.bytes().next()) {
            first[usize::from(byte)] = true;
        }
        Self { all, first }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Control> {
        self.all.iter()
    }

    /// What comes before the first control token in `text`, that token, and what comes after it. Of two at one place,
    /// the longer one counts. White space goes where the token takes it along.
    pub(super) fn split<'a>(&self, text: &'a str) -> Option<(&'a str, u32, &'a str)> {
        for (at, _) in text.bytes().enumerate().filter(|(_, byte)| self.first[usize::from(*byte)]) {
            let Some((before, from)) = text.split_at_checked(at) else { continue };
            for control in &self.all {
                if let Some(after) = from.strip_prefix(control.token.content.as_str()) {
                    let before = if control.token.lstrip { before.trim_end() } else { before };
                    let after = if control.token.rstrip { after.trim_start() } else { after };
                    return Some((before, control.id, after));
                }
            }
        }
        None
    }
}

/// Whether a token looks like a tag: `<think>`, `[INST]`.
fn looks(name: &str) -> bool {
    let enclosed = |open, close| name.strip_prefix(open).is_some_and(|rest: &str| rest.ends_with(close));
    enclosed('<', '>') || enclosed('[', ']')
}
