//! Sets in BEIR layout (Thakur et al., `NeurIPS` 2021): `corpus.jsonl`, `queries.jsonl` and `qrels/test.tsv`.
//!
//! A question may bring the conversation before it, which BEIR does not know: `"metadata": {"history": [{"question":
//! "…", "answer": "…"}]}`, oldest turn first; `answer` may be left out.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use serde::Deserialize;

use crate::error::Error;
use crate::golden::Turn;
use crate::lines::objects as lines;

/// Documents, questions and which documents answer them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Set {
    /// What is searched.
    pub documents: Vec<Text>,
    /// Questions with a judgement, in the order of their file.
    pub queries: Vec<Text>,
    /// Relevance of documents by question, both by id; what is not listed has none.
    pub judgements: HashMap<String, BTreeMap<String, u32>>,
}

/// A document or a question.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Text {
    /// Its name in the judgements.
    #[serde(rename = "_id")]
    pub id: String,
    /// Title; empty where there is none.
    #[serde(default)]
    pub title: String,
    /// Text.
    pub text: String,
    /// The part of the set that it belongs to, such as one web site: questions are asked within theirs.
    #[serde(default)]
    pub scope: Option<String>,
    /// What belongs to it beyond BEIR.
    #[serde(default)]
    pub metadata: Option<Metadata>,
}

impl Text {
    /// Turns of the conversation before a question, oldest first.
    pub fn history(&self) -> &[Turn] {
        self.metadata.as_ref().map_or(&[], |metadata| &metadata.history)
    }
}

/// What a question may bring beyond BEIR; other keys are passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Metadata {
    /// Turns of the conversation before a question, oldest first.
    #[serde(default)]
    pub history: Vec<Turn>,
    /// The document that a question was written for, though it may not answer it.
    #[serde(default)]
    pub source_doc: Option<String>,
}

/// Reads a set. Questions without a relevant document are left out, as no measure applies to them.
pub fn read(folder: &Path) -> Result<Set, Error> {
    let judgements = judgements(&folder.join("qrels/test.tsv"))?;
    let read = |name: &str| -> Result<Vec<Text>, Error> {
        Ok(lines(&folder.join(name))?.into_iter().map(|(_, text)| text).collect())
    };
    let mut queries = read("queries.jsonl")?;
    queries.retain(|query| judgements.contains_key(&query.id));
    if queries.is_empty() {
        return Err(Error::Empty { path: folder.join("queries.jsonl") });
    }
    Ok(Set { documents: read("corpus.jsonl")?, queries, judgements })
}

/// Grades of documents by question.
pub(crate) fn judgements(path: &Path) -> Result<HashMap<String, BTreeMap<String, u32>>, Error> {
    let read = |source| Error::Read { path: path.to_owned(), source };
    let mut judgements = HashMap::<String, BTreeMap<String, u32>>::new();
    for (index, line) in BufReader::new(File::open(path).map_err(read)?).lines().enumerate() {
        let line = line.map_err(read)?;
        let mut fields = line.split('\t');
        let (query, document, score) = (fields.next(), fields.next(), fields.next());
        let Some(((query, document), score)) = query.zip(document).zip(score) else { continue };
        match score.trim().parse::<u32>() {
            Ok(0) => {}
            Ok(score) => {
                judgements.entry(query.to_owned()).or_default().insert(document.to_owned(), score);
            }
            // The first line names the columns.
            Err(_) if index == 0 => {}
            Err(error) => {
                let problem = format!("{score:?} is no relevance: {error}");
                return Err(Error::Malformed { path: path.to_owned(), line: index + 1, problem });
            }
        }
    }
    Ok(judgements)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(corpus: &str, queries: &str, judgements: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("qrels")).expect("a folder");
        for (name, text) in
            [("corpus.jsonl", corpus), ("queries.jsonl", queries), ("qrels/test.tsv", judgements)]
        {
            std::fs::write(folder.path().join(name), text).expect("a file");
        }
        folder
    }

    #[test]
    fn a_set_is_read_without_questions_that_nothing_answers() {
        let folder = folder(
            "{\"_id\":\"d1\",\"title\":\"T\",\"text\":\"x\"}\n\n{\"_id\":\"d2\",\"text\":\"y\",\"scope\":\"s\"}\n",
            "{\"_id\":\"q1\",\"text\":\"a\"}\n{\"_id\":\"q2\",\"text\":\"b\"}\n{\"_id\":\"q3\",\"text\":\"c\"}\n",
            "query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td2\t2\nq2\td1\t0\n",
        );
        let set = read(folder.path()).expect("a set");
        assert_eq!((set.documents.len(), set.documents[1].scope.as_deref()), (2, Some("s")));
        assert_eq!(set.queries.iter().map(|query| query.id.as_str()).collect::<Vec<_>>(), ["q1"]);
        assert_eq!(set.judgements["q1"], BTreeMap::from([("d1".into(), 1), ("d2".into(), 2)]));
    }

    #[test]
    fn a_question_may_bring_its_conversation() {
        let folder = folder(
            "{\"_id\":\"d\",\"text\":\"x\",\"metadata\":{\"url\":\"y\"}}\n",
            "{\"_id\":\"q\",\"text\":\"and then?\",\"metadata\":{\"kind\":\"z\",\"history\":[{\"question\":\"a?\",\"answer\":\"b\"},{\"question\":\"c?\"}]}}\n",
            "q\td\t1\n",
        );
        let set = read(folder.path()).expect("a set");
        let turn = |question: &str, answer: &str| Turn { question: question.into(), answer: answer.into() };
        assert_eq!(set.queries[0].history(), [turn("a?", "b"), turn("c?", "")]);
        assert_eq!(set.documents[0].history(), []);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let bad = folder(
            "{\"_id\":\"d1\",\"text\":\"x\"}\n{\"_id\":3}\n",
            "{\"_id\":\"q\",\"text\":\"a\"}",
            "q\td1\t1\n",
        );
        let error = read(bad.path()).expect_err("a broken line").to_string();
        assert!(error.contains("corpus.jsonl") && error.contains("line 2"), "{error}");
        let bad = folder("", "{\"_id\":\"q\",\"text\":\"a\"}", "q\td1\t1\nq\td2\tmuch\n");
        assert!(read(bad.path()).expect_err("no number").to_string().contains("line 2"));
        let none = folder("", "", "");
        assert!(matches!(read(none.path()), Err(Error::Empty { .. })));
    }
}
