//! Sets in BEIR layout, and those with reference answers: `answers.jsonl` beside `corpus.jsonl` and `queries.jsonl`.
//!
//! One line for each question: `{"_id": "q1", "answers": ["36 months"], "gold_docs": ["d1"], "answerable": true}`.
//! `question` takes the place of the text in `queries.jsonl`. What is not answerable has no `gold_docs`. Where
//! `qrels/test.tsv` grades the documents of a question, its grades go before `gold_docs`.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use serde::Deserialize;

use super::{Question, asked};
use crate::beir::{self, Text};
use crate::error::Error;
use crate::judgement::Judgement;
use crate::lines::objects;

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

impl Line {
    /// What is wrong with it, and the remedy.
    fn problem(&self, documents: &HashSet<&str>) -> Option<String> {
        if let Some(missing) = self.gold_docs.iter().find(|id| !documents.contains(id.as_str())) {
            return Some(format!(
                "the document {missing:?} is not in corpus.jsonl; add it, or take it out of gold_docs"
            ));
        }
        let says = match (self.answerable, self.gold_docs.is_empty()) {
            (true, none) if none || self.answers.is_empty() => {
                "an answerable question needs answers and gold_docs; give both, or set answerable to false"
            }
            (false, false) => {
                "a question with gold_docs is answerable; set answerable to true, or empty them"
            }
            _ => return None,
        };
        Some(says.to_owned())
    }
}

/// Documents and questions of a folder. Without `answers.jsonl` they are those that have a relevant document; with it, those
/// that are in it.
pub(super) fn read(folder: &Path) -> Result<(Option<Vec<Text>>, Vec<Question>), Error> {
    if !folder.join("answers.jsonl").exists() {
        let set = beir::read(folder)?;
        let mut judgements = set.judgements;
        let question = |query: Text| {
            let relevant = judgements.remove(&query.id).unwrap_or_default();
            let cluster = relevant.keys().next().unwrap_or(&query.id).clone();
            let judgement = Judgement { answerable: Some(true), relevant, ..Judgement::default() };
            of_query(query, cluster, judgement)
        };
        return Ok((Some(set.documents), set.queries.into_iter().map(question).collect()));
    }
    let documents = documents(folder)?;
    let mut references = references(folder, &documents)?;
    let qrels = folder.join("qrels/test.tsv");
    let mut grades = if qrels.exists() { beir::judgements(&qrels)? } else { HashMap::new() };
    let path = folder.join("queries.jsonl");
    let mut questions = Vec::new();
    for (line, mut query) in objects::<Text>(&path)? {
        let Some(reference) = references.remove(&query.id) else { continue };
        if !reference.question.trim().is_empty() {
            query.text = reference.question;
        }
        if query.text.trim().is_empty() {
            let problem = format!("the question {:?} is empty; give it a text, or remove it", query.id);
            return Err(Error::Malformed { path, line, problem });
        }
        let written_for = query.metadata.as_ref().and_then(|metadata| metadata.source_doc.clone());
        let cluster =
            reference.gold_docs.first().cloned().or(written_for).unwrap_or_else(|| query.id.clone());
        let mut judgement = Judgement { answerable: Some(reference.answerable), ..Judgement::default() };
        // What a set says in place of an answer is no answer.
        if reference.answerable {
            judgement.answers = reference.answers;
            let gold = || reference.gold_docs.into_iter().map(|id| (id, 1)).collect();
            judgement.relevant = grades.remove(&query.id).unwrap_or_else(gold);
        }
        questions.push(of_query(query, cluster, judgement));
    }
    Ok((Some(documents), questions))
}

fn documents(folder: &Path) -> Result<Vec<Text>, Error> {
    let path = folder.join("corpus.jsonl");
    let mut known = HashSet::new();
    let mut documents = Vec::new();
    for (line, document) in objects::<Text>(&path)? {
        if !known.insert(document.id.clone()) {
            return Err(Error::DuplicateId { path, line, id: document.id });
        }
        documents.push(document);
    }
    Ok(documents)
}

/// The lines of `answers.jsonl` by question.
fn references(folder: &Path, documents: &[Text]) -> Result<HashMap<String, Line>, Error> {
    let path = folder.join("answers.jsonl");
    let documents: HashSet<&str> = documents.iter().map(|document| document.id.as_str()).collect();
    let mut references = HashMap::new();
    for (line, reference) in objects::<Line>(&path)? {
        if let Some(problem) = reference.problem(&documents) {
            return Err(Error::Malformed { path, line, problem });
        }
        let id = reference.id.clone();
        if references.insert(id.clone(), reference).is_some() {
            return Err(Error::DuplicateId { path, line, id });
        }
    }
    Ok(references)
}

fn of_query(query: Text, cluster: String, judgement: Judgement) -> Question {
    let history = query.history().to_vec();
    asked(query.id, query.text, history, query.scope, cluster, judgement)
}

#[cfg(test)]
mod tests {
    use super::super::{Set, read};
    use std::collections::BTreeMap;

    use super::*;

