//! Citation recall and precision (ALCE: Gao, Yen, Yu and Chen, EMNLP 2023, section 4). Where ALCE asks an entailment
//! model, [`bear_out`] decides.

use std::cell::OnceCell;

use corpus::{Answer, AnswerSentence, Passage};

use super::support::{Premise, bear_out};

/// The passages of an answer as what its sentences rest on. Their words are taken once, and only of those that are cited.
pub struct Sources<'a> {
    answer: &'a Answer,
    premises: Vec<OnceCell<Premise>>,
}

impl<'a> Sources<'a> {
    /// Of an answer.
    pub fn of(answer: &'a Answer) -> Self {
        Self { answer, premises: vec![OnceCell::new(); answer.passages.len()] }
    }

    /// Of each citation of a sentence, those of passages that do not exist left out.
    fn cited(&self, sentence: &AnswerSentence) -> Vec<&Premise> {
        let of = |number: usize| {
            let place = number.checked_sub(1)?;
            let passage = self.answer.passages.get(place)?;
            Some(self.premises.get(place)?.get_or_init(|| Premise::of(texts(passage))))
        };
        sentence.citations.iter().filter_map(|citation| of(citation.number)).collect()
    }

    /// Whether the passages that a sentence cites bear it out together.
    pub fn bear_out(&self, sentence: &AnswerSentence) -> bool {
        bear_out(&self.cited(sentence), &sentence.text)
    }
}

/// What a passage says, title and headings included.
pub(crate) fn texts(passage: &Passage) -> impl Iterator<Item = &str> {
    let chunk = &passage.chunk;
    [chunk.text.as_str(), chunk.title.as_str()].into_iter().chain(chunk.headings.iter().map(String::as_str))
}

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
    pub fn of(sources: &Sources<'_>) -> Self {
        let share = |part: usize, whole: usize| (whole > 0).then(|| part as f64 / whole as f64);
        let sentences = &sources.answer.sentences;
        let (mut recalled, mut needed, mut cited) = (0, 0, 0);
        for sentence in sentences {
            let premises = sources.cited(sentence);
            cited += sentence.citations.len();
            if !bear_out(&premises, &sentence.text) {
                continue;
            }
            recalled += 1;
            let is_needed = |place: &usize| {
                let others = [&premises[..*place], &premises[*place + 1..]].concat();
                premises[*place].bears_out(&sentence.text) || !bear_out(&others, &sentence.text)
            };
            needed += (0..premises.len()).filter(is_needed).count();
        }
        Self { recall: share(recalled, sentences.len()), precision: share(needed, cited) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    /// An answer of one sentence that cites all `passages`.
    fn answer(said: &str, passages: &[&str]) -> Answer {
        let mut answer = testing::answer(&[said]);
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
        let Citations { recall, precision } = Citations::of(&Sources::of(&answer(said, passages)));
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
        assert_eq!(
            Citations::of(&Sources::of(&answer)),
            Citations { recall: Some(0.0), precision: Some(0.0) }
        );
        answer.sentences.clear();
        assert_eq!(Citations::of(&Sources::of(&answer)), Citations::default());
    }
}
