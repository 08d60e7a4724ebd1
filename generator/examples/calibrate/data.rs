//! Judged questions, from files.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// Most questions taken from one set.
const MOST: usize = 600;

/// A collection of documents with questions.
pub(crate) struct Set {
    pub(crate) name: &'static str,
    /// Id, group, title and text. A question of a group is asked of its documents only.
    pub(crate) documents: Vec<Document>,
    pub(crate) questions: Vec<Asked>,
}

pub(crate) struct Document {
    pub(crate) id: String,
    pub(crate) group: String,
    pub(crate) title: String,
    pub(crate) text: String,
}

/// A question with what answers it.
pub(crate) struct Asked {
    pub(crate) text: String,
    pub(crate) group: String,
    /// Ids of the documents that answer it; none where it has no answer.
    pub(crate) gold: Vec<String>,
    /// Answers in words; none where the whole document is the answer.
    pub(crate) answers: Vec<String>,
    pub(crate) held_out: bool,
}

pub(crate) fn sets(data: &Path) -> Result<Vec<Set>, Box<dyn Error>> {
    Ok(vec![
        beir(data, "squad2", true)?,
        beir(data, "clapnq", true)?,
        beir(data, "stackfaq", false)?,
        dstc9(&data.join("dev/dstc9_faq/knowledge.json"))?,
    ])
}

pub(crate) fn lines(path: &Path) -> Result<Vec<Value>, Box<dyn Error>> {
    let text = fs::read_to_string(path)?;
    Ok(text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?)
}

pub(crate) fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

pub(crate) fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned)).collect()
}

/// Half of all names, by their hash.
pub(crate) fn held_out(name: &str) -> bool {
    corpus::terms::term_id(name).is_multiple_of(2)
}

/// A set in BEIR layout. `spans` says that answers are words of the document.
fn beir(data: &Path, name: &'static str, spans: bool) -> Result<Set, Box<dyn Error>> {
    let folder = data.join(name);
    let documents = lines(&folder.join("corpus.jsonl"))?
        .iter()
        .map(|line| Document {
            id: text(line, "_id"),
            group: String::new(),
            title: text(line, "title"),
            text: text(line, "text"),
        })
        .collect();
    let mut source = BTreeMap::new();
    for line in lines(&folder.join("queries.jsonl"))? {
        source.insert(text(&line, "_id"), text(&line["metadata"], "source_doc"));
    }
    let mut questions: Vec<Asked> = lines(&folder.join("answers.jsonl"))?
        .iter()
        .map(|line| {
            let gold = strings(&line["gold_docs"]);
            let id = text(line, "_id");
            let place = gold.first().or(source.get(&id)).cloned().unwrap_or_default();
            // Paragraphs of one article stay on one side.
            let article = place.split('/').next().unwrap_or_default();
            Asked {
                text: text(line, "question"),
                group: String::new(),
                answers: if spans { strings(&line["answers"]) } else { Vec::new() },
                held_out: held_out(article),
                gold: if line["answerable"] == true { gold } else { Vec::new() },
            }
        })
        .collect();
    questions.sort_by_key(|asked| corpus::terms::term_id(&asked.text));
    questions.truncate(MOST);
    Ok(Set { name, documents, questions })
}

/// Questions of hotels and restaurants: the question of one entry is asked of the answers of its house.
fn dstc9(path: &Path) -> Result<Set, Box<dyn Error>> {
    let all: Value = serde_json::from_str(&fs::read_to_string(path)?)?;
    let mut documents = Vec::new();
    let mut questions = Vec::new();
    for (domain, houses) in all.as_object().into_iter().flatten() {
        for (number, house) in houses.as_object().into_iter().flatten() {
            let group = format!("{domain}/{number}");
            let entries = house["docs"].as_object();
            if entries.is_none_or(|entries| entries.len() < 4) {
                continue;
            }
            for (entry, document) in entries.into_iter().flatten() {
                let id = format!("{group}/{entry}");
                let title = house["name"].as_str().unwrap_or(domain).to_owned();
                documents.push(Document {
                    id: id.clone(),
                    group: group.clone(),
                    title,
                    text: text(document, "body"),
                });
                questions.push(Asked {
                    text: text(document, "title"),
                    group: group.clone(),
                    gold: vec![id],
                    answers: Vec::new(),
                    held_out: held_out(&group),
                });
            }
        }
    }
    questions.sort_by_key(|asked| corpus::terms::term_id(&format!("{}{}", asked.group, asked.text)));
    questions.truncate(MOST / 2);
    Ok(Set { name: "dstc9_faq", documents, questions })
}
