//! What keys do: [`Action`]s, the [`Keys`] that stand for them, and the [`Keymap`] between the two.

mod action;
mod chord;
mod map;
mod preset;

pub use action::{Action, Scope};
pub use chord::{Chord, Keys};
pub use map::{Found, Keymap};
pub use preset::Preset;
