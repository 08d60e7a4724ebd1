//! Listing: which items there are.

use std::cell::Cell;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::Plan;
use super::seen;
use super::stage::Running;
use super::version::{self, Key};
use crate::error::Error;
use crate::extract::Columns;
use crate::source::api::{HELD, Memory, Run, TICKETS};
use crate::source::{ApiError, Entry, Left, Source};

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

/// One source that can be listed.
pub(super) struct Opened {
    source: Source,
    pub(super) origin: Arc<Origin>,
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
    /// Why nothing is known of it. Its documents stay.
    pub(super) failed: Option<ApiError>,
    /// What to remember of a help center.
    pub(super) memory: Option<Memory>,
}

/// The sources of a plan, in order; `pipeline` is the version of the steps.
pub(super) fn open(plan: &Plan, pipeline: &str) -> Result<Vec<Opened>, Error> {
    if plan.sources.is_empty() {
        return Err(Error::NoSource);
    }
    // All are opened before one is listed: a mistyped path is told at once.
    let mut opened = Vec::new();
    let mut names = HashSet::new();
    for spec in &plan.sources {
        let source = Source::open(spec)?;
        let name = source.name().to_owned();
        if !names.insert(name.clone()) {
            return Err(Error::SameName { name });
        }
        let origin = Arc::new(Origin {
            key: Key::of(&name),
            name,
            pipeline: version::of_source(pipeline, spec),
            metadata: spec.metadata.clone(),
            columns: spec.columns.clone(),
        });
        opened.push(Opened { source, origin });
    }
    Ok(opened)
}

/// What listing help centers needs.
pub(super) struct Lister<'a> {
    pub(super) running: &'a Running<'a>,
    /// Whether the item of this source at this location with this stamp need not be sent.
    pub(super) known: &'a dyn Fn(&Origin, &str, &str) -> bool,
    /// Where lies what is remembered of them.
    pub(super) folder: Option<&'a Path>,
}

/// The items of all sources, in order.
pub(super) fn list(sources: &[Opened], lister: &Lister<'_>) -> Result<(Vec<Listed>, Vec<Item>), Error> {
    let room = Cell::new(HELD);
    let wait = |time| wait(time, lister.running);
    let mut listed = Vec::new();
    let mut items = Vec::new();
    for Opened { source, origin } in sources {
        let known = |location: &str, stamp: &str| (lister.known)(origin, location, stamp);
        let run = Run { wait: &wait, known: &known, room: &room, tickets: TICKETS };
        let memory = || lister.folder.map(|folder| Memory::open(&memory_file(folder, &origin.key)));
        let found = source.list(&run, || memory().unwrap_or_default());
        let ((listing, memory), failed) = match found {
            Ok(found) => (found, None),
            Err(error) if error.is_stop() => return Err(Error::Interrupted),
            Err(error) => (Default::default(), Some(error)),
        };
        listed.push(Listed {
            name: origin.name.clone(),
            key: origin.key.clone(),
            items: listing.entries.len(),
            bytes: listing.entries.iter().map(|entry| entry.bytes).sum(),
            left: listing.left.into_iter().chain(failed.as_ref().map(unlisted)).collect(),
            failed,
            memory,
        });
        items.extend(listing.entries.into_iter().map(|entry| {
            let id = format!("{}/{}", origin.name, entry.location);
            Item { key: item_key(origin, &entry.location), id, source: Arc::clone(origin), entry }
        }));
    }
    if listed.iter().all(|source| source.failed.is_some()) {
        return Err(unreachable(listed).unwrap_or(Error::NoSource));
    }
    Ok((listed, items))
}

/// The first source that could not be read.
pub(super) fn unreachable(listed: Vec<Listed>) -> Option<Error> {
    let failed = listed.into_iter().find_map(|source| Some((source.name, source.failed?)));
    failed.map(|(name, source)| Error::Unreachable { name, source })
}

pub(super) fn item_key(origin: &Origin, location: &str) -> Key {
    Key::of(&format!("{}/{location}", origin.name))
}

/// What a source that could not be listed leaves: all that was there is unknown now.
fn unlisted(error: &ApiError) -> Left {
    Left { location: String::new(), reason: format!("{error}; {}", error.hint()), unknown: true }
}

/// Where a help center's memory is kept.
fn memory_file(folder: &Path, source: &Key) -> PathBuf {
    folder.join(format!("api-{source}.json"))
}

/// Writes down what help centers said. The index does not depend on it: what the current generation does not hold is
/// asked for, whatever is remembered.
pub(super) fn remember(sources: &[Listed], folder: &Path) {
    for Listed { key, memory, .. } in sources {
        let Some(memory) = memory else { continue };
        if let Err(error) = memory.save(&memory_file(folder, key), seen::UNFINISHED) {
            tracing::warn!(%error, "the next run will ask for everything again");
        }
    }
}

/// Longest time without looking whether the run is to stop.
const BLINK: Duration = Duration::from_millis(100);

/// Waits, and says whether the run goes on.
fn wait(time: Duration, running: &Running<'_>) -> bool {
    let start = Instant::now();
    while !running.ended() {
        match time.checked_sub(start.elapsed()) {
            None | Some(Duration::ZERO) => return true,
            Some(left) => thread::sleep(left.min(BLINK)),
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;

    #[test]
    fn waiting_ends_when_the_run_does() {
        let cancel = AtomicBool::new(false);
        let running = Running { cancel: &cancel, stop: AtomicBool::new(false) };
        assert!(wait(Duration::ZERO, &running) && wait(Duration::from_millis(1), &running));
        cancel.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(!wait(Duration::from_secs(3600), &running) && !wait(Duration::ZERO, &running));
    }
}
