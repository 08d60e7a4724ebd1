//! Numbers that look random and are the same for the same seed.

/// `SplitMix64` (Steele, Lea and Flood, OOPSLA 2014).
pub(crate) fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A number below `end`, which must not be 0.
pub(crate) fn below(state: &mut u64, end: usize) -> usize {
    // The upper half times the end, which is as even as its quotient and many times as fast (Lemire, 2019).
    (((next(state) >> 32) * end as u64) >> 32) as usize
}

/// At most `most` of `items`, drawn evenly, in the order in which they were.
pub(crate) fn sample<T>(items: Vec<T>, most: usize, seed: u64) -> Vec<T> {
    let mut state = seed;
    let mut drawn: Vec<(u64, usize, T)> =
        items.into_iter().enumerate().map(|(place, item)| (next(&mut state), place, item)).collect();
    drawn.sort_by_key(|(number, ..)| *number);
    drawn.truncate(most);
    drawn.sort_by_key(|(_, place, _)| *place);
    drawn.into_iter().map(|(.., item)| item).collect()
}

#[cfg(test)]
mod tests {
    use super::sample;

    #[test]
    fn a_sample_keeps_the_order_and_depends_on_the_seed_alone() {
        let items: Vec<u32> = (0..100).collect();
        let ten = sample(items.clone(), 10, 7);
        assert_eq!(ten.len(), 10);
        assert!(ten.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(sample(items.clone(), 10, 7), ten);
        assert_ne!(sample(items.clone(), 10, 8), ten);
        assert_eq!(sample(items.clone(), 1_000, 7), items);
    }
}
