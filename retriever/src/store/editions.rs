//! Which documents are superseded: their metadata says so, or a newer edition is there.

use std::collections::BTreeMap;

use corpus::{ChunkId, DocumentId, DocumentRecord};

/// Values of `status` that say that a document no longer holds.
const PAST: [&str; 4] = ["superseded", "outdated", "archived", "deprecated"];

/// Editions of a document: same title and language, and metadata that differs in `version` and `status` alone.
///
/// Only a stated version orders them. Dates do not: many pages are titled "Overview", and the older is as true.
type Work = (String, Option<String>, BTreeMap<String, String>);

/// An edition: its version, and the document with its chunks.
type Edition = (Vec<u64>, DocumentId, Vec<ChunkId>);

/// Finds superseded documents.
#[derive(Default)]
pub(crate) struct Editions {
    past: BTreeMap<DocumentId, Vec<ChunkId>>,
    works: BTreeMap<Work, Vec<Edition>>,
}

impl Editions {
    pub(crate) fn add(&mut self, document: &DocumentRecord, chunks: impl Iterator<Item = ChunkId>) {
        let value = |key: &str| document.metadata.get(key).map(|value| value.trim().to_lowercase());
        if value("status").is_some_and(|status| PAST.contains(&status.as_str())) {
            self.past.insert(document.id.clone(), chunks.collect());
            return;
        }
        if let Some(version) = value("version").as_deref().and_then(parts) {
            let mut metadata = document.metadata.clone();
            metadata.remove("version");
            metadata.remove("status");
            let work = (document.title.trim().to_lowercase(), document.language.clone(), metadata);
            let editions = self.works.entry(work).or_default();
            editions.push((version, document.id.clone(), chunks.collect()));
        }
    }

    /// The documents that others replace, with their chunks.
    pub(crate) fn superseded(self) -> BTreeMap<DocumentId, Vec<ChunkId>> {
        let mut superseded = self.past;
        for editions in self.works.into_values() {
            let newest = editions.iter().map(|(version, ..)| version.clone()).max().unwrap_or_default();
            let older = editions.into_iter().filter(|(version, ..)| *version < newest);
            superseded.extend(older.map(|(_, id, chunks)| (id, chunks)));
        }
        superseded
    }
}

/// `v2.10.1` or `2024-05` as numbers; nothing for versions that are not numbers, which have no order.
fn parts(version: &str) -> Option<Vec<u64>> {
    let numbers = version.strip_prefix("version").unwrap_or(version).trim_start().trim_start_matches('v');
    let mut parts = numbers.split(['.', '-']).map(|part| part.parse().ok()).collect::<Option<Vec<u64>>>()?;
    // 2 and 2.0 are the same version.
    while parts.last() == Some(&0) {
        parts.pop();
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Given<'g> = (&'g str, &'g str, &'g [(&'g str, &'g str)]);

    fn superseded(documents: &[Given<'_>]) -> Vec<String> {
        let mut editions = Editions::default();
        for (id, title, metadata) in documents {
            let document = DocumentRecord {
                id: DocumentId((*id).to_owned()),
                digest: corpus::Digest::of(b""),
                source: String::new(),
                location: String::new(),
                format: corpus::Format::Text,
                title: (*title).to_owned(),
                language: None,
                modified: None,
                metadata: metadata
                    .iter()
                    .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                    .collect(),
                text: String::new(),
                blocks: Vec::new(),
                masked: BTreeMap::new(),
            };
            editions.add(&document, std::iter::empty());
        }
        editions.superseded().into_keys().map(|id| id.0).collect()
    }

    #[test]
    fn older_versions_of_the_same_work_are_superseded() {
        let found = superseded(&[
            ("a", "Returns", &[("version", "2.9")]),
            ("b", "returns ", &[("version", "v2.10")]),
            ("c", "Returns", &[("version", "1.0"), ("product", "X")]),
            ("d", "Returns", &[]),
            ("e", "Returns", &[("version", "spring")]),
            ("f", "Returns", &[("version", "2.10.0")]),
        ]);
        assert_eq!(found, ["a"]);
    }

    #[test]
    fn a_status_says_so() {
        let found = superseded(&[
            ("a", "Returns", &[("status", "Superseded")]),
            ("b", "Returns", &[("status", "current")]),
            ("c", "Fees", &[("status", "archived"), ("version", "9")]),
            ("d", "Fees", &[("version", "3")]),
        ]);
        assert_eq!(found, ["a", "c"]);
    }
}
