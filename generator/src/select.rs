//! Choosing what is said.

use std::collections::BTreeSet;

use crate::candidate::{Candidate, Shape};
use crate::evidence::{Evidence, Material, Scored, Standing};
use crate::question::{Question, Wants};

/// Share of the question that a sentence of the kind that is asked for must hold to be said without its neighbors.
const ENOUGH_COVERED: f32 = 0.5;
/// How far below the best a further candidate may score.
const SLACK: f32 = 1.2;
/// How far below the best a current document may score and still take the place of one that is replaced.
const CURRENT_SLACK: f32 = 4.0;
/// How far below the best another candidate may score that gives such a number too, perhaps a different one: of private
/// and of business customers, say.
const RIVAL_SLACK: f32 = 1.0;
/// By how much less of the question it may hold, with its headings.
const RIVAL_COVERS_LESS: f32 = 0.1;
/// Share of the question that a candidate must add to be worth saying.
const ADDS: f32 = 0.22;
/// Most sentences and bytes that are said with those around the best one.
const MOST_OF_STRETCH: usize = 6;
const STRETCH_BYTES: usize = 640;
/// Share of words above which two candidates say the same.
const SAME: f32 = 0.7;
/// Openings of a sentence that goes on from the one before it.
const CONTINUES: [&str; 20] = [
    "this ",
    "that ",
    "these ",
    "those ",
    "it ",
    "they ",
    "then ",
    "after that",
    "afterwards",
    "otherwise",
    "if not",
    "in that case",
    "also",
    "however",
    "until then",
    "in this case",
    "but ",
    "after this",
    "both ",
    "if it ",
];

/// Candidates by their place in `evidence.scored`, best first, without those that are masked, a customer's words, and
/// those of documents that others replace, unless nothing else is near as good or speaks of the version that is named.
pub fn current(evidence: &Evidence, material: &Material<'_>) -> Vec<usize> {
    let standing = |entry: &Scored| material.standings[material.candidates[entry.index].passage];
    let sayable = |at: &usize| {
        let candidate = &material.candidates[evidence.scored[*at].index];
        !candidate.masked && !candidate.asks
    };
    let all: Vec<usize> = (0..evidence.scored.len()).filter(sayable).collect();
    let holds = |at: &usize| standing(&evidence.scored[*at]) == Standing::Current;
    let kept: Vec<usize> = all.iter().copied().filter(holds).collect();
    let (Some(best), Some(held)) = (all.first(), kept.first()) else { return all };
    let (best, held) = (&evidence.scored[*best], &evidence.scored[*held]);
    let named = held.features.exact >= best.features.exact && held.features.names >= best.features.names;
    if named && best.score - held.score <= CURRENT_SLACK { kept } else { all }
}

/// What is said in reply to `question`: indices of candidates in reading order, passages in the order of their best
/// candidate, sentences in the order of the passage. `order` is what [`current`] returns.
pub fn select(
    question: &Question,
    evidence: &Evidence,
    material: &Material<'_>,
    order: &[usize],
) -> Vec<usize> {
    let Some((&best, rest)) = order.split_first() else { return Vec::new() };
    let candidates = &material.candidates;
    let scored = &evidence.scored;
    let first = whole_list(question, &scored[best], candidates)
        .or_else(|| steps(question, &scored[best], rest.iter().map(|at| &scored[*at]), material))
        .unwrap_or(scored[best].index);
    let mut chosen = stretch(first, is_enough(question, &scored[best]), candidates);
    let new = rest
        .iter()
        .map(|at| &scored[*at])
        .filter(|entry| !chosen.iter().any(|other| repeats(&candidates[entry.index], &candidates[*other])));
    // Beside the number that was asked for, sentences on other words of the question would only distract.
    let further = if is_given(question, &scored[best]) {
        rival(&scored[best], new)
    } else {
        addition(&scored[best], &chosen, new, scored)
    };
    chosen.extend(further);
    lean(&mut chosen, candidates);
    let first_of = |index: usize| {
        let passage = candidates[index].passage;
        chosen.iter().position(|other| candidates[*other].passage == passage).unwrap_or(usize::MAX)
    };
    let mut ordered = chosen.clone();
    ordered.sort_by_key(|index| (first_of(*index), candidates[*index].position));
    ordered
}

