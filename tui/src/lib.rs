//! The terminal in which support staff ask and read.
//!
//! [`Session`] is a pure state machine: it takes an [`Event`], changes itself and says which [`Effect`]s to
//! perform. [`view::Screen`] draws it from a shared reference. [`run`] owns the terminal, performs the effects and
//! keeps the [`Backend`] on a thread of its own, so that typing and drawing never wait for a model. [`plain`] is the
//! same session line by line, for screen readers and pipes.

mod backend;
pub mod configuration;
mod export;
pub mod keys;
pub mod plain;
mod program;
mod runtime;
mod session;
#[cfg(test)]
mod tests;
mod text;
pub mod theme;
pub mod view;

pub use backend::{
    Ask, Backend, BackendError, Conversation, Feedback, Handover, Kept, Loader, Nearest, Resumed, Screened,
    Status, Tried, Turn, Wording,
};
pub use configuration::{Configuration, ConfigurationError, Settings};
pub use program::feed;
pub use runtime::{Error, run};
pub use session::{
    Choice, Compare, Effect, Event, Exchange, Focus, Overlay, Phase, Picker, Place, Prompt, Purpose, Row,
    Search, Segment, Session, Settled, Source, Tour, Vi,
};
pub use theme::Depth;
