//! Choosing tokens under a constraint.

use std::sync::Arc;

use super::closing::way_to_end;
use super::vocabulary::TokenSet;
use super::{Constraint, Vocabulary};

/// Most tokens that are tried for one place before the known way to the end is taken.
const TRIED: usize = 24;

/// Decides with the model what is written.
pub trait Guide {
    /// Chooses the next token: one that `draw` returns from logits in which what is not allowed is negative infinity.
    /// `left` tokens may be written, with this one. `None` where nothing that is allowed fits.
    fn choose(
        &mut self,
        logits: &mut [f32],
        left: usize,
        draw: &mut dyn FnMut(&[f32]) -> Option<u32>,
    ) -> Option<u32>;

    /// Text that comes next, whatever the model wants; empty where it has a choice. It need not be all of it.
    fn sure(&self) -> String {
        String::new()
    }

    /// Goes on behind a token that was not chosen here, after which `left` may be written. Says whether it is
    /// allowed; if not, nothing changes.
    fn take(&mut self, token: u32, left: usize) -> bool;
}

/// Lets a model write only what a constraint allows.
///
/// The text is whole wherever it ends: a token is taken only if from there an end can be reached with the tokens that
/// are left. If nothing fits from the start, nothing is written.
#[derive(Debug)]
pub struct Guided<C: Constraint> {
    vocabulary: Arc<Vocabulary>,
    constraint: C,
    state: C::State,
    /// Bytes that lead to an end from here, once they are known.
    way: Option<Vec<u8>>,
    allowed: TokenSet,
}

impl<C: Constraint> Guided<C> {
    /// At the beginning of a text.
    pub fn new(vocabulary: Arc<Vocabulary>, constraint: C) -> Self {
        let state = constraint.start();
        Self { vocabulary, constraint, state, way: None, allowed: TokenSet::default() }
    }

    /// Whether the text may end here.
    pub fn accepts(&self) -> bool {
        self.constraint.accepts(&self.state)
    }

    /// Goes on to where `piece` leads, if from there an end can be reached with `left` tokens.
    fn go_on(&mut self, piece: &[u8], left: usize) -> bool {
        let next =
            piece.iter().try_fold(self.state.clone(), |state, byte| self.constraint.step(&state, *byte));
        let Some(next) = next else { return false };
        let way = match self.way.as_deref().and_then(|way| way.strip_prefix(piece)) {
            Some(rest) => rest.to_vec(),
            None => match way_to_end(&self.constraint, &next, &self.vocabulary) {
                Some(way) => way,
                None => return false,
            },
        };
        if !self.fits(&way, left) {
            return false;
        }
        self.state = next;
        self.way = Some(way);
        true
    }

    /// Whether `left` tokens write `way`.
    fn fits(&self, way: &[u8], left: usize) -> bool {
        way.len() <= left || self.vocabulary.count(way).is_some_and(|tokens| tokens <= left)
    }
}

impl<C: Constraint> Guide for Guided<C> {
    fn choose(
        &mut self,
        logits: &mut [f32],
        left: usize,
        draw: &mut dyn FnMut(&[f32]) -> Option<u32>,
    ) -> Option<u32> {
        let left = left.checked_sub(1)?;
        if self.way.is_none() {
            let way = way_to_end(&self.constraint, &self.state, &self.vocabulary)?;
            if !self.fits(&way, left + 1) {
                return None;
            }
            self.way = Some(way);
        }
        let vocabulary = Arc::clone(&self.vocabulary);
        self.allowed.clear(vocabulary.size());
        vocabulary.allow(&self.constraint, &self.state, &mut self.allowed);
        if self.accepts() {
            vocabulary.ends().iter().for_each(|end| self.allowed.insert(*end));
        }
        self.allowed.apply(logits);
        for _ in 0..TRIED {
            let Some(token) = draw(logits) else { break };
            if vocabulary.ends().contains(&token) || self.go_on(vocabulary.piece(token), left) {
                return Some(token);
            }
            logits[token as usize] = f32::NEG_INFINITY;
        }
        let way = self.way.take()?;
        let Some((token, length)) = vocabulary.longest(&way) else {
            // The text may end here, and the model has no end that it likes.
            return vocabulary.ends().first().copied();
        };
        let forced = way[..length].to_vec();
        self.way = Some(way);
        self.go_on(&forced, left).then_some(token)
    }

    fn sure(&self) -> String {
        let way = self.way.as_deref().unwrap_or_default();
        let mut state = self.state.clone();
        let mut length = 0;
        for byte in way {
            if self.constraint.accepts(&state) || self.constraint.allowed(&state).count() != 1 {
                break;
            }
            let Some(next) = self.constraint.step(&state, *byte) else { break };
            state = next;
            length += 1;
        }
        let text = way[..length].utf8_chunks().next().map_or("", |chunk| chunk.valid());
        if self.constraint.accepts(&state) {
            return text.to_owned();
        }
        // What may follow could make another token of the last word.
        text.rfind(' ').map_or(String::new(), |end| text[..end].to_owned())
    }

    fn take(&mut self, token: u32, left: usize) -> bool {
        let vocabulary = Arc::clone(&self.vocabulary);
        let piece = vocabulary.piece(token);
        !piece.is_empty() && !vocabulary.ends().contains(&token) && self.go_on(piece, left)
    }
}
