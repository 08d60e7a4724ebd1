//! Questions of any set, with what is known of their right answers: golden questions (`.jsonl`), folders in BEIR layout,
//! `SQuAD`-like files (`.json`) and tables (`.csv`).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use crate::beir::{self, Text};
use crate::error::Error;
use crate::golden::{Evidence, Turn};
use crate::judgement::Judgement;
use crate::random;

mod squad;
mod table;

/// Questions, and the documents that they are asked of where a set brings its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Set {
    /// Its name.
    pub name: String,
    /// What is searched; `None` where the index in use is.
    pub documents: Option<Vec<Text>>,
    /// What is asked.
    pub questions: Vec<Question>,
}

/// A question to ask.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Question {
    /// Unique within the set.
    pub id: String,
    /// What is asked.
    pub question: String,
    /// Turns before it, oldest first.
    pub history: Vec<Turn>,
    /// Filters to search under.
    pub filters: BTreeMap<String, String>,
    /// What it shares with others that are alike.
    pub cluster: String,
    /// What kind of question it is.
    pub slices: BTreeMap<String, String>,
    /// What is known of the right answer.
    pub judgement: Judgement,
    /// Where golden questions are answered: the documents are found in the index.
    pub evidence: Vec<Evidence>,
    /// The same question in other words and languages, by what the form is called.
    pub forms: BTreeMap<String, String>,
}

/// Reads a set, by what it is called: a folder, `.jsonl`, `.json` or `.csv`.
pub fn read(path: &Path) -> Result<Set, Error> {
    let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default().to_lowercase();
    let (documents, mut questions) = match kind.as_str() {
        _ if path.is_dir() => folder(path)?,
        "jsonl" => (None, crate::golden::read(path)?.into_iter().map(of_golden).collect()),
        "json" => squad::read(path)?,
        "csv" => (None, table::read(path)?),
        _ => {
            return Err(Error::Unfit(format!(
                "{path:?} is no set of questions; name a folder in BEIR layout, golden questions as .jsonl, SQuAD-like .json or a .csv table"
            )));
        }
    };
    if questions.is_empty() {
        return Err(Error::Empty { path: path.to_owned() });
    }
    by_dialogue(&mut questions);
    let name = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = name.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Set { name, documents, questions })
}

impl Set {
    /// Leaves at most so many questions, drawn evenly.
    pub fn sample(&mut self, most: usize, seed: u64) {
        self.questions = random::sample(std::mem::take(&mut self.questions), most, seed);
    }
}

/// Where a set has dialogues, questions of one belong together: those that begin with the same question.
fn by_dialogue(questions: &mut [Question]) {
    let known: HashSet<String> =
        questions.iter().filter_map(|question| Some(question.history.first()?.question.clone())).collect();
    for question in questions {
        let first = question.history.first().map_or(&question.question, |turn| &turn.question);
        if known.contains(first) {
            question.cluster = first.clone();
        }
    }
}

fn of_golden(question: crate::golden::Question) -> Question {
    let kind = serde_json::to_value(question.kind).ok();
    let kind = kind.and_then(|kind| kind.as_str().map(str::to_owned)).unwrap_or_default();
    let cluster = question.evidence.first().map_or_else(|| question.id.clone(), |one| one.document.clone());
    Question {
        cluster,
        slices: BTreeMap::from([("kind".to_owned(), kind)]),
        judgement: Judgement {
            answerable: Some(question.answerable),
            answers: Some(question.answer)
                .filter(|text| question.answerable && !text.is_empty())
                .into_iter()
                .collect(),
            must_contain: question.must_contain,
            ..Judgement::default()
        },
        id: question.id,
        question: question.question,
        history: question.history,
        filters: question.filters,
        evidence: question.evidence,
        forms: question.forms,
    }
}