/// Another candidate that gives what is asked for as well as the best one does, and perhaps a different number.
fn rival<'a>(best: &Scored, mut new: impl Iterator<Item = &'a Scored>) -> Option<usize> {
    let found = new.find(|entry| entry.features.kind >= 1.0 && is_as_good(entry, best))?;
    Some(found.index)
}

/// Whether a candidate is hardly worse than the best one.
fn is_as_good(entry: &Scored, best: &Scored) -> bool {
    best.score - entry.score <= RIVAL_SLACK
        && entry.features.context_coverage >= best.features.context_coverage - RIVAL_COVERS_LESS
}

/// The candidate that speaks most of what those `chosen` leave open.
fn addition<'a>(
    best: &Scored,
    chosen: &[usize],
    new: impl Iterator<Item = &'a Scored>,
    scored: &[Scored],
) -> Option<usize> {
    let said: BTreeSet<usize> = scored
        .iter()
        .filter(|entry| entry.index == best.index || chosen.contains(&entry.index))
        .flat_map(|entry| entry.gains.iter().map(|(concept, _)| *concept))
        .collect();
    let adds = |entry: &Scored| -> f32 {
        entry.gains.iter().filter(|(concept, _)| !said.contains(concept)).map(|(_, share)| share).sum()
    };
    new.filter(|entry| best.score - entry.score <= SLACK)
        .map(|entry| (entry, adds(entry)))
        .filter(|(_, adds)| *adds >= ADDS)
        .max_by(|a, b| (a.1 + a.0.score / 10.0).total_cmp(&(b.1 + b.0.score / 10.0)))
        .map(|(entry, _)| entry.index)
}

/// Whether the best candidate gives the number, time or place that is asked for.
fn is_given(question: &Question, best: &Scored) -> bool {
    let exact =
        !matches!(question.wants, Wants::Anything | Wants::Procedure | Wants::Reason | Wants::Meaning);
    exact && best.features.kind >= 1.0
}

/// Whether it does so in words of the question.
fn is_enough(question: &Question, best: &Scored) -> bool {
    is_given(question, best) && best.features.coverage >= ENOUGH_COVERED
}

/// The numbered steps in the same document that are as good as the best candidate, where steps are asked for.
fn steps<'a>(
    question: &Question,
    best: &Scored,
    mut rest: impl Iterator<Item = &'a Scored>,
    material: &Material<'_>,
) -> Option<usize> {
    let document =
        |entry: &Scored| &material.passages[material.candidates[entry.index].passage].chunk.document;
    let is_list = |entry: &Scored| material.candidates[entry.index].shape == Shape::List;
    let is_numbered = |entry: &Scored| {
        let mut lines = material.candidates[entry.index].text.lines();
        is_list(entry) && lines.any(|line| line.starts_with("1.") || line.starts_with("1)"))
    };
    if question.wants != Wants::Procedure || is_list(best) {
        return None;
    }
    let found = rest
        .find(|entry| is_numbered(entry) && document(entry) == document(best) && is_as_good(entry, best))?;
    Some(found.index)
}

/// The list that the best candidate is one step of, where steps are asked for.
fn whole_list(question: &Question, best: &Scored, candidates: &[Candidate]) -> Option<usize> {
    let item = &candidates[best.index];
    if item.shape != Shape::Item || question.wants != Wants::Procedure {
        return None;
    }
    candidates.iter().position(|other| {
        other.shape == Shape::List && other.passage == item.passage && other.span.contains(item.span)
    })
}

