//! `SQuAD` 2.0 files (Rajpurkar, Jia and Liang, ACL 2018), and those that are like them: articles of paragraphs, each
//! with questions, of which some have no answer.

use std::collections::HashSet;
use std::path::Path;

use serde::Deserialize;

use super::{Question, asked};
use crate::beir::Text;
use crate::error::Error;
use crate::judgement::Judgement;
use crate::lines::reason;

#[derive(Deserialize)]
struct File {
    data: Vec<Article>,
}

#[derive(Deserialize)]
struct Article {
    #[serde(default)]
    title: String,
    paragraphs: Vec<Paragraph>,
}

#[derive(Deserialize)]
struct Paragraph {
    context: String,
    qas: Vec<Asked>,
}

#[derive(Deserialize)]
struct Asked {
    id: String,
    question: String,
    #[serde(default)]
    answers: Vec<Answer>,
    #[serde(default)]
    is_impossible: bool,
}

#[derive(Deserialize)]
struct Answer {
    text: String,
}

/// Every paragraph is a document, named by article and place; questions of one paragraph belong together.
pub(super) fn read(path: &Path) -> Result<(Option<Vec<Text>>, Vec<Question>), Error> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::Read { path: path.into(), source })?;
    let wrong = |line: usize, problem: String| Error::Malformed { path: path.to_owned(), line, problem };
    let file: File = serde_json::from_str(&text).map_err(|error| {
        wrong(error.line(), format!("{}; a SQuAD-like file has data, paragraphs and qas", reason(&error)))
    })?;
    let (mut documents, mut questions, mut known) = (Vec::new(), Vec::new(), HashSet::new());
    for (number, article) in file.data.into_iter().enumerate() {
        let name = if article.title.is_empty() { number.to_string() } else { article.title.clone() };
        for (place, paragraph) in article.paragraphs.into_iter().enumerate() {
            let document = format!("{name}/{place}");
            for one in paragraph.qas {
                if !known.insert(one.id.clone()) {
                    // The parser keeps no lines, so the second place is looked for.
                    let quoted = format!("\"{}\"", one.id);
                    let at = text.match_indices(&quoted).nth(1).map_or(0, |(at, _)| at);
                    let line = text[..at].matches('\n').count() + 1;
                    return Err(Error::DuplicateId { path: path.to_owned(), line, id: one.id });
                }
                let mut answers: Vec<String> = one.answers.into_iter().map(|answer| answer.text).collect();
                let answerable = !one.is_impossible && !answers.is_empty();
                answers.retain(|_| answerable);
                let relevant = answerable.then(|| (document.clone(), 1)).into_iter().collect();
                let judgement =
                    Judgement { answerable: Some(answerable), answers, relevant, ..Judgement::default() };
                questions.push(asked(one.id, one.question, Vec::new(), None, document.clone(), judgement));
            }
            let title = article.title.replace('_', " ");
            documents.push(Text { id: document, title, text: paragraph.context, ..Text::default() });
        }
    }
    Ok((Some(documents), questions))
}

#[cfg(test)]
mod tests {
    use crate::questions::read;

    const FILE: &str = r#"{"version": "v2.0", "data": [{"title": "A_b", "paragraphs": [{"context": "It lasts 36 months.",
        "qas": [{"id": "1", "question": "How long?", "answers": [{"text": "36 months", "answer_start": 9}]},
                {"id": "2", "question": "Why?", "is_impossible": true, "answers": [], "plausible_answers": []}]}]}]}"#;

    #[test]
    fn paragraphs_become_documents() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("set.json");
        std::fs::write(&path, FILE).unwrap();
        let set = read(&path).unwrap();
        let document = &set.documents.unwrap()[0];
        assert_eq!((document.id.as_str(), document.title.as_str()), ("A_b/0", "A b"));
        assert_eq!(set.questions[0].judgement.relevant.keys().collect::<Vec<_>>(), ["A_b/0"]);
        assert_eq!(
            (set.questions[1].judgement.answerable, set.questions[1].cluster.as_str()),
            (Some(false), "A_b/0")
        );

        std::fs::write(&path, FILE.replace("\"id\": \"2\"", "\"id\": \"1\"")).unwrap();
        let error = read(&path).unwrap_err().to_string();
        assert!(error.contains("line 3") && error.contains("twice"), "{error}");
        std::fs::write(&path, "{\"data\":\n[{}]}").unwrap();
        let error = read(&path).unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("paragraphs"), "{error}");
        std::fs::write(&path, "{\"data\":[]}").unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("no questions"));
    }
}
