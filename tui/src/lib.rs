//! The terminal in which support staff ask and read.
//!
//! [`Session`] is a pure state machine: it takes an [`Event`], changes itself and says which [`Effect`]s to
//! perform. [`view::draw`] draws it from a shared reference. [`run`] owns the terminal, performs the effects and
//! keeps the [`Backend`] on a thread of its own, so that typing and drawing never wait for a model.

mod backend;
mod runtime;
mod session;
#[cfg(test)]
mod tests;
mod text;
pub mod view;

pub use backend::{Ask, Backend, BackendError, Loader, Status, Turn};
pub use runtime::{Error, run};
pub use session::{Effect, Event, Exchange, Focus, Phase, Session};
