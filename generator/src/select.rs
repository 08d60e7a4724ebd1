//! Choosing what is said.

use std::collections::BTreeSet;

use corpus::Passage;

use crate::candidate::Shape;
use crate::evidence::{Evidence, Scored};

/// Most candidates that are said.
const MOST: usize = 3;
/// How far below the best a further candidate may score.
const SLACK: f32 = 1.0;
/// Share of the question's terms that a candidate of another passage must add to be worth saying.
const ADDS: f32 = 0.2;
/// Share of words above which two candidates say the same.
const SAME: f32 = 0.7;
/// Openings of a sentence that leans on the one before it.
const LEANING: [&str; 14] = [
    "this ", "that ", "these ", "those ", "it ", "they ", "then ", "after ", "otherwise", "if not", "in that case",
    "also", "however", "until ",
];

/// Indices into `evidence.scored` of what is said, in reading order: passages in the order of their best candidate,
/// sentences in the order of the passage.
pub fn select(evidence: &Evidence, passages: &[Passage]) -> Vec<usize> {
    let current: Vec<usize> = current(evidence, passages);
    let Some(&best) = current.first() else { return Vec::new() };
    let mut chosen = vec![best];
    let total: f32 = evidence.rarity.values().sum();
    let mut covered: BTreeSet<&String> = evidence.scored[best].terms.iter().collect();
    while chosen.len() < MOST {
        let top = &evidence.scored[best];
        let next = current
            .iter()
            .copied()
            .filter(|index| !chosen.contains(index))
            .filter(|index| {
                let entry = &evidence.scored[*index];
                !chosen.iter().any(|other| repeats(entry, &evidence.scored[*other]))
            })
            .filter_map(|index| {
                let entry = &evidence.scored[index];
                let new: f32 =
                    entry.terms.iter().filter(|term| !covered.contains(term)).map(|t| evidence.rarity[t]).sum();
                let new = if total > 0.0 { new / total } else { 0.0 };
                let near = entry.candidate.passage == top.candidate.passage
                    && entry.candidate.position.abs_diff(top.candidate.position) <= 2;
                let behind = top.score - entry.score;
                let worth = if near { behind <= SLACK } else { behind <= SLACK && new >= ADDS };
                worth.then_some((index, new - behind))
            })
            .max_by(|a, b| a.1.total_cmp(&b.1));
        let Some((index, _)) = next else { break };
        covered.extend(&evidence.scored[index].terms);
        chosen.push(index);
    }
    lead_in(evidence, &mut chosen);
    let first_of = |passage: usize| {
        chosen.iter().position(|index| evidence.scored[*index].candidate.passage == passage).unwrap_or(usize::MAX)
    };
    let mut ordered = chosen.clone();
    ordered.sort_by_key(|index| {
        let candidate = &evidence.scored[*index].candidate;
        (first_of(candidate.passage), candidate.position)
    });
    ordered
}

/// Adds what a chosen sentence leans on: the one before it.
fn lead_in(evidence: &Evidence, chosen: &mut Vec<usize>) {
    for index in chosen.clone() {
        let candidate = &evidence.scored[index].candidate;
        let lower = candidate.text.to_lowercase();
        if candidate.position == 0 || !LEANING.iter().any(|opening| lower.starts_with(opening)) {
            continue;
        }
        let before = evidence.scored.iter().position(|other| {
            other.candidate.passage == candidate.passage && other.candidate.position + 1 == candidate.position
        });
        if let Some(before) = before
            && !chosen.contains(&before)
        {
            chosen.push(before);
        }
    }
}

/// Candidates, best first, without those of documents that others replace, unless nothing else is near as good.
fn current(evidence: &Evidence, passages: &[Passage]) -> Vec<usize> {
    let all: Vec<usize> = (0..evidence.scored.len()).collect();
    let live = |index: &usize| !is_superseded(&passages[evidence.scored[*index].candidate.passage]);
    let kept: Vec<usize> = all.iter().copied().filter(live).collect();
    match (all.first(), kept.first()) {
        (Some(best), Some(live)) if evidence.scored[*best].score - evidence.scored[*live].score <= 2.0 * SLACK => kept,
        _ => all,
    }
}

/// Whether a passage's document says of itself that another replaces it.
pub fn is_superseded(passage: &Passage) -> bool {
    passage.chunk.metadata.get("status").is_some_and(|status| {
        ["superseded", "outdated", "archived", "deprecated", "obsolete"].contains(&status.to_lowercase().as_str())
    })
}

/// Whether two candidates say the same: one lies in the other, or they share most of their words.
fn repeats(a: &Scored, b: &Scored) -> bool {
    let (x, y) = (&a.candidate, &b.candidate);
    if x.passage == y.passage && x.span.overlaps(y.span) {
        return true;
    }
    if x.shape == Shape::Row || y.shape == Shape::Row {
        return x.text == y.text;
    }
    let words = |text: &str| -> BTreeSet<String> { text.split_whitespace().map(str::to_lowercase).collect() };
    let (x, y) = (words(&x.text), words(&y.text));
    let shared = x.intersection(&y).count() as f32;
    shared / x.len().min(y.len()).max(1) as f32 >= SAME
}
