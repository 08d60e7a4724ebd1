//! Answers judged by reference answers, from records alone: what `set` asks, what `score` makes of one record, and what
//! `summary` makes of many.

use corpus::RunRecord;
use serde::{Deserialize, Serialize};

pub(crate) mod score;
mod set;
mod summary;
#[cfg(test)]
pub(crate) mod testing;

pub use score::Score;
pub use set::{Kind, Question, Set, read};
pub use summary::{Estimate, Summary};

use crate::error::Error;

/// One answered question of a set, one line of JSON: everything that a score depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Name of the set.
    pub set: String,
    /// The question with its reference answers.
    pub question: Question,
    /// How many sentences were written, those left out included.
    pub written: usize,
    /// What was answered.
    pub record: RunRecord,
}

/// Reads the rows of an earlier run.
pub fn read_rows(path: &std::path::Path) -> Result<Vec<Row>, Error> {
    let rows: Vec<(usize, Row)> = crate::lines::objects(path)?;
    for (line, row) in &rows {
        let (found, known) = (row.record.version, corpus::record::RECORD_VERSION);
        if found != known {
            let problem = format!(
                "the record is of version {found}, not {known}; score it with the program that wrote it"
            );
            return Err(Error::Malformed { path: path.to_owned(), line: *line, problem });
        }
    }
    if rows.is_empty() {
        return Err(Error::Empty { path: path.to_owned() });
    }
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}
