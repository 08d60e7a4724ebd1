//! Judgements: what is known of the right answer to a question, from a set, or from people who rated an answer.
//!
//! `docs/schemas/judgement.schema.json` describes a line.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::lines;

/// Version of the lines that this build writes and reads.
pub const VERSION: u32 = 1;

/// What is known of the right answer. What is not known is `None` or empty, and no measure that needs it applies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// Whether the documents answer the question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answerable: Option<bool>,
    /// Reference answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<String>,
    /// Strings that a right answer contains, letter case aside; `|` parts alternatives.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub must_contain: Vec<String>,
    /// Grades of documents by id; what is not listed is not relevant.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub relevant: BTreeMap<String, u32>,
    /// What people say of the answer that was given, from 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<f64>,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

impl Judgement {
    /// The documents that answer the question.
    pub fn answering(&self) -> impl Iterator<Item = &str> {
        self.relevant.iter().filter(|(_, grade)| **grade > 0).map(|(document, _)| document.as_str())
    }

    /// What is wrong with it, and the remedy.
    pub(crate) fn problem(&self) -> Option<String> {
        if self.rating.is_some_and(|rating| !(0.0..=1.0).contains(&rating)) {
            return Some("`rating` must be a number from 0 to 1; correct it, or leave it out".to_owned());
        }
        if self.answerable == Some(false) && (self.answering().next().is_some() || !self.answers.is_empty()) {
            return Some(
                "an unanswerable question has neither `answers` nor `relevant` documents; take them out, or set `answerable` to true"
                    .to_owned(),
            );
        }
        None
    }
}

/// One line of a file of judgements.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Format version; see [`VERSION`].
    pub version: u32,
    /// Name of the question, or id of the record.
    pub id: String,
    /// What is known.
    #[serde(flatten)]
    pub judgement: Judgement,
}

/// Judgements of a file, by id.
#[derive(Clone, Debug, Default)]
pub struct Judgements {
    path: PathBuf,
    by_id: HashMap<String, (usize, Judgement)>,
}

impl Judgements {
    /// Reads them, one JSON object a line. Duplicate ids, other versions, ratings out of range and files without a
    /// judgement are errors that name file and line.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let mut by_id = HashMap::new();
        for (line, one) in lines::objects::<Line>(path)? {
            let wrong = |problem: String| Error::Malformed { path: path.to_owned(), line, problem };
            if one.version != VERSION {
                return Err(wrong(format!("the judgement is of version {}, not {VERSION}", one.version)));
            }
            if let Some(problem) = one.judgement.problem() {
                return Err(wrong(problem));
            }
            if by_id.insert(one.id.clone(), (line, one.judgement)).is_some() {
                return Err(Error::DuplicateId { path: path.to_owned(), line, id: one.id });
            }
        }
        if by_id.is_empty() {
            return Err(Error::Malformed {
                path: path.to_owned(),
                line: 1,
                problem: "the file holds no judgements".to_owned(),
            });
        }
        Ok(Self { path: path.to_owned(), by_id })
    }

    /// Of one question.
    pub fn get(&self, id: &str) -> Option<&Judgement> {
        self.by_id.get(id).map(|(_, judgement)| judgement)
    }

    /// Where they are from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// An error that names the first judgement of a question that is not `known`.
    pub(crate) fn all_of(&self, known: impl Fn(&str) -> bool, records: &Path) -> Result<(), Error> {
        let unknown = self.by_id.iter().filter(|(id, _)| !known(id)).min_by_key(|(_, (line, _))| *line);
        match unknown {
            Some((id, (line, _))) => Err(Error::Malformed {
                path: self.path.clone(),
                line: *line,
                problem: format!(
                    "{records:?} has no record of {id:?}; ask it, take it out, or score the others with --partial"
                ),
            }),
            None => Ok(()),
        }
    }
}
