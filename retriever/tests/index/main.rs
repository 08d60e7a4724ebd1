//! The index as its users see it: built, searched, damaged and killed.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod damage;
mod processes;
mod publish;
mod search;
mod support;