    const CORPUS: &str = "{\"_id\":\"d1\",\"text\":\"x\"}\n{\"_id\":\"d2\",\"text\":\"y\",\"scope\":\"s\"}\n";
    const QUERIES: &str = "{\"_id\":\"q1\",\"text\":\"a?\"}\n{\"_id\":\"q2\",\"text\":\"long b\",\"scope\":\"s\",\
        \"metadata\":{\"source_doc\":\"d2\"}}\n{\"_id\":\"q3\",\"text\":\"d?\",\
        \"metadata\":{\"history\":[{\"question\":\"c?\"}]}}\n";
    const ANSWERS: &str = "{\"_id\":\"q1\",\"answers\":[\"x\"],\"answerable\":true,\"gold_docs\":[\"d1\"]}\n\n\
        {\"_id\":\"q2\",\"question\":\"b?\",\"answers\":[\"none\"],\"answerable\":false}\n";

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    fn of(corpus: &str, queries: &str, answers: &str) -> Result<Set, Error> {
        let files = [("corpus.jsonl", corpus), ("queries.jsonl", queries), ("answers.jsonl", answers)];
        read(folder(&files).path())
    }

    #[test]
    fn grades_alone_make_a_set() {
        let grades = "query-id\tcorpus-id\tscore\nq2\td1\t1\nq2\td2\t2\n";
        let files = [("corpus.jsonl", CORPUS), ("queries.jsonl", QUERIES), ("qrels/test.tsv", grades)];
        let set = read(folder(&files).path()).unwrap();
        assert_eq!((set.documents.map(|all| all.len()), set.questions.len()), (Some(2), 1));
        let question = &set.questions[0];
        assert_eq!((question.judgement.relevant["d2"], question.filters["scope"].as_str()), (2, "s"));
    }

    #[test]
    fn questions_come_with_their_answers() {
        let set = of(CORPUS, QUERIES, ANSWERS).unwrap();
        let [one, two] = &set.questions[..] else { panic!("two questions") };
        assert_eq!((one.question.as_str(), one.judgement.answerable), ("a?", Some(true)));
        assert_eq!((one.cluster.as_str(), one.judgement.answers.as_slice()), ("d1", &["x".to_owned()][..]));
        assert_eq!(one.judgement.relevant, BTreeMap::from([("d1".to_owned(), 1)]));
        assert_eq!((two.question.as_str(), two.judgement.answerable), ("b?", Some(false)));
        assert_eq!((two.cluster.as_str(), two.judgement.answers.len()), ("d2", 0));
        assert_eq!((one.slices["answerable"].as_str(), two.slices["answerable"].as_str()), ("yes", "no"));
    }

    #[test]
    fn grades_go_before_the_documents_of_the_answer() {
        let files = [
            ("corpus.jsonl", CORPUS),
            ("queries.jsonl", QUERIES),
            ("answers.jsonl", &format!("{ANSWERS}{{\"_id\":\"q3\",\"answers\":[],\"answerable\":false}}")),
            ("qrels/test.tsv", "q1\td1\t1\nq1\td2\t2\n"),
        ];
        let set = read(folder(&files).path()).unwrap();
        assert_eq!(set.questions[0].judgement.relevant["d2"], 2);
        let last = &set.questions[2];
        assert_eq!((last.slices["turn"].as_str(), last.cluster.as_str()), ("later", "c?"));
    }

    #[test]
    fn malformed_files_are_named_with_line_and_remedy() {
        let says = |(corpus, queries, answers): (&str, &str, &str), parts: &[&str]| {
            let error = of(corpus, queries, answers).unwrap_err().to_string();
            assert!(parts.iter().all(|part| error.contains(part)), "{error}");
        };
        let good = "{\"_id\":\"q1\",\"answers\":[\"x\"],\"answerable\":true,\"gold_docs\":[\"d1\"]}\n";
        let answers = |text: &str, parts: &[&str]| says((CORPUS, QUERIES, text), parts);
        answers(&format!("{good}{{\"_id\":\"q2\"}}\n"), &["answers.jsonl", "line 2", "answers"]);
        answers(&format!("{good}{good}"), &["line 2", "\"q1\"", "twice"]);
        answers(&good.replace("d1", "d9"), &["line 1", "\"d9\"", "take it out of gold_docs"]);
        answers(&good.replace("[\"x\"]", "[]"), &["line 1", "set answerable to false"]);
        answers(&good.replace("[\"d1\"]", "[]"), &["line 1", "set answerable to false"]);
        answers(&good.replace("true", "false"), &["line 1", "set answerable to true"]);
        answers(&good.replace("q1", "q9"), &["no questions"]);
        answers(&good.replace('}', "").replace('[', "{"), &["line 1"]);
        says((&CORPUS.repeat(2), QUERIES, ANSWERS), &["corpus.jsonl", "line 3", "twice"]);
        says((CORPUS, &QUERIES.replace("a?", " "), ANSWERS), &["line 1", "give it a text"]);
        assert!(matches!(read(folder(&[("answers.jsonl", good)]).path()), Err(Error::Read { .. })));
    }
}