/// A folder in BEIR layout, with `answers.jsonl` or without.
fn folder(path: &Path) -> Result<(Option<Vec<Text>>, Vec<Question>), Error> {
    if !path.join("answers.jsonl").exists() {
        let set = beir::read(path)?;
        let judgements = set.judgements;
        let question = |query: Text| {
            let relevant = judgements.get(&query.id).cloned().unwrap_or_default();
            let cluster = relevant.keys().next().unwrap_or(&query.id).clone();
            let judgement = Judgement { answerable: Some(true), relevant, ..Judgement::default() };
            asked(
                query.id.clone(),
                query.text.clone(),
                query.history().to_vec(),
                query.scope,
                cluster,
                judgement,
            )
        };
        return Ok((Some(set.documents), set.queries.into_iter().map(question).collect()));
    }
    let set = crate::answers::read(path)?;
    let qrels = path.join("qrels/test.tsv");
    let mut grades = if qrels.exists() { beir::judgements(&qrels)? } else { HashMap::new() };
    let question = |one: crate::answers::Question| {
        let answerable = one.kind == crate::answers::Kind::Answerable;
        let gold = || one.gold.iter().map(|id| (id.clone(), 1)).collect();
        let relevant = if answerable { grades.remove(&one.id).unwrap_or_else(gold) } else { BTreeMap::new() };
        let judgement = Judgement {
            answerable: Some(answerable),
            answers: one.answers,
            relevant,
            ..Judgement::default()
        };
        asked(one.id, one.question, one.history, one.scope, one.cluster, judgement)
    };
    Ok((Some(set.documents), set.questions.into_iter().map(question).collect()))
}

fn asked(
    id: String,
    question: String,
    history: Vec<Turn>,
    scope: Option<String>,
    cluster: String,
    judgement: Judgement,
) -> Question {
    let mut slices = BTreeMap::new();
    let answerable = judgement.answerable == Some(true);
    slices.insert("answerable".to_owned(), if answerable { "yes" } else { "no" }.to_owned());
    slices.insert("turn".to_owned(), if history.is_empty() { "first" } else { "later" }.to_owned());
    let filters = scope.map(|scope| ("scope".to_owned(), scope)).into_iter().collect();
    Question { id, question, history, filters, cluster, slices, judgement, ..Question::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        (folder, path)
    }

    #[test]
    fn golden_questions_bring_what_is_required() {
        let (_folder, path) = file(
            "golden.jsonl",
            "{\"id\":\"a\",\"question\":\"How long?\",\"kind\":\"direct\",\"answerable\":true,\"answer\":\"36 months\",\
             \"must_contain\":[\"36\"],\"evidence\":[{\"document\":\"d.md\",\"quote\":\"36 months\"}]}\n\
             {\"id\":\"b\",\"question\":\"Why?\",\"kind\":\"unanswerable\",\"answerable\":false,\"answer\":\"nothing\"}\n",
        );
        let set = read(&path).unwrap();
        assert_eq!((set.name.as_str(), set.documents.is_none()), ("golden", true));
        let [a, b] = &set.questions[..] else { panic!("two questions") };
        assert_eq!((a.cluster.as_str(), a.slices["kind"].as_str()), ("d.md", "direct"));
        assert_eq!((a.judgement.answers.len(), a.judgement.must_contain.len(), a.evidence.len()), (1, 1, 1));
        assert_eq!((b.judgement.answerable, b.judgement.answers.len()), (Some(false), 0));
    }

    #[test]
    fn a_folder_brings_documents_grades_and_answers() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        std::fs::create_dir(folder.path().join("qrels")).unwrap();
        write("corpus.jsonl", "{\"_id\":\"d1\",\"text\":\"x\"}\n{\"_id\":\"d2\",\"text\":\"y\"}\n");
        write(
            "queries.jsonl",
            "{\"_id\":\"q1\",\"text\":\"a?\",\"scope\":\"s\"}\n{\"_id\":\"q2\",\"text\":\"b?\",\
             \"metadata\":{\"history\":[{\"question\":\"c?\"}]}}\n",
        );
        write("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td2\t2\n");
        let set = read(folder.path()).unwrap();
        assert_eq!((set.documents.map(|all| all.len()), set.questions.len()), (Some(2), 1));
        assert_eq!(set.questions[0].judgement.relevant["d2"], 2);
        assert_eq!(set.questions[0].filters["scope"], "s");

        write(
            "answers.jsonl",
            "{\"_id\":\"q1\",\"answers\":[\"x\"],\"answerable\":true,\"gold_docs\":[\"d1\"]}\n\
             {\"_id\":\"q2\",\"answers\":[],\"answerable\":false}\n",
        );
        let set = read(folder.path()).unwrap();
        assert_eq!(set.questions.len(), 2);
        assert_eq!(set.questions[1].cluster, "c?");
        assert_eq!((set.questions[0].judgement.relevant["d2"], set.questions[0].cluster.as_str()), (2, "d1"));
        assert_eq!(
            (set.questions[1].slices["answerable"].as_str(), set.questions[1].slices["turn"].as_str()),
            ("no", "later")
        );
    }

    #[test]
    fn anything_else_is_named() {
        let (_folder, path) = file("questions.txt", "How long?");
        assert!(read(&path).unwrap_err().to_string().contains("no set of questions"));
    }
}
