//! What the generation before holds.

use std::collections::{HashMap, HashSet};

use corpus::Digest;
use retriever::DocumentEntry;

use super::list::Listed;
use super::version::{Key, Version};

/// The documents of the generation before, by the item that they were made from.
pub(super) struct Known {
    pub(super) pipeline: String,
    pub(super) documents: Vec<Entry>,
    items: HashMap<Key, Vec<usize>>,
}

/// One document of the generation before.
pub(super) struct Entry {
    pub(super) document: DocumentEntry,
    pub(super) version: Option<Version>,
    /// Whether its source takes part in this run.
    pub(super) named: bool,
}

impl Known {
    pub(super) fn new(documents: Vec<DocumentEntry>, sources: &[Listed], pipeline: String) -> Self {
        let keys: HashSet<&Key> = sources.iter().map(|source| &source.key).collect();
        let plain: HashSet<&str> = sources.iter().map(|source| source.name.as_str()).collect();
        let entry = |document: DocumentEntry| {
            let version = Version::parse(&document.source_version);
            let named = match &version {
                Some(version) => keys.contains(&version.source),
                None => plain.contains(document.source.as_str()),
            };
            Entry { document, version, named }
        };
        let documents: Vec<Entry> = documents.into_iter().map(entry).collect();
        let mut items: HashMap<Key, Vec<usize>> = HashMap::new();
        for (place, entry) in documents.iter().enumerate() {
            if let Some(version) = &entry.version {
                items.entry(version.item.clone()).or_default().push(place);
            }
        }
        Self { pipeline, documents, items }
    }

    /// Places of the documents of an item.
    pub(super) fn of_item(&self, item: &Key) -> &[usize] {
        self.items.get(item).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether all documents of an item were made from the same bytes by the same steps, and none is missing.
    pub(super) fn is_unchanged(&self, item: &Key, digest: &Digest) -> bool {
        let places = self.of_item(item);
        let mut versions = places.iter().map(|place| self.documents.get(*place)?.version.as_ref());
        !places.is_empty()
            && versions.all(|version| {
                version.is_some_and(|version| {
                    version.complete && version.pipeline == self.pipeline && version.digest == *digest
                })
            })
    }

    /// Place of the document that was made from the same bytes by the same steps with the same text.
    pub(super) fn same(&self, version: &Version, document: &corpus::Document) -> Option<usize> {
        self.of_item(&version.item).iter().copied().find(|place| {
            self.documents.get(*place).is_some_and(|entry| {
                entry.document.id == document.id
                    && entry.document.digest == document.digest
                    && entry.version.as_ref() == Some(version)
            })
        })
    }

    /// Places of a source's documents below a folder; the whole source for an empty one.
    pub(super) fn below(&self, source: &Listed, folder: &str) -> Vec<usize> {
        let lies_below = |location: &str| {
            let rest = location.strip_prefix(folder);
            folder.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let documents = self.documents.iter().enumerate();
        documents
            .filter(|(_, entry)| entry.is_of(source) && lies_below(&entry.document.location))
            .map(|(place, _)| place)
            .collect()
    }
}

impl Entry {
    /// Whether it came from `source`.
    pub(super) fn is_of(&self, source: &Listed) -> bool {
        match &self.version {
            Some(version) => version.source == source.key,
            None => self.document.source == source.name,
        }
    }
}
