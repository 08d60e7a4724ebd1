//! Listing: which items there are.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::Plan;
use super::version::{self, Key};
use crate::error::Error;
use crate::extract::Columns;
use crate::source::{Entry, Left, Source};

/// One item of one source.
#[derive(Debug)]
pub(super) struct Item {
    /// Source name and location.
    pub(super) id: String,
    pub(super) source: Arc<Origin>,
    pub(super) key: Key,
    pub(super) entry: Entry,
}

/// What all items of a source have in common.
#[derive(Debug)]
pub(super) struct Origin {
    pub(super) name: String,
    pub(super) key: Key,
    /// Version of the steps, with what configuration says of the source.
    pub(super) pipeline: String,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) columns: Columns,
}

/// One source as it was found.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) name: String,
    pub(super) key: Key,
    /// Where its items start among all, and how many there are.
    pub(super) items: usize,
    pub(super) bytes: u64,
    pub(super) left: Vec<Left>,
}

/// The items of all sources of a plan, in order; `pipeline` is the version of the steps.
pub(super) fn list(plan: &Plan, pipeline: &str) -> Result<(Vec<Listed>, Vec<Item>), Error> {
    if plan.sources.is_empty() {
        return Err(Error::NoSource);
    }
    // All are opened before one is walked: a mistyped path is told at once.
    let sources: Vec<Source> = plan.sources.iter().map(Source::open).collect::<Result<_, _>>()?;
    let mut names = HashSet::new();
    if let Some(twice) = sources.iter().find(|source| !names.insert(source.name())) {
        return Err(Error::SameName { name: twice.name().to_owned() });
    }
    let mut listed = Vec::new();
    let mut items = Vec::new();
    for (source, spec) in sources.iter().zip(&plan.sources) {
        let origin = Arc::new(Origin {
            name: source.name().to_owned(),
            key: Key::of(source.name()),
            pipeline: version::of_source(pipeline, spec),
            metadata: spec.metadata.clone(),
            columns: spec.columns.clone(),
        });
        let listing = source.list();
        listed.push(Listed {
            name: source.name().to_owned(),
            key: origin.key.clone(),
            items: listing.entries.len(),
            bytes: listing.entries.iter().map(|entry| entry.bytes).sum(),
            left: listing.left,
        });
        items.extend(listing.entries.into_iter().map(|entry| {
            let id = format!("{}/{}", source.name(), entry.location);
            Item { key: Key::of(&id), id, source: Arc::clone(&origin), entry }
        }));
    }
    Ok((listed, items))
}
