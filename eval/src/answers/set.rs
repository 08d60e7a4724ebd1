//! Sets in BEIR layout with reference answers: `answers.jsonl` beside `corpus.jsonl` and `queries.jsonl`.
//!
//! One line for each question: `{"_id": "q1", "answers": ["36 months"], "gold_docs": ["d1"], "answerable": true}`.
//! `question` takes the place of the text in `queries.jsonl`. What is not answerable has no `gold_docs`.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::beir::Text;
use crate::error::Error;
use crate::golden::Turn;
use crate::lines::objects as lines;
use crate::random;

/// Documents, and questions with reference answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Set {
    /// What is searched.
    pub documents: Vec<Text>,
    /// Questions in the order of `queries.jsonl`.
    pub questions: Vec<Question>,
}

/// Whether the documents answer a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// They do.
    Answerable,
    /// They never did.
    Unanswerable,
    /// The ones that do have been removed.
    Removed,
}

/// A question with what answers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Its name in the set.
    pub id: String,
    /// What is asked.
    pub question: String,
    /// Turns before it, oldest first.
    #[serde(default)]
    pub history: Vec<Turn>,
    /// The part of the set that it is asked within.
    #[serde(default)]
    pub scope: Option<String>,
    /// Whether the documents answer it.
    pub kind: Kind,
    /// Reference answers; empty where there is none.
    pub answers: Vec<String>,
    /// The documents that answer it.
    pub gold: Vec<String>,
    /// What it shares with others that are alike: the document that it was written for.
    pub cluster: String,
}

/// One line of `answers.jsonl`.
#[derive(Deserialize)]
struct Line {
    #[serde(rename = "_id")]
    id: String,
    #[serde(default)]
    question: String,
    answers: Vec<String>,
    answerable: bool,
    #[serde(default)]
    gold_docs: Vec<String>,
}

/// Reads a set. Questions of `queries.jsonl` without reference answers are left out.
pub fn read(folder: &Path) -> Result<Set, Error> {
    let documents: Vec<(usize, Text)> = lines(&folder.join("corpus.jsonl"))?;
    let mut known = HashSet::new();
    for (line, document) in &documents {
        if !known.insert(document.id.as_str()) {
            let id = document.id.clone();
            return Err(Error::DuplicateId { path: folder.join("corpus.jsonl"), line: *line, id });
        }
    }
    let path = folder.join("answers.jsonl");
    let mut references = HashMap::new();
    for (line, reference) in lines::<Line>(&path)? {
        let wrong = |problem: String| Error::Malformed { path: path.clone(), line, problem };
        if let Some(missing) = reference.gold_docs.iter().find(|id| !known.contains(id.as_str())) {
            return Err(wrong(format!(
                "the document {missing:?} is not in corpus.jsonl; add it, or take it out of gold_docs"
            )));
        }
        let complete = !reference.answers.is_empty() && !reference.gold_docs.is_empty();
        if reference.answerable && !complete {
            return Err(wrong(
                "an answerable question needs answers and gold_docs; give both, or set answerable to false"
                    .into(),
            ));
        }
        if !reference.answerable && !reference.gold_docs.is_empty() {
            return Err(wrong(
                "a question with gold_docs is answerable; set answerable to true, or empty them".into(),
            ));
        }
        let id = reference.id.clone();
        if references.insert(id.clone(), reference).is_some() {
            return Err(Error::DuplicateId { path, line, id });
        }
    }
    let path = folder.join("queries.jsonl");
    let mut questions = Vec::new();
    for (line, query) in lines::<Text>(&path)? {
        let Some(reference) = references.remove(&query.id) else { continue };
        let question = question(query, reference);
        if question.question.trim().is_empty() {
            let problem = format!("the question {:?} is empty; give it a text, or remove it", question.id);
            return Err(Error::Malformed { path, line, problem });
        }
        questions.push(question);
    }
    if questions.is_empty() {
        return Err(Error::Empty { path });
    }
    Ok(Set { documents: documents.into_iter().map(|(_, document)| document).collect(), questions })
}

fn question(query: Text, reference: Line) -> Question {
    let history = query.history().to_vec();
    let written_for = query.metadata.and_then(|metadata| metadata.source_doc);
    let cluster = reference.gold_docs.first().cloned().or(written_for);
    let asked = Some(reference.question).filter(|question| !question.trim().is_empty());
    Question {
        question: asked.unwrap_or(query.text),
        history,
        scope: query.scope,
        kind: if reference.answerable { Kind::Answerable } else { Kind::Unanswerable },
        // What a set says in place of an answer is no answer.
        answers: if reference.answerable { reference.answers } else { Vec::new() },
        gold: reference.gold_docs,
        cluster: cluster.unwrap_or_else(|| query.id.clone()),
        id: query.id,
    }
}

