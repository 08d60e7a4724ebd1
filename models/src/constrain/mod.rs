//! Text that a model can only write as it should be: masks over tokens from automata over bytes.
//!
//! A [`Constraint`] is an automaton over bytes: which byte may come next, and whether the text may end. A [`Guide`]
//! walks it along a trie of the vocabulary's tokens ([`Vocabulary`]), so that each step visits only the tokens
//! that the automaton can read (Willard and Louf, "Efficient Guided Generation for Large Language Models", 2023).
//! Tokens need not be whole characters, and what is ruled out is ruled out across their borders too.
//!
//! A text that has begun can always be ended: the guide knows a way to the end that fits what may still be written, and
//! takes no token that leads where there is none. So a text is whole even where the limit of tokens cuts it off.
//!
//! | constraint | its texts |
//! |---|---|
//! | [`Excerpts`] | parts of given passages, with where they stand |
//! | [`Markers`] | any text whose markers like `[2]` name known numbers |
//! | [`json::language`] | JSON of a schema |
//! | [`Automaton::without`] | any text without certain strings |
//! | `(A, B)` | what both allow |
//!
//! ```
//! use models::constrain::{Automaton, Constraint as _, json};
//!
//! # fn main() -> models::Result<()> {
//! let schema = r#"{"type": "object", "required": ["days"], "properties": {"days": {"type": "integer"}}}"#;
//! let json = json::language(schema)?;
//! assert!(json.contains(b"{\"days\": 5}") && !json.contains(b"{\"days\": \"five\"}"));
//! let both = (json, Automaton::without(&["5"], false)?);
//! assert!(both.contains(b"{\"days\": 7}") && !both.contains(b"{\"days\": 5}"));
//! # Ok(())
//! # }
//! ```

use std::hash::Hash;

mod automaton;
mod bytes;
mod closing;
mod excerpts;
mod expression;
mod guide;
pub mod json;
mod markers;
mod places;
#[cfg(test)]
pub(crate) mod tests;
mod vocabulary;

pub use automaton::Automaton;
pub use bytes::ByteSet;
pub use excerpts::{Cuts, Excerpts, Joining};
pub use guide::{Guide, Guided};
pub use markers::Markers;
pub use places::Place;
pub use vocabulary::Vocabulary;

/// A set of texts, as an automaton over their bytes.
///
/// Of every state that [`Constraint::start`] and [`Constraint::step`] return, a text of the set can be reached.
pub trait Constraint {
    /// What has been read so far, as far as it matters.
    type State: Clone + Eq + Hash;

    /// Before the first byte.
    fn start(&self) -> Self::State;

    /// After one more byte; `None` where no text goes on with it.
    fn step(&self, state: &Self::State, byte: u8) -> Option<Self::State>;

    /// Whether the text may end here.
    fn accepts(&self, state: &Self::State) -> bool;

    /// At most as many bytes as lie between here and the nearest end.
    fn closing(&self, state: &Self::State) -> usize;

    /// The bytes that may come next.
    fn allowed(&self, state: &Self::State) -> ByteSet {
        (0..=255).filter(|byte| self.step(state, *byte).is_some()).collect()
    }

    /// Whether `text` is one of the texts.
    fn contains(&self, text: &[u8]) -> bool {
        let end = text.iter().try_fold(self.start(), |state, byte| self.step(&state, *byte));
        end.is_some_and(|state| self.accepts(&state))
    }
}

impl<C: Constraint> Constraint for &C {
    type State = C::State;

    fn start(&self) -> Self::State {
        (*self).start()
    }

    fn step(&self, state: &Self::State, byte: u8) -> Option<Self::State> {
        (*self).step(state, byte)
    }

    fn accepts(&self, state: &Self::State) -> bool {
        (*self).accepts(state)
    }

    fn closing(&self, state: &Self::State) -> usize {
        (*self).closing(state)
    }

    fn allowed(&self, state: &Self::State) -> ByteSet {
        (*self).allowed(state)
    }
}

/// The texts that both allow. A state may have no way to an end, which [`Guided`] looks ahead for.
impl<A: Constraint, B: Constraint> Constraint for (A, B) {
    type State = (A::State, B::State);

    fn start(&self) -> Self::State {
        (self.0.start(), self.1.start())
    }

    fn step(&self, (a, b): &Self::State, byte: u8) -> Option<Self::State> {
        Some((self.0.step(a, byte)?, self.1.step(b, byte)?))
    }

    fn accepts(&self, (a, b): &Self::State) -> bool {
        self.0.accepts(a) && self.1.accepts(b)
    }

    fn closing(&self, (a, b): &Self::State) -> usize {
        self.0.closing(a).max(self.1.closing(b))
    }

    fn allowed(&self, (a, b): &Self::State) -> ByteSet {
        self.0.allowed(a).and(&self.1.allowed(b))
    }
}
