//! The program as its user runs it: real models, a real index, real processes.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test may panic and is no interface")]

mod answers;
mod desk;
mod evaluation;
mod faults;
mod golden;
mod grounding;
mod help_center;
mod nightly;
mod path;
mod server;
mod terminal;
mod webhook;
