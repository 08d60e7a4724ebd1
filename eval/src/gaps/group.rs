//! Which questions want the same: by their words, and by the passages that were found for them.
//!
//! A paraphrase shares few words with another, but a search by meaning finds the same passages for both. These alone never put
//! two questions together, as what nothing answers is near to anything.

use std::collections::HashMap;
use std::hash::Hash;

/// Cosine from which on a question belongs to a group.
const ALIKE: f64 = 0.45;
/// How much of the cosine the passages are.
const PASSAGES: f64 = 0.2;

/// A passage by its document and its number within, which outlives most edits.
pub(super) type Place = (String, u32);

/// What a question is compared by.
pub(super) struct Features {
    /// Its words, each once.
    pub(super) words: Vec<String>,
    /// What was found for it, nearest first.
    pub(super) passages: Vec<Place>,
}

/// Features with their weights, rare ones weighing more, of length 1.
pub(super) struct Vector<'a> {
    words: Vec<(&'a str, f64)>,
    passages: Vec<(&'a Place, f64)>,
}

/// Of each question.
pub(super) fn vectors<'a>(all: &[&'a Features]) -> Vec<Vector<'a>> {
    let words = |of: &&'a Features| of.words.iter().map(|word| (word.as_str(), 1.0)).collect();
    let rank = |(rank, place): (usize, _)| (place, 1.0 / (rank + 1) as f64);
    let passages = |of: &&'a Features| of.passages.iter().enumerate().map(rank).collect();
    let words = by_rarity(all.iter().map(words).collect(), 1.0 - PASSAGES);
    let passages = by_rarity(all.iter().map(passages).collect(), PASSAGES);
    let both = words.into_iter().zip(passages);
    both.map(|(words, passages)| {
        let mut vector = Vector { words, passages };
        // One of the two may be missing.
        let square = vector.weights().map(|weight| *weight * *weight).sum::<f64>();
        vector.weights().for_each(|weight| *weight /= square.sqrt().max(f64::MIN_POSITIVE));
        vector
    })
    .collect()
}

/// Weighs features by how rare they are; the square of the length of each list is `square`, or 0 where it is empty.
fn by_rarity<T: Copy + Eq + Hash>(mut all: Vec<Vec<(T, f64)>>, square: f64) -> Vec<Vec<(T, f64)>> {
    let mut holders = HashMap::<T, f64>::new();
    for (feature, _) in all.iter().flatten() {
        *holders.entry(*feature).or_default() += 1.0;
    }
    let count = all.len() as f64;
    for list in &mut all {
        for (feature, weight) in list.iter_mut() {
            *weight *= (1.0 + count / holders[feature]).ln();
        }
        let length = list.iter().map(|(_, weight)| weight * weight).sum::<f64>().sqrt();
        list.iter_mut().for_each(|(_, weight)| *weight *= square.sqrt() / length.max(f64::MIN_POSITIVE));
    }
    all
}

impl Vector<'_> {
    fn weights(&mut self) -> impl Iterator<Item = &mut f64> {
        let words = self.words.iter_mut().map(|(_, weight)| weight);
        words.chain(self.passages.iter_mut().map(|(_, weight)| weight))
    }
}

/// A sum of vectors.
#[derive(Default)]
pub(super) struct Sum<'a> {
    words: HashMap<&'a str, f64>,
    passages: HashMap<&'a Place, f64>,
}

impl<'a> Sum<'a> {
    /// Of these.
    pub(super) fn of<'v>(vectors: impl Iterator<Item = &'v Vector<'a>>) -> Self
    where
        'a: 'v,
    {
        let mut sum = Self::default();
        for vector in vectors {
            for (word, weight) in &vector.words {
                *sum.words.entry(word).or_default() += weight;
            }
            for (place, weight) in &vector.passages {
                *sum.passages.entry(place).or_default() += weight;
            }
        }
        sum
    }

    /// The inner product with a vector.
    pub(super) fn product(&self, vector: &Vector<'a>) -> f64 {
        let words =
            vector.words.iter().map(|(word, weight)| weight * self.words.get(word).copied().unwrap_or(0.0));
        words.sum::<f64>() + along(&self.passages, &vector.passages)
    }
}

