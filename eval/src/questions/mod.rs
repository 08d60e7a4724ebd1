//! Questions of any set, with what is known of their right answers: golden questions (`.jsonl`), folders in BEIR layout,
//! `SQuAD`-like files (`.json`) and tables (`.csv`).

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

use crate::beir::Text;
use crate::error::Error;
use crate::golden::{Evidence, Turn};
use crate::judgement::Judgement;
use crate::random;

mod folder;
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

/// The slice that says whether the documents of a set answer a question: `yes`, `no`, or `removed` where they did.
const ANSWERABLE: &str = "answerable";

/// Reads a set, by what it is called: a folder, `.jsonl`, `.json` or `.csv`.
pub fn read(path: &Path) -> Result<Set, Error> {
    let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default().to_lowercase();
    let (documents, mut questions) = match kind.as_str() {
        _ if path.is_dir() => folder::read(path)?,
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
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = if path.is_dir() { whole.file_name() } else { whole.file_stem() };
    let name = name.unwrap_or_default().to_string_lossy().into_owned();
    Ok(Set { name, documents, questions })
}

impl Set {
    /// Takes away this share of the documents that answer questions. Questions of which all are gone are answered by
    /// none: a document that only resembles the right one must not be taken for it.
    pub fn remove_gold(&mut self, share: f64, seed: u64) {
        let gold: BTreeSet<&str> =
            self.questions.iter().flat_map(|question| question.judgement.answering()).collect();
        let all: Vec<String> = gold.into_iter().map(str::to_owned).collect();
        let count = (all.len() as f64 * share.clamp(0.0, 1.0)).round() as usize;
        let gone: HashSet<String> = random::sample(all, count, seed).into_iter().collect();
        self.without(|id| gone.contains(id));
    }

    /// Takes documents away, from the questions too; of one that no document answers any more, the slice `answerable` is
    /// `removed`.
    pub fn without(&mut self, gone: impl Fn(&str) -> bool) {
        if let Some(documents) = &mut self.documents {
            documents.retain(|document| !gone(&document.id));
        }
        for Question { judgement, slices, .. } in &mut self.questions {
            let had = judgement.answering().next().is_some();
            judgement.relevant.retain(|id, _| !gone(id));
            if had && judgement.answering().next().is_none() {
                *judgement = Judgement { answerable: Some(false), ..Judgement::default() };
                slices.insert(ANSWERABLE.to_owned(), "removed".to_owned());
            }
        }
    }

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
    slices.insert(ANSWERABLE.to_owned(), if answerable { "yes" } else { "no" }.to_owned());
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
    fn what_is_removed_answers_no_question() {
        let (_folder, path) = file(
            "set.json",
            r#"{"data": [{"title": "T", "paragraphs": [
                {"context": "x", "qas": [{"id": "a", "question": "a?", "answers": [{"text": "x"}]}]},
                {"context": "y", "qas": [{"id": "b", "question": "b?", "is_impossible": true}]}]}]}"#,
        );
        let mut set = read(&path).unwrap();
        let whole = set.clone();
        set.remove_gold(0.0, 1);
        assert_eq!(set, whole);
        set.remove_gold(1.0, 1);
        let kinds = set.questions.iter().map(|one| one.slices["answerable"].as_str());
        assert_eq!(kinds.collect::<Vec<_>>(), ["removed", "no"]);
        assert_eq!(set.questions[0].judgement, Judgement { answerable: Some(false), ..Judgement::default() });
        assert_eq!(set.documents.as_ref().map(|all| all[0].id.as_str()), Some("T/1"));
        set.sample(1, 3);
        assert_eq!(set.questions.len(), 1);
    }

    #[test]
    fn a_question_is_answered_while_one_of_its_documents_is_left() {
        let judgement = Judgement {
            answerable: Some(true),
            answers: vec!["x".into()],
            relevant: BTreeMap::from([("d1".into(), 1), ("d2".into(), 2), ("d3".into(), 0)]),
            ..Judgement::default()
        };
        let question = asked("q".into(), "a?".into(), Vec::new(), None, "d1".into(), judgement);
        let mut set = Set { questions: vec![question], ..Set::default() };
        set.without(|id| id == "d1");
        assert_eq!(
            (set.questions[0].slices["answerable"].as_str(), set.questions[0].judgement.relevant.len()),
            ("yes", 2)
        );
        set.without(|id| id == "d2");
        assert_eq!(set.questions[0].slices["answerable"], "removed");
    }

    #[test]
    fn anything_else_is_named() {
        let (_folder, path) = file("questions.txt", "How long?");
        assert!(read(&path).unwrap_err().to_string().contains("no set of questions"));
    }
}
