//! Sentences that the language model writes, each checked.

use std::collections::BTreeSet;

use corpus::{Answer, AnswerSentence};

use super::{Generator, Part, Request, Telling, by_evidence, citation, sentences, write};
use crate::candidate::Candidate;
use crate::cite::{Reader, Written, statement};
use crate::error::Error;
use crate::evidence::Material;
use crate::model::{Form, Writing};
use crate::prompt;
use crate::verify::Checker;

/// Most sentences of a draft that are checked.
const MOST_CHECKED: usize = 12;
/// Most citations of one sentence.
const MOST_CITED: usize = 2;
/// Share of a sentence's words that a second citation must add.
const SECOND_ADDS: f32 = 0.15;
/// How much nearer a passage counts for being the one that the model pointed to.
const POINTED: f32 = 0.1;
/// Share of a sentence's words that what it was copied from must hold.
const COPIED: f32 = 0.7;
/// What a model says that finds nothing.
const DECLINES: [&str; 6] = [
    "i do not know",
    "i don't know",
    "the sources do not",
    "the sources don't",
    "no information",
    "not mentioned in",
];

/// What came of a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drafted {
    Whole,
    /// Something was left out that could not be supported.
    Cut,
    /// The model said that it does not know.
    Declined,
}

impl Generator {
    /// Lets the model write, checks every sentence as it is completed and leaves out what does not pass. What is word for
    /// word a sentence of a passage is quoted; what a model that was taught to copy has changed is quoted as it stands
    /// there, where it does not pass.
    pub(super) fn draft(
        &mut self,
        request: &Request,
        material: &Material<'_>,
        parts: &[&Part],
        answer: &mut Answer,
        telling: &mut Telling<'_>,
    ) -> Result<Drafted, Error> {
        let Some(model) = &mut self.model else { return Err(Error::NoModel) };
        let order = by_evidence(parts, material);
        let prompt = prompt::draft(request, &order, model.as_ref(), self.options.max_tokens);
        let numbers: Vec<u32> = prompt.passages.iter().map(|index| *index as u32 + 1).collect();
        let writing = Writing {
            max_tokens: self.options.max_tokens,
            form: Form::Cited(&numbers),
            ..Writing::default()
        };
        let mut reader = Reader::new(request.passages.len());
        let mut draft = Draft {
            request,
            material,
            sayable: sayable(parts, &prompt.passages, material),
            passages: &prompt.passages,
            copies: model.is_taught(),
            checked: 0,
            drafted: Drafted::Whole,
        };
        let checker = self.checker.as_mut();
        let texts = (prompt.system.as_str(), prompt.user.as_str());
        write(model.as_mut(), texts, &writing, answer, telling, &mut |piece, answer, telling| {
            draft.take(reader.push(piece), checker, answer, telling)
        })?;
        draft.take(reader.finish(), checker, answer, telling)?;
        Ok(draft.drafted)
    }
}

/// What is being drafted.
struct Draft<'a> {
    request: &'a Request,
    material: &'a Material<'a>,
    /// Indices of the passages that the model has read.
    passages: &'a [usize],
    /// What of them may be said word for word.
    sayable: Vec<&'a Candidate>,
    /// Whether the model was taught to copy.
    copies: bool,
    checked: usize,
    drafted: Drafted,
}

impl Draft<'_> {
    /// Takes the sentences that are complete. Says whether to go on.
    fn take(
        &mut self,
        written: Vec<Written>,
        checker: &mut dyn Checker,
        answer: &mut Answer,
        telling: &mut Telling<'_>,
    ) -> Result<bool, Error> {
        if self.drafted == Drafted::Declined {
            return Ok(false);
        }
        for mut written in written {
            written.text = statement(&written.text).to_owned();
            if written.text.is_empty() {
                continue;
            }
            let lower = written.text.to_lowercase();
            let declines = DECLINES.iter().any(|phrase| lower.contains(phrase));
            if self.checked == MOST_CHECKED || declines {
                self.drafted = if declines { Drafted::Declined } else { Drafted::Cut };
                return Ok(false);
            }
            self.checked += 1;
            for sentence in self.said(written, checker)? {
                let repeated = answer.sentences.iter().any(|said| said.text == sentence.text);
                if !repeated && !telling.sentence(sentence, answer)? {
                    self.drafted = Drafted::Cut;
                }
            }
        }
        Ok(true)
    }

    /// What is said where the model has written a sentence.
    fn said(&self, written: Written, checker: &mut dyn Checker) -> Result<Vec<AnswerSentence>, Error> {
        let passages = &self.request.passages;
        if let Some(candidate) = copied(&written, &self.sayable) {
            return sentences(candidate, &passages[candidate.passage], checker);
        }
        let rests_on = rests_on(&written, self.material, self.passages);
        let evidence: Vec<String> =
            rests_on.iter().map(|candidate| in_place(candidate, self.material)).collect();
        let evidence: Vec<&str> = evidence.iter().map(String::as_str).collect();
        let verdict = checker.check(&written.text, &evidence)?;
        if self.copies
            && !verdict.supported
            && let Some(candidate) = nearest(&written, &rests_on, &self.sayable, self.material)
        {
            return sentences(candidate, &passages[candidate.passage], checker);
        }
        let cite = |candidate: &&Candidate| {
            citation(candidate.passage, &passages[candidate.passage], candidate.span)
        };
        let citations = rests_on.iter().map(cite).collect();
        Ok(vec![AnswerSentence { text: written.text, citations, verdict }])
    }
}

/// What of the passages in the prompt may be said word for word.
fn sayable<'a>(parts: &[&Part], passages: &[usize], material: &'a Material<'_>) -> Vec<&'a Candidate> {
    let of_part = |part: &&'_ Part| {
        let scored = &part.evidence.scored;
        part.order.iter().map(|at| scored[*at].index).collect::<Vec<_>>()
    };
    let indices: BTreeSet<usize> = parts.iter().flat_map(of_part).collect();
    let candidates = indices.into_iter().map(|index| &material.candidates[index]);
    candidates.filter(|one| one.items.is_empty() && passages.contains(&one.passage)).collect()
}

/// What a sentence is word for word, in the passage that the model pointed to where it stands in several.
fn copied<'a>(written: &Written, sayable: &[&'a Candidate]) -> Option<&'a Candidate> {
    let words = crate::lexicon::words(&written.text);
    let same = sayable.iter().filter(|one| crate::lexicon::words(&one.text) == words);
    same.copied().min_by_key(|one| !written.numbers.contains(&(one.passage + 1)))
}

/// What a sentence was copied from, with changes: the first of what it rests on, if that has most of its words.
fn nearest<'a>(
    written: &Written,
    rests_on: &[&'a Candidate],
    sayable: &[&'a Candidate],
    material: &Material<'_>,
) -> Option<&'a Candidate> {
    let best = *rests_on.first()?;
    let said = crate::lexicon::words(&written.text);
    let held = crate::lexicon::words(&in_place(best, material));
    let share = said.iter().filter(|word| held.contains(word)).count() as f32 / said.len().max(1) as f32;
    (share >= COPIED && sayable.iter().any(|one| std::ptr::eq(*one, best))).then_some(best)
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
