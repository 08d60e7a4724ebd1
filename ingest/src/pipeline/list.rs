//! Listing: which items there are.

use std::collections::HashSet;

use super::Plan;
use super::version::Key;
use crate::error::Error;
use crate::source::{Entry, Left, Source};

/// One item of one source.
#[derive(Debug)]
pub(super) struct Item {
    /// Source name and location.
    pub(super) id: String,
    /// Name of the source.
    pub(super) source: String,
    pub(super) key: Key,
    pub(super) entry: Entry,
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

/// The items of all sources of a plan, in order.
pub(super) fn list(plan: &Plan) -> Result<(Vec<Listed>, Vec<Item>), Error> {
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
    for source in &sources {
        let listing = source.list();
        listed.push(Listed {
            name: source.name().to_owned(),
            key: Key::of(source.name()),
            items: listing.entries.len(),
            bytes: listing.entries.iter().map(|entry| entry.bytes).sum(),
            left: listing.left,
        });
        items.extend(listing.entries.into_iter().map(|entry| {
            let id = format!("{}/{}", source.name(), entry.location);
            Item { key: Key::of(&id), id, source: source.name().to_owned(), entry }
        }));
    }
    Ok((listed, items))
}
