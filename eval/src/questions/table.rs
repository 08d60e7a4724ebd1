//! Tables of questions: one a row, with the names of the columns in the first.
//!
//! `question` must be there. `id`, `answer`, `must_contain`, `documents` and `answerable` may be; `|` parts several answers
//! or documents. A column `form: NAME` has the question in another form, and every other column is a kind of question.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use super::Question;
use crate::error::Error;
use crate::judgement::Judgement;
use crate::robustness;

pub(super) fn read(path: &Path) -> Result<Vec<Question>, Error> {
    let wrong = |line: usize, problem: String| Error::Malformed { path: path.to_owned(), line, problem };
    let broken = |error: csv::Error| {
        let line = error.position().map_or(1, |position| position.line() as usize);
        wrong(line, format!("{error}; write comma-separated values in UTF-8, quoted where they hold a comma"))
    };
    let file = std::fs::File::open(path).map_err(|source| Error::Read { path: path.into(), source })?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
    let names: Vec<String> = reader.headers().map_err(broken)?.iter().map(str::to_lowercase).collect();
    if !names.iter().any(|name| name == "question") {
        return Err(wrong(1, "there is no column `question`; name the columns in the first line".to_owned()));
    }
    let (mut questions, mut known) = (Vec::new(), HashSet::new());
    for row in reader.records() {
        let row = row.map_err(broken)?;
        let line = row.position().map_or(1, |position| position.line() as usize);
        let mut cells: BTreeMap<&str, &str> = names.iter().map(String::as_str).zip(row.iter()).collect();
        let mut take = |name: &str| cells.remove(name).filter(|cell| !cell.is_empty());
        let list = |cell: Option<&str>| -> Vec<String> {
            let parts = cell.unwrap_or_default().split('|').map(str::trim).filter(|part| !part.is_empty());
            parts.map(str::to_owned).collect()
        };
        let Some(question) = take("question").map(str::to_owned) else {
            return Err(wrong(line, "the question is empty; give it a text, or remove the row".to_owned()));
        };
        let id = take("id").map_or_else(|| (questions.len() + 1).to_string(), str::to_owned);
        let answers = list(take("answer"));
        let must_contain: Vec<String> = take("must_contain").map(str::to_owned).into_iter().collect();
        let documents = list(take("documents"));
        let known_answer = !answers.is_empty() || !must_contain.is_empty() || !documents.is_empty();
        let answerable = match take("answerable").map(str::to_lowercase).as_deref() {
            None => known_answer.then_some(true),
            Some("1" | "true" | "yes") => Some(true),
            Some("0" | "false" | "no") => Some(false),
            Some(other) => {
                return Err(wrong(
                    line,
                    format!("`answerable` is {other:?}; write yes or no, or leave it empty"),
                ));
            }
        };
        let cluster = documents.first().unwrap_or(&id).clone();
        let judgement = Judgement {
            answerable,
            answers,
            must_contain,
            relevant: documents.into_iter().map(|document| (document, 1)).collect(),
            ..Judgement::default()
        };
        if let Some(problem) = judgement.problem() {
            return Err(wrong(line, problem));
        }
        if !known.insert(id.clone()) {
            return Err(Error::DuplicateId { path: path.to_owned(), line, id });
        }
        let (mut forms, mut slices) = (BTreeMap::new(), BTreeMap::new());
        for (name, value) in cells.into_iter().filter(|(_, value)| !value.is_empty()) {
            let (kinds, name) = match name.strip_prefix("form:") {
                Some(form) => (&mut forms, form.trim()),
                None => (&mut slices, name),
            };
            kinds.insert(name.to_owned(), value.to_owned());
        }
        if let Some(problem) = robustness::problem(&forms) {
            return Err(wrong(line, problem));
        }
        questions.push(Question { id, question, cluster, slices, judgement, forms, ..Question::default() });
    }
    Ok(questions)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Vec<Question>, Error> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("questions.csv");
        std::fs::write(&path, text).unwrap();
        read(&path)
    }

    #[test]
    fn other_forms_of_a_question_have_columns_of_their_own() {
        let questions =
            of("question,form: German,team\nDoes it dim?,Kann man es dimmen?,east\nWhy?,,\n").unwrap();
        assert_eq!(
            questions[0].forms,
            BTreeMap::from([("german".to_owned(), "Kann man es dimmen?".to_owned())])
        );
        assert!(questions[0].slices.len() == 1 && questions[1].forms.is_empty());
        let taken = of("question,form: upper case\nWhy?,WHY?\n").unwrap_err().to_string();
        assert!(taken.contains("line 2") && taken.contains("upper case"), "{taken}");
    }

    #[test]
    fn columns_are_found_by_name() {
        let questions = of("Question,id,answer,documents,team\n\"How long, in months?\",q1,36|thirty-six,d1|d2,east\nWhy?,,,,\n").unwrap();
        let [one, two] = &questions[..] else { panic!("two questions") };
        assert_eq!((one.question.as_str(), one.id.as_str()), ("How long, in months?", "q1"));
        assert_eq!((one.judgement.answers.len(), one.judgement.relevant.len()), (2, 2));
        assert_eq!((one.slices["team"].as_str(), one.judgement.answerable), ("east", Some(true)));
        assert_eq!((two.id.as_str(), two.judgement.answerable, two.slices.len()), ("2", None, 0));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, parts) in [
            ("id\n1\n", ["line 1", "`question`"]),
            ("question,id\na?,1\n\"b\n?\",1\n", ["line 3", "twice"]),
            ("question,id\na?,1\n,2\n", ["line 3", "empty"]),
            ("question,answerable\na?,maybe\n", ["line 2", "yes or no"]),
            ("question,answerable,answer\na?,no,x\n", ["line 2", "unanswerable"]),
            ("question,id\na?\n", ["line 2", "comma"]),
        ] {
            let error = of(text).unwrap_err().to_string();
            assert!(parts.iter().all(|part| error.contains(part)), "{error}");
        }
    }
}
