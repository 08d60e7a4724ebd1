//! Totals over many grades.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::golden::Kind;
use crate::grade::Grade;
use crate::measure::{ndcg::ndcg, recall::recall, reciprocal_rank::reciprocal_rank};

/// What a set of answers is worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Number of questions.
    pub questions: usize,
    /// Mean over the answerable questions.
    pub recall_at_1: f64,
    /// Mean over the answerable questions.
    pub recall_at_5: f64,
    /// Mean over the answerable questions.
    pub recall_at_10: f64,
    /// Mean over the answerable questions.
    pub mrr_at_10: f64,
    /// Mean over the answerable questions.
    pub ndcg_at_10: f64,
    /// Share of all questions answered rightly or refused rightly.
    pub right: f64,
    /// The same by kind of question, with the number of questions.
    pub right_by_kind: BTreeMap<Kind, (f64, usize)>,
    /// Share of the answerable questions that were refused.
    pub refused_answerable: f64,
    /// Share of the unanswerable questions that were refused.
    pub refused_unanswerable: f64,
    /// Share of the answers that cite a passage which holds the evidence, over answered answerable questions.
    pub cites_evidence: f64,
    /// Citations that do not resolve.
    pub broken_citations: usize,
    /// Sentences said without support.
    pub unsupported: usize,
}

impl Summary {
    /// Totals of `grades`. A mean over nothing is 0.
    pub fn of(grades: &[Grade]) -> Self {
        let ranked = |measure: fn(&[Option<usize>], usize) -> Option<f64>, k| {
            mean(grades.iter().filter_map(|grade| measure(&grade.ranks, k)))
        };
        let share = |part: &[&Grade], test: fn(&Grade) -> bool| {
            mean(part.iter().map(|grade| f64::from(u8::from(test(grade)))))
        };
        let all: Vec<&Grade> = grades.iter().collect();
        let (answerable, unanswerable): (Vec<&Grade>, Vec<&Grade>) = all.iter().partition(|g| g.answerable);
        let mut kinds: BTreeMap<Kind, Vec<&Grade>> = BTreeMap::new();
        for grade in grades {
            kinds.entry(grade.kind).or_default().push(grade);
        }
        Self {
            questions: grades.len(),
            recall_at_1: ranked(recall, 1),
            recall_at_5: ranked(recall, 5),
            recall_at_10: ranked(recall, 10),
            mrr_at_10: ranked(reciprocal_rank, 10),
            ndcg_at_10: ranked(ndcg, 10),
            right: share(&all, Grade::is_right),
            right_by_kind: kinds
                .into_iter()
                .map(|(kind, part)| (kind, (share(&part, Grade::is_right), part.len())))
                .collect(),
            refused_answerable: share(&answerable, |grade| grade.refused),
            refused_unanswerable: share(&unanswerable, |grade| grade.refused),
            cites_evidence: mean(
                answerable.iter().filter_map(|g| g.cites_evidence).map(|cites| f64::from(u8::from(cites))),
            ),
            broken_citations: grades.iter().map(|grade| grade.broken_citations).sum(),
            unsupported: grades.iter().map(|grade| grade.unsupported).sum(),
        }
    }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0usize), |(sum, count), value| (sum + value, count + 1));
    if count == 0 { 0.0 } else { sum / count as f64 }
}
