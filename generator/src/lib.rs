//! Turns passages into an answer in which every sentence is cited and checked, or into a refusal.
//!
//! Code decides what is said: candidate sentences are cut from the passages with their exact bytes
//! ([`candidate`]), scored against the question ([`evidence`]), a calibrated gate refuses where they do not answer
//! it ([`gate`]), and those chosen ([`select`]) are checked against the bytes that they cite ([`verify`]). A sentence
//! that fails the check never enters an [`corpus::Answer`]. A language model may write, but what it writes goes
//! through the same check.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

#[macro_use]
pub mod weights;
pub mod adapters;
mod answer;
pub mod candidate;
pub mod cite;
mod condense;
mod error;
pub mod evidence;
pub mod gate;
pub mod language;
mod lexicon;
mod model;
pub mod names;
pub mod prompt;
pub mod question;
pub mod select;
#[cfg(test)]
mod testing;
pub mod tone;
pub mod verify;

pub use answer::{Generator, Mode, Options, Request};
pub use condense::{FollowUp, condense};
pub use error::{BoxError, Error};
pub use model::{Form, LanguageModel, PairReader, SentenceEncoder, Writing};
pub use tone::Tone;
pub use verify::Checker;

/// An earlier turn of the conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// What was asked.
    pub question: String,
    /// What was answered; empty after a refusal.
    pub answer: String,
}
