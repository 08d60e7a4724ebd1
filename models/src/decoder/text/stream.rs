//! Whole characters out of the bytes of tokens.

/// Turns pieces into text, holding back bytes that do not yet make a character.
#[derive(Debug, Default)]
pub(in crate::decoder) struct Utf8Stream {
    pending: Vec<u8>,
    text: String,
}

impl Utf8Stream {
    /// Adds a piece and returns the text that is certain now, which may be empty. Bytes that cannot become a
    /// character are replaced.
    pub(in crate::decoder) fn push(&mut self, piece: &[u8]) -> &str {
        self.pending.extend_from_slice(piece);
        self.text.clear();
        let mut done = 0;
        for chunk in self.pending.utf8_chunks() {
            self.text.push_str(chunk.valid());
            done += chunk.valid().len();
            let invalid = chunk.invalid();
            let may_continue = done + invalid.len() == self.pending.len()
                && std::str::from_utf8(invalid).is_err_and(|error| error.error_len().is_none());
            if !invalid.is_empty() && !may_continue {
                self.text.push(char::REPLACEMENT_CHARACTER);
                done += invalid.len();
            }
        }
        self.pending.drain(..done);
        &self.text
    }

    /// What is left at the end: nothing, or the replacement of an unfinished character.
    pub(in crate::decoder) fn finish(&mut self) -> &str {
        let left = !self.pending.is_empty();
        self.pending.clear();
        if left { "\u{fffd}" } else { "" }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn unfinished_characters_are_held_back() {
        let mut stream = Utf8Stream::default();
        assert_eq!(stream.push(b"a\xe2"), "a");
        assert_eq!(stream.push(b"\x82"), "");
        assert_eq!(stream.push(b"\xac!"), "€!");
        assert_eq!(stream.push(b"\xff"), "\u{fffd}");
        assert_eq!(stream.push(b"\xf0\x9f"), "");
        assert_eq!(stream.finish(), "\u{fffd}");
        assert_eq!(stream.finish(), "");
    }

    proptest! {
        #[test]
        fn streaming_equals_decoding_at_once(
            bytes in prop::collection::vec(any::<u8>(), 0..40),
            text in any::<String>(),
            cuts in prop::collection::vec(1usize..5, 1..10),
        ) {
            for bytes in [bytes, text.into_bytes()] {
                let (mut stream, mut found, mut rest) = (Utf8Stream::default(), String::new(), bytes.as_slice());
                for cut in cuts.iter().cycle() {
                    if rest.is_empty() {
                        break;
                    }
                    let (piece, after) = rest.split_at((*cut).min(rest.len()));
                    found.push_str(stream.push(piece));
                    rest = after;
                }
                found.push_str(stream.finish());
                prop_assert_eq!(found, String::from_utf8_lossy(&bytes).into_owned());
            }
        }
    }
}
