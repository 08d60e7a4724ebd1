//! Rankings as `trec_eval` sees them: by score, and where scores are the same, by the name of the document, backwards
//! (`trec_eval` 9, `form_res_rels.c`). Scores are compared in single precision, as there.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashSet};

/// A ranking against its judgements.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ranking {
    /// Grade of the document at each rank, the first first; 0 for those that are not relevant or not judged.
    pub gains: Vec<u32>,
    /// Rank, from 1, of each relevant document, `None` for those not found.
    pub ranks: Vec<Option<usize>>,
    /// Grades of all relevant documents, highest first.
    pub ideal: Vec<u32>,
}

impl Ranking {
    /// Of documents with their scores in any order, and the grades of those that are judged.
    ///
    /// A document that comes twice counts where it stands first.
    ///
    /// Worked example: `a` and `b` with the same score are ranked `b`, `a`; if only `a` is relevant, its rank is 2.
    pub fn of(found: &[(&str, f32)], judged: &BTreeMap<String, u32>) -> Self {
        let mut order: Vec<(&str, f32)> = found.to_vec();
        order.sort_by(|a, b| b.1.partial_cmp(&a.1).unwrap_or(Ordering::Equal).then_with(|| b.0.cmp(a.0)));
        let mut seen = HashSet::new();
        order.retain(|(document, _)| seen.insert(*document));
        let gain = |document: &str| judged.get(document).copied().unwrap_or(0);
        let gains: Vec<u32> = order.iter().map(|(document, _)| gain(document)).collect();
        let mut ranks: Vec<Option<usize>> =
            (1..).zip(&gains).filter(|(_, gain)| **gain > 0).map(|(rank, _)| Some(rank)).collect();
        let mut ideal: Vec<u32> = judged.values().copied().filter(|grade| *grade > 0).collect();
        ideal.sort_unstable_by(|a, b| b.cmp(a));
        ranks.resize(ideal.len(), None);
        Self { gains, ranks, ideal }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(found: &[(&str, f32)], judged: &[(&str, u32)]) -> Ranking {
        let judged = judged.iter().map(|(id, grade)| ((*id).to_owned(), *grade)).collect();
        Ranking::of(found, &judged)
    }

    #[test]
    fn the_same_score_is_ordered_by_name_backwards() {
        let ranking = of(&[("a", 1.0), ("b", 1.0), ("c", 2.0)], &[("a", 1)]);
        assert_eq!((ranking.gains, ranking.ranks), (vec![0, 0, 1], vec![Some(3)]));
        // Too near for single precision, and so the same.
        let near = of(&[("a", 1.000_000_1), ("b", 1.0 + f32::EPSILON / 4.0)], &[("b", 1)]);
        assert_eq!(near.ranks, [Some(2)]);
    }

    #[test]
    fn what_is_not_found_has_no_rank_and_what_comes_twice_counts_once() {
        let ranking = of(&[("a", 3.0), ("a", 2.0), ("b", 1.0)], &[("b", 1), ("z", 2), ("a", 0)]);
        assert_eq!(ranking.gains, [0, 1]);
        assert_eq!((ranking.ranks, ranking.ideal), (vec![Some(2), None], vec![2, 1]));
    }
}
