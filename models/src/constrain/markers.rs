//! Citation markers.

use std::collections::BTreeSet;

use super::Constraint;
use crate::{Error, Result};

/// Texts in which markers like `[2]` name known numbers only.
///
/// Brackets around words are text. Where markers are required, each sentence has at least one: before its full stop, or as
/// the first thing after it. A sentence ends with a full stop, exclamation or question mark before white space, with a
/// line, or with the text.
#[derive(Clone, Debug)]
pub struct Markers {
    numbers: BTreeSet<u32>,
    required: bool,
}

/// How far a text with markers has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Marking {
    at: At,
    /// Whether the sentence says something, and whether it has a marker.
    said: bool,
    cited: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    Text,
    /// After a full stop.
    Ended,
    /// Where a marker must begin.
    Due,
    /// After a bracket, of the marker that is due or of whatever follows.
    Open {
        due: bool,
    },
    Number {
        digits: u32,
        due: bool,
    },
}

impl Markers {
    /// Markers with one of `numbers`.
    ///
    /// # Errors
    /// [`Error::Constraint`] if they are required and there are none.
    pub fn new(numbers: impl IntoIterator<Item = u32>, required: bool) -> Result<Self> {
        let numbers: BTreeSet<u32> = numbers.into_iter().collect();
        if required && numbers.is_empty() {
            return Err(Error::Constraint(
                "markers are required and there are no numbers for them".to_owned(),
            ));
        }
        Ok(Self { numbers, required })
    }

    /// Whether a number begins with `digits`.
    fn begins(&self, digits: u32) -> bool {
        self.numbers.iter().any(|number| {
            std::iter::successors(Some(*number), |number| Some(number / 10).filter(|number| *number > 0))
                .any(|number| number == digits)
        })
    }

    /// Bytes of the shortest number.
    fn shortest(&self) -> usize {
        self.numbers.first().map_or(1, |number| number.to_string().len())
    }

    fn is_open(&self, state: &Marking) -> bool {
        self.required && state.said && !state.cited
    }
}

impl Constraint for Markers {
    type State = Marking;

    fn start(&self) -> Marking {
        Marking { at: At::Text, said: false, cited: false }
    }

    fn step(&self, state: &Marking, byte: u8) -> Option<Marking> {
        let to = |at: At| Marking { at, ..*state };
        let text = |at: At| Some(Marking { at, said: true, ..*state });
        match state.at {
            At::Due => (byte == b'[').then(|| to(At::Open { due: true })),
            At::Open { due } => match byte {
                b'0'..=b'9' => {
                    let digits = u32::from(byte - b'0');
                    self.begins(digits).then(|| to(At::Number { digits, due }))
                }
                // Anything else but letters could pass for a list of numbers.
                b'A'..=b'Z' | b'a'..=b'z' if !due => text(At::Text),
                _ => None,
            },
            At::Number { digits, due } => match byte {
                b'0'..=b'9' => {
                    let digits = digits.checked_mul(10)?.checked_add(u32::from(byte - b'0'))?;
                    self.begins(digits).then(|| to(At::Number { digits, due }))
                }
                // A marker behind a sentence belongs to it, not to the next.
                b']' if self.numbers.contains(&digits) => Some(if due {
                    self.start()
                } else {
                    Marking { at: At::Text, cited: state.said, ..*state }
                }),
                _ => None,
            },
            At::Text | At::Ended => match byte {
                b'[' => Some(to(At::Open { due: false })),
                b'.' | b'!' | b'?' => text(At::Ended),
                b'\n' | b' ' | b'\t' | b'\r' if byte == b'\n' || state.at == At::Ended => {
                    if self.is_open(state) { Some(to(At::Due)) } else { Some(self.start()) }
                }
                b' ' | b'\t' | b'\r' => Some(*state),
                _ => text(At::Text),
            },
        }
    }

    fn accepts(&self, state: &Marking) -> bool {
        matches!(state.at, At::Text | At::Ended) && !self.is_open(state)
    }

    fn closing(&self, state: &Marking) -> usize {
        let marker = self.shortest() + "[]".len();
        match state.at {
            At::Text | At::Ended if self.is_open(state) => marker,
            At::Text | At::Ended => 0,
            At::Due => marker,
            At::Open { .. } | At::Number { .. } => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::constrain::tests::{Ends, vocabulary, write};

    #[test]
    fn markers_name_known_numbers() {
        let markers = Markers::new([1, 2, 12], false).unwrap();
        for text in ["", "It is free [1]. Ask [PERSON_1] [12].", "[2]", "no markers"] {
            assert!(markers.contains(text.as_bytes()), "{text}");
        }
        for text in ["[3]", "[0]", "[01]", "[123]", "[1", "[", "[ 1]", "[-1]", "[1,2]", "[]", "[99999999999]"]
        {
            assert!(!markers.contains(text.as_bytes()), "{text}");
        }
        assert!(!Markers::new([], false).unwrap().contains(b"[1]"));
        assert!(Markers::new([], true).is_err());
    }

    #[test]
    fn every_sentence_has_one_where_they_are_required() {
        let markers = Markers::new([1, 2], true).unwrap();
        for text in [
            "",
            "It is free [1].",
            "It is free. [1]",
            "It is free. [1] It is 3.5 GB [2]! Yes [1]",
            "One [1]\nTwo [2]\n",
        ] {
            assert!(markers.contains(text.as_bytes()), "{text}");
        }
        for text in [
            "It is free.",
            "It is free [1]. It is new.",
            "It is free. It is new [1].",
            "One\nTwo [1]",
            "One. [1] [2] Two.",
        ] {
            assert!(!markers.contains(text.as_bytes()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn markers_resolve_and_no_sentence_lacks_one(
            numbers in prop::collection::btree_set(1u32..130, 1..5),
            required: bool,
            seed: u64,
            most in 4usize..60,
        ) {
            let markers = Markers::new(numbers.iter().copied(), required).unwrap();
            let (text, end) = write(&vocabulary(seed), &markers, seed, most, Ends::Late);
            prop_assert_ne!(end, Ends::Stuck);
            let text = String::from_utf8_lossy(&text);
            for part in text.split('[').skip(1) {
                if part.starts_with(|c: char| c.is_ascii_digit()) {
                    let number = part.split(']').next().unwrap().parse().unwrap();
                    prop_assert!(numbers.contains(&number), "{text}");
                }
            }
            if required {
                let is_said = |line: &&str| {
                    // What is left of a line without its markers.
                    let words = line.split('[').flat_map(|part| part.split_once(']').map_or([part, ""], |(a, b)| [a, b]));
                    words.filter(|word| word.parse::<u32>().is_err()).any(|word| !word.trim_matches([' ', '\t', '\r']).is_empty())
                };
                prop_assert!(text.split('\n').filter(is_said).count() <= text.matches('[').count(), "{text}");
            }
        }
    }
}
