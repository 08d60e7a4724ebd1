//! Offline evaluation: reads questions with judgements and versioned records, and scores them.
//!
//! Nothing here searches, generates or loads a model; it judges what others wrote down, so old records can be
//! scored again and the judge cannot lean on what it judges.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod anonymization;
pub mod beir;
pub mod compare;
mod error;
pub mod feedback;
pub mod gaps;
pub mod gate;
pub mod golden;
pub mod grade;
pub mod grounding;
pub mod injections;
pub mod judgement;
mod lines;
pub mod measure;
pub mod questions;
mod random;
pub mod record;
pub mod report;
pub mod retrieval;
pub mod robustness;
pub mod score;
pub mod statistics;
pub mod summary;
pub mod table;
#[cfg(test)]
mod testing;
mod whole;

pub use error::Error;
pub use golden::{Evidence, Kind, Question};
pub use grade::{Grade, grade};
pub use summary::Summary;