fn along<'a>(sum: &HashMap<&'a Place, f64>, passages: &[(&'a Place, f64)]) -> f64 {
    passages.iter().map(|(place, weight)| weight * sum.get(place).copied().unwrap_or(0.0)).sum()
}

/// A group while it grows: the sum of its passages, and the square of the length of its whole sum.
#[derive(Default)]
struct Group<'a> {
    members: Vec<usize>,
    passages: HashMap<&'a Place, f64>,
    square: f64,
}

/// Groups of vectors that are alike, by their places: each joins the group whose sum it is most like, or begins one. Only
/// groups that share a word are looked at.
pub(super) fn group(vectors: &[Vector<'_>]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut words = HashMap::<&str, HashMap<usize, f64>>::new();
    for (place, vector) in vectors.iter().enumerate() {
        let mut products = HashMap::<usize, f64>::new();
        for (word, weight) in &vector.words {
            for (group, sum) in words.get(word).into_iter().flatten() {
                *products.entry(*group).or_default() += weight * sum;
            }
        }
        for (group, product) in &mut products {
            *product += along(&groups[*group].passages, &vector.passages);
        }
        let like = |(group, product): (&usize, &f64)| (*group, product / groups[*group].square.sqrt());
        let best = products.iter().map(like).max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
        let chosen = best.filter(|(_, cosine)| *cosine >= ALIKE).map_or(groups.len(), |(group, _)| group);
        if chosen == groups.len() {
            groups.push(Group::default());
        }
        let group = &mut groups[chosen];
        group.members.push(place);
        group.square += 2.0 * products.get(&chosen).copied().unwrap_or(0.0) + 1.0;
        for (passage, weight) in &vector.passages {
            *group.passages.entry(passage).or_default() += weight;
        }
        for (word, weight) in &vector.words {
            *words.entry(word).or_default().entry(chosen).or_default() += weight;
        }
    }
    groups.into_iter().map(|group| group.members).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grouped(questions: &[(&str, &[&str])]) -> Vec<Vec<usize>> {
        let features = |(words, places): &(&str, &[&str])| Features {
            words: words.split_whitespace().map(str::to_owned).collect(),
            passages: places.iter().map(|document| ((*document).to_owned(), 0)).collect(),
        };
        let all: Vec<Features> = questions.iter().map(features).collect();
        group(&vectors(&all.iter().collect::<Vec<_>>()))
    }

    #[test]
    fn the_same_passages_make_up_for_other_words() {
        let questions = |places: &'static [&'static str]| {
            grouped(&[
                ("router reset button", &["a", "b"]),
                ("router reset power", places),
                ("lamp dim light", &["c"]),
                ("lamp guarantee length", &["d"]),
            ])
        };
        assert_eq!(questions(&["a", "b"]), [vec![0, 1], vec![2], vec![3]]);
        assert_eq!(questions(&["e", "f"]), [[0], [1], [2], [3]]);
        assert_eq!(questions(&[]), [[0], [1], [2], [3]]);
    }

    #[test]
    fn the_same_passages_are_not_enough_without_a_word() {
        assert_eq!(grouped(&[("router reset", &["a"]), ("lamp dim", &["a"])]), [[0], [1]]);
        assert_eq!(grouped(&[("", &["a"]), ("", &["a"])]), [[0], [1]]);
    }

    #[test]
    fn questions_for_which_nothing_was_found_are_compared_by_their_words() {
        assert_eq!(
            grouped(&[("router reset", &[]), ("router reset", &[]), ("router reset", &["a"])]),
            [[0, 1, 2]]
        );
    }

    #[test]
    fn the_nearest_passage_and_the_rarest_count_most() {
        let list = |list: &[(&'static str, f64)]| by_rarity(vec![list.to_vec(), vec![("common", 1.0)]], 0.25);
        let weighed = &list(&[("rare", 1.0), ("common", 1.0), ("far", 0.5)])[0];
        assert!(weighed[0].1 > weighed[1].1 && weighed[0].1 > weighed[2].1);
        assert!((weighed.iter().map(|(_, weight)| weight * weight).sum::<f64>() - 0.25).abs() < 1e-12);
    }
}
