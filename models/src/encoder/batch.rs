//! Packing token sequences into batches of similar length.

/// Groups `lengths` into batches whose padded size, rows times longest row, is at most `budget` tokens, or one
/// row if that alone is longer. Returns indexes into `lengths`; every one occurs exactly once.
///
/// Sorting by length leaves almost no padding, and bounding tokens rather than rows keeps memory flat.
pub(crate) fn pack(lengths: &[usize], budget: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&index| std::cmp::Reverse(lengths[index]));
    let mut batches: Vec<Vec<usize>> = Vec::new();
    let mut width = 0;
    for index in order {
        match batches.last_mut() {
            Some(batch) if (batch.len() + 1) * width <= budget => batch.push(index),
            _ => {
                width = lengths[index].max(1);
                batches.push(vec![index]);
            }
        }
    }
    batches
}

/// Token ids and the attention mask of one batch, each `rows × width`, row by row, padded with `pad`.
pub(super) struct Padded {
    pub(super) ids: Vec<i64>,
    pub(super) mask: Vec<i64>,
    pub(super) rows: usize,
    pub(super) width: usize,
}

impl Padded {
    pub(super) fn new(sequences: &[Vec<u32>], batch: &[usize], pad: u32) -> Self {
        let width = batch.iter().map(|&index| sequences[index].len()).max().unwrap_or(0);
        let mut ids = Vec::with_capacity(batch.len() * width);
        let mut mask = Vec::with_capacity(batch.len() * width);
        for &index in batch {
            let sequence = &sequences[index];
            ids.extend(sequence.iter().map(|&id| i64::from(id)));
            mask.resize(mask.len() + sequence.len(), 1);
            ids.resize(ids.len() + width - sequence.len(), i64::from(pad));
            mask.resize(ids.len(), 0);
        }
        Self { ids, mask, rows: batch.len(), width }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rows_are_padded_to_the_longest_of_their_batch() {
        let padded = Padded::new(&[vec![1, 2, 3], vec![9], vec![4, 5]], &[0, 2], 7);
        assert_eq!((padded.rows, padded.width), (2, 3));
        assert_eq!(padded.ids, [1, 2, 3, 4, 5, 7]);
        assert_eq!(padded.mask, [1, 1, 1, 1, 1, 0]);
    }

    proptest! {
        #[test]
        fn every_row_is_packed_once_and_within_budget(
            lengths in proptest::collection::vec(0usize..300, 0..200),
            budget in 1usize..5000,
        ) {
            let batches = pack(&lengths, budget);
            for batch in &batches {
                let width = batch.iter().map(|&index| lengths[index]).max().unwrap();
                prop_assert!(batch.len() == 1 || batch.len() * width <= budget);
            }
            let mut seen = batches.concat();
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..lengths.len()).collect::<Vec<_>>());
        }
    }
}
