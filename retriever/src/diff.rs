//! What two generations have and have not in common.

use std::collections::HashSet;

use corpus::conflict::{ConflictKind, conflicts};
use corpus::terms::Analyzer;
use corpus::{Chunk, DocumentId};
use serde::Serialize;

use crate::Error;
use crate::search::{Query, Ranking, Retriever};
use crate::store::{DocumentEntry, Snapshot};

/// Neighbors of a chunk that it is compared with.
const NEIGHBORS: usize = 6;
/// Least cosine similarity of two chunks that may speak of the same thing.
const NEAR: f32 = 0.75;
/// Language of chunks where none could be told.
const FALLBACK: &str = "en";

/// What became of the documents from one generation to another, each list by id.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Diff {
    /// Documents that are new.
    pub added: Vec<DocumentEntry>,
    /// Documents whose text is another, as they are now.
    pub changed: Vec<DocumentEntry>,
    /// Documents with the same text in another place, as they are now.
    pub moved: Vec<DocumentEntry>,
    /// Documents that are gone, as they were.
    pub removed: Vec<DocumentEntry>,
    /// How many are as they were.
    pub unchanged: usize,
}

impl Diff {
    /// What became of the documents of `before` in `after`.
    pub fn between(before: &Snapshot, after: &Snapshot) -> Result<Self, Error> {
        let mut diff = Self::default();
        let mut old = before.entries()?.iter().peekable();
        // Both are in order of id.
        for new in after.entries()? {
            while let Some(gone) = old.next_if(|old| old.id < new.id) {
                diff.removed.push(gone.clone());
            }
            match old.next_if(|old| old.id == new.id) {
                None => diff.added.push(new.clone()),
                Some(old) if old.digest != new.digest => diff.changed.push(new.clone()),
                Some(old) if old.location != new.location => diff.moved.push(new.clone()),
                Some(_) => diff.unchanged += 1,
            }
        }
        diff.removed.extend(old.cloned());
        Ok(diff)
    }

    /// Ids of the documents whose text is new or another.
    pub fn fresh(&self) -> impl Iterator<Item = &DocumentId> {
        self.added.iter().chain(&self.changed).map(|entry| &entry.id)
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.moved.is_empty() && self.removed.is_empty()
    }
}

/// Two documents that say nearly the same and contradict each other.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Contradiction {
    /// The new or changed document.
    pub document: DocumentId,
    /// What it says.
    pub says: String,
    /// The other one.
    pub other: DocumentId,
    /// What that says.
    pub other_says: String,
    /// In what they differ.
    pub kind: ConflictKind,
}

impl Retriever {
    /// Where `documents` contradict another document that holds now, each pair of sentences once, in their order.
    /// A chunk costs an embedding; after `most` chunks the rest is left out, and false comes with the result.
    pub fn contradictions<'d>(
        &self,
        documents: impl Iterator<Item = &'d DocumentId>,
        most: usize,
    ) -> Result<(Vec<Contradiction>, bool), Error> {
        let (mut found, mut seen, mut chunks) = (Vec::new(), HashSet::new(), 0);
        for id in documents {
            if self.superseded(id) {
                continue;
            }
            for chunk in self.chunks_of(id)? {
                chunks += 1;
                if chunks > most {
                    return Ok((found, false));
                }
                let query = Query { limit: NEIGHBORS, ..Query::new(chunk.text.clone(), NEIGHBORS) };
                for near in self.rank(&query, Ranking::Dense)? {
                    let other = near.chunk;
                    let alike = near.why.dense.is_some_and(|cosine| cosine >= NEAR);
                    if !alike || other.document == *id || self.superseded(&other.document) {
                        continue;
                    }
                    let new = compare(&chunk, &other);
                    found.extend(new.into_iter().filter(|one| seen.insert(pair(one))));
                }
            }
        }
        Ok((found, true))
    }
}

fn compare(chunk: &Chunk, other: &Chunk) -> Vec<Contradiction> {
    let analyzer = Analyzer::new(chunk.language.as_deref().unwrap_or(FALLBACK));
    let contradiction = |conflict: corpus::conflict::Conflict| {
        Some(Contradiction {
            document: chunk.document.clone(),
            says: conflict.left.of(&chunk.text)?.to_owned(),
            other: other.document.clone(),
            other_says: conflict.right.of(&other.text)?.to_owned(),
            kind: conflict.kind,
        })
    };
    conflicts(&analyzer, &chunk.text, &other.text).into_iter().filter_map(contradiction).collect()
}

/// What is the same for a contradiction and its mirror image.
fn pair(one: &Contradiction) -> [(DocumentId, String); 2] {
    let mut pair = [(one.document.clone(), one.says.clone()), (one.other.clone(), one.other_says.clone())];
    pair.sort();
    pair
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::Store;
    use crate::testing::{HashEmbedder, chunks, document};

    fn publish(store: &Store, documents: &[(&str, &[&str])]) -> Snapshot {
        let embedder = HashEmbedder::new("words");
        let mut builder = store.begin(&embedder).unwrap();
        for (id, paragraphs) in documents {
            let document = document(id, id, paragraphs);
            builder.add(&document, &chunks(&document), "v").unwrap();
        }
        let generation = builder.publish().unwrap();
        store.snapshot(&generation.id).unwrap()
    }

    const PRICE: &str = "The restore drive costs 79 euros, courier included, for each order.";

    #[test]
    fn what_was_added_changed_and_removed_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let before = publish(&store, &[("a", &["One."]), ("b", &["Two."]), ("d", &["Four."])]);
        let after = publish(&store, &[("b", &["Two, changed."]), ("c", &["Three."]), ("d", &["Four."])]);
        let diff = Diff::between(&before, &after).unwrap();
        let ids =
            |entries: &[DocumentEntry]| entries.iter().map(|entry| entry.id.0.clone()).collect::<Vec<_>>();
        assert_eq!(
            (ids(&diff.removed), ids(&diff.changed), ids(&diff.added), diff.unchanged),
            (vec!["a".into()], vec!["b".into()], vec!["c".into()], 1)
        );
        assert!(Diff::between(&after, &after).unwrap().is_empty());
    }

    #[test]
    fn a_new_document_that_contradicts_an_old_one_is_found_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let other = PRICE.replace("79", "89");
        let after =
            publish(&store, &[("old", &[PRICE]), ("new", &[&other]), ("far", &["Restart the router."])]);
        let embedder = Arc::new(HashEmbedder::new("words"));
        let retriever = Retriever::open(&store, embedder).unwrap();
        let ids: Vec<_> = after.entries().unwrap().iter().map(|entry| entry.id.clone()).collect();
        let (found, whole) = retriever.contradictions(ids.iter(), 100).unwrap();
        assert!(whole && found.len() == 1, "{found:?}");
        assert_eq!((found[0].document.0.as_str(), found[0].other.0.as_str()), ("new", "old"));
        assert_eq!(found[0].kind, ConflictKind::Number);
        assert!(!retriever.contradictions(ids.iter(), 1).unwrap().1);
    }
}