impl Set {
    /// Takes away this share of the documents that answer questions. Questions of which all are gone are answered by
    /// none: a document that only resembles the right one must not be taken for it.
    pub fn remove_gold(&mut self, share: f64, seed: u64) {
        let gold: BTreeSet<&String> = self.questions.iter().flat_map(|question| &question.gold).collect();
        let all: Vec<String> = gold.into_iter().cloned().collect();
        let count = (all.len() as f64 * share.clamp(0.0, 1.0)).round() as usize;
        let gone: HashSet<String> = random::sample(all, count, seed).into_iter().collect();
        self.without(|id| gone.contains(id));
    }

    /// Takes documents away, from the questions too.
    pub fn without(&mut self, gone: impl Fn(&str) -> bool) {
        self.documents.retain(|document| !gone(&document.id));
        for question in &mut self.questions {
            let had = !question.gold.is_empty();
            question.gold.retain(|id| !gone(id));
            if had && question.gold.is_empty() {
                question.kind = Kind::Removed;
            }
        }
    }

    /// Leaves at most so many questions, drawn evenly.
    pub fn sample(&mut self, most: usize, seed: u64) {
        self.questions = random::sample(std::mem::take(&mut self.questions), most, seed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CORPUS: &str = "{\"_id\":\"d1\",\"text\":\"x\"}\n{\"_id\":\"d2\",\"text\":\"y\",\"scope\":\"s\"}\n";
    const QUERIES: &str = "{\"_id\":\"q1\",\"text\":\"a?\"}\n{\"_id\":\"q2\",\"text\":\"long b\",\"scope\":\"s\",\
        \"metadata\":{\"source_doc\":\"d2\",\"history\":[{\"question\":\"c?\"}]}}\n{\"_id\":\"q3\",\"text\":\"d?\"}\n";
    const ANSWERS: &str = "{\"_id\":\"q1\",\"answers\":[\"x\"],\"answerable\":true,\"gold_docs\":[\"d1\"]}\n\n\
        {\"_id\":\"q2\",\"question\":\"b?\",\"answers\":[\"none\"],\"answerable\":false}\n";

    fn folder(corpus: &str, queries: &str, answers: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("corpus.jsonl", corpus), ("queries.jsonl", queries), ("answers.jsonl", answers)]
        {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    fn of(answers: &str) -> Result<Set, Error> {
        read(folder(CORPUS, QUERIES, answers).path())
    }

    #[test]
    fn questions_come_with_their_answers() {
        let set = of(ANSWERS).unwrap();
        assert_eq!(set.questions.len(), 2);
        let [one, two] = &set.questions[..] else { panic!("two questions") };
        assert_eq!((one.question.as_str(), one.kind, one.cluster.as_str()), ("a?", Kind::Answerable, "d1"));
        assert_eq!((two.question.as_str(), two.kind, two.cluster.as_str()), ("b?", Kind::Unanswerable, "d2"));
        assert!(two.answers.is_empty() && two.history.len() == 1 && two.scope.as_deref() == Some("s"));
    }

    #[test]
    fn what_is_removed_answers_no_question() {
        let mut set = of(ANSWERS).unwrap();
        set.remove_gold(0.0, 1);
        assert_eq!(set.questions[0].kind, Kind::Answerable);
        set.remove_gold(1.0, 1);
        assert_eq!((set.questions[0].kind, set.questions[1].kind), (Kind::Removed, Kind::Unanswerable));
        assert_eq!(set.documents.iter().map(|document| document.id.as_str()).collect::<Vec<_>>(), ["d2"]);
        set.sample(1, 3);
        assert_eq!(set.questions.len(), 1);
    }

    #[test]
    fn malformed_files_are_named_with_line_and_remedy() {
        let says = |answers: &str, parts: &[&str]| {
            let error = of(answers).unwrap_err().to_string();
            assert!(parts.iter().all(|part| error.contains(part)), "{error}");
        };
        let good = "{\"_id\":\"q1\",\"answers\":[\"x\"],\"answerable\":true,\"gold_docs\":[\"d1\"]}\n";
        says(&format!("{good}{{\"_id\":\"q2\"}}\n"), &["answers.jsonl", "line 2", "answers"]);
        says(&format!("{good}{good}"), &["line 2", "\"q1\"", "twice"]);
        says(&good.replace("d1", "d9"), &["line 1", "\"d9\"", "take it out of gold_docs"]);
        says(&good.replace("[\"x\"]", "[]"), &["line 1", "set answerable to false"]);
        says(&good.replace("true", "false"), &["line 1", "set answerable to true"]);
        says(&good.replace("q1", "q9"), &["queries.jsonl", "no questions"]);
        says(&good.replace('}', "").replace('[', "{"), &["line 1"]);
        let twice =
            read(folder(&format!("{CORPUS}{CORPUS}"), QUERIES, ANSWERS).path()).unwrap_err().to_string();
        assert!(twice.contains("corpus.jsonl") && twice.contains("line 3"), "{twice}");
        let empty = QUERIES.replace("a?", " ");
        let empty = read(folder(CORPUS, &empty, ANSWERS).path()).unwrap_err().to_string();
        assert!(empty.contains("line 1") && empty.contains("give it a text"), "{empty}");
        assert!(matches!(read(Path::new("nowhere")), Err(Error::Read { .. })));
    }
}
