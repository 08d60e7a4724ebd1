//! Citation recall and precision (ALCE: Gao, Yen, Yu and Chen, EMNLP 2023, section 4). Where ALCE asks an entailment
//! model, [`Premise::bears_out`] decides.

use corpus::{Answer, AnswerSentence, Passage};

use super::support::Premise;

/// Recall and precision of the citations of one answer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Citations {
    /// Share of the sentences that all their cited passages together bear out.
    pub recall: Option<f64>,
    /// Share of the citations that are needed: of a sentence that is borne out, those that bear it out alone, or without
    /// which the others do not.
    pub precision: Option<f64>,
}

impl Citations {
    /// Of the sentences of an answer; a refusal has neither.
    ///
    /// Worked example: one sentence with two citations, the first of which bears it out alone while the second has
    /// nothing to do with it, has recall 1 and precision 1/2.
    pub fn of(answer: &Answer) -> Self {
        let share = |part: usize, whole: usize| (whole > 0).then(|| part as f64 / whole as f64);
        let (mut recalled, mut needed, mut cited) = (0, 0, 0);
        for sentence in &answer.sentences {
            let passages = passages(sentence, answer);
            cited += sentence.citations.len();
            if !premise(&passages, None).bears_out(&sentence.text) {
                continue;
            }
            recalled += 1;
            needed += (0..passages.len())
                .filter(|place| {
                    premise(&passages[*place..=*place], None).bears_out(&sentence.text)
                        || !premise(&passages, Some(*place)).bears_out(&sentence.text)
                })
                .count();
        }
        Self { recall: share(recalled, answer.sentences.len()), precision: share(needed, cited) }
    }
}

/// The passages that a sentence cites, those that do not exist left out.
pub(crate) fn passages<'a>(sentence: &AnswerSentence, answer: &'a Answer) -> Vec<&'a Passage> {
    let of = |number: usize| answer.passages.get(number.checked_sub(1)?);
    sentence.citations.iter().filter_map(|citation| of(citation.number)).collect()
}

/// What the passages say, titles and headings included, all but the one at `without`.
fn premise(passages: &[&Passage], without: Option<usize>) -> Premise {
    let kept = passages.iter().enumerate().filter(|(place, _)| Some(*place) != without);
    Premise::of(kept.flat_map(|(_, passage)| {
        let chunk = &passage.chunk;
        let headings = chunk.headings.iter().map(String::as_str);
        [chunk.text.as_str(), chunk.title.as_str()].into_iter().chain(headings)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::Kind;
    use crate::answers::testing::{question, row};

    /// An answer of one sentence that cites all `passages`.
    fn answer(said: &str, passages: &[&str]) -> Answer {
        let mut answer = row(question("q", Kind::Answerable, &["x"]), &[said]).record.answer;
        let (passage, citation) = (answer.passages[0].clone(), answer.sentences[0].citations[0].clone());
        answer.passages.clear();
        answer.sentences[0].citations.clear();
        for (place, text) in passages.iter().enumerate() {
            let mut passage = passage.clone();
            passage.chunk.text = (*text).to_owned();
            answer.passages.push(passage);
            answer.sentences[0].citations.push(corpus::Citation { number: place + 1, ..citation.clone() });
        }
        answer
    }

    fn of(said: &str, passages: &[&str]) -> (Option<f64>, Option<f64>) {
        let Citations { recall, precision } = Citations::of(&answer(said, passages));
        (recall, precision)
    }

    #[test]
    fn follows_the_worked_example() {
        let said = "The hub lasts 36 months.";
        assert_eq!(of(said, &["Any hub lasts 36 months", "Bread is white"]), (Some(1.0), Some(0.5)));
    }

    #[test]
    fn citations_that_only_together_bear_out_are_both_needed() {
        assert_eq!(of("The hub lasts 36 months.", &["The hub lasts", "36 months"]), (Some(1.0), Some(1.0)));
        assert_eq!(of("The hub lasts 36 months.", &["Bread is white", "24"]), (Some(0.0), Some(0.0)));
    }

    #[test]
    fn what_is_not_cited_or_not_said_has_none() {
        assert_eq!(of("The hub lasts.", &[]), (Some(0.0), None));
        let mut answer = answer("The hub lasts.", &["The hub lasts."]);
        answer.sentences[0].citations[0].number = 9;
        assert_eq!(Citations::of(&answer), Citations { recall: Some(0.0), precision: Some(0.0) });
        answer.sentences.clear();
        assert_eq!(Citations::of(&answer), Citations::default());
    }
}
