//! What people said of answers in the terminal, as judgements of their records.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::judgement::{Judgement, Line, VERSION};
use crate::lines;

/// Judgements made of ratings and corrections.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Feedback {
    /// One for each record, by id.
    #[serde(skip)]
    pub judgements: Vec<Line>,
    /// Opinions of answers that were not recorded.
    pub unrecorded: usize,
    /// Lines that cannot be read, such as one that a crash left torn.
    pub torn: usize,
}

/// One line of what the terminal keeps. Other keys are passed over.
#[derive(Deserialize)]
struct Opinion {
    #[serde(default)]
    record: Option<String>,
    #[serde(default)]
    good: Option<bool>,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    correction: Option<String>,
}

/// Reads opinions; of several on one answer, each later one replaces what it says. An answer that was corrected and not
/// rated was bad. The correction is the reference answer: the question can be answered.
pub fn read(path: &Path) -> Result<Feedback, Error> {
    let mut feedback = Feedback::default();
    let mut by_record = BTreeMap::<String, Judgement>::new();
    let mut opinions = 0;
    lines::each(path, |_, text| {
        opinions += 1;
        let Ok(opinion) = serde_json::from_str::<Opinion>(text) else {
            feedback.torn += 1;
            return Ok(());
        };
        let Some(record) = opinion.record else {
            feedback.unrecorded += 1;
            return Ok(());
        };
        let judgement = by_record.entry(record).or_default();
        let correction = opinion.correction.filter(|text| !text.trim().is_empty());
        let bad = correction.is_some().then_some(false);
        if let Some(good) = opinion.good.or(bad) {
            judgement.rating = Some(f64::from(u8::from(good)));
        }
        if !opinion.reason.is_empty() {
            judgement.reason = opinion.reason;
        }
        if let Some(correction) = correction {
            judgement.answerable = Some(true);
            judgement.answers = vec![correction];
        }
        Ok(())
    })?;
    if opinions == 0 {
        return Err(Error::Unfit(format!("{path:?} holds no ratings; rate answers in the terminal first")));
    }
    let line = |(id, judgement)| Line { version: VERSION, id, judgement };
    feedback.judgements = by_record.into_iter().map(line).collect();
    Ok(feedback)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::Judgements;

    #[test]
    fn opinions_become_judgements() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ratings.jsonl");
        let lines = [
            r#"{"at":"2026-03-01T10:00:00Z","record":"a","question":"One?","good":true}"#,
            r#"{"at":"2026-03-01T10:01:00Z","record":"a","question":"One?","good":false,"reason":"outdated"}"#,
            r#"{"at":"2026-03-01T10:02:00Z","record":"b","question":"Two?","correction":"It is 36."}"#,
            r#"{"at":"2026-03-01T10:02:00Z","record":null,"question":"Three?","good":true}"#,
            r#"{"at":"2026-03-01T10"#,
        ];
        std::fs::write(&path, lines.join("\n")).unwrap();
        let found = read(&path).unwrap();
        assert_eq!((found.judgements.len(), found.unrecorded, found.torn), (2, 1, 1));
        let [a, b] = &found.judgements[..] else { panic!("two judgements") };
        assert_eq!(
            (a.judgement.rating, a.judgement.reason.as_str(), a.judgement.answerable),
            (Some(0.0), "outdated", None)
        );
        assert_eq!((b.judgement.rating, b.judgement.answers[0].as_str()), (Some(0.0), "It is 36."));

        let written: Vec<String> =
            found.judgements.iter().map(|line| serde_json::to_string(line).unwrap()).collect();
        let out = folder.path().join("judgements.jsonl");
        std::fs::write(&out, written.join("\n")).unwrap();
        assert_eq!(Judgements::read(&out).unwrap().get("b"), Some(&b.judgement));
        std::fs::write(&path, "").unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("no ratings"));
    }
}
