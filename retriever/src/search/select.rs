//! Selection: which of the ranked chunks are shown.

use std::collections::{HashMap, HashSet};

use corpus::{Chunk, DocumentId};

/// Most chunks of one document, as long as others are there to fill the places.
const MOST_OF_ONE: usize = 4;

/// Takes ranked chunks one by one and decides which to show.
pub(crate) struct Selection<T> {
    limit: usize,
    /// With the place among all that were offered.
    chosen: Vec<(usize, Chunk, T)>,
    /// Chunks beyond [`MOST_OF_ONE`], for places that nothing else fills.
    spare: Vec<(usize, Chunk, T)>,
    texts: HashSet<String>,
    of_one: HashMap<DocumentId, usize>,
    offered: usize,
}

impl<T> Selection<T> {
    /// At most `limit` chunks.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            chosen: Vec::new(),
            spare: Vec::new(),
            texts: HashSet::new(),
            of_one: HashMap::new(),
            offered: 0,
        }
    }

    /// Whether all places are filled.
    pub(crate) fn is_full(&self) -> bool {
        self.chosen.len() >= self.limit
    }

    /// Offers the next chunk, with what belongs to it.
    pub(crate) fn offer(&mut self, chunk: Chunk, with: T) {
        self.offered += 1;
        if self.is_full() || self.says_nothing_new(&chunk) {
            return;
        }
        let of_one = self.of_one.entry(chunk.document.clone()).or_default();
        if *of_one < MOST_OF_ONE {
            *of_one += 1;
            self.texts.insert(plain(&chunk.text));
            self.chosen.push((self.offered, chunk, with));
        } else {
            self.spare.push((self.offered, chunk, with));
        }
    }

    /// What was chosen, in the order of being offered.
    pub(crate) fn finish(mut self) -> Vec<(Chunk, T)> {
        let spare = std::mem::take(&mut self.spare);
        for (place, chunk, with) in spare {
            if !self.is_full() && !self.says_nothing_new(&chunk) {
                self.texts.insert(plain(&chunk.text));
                self.chosen.push((place, chunk, with));
            }
        }
        self.chosen.sort_by_key(|(place, ..)| *place);
        self.chosen.into_iter().map(|(_, chunk, with)| (chunk, with)).collect()
    }

    /// Whether every word of the chunk is shown already: the same text, a part of one, or mostly the same bytes of
    /// the same document. Texts that are merely alike are both shown, since what differs may be the point.
    fn says_nothing_new(&self, chunk: &Chunk) -> bool {
        let text = plain(&chunk.text);
        let covered = |other: &Chunk| {
            let shared =
                chunk.span.end.min(other.span.end).saturating_sub(chunk.span.start.max(other.span.start));
            other.document == chunk.document
                && other.digest == chunk.digest
                && 4 * shared > 3 * chunk.span.len()
        };
        self.texts.contains(&text)
            || self.texts.iter().any(|shown| shown.contains(&text))
            || self.chosen.iter().any(|(_, other, _)| covered(other))
    }
}

/// Text without differences of case and white space.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !plain.is_empty() {
            plain.push(' ');
        }
        plain.extend(word.chars().flat_map(char::to_lowercase));
    }
    plain
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use corpus::{ChunkId, Digest, Format, Span};
    use uuid::Uuid;

    use super::*;

    fn chunk(document: &str, start: usize, text: &str) -> Chunk {
        Chunk {
            id: ChunkId(Uuid::from_u128(start as u128)),
            document: DocumentId(document.to_owned()),
            digest: Digest::of(document.as_bytes()),
            ordinal: 0,
            span: Span::new(start, start + text.len()),
            text: text.to_owned(),
            headings: Vec::new(),
            page: None,
            title: String::new(),
            source: String::new(),
            location: String::new(),
            format: Format::Text,
            language: None,
            modified: None,
            metadata: BTreeMap::new(),
        }
    }

    fn select(limit: usize, chunks: Vec<Chunk>) -> Vec<String> {
        let mut selection = Selection::new(limit);
        for chunk in chunks {
            selection.offer(chunk, ());
        }
        selection.finish().into_iter().map(|(chunk, ())| chunk.text).collect()
    }

    #[test]
    fn parts_and_repetitions_of_what_is_shown_are_left_out() {
        let chosen = select(
            9,
            vec![
                chunk("a", 0, "Press the button. Wait for 30 seconds."),
                chunk("b", 0, "press the button.\n wait for 30 SECONDS."),
                chunk("c", 0, "Wait for 30 seconds."),
                chunk("d", 0, "Wait for 90 seconds."),
            ],
        );
        assert_eq!(chosen, ["Press the button. Wait for 30 seconds.", "Wait for 90 seconds."]);
    }

    #[test]
    fn mostly_the_same_bytes_are_left_out_and_neighbors_are_not() {
        let chosen = select(
            9,
            vec![
                chunk("a", 0, "0123456789"),
                chunk("a", 2, "23456789ab"),
                chunk("a", 5, "56789abcde"),
                chunk("b", 0, "completely different"),
            ],
        );
        assert_eq!(chosen, ["0123456789", "56789abcde", "completely different"]);
    }

    #[test]
    fn spare_chunks_fill_places_that_are_left() {
        let of_one = |number: usize| chunk("a", 100 * number, &format!("statement {number}"));
        let mut chunks: Vec<Chunk> = (0..6).map(of_one).collect();
        chunks.push(chunk("b", 0, "another"));
        let first = ["statement 0", "statement 1", "statement 2", "statement 3"];
        assert_eq!(select(6, chunks.clone()), [first.as_slice(), &["statement 4", "another"]].concat());
        assert_eq!(select(5, chunks), [first.as_slice(), &["another"]].concat());
    }
}
