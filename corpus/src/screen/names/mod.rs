//! Names that no rule and no lexicon knows, told by a small network that is trained for it (`training/names`).

use std::sync::LazyLock;

use super::kind::Kind;
use super::lexicon::{FIXED, TITLE};
use super::tokens::{self, Case, Token};
use crate::span::Span;

mod features;
mod form;
mod network;

pub use features::{ROWS, WIDTH};
use network::Network;

/// Kinds of names that the network tells apart.
const KINDS: usize = 4;
/// Outside, then the beginning and the inside of each kind.
const TAGS: usize = 1 + 2 * KINDS;
const OF: [Kind; KINDS] = [Kind::Person, Kind::Place, Kind::Organization, Kind::Address];

static NETWORK: LazyLock<Option<Network>> =
    LazyLock::new(|| Network::read(include_bytes!("../../../../models/adapters/names.safetensors")));

/// A name: its tokens from the first to the one behind the last.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Name {
    pub(super) kind: Kind,
    pub(super) from: usize,
    pub(super) to: usize,
    /// How likely its least likely word is of this kind, as the network says.
    pub(super) sure: f32,
}

impl Name {
    pub(super) fn span(&self, tokens: &[Token]) -> Span {
        Span::new(tokens[self.from].span().start, tokens[self.to - 1].span().end)
    }
}

/// The names in `text`, whose tokens are given, in order.
pub(super) fn find(text: &str, tokens: &[Token]) -> Vec<Name> {
    let Some(network) = NETWORK.as_ref() else { return Vec::new() };
    let mut names: Vec<Name> = Vec::new();
    let rows = |at| features::rows(text, tokens, at);
    network.read_words(tokens.len(), rows, |at, logits| {
        if tokens[at].is(FIXED) {
            return;
        }
        let Some((kind, begins, sure)) = tagged(logits, &network.thresholds) else { return };
        match names.last_mut() {
            Some(name)
                if name.to == at
                    && name.kind == OF[kind]
                    && !begins
                    && joins(name.kind, text, tokens, at) =>
            {
                name.to = at + 1;
                name.sure = name.sure.min(sure);
            }
            _ => names.push(Name { kind: OF[kind], from: at, to: at + 1, sure }),
        }
    });
    form::sift(text, tokens, &mut names);
    names
}

/// The kind that a word is of, by its place in [`OF`], whether it begins there, and how likely it is.
fn tagged(logits: &[f32], thresholds: &[f32; KINDS]) -> Option<(usize, bool, f32)> {
    let most = logits.iter().copied().fold(f32::MIN, f32::max);
    let all: f32 = logits.iter().map(|logit| (logit - most).exp()).sum();
    let share = |tag: usize| (logits[tag] - most).exp() / all;
    let kinds = (0..KINDS).map(|kind| (kind, share(1 + 2 * kind), share(2 + 2 * kind)));
    let (kind, begins, inside) = kinds.max_by(|a, b| (a.1 + a.2).total_cmp(&(b.1 + b.2)))?;
    (begins + inside >= thresholds[kind]).then_some((kind, begins > inside, begins + inside))
}

/// Whether a name of this kind can go on over what stands before token `at`.
fn joins(kind: Kind, text: &str, tokens: &[Token], at: usize) -> bool {
    let before = tokens[at - 1];
    let between = text.get(before.span().end..tokens[at].span().start).unwrap_or_default();
    let signs = |allowed: &[char]| between.chars().all(|c| c == ' ' || allowed.contains(&c));
    match kind {
        Kind::Address => {
            // A sentence ends behind a word in small letters; what is shortened is short.
            let ends = between.contains('.') && before.case == Case::Lower && before.span().len() > 3;
            !ends
                && !between.contains("\n\n")
                && signs(&['\n', ',', '.', '#', '(', ')', '/', '-', '\'', '’', 'º', '°', ':', '>'])
        }
        Kind::Person if between.contains('.') => {
            (before.case == Case::Initial || before.is(TITLE)) && signs(&['.'])
        }
        Kind::Person => signs(&['-', '\'', '’']),
        _ => signs(&['-', '\'', '’', '&', '.', ',', '/']),
    }
}

/// One word as the network reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Featured {
    /// Where it stands.
    pub span: Span,
    /// Rows of the table, those that it has not as 0.
    pub rows: [u16; WIDTH],
}

/// The words of `text` as the network reads them, for training.
pub fn featured(text: &str) -> Vec<Featured> {
    let tokens = tokens::tokens(text, &[]);
    (0..tokens.len())
        .map(|at| Featured { span: tokens[at].span(), rows: features::rows(text, &tokens, at) })
        .collect()
}

#[cfg(test)]
mod tests;
