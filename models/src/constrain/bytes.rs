//! Sets of bytes.

/// A set of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByteSet([u64; 4]);

impl ByteSet {
    /// Every byte.
    pub const ALL: Self = Self([u64::MAX; 4]);

    /// Adds a byte.
    pub fn insert(&mut self, byte: u8) {
        self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }

    /// Whether `byte` is in it.
    pub fn contains(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
    }

    /// The bytes of both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] & other.0[at]))
    }

    /// How many bytes are in it.
    pub fn count(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Its bytes in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = u8> + use<> {
        let words = self.0;
        (0u8..4).flat_map(move |word| {
            let mut left = words[usize::from(word)];
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros() as u8;
                (left != 0).then(|| {
                    left &= left - 1;
                    word << 6 | bit
                })
            })
        })
    }
}

impl FromIterator<u8> for ByteSet {
    fn from_iter<I: IntoIterator<Item = u8>>(bytes: I) -> Self {
        let mut set = Self::default();
        bytes.into_iter().for_each(|byte| set.insert(byte));
        set
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_set(mut bytes: Vec<u8>, others: Vec<u8>) {
            let (set, other): (ByteSet, ByteSet) = (bytes.iter().copied().collect(), others.iter().copied().collect());
            prop_assert!((0..=255).all(|byte| set.contains(byte) == bytes.contains(&byte)));
            prop_assert!(set.and(&other).iter().all(|byte| bytes.contains(&byte) && others.contains(&byte)));
            bytes.sort_unstable();
            bytes.dedup();
            prop_assert_eq!(set.count(), bytes.len());
            prop_assert_eq!(set.iter().collect::<Vec<u8>>(), bytes);
            prop_assert_eq!(ByteSet::ALL.and(&set), set);
        }
    }
}
