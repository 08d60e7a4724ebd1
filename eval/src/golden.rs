//! Golden questions: what is asked, what answers it and where that stands.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use corpus::{Chunk, DocumentId};
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// One golden question, one line of JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Unique within the file.
    pub id: String,
    /// What is asked.
    pub question: String,
    /// What makes it hard.
    pub kind: Kind,
    /// Earlier turns, oldest first.
    #[serde(default)]
    pub history: Vec<Turn>,
    /// Whether the documents answer it.
    pub answerable: bool,
    /// Reference answer, for people.
    #[serde(default)]
    pub answer: String,
    /// Strings that a right answer contains, letter case aside; `|` parts alternatives.
    #[serde(default)]
    pub must_contain: Vec<String>,
    /// Where the answer stands.
    #[serde(default)]
    pub evidence: Vec<Evidence>,
    /// Filters to search under.
    #[serde(default)]
    pub filters: BTreeMap<String, String>,
    /// The same question in other words and languages, by what the form is called.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub forms: BTreeMap<String, String>,
}

/// One earlier turn of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// What was asked.
    pub question: String,
    /// What was answered; empty where nothing was.
    #[serde(default)]
    pub answer: String,
}

/// What makes a question hard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Worded like the document.
    Direct,
    /// Worded unlike the document.
    Paraphrase,
    /// Needs more than one passage.
    Multi,
    /// Makes sense only after the turns before it.
    Followup,
    /// An outdated document says something else.
    Outdated,
    /// The documents do not answer it.
    Unanswerable,
}

/// A passage that answers a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Id of the document, or of the file that it is an item of.
    pub document: String,
    /// Words of the document that answer the question.
    pub quote: String,
    /// Page, counted from 1, in formats that have pages.
    #[serde(default)]
    pub page: Option<u32>,
}

/// Share of a quote's words that a chunk must hold, in order, to count as holding the quote. Below 1 because
/// screening and PDF extraction may change a word.
const QUOTE_COVERAGE: f64 = 0.8;

impl Evidence {
    /// Whether `id` is the document meant, or an item of the file meant.
    pub fn is_from(&self, id: &DocumentId) -> bool {
        id.0 == self.document
            || id.0.strip_prefix(&self.document).is_some_and(|rest| rest.starts_with('#'))
            || id.0.ends_with(&format!("/{}", self.document))
            || id.0.contains(&format!("/{}#", self.document))
    }

    /// Whether `chunk` holds the quote: its document is meant and at least 80 % of the quote's words stand in it
    /// in order.
    pub fn is_in(&self, chunk: &Chunk) -> bool {
        if !self.is_from(&chunk.document) {
            return false;
        }
        let quote = words(&self.quote);
        let text = words(&chunk.text);
        if quote.is_empty() {
            return false;
        }
        longest_common_subsequence(&quote, &text) as f64 / quote.len() as f64 >= QUOTE_COVERAGE
    }
}

/// The lower-cased runs of letters and digits in `text`.
pub(crate) fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect()
}

/// Length of the longest common subsequence of two word lists.
pub(crate) fn longest_common_subsequence(a: &[String], b: &[String]) -> usize {
    let mut row = vec![0usize; b.len() + 1];
    for left in a {
        let mut diagonal = 0;
        for (j, right) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = if left == right { diagonal + 1 } else { above.max(row[j]) };
            diagonal = above;
        }
    }
    row[b.len()]
}

/// Reads a file of golden questions, one JSON object a line; empty lines are passed over.
pub fn read(path: &Path) -> Result<Vec<Question>, Error> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::Read { path: path.into(), source })?;
    let mut ids = HashSet::new();
    let mut questions = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let line_number = index + 1;
        let question: Question = serde_json::from_str(line).map_err(|source| Error::Line {
            path: path.into(),
            line: line_number,
            source,
        })?;
        if question.answerable == question.evidence.is_empty() {
            return Err(Error::Evidence { path: path.into(), line: line_number, id: question.id });
        }
        if let Some(problem) = crate::robustness::problem(&question.forms) {
            return Err(Error::Malformed { path: path.into(), line: line_number, problem });
        }
        if !ids.insert(question.id.clone()) {
            return Err(Error::DuplicateId { path: path.into(), line: line_number, id: question.id });
        }
        questions.push(question);
    }
    if questions.is_empty() {
        return Err(Error::Empty { path: path.into() });
    }
    Ok(questions)
}
