//! What the generation before holds.

use std::collections::{HashMap, HashSet};

use corpus::Digest;
use retriever::DocumentEntry;

use super::list::{Item, Listed, Opened, Origin};
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
    /// Whether it was made by the steps of this run, its screening among them.
    pub(super) current: bool,
}

impl Known {
    pub(super) fn new(documents: Vec<DocumentEntry>, sources: &[Opened], pipeline: String) -> Self {
        let pipelines: HashMap<&Key, &str> =
            sources.iter().map(|source| (&source.origin.key, source.origin.pipeline.as_str())).collect();
        let plain: HashSet<&str> = sources.iter().map(|source| source.origin.name.as_str()).collect();
        let entry = |document: DocumentEntry| {
            let version = Version::parse(&document.source_version);
            let named = match &version {
                Some(version) => pipelines.contains_key(&version.source),
                None => plain.contains(document.source.as_str()),
            };
            let current = version.as_ref().is_some_and(|version| {
                pipelines.get(&version.source).is_some_and(|pipeline| *pipeline == version.pipeline)
            });
            Entry { document, version, named, current }
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
    pub(super) fn is_unchanged(&self, item: &Key, source: &Origin, digest: &Digest) -> bool {
        let places = self.of_item(item);
        let mut versions = places.iter().map(|place| self.documents.get(*place)?.version.as_ref());
        !places.is_empty()
            && versions.all(|version| {
                version.is_some_and(|version| {
                    version.complete && version.pipeline == source.pipeline && version.digest == *digest
                })
            })
    }

    /// Where an item was, for the report.
    pub(super) fn whereabouts(&self, item: &Key) -> Option<String> {
        let place = self.of_item(item).first()?;
        Some(format!("moved from {}", self.documents.get(*place)?.document.location))
    }

    /// What the ids of an item's documents begin with; `None` where it has no documents, or they tell nothing of it.
    fn identity(&self, item: &Key) -> Option<&str> {
        let mut stems = self.of_item(item).iter().map(|place| self.documents.get(*place).map(Entry::stem));
        let first = stems.next()??;
        let many = self.of_item(item).len() > 1;
        // A document whose name held an identifier has a hash for its id.
        let hashed = many && !first.contains('/');
        (!hashed && stems.all(|stem| stem == Some(first))).then_some(first)
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

/// Decides what the documents of items are called: what they were called before, even where the file has moved, so
/// that citations, ratings and chunks go on meaning the same.
pub(super) struct Identities<'k> {
    known: &'k Known,
    /// Items that are gone from their place, by source and content.
    gone: HashMap<(Key, Digest), Vec<&'k Key>>,
    /// Which item has documents whose ids begin so.
    owners: HashMap<&'k str, &'k Key>,
}

/// What an item's documents are called.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) id: String,
    /// The item that it was before it moved.
    pub(super) before: Option<Key>,
}

impl<'k> Identities<'k> {
    pub(super) fn new(known: &'k Known, items: &[Item]) -> Self {
        let listed: HashSet<&Key> = items.iter().map(|item| &item.key).collect();
        let mut gone: HashMap<_, Vec<&Key>> = HashMap::new();
        let mut owners = HashMap::new();
        for entry in &known.documents {
            let Some(version) = &entry.version else { continue };
            owners.insert(entry.stem(), &version.item);
            if entry.named && !listed.contains(&version.item) {
                let same = gone.entry((version.source.clone(), version.digest.clone())).or_default();
                if !same.contains(&&version.item) {
                    same.push(&version.item);
                }
            }
        }
        Self { known, gone, owners }
    }

    /// The identity of `item`, whose bytes have this digest.
    pub(super) fn of(&mut self, item: &Item, digest: &Digest) -> Identity {
        if !self.known.of_item(&item.key).is_empty() {
            let id = self.known.identity(&item.key).unwrap_or(&item.id);
            return Identity { id: id.to_owned(), before: None };
        }
        let same = self.gone.get_mut(&(item.source.key.clone(), digest.clone()));
        if let Some(before) = same.and_then(Vec::pop)
            && let Some(id) = self.known.identity(before)
        {
            return Identity { id: id.to_owned(), before: Some(before.clone()) };
        }
        // A file that has moved away has kept the id that this place would give.
        let taken = self.owners.get(item.id.as_str()).is_some_and(|owner| **owner != item.key);
        let suffix = digest.0.get(..6).unwrap_or_default();
        let id = if taken { format!("{}~{suffix}", item.id) } else { item.id.clone() };
        Identity { id, before: None }
    }
}

impl Entry {
    /// What its id has in common with those of the other documents of its item.
    fn stem(&self) -> &str {
        let id = self.document.id.0.as_str();
        id.split_once('#').map_or(id, |(stem, _)| stem)
    }

    /// Whether it came from `source`.
    pub(super) fn is_of(&self, source: &Listed) -> bool {
        match &self.version {
            Some(version) => version.source == source.key,
            None => self.document.source == source.name,
        }
    }
}
