//! What is taken over, what is added, and what the report says of it.

use std::collections::{BTreeMap, HashMap, HashSet};

use corpus::{Digest, Document, DocumentId};
use crossbeam_channel::Sender;

use super::event::Event;
use super::known::Known;
use super::list::Listed;
use crate::report::{Counts, ItemReport, Outcome};

/// The books of a run.
pub(super) struct Ledger<'a> {
    pub(super) known: &'a Known,
    /// Which documents of the generation before are taken over, by place.
    pub(super) kept: Vec<bool>,
    pub(super) added: HashSet<DocumentId>,
    /// A document with each text.
    texts: HashMap<Digest, DocumentId>,
    pub(super) duplicates: usize,
    /// Documents that were added, by source.
    by_source: HashMap<String, usize>,
    pub(super) lines: Vec<ItemReport>,
    pub(super) masked: BTreeMap<String, usize>,
    pub(super) events: Sender<Event>,
}

impl<'a> Ledger<'a> {
    /// Documents of sources that take no part are taken over.
    pub(super) fn new(known: &'a Known, events: Sender<Event>) -> Self {
        let kept: Vec<bool> = known.documents.iter().map(|entry| !entry.named).collect();
        let mut ledger = Self {
            known,
            kept: vec![false; kept.len()],
            added: HashSet::new(),
            texts: HashMap::new(),
            duplicates: 0,
            by_source: HashMap::new(),
            lines: Vec::new(),
            masked: BTreeMap::new(),
            events,
        };
        for place in (0..kept.len()).filter(|place| kept.get(*place) == Some(&true)) {
            ledger.keep(place);
        }
        ledger
    }

    /// Takes over a document; false where it was before.
    pub(super) fn keep(&mut self, place: usize) -> bool {
        let Some(kept) = self.kept.get_mut(place).filter(|kept| !**kept) else { return false };
        *kept = true;
        if let Some(entry) = self.known.documents.get(place) {
            self.remember(entry.document.digest.clone(), entry.document.id.clone());
        }
        true
    }

    /// Takes over several and says how many there are.
    pub(super) fn keep_all(&mut self, places: &[usize]) -> usize {
        for place in places {
            self.keep(*place);
        }
        places.len()
    }

    /// Books a document that was added, and names another one with the same text.
    pub(super) fn add(&mut self, source: &str, document: &Document) -> Option<DocumentId> {
        self.added.insert(document.id.clone());
        *self.by_source.entry(source.to_owned()).or_default() += 1;
        for (kind, count) in &document.masked {
            *self.masked.entry(kind.clone()).or_default() += count;
        }
        self.remember(document.digest.clone(), document.id.clone())
    }

    fn remember(&mut self, digest: Digest, id: DocumentId) -> Option<DocumentId> {
        match self.texts.entry(digest) {
            std::collections::hash_map::Entry::Occupied(other) => {
                self.duplicates += 1;
                Some(other.get().clone())
            }
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(id);
                None
            }
        }
    }

    /// Adds a line to the report and announces it.
    pub(super) fn line(&mut self, line: ItemReport) {
        // Without a listener there is nobody to tell.
        let _ = self.events.send(Event::Item { item: line.clone() });
        self.lines.push(line);
    }

    /// Whether the new generation would differ from the one before.
    pub(super) fn changed(&self) -> bool {
        !self.added.is_empty() || self.kept.iter().any(|kept| !kept)
    }

    /// How many documents of the sources of this run leave, and which share of them, 0 to 1.
    pub(super) fn removed(&self) -> (usize, f64) {
        let named = self.known.documents.iter().zip(&self.kept).filter(|(entry, _)| entry.named);
        let (mut before, mut removed) = (0_usize, 0_usize);
        for (entry, kept) in named {
            before += 1;
            removed += usize::from(!kept && !self.added.contains(&entry.document.id));
        }
        (removed, removed as f64 / before.max(1) as f64)
    }

    /// How many documents of a source there were and will be.
    pub(super) fn of_source(&self, source: &Listed) -> (usize, usize) {
        let documents = self.known.documents.iter().zip(&self.kept).filter(|(entry, _)| entry.is_of(source));
        let (mut before, mut after) = (0, self.by_source.get(&source.name).copied().unwrap_or_default());
        for (_, kept) in documents {
            before += 1;
            after += usize::from(*kept);
        }
        (before, after)
    }

    /// Whether a document of a source is held back.
    pub(super) fn quarantined(&self, source: &Listed) -> bool {
        self.lines.iter().any(|line| line.outcome == Outcome::Quarantined && line.source == source.name)
    }

    pub(super) fn counts(&self) -> Counts {
        let mut counts = Counts {
            duplicates: self.duplicates,
            new_documents: self.added.len(),
            documents: self.added.len() + self.kept.iter().filter(|kept| **kept).count(),
            ..Counts::default()
        };
        for line in &self.lines {
            counts.add(line);
        }
        counts
    }
}
