//! The commands, one file each.

pub(crate) mod anonymize;
pub(crate) mod ask;
pub(crate) mod bench;
pub(crate) mod config;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod eval;
pub(crate) mod forget;
pub(crate) mod generations;
pub(crate) mod ingest;
pub(crate) mod manual;
pub(crate) mod quarantine;
pub(crate) mod schedule;
pub(crate) mod search;
pub(crate) mod setup;
pub(crate) mod status;
pub(crate) mod tui;
pub(crate) mod why;
