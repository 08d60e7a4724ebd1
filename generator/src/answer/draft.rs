//! Sentences that the language model writes, each checked.

use std::collections::BTreeSet;

use corpus::{Answer, AnswerSentence};

use super::{Generator, Request, Telling, citation, write};
use crate::candidate::Candidate;
use crate::cite::{Reader, Written, statement};
use crate::error::Error;
use crate::evidence::Material;
use crate::model::{Form, Writing};
use crate::prompt;

/// Most sentences of a draft that are checked.
const MOST_CHECKED: usize = 12;
/// Most citations of one sentence.
const MOST_CITED: usize = 2;
/// Share of a sentence's words that a second citation must add.
const SECOND_ADDS: f32 = 0.15;
/// How much nearer a passage counts for being the one that the model pointed to.
const POINTED: f32 = 0.1;
/// What a model says that finds nothing.
const DECLINES: [&str; 6] = [
    "i do not know",
    "i don't know",
    "the sources do not",
    "the sources don't",
    "no information",
    "not mentioned in",
];

impl Generator {
    /// Lets the model write, checks every sentence as it is completed and leaves out what does not pass. Returns
    /// whether something was left out.
    pub(super) fn draft(
        &mut self,
        request: &Request,
        material: &Material<'_>,
        order: &[usize],
        answer: &mut Answer,
        telling: &mut Telling<'_>,
    ) -> Result<bool, Error> {
        let Some(model) = &mut self.model else { return Err(Error::NoModel) };
        let checker = &mut self.checker;
        let prompt = prompt::draft(request, order, model.as_ref(), self.options.max_tokens);
        let numbers: Vec<u32> = prompt.passages.iter().map(|index| *index as u32 + 1).collect();
        let writing = Writing {
            max_tokens: self.options.max_tokens,
            form: Form::Cited(&numbers),
            ..Writing::default()
        };
        let mut reader = Reader::new(request.passages.len());
        let mut checked = 0;
        let mut dropped = false;
        let mut check =
            |written: Vec<Written>, telling: &mut Telling<'_>, answer: &mut Answer| -> Result<bool, Error> {
                for mut written in written {
                    written.text = statement(&written.text).to_owned();
                    if written.text.is_empty() {
                        continue;
                    }
                    let lower = written.text.to_lowercase();
                    if checked == MOST_CHECKED || DECLINES.iter().any(|phrase| lower.contains(phrase)) {
                        dropped = true;
                        return Ok(false);
                    }
                    checked += 1;
                    let rests_on = rests_on(&written, material, &prompt.passages);
                    let evidence: Vec<String> =
                        rests_on.iter().map(|candidate| in_place(candidate, material)).collect();
                    let evidence: Vec<&str> = evidence.iter().map(String::as_str).collect();
                    let verdict = checker.check(&written.text, &evidence)?;
                    let citations = rests_on
                        .iter()
                        .map(|candidate| {
                            citation(candidate.passage, &request.passages[candidate.passage], candidate.span)
                        })
                        .collect();
                    let repeated = answer.sentences.iter().any(|said| said.text == written.text);
                    if !repeated {
                        dropped |= !telling
                            .sentence(AnswerSentence { text: written.text, citations, verdict }, answer)?;
                    }
                }
                Ok(true)
            };
        let texts = (prompt.system.as_str(), prompt.user.as_str());
        write(model.as_mut(), texts, &writing, answer, telling, &mut |piece, answer, telling| {
            check(reader.push(piece), telling, answer)
        })?;
        check(reader.finish(), telling, answer)?;
        Ok(dropped)
    }
}

/// The candidates that hold most of the sentence's words, of the passages that were in the prompt. The model's own
/// markers only break ties.
fn rests_on<'a>(written: &Written, material: &'a Material<'_>, passages: &[usize]) -> Vec<&'a Candidate> {
    let words = |text: &str| -> BTreeSet<String> { crate::lexicon::words(text).into_iter().collect() };
    let said = words(&written.text);
    let share = |held: &BTreeSet<String>| said.intersection(held).count() as f32 / said.len().max(1) as f32;
    let mut ranked: Vec<(f32, &Candidate, BTreeSet<String>)> = material
        .candidates
        .iter()
        .filter(|candidate| passages.contains(&candidate.passage) && candidate.items.is_empty())
        .map(|candidate| {
            let held = words(&in_place(candidate, material));
            let pointed = written.numbers.contains(&(candidate.passage + 1));
            (share(&held) + if pointed { POINTED } else { 0.0 }, candidate, held)
        })
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut ranked = ranked.into_iter();
    let Some((_, best, mut held)) = ranked.next() else { return Vec::new() };
    let mut chosen = vec![best];
    for (_, candidate, other) in ranked.take(8) {
        let both: BTreeSet<String> = held.union(&other).cloned().collect();
        if chosen.len() < MOST_CITED && share(&both) - share(&held) >= SECOND_ADDS {
            held = both;
            chosen.push(candidate);
        }
    }
    chosen
}

/// A candidate after what says what it is about.
fn in_place(candidate: &Candidate, material: &Material<'_>) -> String {
    let chunk = &material.passages[candidate.passage].chunk;
    let heads = std::iter::once(&chunk.title).chain(chunk.headings.last()).chain(&candidate.head);
    let mut text = String::new();
    for head in heads {
        text.push_str(head);
        text.push_str(": ");
    }
    text + &candidate.text
}
