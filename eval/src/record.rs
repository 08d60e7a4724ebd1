//! Records of questions that were asked: files of lines that are scored without model or index.
//!
//! `docs/schemas/evaluation-record.schema.json` describes a line. A line of the product's own log, a bare [`RunRecord`], is
//! taken for one too: its passages are its ranking.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use corpus::{Answer, RunRecord};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::judgement::{Judgement, Judgements};
use crate::lines::{self, reason};

/// Version of the lines that this build writes and reads.
pub const VERSION: u32 = 1;

/// A question that was asked, one line of JSON: everything that its scores depend on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Format version; see [`VERSION`].
    pub version: u32,
    /// Name of the question, unique within the file.
    pub id: String,
    /// The set that it is from.
    pub set: String,
    /// What it shares with others that are alike, such as a document or a dialogue: intervals are drawn by it.
    pub cluster: String,
    /// What kind of question it is, by name: scores are also told for each value.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub slices: BTreeMap<String, String>,
    /// The documents that were found, best first, each once.
    #[serde(default)]
    pub ranking: Vec<Found>,
    /// How many sentences were written, those left out included.
    pub written: usize,
    /// What is known of the right answer; no measure that needs it applies without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judgement: Option<Judgement>,
    /// What was answered.
    pub record: RunRecord,
}

/// A document that was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// Its id in the index.
    pub document: String,
    /// What it is ranked by; higher is better.
    pub score: f32,
}

impl Record {
    /// A line of the product's log.
    pub fn of_log(record: RunRecord) -> Self {
        Self {
            version: VERSION,
            id: record.id.clone(),
            set: "log".to_owned(),
            cluster: record.id.clone(),
            slices: BTreeMap::new(),
            ranking: documents(record.answer.passages.iter().map(|p| (p.chunk.document.0.as_str(), p.score))),
            written: record.answer.sentences.len(),
            judgement: None,
            record,
        }
    }

    /// The answer.
    pub fn answer(&self) -> &Answer {
        &self.record.answer
    }

    /// Whether nothing was said.
    pub fn refused(&self) -> bool {
        matches!(self.record.answer.outcome, corpus::Outcome::Refused(_))
    }

    /// All that was said.
    pub fn said(&self) -> String {
        let sentences: Vec<&str> = self.record.answer.sentences.iter().map(|s| s.text.as_str()).collect();
        sentences.join(" ")
    }

    /// What is wrong with it, and the remedy.
    fn problem(&self) -> Option<String> {
        if self.version != VERSION {
            return Some(format!(
                "the line is of version {}, not {VERSION}; score it with the program that wrote it",
                self.version
            ));
        }
        let (found, known) = (self.record.version, corpus::record::RECORD_VERSION);
        if found != known {
            return Some(format!(
                "the record is of version {found}, not {known}; score it with the program that wrote it"
            ));
        }
        let answer = &self.record.answer;
        let numbers = (self.ranking.iter().map(|found| f64::from(found.score)))
            .chain(answer.passages.iter().map(|passage| f64::from(passage.score)))
            .chain(answer.sentences.iter().map(|sentence| f64::from(sentence.verdict.score)))
            .chain([f64::from(answer.confidence), answer.timings.total_ms, answer.timings.passages_ms])
            .chain(answer.timings.first_sentence_ms);
        let not_finite = numbers.into_iter().any(|number| !number.is_finite());
        if not_finite {
            return Some(
                "a score, confidence or time is not a finite number; ask the question again".to_owned(),
            );
        }
        self.judgement.as_ref().and_then(Judgement::problem)
    }
}

/// Documents of a ranking of passages, each at its best place.
pub fn documents<'a>(passages: impl Iterator<Item = (&'a str, f32)>) -> Vec<Found> {
    let mut seen = std::collections::HashSet::new();
    let first = passages.filter(|(document, _)| seen.insert(*document));
    first.map(|(document, score)| Found { document: document.to_owned(), score }).collect()
}

/// Hands over every record of a file with the number of its line.
///
/// With `judgements`, each replaces the one that a record brought. Every record must have one and every judgement a
/// record, unless `partial`. Duplicate ids, other versions, numbers that are none and files without a record are errors
/// that name file and line.
pub fn each(
    path: &Path,
    judgements: Option<&Judgements>,
    partial: bool,
    mut take: impl FnMut(usize, Record) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut known = HashMap::<String, usize>::new();
    lines::each(path, |line, text| {
        let wrong = |problem: String| Error::Malformed { path: path.to_owned(), line, problem };
        let mut record = parse(text).map_err(&wrong)?;
        if let Some(problem) = record.problem() {
            return Err(wrong(problem));
        }
        if let Some(judgements) = judgements {
            match judgements.get(&record.id) {
                Some(judgement) => record.judgement = Some(judgement.clone()),
                None if partial => {}
                None => {
                    let place = judgements.path();
                    return Err(wrong(format!(
                        "{place:?} has no judgement of {:?}; add one, or score the others with --partial",
                        record.id
                    )));
                }
            }
        }
        if let Some(first) = known.insert(record.id.clone(), line) {
            return Err(wrong(format!(
                "the id {:?} is used twice, first in line {first}; each question counts once",
                record.id
            )));
        }
        take(line, record)
    })?;
    if known.is_empty() {
        return Err(Error::Empty { path: path.to_owned() });
    }
    match judgements.filter(|_| !partial) {
        Some(judgements) => judgements.all_of(|id| known.contains_key(id), path),
        None => Ok(()),
    }
}

/// All records of a file; see [`each`].
pub fn read(path: &Path, judgements: Option<&Judgements>, partial: bool) -> Result<Vec<Record>, Error> {
    let mut records = Vec::new();
    each(path, judgements, partial, |_, record| {
        records.push(record);
        Ok(())
    })?;
    Ok(records)
}

/// A line as it is, or as one of the product's log. What is wrong is told as of what the line looks like.
fn parse(text: &str) -> Result<Record, String> {
    /// Which keys there are.
    #[derive(Deserialize)]
    struct Keys {
        version: Option<u32>,
        record: Option<serde::de::IgnoredAny>,
        answer: Option<serde::de::IgnoredAny>,
    }
    let error = match serde_json::from_str::<Record>(text) {
        Ok(record) => return Ok(record),
        Err(error) => error,
    };
    // Other versions have other keys, and that is what is wrong with them.
    let keys: Keys =
        serde_json::from_str(text).map_err(|error| format!("not a record: {}", reason(&error)))?;
    match keys {
        Keys { version: Some(found), record: Some(_), .. } if found != VERSION => Err(format!(
            "the line is of version {found}, not {VERSION}; score it with the program that wrote it"
        )),
        Keys { record: None, answer: Some(_), .. } => serde_json::from_str::<RunRecord>(text)
            .map(Record::of_log)
            .map_err(|error| format!("not a record of the log: {}", reason(&error))),
        _ => Err(format!("not a record: {}; `citedesk eval run` writes them", reason(&error))),
    }
}

#[cfg(test)]
mod tests;
