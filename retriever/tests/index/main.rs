//! The index as its users see it: built, searched, damaged and killed.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "tests"
)]

mod damage;
mod models;
mod processes;
mod publish;
mod search;
mod server;
mod support;
