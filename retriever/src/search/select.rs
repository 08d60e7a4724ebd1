//! Selection: which of the ranked chunks are shown.

use std::collections::{HashMap, HashSet};

use corpus::{Chunk, DocumentId};

/// Most chunks of one document, as long as others are there to fill the places.
const MOST_OF_ONE: usize = 3;

/// Takes ranked chunks one by one and decides which to show.
pub(crate) struct Selection<T> {
    limit: usize,
    chosen: Vec<(Chunk, T)>,
    /// Chunks beyond [`MOST_OF_ONE`], for places that nothing else fills.
    spare: Vec<(Chunk, T)>,
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
            self.chosen.push((chunk, with));
        } else {
            self.spare.push((chunk, with));
        }
    }

    /// What was chosen, in the order of being chosen; places left over go to the spare ones.
    pub(crate) fn finish(mut self) -> Vec<(Chunk, T)> {
        let spare = std::mem::take(&mut self.spare);
        for (chunk, with) in spare {
            if !self.is_full() && !self.says_nothing_new(&chunk) {
                self.texts.insert(plain(&chunk.text));
                self.chosen.push((chunk, with));
            }
        }
        self.chosen
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
            || self.chosen.iter().any(|(other, _)| covered(other))
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