/// The best candidate with the rest of the stretch that it stands in, nearest first.
///
/// The right passage is found more surely than the right sentence of it, and a reader is served by both.
fn stretch(best: usize, is_enough: bool, candidates: &[Candidate]) -> Vec<usize> {
    let mut chosen = vec![best];
    if candidates[best].shape != Shape::Sentence || is_enough {
        return chosen;
    }
    let (mut before, mut after) = (best.checked_sub(1), Some(best + 1));
    let mut bytes = candidates[best].text.len();
    while let Some(beside) = nearest(best, before, after, candidates) {
        bytes += candidates[beside].text.len();
        if bytes > STRETCH_BYTES || chosen.len() >= MOST_OF_STRETCH {
            break;
        }
        if !chosen.iter().any(|other| repeats(&candidates[beside], &candidates[*other])) {
            chosen.push(beside);
        }
        if beside < best { before = beside.checked_sub(1) } else { after = Some(beside + 1) }
    }
    chosen
}

/// Adds, for each of those chosen, the sentence that it leans on and the one that goes on from it.
fn lean(chosen: &mut Vec<usize>, candidates: &[Candidate]) {
    for index in chosen.clone() {
        let candidate = &candidates[index];
        if candidate.shape != Shape::Sentence {
            continue;
        }
        if continues(&candidate.text)
            && let Some(before) = index.checked_sub(1)
        {
            adopt(chosen, before, candidate, candidates);
        }
        if candidates.get(index + 1).is_some_and(|after| continues(&after.text)) {
            adopt(chosen, index + 1, candidate, candidates);
        }
    }
}

/// Of the sentences before and after a stretch around `best`, the one that is nearer to it, in bytes.
fn nearest(
    best: usize,
    before: Option<usize>,
    after: Option<usize>,
    candidates: &[Candidate],
) -> Option<usize> {
    let best = &candidates[best];
    let distance = |index: &usize| {
        let span = candidates[*index].span;
        best.span.start.saturating_sub(span.end).max(span.start.saturating_sub(best.span.end))
    };
    let joined = |index: &usize| candidates.get(*index).is_some_and(|other| belongs(other, best));
    [after.filter(joined), before.filter(joined)].into_iter().flatten().min_by_key(distance)
}

/// Whether a sentence stands in the same stretch as another and can be said.
fn belongs(candidate: &Candidate, beside: &Candidate) -> bool {
    candidate.is_in_stretch_of(beside) && !candidate.masked
}

/// Adds the sentence at `index` where it belongs to what is said already.
fn adopt(chosen: &mut Vec<usize>, index: usize, beside: &Candidate, candidates: &[Candidate]) {
    let Some(candidate) = candidates.get(index) else { return };
    if belongs(candidate, beside)
        && chosen.len() <= MOST_OF_STRETCH
        && !chosen.iter().any(|other| repeats(candidate, &candidates[*other]))
    {
        chosen.push(index);
    }
}

/// Whether a sentence goes on from the one before it.
pub(crate) fn continues(sentence: &str) -> bool {
    let lower = sentence.to_lowercase();
    CONTINUES.iter().any(|opening| lower.starts_with(opening))
}

/// Whether two candidates say the same: one lies in the other, or they share their numbers and most of their words.
fn repeats(a: &Candidate, b: &Candidate) -> bool {
    if a.passage == b.passage && a.span.overlaps(b.span) {
        return true;
    }
    if a.shape == Shape::Row && b.shape == Shape::Row {
        return a.text == b.text;
    }
    let words = |text: &str| -> BTreeSet<String> { crate::lexicon::words(text).into_iter().collect() };
    let (x, y) = (words(&a.text), words(&b.text));
    let numbers = |words: &BTreeSet<String>| -> BTreeSet<String> {
        words.iter().filter(|word| word.contains(|c: char| c.is_ascii_digit())).cloned().collect()
    };
    // What differs in a number may be the very point.
    if numbers(&x) != numbers(&y) {
        return false;
    }
    let shared = x.intersection(&y).count() as f32;
    shared / x.len().min(y.len()).max(1) as f32 >= SAME
}

#[cfg(test)]
mod tests;
