//! What is kept beside the records: which of them make a conversation, and what people say of them.
//!
//! A conversation is a list of records, so nothing is kept twice, and what is erased from the records is gone from it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use corpus::{Answer, Outcome, RunRecord};
use eval::{Evidence, Kind, Question};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::records;

/// Conversations that are listed.
const LISTED: usize = 500;

/// The files beside the records.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    records: PathBuf,
}

/// That a record belongs to a conversation.
#[derive(Serialize, Deserialize)]
struct Belongs {
    conversation: String,
    record: String,
}

/// What a person says of an answer.
#[derive(Serialize, Deserialize)]
pub(crate) struct Opinion {
    pub(crate) at: jiff::Timestamp,
    /// Identity of the record; none where the answer was not recorded.
    pub(crate) record: Option<String>,
    pub(crate) question: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) good: Option<bool>,
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub(crate) reason: String,
    /// What the answer should be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) correction: Option<String>,
}

/// A conversation and its records, oldest first.
pub(crate) struct Talk {
    pub(crate) id: String,
    pub(crate) records: Vec<RunRecord>,
}

impl Kept {
    pub(crate) fn beside(records: &Path) -> Self {
        Self { records: records.to_owned() }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.records.with_file_name(name)
    }

    fn conversations(&self) -> PathBuf {
        self.file("conversations.jsonl")
    }

    /// What people said of answers.
    pub(crate) fn ratings(&self) -> PathBuf {
        self.file("ratings.jsonl")
    }

    fn golden(&self) -> PathBuf {
        self.file("golden.jsonl")
    }

    /// The folder for notes about questions that are handed over.
    pub(crate) fn notes(&self) -> PathBuf {
        self.file("handover")
    }

    /// All files of lines.
    pub(crate) fn files(&self) -> [PathBuf; 3] {
        [self.conversations(), self.ratings(), self.golden()]
    }

    /// Records an answer as a part of a conversation.
    pub(crate) fn add(&self, conversation: &str, record: &RunRecord) -> Result<(), Failure> {
        records::append(&self.records, record)?;
        let belongs = Belongs { conversation: conversation.into(), record: record.id.clone() };
        records::append_line(
            &self.conversations(),
            &belongs,
            "the answer is recorded but not as part of this conversation",
        )
    }

    /// The latest conversations, the one that was gone on with last in front.
    pub(crate) fn talks(&self) -> Result<Vec<Talk>, Failure> {
        let mut place: HashMap<String, String> = HashMap::new();
        for belongs in lines::<Belongs>(&self.conversations())? {
            place.insert(belongs.record, belongs.conversation);
        }
        let mut talks: HashMap<String, Vec<RunRecord>> = HashMap::new();
        records::each(&self.records, |record| {
            if let Some(conversation) = place.get(&record.id) {
                talks.entry(conversation.clone()).or_default().push(record);
            }
        })?;
        let mut talks: Vec<Talk> = talks.into_iter().map(|(id, records)| Talk { id, records }).collect();
        talks.sort_by_key(|talk| std::cmp::Reverse(talk.records.last().map(|record| record.at)));
        talks.truncate(LISTED);
        Ok(talks)
    }

    /// Questions that were answered, oldest first, each once.
    pub(crate) fn questions(&self, most: usize) -> Result<Vec<String>, Failure> {
        let mut all = Vec::new();
        records::each(&self.records, |record| all.push(record.answer.question))?;
        let mut seen = HashSet::new();
        let mut questions: Vec<String> =
            all.into_iter().rev().filter(|question| seen.insert(question.clone())).take(most).collect();
        questions.reverse();
        Ok(questions)
    }

    /// Keeps an opinion and says where.
    pub(crate) fn rate(&self, opinion: &Opinion) -> Result<PathBuf, Failure> {
        let file = self.ratings();
        records::append_line(&file, opinion, "the rating was not kept")?;
        Ok(file)
    }

    /// Keeps an answer as a golden question, as `eval golden` reads them, and says where.
    pub(crate) fn make_golden(&self, question: &Question) -> Result<PathBuf, Failure> {
        let file = self.golden();
        records::append_line(&file, question, "the golden question was not kept")?;
        Ok(file)
    }

    /// Takes out what speaks of these records or names a subject, and returns how much.
    pub(crate) fn erase(
        &self,
        gone: &HashSet<String>,
        is_named: impl Fn(&str) -> bool,
    ) -> Result<usize, Failure> {
        #[derive(Deserialize)]
        struct Line {
            record: Option<String>,
            id: Option<String>,
        }
        let mut erased = 0;
        for file in self.files() {
            erased += records::erase_lines(&file, |line| {
                is_named(line)
                    || serde_json::from_str::<Line>(line)
                        .is_ok_and(|line| line.record.or(line.id).is_some_and(|id| gone.contains(&id)))
            })?;
        }
        Ok(erased)
    }
}

/// A golden question of an answer: what it says now is what it should say, and what it cites is the evidence.
pub(crate) fn golden(
    id: String,
    answer: &Answer,
    history: Vec<eval::golden::Turn>,
    filters: BTreeMap<String, String>,
) -> Question {
    let answerable = !matches!(answer.outcome, Outcome::Refused(_));
    let kind = match (answerable, history.is_empty()) {
        (false, _) => Kind::Unanswerable,
        (true, false) => Kind::Followup,
        (true, true) => Kind::Paraphrase,
    };
    let evidence = answer.sentences.iter().flat_map(|sentence| &sentence.citations).filter_map(|citation| {
        let chunk = &answer.passages.get(citation.number.checked_sub(1)?)?.chunk;
        let from = citation.span.start.checked_sub(chunk.span.start)?;
        let quote = chunk.text.get(from..from + citation.span.len())?;
        Some(Evidence { document: citation.document.0.clone(), quote: quote.to_owned(), page: citation.page })
    });
    Question {
        id,
        question: answer.question.clone(),
        kind,
        history,
        answerable,
        answer: answer.sentences.iter().map(|s| s.text.as_str()).collect::<Vec<_>>().join(" "),
        must_contain: Vec::new(),
        evidence: evidence.collect(),
        filters,
        forms: BTreeMap::new(),
    }
}

/// The lines of a file that can be read; none where there is no file.
fn lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, Failure> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let mut read = Vec::new();
    for line in BufReader::new(File::open(path)?).lines() {
        read.extend(serde_json::from_str(&line?).ok());
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn record(id: &str, question: &str) -> RunRecord {
        serde_json::from_value(serde_json::json!({
            "version": corpus::record::RECORD_VERSION, "id": id, "at": "2026-03-01T10:00:00Z", "generation": "1",
            "fingerprints": {},
            "answer": {
                "question": question, "outcome": "answered", "sentences": [], "passages": [], "confidence": 1.0,
                "timings": { "passages_ms": 1.0, "first_sentence_ms": null, "total_ms": 1.0 },
            },
        }))
        .unwrap()
    }

    fn desk() -> (tempfile::TempDir, Kept) {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::beside(&folder.path().join("records.jsonl"));
        for (conversation, id, question) in
            [("a", "1", "One?"), ("b", "2", "Two?"), ("a", "3", "Three?"), ("a", "4", "One?")]
        {
            kept.add(conversation, &record(id, question)).unwrap();
        }
        (folder, kept)
    }

    fn questions_of(kept: &Kept, id: &str) -> Vec<String> {
        let talks = kept.talks().unwrap();
        let found = talks.into_iter().find(|talk| talk.id == id);
        found.map_or(Vec::new(), |talk| talk.records.into_iter().map(|r| r.answer.question).collect())
    }

    #[test]
    fn records_make_conversations() {
        let (_folder, kept) = desk();
        assert_eq!(questions_of(&kept, "a"), ["One?", "Three?", "One?"]);
        assert_eq!(questions_of(&kept, "b"), ["Two?"]);
        assert_eq!(kept.questions(9).unwrap(), ["Two?", "Three?", "One?"]);
        assert_eq!(kept.questions(1).unwrap(), ["One?"]);
    }

    #[test]
    fn a_line_that_a_crash_left_torn_costs_nothing_but_itself() {
        let (_folder, kept) = desk();
        for file in [kept.conversations(), kept.records.clone()] {
            std::fs::OpenOptions::new().append(true).open(file).unwrap().write_all(b"{\"conver").unwrap();
        }
        kept.add("b", &record("5", "Five?")).unwrap();
        assert_eq!(questions_of(&kept, "b"), ["Two?", "Five?"]);
    }

    #[test]
    fn what_is_erased_is_gone_from_all() {
        let (_folder, kept) = desk();
        let opinion = |record: &str, reason: &str| Opinion {
            at: jiff::Timestamp::UNIX_EPOCH,
            record: Some(record.into()),
            question: "One?".into(),
            good: Some(false),
            reason: reason.into(),
            correction: None,
        };
        kept.rate(&opinion("1", "wrong")).unwrap();
        kept.rate(&opinion("2", "says Jane Doe")).unwrap();
        kept.make_golden(&golden("3".into(), &record("3", "Three?").answer, Vec::new(), BTreeMap::new()))
            .unwrap();
        let gone = HashSet::from(["1".to_owned(), "3".to_owned()]);
        assert_eq!(kept.erase(&gone, |line| line.contains("Jane Doe")).unwrap(), 5);
        assert_eq!(questions_of(&kept, "a"), ["One?"]);
        assert!(std::fs::read_to_string(kept.ratings()).unwrap().is_empty());
    }

    #[test]
    fn a_golden_question_can_be_read_by_the_evaluation() {
        let question = golden("1".into(), &record("1", "One?").answer, Vec::new(), BTreeMap::new());
        let line = serde_json::to_string(&question).unwrap();
        assert_eq!(serde_json::from_str::<Question>(&line).unwrap(), question);
    }
}
